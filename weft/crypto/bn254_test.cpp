// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/crypto/bn254.hpp"

#include "weft/base/hex.hpp"
#include "weft/crypto/bn254_pairing.hpp"

#include <gtest/gtest.h>

#include <random>

namespace weft::crypto::bn254 {
namespace {

constexpr uint256 kModulus{kP[0], kP[1], kP[2], kP[3]};

Fp field_from(const uint256& value) { return to_field((value % kModulus).w); }

uint256 number_of(const Fp& a) {
    const Limbs limbs = from_field(a);
    return {limbs[0], limbs[1], limbs[2], limbs[3]};
}

/// The generator (1, 2) of G1 and the one of G2 that EIP-197 names.
const G1Affine kG1{kOne, to_field(2)};
G2Affine g2_generator() {
    const auto coefficient = [](const char* hex) { return field_from(*quantity_from_hex(hex)); };
    return {{coefficient("0x1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed"),
             coefficient("0x198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2")},
            {coefficient("0x12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa"),
             coefficient("0x090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b")}};
}

/// Seeded, so that a failure repeats.
class Bn254Test : public testing::Test {
  protected:
    uint256 random_number() { return {engine_(), engine_(), engine_(), engine_()}; }
    Fp random_fp() { return field_from(random_number()); }
    Fp2 random_fp2() { return {random_fp(), random_fp()}; }
    Fp6 random_fp6() { return {random_fp2(), random_fp2(), random_fp2()}; }
    Fp12 random_fp12() { return {random_fp6(), random_fp6()}; }
    G1Affine random_g1() { return to_affine(multiply_plain(kG1, random_number())); }
    G2Affine random_g2() { return to_affine(multiply_plain(g2_generator(), random_number())); }
    G2Affine random_twist_point();

