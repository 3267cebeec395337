// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/execution/access_hints.hpp"
#include "weft/execution/parallel/multi_version_memory.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <vector>

namespace weft::execution::parallel {

/// The writes of a block that hints foretell and a later transaction is foretold to meet.
///
/// Thread safety: none.
class ExpectedWrites {
  public:
    /// So many accesses of a block are looked at, those of the first transactions, and no more: hints may be of any size.
    static constexpr size_t kMostAccesses = size_t{1} << 16;

    struct Write {
        uint32_t transaction;
        const Access* access;  ///< One of the hints.
    };

    /// In the order of transactions; no location twice for one. Valid until the next call, and as long as the hints are.
    [[nodiscard]] const std::vector<Write>& find(const AccessHints& hints, size_t transactions);

  private:
    struct Location {
        address account;
        std::optional<uint256> slot;

        friend bool operator==(const Location&, const Location&) noexcept = default;
        friend size_t hash_value(const Location& location) noexcept {
            const uint64_t hash = weft::hash_value(location.account);
            return location.slot ? mix64(hash ^ weft::hash_value(*location.slot), 0x9e3779b97f4a7c15) : hash;
        }
    };
    struct Uses {
        uint32_t last = 0;     ///< Who accesses it last.
        uint32_t written = 0;  ///< One more than the transaction whose write was found last.
    };

    boost::unordered_flat_map<Location, Uses> uses_;
    std::vector<Write> writes_;
};

}  // namespace weft::execution::parallel
