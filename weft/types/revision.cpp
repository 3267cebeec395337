// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/types/revision.hpp"

#include <array>

namespace weft::types {

namespace {

constexpr std::array<std::string_view, kRevisionCount> kNames = {
    "Frontier", "Homestead", "TangerineWhistle", "SpuriousDragon", "Byzantium", "Constantinople", "Petersburg", "Istanbul", "Berlin",
    "London",   "Paris",     "Shanghai",         "Cancun",         "Prague",    "Osaka",
};

struct Alias {
    std::string_view name;
    Revision revision;
};
constexpr Alias kAliases[] = {
    {.name = "EIP150", .revision = Revision::TangerineWhistle},
    {.name = "EIP158", .revision = Revision::SpuriousDragon},
    {.name = "ConstantinopleFix", .revision = Revision::Petersburg},
    {.name = "Merge", .revision = Revision::Paris},
};

}  // namespace

std::string_view to_string(Revision revision) noexcept { return kNames[static_cast<size_t>(revision)]; }

std::optional<Revision> revision_from_name(std::string_view name) noexcept {
    for (size_t i = 0; i < kNames.size(); ++i)
        if (kNames[i] == name) return static_cast<Revision>(i);
    for (const Alias& alias : kAliases)
        if (alias.name == name) return alias.revision;
    return std::nullopt;
}

}  // namespace weft::types
