// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//
// Each operation of uint256 over operands of given widths, in bits. Each result decides which operands come next, so that the
// time is the whole way from operands to result, as a contract that computes with its results sees it.
#include "weft/base/uint256.hpp"

#include <benchmark/benchmark.h>

#include <random>

namespace weft {
namespace {

constexpr size_t kOperands = 256;
using Operands = std::array<uint256, kOperands>;

/// Numbers with exactly `bits` bits.
Operands operands_of(int64_t bits, uint64_t seed) {
    std::mt19937_64 random(seed);
    Operands operands;
    for (uint256& value : operands) {
        value = {random(), random(), random(), random()};
        value.w[3] |= uint64_t{1} << 63;
        value = bits == 0 ? uint256{} : value >> static_cast<uint64_t>(256 - bits);
    }
    return operands;
}

template <auto Operation>
void binary(benchmark::State& state) {
    const Operands a = operands_of(state.range(0), 1);
    const Operands b = operands_of(state.range(1), 2);
    size_t i = 0;
    for (auto _ : state) {
        uint256 result = Operation(a[i], b[i]);
        benchmark::DoNotOptimize(result);
        i = (i + 1 + (result.w[0] & 1)) % kOperands;
    }
    benchmark::DoNotOptimize(i);
}

template <auto Operation>
void ternary(benchmark::State& state) {
    const Operands a = operands_of(state.range(0), 1);
    const Operands b = operands_of(state.range(1), 2);
    const Operands c = operands_of(state.range(2), 3);
    size_t i = 0;
    for (auto _ : state) {
        uint256 result = Operation(a[i], b[i], c[i]);
        benchmark::DoNotOptimize(result);
        i = (i + 1 + (result.w[0] & 1)) % kOperands;
    }
    benchmark::DoNotOptimize(i);
}

uint256 add(const uint256& a, const uint256& b) noexcept { return a + b; }
uint256 mul(const uint256& a, const uint256& b) noexcept { return a * b; }
uint256 div(const uint256& a, const uint256& b) noexcept { return a / b; }
uint256 mod(const uint256& a, const uint256& b) noexcept { return a % b; }
uint256 negated_sdiv(const uint256& a, const uint256& b) noexcept { return sdiv(-a, b); }
uint256 negated_smod(const uint256& a, const uint256& b) noexcept { return smod(-a, b); }
uint256 div_by_power_of_two(const uint256& a, const uint256& /*b*/) noexcept { return a / uint256{0, 0, 0, uint64_t{1} << 32}; }
uint256 mulmod_by_largest(const uint256& a, const uint256& b) noexcept { return mulmod(a, b, ~uint256{}); }
uint256 shl(const uint256& a, const uint256& b) noexcept { return b.fits_u64() ? a << b.w[0] : uint256{}; }
uint256 shr(const uint256& a, const uint256& b) noexcept { return b.fits_u64() ? a >> b.w[0] : uint256{}; }
uint256 byte_of(const uint256& a, const uint256& b) noexcept { return byte_at(b, a); }
uint256 sign_extended(const uint256& a, const uint256& b) noexcept { return signextend(b, a); }
uint256 power_of_ten(const uint256& /*a*/, const uint256& b) noexcept { return exp(10, b); }
uint256 power_of_two(const uint256& /*a*/, const uint256& b) noexcept { return exp(2, b); }
uint256 power_of_256(const uint256& /*a*/, const uint256& b) noexcept { return exp(256, b); }

BENCHMARK(binary<add>)->Name("add")->Args({256, 256});
BENCHMARK(binary<mul>)->Name("mul")->Args({60, 60})->Args({128, 64})->Args({256, 256});
#define WEFT_DIVISION(operation) \
    BENCHMARK(binary<operation>) \
        ->Name(#operation)       \
        ->Args({60, 30})         \
        ->Args({128, 60})        \
        ->Args({256, 60})        \
        ->Args({128, 128})       \
        ->Args({192, 100})       \
        ->Args({256, 128})       \
        ->Args({256, 190})       \
        ->Args({256, 250})       \
        ->Args({100, 200})
WEFT_DIVISION(div);
WEFT_DIVISION(mod);
BENCHMARK(binary<negated_sdiv>)->Name("sdiv")->Args({60, 30})->Args({250, 128});
BENCHMARK(binary<negated_smod>)->Name("smod")->Args({60, 30})->Args({250, 128});
BENCHMARK(ternary<addmod>)
    ->Name("addmod")
    ->Args({60, 60, 64})
    ->Args({250, 250, 255})
    ->Args({256, 256, 256})
    ->Args({256, 256, 128})
    ->Args({256, 256, 60});
BENCHMARK(ternary<mulmod>)
    ->Name("mulmod")
    ->Args({30, 30, 60})
    ->Args({60, 60, 60})
    ->Args({128, 128, 60})
    ->Args({128, 128, 128})
    ->Args({256, 256, 60})
    ->Args({256, 256, 128})
    ->Args({256, 256, 190})
    ->Args({256, 256, 256})
    ->Args({128, 100, 250});
BENCHMARK(binary<div_by_power_of_two>)->Name("div_by_power_of_two")->Args({256, 0});
BENCHMARK(binary<mulmod_by_largest>)->Name("mulmod_by_2^256-1")->Args({256, 256});
BENCHMARK(binary<exp>)->Name("exp")->Args({256, 2})->Args({256, 8})->Args({60, 64})->Args({256, 256});
BENCHMARK(binary<power_of_ten>)->Name("exp_of_10")->Args({0, 5});
BENCHMARK(binary<power_of_two>)->Name("exp_of_2")->Args({0, 8});
BENCHMARK(binary<power_of_256>)->Name("exp_of_256")->Args({0, 5});
BENCHMARK(binary<shl>)->Name("shl")->Args({256, 8});
BENCHMARK(binary<shr>)->Name("shr")->Args({256, 8});
BENCHMARK(binary<[](const uint256& a, const uint256& b) noexcept { return sar(a, b); }>)->Name("sar")->Args({256, 8});
BENCHMARK(binary<byte_of>)->Name("byte")->Args({256, 5});
BENCHMARK(binary<sign_extended>)->Name("signextend")->Args({256, 5});

}  // namespace
}  // namespace weft
