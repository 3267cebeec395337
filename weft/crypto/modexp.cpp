// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/crypto/modexp.hpp"

#include <gmp.h>

namespace weft::crypto {

namespace {

class Integer {
  public:
    Integer() { mpz_init(value_); }
    explicit Integer(bytes_view big_endian) {
        mpz_init(value_);
        mpz_import(value_, big_endian.size(), 1, 1, 0, 0, big_endian.data());
    }
    ~Integer() { mpz_clear(value_); }
    Integer(const Integer&) = delete;
    Integer& operator=(const Integer&) = delete;

    operator mpz_ptr() { return value_; }
    operator mpz_srcptr() const { return value_; }
    [[nodiscard]] bool is_zero() const { return mpz_sgn(value_) == 0; }
    [[nodiscard]] bool is_odd() const { return mpz_odd_p(value_) != 0; }
    [[nodiscard]] bool is_at_most(unsigned long limit) const { return mpz_cmp_ui(value_, limit) <= 0; }
    [[nodiscard]] size_t bit_count() const { return is_zero() ? 0 : mpz_sizeinbase(value_, 2); }

  private:
    mpz_t value_;
};

/// Up to here squaring and dividing costs less than what mpz_powm prepares.
constexpr unsigned long kSmallExponent = 4;

/// For 1 <= exponent <= kSmallExponent.
void small_power(Integer& result, const Integer& base, unsigned long exponent, const Integer& modulus) {
    Integer reduced;
    Integer product;
    mpz_tdiv_r(reduced, base, modulus);
    mpz_set(result, reduced);
    const auto multiply = [&](const Integer& factor) {
        mpz_mul(product, result, factor);
        mpz_tdiv_r(result, product, modulus);
    };
    if (exponent > 1) multiply(result);
    if (exponent == 3) multiply(reduced);
    if (exponent == 4) multiply(result);
}

/// A modulus with a power of two in it is split for exponents that are longer than its zeros by this many bits. mpz_powm splits too, but
/// goes through the whole exponent twice.
constexpr size_t kWorthSplitting = 128;

/// Modulo 2^bits, for an exponent of at least `bits`. An even base then gives zero; the powers of an odd one repeat after
/// 2^(bits - 2), or after 2 for bits <= 3, so the low bits of the exponent are enough.
void power_modulo_power_of_two(Integer& result, const Integer& base, const Integer& exponent, size_t bits) {
    if (!base.is_odd()) {
        mpz_set_ui(result, 0);
        return;
    }
    Integer low_exponent;
    Integer modulus;
    mpz_tdiv_r_2exp(low_exponent, exponent, bits > 3 ? bits - 2 : 1);
    mpz_setbit(modulus, bits);
    mpz_powm(result, base, low_exponent, modulus);
}

/// For a modulus 2^zeros * odd with 0 < zeros <= exponent: one power for each factor, joined by the Chinese remainder theorem.
void split_power(Integer& result, const Integer& base, const Integer& exponent, const Integer& modulus, size_t zeros) {
    Integer odd;
    Integer power_of_two;
    Integer low;
    Integer inverse;
    mpz_tdiv_q_2exp(odd, modulus, zeros);
    mpz_setbit(power_of_two, zeros);
    power_modulo_power_of_two(low, base, exponent, zeros);
    mpz_powm(result, base, exponent, odd);
    mpz_invert(inverse, odd, power_of_two);
    // result + odd * ((low - result) / odd modulo 2^zeros)
    mpz_sub(low, low, result);
    mpz_mul(low, low, inverse);
    mpz_fdiv_r_2exp(low, low, zeros);
    mpz_addmul(result, low, odd);
}

void power(Integer& result, const Integer& base, const Integer& exponent, const Integer& modulus) {
    if (!exponent.is_zero() && exponent.is_at_most(kSmallExponent)) {
        small_power(result, base, mpz_get_ui(exponent), modulus);
        return;
    }
    const size_t zeros = mpz_scan1(modulus, 0);
    if (zeros > 0 && zeros + kWorthSplitting <= exponent.bit_count())
        split_power(result, base, exponent, modulus, zeros);
    else
        mpz_powm(result, base, exponent, modulus);
}

}  // namespace

bytes modexp(bytes_view base, bytes_view exponent, bytes_view modulus) {
    bytes output(modulus.size(), 0);
    const Integer m{modulus};
    if (m.is_zero()) return output;
    Integer result;
    power(result, Integer{base}, Integer{exponent}, m);
    mpz_export(output.data() + (output.size() - (result.bit_count() + 7) / 8), nullptr, 1, 1, 0, 0, result);
    return output;
}

}  // namespace weft::crypto
