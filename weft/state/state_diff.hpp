// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/fixed_bytes.hpp"
#include "weft/base/uint256.hpp"
#include "weft/state/account.hpp"
#include "weft/state/code.hpp"

#include <boost/container/flat_map.hpp>

#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace weft::state {

struct SlotValue {
    uint256 slot;
    uint256 value;

    friend bool operator==(const SlotValue&, const SlotValue&) noexcept = default;
};

/// What one transaction changes in one account, relative to the state just before it. Fields that the transaction leaves
/// alone are not mentioned, so that transactions which change different fields of one account commute.
struct AccountChange {
    /// How `balance` is to be read.
    enum class Balance : uint8_t {
        unchanged,
        set,     ///< The new balance.
        credit,  ///< To be added, modulo 2^256, to whatever is there: the transaction never looked at the balance. A debit is negative.
    };

    address addr;
    /// The account does not exist afterwards; all other fields are void. Storage is wiped with it.
    bool removed = false;
    /// All storage that existed before the transaction is gone; `slots` apply after that.
    bool storage_wiped = false;
    /// There is an account afterwards: also with no other field set, an absent account becomes an empty one (before EIP-161).
    /// Where there is an account already, this says nothing.
    bool comes_to_exist = false;
    Balance balance_change = Balance::unchanged;
    bool nonce_changed = false;
    bool code_changed = false;
    uint64_t nonce = 0;
    uint256 balance{};
    hash32 code_hash = kEmptyCodeHash;
    /// The code behind `code_hash` where the transaction deployed it; null otherwise.
    std::shared_ptr<const Code> code{};
    /// Changed slots; zero erases.
    std::vector<SlotValue> slots{};
};

/// The changes of one transaction, in the order in which it met the accounts and the slots.
using TransactionChanges = std::vector<AccountChange>;

/// The value that a slot gets; null: it is not among the changes.
[[nodiscard]] uint256* find_changed_slot(TransactionChanges& changes, const address& account, const uint256& slot) noexcept;

/// What a block changes in one account: values that differ from the state before the block, and only those.
struct AccountDiff {
    /// The account as it is after the block; nullopt: it is absent. Its has_storage says nothing.
    std::optional<Account> account;
    /// All storage that existed before the block is gone; `slots` apply after that.
    bool storage_wiped = false;
    /// Changed slots, sorted by slot; zero erases.
    std::vector<SlotValue> slots{};

    friend bool operator==(const AccountDiff&, const AccountDiff&) noexcept = default;
};

/// What there is to say of an account, given the state before the block and after it; nullopt: nothing. `slots`: those that changed, sorted
/// by slot; `storage_wiped`: whatever was there before is gone.
[[nodiscard]] std::optional<AccountDiff> difference(const std::optional<Account>& before, const std::optional<Account>& after,
                                                    bool storage_wiped, std::vector<SlotValue> slots);

/// The values that one change leaves behind. `now`: the account after it.
[[nodiscard]] AccountDiff effect_of(const AccountChange& change, const std::optional<Account>& now);

/// In the order of addresses.
using AccountDiffs = boost::container::flat_map<address, AccountDiff>;

/// Puts differences of different accounts in order.
[[nodiscard]] AccountDiffs sorted_by_address(std::vector<std::pair<address, AccountDiff>> unordered);

/// The difference between the state before and after a block.
struct StateDiff {
    AccountDiffs accounts;
    /// Code deployed by the block and still referenced by an account above, by hash.
    std::map<hash32, std::shared_ptr<const Code>> codes;

    /// Equality of the accounts; codes follow from their hashes.
    friend bool operator==(const StateDiff& a, const StateDiff& b) noexcept { return a.accounts == b.accounts; }
};

}  // namespace weft::state
