// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/replay_report.hpp"

#include "weft/fixtures/json.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <map>

namespace weft::cli {

namespace {

using fixtures::json_string;
using fixtures::JsonItems;

constexpr std::string_view kUnknownChain = "chain ";

std::string name_of_chain(uint64_t chain_id) {
    switch (chain_id) {
        case 1:
            return "mainnet";
        case 17'000:
            return "holesky";
        case 560'048:
            return "hoodi";
        case 11'155'111:
            return "sepolia";
        default:
            return fmt::format("{}{}", kUnknownChain, chain_id);
    }
}

std::string number_or_dash(const std::optional<double>& value) { return value ? fmt::format("{:.3f}", *value) : "-"; }
std::string number_or_null(const std::optional<double>& value) { return value ? fmt::format("{:.6f}", *value) : "null"; }

/// Mgas/s.
std::optional<double> rate(uint64_t gas, const std::optional<double>& milliseconds) {
    if (!milliseconds || *milliseconds <= 0) return std::nullopt;
    return static_cast<double>(gas) / 1000 / *milliseconds;
}

std::string rate_or_dash(uint64_t gas, const std::optional<double>& milliseconds) {
    const auto value = rate(gas, milliseconds);
    return value ? fmt::format("{:.0f}", *value) : "-";
}

BlockReport total_of(const ReplayReport& report) {
    BlockReport total;
    for (const BlockReport& block : report.blocks) {
        if (block.is_bad_input) continue;
        total.transactions += block.transactions;
        total.gas += block.gas;
        total.load_ms += block.load_ms;
        total.recovery_ms += block.recovery_ms;
        total.reexecutions += block.reexecutions;
        total.repaired += block.repaired;
        if (block.sequential_ms) total.sequential_ms = total.sequential_ms.value_or(0) + *block.sequential_ms;
        if (block.parallel_ms) total.parallel_ms = total.parallel_ms.value_or(0) + *block.parallel_ms;
    }
    return total;
}

std::string row(const std::string& name, const std::string& fork, const BlockReport& block, const std::string& verdict) {
    return fmt::format("{:<28} {:<16} {:>5} {:>9.2f} {:>10} {:>10} {:>8} {:>8} {:>4} {:>8} {:>6} {:>8}  {}\n", name, fork,
                       block.transactions, static_cast<double>(block.gas) / 1e6, number_or_dash(block.sequential_ms),
                       number_or_dash(block.parallel_ms), rate_or_dash(block.gas, block.sequential_ms),
                       rate_or_dash(block.gas, block.parallel_ms), block.workers == 0 ? "-" : fmt::format("{}", block.workers),
                       block.speedup() ? fmt::format("{:.2f}", *block.speedup()) : "-", block.reexecutions, block.repaired, verdict);
}

std::string verdict_of(const BlockReport& block) { return block.verified ? "verified" : block.is_bad_input ? "bad input" : "MISMATCH"; }

/// What one thread needs for one transaction while all of them recover.
double recovery_us_per_transaction(const BlockReport& total, unsigned threads) {
    return total.transactions == 0 ? 0 : total.recovery_ms * 1000 * threads / static_cast<double>(total.transactions);
}

JsonItems json_of(const BlockReport& block) {
    JsonItems json;
    json.add("transactions", fmt::format("{}", block.transactions));
    json.add("gas", fmt::format("{}", block.gas));
    json.add("sequential_ms", number_or_null(block.sequential_ms));
    json.add("parallel_ms", number_or_null(block.parallel_ms));
    json.add("speedup", number_or_null(block.speedup()));
    json.add("workers", block.workers == 0 ? "null" : fmt::format("{}", block.workers));
    json.add("reexecutions", fmt::format("{}", block.reexecutions));
    json.add("repaired", fmt::format("{}", block.repaired));
    json.add("load_ms", fmt::format("{:.6f}", block.load_ms));
    json.add("recovery_ms", fmt::format("{:.6f}", block.recovery_ms));
    return json;
}

}  // namespace

void BlockReport::describe(const fixtures::BlockFile& block) {
    chain = name_of_chain(block.chain_id);
    number = block.header.number;
    fork = block.fork;
    transactions = block.transactions.size();
    gas = block.header.gas_used;
}

std::string BlockReport::name() const {
    if (!chain.empty() && !chain.starts_with(kUnknownChain)) return fmt::format("{} {}", chain, number);
    const std::string name = std::filesystem::path(file).filename().string();
    return name.substr(0, name.find(".json"));
}

std::optional<double> BlockReport::speedup() const {
    if (!sequential_ms || !parallel_ms || *parallel_ms <= 0) return std::nullopt;
    return *sequential_ms / *parallel_ms;
}

std::string to_table(const ReplayReport& report) {
    std::string table = fmt::format("{:<28} {:<16} {:>5} {:>9} {:>10} {:>10} {:>8} {:>8} {:>4} {:>8} {:>6} {:>8}\n", "block", "fork", "txs",
                                    "Mgas", "seq ms", "par ms", "seq MG/s", "par MG/s", "thr", "speed-up", "re-ex", "repaired");
    std::map<std::string, size_t> not_checkable;
    for (const BlockReport& block : report.blocks) {
        table += row(block.name(), block.fork, block, verdict_of(block));
        for (const std::string& field : block.not_checkable) ++not_checkable[field];
    }
    const BlockReport total = total_of(report);
    const auto verified = std::ranges::count_if(report.blocks, &BlockReport::verified);
    table +=
        row(fmt::format("total, {} threads", report.threads), "", total, fmt::format("{} of {} verified", verified, report.blocks.size()));
    table +=
        fmt::format("loading {:.0f} ms, recovery of senders {:.0f} ms ({:.1f} us a transaction and thread){}; {} repetition{}\n",
                    total.load_ms, total.recovery_ms, recovery_us_per_transaction(total, report.threads),
                    report.with_recovery ? ", which the times above include" : "", report.repeat, report.repeat == 1 ? "" : "s, medians");
    for (const auto& [field, count] : not_checkable) table += fmt::format("not checkable in {} blocks: {}\n", count, field);
    return table;
}

std::string to_json(const ReplayReport& report) {
    JsonItems blocks;
    for (const BlockReport& block : report.blocks) {
        JsonItems not_checkable;
        for (const std::string& field : block.not_checkable) not_checkable.add(json_string(field));
        JsonItems json = json_of(block);
        json.add("file", json_string(block.file));
        json.add("chain", json_string(block.chain));
        json.add("number", fmt::format("{}", block.number));
        json.add("fork", json_string(block.fork));
        json.add("verified", block.verified ? "true" : "false");
        json.add("not_checkable", not_checkable.array());
        json.add("error", block.error.empty() ? "null" : json_string(block.error));
        blocks.add(json.object());
    }
    const auto verified = std::ranges::count_if(report.blocks, &BlockReport::verified);
    JsonItems total = json_of(total_of(report));
    total.add("blocks", fmt::format("{}", report.blocks.size()));
    total.add("verified", fmt::format("{}", verified));
    JsonItems json;
    json.add("threads", fmt::format("{}", report.threads));
    json.add("mode", json_string(report.mode));
    json.add("repeat", fmt::format("{}", report.repeat));
    json.add("with_recovery", report.with_recovery ? "true" : "false");
    json.add("blocks", blocks.array());
    json.add("total", total.object());
    return json.object() + "\n";
}

}  // namespace weft::cli
