// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
// EC_POINT_get_Jprojective_coordinates_GFp is deprecated without a successor.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "weft/crypto/p256.hpp"

#include "weft/base/assert.hpp"

#include <gmp.h>
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

/// Of 0 < value < kOrder, a prime. Faster than BN_mod_inverse by a factor of ten.
uint256 invert_modulo_order(const uint256& value) {
    static_assert(sizeof(mp_limb_t) == sizeof(uint64_t));
    mpz_t operand, order, inverse;
    mpz_init(inverse);
    mpz_invert(inverse, mpz_roinit_n(operand, value.w.data(), 4), mpz_roinit_n(order, kOrder.w.data(), 4));
    const uint256 result{mpz_getlimbn(inverse, 0), mpz_getlimbn(inverse, 1), mpz_getlimbn(inverse, 2), mpz_getlimbn(inverse, 3)};
    mpz_clear(inverse);
    return result;
}

[[nodiscard]] uint256 read_number(const BIGNUM* number) {
    uint8_t encoded[32];
    const int size = BN_bn2binpad(number, encoded, sizeof(encoded));
    WEFT_ASSERT(size == sizeof(encoded));
    return load_be(encoded);
}

/// Whether the affine x of a finite point is r modulo the order, asked of X = x Z^2 to save an inversion. As x < p < 2n, it is r
/// or r + n.
bool has_x_modulo_order(const EC_GROUP* group, const EC_POINT* point, const uint256& r, NumberFrame& frame, BN_CTX* context) {
    BIGNUM* const x = frame.number();
    BIGNUM* const z = frame.number();
    if (EC_POINT_get_Jprojective_coordinates_GFp(group, point, x, nullptr, z, context) != 1) return false;
    const uint256 expected = read_number(x);
    const uint256 z_squared = mulmod(read_number(z), read_number(z), kPrime);
    if (mulmod(r, z_squared, kPrime) == expected) return true;
    return r < kPrime - kOrder && mulmod(r + kOrder, z_squared, kPrime) == expected;
}

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

    const uint256 inverse = invert_modulo_order(s);
    BIGNUM* const generator_factor = frame.number(mulmod(to_uint256(digest), inverse, kOrder));
    BIGNUM* const key_factor = frame.number(mulmod(r, inverse, kOrder));
    if (EC_POINT_mul(group, sum.get(), generator_factor, key.get(), key_factor, context.get()) != 1) return false;
    if (EC_POINT_is_at_infinity(group, sum.get()) == 1) return false;
    return has_x_modulo_order(group, sum.get(), r, frame, context.get());
}

}  // namespace weft::crypto
