// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/multi_version_memory.hpp"

#include "weft/base/assert.hpp"

#include <algorithm>

namespace weft::execution::parallel {

using state::AccountChange;

/// Fields as of some position, over the state before the block: what they leave open is the base's answer.
struct AccountOverlay {
    bool exists = false;         ///< Some version says so; otherwise `removed` or the base decides.
    bool removed = false;        ///< The account went at some point: nothing of the base shows through.
    bool storage_wiped = false;  ///< Nothing of the base's storage shows through.
    bool stores = false;         ///< It came into being with storage.
    bool nonce_known = false;
    bool balance_known = false;
    bool code_known = false;
    uint64_t nonce = 0;
    uint256 balance{};  ///< Where it is not known: what to add to the base's.
    hash32 code_hash = state::kEmptyCodeHash;
    Position wiped_by = kNobody;  ///< Who wiped the storage last.

    [[nodiscard]] std::optional<state::Account> over(const std::optional<state::Account>& base) const noexcept;
    [[nodiscard]] bool is_base() const noexcept { return !exists && !removed && !storage_wiped; }
};

struct MultiVersionMemory::AccountVersion {
    Position writer;
    uint32_t incarnation;
    bool estimate;
    bool removed;
    bool storage_wiped;
    bool stores;
    bool nonce_changed;
    bool code_changed;
    AccountChange::Balance balance_change;
    uint64_t nonce;
    uint256 balance;
    hash32 code_hash;

    [[nodiscard]] bool is_balance_only() const noexcept { return !removed && !storage_wiped && !nonce_changed && !code_changed; }
    void apply_to(AccountOverlay& overlay) const noexcept;
};

struct MultiVersionMemory::SlotVersion {
    Position writer;
    uint32_t incarnation;
    bool estimate;
    uint256 value;
};

/// The versions of settled writers are folded into one when the location is read, so that an account which every transaction of
/// the block writes is as quick to read as any other.
struct MultiVersionMemory::AccountCell {
    address addr;
    uint64_t hash = 0;
    sync::SpinLock lock;
    sync::Atomic<bool> has_base{false};      // set, under lock, once base is
    sync::Atomic<bool> has_versions{false};  // set, under lock, before the first version comes
    std::optional<state::Account> base;
    AccountOverlay settled;                     // guarded by lock
    std::vector<AccountVersion> versions;       // guarded by lock
    std::vector<state::SlotValue> slots_after;  // scratch of diff()

    void begin(const address& address, uint64_t address_hash) {
        addr = address;
        hash = address_hash;
        // Relaxed: nobody else knows the cell yet.
        has_base.store(false, sync::kRelaxed);
        has_versions.store(false, sync::kRelaxed);
        settled = {};
        versions.clear();
    }
    /// Folds what positions below `end_of_settled` wrote.
    void fold(Position end_of_settled);
};

struct MultiVersionMemory::SlotCell {
    AccountCell* account = nullptr;
    uint256 slot;
    uint64_t hash = 0;
    sync::SpinLock lock;
    sync::Atomic<bool> has_base{false};      // set, under lock, once base is
    sync::Atomic<bool> has_versions{false};  // set, under lock, before the first version comes
    uint256 base;
    std::vector<SlotVersion> versions;  // guarded by lock

