// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/fixed_bytes.hpp"
#include "weft/base/uint256.hpp"

#include <cstddef>
#include <optional>
#include <span>
#include <utility>
#include <vector>

namespace weft::execution {

/// A location and what a transaction does there.
struct Access {
    address account;
    /// A storage slot; nullopt: the account itself. To write an account is to give it another nonce, other code, or to remove it. What
    /// changes a balance alone is not named: it is mostly no conflict. Nor is the nonce of a transaction's sender, which is no secret.
    std::optional<uint256> slot;
    /// It writes, and most likely reads before that; otherwise it only reads.
    bool is_write = false;

    friend bool operator==(const Access&, const Access&) noexcept = default;
};

/// What the transactions of one block will probably access. Advice: it may be wrong or lack anything, and decides only when a transaction
/// waits for another, never what comes out.
///
/// Thread safety: asked by one thread, while the block is prepared.
class AccessHints {
  public:
    AccessHints() = default;
    AccessHints(const AccessHints&) = default;
    AccessHints& operator=(const AccessHints&) = default;
    virtual ~AccessHints() = default;

    /// Of the transaction with that index; empty where nothing is known. Valid as long as this is not changed.
    [[nodiscard]] virtual std::span<const Access> of(size_t transaction) const noexcept = 0;
};

/// Hints that are kept as they are.
///
/// Thread safety: as of a vector.
class ListedHints final : public AccessHints {
  public:
    /// The accesses of the next transaction, the first one's to begin with.
    void add(std::vector<Access> accesses) { accesses_.push_back(std::move(accesses)); }
    [[nodiscard]] std::span<const Access> of(size_t transaction) const noexcept override {
        return transaction < accesses_.size() ? std::span<const Access>(accesses_[transaction]) : std::span<const Access>();
    }

  private:
    std::vector<std::vector<Access>> accesses_;
};

}  // namespace weft::execution
