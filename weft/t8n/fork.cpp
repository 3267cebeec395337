// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/t8n/fork.hpp"

#include <fmt/format.h>

namespace weft::t8n {
namespace {

using types::Revision;

constexpr std::string_view kNames[] = {
    "Frontier", "Homestead", "EIP150",       "EIP158",      "Byzantium", "Constantinople", "ConstantinopleFix", "Istanbul", "MuirGlacier",
    "Berlin",   "London",    "ArrowGlacier", "GrayGlacier", "Paris",     "Merge",          "Shanghai",          "Cancun",   "Prague",
    "Osaka",    "BPO1",      "BPO2",         "BPO3",        "BPO4",
};

/// EIP-7892. The first two as scheduled by EIP-7607; the others are placeholders of the tests for forks to come.
const fixtures::BlobSchedules& blob_schedules() {
    static const fixtures::BlobSchedules schedules{
        {"BPO1", {.target = 10, .max = 15, .base_fee_update_fraction = 8346193}},
        {"BPO2", {.target = 14, .max = 21, .base_fee_update_fraction = 11684671}},
        {"BPO3", {.target = 21, .max = 32, .base_fee_update_fraction = 20609697}},
        {"BPO4", {.target = 14, .max = 21, .base_fee_update_fraction = 13739630}},
    };
    return schedules;
}

/// The delay that came with a revision. The forks that changed nothing else are no revisions.
constexpr uint64_t bomb_delay_of(Revision revision) noexcept {
    if (revision >= Revision::London) return 9'700'000;          // EIP-3554
    if (revision >= Revision::Berlin) return 9'000'000;          // EIP-2384, of Muir Glacier
    if (revision >= Revision::Constantinople) return 5'000'000;  // EIP-1234
    if (revision >= Revision::Byzantium) return 3'000'000;       // EIP-649
    return 0;
}

}  // namespace

std::span<const std::string_view> fork_names() noexcept { return kNames; }

Outcome<Fork> Fork::of(std::string_view name, uint64_t chain_id, const std::optional<types::BlobSchedule>& blobs) {
    if (name.contains('+')) return fail(ExitCode::config, fmt::format("fork {}: additional EIPs are not supported", name));
    const auto network = fixtures::network_from_name(name, chain_id, blob_schedules());
    if (!network) return fail(ExitCode::config, fmt::format("fork {} is not supported", name));
    Fork fork;
    fork.name_ = name;
    // A total difficulty at which a fork begins is never reached: nothing says what there is before this block.
    fork.spec_ = *network;
    fork.blobs_ = blobs;
    return fork;
}

types::ChainRules Fork::rules_at(uint64_t number, uint64_t timestamp) const noexcept {
    types::ChainRules rules = spec_.rules_at(number, timestamp);
    if (blobs_ && rules.revision >= Revision::Cancun) rules.blob = *blobs_;
    return rules;
}

uint64_t Fork::bomb_delay_at(uint64_t number) const noexcept {
    if (name_.starts_with("MuirGlacier")) return 9'000'000;    // EIP-2384
    if (name_.starts_with("ArrowGlacier")) return 10'700'000;  // EIP-4345
    if (name_.starts_with("GrayGlacier")) return 11'400'000;   // EIP-5133
    return bomb_delay_of(spec_.rules_at(number, 0).revision);
}

}  // namespace weft::t8n
