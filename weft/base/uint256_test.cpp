// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/uint256.hpp"

#include <gmp.h>
#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace weft {
namespace {

/// GMP integer of one expression; the reference that weft's arithmetic is compared with.
class Big {
  public:
    Big() { mpz_init(z_); }
    explicit Big(const uint256& v) {
        mpz_init(z_);
        mpz_import(z_, 4, -1, 8, 0, 0, v.w.data());
    }
    Big(const Big&) = delete;
    Big& operator=(const Big&) = delete;
    ~Big() { mpz_clear(z_); }

    mpz_ptr z() { return z_; }

    /// The value modulo 2^256.
    uint256 wrapped() {
        Big low;
        mpz_fdiv_r_2exp(low.z_, z_, 256);
        uint256 r;
        mpz_export(r.w.data(), nullptr, -1, 8, 0, 0, low.z_);
        return r;
    }

    static void load_signed(Big& out, const uint256& v) {
        mpz_import(out.z_, 4, -1, 8, 0, 0, v.w.data());
        if (!v.is_negative()) return;
        Big two256;
        mpz_setbit(two256.z_, 256);
        mpz_sub(out.z_, out.z_, two256.z_);
    }

  private:
    mpz_t z_;
};

/// Values of all widths, with runs of zeros and ones, and the neighbours of powers of two: the shapes on which carries,
/// borrows and quotient estimates go wrong.
class Values {
  public:
    uint256 next() {
        uint256 v{limb(), limb(), limb(), limb()};
        switch (rng_() % 8) {
            case 0:
                v = v >> (rng_() % 256);
                break;
            case 1:
                v = uint256{1} << (rng_() % 256);
                break;
            case 2:
                v = (uint256{1} << (rng_() % 256)) - 1;
                break;
            case 3:
                v = -(v >> (rng_() % 256));
                break;
            case 4:
                v = rng_() % 4;
                break;
            case 5:
                v = uint256{limb()} << (64 * (rng_() % 4));
                break;
            default:
                break;
        }
        return v;
    }
    uint64_t raw() { return rng_(); }

