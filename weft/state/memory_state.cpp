// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/state/memory_state.hpp"

#include "weft/crypto/keccak.hpp"
#include "weft/state/key_order.hpp"
#include "weft/trie/account.hpp"
#include "weft/trie/roots.hpp"

#include <algorithm>
#include <utility>
#include <vector>

namespace weft::state {

namespace {

hash32 storage_root(const MemoryState::AccountRecord& record) {
    std::vector<std::pair<hash32, bytes>> leaves;
    leaves.reserve(record.storage.size());
    for (const auto& [slot, value] : record.storage)
        leaves.emplace_back(crypto::keccak256(to_hash32(slot)), trie::encode_storage_value(value));
    std::ranges::sort(leaves);
    return trie::sorted_root(leaves);
}

std::vector<SlotValue> sorted_slots(const MemoryState::AccountRecord& record) {
    std::vector<SlotValue> slots;
    slots.reserve(record.storage.size());
    for (const auto& [slot, value] : record.storage) slots.push_back({.slot = slot, .value = value});
    sort_by_slot(slots);
    return slots;
}

}  // namespace

ReadResult<std::optional<Account>> MemoryState::account(const address& addr) {
    const auto found = accounts_.find(addr);
    if (found == accounts_.end()) return std::nullopt;
    const AccountRecord& record = found->second;
    return Account{.nonce = record.nonce,
                   .balance = record.balance,
                   .code_hash = record.code_hash,
                   .has_storage = record.has_unlisted_storage || !record.storage.empty()};
}

ReadResult<uint256> MemoryState::storage(const address& addr, const uint256& slot) {
    const auto account = accounts_.find(addr);
    if (account == accounts_.end()) return uint256{};
    const auto value = account->second.storage.find(slot);
    return value == account->second.storage.end() ? uint256{} : value->second;
}

ReadResult<const Code*> MemoryState::code(const hash32& code_hash) {
    const auto found = codes_.find(code_hash);
    if (found == codes_.end()) return std::unexpected(ReadError{.kind = ReadError::Kind::failed});
    return found->second.get();
}

ReadResult<hash32> MemoryState::block_hash(uint64_t number) {
    const auto found = block_hashes_.find(number);
    return found == block_hashes_.end() ? hash32{} : found->second;
}

MemoryState::AccountRecord& MemoryState::insert(const address& addr) { return accounts_[addr]; }

void MemoryState::set_code(const address& addr, bytes_view code) {
    AccountRecord& record = insert(addr);
    record.code_hash = code_hash_of(code);
    if (!code.empty()) codes_.try_emplace(record.code_hash, std::make_shared<const Code>(code));
}

void MemoryState::set_storage(const address& addr, const uint256& slot, const uint256& value) {
    AccountRecord& record = insert(addr);
    if (value.is_zero())
        record.storage.erase(slot);
    else
        record.storage.insert_or_assign(slot, value);
}

void MemoryState::set_block_hash(uint64_t number, const hash32& hash) { block_hashes_.insert_or_assign(number, hash); }

MemoryState MemoryState::separate_copy() const {
    MemoryState copy = *this;
    for (auto& [hash, code] : copy.codes_) code = std::make_shared<const Code>(code->view());
    return copy;
}

void MemoryState::forget_analysis() {
    for (const auto& [hash, code] : codes_) code->forget_jump_destinations();
}

void MemoryState::apply(const StateDiff& diff) {
    for (const auto& [hash, code] : diff.codes) codes_.try_emplace(hash, code);
    for (const auto& [addr, change] : diff.accounts) {
        if (!change.account) {
            accounts_.erase(addr);
            continue;
        }
        AccountRecord& record = insert(addr);
        record.nonce = change.account->nonce;
        record.balance = change.account->balance;
        record.code_hash = change.account->code_hash;
        if (change.storage_wiped) {
            record.storage.clear();
            record.has_unlisted_storage = false;
        }
        for (const SlotValue& slot : change.slots) set_storage(addr, slot.slot, slot.value);
    }
}

StateDiff MemoryState::undo_of(const StateDiff& diff) const {
    std::vector<std::pair<address, AccountDiff>> changes;
    for (const auto& [addr, change] : diff.accounts) {
        AccountDiff& undo = changes.emplace_back(addr, AccountDiff{}).second;
        const auto found = accounts_.find(addr);
        if (found == accounts_.end()) continue;
        const AccountRecord& record = found->second;
        undo.account = Account{.nonce = record.nonce, .balance = record.balance, .code_hash = record.code_hash};
        undo.storage_wiped = change.storage_wiped || !change.account;
        if (undo.storage_wiped) {
            undo.slots = sorted_slots(record);
        } else {
            for (const auto& [slot, value] : change.slots) {
                const auto before = record.storage.find(slot);
                undo.slots.push_back({.slot = slot, .value = before == record.storage.end() ? uint256{} : before->second});
            }
        }
    }
    StateDiff undo;
    undo.accounts = sorted_by_address(std::move(changes));
    return undo;
}

StateDiff MemoryState::difference_from_nothing() const {
    std::vector<std::pair<address, AccountDiff>> changes;
    changes.reserve(accounts_.size());
    for (const auto& [addr, record] : accounts_) {
        const Account account{.nonce = record.nonce, .balance = record.balance, .code_hash = record.code_hash};
        changes.emplace_back(addr, AccountDiff{.account = account, .slots = sorted_slots(record)});
    }
    StateDiff diff;
    diff.accounts = sorted_by_address(std::move(changes));
    diff.codes.insert(codes_.begin(), codes_.end());
    return diff;
}

hash32 MemoryState::root() const {
    std::vector<std::pair<hash32, bytes>> leaves;
    leaves.reserve(accounts_.size());
    for (const auto& [addr, record] : accounts_) {
        leaves.emplace_back(
            crypto::keccak256(addr),
            trie::encode_account(
                {.nonce = record.nonce, .balance = record.balance, .storage_root = storage_root(record), .code_hash = record.code_hash}));
    }
    std::ranges::sort(leaves);
    return trie::sorted_root(leaves);
}

}  // namespace weft::state
