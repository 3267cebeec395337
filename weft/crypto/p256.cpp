// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/crypto/p256.hpp"

#include "weft/base/assert.hpp"

#include <openssl/bn.h>
#include <openssl/ec.h>
#include <openssl/obj_mac.h>

#include <memory>

namespace weft::crypto {

namespace {

// EIP-7951, curve parameters p and n.
constexpr uint256 kPrime{0xffffffffffffffff, 0x00000000ffffffff, 0x0000000000000000, 0xffffffff00000001};
constexpr uint256 kOrder{0xf3b9cac2fc632551, 0xbce6faada7179e84, 0xffffffffffffffff, 0xffffffff00000000};

template <auto Free>
struct Release {
    template <typename T>
    void operator()(T* object) const noexcept {
        Free(object);
    }
};
using PointPtr = std::unique_ptr<EC_POINT, Release<EC_POINT_free>>;
using ContextPtr = std::unique_ptr<BN_CTX, Release<BN_CTX_free>>;

/// Never changed after its creation, so threads may share it; using it touches no reference count.
const EC_GROUP* p256_group() {
    static const EC_GROUP* const group = EC_GROUP_new_by_curve_name(NID_X9_62_prime256v1);
    return group;
}

/// Numbers borrowed from a context until the end of the scope.
class NumberFrame {
  public:
    explicit NumberFrame(BN_CTX* context) : context_(context) { BN_CTX_start(context_); }
    ~NumberFrame() { BN_CTX_end(context_); }
    NumberFrame(const NumberFrame&) = delete;
    NumberFrame& operator=(const NumberFrame&) = delete;

    [[nodiscard]] BIGNUM* number() { return BN_CTX_get(context_); }
    [[nodiscard]] BIGNUM* number(const uint256& value) {
        uint8_t encoded[32];
        store_be(encoded, value);
        return BN_bin2bn(encoded, sizeof(encoded), number());
    }

  private:
    BN_CTX* context_;
};

[[nodiscard]] bool in_range(const uint256& value) { return !value.is_zero() && value < kOrder; }

}  // namespace

bool p256_verify(const hash32& digest, const uint256& r, const uint256& s, const uint256& x, const uint256& y) {
    if (!in_range(r) || !in_range(s) || !(x < kPrime) || !(y < kPrime)) return false;
    const EC_GROUP* const group = p256_group();
    const ContextPtr context{BN_CTX_new()};
    const PointPtr key{EC_POINT_new(group)};
    const PointPtr sum{EC_POINT_new(group)};
    WEFT_ASSERT(context && key && sum);
    NumberFrame frame{context.get()};

    // Fails for a point that is not on the curve; (0, 0), which stands for infinity, is none.
    if (EC_POINT_set_affine_coordinates(group, key.get(), frame.number(x), frame.number(y), context.get()) != 1) return false;

    const BIGNUM* const order = EC_GROUP_get0_order(group);
    BIGNUM* const inverse = frame.number();
    BIGNUM* const generator_factor = frame.number();
    BIGNUM* const key_factor = frame.number();
    BIGNUM* const sum_x = frame.number();
    WEFT_ASSERT(sum_x != nullptr);
    if (BN_mod_inverse(inverse, frame.number(s), order, context.get()) == nullptr) return false;
    BN_mod_mul(generator_factor, frame.number(to_uint256(digest)), inverse, order, context.get());
    BN_mod_mul(key_factor, frame.number(r), inverse, order, context.get());

    if (EC_POINT_mul(group, sum.get(), generator_factor, key.get(), key_factor, context.get()) != 1) return false;
    if (EC_POINT_is_at_infinity(group, sum.get()) == 1) return false;
    if (EC_POINT_get_affine_coordinates(group, sum.get(), sum_x, nullptr, context.get()) != 1) return false;

    uint8_t encoded[32];
    if (BN_bn2binpad(sum_x, encoded, sizeof(encoded)) != sizeof(encoded)) return false;
    const uint256 recovered = load_be(encoded);
    return (recovered < kOrder ? recovered : recovered - kOrder) == r;
}

}  // namespace weft::crypto