    void begin(AccountCell& owner, const uint256& key, uint64_t slot_hash) {
        account = &owner;
        slot = key;
        hash = slot_hash;
        // Relaxed: nobody else knows the cell yet.
        has_base.store(false, sync::kRelaxed);
        has_versions.store(false, sync::kRelaxed);
        versions.clear();
    }
};

namespace {

/// Away from the bits with which CellIndex works.
template <typename Shards>
auto& shard_of(Shards& shards, uint64_t hash) noexcept {
    return shards[static_cast<uint32_t>(hash >> 24) % shards.size()];
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

/// The cell for which `is_it` holds; a new one, handed to `begin`, where there is none.
template <typename Shard, typename IsIt, typename Begin>
auto& find_or_add(Shard& shard, uint64_t hash, const IsIt& is_it, const Begin& begin) {
    if (auto* known = shard.index.find(hash, is_it)) return *known;
    const sync::LockGuard<sync::SpinLock> lock(shard.lock);
    if (auto* known = shard.index.find(hash, is_it)) return *known;
    auto& cell = shard.cells.append();
    begin(cell);
    shard.index.add(cell);
    return cell;
}

/// Takes the versions of `writer` that are not of `incarnation` out of cells.
template <typename Cell>
void drop_older(const std::vector<Cell*>& cells, Position writer, uint32_t incarnation) {
    for (Cell* cell : cells) {
        const sync::LockGuard<sync::SpinLock> lock(cell->lock);
        const auto at = lower_bound(cell->versions, writer);
        WEFT_ASSERT(at != cell->versions.end() && at->writer == writer);
        if (at->incarnation != incarnation) cell->versions.erase(at);
    }
}

template <typename Cell>
void mark(const std::vector<Cell*>& cells, Position writer) {
    for (Cell* cell : cells) {
        const sync::LockGuard<sync::SpinLock> lock(cell->lock);
        const auto at = lower_bound(cell->versions, writer);
        WEFT_ASSERT(at != cell->versions.end() && at->writer == writer);
        at->estimate = true;
    }
}

/// Nobody has written the location, and its base is known. What a writer adds at the same time is read or not, as it would be a moment
/// earlier or later; whoever commits comes after all lower writers and sees what they wrote.
template <typename Cell>
bool is_untouched(const Cell& cell) noexcept {
    return cell.has_base.load(sync::kAcquire) && !cell.has_versions.load(sync::kAcquire);
}

template <typename Cell, typename Base>
void leave_base(Cell& cell, const Base& base) {
    const sync::LockGuard<sync::SpinLock> lock(cell.lock);
    if (cell.has_base.load(sync::kRelaxed)) return;
    cell.base = base;
    cell.has_base.store(true, sync::kRelease);
}

}  // namespace

std::optional<state::Account> AccountOverlay::over(const std::optional<state::Account>& base) const noexcept {
    const bool base_counts = base.has_value() && !removed;
    if (!exists && !base_counts) return std::nullopt;
    state::Account account = base_counts ? *base : state::Account{};
    if (nonce_known) account.nonce = nonce;
    account.balance = balance_known ? balance : account.balance + balance;
    if (code_known) account.code_hash = code_hash;
    account.has_storage = stores || (account.has_storage && !storage_wiped);
    return account;
}

void MultiVersionMemory::AccountVersion::apply_to(AccountOverlay& overlay) const noexcept {
    if (removed) {
        overlay = {.removed = true, .storage_wiped = true, .wiped_by = writer};
        return;
    }
    if (storage_wiped) {
        overlay.storage_wiped = true;
        overlay.stores = false;
        overlay.wiped_by = writer;
    }
    overlay.exists = true;
    overlay.stores = overlay.stores || stores;
    if (balance_change == AccountChange::Balance::set) {
        overlay.balance = balance;
        overlay.balance_known = true;
    } else if (balance_change == AccountChange::Balance::credit) {
        overlay.balance += balance;
    }
    if (nonce_changed) {
        overlay.nonce = nonce;
        overlay.nonce_known = true;
    }
    if (code_changed) {
        overlay.code_hash = code_hash;
        overlay.code_known = true;
    }
}

void MultiVersionMemory::AccountCell::fold(Position end_of_settled) {
    const auto is_settled = [=](const AccountVersion& version) { return version.writer < end_of_settled; };
    const auto end = std::ranges::find_if_not(versions, is_settled);
    for (auto at = versions.begin(); at != end; ++at) at->apply_to(settled);
    versions.erase(versions.begin(), end);
}

MultiVersionMemory::MultiVersionMemory()
    : accounts_(std::make_unique<Shards<AccountCell>>()), slots_(std::make_unique<Shards<SlotCell>>()) {}
MultiVersionMemory::~MultiVersionMemory() = default;

void MultiVersionMemory::reset() {
    for (auto& shard : *accounts_) {
        shard.index.clear();
        shard.cells.clear();
    }
    for (auto& shard : *slots_) {
        shard.index.clear();
        shard.cells.clear();
    }
    for (Writer& writer : writers_) {
        writer.incarnation = 0;
        writer.accounts.clear();
        writer.slots.clear();
    }
    codes_.clear();
    // Relaxed: nobody else is here.
    settled_.store(0, sync::kRelaxed);
    may_wipe_.store(false, sync::kRelaxed);
    has_codes_.store(false, sync::kRelaxed);
}

void MultiVersionMemory::reserve(size_t positions) {
    if (writers_.size() < positions) writers_.resize(positions);
}

// ---- Locations ----

MultiVersionMemory::AccountCell& MultiVersionMemory::cell_of(const address& addr) {
    const uint64_t hash = hash_value(addr);
    return find_or_add(
        shard_of(*accounts_, hash), hash, [&](const AccountCell& cell) { return cell.addr == addr; },
        [&](AccountCell& cell) { cell.begin(addr, hash); });
}

MultiVersionMemory::SlotCell& MultiVersionMemory::cell_of(AccountCell& account, const uint256& slot) {
    const uint64_t hash = mix64(account.hash ^ hash_value(slot), 0x9e3779b97f4a7c15);
    return find_or_add(
        shard_of(*slots_, hash), hash, [&](const SlotCell& cell) { return cell.account == &account && cell.slot == slot; },
        [&](SlotCell& cell) { cell.begin(account, slot, hash); });
}

void MultiVersionMemory::set_base(AccountCell& cell, const std::optional<state::Account>& base) { leave_base(cell, base); }
void MultiVersionMemory::set_base(SlotCell& cell, const uint256& base) { leave_base(cell, base); }

const address& MultiVersionMemory::address_of(const AccountCell& cell) noexcept { return cell.addr; }

// ---- Writing ----

void MultiVersionMemory::publish(Position position, const state::TransactionChanges& changes) {
    WEFT_ASSERT(position < writers_.size());
    Writer& writer = writers_[position];
    ++writer.incarnation;

    for (const AccountChange& change : changes)
        if (change.code) publish_code(change);

    writer.previous_accounts.swap(writer.accounts);
    writer.previous_slots.swap(writer.slots);
    writer.accounts.clear();
    writer.slots.clear();
    for (const AccountChange& change : changes) publish_account(writer, position, change);
    drop_older(writer.previous_accounts, position, writer.incarnation);
    drop_older(writer.previous_slots, position, writer.incarnation);
    writer.previous_accounts.clear();
    writer.previous_slots.clear();
}

void MultiVersionMemory::publish_code(const AccountChange& change) {
    const sync::LockGuard<sync::SpinLock> lock(codes_lock_);
    codes_.try_emplace(change.code_hash, change.code);
    // Relaxed: who learns the hash learns it from a version, through the lock of its cell, which comes after this.
    has_codes_.store(true, sync::kRelaxed);
}

void MultiVersionMemory::publish_account(Writer& writer, Position position, const AccountChange& change) {
    AccountCell& cell = cell_of(change.addr);
    const bool changes_account = change.removed || change.storage_wiped || change.comes_to_exist || change.nonce_changed ||
                                 change.code_changed || change.balance_change != AccountChange::Balance::unchanged;
    if (changes_account) {
        // Relaxed: a reader that misses it reads too old a value, which committing finds like any other.
        if (change.removed || change.storage_wiped) may_wipe_.store(true, sync::kRelaxed);
        const sync::LockGuard<sync::SpinLock> lock(cell.lock);
        if (cell.versions.size() >= kManyVersions) cell.fold(settled_.load(sync::kAcquire));
        cell.has_versions.store(true, sync::kRelease);
        put(cell.versions, AccountVersion{.writer = position,
                                          .incarnation = writer.incarnation,
                                          .estimate = false,
                                          .removed = change.removed,
                                          .storage_wiped = change.storage_wiped || change.removed,
                                          .stores = !change.slots.empty(),
                                          .nonce_changed = change.nonce_changed,
                                          .code_changed = change.code_changed,
                                          .balance_change = change.balance_change,
                                          .nonce = change.nonce,
                                          .balance = change.balance,
                                          .code_hash = change.code_hash});
        writer.accounts.push_back(&cell);
    }
    for (const state::SlotValue& slot : change.slots) publish_slot(writer, position, cell, slot);
}

void MultiVersionMemory::publish_slot(Writer& writer, Position position, AccountCell& account, const state::SlotValue& slot) {
    SlotCell& cell = cell_of(account, slot.slot);
    const sync::LockGuard<sync::SpinLock> lock(cell.lock);
    cell.has_versions.store(true, sync::kRelease);
    put(cell.versions, SlotVersion{.writer = position, .incarnation = writer.incarnation, .estimate = false, .value = slot.value});
    writer.slots.push_back(&cell);
}

void MultiVersionMemory::mark_estimates(Position writer) {
    mark(writers_[writer].accounts, writer);
    mark(writers_[writer].slots, writer);
}

MultiVersionMemory::AccountCell* MultiVersionMemory::written_without_base(Position writer) {
    const auto& cells = writers_[writer].accounts;
    const auto found = std::ranges::find_if(cells, [](const AccountCell* cell) { return !cell->has_base.load(sync::kAcquire); });
    return found == cells.end() ? nullptr : *found;
}

// ---- Reading ----

MultiVersionMemory::Reading MultiVersionMemory::read(AccountCell& cell, Position reader, std::optional<state::Account>& value) {
    if (is_untouched(cell)) {
        value = cell.base;
        return {};
    }
    const sync::LockGuard<sync::SpinLock> lock(cell.lock);
    cell.fold(settled_.load(sync::kAcquire));
    const auto answer = [&](const AccountOverlay& overlay) -> Reading {
        if (!overlay.removed && !cell.has_base.load(sync::kRelaxed)) return {.needs_base = true};
        value = overlay.over(cell.base);
        return {};
    };
    if (cell.versions.empty() || cell.versions.front().writer >= reader) return answer(cell.settled);
    // The settled versions first, then those of lower positions on top.
    AccountOverlay overlay = cell.settled;
    for (const AccountVersion& version : cell.versions) {
        if (version.writer >= reader) break;
        if (version.estimate && !version.is_balance_only()) return {.blocker = version.writer};
        version.apply_to(overlay);
    }
    return answer(overlay);
}

MultiVersionMemory::Reading MultiVersionMemory::find_wipe(AccountCell& account, Position reader) {
    if (!account.has_versions.load(sync::kAcquire)) return {};
    const sync::LockGuard<sync::SpinLock> lock(account.lock);
    account.fold(settled_.load(sync::kAcquire));
    Reading reading{.wiped_by = account.settled.wiped_by};
    for (const AccountVersion& version : account.versions) {
        if (version.writer >= reader) break;
        if (version.estimate && !version.is_balance_only()) return {.blocker = version.writer};
        if (version.storage_wiped) reading.wiped_by = version.writer;
    }
    return reading;
}

MultiVersionMemory::Reading MultiVersionMemory::read(SlotCell& cell, Position reader, uint256& value) {
    Reading reading;
    // Relaxed: see publish_account.
    if (may_wipe_.load(sync::kRelaxed)) reading = find_wipe(*cell.account, reader);
    if (reading.blocker != kNobody) return reading;
    if (reading.wiped_by == kNobody && is_untouched(cell)) {
        value = cell.base;
        return reading;
    }

    const sync::LockGuard<sync::SpinLock> lock(cell.lock);
    if (auto at = lower_bound(cell.versions, reader); at != cell.versions.begin()) {
        const SlotVersion& version = *--at;
        if (reading.wiped_by == kNobody || version.writer >= reading.wiped_by) {
            if (version.estimate) return {.blocker = version.writer};
            value = version.value;
            return reading;
        }
    }
    if (reading.wiped_by != kNobody) {
        value = 0;
    } else if (cell.has_base.load(sync::kRelaxed)) {
        value = cell.base;
    } else {
        reading.needs_base = true;
    }
    return reading;
}

const state::Code* MultiVersionMemory::code(const hash32& code_hash) {
    // Relaxed: see publish_code.
    if (!has_codes_.load(sync::kRelaxed)) return nullptr;
    const sync::LockGuard<sync::SpinLock> lock(codes_lock_);
    const auto found = codes_.find(code_hash);
    return found == codes_.end() ? nullptr : found->second.get();
}

// ---- The outcome ----

/// Gives every account the list of its slots that are not what they were.
state::ReadResult<void> MultiVersionMemory::collect_slots(state::StateView& base) {
    for (auto& shard : *slots_) {
        for (uint32_t i = 0; i < shard.cells.size(); ++i) {
            SlotCell& cell = shard.cells[i];
            if (cell.versions.empty()) continue;
            AccountCell& account = *cell.account;
            const Position wiped_by = account.settled.wiped_by;
            const SlotVersion& last = cell.versions.back();
            if (wiped_by != kNobody && last.writer < wiped_by) continue;
            if (wiped_by == kNobody && !cell.has_base.load(sync::kRelaxed)) {
                const auto answer = base.storage(account.addr, cell.slot);
                if (!answer) return std::unexpected(answer.error());
                set_base(cell, *answer);
            }
            const uint256 before = wiped_by == kNobody ? cell.base : uint256{};
            if (last.value != before) account.slots_after.push_back({cell.slot, last.value});
        }
    }
    return {};
}

state::ReadResult<state::StateDiff> MultiVersionMemory::diff(state::StateView& base) {
    for (auto& shard : *accounts_) {
        for (uint32_t i = 0; i < shard.cells.size(); ++i) {
            shard.cells[i].fold(settled_.load(sync::kRelaxed));
            shard.cells[i].slots_after.clear();
        }
    }
    if (const auto collected = collect_slots(base); !collected) return std::unexpected(collected.error());

    state::StateDiff result;
    std::vector<std::pair<address, state::AccountDiff>> changes;
    for (auto& shard : *accounts_) {
        for (uint32_t i = 0; i < shard.cells.size(); ++i) {
            AccountCell& cell = shard.cells[i];
            if (cell.settled.is_base() && cell.slots_after.empty()) continue;
            if (!cell.has_base.load(sync::kRelaxed)) {
                const auto answer = base.account(cell.addr);
                if (!answer) return std::unexpected(answer.error());
                set_base(cell, *answer);
            }
            const std::optional<state::Account> after = cell.settled.over(cell.base);
            auto changed = state::difference(cell.base, after, cell.settled.storage_wiped, std::move(cell.slots_after));
            if (!changed) continue;
            if (after && after->code_hash != cell.base.value_or(state::Account{}).code_hash)
                if (const auto code = codes_.find(after->code_hash); code != codes_.end()) result.codes.insert(*code);
            changes.emplace_back(cell.addr, *std::move(changed));
        }
    }
    result.accounts = state::sorted_by_address(std::move(changes));
    return result;
}

}  // namespace weft::execution::parallel
