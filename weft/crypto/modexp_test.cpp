// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/crypto/modexp.hpp"

#include "weft/base/hex.hpp"

#include <gmp.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>
#include <string_view>

namespace weft::crypto {
namespace {

std::string run(std::string_view base, std::string_view exponent, std::string_view modulus) {
    return to_hex(modexp(*from_hex(base), *from_hex(exponent), *from_hex(modulus)));
}

bytes powm_of_gmp(bytes_view base, bytes_view exponent, bytes_view modulus) {
    mpz_t b, e, m;
    mpz_inits(b, e, m, nullptr);
    mpz_import(b, base.size(), 1, 1, 0, 0, base.data());
    mpz_import(e, exponent.size(), 1, 1, 0, 0, exponent.data());
    mpz_import(m, modulus.size(), 1, 1, 0, 0, modulus.data());
    mpz_powm(b, b, e, m);
    bytes digits((mpz_sizeinbase(b, 2) + 7) / 8);
    size_t count = 0;
    mpz_export(digits.data(), &count, 1, 1, 0, 0, b);
    mpz_clears(b, e, m, nullptr);
    bytes output(modulus.size() - count, 0);
    output.insert(output.end(), digits.begin(), digits.begin() + static_cast<ptrdiff_t>(count));
    return output;
}

class Numbers {
  public:
    size_t below(size_t limit) { return engine_() % limit; }
    bytes number(size_t max_size) {
        bytes digits(below(max_size + 1));
        for (uint8_t& digit : digits) digit = static_cast<uint8_t>(engine_());
        return digits;
    }

  private:
    std::mt19937_64 engine_{198};
};

/// `number` with zeros in the place of its last `count` bits.
void clear_low_bits(bytes& number, size_t count) {
    for (size_t i = 0; i < std::min(count, 8 * number.size()); ++i)
        number[number.size() - 1 - i / 8] &= static_cast<uint8_t>(~(1U << (i % 8)));
}

TEST(modexp, eip198_fermat_examples) {
    const std::string_view prime = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2f";
    const std::string_view prime_minus_one = "fffffffffffffffffffffffffffffffffffffffffffffffffffffffefffffc2e";
    EXPECT_EQ(run("03", prime_minus_one, prime), "0x0000000000000000000000000000000000000000000000000000000000000001");
    EXPECT_EQ(run("", prime_minus_one, prime), "0x0000000000000000000000000000000000000000000000000000000000000000");
}

TEST(modexp, output_has_the_length_of_the_modulus) {
    EXPECT_EQ(run("03", "05", "00000064"), "0x0000002b");
    EXPECT_EQ(run("03", "05", ""), "0x");
    EXPECT_EQ(run("ffffffffffffffffffff", "01", "64"), "0x4b");
}

TEST(modexp, even_moduli) {
    EXPECT_EQ(run("03", "64", "0100"), "0x00d1");
    EXPECT_EQ(run("02", "08", "0100"), "0x0000");
    EXPECT_EQ(run("07", "0b", "2710"), "0x1a57");
}

TEST(modexp, equals_powm_of_gmp) {
    Numbers numbers;
    for (int i = 0; i < 20'000; ++i) {
        const bytes base = numbers.number(80);
        const bytes exponent = numbers.number(i % 2 == 0 ? 60 : 1);
        bytes modulus = numbers.number(70);
        modulus.insert(modulus.begin(), {1, 0});
        modulus.back() |= 1;
        if (i % 4 < 2) clear_low_bits(modulus, numbers.below(i % 8 < 4 ? 8 * modulus.size() - 8 : 5));
        EXPECT_EQ(modexp(base, exponent, modulus), powm_of_gmp(base, exponent, modulus))
            << to_hex(base) << " ^ " << to_hex(exponent) << " mod " << to_hex(modulus);
    }
}

TEST(modexp, small_exponents_under_any_modulus) {
    Numbers numbers;
    for (uint8_t exponent = 0; exponent < 9; ++exponent) {
        for (int i = 0; i < 200; ++i) {
            bytes modulus = numbers.number(40);
            modulus.push_back(2);
            const bytes base = numbers.number(80);
            EXPECT_EQ(modexp(base, bytes{0, exponent}, modulus), powm_of_gmp(base, bytes{0, exponent}, modulus));
        }
    }
}

/// Every base and every modulus of few bits, under an exponent long enough for the modulus to be split.
TEST(modexp, long_exponents_under_small_even_moduli) {
    Numbers numbers;
    for (uint8_t modulus = 2; modulus < 130; ++modulus) {
        for (uint8_t base = 0; base < 40; ++base) {
            bytes exponent = numbers.number(20);
            exponent.insert(exponent.begin(), 20, 0xff);
            EXPECT_EQ(modexp(bytes{base}, exponent, bytes{modulus}), powm_of_gmp(bytes{base}, exponent, bytes{modulus}));
        }
    }
}

TEST(modexp, modulus_zero_or_one_gives_zero) {
    EXPECT_EQ(run("03", "05", "0000"), "0x0000");
    EXPECT_EQ(run("03", "05", "0001"), "0x0000");
    EXPECT_EQ(run("", "", "01"), "0x00");
}

TEST(modexp, exponent_zero_gives_one) {
    EXPECT_EQ(run("03", "", "05"), "0x01");
    EXPECT_EQ(run("", "", "05"), "0x01");
    EXPECT_EQ(run("00", "00", "05"), "0x01");
}

}  // namespace
}  // namespace weft::crypto