  private:
    uint64_t limb() {
        switch (rng_() % 6) {
            case 0:
                return 0;
            case 1:
                return ~uint64_t{0};
            case 2:
                return uint64_t{1} << 63;
            default:
                return rng_();
        }
    }
    std::mt19937_64 rng_{20240607};
};

constexpr int kRounds = 200'000;

uint256 power_by_gmp(const uint256& base, const uint256& exponent) {
    Big modulus, x(base), y(exponent), r;
    mpz_setbit(modulus.z(), 256);
    mpz_powm(r.z(), x.z(), y.z(), modulus.z());
    return r.wrapped();
}

TEST(Uint256, ring_operations_agree_with_gmp) {
    Values values;
    for (int i = 0; i < kRounds; ++i) {
        const uint256 a = values.next();
        const uint256 b = values.next();
        Big x(a), y(b), r;
        mpz_add(r.z(), x.z(), y.z());
        ASSERT_EQ(a + b, r.wrapped());
        ASSERT_EQ(checked_add(a, b).overflow, mpz_sizeinbase(r.z(), 2) > 256);
        mpz_sub(r.z(), x.z(), y.z());
        ASSERT_EQ(a - b, r.wrapped());
        mpz_mul(r.z(), x.z(), y.z());
        ASSERT_EQ(a * b, r.wrapped());
        ASSERT_EQ(checked_mul(a, b).value, r.wrapped());
        ASSERT_EQ(checked_mul(a, b).overflow, mpz_sizeinbase(r.z(), 2) > 256);
        mpz_mul_ui(r.z(), x.z(), b.low64());
        ASSERT_EQ(a * b.low64(), r.wrapped());
        ASSERT_EQ(checked_mul(a, b.low64()).overflow, mpz_sizeinbase(r.z(), 2) > 256);
        const int order = mpz_cmp(x.z(), y.z());
        ASSERT_EQ(a < b, order < 0);
        ASSERT_EQ((a <=> b) == std::strong_ordering::equal, order == 0);
        ASSERT_EQ(a == b, order == 0);
        ASSERT_EQ(a > b, order > 0);
    }
}

TEST(Uint256, division_agrees_with_gmp) {
    Values values;
    for (int i = 0; i < kRounds; ++i) {
        const uint256 a = values.next();
        const uint256 b = values.next();
        if (b.is_zero()) continue;
        Big x(a), y(b), q, r;
        mpz_fdiv_qr(q.z(), r.z(), x.z(), y.z());
        ASSERT_EQ(a / b, q.wrapped());
        ASSERT_EQ(a % b, r.wrapped());
        Big sx, sy;
        Big::load_signed(sx, a);
        Big::load_signed(sy, b);
        mpz_tdiv_qr(q.z(), r.z(), sx.z(), sy.z());
        ASSERT_EQ(sdiv(a, b), q.wrapped());
        ASSERT_EQ(smod(a, b), r.wrapped());
        ASSERT_EQ(slt(a, b), mpz_cmp(sx.z(), sy.z()) < 0);
    }
}

TEST(Uint256, quotient_estimate_too_large_is_corrected) {
    // Dividends just below a multiple of the divisor, with a top limb equal to the divisor's: step D6 of algorithm D.
    Values values;
    for (int i = 0; i < kRounds; ++i) {
        const uint256 b = values.next();
        const uint256 q = values.next() >> (values.raw() % 256);
        if (b.is_zero()) continue;
        const uint256 a = b * q - 1;
        Big x(a), y(b), quotient;
        mpz_fdiv_q(quotient.z(), x.z(), y.z());
        ASSERT_EQ(a / b, quotient.wrapped());
    }
}

TEST(Uint256, modular_operations_agree_with_gmp) {
    Values values;
    for (int i = 0; i < kRounds; ++i) {
        const uint256 a = values.next();
        const uint256 b = values.next();
        const uint256 m = values.next();
        if (m.is_zero()) continue;
        Big x(a), y(b), z(m), r;
        mpz_add(r.z(), x.z(), y.z());
        mpz_fdiv_r(r.z(), r.z(), z.z());
        ASSERT_EQ(addmod(a, b, m), r.wrapped());
        mpz_mul(r.z(), x.z(), y.z());
        mpz_fdiv_r(r.z(), r.z(), z.z());
        ASSERT_EQ(mulmod(a, b, m), r.wrapped());
    }
}

TEST(Uint256, exponentiation_agrees_with_gmp) {
    Values values;
    for (int i = 0; i < 5'000; ++i) {
        const uint256 a = values.next();
        const uint256 e = values.next();
        ASSERT_EQ(exp(a, e), power_by_gmp(a, e));
        const uint256 small = values.raw() % 300;
        ASSERT_EQ(exp(a, small), power_by_gmp(a, small));
        const uint256 power_of_two = uint256{1} << (values.raw() % 256);
        ASSERT_EQ(exp(power_of_two, small), power_by_gmp(power_of_two, small));
    }
    EXPECT_EQ(exp(0, 0), 1);
    EXPECT_EQ(exp(2, 255), uint256{1} << 255);
    EXPECT_EQ(exp(2, 256), 0);
}

TEST(Uint256, shifts_agree_with_gmp) {
    Values values;
    for (int i = 0; i < kRounds; ++i) {
        const uint256 a = values.next();
        const uint64_t count = values.raw() % 300;
        Big x(a), sx, r;
        mpz_mul_2exp(r.z(), x.z(), count);
        ASSERT_EQ(a << count, r.wrapped()) << count;
        mpz_fdiv_q_2exp(r.z(), x.z(), count);
        ASSERT_EQ(a >> count, r.wrapped()) << count;
        Big::load_signed(sx, a);
        mpz_fdiv_q_2exp(r.z(), sx.z(), count);
        ASSERT_EQ(sar(a, count), r.wrapped()) << count;
    }
    const uint256 huge{0, 0, 1, 0};
    EXPECT_EQ(sar(-uint256{5}, huge), ~uint256{});
    EXPECT_EQ(sar(5, huge), 0);
    EXPECT_EQ(uint256{1} << ~uint64_t{0}, 0);
}

/// Every pair and triple of the values on whose edges an algorithm branches: 0, 1, limbs full and empty, powers of two and their
/// neighbours, the largest number.
TEST(Uint256, edge_operands_agree_with_gmp) {
    std::vector<uint256> edges{0, 1, 2, 3, 10, ~uint256{}, ~uint256{} - 1};
    for (const unsigned bit : {31u, 32u, 63u, 64u, 65u, 127u, 128u, 129u, 191u, 192u, 193u, 254u, 255u}) {
        const uint256 power = uint256{1} << bit;
        edges.insert(edges.end(), {power - 1, power, power + 1, power | 1, -power});
    }
    for (const uint256& sparse : {uint256{1, 0, 0, 1}, uint256{0, 1, 0, 1}, uint256{~uint64_t{0}, 0, ~uint64_t{0}, 0},
                                  uint256{0, ~uint64_t{0}, 0, ~uint64_t{0}}, uint256{0, 0, ~uint64_t{0}, uint64_t{1} << 63}})
        edges.push_back(sparse);
    for (const uint256& a : edges) {
        for (const uint256& b : edges) {
            Big x(a), y(b), r, sx, sy;
            mpz_mul(r.z(), x.z(), y.z());
            ASSERT_EQ(a * b, r.wrapped());
            for (const uint256& m : edges) {
                if (m.is_zero()) continue;
                Big z(m), sum, product;
                mpz_add(sum.z(), x.z(), y.z());
                mpz_fdiv_r(sum.z(), sum.z(), z.z());
                ASSERT_EQ(addmod(a, b, m), sum.wrapped());
                mpz_fdiv_r(product.z(), r.z(), z.z());
                ASSERT_EQ(mulmod(a, b, m), product.wrapped());
            }
            ASSERT_EQ(exp(a, b), power_by_gmp(a, b));
            if (b.is_zero()) continue;
            Big quotient, remainder;
            mpz_fdiv_qr(quotient.z(), remainder.z(), x.z(), y.z());
            ASSERT_EQ(a / b, quotient.wrapped());
            ASSERT_EQ(a % b, remainder.wrapped());
            Big::load_signed(sx, a);
            Big::load_signed(sy, b);
            mpz_tdiv_qr(quotient.z(), remainder.z(), sx.z(), sy.z());
            ASSERT_EQ(sdiv(a, b), quotient.wrapped());
            ASSERT_EQ(smod(a, b), remainder.wrapped());
        }
    }
}

/// Dividends whose top limbs equal those of the divisor, and quotients that the estimate misses: the rare steps of algorithm D
/// for each width of the divisor.
TEST(Uint256, rare_steps_of_long_division_agree_with_gmp) {
    Values values;
    const auto limb = [&values] {
        const uint64_t raw = values.raw();
        constexpr uint64_t kEdges[] = {0, 1, ~uint64_t{0}, ~uint64_t{0} - 1, uint64_t{1} << 63, (uint64_t{1} << 63) - 1};
        return raw % 7 == 6 ? values.raw() : kEdges[raw % 7];
    };
    for (int i = 0; i < kRounds; ++i) {
        const uint256 divisor = uint256{limb(), limb(), limb(), limb()} >> (64 * (values.raw() % 3));
        const uint256 m = divisor.is_zero() ? uint256{1} : divisor;
        const uint256 a{limb(), limb(), limb(), limb()};
        const uint256 b{limb(), limb(), limb(), limb()};
        Big x(a), y(b), z(m), q, r;
        mpz_fdiv_qr(q.z(), r.z(), x.z(), z.z());
        ASSERT_EQ(a / m, q.wrapped());
        ASSERT_EQ(a % m, r.wrapped());
        mpz_mul(r.z(), x.z(), y.z());
        mpz_fdiv_r(r.z(), r.z(), z.z());
        ASSERT_EQ(mulmod(a, b, m), r.wrapped());
        mpz_add(r.z(), x.z(), y.z());
        mpz_fdiv_r(r.z(), r.z(), z.z());
        ASSERT_EQ(addmod(a, b, m), r.wrapped());
    }
}

TEST(Uint256, division_by_zero_gives_zero) {
    const uint256 a{1, 2, 3, ~uint64_t{0}};
    EXPECT_EQ(a / 0, 0);
    EXPECT_EQ(a % 0, 0);
    EXPECT_EQ(uint256{7} / 0, 0);
    EXPECT_EQ(uint256{7} % 0, 0);
    EXPECT_EQ(sdiv(a, 0), 0);
    EXPECT_EQ(smod(a, 0), 0);
    EXPECT_EQ(addmod(a, a, 0), 0);
    EXPECT_EQ(mulmod(a, a, 0), 0);
}

TEST(Uint256, sdiv_of_the_minimum_by_minus_one_wraps) {
    const uint256 minimum = uint256{1} << 255;
    EXPECT_EQ(sdiv(minimum, ~uint256{}), minimum);
    EXPECT_EQ(smod(minimum, ~uint256{}), 0);
}

TEST(Uint256, signextend_and_byte_follow_their_definition) {
    Values values;
    for (int i = 0; i < kRounds; ++i) {
        const uint256 v = values.next();
        const uint64_t k = values.raw() % 40;
        uint8_t big_endian[32];
        store_be(big_endian, v);
        ASSERT_EQ(byte_at(k, v), k < 32 ? big_endian[k] : 0);
        uint256 expected = v;
        if (k < 31) {
            const uint256 low_mask = (uint256{1} << (8 * (k + 1))) - 1;
            const bool negative = ((v >> (8 * k + 7)).w[0] & 1) != 0;
            expected = negative ? v | ~low_mask : v & low_mask;
        }
        ASSERT_EQ(signextend(k, v), expected) << k;
    }
    const uint256 huge{0, 0, 0, 1};
    EXPECT_EQ(byte_at(huge, ~uint256{}), 0);
    EXPECT_EQ(signextend(huge, 0x80), 0x80);
}

TEST(Uint256, leading_zeros_and_significant_bytes) {
    EXPECT_EQ(count_leading_zeros(0), 256U);
    EXPECT_EQ(count_significant_bytes(0), 0U);
    for (unsigned bit = 0; bit < 256; ++bit) {
        EXPECT_EQ(count_leading_zeros(uint256{1} << bit), 255 - bit);
        EXPECT_EQ(count_significant_bytes(uint256{1} << bit), bit / 8 + 1);
    }
}

TEST(Uint256, big_endian_conversions_invert_each_other) {
    const auto word = to_hash32(uint256{0x0102030405060708, 2, 3, 0x1122334455667788});
    EXPECT_EQ(word[0], 0x11);
    EXPECT_EQ(word[31], 0x08);
    EXPECT_EQ(to_uint256(word), (uint256{0x0102030405060708, 2, 3, 0x1122334455667788}));
    EXPECT_EQ(from_be({}), 0);
    const uint8_t three[] = {1, 2, 3};
    EXPECT_EQ(from_be(three), 0x010203);
    EXPECT_EQ(to_address(to_uint256(address_of(0x1234))), address_of(0x1234));
}

TEST(Uint256, quantities_are_minimal_and_parse_strictly) {
    EXPECT_EQ(to_hex_quantity(0), "0x0");
    EXPECT_EQ(to_hex_quantity(0x0a0), "0xa0");
    EXPECT_EQ(to_hex_quantity(uint256{1} << 252), "0x1" + std::string(63, '0'));
    EXPECT_EQ(quantity_from_hex("0x00ff"), uint256{255});
    EXPECT_EQ(quantity_from_hex("0x" + std::string(64, 'F')), ~uint256{});
    EXPECT_FALSE(quantity_from_hex("0x"));
    EXPECT_FALSE(quantity_from_hex("ff"));
    EXPECT_FALSE(quantity_from_hex("0xg"));
    EXPECT_FALSE(quantity_from_hex("0x" + std::string(65, '0')));
}

}  // namespace
}  // namespace weft
