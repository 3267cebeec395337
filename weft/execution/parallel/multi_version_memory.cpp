// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/multi_version_memory.hpp"

#include "weft/base/assert.hpp"

#include <algorithm>

namespace weft::execution::parallel {

using state::AccountChange;

namespace {

uint64_t hash_of_slot(const address& addr, const uint256& slot) noexcept {
    return mix64(hash_value(addr) ^ hash_value(slot), 0x9e3779b97f4a7c15);
}

/// Where the versions at and above `position` begin.
template <typename Version>
auto lower_bound(std::vector<Version>& versions, Position position) noexcept {
    // From the end: most readers and writers come after the others.
    auto at = versions.end();
    while (at != versions.begin() && (at - 1)->writer >= position) --at;
    return at;
}

/// The version of `version.writer` becomes `version`.
template <typename Version>
void put(std::vector<Version>& versions, const Version& version) {
    const auto at = lower_bound(versions, version.writer);
    if (at != versions.end() && at->writer == version.writer)
        *at = version;
    else
        versions.insert(at, version);
}

/// The number of the cell for which `is_it` holds; a new one, handed to `fill`, where there is none.
template <typename Shard, typename IsIt, typename Fill>
uint32_t find_or_add(Shard& shard, uint64_t hash, const IsIt& is_it, const Fill& fill) {
    const uint32_t known = shard.index.find(hash, [&](uint32_t i) { return is_it(shard.cells[i]); });
    if (known != state::EpochIndex::kAbsent) return known;
    const uint32_t number = shard.cells.size();
    auto& cell = shard.cells.append();
    cell.versions.clear();
    fill(cell);
    shard.index.insert(hash, number);
    return number;
}

}  // namespace

std::optional<state::Account> AccountOverlay::over(const std::optional<state::Account>& base) const noexcept {
    const bool base_counts = base.has_value() && !removed;
    if (!exists && !base_counts) return std::nullopt;
    state::Account account = base_counts ? *base : state::Account{};
    if (nonce_known) account.nonce = nonce;
    account.balance = balance_known ? balance : account.balance + balance;
    if (code_known) account.code_hash = code_hash;
    if (storage_wiped) account.has_storage = false;
    return account;
}

MultiVersionMemory::MultiVersionMemory()
    : accounts_(std::make_unique<Shards<AccountCell>>()), slots_(std::make_unique<Shards<SlotCell>>()) {}

void MultiVersionMemory::reset(size_t positions) {
    for (auto& shard : *accounts_) {
        shard.index.clear();
        shard.cells.clear();
    }
    for (auto& shard : *slots_) {
        shard.index.clear();
        shard.cells.clear();
    }
    if (writers_.size() < positions) writers_.resize(positions);
    for (Writer& writer : writers_) {
        writer.accounts.clear();
        writer.slots.clear();
    }
    codes_.clear();
    // Relaxed: nobody else is here.
    settled_.store(0, sync::kRelaxed);
    may_wipe_.store(false, sync::kRelaxed);
    has_codes_.store(false, sync::kRelaxed);
}

// ---- Writing ----

void MultiVersionMemory::publish(Position position, const state::TransactionChanges& changes) {
    WEFT_ASSERT(position < writers_.size());
    Writer& writer = writers_[position];
    ++writer.incarnation;

    for (const AccountChange& change : changes)
        if (change.code) publish_code(change);

    writer.previous.swap(writer.accounts);
    writer.accounts.clear();
    for (const AccountChange& change : changes) publish_account(writer, position, change);
    drop_older(*accounts_, writer.previous, position, writer.incarnation);

    writer.previous.swap(writer.slots);
    writer.slots.clear();
    for (const AccountChange& change : changes)
        for (const state::SlotValue& slot : change.slots) publish_slot(writer, position, change.addr, slot);
    drop_older(*slots_, writer.previous, position, writer.incarnation);
}

void MultiVersionMemory::publish_code(const AccountChange& change) {
    const sync::LockGuard<sync::SpinLock> lock(codes_lock_);
    codes_.try_emplace(change.code_hash, change.code);
    // Relaxed: who learns the hash learns it from a version, through the lock of its shard, which comes after this.
    has_codes_.store(true, sync::kRelaxed);
}

void MultiVersionMemory::publish_account(Writer& writer, Position position, const AccountChange& change) {
    const bool changes_account = change.removed || change.storage_wiped || change.comes_to_exist || change.nonce_changed ||
                                 change.code_changed || change.balance_change != AccountChange::Balance::unchanged;
    if (!changes_account) return;
    // Relaxed: a reader that misses it reads too old a value, which committing finds like any other.
    if (change.removed || change.storage_wiped) may_wipe_.store(true, sync::kRelaxed);

    const uint64_t hash = hash_value(change.addr);
    const uint32_t shard_number = shard_of(hash);
    auto& shard = (*accounts_)[shard_number];
    const sync::LockGuard<sync::SpinLock> lock(shard.lock);
    const uint32_t number = find_or_add(
        shard, hash, [&](const AccountCell& cell) { return cell.addr == change.addr; },
        [&](AccountCell& cell) {
            cell.addr = change.addr;
            cell.settled = {};
        });
    AccountCell& cell = shard.cells[number];
    if (cell.versions.size() >= kManyVersions) cell.fold(settled_.load(sync::kAcquire));
    put(cell.versions, AccountVersion{.writer = position,
                                      .incarnation = writer.incarnation,
                                      .estimate = false,
                                      .removed = change.removed,
                                      .storage_wiped = change.storage_wiped || change.removed,
                                      .nonce_changed = change.nonce_changed,
                                      .code_changed = change.code_changed,
                                      .balance_change = change.balance_change,
                                      .nonce = change.nonce,
                                      .balance = change.balance,
                                      .code_hash = change.code_hash});
    writer.accounts.push_back({.shard = shard_number, .cell = number});
}

void MultiVersionMemory::publish_slot(Writer& writer, Position position, const address& addr, const state::SlotValue& slot) {
    const uint64_t hash = hash_of_slot(addr, slot.slot);
    const uint32_t shard_number = shard_of(hash);
    auto& shard = (*slots_)[shard_number];
    const sync::LockGuard<sync::SpinLock> lock(shard.lock);
    const uint32_t number = find_or_add(
        shard, hash, [&](const SlotCell& cell) { return cell.slot == slot.slot && cell.addr == addr; },
        [&](SlotCell& cell) {
            cell.addr = addr;
            cell.slot = slot.slot;
        });
    put(shard.cells[number].versions,
        SlotVersion{.writer = position, .incarnation = writer.incarnation, .estimate = false, .value = slot.value});
    writer.slots.push_back({.shard = shard_number, .cell = number});
}

template <typename Cell>
void MultiVersionMemory::drop_older(Shards<Cell>& shards, const std::vector<Written>& written, Position writer, uint32_t incarnation) {
    for (const Written& location : written) {
        auto& shard = shards[location.shard];
        const sync::LockGuard<sync::SpinLock> lock(shard.lock);
        auto& versions = shard.cells[location.cell].versions;
        const auto at = lower_bound(versions, writer);
        WEFT_ASSERT(at != versions.end() && at->writer == writer);
        if (at->incarnation != incarnation) versions.erase(at);
    }
}

template <typename Cell>
void MultiVersionMemory::mark(Shards<Cell>& shards, const std::vector<Written>& written, Position writer) {
    for (const Written& location : written) {
        auto& shard = shards[location.shard];
        const sync::LockGuard<sync::SpinLock> lock(shard.lock);
        auto& versions = shard.cells[location.cell].versions;
        const auto at = lower_bound(versions, writer);
        WEFT_ASSERT(at != versions.end() && at->writer == writer);
        at->estimate = true;
    }
}

void MultiVersionMemory::mark_estimates(Position writer) {
    mark(*accounts_, writers_[writer].accounts, writer);
    mark(*slots_, writers_[writer].slots, writer);
}

// ---- Reading ----

/// The state after `version` over the state that `settled` describes.
void MultiVersionMemory::absorb(AccountOverlay& settled, const AccountVersion& version) noexcept {
    if (version.storage_wiped) {
        settled.storage_wiped = true;
        settled.wiped_by = version.writer;
    }
    if (version.removed) {
        settled = {.removed = true, .storage_wiped = true, .wiped_by = version.writer};
        return;
    }
    settled.exists = true;
    if (version.balance_change == AccountChange::Balance::set) {
        settled.balance = version.balance;
        settled.balance_known = true;
    } else if (version.balance_change == AccountChange::Balance::credit) {
        settled.balance += version.balance;
    }
    if (version.nonce_changed) {
        settled.nonce = version.nonce;
        settled.nonce_known = true;
    }
    if (version.code_changed) {
        settled.code_hash = version.code_hash;
        settled.code_known = true;
    }
}

void MultiVersionMemory::AccountCell::fold(Position committed) {
    const auto is_settled = [committed](const AccountVersion& version) { return version.writer <= committed; };
    const auto end = std::ranges::find_if_not(versions, is_settled);
    for (auto at = versions.begin(); at != end; ++at) absorb(settled, *at);
    versions.erase(versions.begin(), end);
}

MultiVersionMemory::AccountCell* MultiVersionMemory::find_account(Shard<AccountCell>& shard, uint64_t hash, const address& addr) {
    const uint32_t number = shard.index.find(hash, [&](uint32_t i) { return shard.cells[i].addr == addr; });
    if (number == state::EpochIndex::kAbsent) return nullptr;
    AccountCell& cell = shard.cells[number];
    cell.fold(settled_.load(sync::kAcquire));
    return &cell;
}

Position MultiVersionMemory::read_account(Position reader, const address& addr, AccountOverlay& overlay) {
    const uint64_t hash = hash_value(addr);
    auto& shard = (*accounts_)[shard_of(hash)];
    const sync::LockGuard<sync::SpinLock> lock(shard.lock);
    AccountCell* cell = find_account(shard, hash, addr);
    if (cell == nullptr) return kNobody;

    // The settled versions first, then those of lower positions on top.
    overlay = cell->settled;
    for (const AccountVersion& version : cell->versions) {
        if (version.writer >= reader) break;
        if (version.estimate && !version.is_balance_only()) return version.writer;
        absorb(overlay, version);
    }
    return kNobody;
}

Position MultiVersionMemory::find_wipe(Position reader, const address& addr, Position& wiped_by) {
    AccountOverlay overlay;
    const Position blocker = read_account(reader, addr, overlay);
    wiped_by = overlay.wiped_by;
    return blocker;
}

Position MultiVersionMemory::read_slot(Position reader, const address& addr, const uint256& slot, SlotOverlay& overlay) {
    // Relaxed: see publish_account.
    if (may_wipe_.load(sync::kRelaxed))
        if (const Position blocker = find_wipe(reader, addr, overlay.wiped_by); blocker != kNobody) return blocker;

    const uint64_t hash = hash_of_slot(addr, slot);
    auto& shard = (*slots_)[shard_of(hash)];
    const sync::LockGuard<sync::SpinLock> lock(shard.lock);
    const uint32_t number = shard.index.find(hash, [&](uint32_t i) { return shard.cells[i].slot == slot && shard.cells[i].addr == addr; });
    if (number != state::EpochIndex::kAbsent) {
        auto& versions = shard.cells[number].versions;
        if (auto at = lower_bound(versions, reader); at != versions.begin()) {
            const SlotVersion& version = *--at;
            if (overlay.wiped_by == kNobody || version.writer >= overlay.wiped_by) {
                if (version.estimate) return version.writer;
                overlay.known = true;
                overlay.value = version.value;
                return kNobody;
            }
        }
    }
    overlay.known = overlay.wiped_by != kNobody;
    return kNobody;
}

const state::Code* MultiVersionMemory::code(const hash32& code_hash) {
    // Relaxed: see publish_code.
    if (!has_codes_.load(sync::kRelaxed)) return nullptr;
    const sync::LockGuard<sync::SpinLock> lock(codes_lock_);
    const auto found = codes_.find(code_hash);
    return found == codes_.end() ? nullptr : found->second.get();
}

}  // namespace weft::execution::parallel