    std::mt19937_64 engine_{254};
};

template <typename Field>
Field power(const Field& one, const Field& base, const uint256& exponent) {
    Field r = one;
    for (size_t bit = 256; bit-- > 0;) {
        r = square(r);
        if (((exponent.w[bit / 64] >> (bit % 64)) & 1) != 0) r = r * base;
    }
    return r;
}

std::optional<Fp> square_root(const Fp& a) {
    const Fp root = power(kOne, a, (kModulus + uint256{1}) / uint256{4});
    if (square(root) != a) return std::nullopt;
    return root;
}

/// From the norm: (c0 + c1 i)^2 = a with c0^2 = (a0 + |a|) / 2 for one of the signs of |a|.
std::optional<Fp2> square_root(const Fp2& a) {
    const auto norm = square_root(square(a.c0) + square(a.c1));
    if (!norm) return std::nullopt;
    for (const Fp& candidate : {halved(a.c0 + *norm), halved(a.c0 - *norm)}) {
        const auto c0 = square_root(candidate);
        if (!c0 || c0->is_zero()) continue;
        const Fp2 root{*c0, halved(a.c1) * inverse(*c0)};
        if (square(root) == a) return root;
    }
    return std::nullopt;
}

/// Almost never in the subgroup, whose share of the twist is 1 / (p + 6u^2).
G2Affine Bn254Test::random_twist_point() {
    while (true) {
        const Fp2 x = random_fp2();
        if (const auto y = square_root(square(x) * x + kTwistB)) return {x, *y};
    }
}

bool slowly_in_subgroup(const G2Affine& q) { return multiply_plain(q, kR).is_infinity(); }

TEST_F(Bn254Test, field_operations_agree_with_modular_arithmetic) {
    const std::vector<uint256> edges = {0, 1, 2, kModulus - 1, kModulus - 2, uint256{~0ULL, ~0ULL, 0, 0}};
    for (int i = 0; i < 400; ++i) {
        const uint256 a = (i < 36 ? edges[static_cast<size_t>(i) / 6] : random_number()) % kModulus;
        const uint256 b = (i < 36 ? edges[static_cast<size_t>(i) % 6] : random_number()) % kModulus;
        const Fp fa = to_field(a.w);
        const Fp fb = to_field(b.w);
        EXPECT_EQ(number_of(fa), a);
        EXPECT_EQ(number_of(fa + fb), addmod(a, b, kModulus));
        EXPECT_EQ(number_of(fa - fb), addmod(a, kModulus - b, kModulus));
        EXPECT_EQ(number_of(fa * fb), mulmod(a, b, kModulus));
        EXPECT_EQ(number_of(halved(fa) + halved(fa)), a);
        EXPECT_EQ(nine_times_plus(fa, fb), fa * to_field(9) + fb);
        EXPECT_EQ(nine_times_plus(fa, negative_unreduced(fb)), fa * to_field(9) - fb);
        EXPECT_EQ(fa * inverse(fa), a.is_zero() ? Fp{} : kOne);
    }
}

TEST_F(Bn254Test, nine_times_plus_is_reduced_over_its_whole_range) {
    // Raw Montgomery words next to every multiple of p / 9, where the quotient changes.
    for (uint64_t k = 0; k <= 9; ++k) {
        const auto [product, overflow] = checked_mul(kModulus / uint256{9}, k);
        ASSERT_FALSE(overflow);
        for (int offset = -3; offset <= 3; ++offset) {
            const uint256 raw =
                offset < 0 ? product - uint256{static_cast<uint64_t>(-offset)} : product + uint256{static_cast<uint64_t>(offset)};
            if (raw >= kModulus) continue;
            const Fp a{raw.w};
            for (const Fp& b : {Fp{}, Fp{{1, 0, 0, 0}}, Fp{(kModulus - uint256{1}).w}}) {
                const Fp r = nine_times_plus(a, b);
                EXPECT_TRUE((uint256{r.w[0], r.w[1], r.w[2], r.w[3]} < kModulus));
                EXPECT_EQ(r, doubled(doubled(doubled(a))) + a + b);
            }
        }
    }
}

TEST_F(Bn254Test, products_of_this_processor_equal_the_portable_ones) {
    const Fp largest = negative_unreduced({});  // p itself
    std::vector<Fp> factors = {{}, kOne, largest, Fp{(kModulus - uint256{1}).w}};
    for (int i = 0; i < 20; ++i) factors.push_back(random_fp());
    for (const Fp& a : factors)
        for (const Fp& b : factors) {
            EXPECT_EQ(product(a, b), product_portable(a, b));
            EXPECT_EQ(product(add_unreduced(a, a), add_unreduced(b, a)), product_portable(add_unreduced(a, a), add_unreduced(b, a)));
            EXPECT_EQ(sum_of_products(a, b, b, largest), sum_of_products_portable(a, b, b, largest));
            EXPECT_EQ(sum_of_products(a, b, b, b), a * b + b * b);
        }
}

TEST_F(Bn254Test, tower_has_field_laws) {
    for (int i = 0; i < 20; ++i) {
        const Fp12 a = random_fp12();
        const Fp12 b = random_fp12();
        const Fp12 c = random_fp12();
        EXPECT_EQ(a * b, b * a);
        EXPECT_EQ((a * b) * c, a * (b * c));
        EXPECT_EQ(square(a), a * a);
        EXPECT_EQ(a * inverse(a), kOneFp12);
        const Fp2 d = random_fp2();
        EXPECT_EQ(d * inverse(d), kOneFp2);
        EXPECT_EQ(square(d), d * d);
        EXPECT_EQ(times_xi(d), d * kXi);
    }
    // w^6 = xi
    const Fp12 w{{}, {kOneFp2, {}, {}}};
    EXPECT_EQ(square(w * w * w), (Fp12{{kXi, {}, {}}, {}}));
}

TEST_F(Bn254Test, sparse_products_equal_full_products) {
    const auto full = [](const LineValue& l) { return Fp12{{l.w0, {}, {}}, {l.w1, l.w3, {}}}; };
    for (int i = 0; i < 20; ++i) {
        const Fp12 a = random_fp12();
        const LineValue k{random_fp2(), random_fp2(), random_fp2()};
        const LineValue l{random_fp2(), random_fp2(), random_fp2()};
        EXPECT_EQ(a * k, a * full(k));
        EXPECT_EQ(a * (k * l), a * full(k) * full(l));
    }
}

TEST_F(Bn254Test, frobenius_is_the_pth_power) {
    const Fp12 a = random_fp12();
    const Fp12 p1 = power(kOneFp12, a, kModulus);
    EXPECT_EQ(frobenius(a, 1), p1);
    EXPECT_EQ(frobenius(a, 2), frobenius(p1, 1));
    EXPECT_EQ(frobenius(a, 3), frobenius(frobenius(p1, 1), 1));
    EXPECT_EQ(frobenius(frobenius(a, 3), 3), conjugate(a));
}

TEST_F(Bn254Test, cyclotomic_squaring_equals_squaring_in_the_subgroup) {
    const Fp12 a = random_fp12();
    const Fp12 b = conjugate(a) * inverse(a);
    const Fp12 c = frobenius(b, 2) * b;
    EXPECT_EQ(cyclotomic_square(c), square(c));
}

TEST_F(Bn254Test, frobenius_of_the_twist_is_multiplication_by_p_on_g2) {
    const G2Affine q = random_g2();
    EXPECT_EQ(frobenius(q), to_affine(multiply_plain(q, kModulus)));
    const G2Affine outside = random_twist_point();
    EXPECT_TRUE(is_on_curve(frobenius(outside)));
}

TEST_F(Bn254Test, multiplication_by_endomorphism_equals_double_and_add) {
    const std::vector<uint256> edges = {0, 1, 2, 3, kR - 1, kR, kR + 1, uint256{} - 1, uint256{0, 0, 1, 0}, uint256{~0ULL, ~0ULL, 0, 0}};
    const G1Affine point = random_g1();
    for (const uint256& k : edges) EXPECT_EQ(to_affine(multiply(point, k)), to_affine(multiply_plain(point, k)));
    for (int i = 0; i < 200; ++i) {
        const uint256 k = random_number() >> (engine_() % 256);
        EXPECT_EQ(to_affine(multiply(point, k)), to_affine(multiply_plain(point, k)));
    }
    EXPECT_TRUE(multiply(G1Affine{}, 5).is_infinity());
}

TEST_F(Bn254Test, subgroup_check_equals_multiplication_by_r) {
    for (int i = 0; i < 10; ++i) {
        const G2Affine inside = random_g2();
        EXPECT_TRUE(is_in_subgroup(inside));
        const G2Affine anywhere = random_twist_point();
        ASSERT_TRUE(is_on_curve(anywhere));
        EXPECT_EQ(is_in_subgroup(anywhere), slowly_in_subgroup(anywhere));
    }
}

TEST_F(Bn254Test, subgroup_check_rejects_parts_of_the_cofactor) {
    // The order of the twist is r * (p + 6u^2), and 10069 divides the second factor.
    const auto [square_of_u, overflow] = checked_mul(uint256{kU}, uint256{kU});
    ASSERT_FALSE(overflow);
    const uint256 cofactor = kModulus + square_of_u * uint256{6};
    ASSERT_TRUE((cofactor % uint256{10069}).is_zero());
    for (int i = 0; i < 5; ++i) {
        const G2Affine point = random_twist_point();
        const G2Affine cleared = to_affine(multiply_plain(point, cofactor));
        EXPECT_TRUE(slowly_in_subgroup(cleared));
        EXPECT_TRUE(is_in_subgroup(cleared));
        const G2Affine mixed = to_affine(multiply_plain(point, cofactor / uint256{10069}));
        EXPECT_FALSE(is_in_subgroup(mixed));
        const G2Affine small = to_affine(multiply_plain(mixed, kR));
        ASSERT_TRUE(multiply_plain(small, 10069).is_infinity());
        EXPECT_FALSE(is_in_subgroup(small));
        const PairingInput input{random_g1(), small};
        EXPECT_FALSE(miller_loop({&input, 1}).has_value());
        const PairingInput at_infinity{{}, small};
        EXPECT_FALSE(miller_loop({&at_infinity, 1}).has_value());
    }
}

Fp12 pairing(const G1Affine& p, const G2Affine& q) {
    const PairingInput input{p, q};
    return final_exponentiation(*miller_loop({&input, 1}));
}

TEST_F(Bn254Test, pairing_is_bilinear_and_not_degenerate) {
    const Fp12 base = pairing(kG1, g2_generator());
    EXPECT_NE(base, kOneFp12);
    EXPECT_EQ(power(kOneFp12, base, kR), kOneFp12);
    for (int i = 0; i < 5; ++i) {
        const uint256 a = random_number() % kR;
        const uint256 b = random_number() % kR;
        const G1Affine p = to_affine(multiply(kG1, a));
        const G2Affine q = to_affine(multiply_plain(g2_generator(), b));
        EXPECT_EQ(pairing(p, q), power(kOneFp12, base, mulmod(a, b, kR)));
    }
}

TEST_F(Bn254Test, pairing_of_many_is_the_product_of_single_ones) {
    for (size_t count = 0; count <= 5; ++count) {
        std::vector<PairingInput> inputs;
        Fp12 expected = kOneFp12;
        for (size_t i = 0; i < count; ++i) {
            inputs.push_back({random_g1(), random_g2()});
            expected = expected * pairing(inputs.back().p, inputs.back().q);
        }
        inputs.push_back({{}, random_g2()});
        inputs.push_back({random_g1(), {}});
        EXPECT_EQ(final_exponentiation(*miller_loop(inputs)), expected);
    }
}

void append_g1(bytes& out, const G1Affine& p) {
    out.resize(out.size() + 64);
    encode_field(&out[out.size() - 64], p.x);
    encode_field(&out[out.size() - 32], p.y);
}

void append_g2(bytes& out, const G2Affine& q) {
    append_g1(out, {q.x.c1, q.x.c0});
    append_g1(out, {q.y.c1, q.y.c0});
}

TEST_F(Bn254Test, eip197_product_with_the_inverse_is_one) {
    const uint256 a = random_number() % kR;
    const G1Affine p = random_g1();
    const G2Affine q = random_g2();
    bytes input;
    append_g1(input, to_affine(multiply(p, a)));
    append_g2(input, q);
    append_g1(input, {p.x, -p.y});
    append_g2(input, to_affine(multiply_plain(q, a)));
    EXPECT_EQ(pairing_check(input), true);
    bytes changed = input;
    changed.resize(192);
    EXPECT_EQ(pairing_check(changed), false);
}

TEST_F(Bn254Test, eip197_empty_input_is_one) { EXPECT_EQ(pairing_check({}), true); }

TEST_F(Bn254Test, eip197_invalid_inputs_rejected) {
    bytes input;
    append_g1(input, random_g1());
    append_g2(input, random_g2());
    EXPECT_EQ(pairing_check(input), false);
    EXPECT_EQ(pairing_check(bytes_view{input}.first(191)), std::nullopt);
    for (const size_t coordinate : {0, 1, 2, 3, 4, 5}) {
        bytes off_curve = input;
        off_curve[32 * coordinate + 31] ^= 1;
        EXPECT_EQ(pairing_check(off_curve), std::nullopt);
        bytes not_reduced = input;
        store_be(&not_reduced[32 * coordinate], load_be(&input[32 * coordinate]) + kModulus);
        EXPECT_EQ(pairing_check(not_reduced), std::nullopt);
    }
    bytes outside;
    append_g1(outside, {});
    append_g2(outside, random_twist_point());
    EXPECT_EQ(pairing_check(outside), std::nullopt);
}

TEST_F(Bn254Test, eip196_addition_has_group_laws) {
    const auto sum = [](const G1Affine& a, const G1Affine& b) {
        bytes input;
        append_g1(input, a);
        append_g1(input, b);
        bytes out(64);
        EXPECT_TRUE(add(std::span<uint8_t, 64>{out}, std::span<const uint8_t, 128>{input}));
        return out;
    };
    const auto encoded = [](const G1Affine& a) {
        bytes out;
        append_g1(out, a);
        return out;
    };
    const G1Affine a = random_g1();
    const G1Affine b = random_g1();
    EXPECT_EQ(sum(a, b), encoded(to_affine(bn254::add(to_jacobian(a), to_jacobian(b)))));
    EXPECT_EQ(sum(a, a), encoded(to_affine(multiply(a, 2))));
    EXPECT_EQ(sum(a, {a.x, -a.y}), bytes(64));
    EXPECT_EQ(sum(a, {}), encoded(a));
    EXPECT_EQ(sum({}, a), encoded(a));
    EXPECT_EQ(sum({}, {}), bytes(64));
}

TEST_F(Bn254Test, eip196_invalid_points_rejected) {
    bytes out(64);
    bytes input(128);
    input[31] = 1;
    input[63] = 3;  // (1, 3) is not on the curve
    EXPECT_FALSE(add(std::span<uint8_t, 64>{out}, std::span<const uint8_t, 128>{input}));
    EXPECT_FALSE(mul(std::span<uint8_t, 64>{out}, std::span<const uint8_t, 96>{input.data(), 96}));
    input[63] = 2;
    EXPECT_TRUE(add(std::span<uint8_t, 64>{out}, std::span<const uint8_t, 128>{input}));
    store_be(input.data(), kModulus + uint256{1});
    EXPECT_FALSE(add(std::span<uint8_t, 64>{out}, std::span<const uint8_t, 128>{input}));
}

}  // namespace
}  // namespace weft::crypto::bn254
