// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <array>
#include <cstdint>

/// The two Montgomery products of bn254_field.hpp for processors with BMI2 and ADX: the same operand scanning, but with
/// the two carry chains of adcx and adox beside each other, which no compiler writes by itself. Unoptimised builds do
/// without: they have no register left for a thirteenth operand.
#if defined(__x86_64__) && defined(__OPTIMIZE__)
#define WEFT_BN254_ADX 1

namespace weft::crypto::bn254 {

/// p and -p^-1 modulo 2^64 in the order in which the code below reads them.
struct MontgomeryConstants {
    std::array<uint64_t, 4> p;
    uint64_t minus_inverse;
};

// Rows work on the sum t0 to t4; %[low] and %[high] are scratch, rdx holds the multiplier.

/// t0..t4 = factor * word
#define WEFT_BN254_FIRST_ROW(factor, word) \
    "movq " word                           \
    ", %%rdx\n\t"                          \
    "xorl %k[low], %k[low]\n\t"            \
    "mulxq 0(%[" factor                    \
    "]), %[t0], %[t1]\n\t"                 \
    "mulxq 8(%[" factor                    \
    "]), %[low], %[t2]\n\t"                \
    "adcxq %[low], %[t1]\n\t"              \
    "mulxq 16(%[" factor                   \
    "]), %[low], %[t3]\n\t"                \
    "adcxq %[low], %[t2]\n\t"              \
    "mulxq 24(%[" factor                   \
    "]), %[low], %[t4]\n\t"                \
    "adcxq %[low], %[t3]\n\t"              \
    "adcq $0, %[t4]\n\t"

/// t0..t3 += factor * word; `top` receives the rest.
#define WEFT_BN254_ADD_ROW(factor, word, top) \
    "movq " word                              \
    ", %%rdx\n\t"                             \
    "xorl %k[low], %k[low]\n\t"               \
    "mulxq 0(%[" factor                       \
    "]), %[low], %[high]\n\t"                 \
    "adoxq %[low], %[t0]\n\t"                 \
    "adcxq %[high], %[t1]\n\t"                \
    "mulxq 8(%[" factor                       \
    "]), %[low], %[high]\n\t"                 \
    "adoxq %[low], %[t1]\n\t"                 \
    "adcxq %[high], %[t2]\n\t"                \
    "mulxq 16(%[" factor                      \
    "]), %[low], %[high]\n\t"                 \
    "adoxq %[low], %[t2]\n\t"                 \
    "adcxq %[high], %[t3]\n\t"                \
    "mulxq 24(%[" factor "]), %[low], %[" top \
    "]\n\t"                                   \
    "adoxq %[low], %[t3]\n\t"                 \
    "movl $0, %k[low]\n\t"                    \
    "adcxq %[low], %[" top                    \
    "]\n\t"                                   \
    "adoxq %[low], %[" top "]\n\t"

/// t0..t3 = (t0..t4 + m p) / 2^64 with the m that makes the division exact.
#define WEFT_BN254_REDUCE                        \
    "movq 32(%[constants]), %%rdx\n\t"           \
    "imulq %[t0], %%rdx\n\t"                     \
    "xorl %k[low], %k[low]\n\t"                  \
    "mulxq 0(%[constants]), %[low], %[high]\n\t" \
    "adcxq %[t0], %[low]\n\t"                    \
    "movq %[high], %[t0]\n\t"                    \
    "adcxq %[t1], %[t0]\n\t"                     \
    "mulxq 8(%[constants]), %[low], %[t1]\n\t"   \
    "adoxq %[low], %[t0]\n\t"                    \
    "adcxq %[t2], %[t1]\n\t"                     \
    "mulxq 16(%[constants]), %[low], %[t2]\n\t"  \
    "adoxq %[low], %[t1]\n\t"                    \
    "adcxq %[t3], %[t2]\n\t"                     \
    "mulxq 24(%[constants]), %[low], %[t3]\n\t"  \
    "adoxq %[low], %[t2]\n\t"                    \
    "movl $0, %k[low]\n\t"                       \
    "adcxq %[low], %[t3]\n\t"                    \
    "adoxq %[t4], %[t3]\n\t"

#define WEFT_BN254_PRODUCT_STEP(offset) WEFT_BN254_ADD_ROW("a", offset "(%[b])", "t4") WEFT_BN254_REDUCE

#define WEFT_BN254_SUM_STEP(offset)                  \
    WEFT_BN254_ADD_ROW("a", offset "(%[b])", "t4")   \
    WEFT_BN254_ADD_ROW("c", offset "(%[d])", "high") \
    "addq %[high], %[t4]\n\t" WEFT_BN254_REDUCE

/// a * b / 2^256 modulo p, below 2p, for factors up to 2p.
[[gnu::always_inline]] inline std::array<uint64_t, 4> product_adx(const std::array<uint64_t, 4>& a, const std::array<uint64_t, 4>& b,
                                                                  const MontgomeryConstants& constants) noexcept {
    uint64_t t0, t1, t2, t3, t4, low, high;
    asm(WEFT_BN254_FIRST_ROW("a", "0(%[b])") WEFT_BN254_REDUCE                                        //
            WEFT_BN254_PRODUCT_STEP("8") WEFT_BN254_PRODUCT_STEP("16") WEFT_BN254_PRODUCT_STEP("24")  //
        : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4), [low] "=&r"(low), [high] "=&r"(high)
        : [a] "r"(&a), [b] "r"(&b), [constants] "r"(&constants), "m"(constants), "m"(a), "m"(b)
        : "rdx", "cc");
    return {t0, t1, t2, t3};
}

/// (a * b + c * d) / 2^256 modulo p, below 2p, for factors up to p.
[[gnu::always_inline]] inline std::array<uint64_t, 4> sum_of_products_adx(const std::array<uint64_t, 4>& a,
                                                                          const std::array<uint64_t, 4>& b,
                                                                          const std::array<uint64_t, 4>& c,
                                                                          const std::array<uint64_t, 4>& d,
                                                                          const MontgomeryConstants& constants) noexcept {
    uint64_t t0, t1, t2, t3, t4, low, high;
    asm(WEFT_BN254_FIRST_ROW("a", "0(%[b])") WEFT_BN254_ADD_ROW("c", "0(%[d])", "high")   //
        "addq %[high], %[t4]\n\t" WEFT_BN254_REDUCE                                       //
            WEFT_BN254_SUM_STEP("8") WEFT_BN254_SUM_STEP("16") WEFT_BN254_SUM_STEP("24")  //
        : [t0] "=&r"(t0), [t1] "=&r"(t1), [t2] "=&r"(t2), [t3] "=&r"(t3), [t4] "=&r"(t4), [low] "=&r"(low), [high] "=&r"(high)
        : [a] "r"(&a), [b] "r"(&b), [c] "r"(&c), [d] "r"(&d), [constants] "r"(&constants), "m"(constants), "m"(a), "m"(b), "m"(c), "m"(d)
        : "rdx", "cc");
    return {t0, t1, t2, t3};
}

#undef WEFT_BN254_FIRST_ROW
#undef WEFT_BN254_ADD_ROW
#undef WEFT_BN254_REDUCE
#undef WEFT_BN254_PRODUCT_STEP
#undef WEFT_BN254_SUM_STEP

}  // namespace weft::crypto::bn254

#endif
