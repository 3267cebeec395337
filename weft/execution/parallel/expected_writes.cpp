// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/expected_writes.hpp"

#include <algorithm>

namespace weft::execution::parallel {

const std::vector<ExpectedWrites::Write>& ExpectedWrites::find(const AccessHints& hints, size_t transactions) {
    uses_.clear();
    writes_.clear();
    const auto for_each = [&](const auto& use) {
        size_t left = kMostAccesses;
        for (uint32_t i = 0; i < transactions && left != 0; ++i) {
            const auto accesses = hints.of(i);
            for (const Access& access : accesses.first(std::min(accesses.size(), left))) use(i, access);
            left -= std::min(accesses.size(), left);
        }
    };
    for_each([&](uint32_t i, const Access& access) { uses_[{access.account, access.slot}].last = i; });
    for_each([&](uint32_t i, const Access& access) {
        if (!access.is_write) return;
        Uses& uses = uses_.find({access.account, access.slot})->second;
        if (uses.last <= i || uses.written == i + 1) return;
        uses.written = i + 1;
        writes_.push_back({.transaction = i, .access = &access});
    });
    return writes_;
}

}  // namespace weft::execution::parallel
