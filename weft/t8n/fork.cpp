// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/t8n/fork.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <limits>

namespace weft::t8n {
namespace {

using types::Revision;

constexpr std::string_view kNames[] = {
    "Frontier", "Homestead", "EIP150",       "EIP158",      "Byzantium", "Constantinople", "ConstantinopleFix", "Istanbul", "MuirGlacier",
    "Berlin",   "London",    "ArrowGlacier", "GrayGlacier", "Paris",     "Merge",          "Shanghai",          "Cancun",   "Prague",
    "Osaka",    "BPO1",      "BPO2",         "BPO3",        "BPO4",      "BPO5",
};

/// EIP-7892. The first two as scheduled by EIP-7607; the others are placeholders of the tests for forks to come.
const fixtures::BlobSchedules& blob_schedules() {
    static const fixtures::BlobSchedules schedules{
        {"BPO1", {.target = 10, .max = 15, .base_fee_update_fraction = 8346193}},
        {"BPO2", {.target = 14, .max = 21, .base_fee_update_fraction = 11684671}},
        {"BPO3", {.target = 21, .max = 32, .base_fee_update_fraction = 20609697}},
        {"BPO4", {.target = 14, .max = 21, .base_fee_update_fraction = 13739630}},
        {"BPO5", {.target = 14, .max = 21, .base_fee_update_fraction = 13739630}},
    };
    return schedules;
}

/// An EIP that geth switches on by itself, and the revisions to which that adds nothing: those that have it, and have nothing newer that
/// it would turn back. weft mixes no rules, so elsewhere it is an error.
struct ExtraEip {
    std::string_view number;
    Revision since;
    Revision until = Revision::Osaka;
};
constexpr ExtraEip kExtraEips[] = {
    {.number = "1344", .since = Revision::Istanbul},
    {.number = "1884", .since = Revision::Istanbul, .until = Revision::Istanbul},
    {.number = "2200", .since = Revision::Istanbul, .until = Revision::Istanbul},
    {.number = "2929", .since = Revision::Berlin, .until = Revision::Berlin},
    {.number = "3198", .since = Revision::London},
    {.number = "3529", .since = Revision::London},
    {.number = "3855", .since = Revision::Shanghai},
    {.number = "3860", .since = Revision::Shanghai},
    {.number = "1153", .since = Revision::Cancun},
    {.number = "5656", .since = Revision::Cancun},
    {.number = "6780", .since = Revision::Cancun},
    {.number = "7702", .since = Revision::Prague},
    {.number = "7939", .since = Revision::Osaka},
};

/// Why the EIPs behind a fork's name, "+3855+3860", cannot be added; empty: they add nothing.
std::string complaint_about(std::string_view eips, const chain::ChainSpec& spec) {
    constexpr uint64_t kEnd = std::numeric_limits<uint64_t>::max();
    while (!eips.empty()) {
        eips.remove_prefix(1);
        const std::string_view number = eips.substr(0, eips.find('+'));
        eips.remove_prefix(number.size());
        const auto* const extra = std::ranges::find(kExtraEips, number, &ExtraEip::number);
        if (extra == std::end(kExtraEips)) return fmt::format("EIP \"{}\" is not one that can be added", number);
        for (const auto& rules : {spec.rules_at(0, 0), spec.rules_at(kEnd, kEnd)}) {
            if (rules.revision >= extra->since && rules.revision <= extra->until) continue;
            return fmt::format("EIP-{} cannot be switched on by itself; it comes with {}", number, types::to_string(extra->since));
        }
    }
    return {};
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
    const std::string_view base = name.substr(0, name.find('+'));
    const auto network = fixtures::network_from_name(base, chain_id, blob_schedules());
    if (!network) return fail(ExitCode::config, fmt::format("fork {} is not supported", name));
    const std::string complaint = complaint_about(name.substr(base.size()), *network);
    if (!complaint.empty()) return fail(ExitCode::config, fmt::format("fork {}: {}", name, complaint));
    Fork fork;
    fork.name_ = base;
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
