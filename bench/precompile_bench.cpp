// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/hex.hpp"
#include "weft/evm/precompiles/precompiles.hpp"
#include "weft/fixtures/file.hpp"
#include "weft/json/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>

/// `precompile_bench BUDGET_MS FILE` calls precompiled contracts directly, gas included, and prints median times as JSON. FILE is
/// a list of {name, address, input}.
namespace weft {
namespace {

using Clock = std::chrono::steady_clock;

/// Nanoseconds that one sample takes at least: enough for the clock.
constexpr double kSample = 20'000;

struct Case {
    std::string name;
    uint64_t address = 0;
    bytes input;
};

struct Call {
    const evm::Precompile& contract;
    bytes_view input;
    bytes output{};
    uint64_t gas = 0;
    bool success = false;

    void operator()() {
        gas += contract.gas(input, types::Revision::Osaka);
        success = contract.run(input, output);
    }
};

double nanoseconds_of(Call& call, size_t calls) {
    const Clock::time_point start = Clock::now();
    for (size_t i = 0; i < calls; ++i) call();
    return std::chrono::duration<double, std::nano>(Clock::now() - start).count() / static_cast<double>(calls);
}

double measure(Call& call, double budget_ms) {
    call();
    const double first = std::max(nanoseconds_of(call, 1), 1.0);
    const auto calls = static_cast<size_t>(std::clamp(kSample / first, 1.0, 10'000.0));
    const double wanted = std::clamp(budget_ms * 1e6 / (first * static_cast<double>(calls)), 5.0, 1000.0);
    std::vector<double> samples(static_cast<size_t>(wanted));
    std::ranges::generate(samples, [&] { return nanoseconds_of(call, calls); });
    std::ranges::sort(samples);
    return samples[samples.size() / 2];
}

Result<std::vector<Case>> read_cases(const char* path) {
    const auto text = fixtures::read_file(path);
    if (!text) return std::unexpected(text.error());
    const auto document = json::JsonDocument::parse(*text);
    if (!document) return std::unexpected(document.error());
    std::vector<Case> cases;
    document->root().for_each([&](const json::Json& item) {
        cases.push_back({std::string(item["name"].string()), item["address"].number(), item["input"].data()});
    });
    if (document->errors().any()) return fail(document->errors().first());
    return cases;
}

int run(std::span<char*> arguments) {
    double budget_ms = 0;
    if (arguments.size() != 2 || std::from_chars(arguments[0], arguments[0] + std::strlen(arguments[0]), budget_ms).ec != std::errc{}) {
        fmt::print(stderr, "usage: precompile_bench BUDGET_MS FILE\n");
        return 2;
    }
    const auto cases = read_cases(arguments[1]);
    if (!cases) {
        fmt::print(stderr, "precompile_bench: {}: {}\n", arguments[1], cases.error().message);
        return 2;
    }
    json::JsonItems reports;
    for (const Case& item : *cases) {
        const auto contracts = evm::all_precompiles();
        const auto contract = std::ranges::find(contracts, item.address, &evm::Precompile::number);
        if (contract == contracts.end()) {
            fmt::print(stderr, "precompile_bench: no contract at {}\n", item.address);
            return 2;
        }
        Call call{.contract = *contract, .input = item.input};
        const double nanoseconds = measure(call, budget_ms);
        json::JsonItems json;
        json.add("name", json::json_string(item.name));
        json.add("ns", fmt::format("{:.1f}", nanoseconds));
        json.add("success", call.success ? "true" : "false");
        json.add("output", json::json_string(to_hex(call.output).substr(2)));
        reports.add(json.object());
    }
    fmt::print("{}\n", reports.array());
    return 0;
}

}  // namespace
}  // namespace weft

int main(int argc, char** argv) { return weft::run({argv + 1, static_cast<size_t>(argc - 1)}); }
