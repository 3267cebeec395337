// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/crypto/bls12_381.hpp"

#include <blst.h>
#include <gmp.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <cstring>
#include <iterator>
#include <type_traits>
#include <vector>

namespace weft::crypto {

namespace {

constexpr size_t kPaddingSize = 16;
constexpr size_t kElementSize = 48;
constexpr size_t kScalarSize = 32;
constexpr size_t kScalarBits = 255;

// EIP-2537, base field modulus.
constexpr uint8_t kPrime[kElementSize] = {
    0x1a, 0x01, 0x11, 0xea, 0x39, 0x7f, 0xe6, 0x9a, 0x4b, 0x1b, 0xa7, 0xb6, 0x43, 0x4b, 0xac, 0xd7,
    0x64, 0x77, 0x4b, 0x84, 0xf3, 0x85, 0x12, 0xbf, 0x67, 0x30, 0xd2, 0xa0, 0xf6, 0xb0, 0xf6, 0x24,
    0x1e, 0xab, 0xff, 0xfe, 0xb1, 0x53, 0xff, 0xff, 0xb9, 0xfe, 0xff, 0xff, 0xff, 0xff, 0xaa, 0xab,
};

[[nodiscard]] bool read_element(blst_fp& out, const uint8_t* data) {
    for (size_t i = 0; i < kPaddingSize; ++i)
        if (data[i] != 0) return false;
    if (std::memcmp(data + kPaddingSize, kPrime, kElementSize) >= 0) return false;
    blst_fp_from_bendian(&out, data + kPaddingSize);
    return true;
}
[[nodiscard]] bool read_element(blst_fp2& out, const uint8_t* data) {
    return read_element(out.fp[0], data) && read_element(out.fp[1], data + kBls12FpSize);
}

void write_element(uint8_t* out, const blst_fp& value) {
    std::memset(out, 0, kPaddingSize);
    blst_bendian_from_fp(out + kPaddingSize, &value);
}
void write_element(uint8_t* out, const blst_fp2& value) {
    write_element(out, value.fp[0]);
    write_element(out + kBls12FpSize, value.fp[1]);
}

constexpr mp_size_t kLimbs = sizeof(blst_fp) / sizeof(mp_limb_t);

/// kPrime as GMP takes it.
constexpr std::array<mp_limb_t, kLimbs> kPrimeLimbs = [] {
    std::array<mp_limb_t, kLimbs> limbs{};
    for (size_t i = 0; i < kElementSize; ++i)
        limbs[i / sizeof(mp_limb_t)] |= mp_limb_t{kPrime[kElementSize - 1 - i]} << (8 * (i % sizeof(mp_limb_t)));
    return limbs;
}();

/// blst inverts in constant time, which nothing here asks for; GMP takes half as long. `value` is not zero.
[[nodiscard]] blst_fp inverse(const blst_fp& value) {
    // GMP takes what it works on as scratch, and a limb more of it.
    mp_limb_t number[kLimbs + 1];
    mp_limb_t modulus[kLimbs + 1];
    std::memcpy(number, &value, sizeof value);
    std::ranges::copy(kPrimeLimbs, modulus);
    mp_limb_t divisor[kLimbs + 1];
    mp_limb_t cofactor[kLimbs + 1] = {};
    mp_size_t size = 0;
    mpn_gcdext(divisor, cofactor, &size, number, kLimbs, modulus, kLimbs);
    std::fill(cofactor + std::abs(size), std::end(cofactor), 0);
    if (size < 0) mpn_sub_n(cofactor, kPrimeLimbs.data(), cofactor, kLimbs);
    // Montgomery's form is lost twice: a R becomes 1 / (a R).
    blst_fp result;
    std::memcpy(&result, cofactor, sizeof result);
    blst_fp_from_uint64(&result, result.l);
    blst_fp_from_uint64(&result, result.l);
    return result;
}
[[nodiscard]] blst_fp2 inverse(const blst_fp2& value) {
    blst_fp norm;
    blst_fp square;
    blst_fp_sqr(&norm, &value.fp[0]);
    blst_fp_sqr(&square, &value.fp[1]);
    blst_fp_add(&norm, &norm, &square);
    const blst_fp inverse_norm = inverse(norm);
    blst_fp2 result;
    blst_fp_mul(&result.fp[0], &value.fp[0], &inverse_norm);
    blst_fp_mul(&result.fp[1], &value.fp[1], &inverse_norm);
    blst_fp_cneg(&result.fp[1], &result.fp[1], true);
    return result;
}

/// What the algorithms below need of one of the two groups.
struct G1 {
    using Point = blst_p1;
    using Affine = blst_p1_affine;
    using Encoded = Bls12G1;
    static constexpr size_t kFieldSize = kBls12FpSize;
    static constexpr auto is_infinite = blst_p1_affine_is_inf;
    static constexpr auto on_curve = blst_p1_affine_on_curve;
    static constexpr auto in_subgroup = blst_p1_affine_in_g1;
    static constexpr auto from_affine = blst_p1_from_affine;
    static constexpr auto is_infinite_sum = blst_p1_is_inf;
    static constexpr auto square = blst_fp_sqr;
    static constexpr auto product = blst_fp_mul;
    static constexpr auto add = blst_p1_add_or_double_affine;
    static constexpr auto multiply = blst_p1s_mult_pippenger;
    static constexpr auto scratch_size = blst_p1s_mult_pippenger_scratch_sizeof;
};
struct G2 {
    using Point = blst_p2;
    using Affine = blst_p2_affine;
    using Encoded = Bls12G2;
    static constexpr size_t kFieldSize = kBls12Fp2Size;
    static constexpr auto is_infinite = blst_p2_affine_is_inf;
    static constexpr auto on_curve = blst_p2_affine_on_curve;
    static constexpr auto in_subgroup = blst_p2_affine_in_g2;
    static constexpr auto from_affine = blst_p2_from_affine;
    static constexpr auto is_infinite_sum = blst_p2_is_inf;
    static constexpr auto square = blst_fp2_sqr;
    static constexpr auto product = blst_fp2_mul;
    static constexpr auto add = blst_p2_add_or_double_affine;
    static constexpr auto multiply = blst_p2s_mult_pippenger;
    static constexpr auto scratch_size = blst_p2s_mult_pippenger_scratch_sizeof;
};

template <typename Group>
constexpr size_t kPointSize = 2 * Group::kFieldSize;

/// A point of the curve, in the subgroup or not. blst represents infinity as (0, 0), as the encoding does.
template <typename Group>
[[nodiscard]] std::expected<typename Group::Affine, Bls12Error> read_point(const uint8_t* data) {
    typename Group::Affine point;
    if (!read_element(point.x, data) || !read_element(point.y, data + Group::kFieldSize)) return std::unexpected(Bls12Error::kNotCanonical);
    if (!Group::is_infinite(&point) && !Group::on_curve(&point)) return std::unexpected(Bls12Error::kNotOnCurve);
    return point;
}

template <typename Group>
[[nodiscard]] std::expected<typename Group::Affine, Bls12Error> read_subgroup_point(const uint8_t* data) {
    auto point = read_point<Group>(data);
    if (point && !Group::is_infinite(&*point) && !Group::in_subgroup(&*point)) return std::unexpected(Bls12Error::kNotInSubgroup);
    return point;
}

template <typename Group>
[[nodiscard]] typename Group::Encoded write_point(const typename Group::Point& point) {
    if (Group::is_infinite_sum(&point)) return {};
    // blst's points are Jacobian: (x / z^2, y / z^3).
    const auto inverse_z = inverse(point.z);
    auto power = inverse_z;
    typename Group::Affine affine;
    Group::square(&power, &inverse_z);
    Group::product(&affine.x, &point.x, &power);
    Group::product(&power, &power, &inverse_z);
    Group::product(&affine.y, &point.y, &power);
    typename Group::Encoded out;
    write_element(out.data(), affine.x);
    write_element(out.data() + Group::kFieldSize, affine.y);
    return out;
}

template <typename Group>
[[nodiscard]] std::expected<typename Group::Encoded, Bls12Error> add(bytes_view input) {
    if (input.size() != 2 * kPointSize<Group>) return std::unexpected(Bls12Error::kBadLength);
    const auto left = read_point<Group>(input.data());
    if (!left) return std::unexpected(left.error());
    const auto right = read_point<Group>(input.data() + kPointSize<Group>);
    if (!right) return std::unexpected(right.error());
    typename Group::Point sum;
    Group::from_affine(&sum, &*left);
    Group::add(&sum, &sum, &*right);
    return write_point<Group>(sum);
}

template <typename Group>
[[nodiscard]] std::expected<typename Group::Encoded, Bls12Error> multi_scalar_multiply(bytes_view input) {
    constexpr size_t kItemSize = kPointSize<Group> + kScalarSize;
    if (input.empty() || input.size() % kItemSize != 0) return std::unexpected(Bls12Error::kBadLength);
    const size_t count = input.size() / kItemSize;
    std::vector<typename Group::Affine> points;
    std::vector<blst_scalar> scalars;
    points.reserve(count);
    scalars.reserve(count);
    for (size_t i = 0; i < count; ++i) {
        const uint8_t* const item = input.data() + i * kItemSize;
        const auto point = read_subgroup_point<Group>(item);
        if (!point) return std::unexpected(point.error());
        // blst cannot multiply infinity. Reducing the scalar changes nothing, the points have prime order.
        blst_scalar scalar;
        const bool nonzero = blst_scalar_from_be_bytes(&scalar, item + kPointSize<Group>, kScalarSize);
        if (Group::is_infinite(&*point) || !nonzero) continue;
        points.push_back(*point);
        scalars.push_back(scalar);
    }
    if (points.empty()) return typename Group::Encoded{};

    // A null pointer after the first says that the items lie one after another.
    const typename Group::Affine* const point_list[] = {points.data(), nullptr};
    const byte* const scalar_list[] = {scalars.front().b, nullptr};
    std::vector<limb_t> scratch(Group::scratch_size(points.size()) / sizeof(limb_t));
    typename Group::Point sum;
    Group::multiply(&sum, point_list, points.size(), scalar_list, kScalarBits, scratch.data());
    return write_point<Group>(sum);
}

}  // namespace

std::expected<Bls12G1, Bls12Error> bls12_g1_add(bytes_view input) { return add<G1>(input); }
std::expected<Bls12G2, Bls12Error> bls12_g2_add(bytes_view input) { return add<G2>(input); }
std::expected<Bls12G1, Bls12Error> bls12_g1_msm(bytes_view input) { return multi_scalar_multiply<G1>(input); }
std::expected<Bls12G2, Bls12Error> bls12_g2_msm(bytes_view input) { return multi_scalar_multiply<G2>(input); }

std::expected<bool, Bls12Error> bls12_pairing_check(bytes_view input) {
    if (input.empty() || input.size() % kBls12PairSize != 0) return std::unexpected(Bls12Error::kBadLength);
    const size_t count = input.size() / kBls12PairSize;
    std::vector<blst_p1_affine> left;
    std::vector<blst_p2_affine> right;
    left.reserve(count);
    right.reserve(count);
    for (size_t i = 0; i < count; ++i) {
        const uint8_t* const item = input.data() + i * kBls12PairSize;
        const auto p = read_subgroup_point<G1>(item);
        if (!p) return std::unexpected(p.error());
        const auto q = read_subgroup_point<G2>(item + kPointSize<G1>);
        if (!q) return std::unexpected(q.error());
        // A pairing with infinity is one, and blst's Miller loop does not take infinity.
        if (blst_p1_affine_is_inf(&*p) || blst_p2_affine_is_inf(&*q)) continue;
        left.push_back(*p);
        right.push_back(*q);
    }
    if (left.empty()) return true;

    const blst_p1_affine* const left_list[] = {left.data(), nullptr};
    const blst_p2_affine* const right_list[] = {right.data(), nullptr};
    blst_fp12 product;
    blst_miller_loop_n(&product, right_list, left_list, left.size());
    blst_final_exp(&product, &product);
    return blst_fp12_is_one(&product);
}

std::expected<Bls12G1, Bls12Error> bls12_map_fp_to_g1(bytes_view input) {
    if (input.size() != kBls12FpSize) return std::unexpected(Bls12Error::kBadLength);
    blst_fp element;
    if (!read_element(element, input.data())) return std::unexpected(Bls12Error::kNotCanonical);
    blst_p1 point;
    blst_map_to_g1(&point, &element, nullptr);
    return write_point<G1>(point);
}

std::expected<Bls12G2, Bls12Error> bls12_map_fp2_to_g2(bytes_view input) {
    if (input.size() != kBls12Fp2Size) return std::unexpected(Bls12Error::kBadLength);
    blst_fp2 element;
    if (!read_element(element, input.data())) return std::unexpected(Bls12Error::kNotCanonical);
    blst_p2 point;
    blst_map_to_g2(&point, &element, nullptr);
    return write_point<G2>(point);
}

}  // namespace weft::crypto
