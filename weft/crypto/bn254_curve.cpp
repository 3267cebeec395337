// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/crypto/bn254_curve.hpp"

namespace weft::crypto::bn254 {
namespace {

constexpr Fp one_of(const Fp& /*field*/) noexcept { return kOne; }
constexpr Fp2 one_of(const Fp2& /*field*/) noexcept { return kOneFp2; }

template <typename Field>
bool satisfies(const AffinePoint<Field>& point, const Field& b) noexcept {
    return square(point.y) == square(point.x) * point.x + b;
}

template <typename Field>
JacobianPoint<Field> lift(const AffinePoint<Field>& point) noexcept {
    if (point.is_infinity()) return {};
    return {point.x, point.y, one_of(point.x)};
}

template <typename Field>
AffinePoint<Field> normalise(const JacobianPoint<Field>& point) noexcept {
    if (point.is_infinity()) return {};
    const Field z = inverse(point.z);
    const Field zz = square(z);
    return {point.x * zz, point.y * (zz * z)};
}

/// "dbl-2009-l" of the Explicit-Formulas Database; infinity gives infinity.
template <typename Field>
JacobianPoint<Field> double_point(const JacobianPoint<Field>& p) noexcept {
    const Field a = square(p.x);
    const Field b = square(p.y);
    const Field c = square(b);
    const Field d = doubled(square(p.x + b) - a - c);
    const Field e = doubled(a) + a;
    JacobianPoint<Field> r;
    r.x = square(e) - doubled(d);
    r.y = e * (d - r.x) - doubled(doubled(doubled(c)));
    r.z = doubled(p.y * p.z);
    return r;
}

/// "add-2007-bl" of the Explicit-Formulas Database, with the cases it leaves out.
template <typename Field>
JacobianPoint<Field> add_points(const JacobianPoint<Field>& p, const JacobianPoint<Field>& q) noexcept {
    if (p.is_infinity()) return q;
    if (q.is_infinity()) return p;
    const Field zz1 = square(p.z);
    const Field zz2 = square(q.z);
    const Field u1 = p.x * zz2;
    const Field s1 = p.y * q.z * zz2;
    const Field h = q.x * zz1 - u1;
    const Field half_slope = q.y * p.z * zz1 - s1;
    if (h.is_zero()) {
        if (half_slope.is_zero()) return double_point(p);
        return {};
    }
    const Field i = square(doubled(h));
    const Field j = h * i;
    const Field slope = doubled(half_slope);
    const Field v = u1 * i;
    JacobianPoint<Field> r;
    r.x = square(slope) - j - doubled(v);
    r.y = slope * (v - r.x) - doubled(s1 * j);
    r.z = (square(p.z + q.z) - zz1 - zz2) * h;
    return r;
}

template <typename Field>
JacobianPoint<Field> double_and_add(const AffinePoint<Field>& point, const uint256& scalar) noexcept {
    const JacobianPoint<Field> base = lift(point);
    JacobianPoint<Field> r;
    for (size_t bit = 256 - count_leading_zeros(scalar); bit-- > 0;) {
        r = double_point(r);
        if (((scalar.w[bit / 64] >> (bit % 64)) & 1) != 0) r = add_points(r, base);
    }
    return r;
}

/// beta = xi^(2 (p^2 - 1) / 3) = (w^(p^2) / w)^4, the primitive cube root of unity in Fp that belongs to lambda below.
const Fp& beta() noexcept { return kFrobenius.rows[1][4].c0; }

/// floor(a * b / 2^256).
constexpr uint256 high_product(const uint256& a, const uint256& b) noexcept {
    std::array<uint64_t, 8> t{};
    for (size_t i = 0; i < 4; ++i) {
        uint64_t carry = 0;
        for (size_t j = 0; j < 4; ++j) t[i + j] = multiply_accumulate(t[i + j], a.w[j], b.w[i], carry);
        t[i + 4] = carry;
    }
    return {t[4], t[5], t[6], t[7]};
}

/// The low 256 bits of a * b.
constexpr uint256 low_product(const uint256& a, const uint256& b) noexcept {
    uint256 r;
    for (size_t i = 0; i < 4; ++i) {
        uint64_t carry = 0;
        for (size_t j = 0; i + j < 4; ++j) r.w[i + j] = multiply_accumulate(r.w[i + j], a.w[j], b.w[i], carry);
    }
    return r;
}

/// floor(2^256 * a / r) for a < r.
consteval uint256 scaled_by_order(const uint256& a) noexcept {
    uint256 quotient;
    uint256 remainder = a;
    for (size_t bit = 256; bit-- > 0;) {
        remainder = remainder + remainder;
        if (remainder >= kR) {
            remainder = remainder - kR;
            quotient.w[bit / 64] |= uint64_t{1} << (bit % 64);
        }
    }
    return quotient;
}

// The pairs (a, b) with a + b lambda = 0 modulo r form a lattice, lambda = 36u^3 + 18u^2 + 6u + 1; it has the basis
// (kShort, -kLongB), (kLongA, kShort) with determinant r.
constexpr uint256 kSquareOfU = low_product(kU, kU);
constexpr uint256 kShort = low_product(2, kU) + uint256{1};
constexpr uint256 kLongA = low_product(6, kSquareOfU) + low_product(4, kU) + uint256{1};
constexpr uint256 kLongB = low_product(6, kSquareOfU) + low_product(2, kU);
constexpr uint256 kShortScaled = scaled_by_order(kShort);
constexpr uint256 kLongBScaled = scaled_by_order(kLongB);
static_assert(low_product(kShort, kShort) + low_product(kLongA, kLongB) == kR);

/// A number below 2^131 with its sign.
struct HalfScalar {
    uint256 magnitude;
    bool negative = false;
};

HalfScalar with_sign(const uint256& value) noexcept {
    if (value.is_negative()) return {uint256{} - value, true};
    return {value, false};
}

/// k = low + high * lambda modulo r, both about half as long as r (R. Gallant, R. Lambert, S. Vanstone, 2001).
struct SplitScalar {
    HalfScalar low;
    HalfScalar high;
};

SplitScalar split(const uint256& k) noexcept {
    const uint256 c1 = high_product(k, kShortScaled);
    const uint256 c2 = high_product(k, kLongBScaled);
    return {with_sign(k - low_product(c1, kShort) - low_product(c2, kLongA)), with_sign(low_product(c1, kLongB) - low_product(c2, kShort))};
}

/// Signed digits, odd or zero, below 2^(kWindow - 1) in size: no two within kWindow places.
constexpr unsigned kWindow = 5;
constexpr size_t kOddMultiples = size_t{1} << (kWindow - 2);
constexpr size_t kMaxDigits = 136;
using Digits = std::array<int8_t, kMaxDigits>;

Digits recode(const HalfScalar& scalar) noexcept {
    Digits digits{};
    uint256 k = scalar.magnitude;
    for (size_t i = 0; !k.is_zero() && i < kMaxDigits; ++i) {
        if ((k.w[0] & 1) != 0) {
            auto digit = static_cast<int>(k.w[0] & ((1U << kWindow) - 1));
            if (digit >= 1 << (kWindow - 1)) digit -= 1 << kWindow;
            k = digit < 0 ? k + uint256{static_cast<uint64_t>(-digit)} : k - uint256{static_cast<uint64_t>(digit)};
            digits[i] = static_cast<int8_t>(scalar.negative ? -digit : digit);
        }
        for (size_t limb = 0; limb < 4; ++limb) k.w[limb] = (k.w[limb] >> 1) | (limb < 3 ? k.w[limb + 1] << 63 : 0);
    }
    return digits;
}

G1Jacobian negate_if(const G1Jacobian& point, bool negative) noexcept { return {point.x, negative ? -point.y : point.y, point.z}; }

}  // namespace

constexpr Fp2 kTwistB = [] {
    // 1 / (9 + i) = (9 - i) / 82; 1 / 82 as 82^(p - 2).
    Fp power = kOne;
    const Fp base = to_field(82);
    Limbs exponent = kP;
    exponent[0] -= 2;
    for (size_t bit = 256; bit-- > 0;) {
        power = square(power);
        if (((exponent[bit / 64] >> (bit % 64)) & 1) != 0) power = power * base;
    }
    const Fp scale = power * kCurveB;
    return Fp2{to_field(9) * scale, -scale};
}();
static_assert(kTwistB * kXi == Fp2{kCurveB, {}});

bool is_on_curve(const G1Affine& point) noexcept { return satisfies(point, kCurveB); }
bool is_on_curve(const G2Affine& point) noexcept { return satisfies(point, kTwistB); }

G1Jacobian to_jacobian(const G1Affine& point) noexcept { return lift(point); }
G2Jacobian to_jacobian(const G2Affine& point) noexcept { return lift(point); }
G1Affine to_affine(const G1Jacobian& point) noexcept { return normalise(point); }
G2Affine to_affine(const G2Jacobian& point) noexcept { return normalise(point); }

G1Jacobian add(const G1Jacobian& a, const G1Jacobian& b) noexcept { return add_points(a, b); }
G2Jacobian add(const G2Jacobian& a, const G2Jacobian& b) noexcept { return add_points(a, b); }
G1Jacobian doubled(const G1Jacobian& a) noexcept { return double_point(a); }
G2Jacobian doubled(const G2Jacobian& a) noexcept { return double_point(a); }

G1Jacobian multiply_plain(const G1Affine& point, const uint256& scalar) noexcept { return double_and_add(point, scalar); }
G2Jacobian multiply_plain(const G2Affine& point, const uint256& scalar) noexcept { return double_and_add(point, scalar); }

G1Affine endomorphism(const G1Affine& point) noexcept { return {point.x * beta(), point.y}; }

G1Jacobian multiply(const G1Affine& point, const uint256& scalar) noexcept {
    if (point.is_infinity()) return {};
    uint256 k = scalar;
    while (k >= kR) k = k - kR;  // at most five times: 2^256 < 6r
    const SplitScalar parts = split(k);
    const Digits low = recode(parts.low);
    const Digits high = recode(parts.high);

    std::array<G1Jacobian, kOddMultiples> multiples;
    multiples[0] = to_jacobian(point);
    const G1Jacobian twice = double_point(multiples[0]);
    for (size_t i = 1; i < kOddMultiples; ++i) multiples[i] = add_points(multiples[i - 1], twice);

    G1Jacobian r;
    for (size_t i = kMaxDigits; i-- > 0;) {
        if (!r.is_infinity()) r = double_point(r);
        if (const int digit = low[i]; digit != 0)
            r = add_points(r, negate_if(multiples[static_cast<size_t>(std::abs(digit)) / 2], digit < 0));
        if (const int digit = high[i]; digit != 0) {
            G1Jacobian term = negate_if(multiples[static_cast<size_t>(std::abs(digit)) / 2], digit < 0);
            term.x = term.x * beta();
            r = add_points(r, term);
        }
    }
    return r;
}

// x^p = conjugate(x) on Fp2; the twist's map (x, y) -> (x w^2, y w^3) brings the factors (w^p / w)^2 and (w^p / w)^3.
G2Affine frobenius(const G2Affine& point) noexcept {
    const auto& row = kFrobenius.rows[0];
    return {conjugate(point.x) * row[2], conjugate(point.y) * row[3]};
}

}  // namespace weft::crypto::bn254
