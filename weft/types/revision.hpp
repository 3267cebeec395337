// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <compare>
#include <cstdint>
#include <optional>
#include <string_view>

namespace weft::types {

/// Protocol revisions that change how a block executes, in order of activation on mainnet. Constantinople is the
/// variant with EIP-1283, which Petersburg (EIP-1716) took back.
enum class Revision : uint8_t {
    Frontier,
    Homestead,
    TangerineWhistle,
    SpuriousDragon,
    Byzantium,
    Constantinople,
    Petersburg,
    Istanbul,
    Berlin,
    London,
    Paris,
    Shanghai,
    Cancun,
    Prague,
    Osaka,
};

inline constexpr Revision kLatestRevision = Revision::Osaka;
inline constexpr unsigned kRevisionCount = static_cast<unsigned>(kLatestRevision) + 1;

[[nodiscard]] std::string_view to_string(Revision revision) noexcept;

/// The revision of that name, or of the name that official test fixtures give it (EIP150, EIP158, ConstantinopleFix,
/// Merge). nullopt: no such revision. Names of transitions ("BerlinToLondonAt5") are not revisions.
[[nodiscard]] std::optional<Revision> revision_from_name(std::string_view name) noexcept;

}  // namespace weft::types
