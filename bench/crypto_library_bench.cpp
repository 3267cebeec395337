// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//
// What the libraries take for the work of crypto_bench.cpp: each benchmark bears the name of ours, then "library". Ours do more where
// precompiled contracts ask for it: decoding, checks of subgroups, hashing of keys.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "weft/base/assert.hpp"
#include "weft/base/bytes.hpp"

#include <benchmark/benchmark.h>
#include <blst.h>
#include <gmp.h>
#include <openssl/bn.h>
#include <openssl/ecdsa.h>
#include <openssl/evp.h>
#include <openssl/obj_mac.h>
#include <openssl/ripemd.h>
#include <openssl/sha.h>
#include <secp256k1.h>
#include <secp256k1_recovery.h>

#include <vector>

namespace weft::crypto {
namespace {

/// SHA3-256 differs from Keccak-256 in one byte of padding.
void openssl_keccak(benchmark::State& state) {
    const bytes data(static_cast<size_t>(state.range(0)), 0xa5);
    EVP_MD* const algorithm = EVP_MD_fetch(nullptr, "SHA3-256", nullptr);
    EVP_MD_CTX* const context = EVP_MD_CTX_new();
    WEFT_ASSERT(algorithm != nullptr && context != nullptr);
    uint8_t digest[32];
    for (auto _ : state) {
        unsigned size = 0;
        EVP_DigestInit_ex2(context, algorithm, nullptr);
        EVP_DigestUpdate(context, data.data(), data.size());
        EVP_DigestFinal_ex(context, digest, &size);
        benchmark::DoNotOptimize(digest);
    }
    EVP_MD_CTX_free(context);
    EVP_MD_free(algorithm);
}
BENCHMARK(openssl_keccak)->Name("keccak256/library")->Arg(32)->Arg(64)->Arg(136)->Arg(1024);

template <auto Hash>
void openssl_hash(benchmark::State& state) {
    const bytes data(static_cast<size_t>(state.range(0)), 0xa5);
    uint8_t digest[32];
    for (auto _ : state) {
        Hash(data.data(), data.size(), digest);
        benchmark::DoNotOptimize(digest);
    }
}
BENCHMARK(openssl_hash<SHA256>)->Name("sha256/library")->Arg(64)->Arg(1024);
BENCHMARK(openssl_hash<RIPEMD160>)->Name("ripemd160/library")->Arg(64)->Arg(1024);

void libsecp256k1_recover(benchmark::State& state) {
    secp256k1_context* const context = secp256k1_context_create(SECP256K1_CONTEXT_SIGN);
    uint8_t digest[32] = {1};
    secp256k1_ecdsa_recoverable_signature signature;
    WEFT_ASSERT(secp256k1_ecdsa_sign_recoverable(context, &signature, digest, digest, nullptr, nullptr) == 1);
    secp256k1_pubkey key;
    for (auto _ : state) benchmark::DoNotOptimize(secp256k1_ecdsa_recover(context, &key, &signature, digest));
    secp256k1_context_destroy(context);
}
BENCHMARK(libsecp256k1_recover)->Name("secp256k1_recover/library");

void openssl_p256(benchmark::State& state) {
    EC_KEY* const key = EC_KEY_new_by_curve_name(NID_X9_62_prime256v1);
    WEFT_ASSERT(EC_KEY_generate_key(key) == 1);
    const uint8_t digest[32] = {1};
    ECDSA_SIG* const signature = ECDSA_do_sign(digest, sizeof(digest), key);
    for (auto _ : state) benchmark::DoNotOptimize(ECDSA_do_verify(digest, sizeof(digest), signature, key));
    ECDSA_SIG_free(signature);
    EC_KEY_free(key);
}
BENCHMARK(openssl_p256)->Name("p256_verify/library");

/// Numbers as in crypto_bench.cpp.
struct PowerOperands {
    explicit PowerOperands(const benchmark::State& state)
        : base(static_cast<size_t>(state.range(0)), 0xb7),
          exponent(static_cast<size_t>(state.range(1)), 0xff),
          modulus(static_cast<size_t>(state.range(0)), 0xd3) {
        modulus.back() = static_cast<uint8_t>(state.range(2));
    }
    bytes base;
    bytes exponent;
    bytes modulus;
};

void gmp_modexp(benchmark::State& state) {
    const PowerOperands operands(state);
    mpz_t base, exponent, modulus, result;
    mpz_inits(base, exponent, modulus, result, nullptr);
    mpz_import(base, operands.base.size(), 1, 1, 0, 0, operands.base.data());
    mpz_import(exponent, operands.exponent.size(), 1, 1, 0, 0, operands.exponent.data());
    mpz_import(modulus, operands.modulus.size(), 1, 1, 0, 0, operands.modulus.data());
    for (auto _ : state) mpz_powm(result, base, exponent, modulus);
    mpz_clears(base, exponent, modulus, result, nullptr);
}

void openssl_modexp(benchmark::State& state) {
    const PowerOperands operands(state);
    BN_CTX* const context = BN_CTX_new();
    BIGNUM* const base = BN_bin2bn(operands.base.data(), static_cast<int>(operands.base.size()), nullptr);
    BIGNUM* const exponent = BN_bin2bn(operands.exponent.data(), static_cast<int>(operands.exponent.size()), nullptr);
    BIGNUM* const modulus = BN_bin2bn(operands.modulus.data(), static_cast<int>(operands.modulus.size()), nullptr);
    BIGNUM* const result = BN_new();
    for (auto _ : state) benchmark::DoNotOptimize(BN_mod_exp(result, base, exponent, modulus, context));
    for (BIGNUM* number : {base, exponent, modulus, result}) BN_free(number);
    BN_CTX_free(context);
}

void modexp_sizes(benchmark::internal::Benchmark* benchmark) {
    for (const int64_t last : {0xd3, 0xd0})
        for (const auto& [size, exponent] : std::vector<std::pair<int64_t, int64_t>>{{32, 32}, {256, 3}, {256, 256}, {1024, 32}})
            benchmark->Args({size, exponent, last});
}
BENCHMARK(gmp_modexp)->Name("modexp/library_gmp")->Apply(modexp_sizes);
BENCHMARK(openssl_modexp)->Name("modexp/library_openssl")->Apply(modexp_sizes);

/// Multiples of the generator.
std::vector<blst_p1_affine> g1_points(size_t count) {
    std::vector<blst_p1_affine> points(count);
    blst_p1 next = *blst_p1_generator();
    for (blst_p1_affine& point : points) {
        blst_p1_to_affine(&point, &next);
        blst_p1_add_or_double_affine(&next, &next, blst_p1_affine_generator());
    }
    return points;
}

void blst_g1_msm(benchmark::State& state) {
    const auto points = g1_points(static_cast<size_t>(state.range(0)));
    const bytes scalars(32 * points.size(), 0x71);
    std::vector<limb_t> scratch(blst_p1s_mult_pippenger_scratch_sizeof(points.size()) / sizeof(limb_t));
    const blst_p1_affine* const point_list[] = {points.data(), nullptr};
    const uint8_t* const scalar_list[] = {scalars.data(), nullptr};
    blst_p1 sum;
    for (auto _ : state) blst_p1s_mult_pippenger(&sum, point_list, points.size(), scalar_list, 256, scratch.data());
}
BENCHMARK(blst_g1_msm)->Name("bls12_g1_msm/library")->Arg(1)->Arg(16)->Arg(128);

void blst_pairing_product(benchmark::State& state) {
    const auto left = g1_points(static_cast<size_t>(state.range(0)));
    const std::vector<blst_p2_affine> right(left.size(), *blst_p2_affine_generator());
    const blst_p1_affine* const left_list[] = {left.data(), nullptr};
    const blst_p2_affine* const right_list[] = {right.data(), nullptr};
    blst_fp12 product;
    for (auto _ : state) {
        blst_miller_loop_n(&product, right_list, left_list, left.size());
        blst_final_exp(&product, &product);
    }
}
BENCHMARK(blst_pairing_product)->Name("bls12_pairing/library")->Arg(1)->Arg(2)->Arg(8);

}  // namespace
}  // namespace weft::crypto
