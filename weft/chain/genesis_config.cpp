// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/chain/genesis_config.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <cctype>
#include <iterator>
#include <string>
#include <string_view>
#include <utility>

namespace weft::chain {
namespace {

using json::Json;
using types::Revision;

/// A block number of `config` at which something changes. In the order in which they have to ascend.
struct BlockKey {
    std::string_view key;
    std::optional<Revision> revision{};
    /// The bomb looks back this far from then on; 0: as before.
    uint64_t bomb_delay = 0;
    /// Later forks may be scheduled without it.
    bool is_optional = false;
};
constexpr BlockKey kBlockKeys[] = {
    {.key = "homesteadBlock", .revision = Revision::Homestead},
    {.key = "daoForkBlock", .is_optional = true},
    {.key = "eip150Block", .revision = Revision::TangerineWhistle},
    {.key = "eip155Block"},
    {.key = "eip158Block", .revision = Revision::SpuriousDragon},
    {.key = "byzantiumBlock", .revision = Revision::Byzantium, .bomb_delay = 3'000'000},
    {.key = "constantinopleBlock", .revision = Revision::Constantinople, .bomb_delay = 5'000'000},
    {.key = "petersburgBlock", .revision = Revision::Petersburg, .is_optional = true},
    {.key = "istanbulBlock", .revision = Revision::Istanbul},
    {.key = "muirGlacierBlock", .bomb_delay = 9'000'000, .is_optional = true},
    {.key = "berlinBlock", .revision = Revision::Berlin},
    {.key = "londonBlock", .revision = Revision::London, .bomb_delay = 9'700'000},
    {.key = "arrowGlacierBlock", .bomb_delay = 10'700'000, .is_optional = true},
    {.key = "grayGlacierBlock", .bomb_delay = 11'400'000, .is_optional = true},
    {.key = "mergeNetsplitBlock", .is_optional = true},
};

/// A time of `config` at which something changes.
struct TimeKey {
    std::string_view key;
    /// Its entry in blobSchedule; empty: it has none.
    std::string_view blob_key{};
    /// nullopt: only blob parameters change (EIP-7892).
    std::optional<Revision> revision{};
};
constexpr TimeKey kTimeKeys[] = {
    {.key = "shanghaiTime", .revision = Revision::Shanghai},
    {.key = "cancunTime", .blob_key = "cancun", .revision = Revision::Cancun},
    {.key = "pragueTime", .blob_key = "prague", .revision = Revision::Prague},
    {.key = "osakaTime", .blob_key = "osaka", .revision = Revision::Osaka},
    {.key = "bpo1Time", .blob_key = "bpo1"},
    {.key = "bpo2Time", .blob_key = "bpo2"},
    {.key = "bpo3Time", .blob_key = "bpo3"},
    {.key = "bpo4Time", .blob_key = "bpo4"},
    {.key = "bpo5Time", .blob_key = "bpo5"},
};

/// Far beyond what a network could carry, and small enough for every product of the blob rules.
constexpr uint64_t kMaxBlobs = uint64_t{1} << 20;
constexpr uint64_t kMaxFraction = uint64_t{1} << 32;

std::string lower_case(std::string_view text) {
    std::string result(text);
    std::ranges::transform(result, result.begin(), [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
    return result;
}

bool is_known(std::string_view key) {
    const std::string name = lower_case(key);
    const auto is_it = [&](const auto& row) { return lower_case(row.key) == name; };
    return std::ranges::any_of(kBlockKeys, is_it) || std::ranges::any_of(kTimeKeys, is_it);
}

/// A fork that is not known would be missed without a word when its time comes.
void refuse_unknown_forks(const Json& config) {
    config.for_each_member([](std::string_view key, const Json& value) {
        const std::string name = lower_case(key);
        const bool is_fork = name.ends_with("block") || name.ends_with("time");
        if (is_fork && value.exists() && !is_known(key)) value.report("a fork that is not known");
    });
}

/// Checks that forks come in order while they are read.
class Order {
  public:
    explicit Order(const Json& config) noexcept : config_(config) {}

    /// When that fork starts; nullopt: never.
    std::optional<uint64_t> read(std::string_view key, bool is_optional) {
        const Json field = config_.any_case(key);
        if (!field.exists()) {
            if (!is_optional && missing_.empty()) missing_ = key;
            return std::nullopt;
        }
        const uint64_t start = field.hex_or_decimal64();
        if (!missing_.empty()) field.report(fmt::format("set, but {}, which comes before it, is not", missing_));
        if (start < last_) field.report(fmt::format("{}, before {} at {}", start, last_key_, last_));
        last_ = start;
        last_key_ = key;
        return start;
    }

  private:
    const Json& config_;
    std::string_view missing_{};
    std::string_view last_key_{};
    uint64_t last_ = 0;
};

void read_block_forks(const Json& config, ChainSpec& spec) {
    Order order(config);
    spec.block_forks = {{.revision = Revision::Frontier, .block = 0}};
    std::optional<uint64_t> replay_protection;
    for (const BlockKey& row : kBlockKeys) {
        auto start = order.read(row.key, row.is_optional);
        if (row.key == "eip155Block") replay_protection = start;
        if (row.revision == Revision::SpuriousDragon && start != replay_protection)
            config.any_case(row.key).report("not the same as eip155Block: both begin with Spurious Dragon");
        // Without a block of its own, Petersburg takes EIP-1283 back as Constantinople brings it.
        if (row.revision == Revision::Petersburg && !start && spec.block_forks.back().revision == Revision::Constantinople)
            start = spec.block_forks.back().block;
        if (!start) continue;
        if (row.revision) spec.block_forks.push_back({.revision = *row.revision, .block = *start});
        if (row.bomb_delay != 0) spec.bomb_delays.push_back({.block = *start, .delay = row.bomb_delay});
        if (row.key == "daoForkBlock" && config.any_case("daoForkSupport").exists() && config.any_case("daoForkSupport").boolean())
            spec.dao_block = start;
    }
}

types::BlobSchedule read_blob_schedule(const Json& json) {
    const types::BlobSchedule blob{
        .target = json.any_case("target").hex_or_decimal64(),
        .max = json.any_case("max").hex_or_decimal64(),
        .base_fee_update_fraction = json.any_case("baseFeeUpdateFraction").hex_or_decimal64(),
    };
    if (blob.max > kMaxBlobs) json.any_case("max").report(fmt::format("above {}", kMaxBlobs));
    if (blob.target > blob.max) json.any_case("target").report("above max");
    if (blob.base_fee_update_fraction == 0) json.any_case("baseFeeUpdateFraction").report("zero");
    if (blob.base_fee_update_fraction > kMaxFraction) json.any_case("baseFeeUpdateFraction").report(fmt::format("above {}", kMaxFraction));
    return blob;
}

void read_time_forks(const Json& config, ChainSpec& spec) {
    Order order(config);
    const Json schedules = config.any_case("blobSchedule");
    types::BlobSchedule before;
    types::BlobSchedule before_by_default;
    for (const TimeKey& row : kTimeKeys) {
        const auto start = order.read(row.key, !row.revision);
        if (!start) continue;
        if (row.revision) spec.time_forks.push_back({.revision = *row.revision, .time = *start});
        if (row.blob_key.empty()) continue;
        const Json schedule = schedules.any_case(row.blob_key);
        if (schedule.exists()) {
            before = read_blob_schedule(schedule);
        } else if (!row.revision) {
            schedule.report(fmt::format("missing, but {} is set", row.key));
        } else if (types::default_blob_schedule(*row.revision) != before_by_default) {
            before = types::default_blob_schedule(*row.revision);
        }
        if (row.revision) before_by_default = types::default_blob_schedule(*row.revision);
        spec.blob_forks.push_back({.time = *start, .blob = before});
    }
}

void read_merge(const Json& config, ChainSpec& spec) {
    const Json total = config.any_case("terminalTotalDifficulty");
    if (!total.exists()) {
        if (!spec.time_forks.empty()) total.report("missing, but forks by time are set, which come after the merge");
        return;
    }
    spec.terminal_total_difficulty = total.hex_or_decimal();
    if (!spec.terminal_total_difficulty->is_zero()) return;
    const BlockFork& last = spec.block_forks.back();
    if (last.revision != Revision::London || last.block != 0)
        config.any_case("londonBlock").report("not 0, but terminalTotalDifficulty is: the first block comes after the merge");
    spec.block_forks.push_back({.revision = Revision::Paris, .block = 0});
}

}  // namespace

ChainSpec read_chain_config(const Json& config) {
    ChainSpec spec;
    spec.chain_id = config.any_case("chainId").hex_or_decimal64();
    spec.name = fmt::format("chain {}", spec.chain_id);
    refuse_unknown_forks(config);
    read_block_forks(config, spec);
    read_time_forks(config, spec);
    read_merge(config, spec);
    const bool merged_from_start = spec.is_merged_after(uint256{});
    if (const Json clique = config.any_case("clique"); clique.exists() && !merged_from_start)
        clique.report("a chain of proof of authority is not supported");
    const Json deposits = config.any_case("depositContractAddress");
    spec.deposit_contract = deposits.exists() ? deposits.fixed<address>() : address{};
    return spec;
}

}  // namespace weft::chain
