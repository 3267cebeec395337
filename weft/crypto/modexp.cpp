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

    [[nodiscard]] mpz_ptr get() { return value_; }
    [[nodiscard]] bool is_zero() const { return mpz_sgn(value_) == 0; }
    /// Bytes without leading zeros; none for zero.
    [[nodiscard]] size_t byte_count() const { return is_zero() ? 0 : (mpz_sizeinbase(value_, 2) + 7) / 8; }

  private:
    mpz_t value_;
};

}  // namespace

bytes modexp(bytes_view base, bytes_view exponent, bytes_view modulus) {
    bytes output(modulus.size(), 0);
    Integer m{modulus};
    if (m.is_zero()) return output;
    Integer b{base};
    Integer e{exponent};
    Integer result;
    mpz_powm(result.get(), b.get(), e.get(), m.get());
    mpz_export(output.data() + (output.size() - result.byte_count()), nullptr, 1, 1, 0, 0, result.get());
    return output;
}

}  // namespace weft::crypto
