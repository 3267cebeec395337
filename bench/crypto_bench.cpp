// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/assert.hpp"
#include "weft/base/hex.hpp"
#include "weft/crypto/blake2f.hpp"
#include "weft/crypto/bls12_381.hpp"
#include "weft/crypto/bn254.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/crypto/keccak_lanes.hpp"
#include "weft/crypto/kzg.hpp"
#include "weft/crypto/modexp.hpp"
#include "weft/crypto/p256.hpp"
#include "weft/crypto/ripemd160.hpp"
#include "weft/crypto/secp256k1.hpp"
#include "weft/crypto/sha256.hpp"

#include <benchmark/benchmark.h>

#include <string>
#include <string_view>
#include <vector>

namespace weft::crypto {
namespace {

template <auto Hash>
void hash(benchmark::State& state) {
    const bytes data(static_cast<size_t>(state.range(0)), 0xa5);
    for (auto _ : state) benchmark::DoNotOptimize(Hash(data));
    state.SetBytesProcessed(state.iterations() * state.range(0));
}
BENCHMARK(hash<keccak256>)->Name("keccak256")->Arg(32)->Arg(64)->Arg(136)->Arg(1024);

/// A permutation of Keccak on one state, by each way that this processor has.
void register_keccak_permutations() {
    for (const keccak::Permutation& permutation : keccak::permutations()) {
        const auto name = "keccak_permutation/" + std::string(permutation.name);
        benchmark::RegisterBenchmark(name.c_str(), [permute = permutation.permute](benchmark::State& state) {
            uint64_t words[keccak::kWords] = {1};
            for (auto _ : state) {
                permute(words);
                benchmark::DoNotOptimize(words);
            }
        });
    }
}
[[maybe_unused]] const bool kKeccakPermutationsAreRegistered = (register_keccak_permutations(), true);

/// Messages of one length, hashed 64 at a time by each implementation that this processor has: the time of each is that of 64 hashes.
void register_keccak_batches() {
    for (const keccak::Implementation& implementation : keccak::implementations()) {
        const auto name = "keccak256_batch/" + std::string(implementation.name);
        const auto run = [hash = implementation.hash](benchmark::State& state) {
            const bytes data(static_cast<size_t>(state.range(0)), 0xa5);
            const std::vector<bytes_view> messages(64, data);
            std::vector<hash32> digests(messages.size());
            for (auto _ : state) {
                hash(messages, digests);
                benchmark::DoNotOptimize(digests.data());
                benchmark::ClobberMemory();
            }
            state.SetItemsProcessed(state.iterations() * static_cast<int64_t>(messages.size()));
        };
        // A key of a trie, a leaf of an account, a full branch.
        benchmark::RegisterBenchmark(name.c_str(), run)->Arg(32)->Arg(104)->Arg(532);
    }
}
[[maybe_unused]] const bool kKeccakBatchesAreRegistered = (register_keccak_batches(), true);

BENCHMARK(hash<sha256>)->Name("sha256")->Arg(64)->Arg(1024);
BENCHMARK(hash<ripemd160>)->Name("ripemd160")->Arg(64)->Arg(1024);

void blake2f_rounds(benchmark::State& state) {
    std::array<uint64_t, 8> h{};
    const std::array<uint64_t, 16> m{1, 2, 3};
    for (auto _ : state) {
        blake2f(static_cast<uint32_t>(state.range(0)), h, m, {3, 0}, true);
        benchmark::DoNotOptimize(h);
    }
}
BENCHMARK(blake2f_rounds)->Name("blake2f")->Arg(12)->Arg(10000);

void recover(benchmark::State& state) {
    const hash32 digest = keccak256({});
    const auto signature = sign(digest, digest);
    WEFT_ASSERT(signature);
    for (auto _ : state) benchmark::DoNotOptimize(recover_address(digest, signature->r, signature->s, signature->y_parity));
}
BENCHMARK(recover)->Name("secp256k1_recover");

uint256 word(std::string_view hex) { return to_uint256(*fixed_from_hex<hash32>(hex)); }

/// RFC 6979, appendix A.2.5.
void p256(benchmark::State& state) {
    const auto digest = to_hash32(word("af2bdbe1aa9b6ec1e2ade1d694f41fc71a831d0268e9891562113d8a62add1bf"));
    const uint256 x = word("60fed4ba255a9d31c961eb74c6356d68c049b8923b61fa6ce669622e60f29fb6");
    const uint256 y = word("7903fe1008b8bc99a41ae9e95628bc64f2f1b20c2d7e9f5177a3c294d4462299");
    const uint256 r = word("efd48b2aacb6a8fd1140dd9cd45e81d69d2c877b56aaf991c34d0ea84eaf3716");
    const uint256 s = word("f7cb1c942d657c41d436c7a1b6e29f65f3e900dbb9aff4064dc4ab2f843acda8");
    WEFT_ASSERT(p256_verify(digest, r, s, x, y));
    for (auto _ : state) benchmark::DoNotOptimize(p256_verify(digest, r, s, x, y));
}
BENCHMARK(p256)->Name("p256_verify");

/// Arguments: bytes of base and modulus, bytes of the exponent, and the last byte of the modulus (odd or even).
void modexp_sizes(benchmark::State& state) {
    const bytes base(static_cast<size_t>(state.range(0)), 0xb7);
    const bytes exponent(static_cast<size_t>(state.range(1)), 0xff);
    bytes modulus(static_cast<size_t>(state.range(0)), 0xd3);
    modulus.back() = static_cast<uint8_t>(state.range(2));
    for (auto _ : state) benchmark::DoNotOptimize(modexp(base, exponent, modulus));
}
BENCHMARK(modexp_sizes)
    ->Name("modexp")
    ->ArgsProduct({{32}, {32}, {0xd3, 0xd0}})
    ->ArgsProduct({{256}, {3, 256}, {0xd3, 0xd0}})
    ->ArgsProduct({{1024}, {32}, {0xd3, 0xd0}});

/// The image of a small number: a point of the subgroup that is not the generator.
template <auto Map, size_t Size>
auto point(uint8_t seed) {
    std::array<uint8_t, Size> element{};
    element.back() = seed;
    return *Map(element);
}
Bls12G1 g1_point(uint8_t seed) { return point<bls12_map_fp_to_g1, kBls12FpSize>(seed); }
Bls12G2 g2_point(uint8_t seed) { return point<bls12_map_fp2_to_g2, kBls12Fp2Size>(seed); }

void append(bytes& out, bytes_view part) { out.insert(out.end(), part.begin(), part.end()); }

template <auto Operation, auto Point>
void bls12_add(benchmark::State& state) {
    bytes input;
    append(input, Point(1));
    append(input, Point(2));
    for (auto _ : state) benchmark::DoNotOptimize(Operation(input));
}
BENCHMARK(bls12_add<bls12_g1_add, g1_point>)->Name("bls12_g1_add");
BENCHMARK(bls12_add<bls12_g2_add, g2_point>)->Name("bls12_g2_add");

template <auto Operation, auto Point>
void bls12_msm(benchmark::State& state) {
    bytes input;
    for (int64_t i = 0; i < state.range(0); ++i) {
        append(input, Point(static_cast<uint8_t>(i)));
        append(input, keccak256(input));
    }
    for (auto _ : state) benchmark::DoNotOptimize(Operation(input));
}
BENCHMARK(bls12_msm<bls12_g1_msm, g1_point>)->Name("bls12_g1_msm")->Arg(1)->Arg(16)->Arg(128);
BENCHMARK(bls12_msm<bls12_g2_msm, g2_point>)->Name("bls12_g2_msm")->Arg(1)->Arg(16)->Arg(128);

void bls12_pairing(benchmark::State& state) {
    bytes input;
    for (int64_t i = 0; i < state.range(0); ++i) {
        append(input, g1_point(static_cast<uint8_t>(i)));
        append(input, g2_point(static_cast<uint8_t>(i)));
    }
    WEFT_ASSERT(bls12_pairing_check(input).has_value());
    for (auto _ : state) benchmark::DoNotOptimize(bls12_pairing_check(input));
}
BENCHMARK(bls12_pairing)->Arg(1)->Arg(2)->Arg(8);

void bls12_map_g1(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(g1_point(1));
}
BENCHMARK(bls12_map_g1);

void bls12_map_g2(benchmark::State& state) {
    for (auto _ : state) benchmark::DoNotOptimize(g2_point(1));
}
BENCHMARK(bls12_map_g2);

/// Coordinates of alt_bn128's generators (EIP-197), encoded as the precompiled contracts take them.
constexpr std::string_view kBn254Pair =
    "0000000000000000000000000000000000000000000000000000000000000001"
    "0000000000000000000000000000000000000000000000000000000000000002"
    "198e9393920d483a7260bfb731fb5d25f1aa493335a9e71297e485b7aef312c2"
    "1800deef121f1e76426a00665e5c4479674322d4f75edadd46debd5cd992f6ed"
    "090689d0585ff075ec9e99ad690c3395bc4b313370b38ef355acdadcd122975b"
    "12c85ea5db8c6deb4aab71808dcb408fe3d1e7690c43d37b4ce6cc0166fa7daa";

void bn254_pairing(benchmark::State& state) {
    const bytes pair = *from_hex(kBn254Pair);
    bytes input;
    for (int64_t i = 0; i < state.range(0); ++i) append(input, pair);
    WEFT_ASSERT(bn254::pairing_check(input).has_value());
    for (auto _ : state) benchmark::DoNotOptimize(bn254::pairing_check(input));
}
BENCHMARK(bn254_pairing)->Arg(1)->Arg(2)->Arg(8);

void bn254_mul(benchmark::State& state) {
    bytes input = *from_hex(kBn254Pair.substr(0, 128));
    append(input, keccak256({}));
    std::array<uint8_t, 64> output{};
    for (auto _ : state) {
        benchmark::DoNotOptimize(bn254::mul(output, std::span<const uint8_t, 96>(input)));
        benchmark::DoNotOptimize(output);
    }
}
BENCHMARK(bn254_mul);

/// The statement is false, but the check runs to its end: only malformed input leaves it early.
void kzg(benchmark::State& state) {
    const auto generator =
        *fixed_from_hex<KzgPoint>("97f1d3a73197d7942695638c4fa9ac0fc3688c4f9774b905a14e3a3f171bac586c55e83ff97a1aeffb3af00adb22c6bb");
    const auto z = to_hash32(word("1234567890123456789012345678901234567890123456789012345678901234"));
    for (auto _ : state) benchmark::DoNotOptimize(verify_kzg_proof(generator, z, z, generator));
}
BENCHMARK(kzg)->Name("verify_kzg_proof");

}  // namespace
}  // namespace weft::crypto
