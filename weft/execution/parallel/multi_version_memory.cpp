// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/multi_version_memory.hpp"

#include "weft/base/assert.hpp"
#include "weft/base/optimisation.hpp"
#include "weft/base/planted_fault.hpp"
#include "weft/base/prefetch.hpp"
#include "weft/execution/parallel/cells.hpp"

#include <algorithm>
#include <array>
#include <iterator>
#include <new>

namespace weft::execution::parallel {

using state::AccountChange;

namespace {

/// Where the versions at and above `position` begin.
template <typename Versions>
auto lower_bound(Versions& versions, Position position) noexcept {
    // From the end: most readers and writers come after the others.
    auto at = versions.end();
    while (at != versions.begin() && (at - 1)->writer >= position) --at;
    return at;
}

template <typename Versions>
[[gnu::noinline]] void put_among_others(Versions& versions, const typename Versions::value_type& version) {
    const auto at = lower_bound(versions, version.writer);
    if (at != versions.end() && at->writer == version.writer)
        *at = version;
    else
        versions.insert(at, version);
}

/// The version of `version.writer` becomes `version`.
template <typename Versions>
void put(Versions& versions, const typename Versions::value_type& version) {
    if (versions.empty() || versions.back().writer < version.writer)
        versions.push_back(version);
    else
        put_among_others(versions, version);
}

/// Whoever reads the cell from now on learns something else; its lock is held. Returns the count before.
template <typename Cell>
uint32_t count_change(Cell& cell) noexcept {
    const uint32_t before = cell.changes.load(sync::kRelaxed);
    // Release: who sees the old count has not read what comes next. Nobody else writes.
    cell.changes.store(before + 1, sync::kRelease);
    return before;
}

/// The same by who has read the cell before, or not, in which case `read` is null.
template <typename Cell, typename Read>
void count_own_change(Cell& cell, Read* read) noexcept {
    const uint32_t before = count_change(cell);
    if (read != nullptr && read->changes == before) ++read->changes;
}

/// Takes the versions of `writer` that are not of `incarnation` out of cells.
template <typename Cell>
void drop_older(const std::vector<Cell*>& cells, Position writer, uint32_t incarnation) {
    for (Cell* cell : cells) {
        const sync::LockGuard<sync::SpinLock> lock(cell->lock);
        const auto at = lower_bound(cell->versions, writer);
        WEFT_ASSERT(at != cell->versions.end() && at->writer == writer);
        if (at->incarnation == incarnation) continue;
        if (!is_planted(Fault::uncounted_drop)) count_change(*cell);
        cell->versions.erase(at);
    }
}

template <typename Cell>
void mark(const std::vector<Cell*>& cells, Position writer) {
    for (Cell* cell : cells) {
        const sync::LockGuard<sync::SpinLock> lock(cell->lock);
        const auto at = lower_bound(cell->versions, writer);
        WEFT_ASSERT(at != cell->versions.end() && at->writer == writer);
        count_change(*cell);
        at->estimate = true;
    }
}

/// Nobody has written the location, and its base is known. What a writer adds at the same time is read or not, as it would be a moment
/// earlier or later; whoever commits comes after all lower writers and sees what they wrote.
template <typename Cell>
bool is_untouched(const Cell& cell) noexcept {
    return cell.has_base.load(sync::kAcquire) && cell.changes.load(sync::kAcquire) == 0;
}

template <typename Cell, typename Base>
void leave_base(Cell& cell, const Base& base) {
    const sync::LockGuard<sync::SpinLock> lock(cell.lock);
    if (cell.has_base.load(sync::kRelaxed)) return;
    cell.base = base;
    cell.has_base.store(true, sync::kRelease);
}

}  // namespace

/// Cells are kept from block to block with their buffers.
class MultiVersionMemory::CellPool {
    friend class MultiVersionMemory;
    state::Pool<AccountCell> accounts_;
    state::Pool<SlotCell> slots_;
    // What was written by who takes cells here, each cell in one pool's list and once; a version of it need not have stayed.
    std::array<std::vector<WrittenAccount>, kDigits> written_accounts_;  // by the first hexadecimal digit of the address
    std::vector<SlotCell*> written_slots_;
};

/// Finds the cells of changes among those of reads, which mostly come in the same order.
class MultiVersionMemory::Finder {
  public:
    Finder(MultiVersionMemory& memory, const OwnReads& reads, CellPool& pool) : memory_(memory), reads_(reads), pool_(pool) {}

    [[nodiscard]] FoundAccount find(const address& addr) {
        const auto is_it = [&](const AccountRead& read) { return read.cell->addr == addr; };
        if (AccountRead* read = find(reads_.accounts, next_account_, is_it)) return {.cell = *read->cell, .read = read};
        return {.cell = memory_.cell_of(addr, pool_)};
    }
    [[nodiscard]] FoundSlot find(AccountCell& account, const uint256& slot) {
        const auto is_it = [&](const SlotRead& read) { return read.cell->slot == slot && read.cell->account == &account; };
        if (SlotRead* read = find(reads_.slots, next_slot_, is_it)) return {.cell = *read->cell, .read = read};
        return {.cell = memory_.cell_of(account, slot, pool_)};
    }

  private:
    template <typename Read, typename IsIt>
    [[nodiscard]] static Read* find(std::span<Read> reads, size_t& next, const IsIt& is_it) {
        constexpr size_t kNear = 4;
        const size_t end = std::min(reads.size(), next + kNear);
        for (size_t i = next; i < end; ++i) {
            if (!is_it(reads[i])) continue;
            next = i + 1;
            return &reads[i];
        }
        return nullptr;
    }

    MultiVersionMemory& memory_;
    OwnReads reads_;
    CellPool& pool_;
    size_t next_account_ = 0;
    size_t next_slot_ = 0;
};

MultiVersionMemory::MultiVersionMemory(size_t pools) : pools_(pools) {
    for (auto& pool : pools_) pool = std::make_unique<CellPool>();
}
MultiVersionMemory::~MultiVersionMemory() = default;

void MultiVersionMemory::reset() {
    accounts_.clear();
    slots_.clear();
    for (auto& pool : pools_) {
        pool->accounts_.clear();
        pool->slots_.clear();
        for (auto& accounts : pool->written_accounts_) accounts.clear();
        pool->written_slots_.clear();
    }
    accepted_credits_.clear();
    looked_for_changes_ = false;
    codes_.clear();
    // Relaxed: nobody else is here.
    settled_.store(0, sync::kRelaxed);
    may_wipe_.store(false, sync::kRelaxed);
    has_codes_.store(false, sync::kRelaxed);
}

// ---- Locations ----

MultiVersionMemory::CellPool& MultiVersionMemory::pool(size_t i) noexcept { return *pools_[i]; }

MultiVersionMemory::AccountCell& MultiVersionMemory::cell_of(const address& addr, CellPool& pool) {
    const uint64_t hash = hash_value(addr);
    const auto make = [&]() -> AccountCell& {
        AccountCell& cell = pool.accounts_.append();
        cell.begin(addr, hash);
        return cell;
    };
    return accounts_.find_or_add(
        hash, [&](const AccountCell& cell) { return cell.addr == addr; }, make, [&] { pool.accounts_.remove_last(); });
}

MultiVersionMemory::SlotCell& MultiVersionMemory::cell_of(AccountCell& account, const uint256& slot, CellPool& pool) {
    const uint64_t hash = mix64(account.hash ^ hash_value(slot), 0x9e3779b97f4a7c15);
    const auto make = [&]() -> SlotCell& {
        SlotCell& cell = pool.slots_.append();
        cell.begin(account, slot);
        return cell;
    };
    return slots_.find_or_add(
        hash, [&](const SlotCell& cell) { return cell.account == &account && cell.slot == slot; }, make,
        [&] { pool.slots_.remove_last(); });
}

bool MultiVersionMemory::has_base(const AccountCell& cell) noexcept { return cell.has_base.load(sync::kAcquire); }
void MultiVersionMemory::set_base(AccountCell& cell, const std::optional<state::Account>& base) { leave_base(cell, base); }
void MultiVersionMemory::set_base(SlotCell& cell, const uint256& base) { leave_base(cell, base); }

const address& MultiVersionMemory::address_of(const AccountCell& cell) noexcept { return cell.addr; }
Timeline::Location MultiVersionMemory::location_of(const SlotCell& cell) noexcept {
    return {.account = cell.account->addr, .slot = cell.slot};
}

// ---- Writing ----

void MultiVersionMemory::publish(Position writer, WriteSet& writes, const state::TransactionChanges& changes, const OwnReads& reads,
                                 CellPool& pool) {
    ++writes.incarnation_;
    writes.previous_accounts_.swap(writes.accounts_);
    writes.previous_slots_.swap(writes.slots_);
    writes.accounts_.clear();
    writes.slots_.clear();
    writes.deferred_credits_.clear();
    writes.lacked_base_ = false;
    Finder finder(*this, reads, pool);
    for (const AccountChange& change : changes) publish_change(writer, writes, change, finder, pool);
    drop_older(writes.previous_accounts_, writer, writes.incarnation_);
    drop_older(writes.previous_slots_, writer, writes.incarnation_);
    writes.previous_accounts_.clear();
    writes.previous_slots_.clear();
}

/// The hash, where it stays until reset().
const hash32* MultiVersionMemory::publish_code(const AccountChange& change) {
    const sync::LockGuard<sync::SpinLock> lock(codes_lock_);
    const auto known = codes_.try_emplace(change.code_hash, change.code).first;
    // Relaxed: who learns the hash learns it from a version, through the lock of its cell, which comes after this.
    has_codes_.store(true, sync::kRelaxed);
    return &known->first;
}

/// Notes that the account was written, in itself or in a slot.
void MultiVersionMemory::list(AccountCell& cell, CellPool& pool) {
    // Relaxed: the lists are looked at when all writers are done.
    if (cell.is_listed.load(sync::kRelaxed) || cell.is_listed.exchange(true, sync::kRelaxed)) return;
    uint64_t prefix = 0;
    for (size_t i = 0; i < sizeof prefix; ++i) prefix = prefix << 8 | cell.addr[i];
    pool.written_accounts_[prefix >> 60].push_back({.prefix = prefix, .cell = &cell});
}

/// Whether a credit to the account is to be deferred: also from now on, when somebody has paid it before.
bool MultiVersionMemory::defers(AccountCell& cell) noexcept {
    if constexpr (!optimisation::kDeferredCredits) return false;
    // Relaxed: published or summed up, accepting makes a credit known. The committer sees what was set by who finished before.
    Credits credits = cell.credits.load(sync::kRelaxed);
    if (credits == Credits::published && cell.changes.load(sync::kRelaxed) != 0 &&
        cell.credits.compare_exchange_strong(credits, Credits::deferred, sync::kRelaxed))
        return true;
    return credits == Credits::deferred;
}

void MultiVersionMemory::publish_change(Position writer, WriteSet& writes, const AccountChange& change, Finder& finder, CellPool& pool) {
    const FoundAccount found = finder.find(change.addr);
    AccountCell& cell = found.cell;
    writes.lacked_base_ = writes.lacked_base_ || !has_base(cell);
    const bool is_credit = change.balance_change == AccountChange::Balance::credit && !change.removed && !change.storage_wiped &&
                           !change.nonce_changed && !change.code_changed && change.slots.empty();
    if (is_credit && defers(cell)) {
        writes.deferred_credits_.push_back({.cell = &cell, .amount = change.balance});
        return;
    }
    list(cell, pool);
    publish_account(writer, writes, found, change);
    for (const auto& [slot, value] : change.slots)
        put_slot({.writer = writer, .incarnation = writes.incarnation_, .value = value, .estimate = false}, writes, finder.find(cell, slot),
                 pool);
}

void MultiVersionMemory::publish_account(Position writer, WriteSet& writes, const FoundAccount& found, const AccountChange& change) {
    const bool wipes = change.removed || change.storage_wiped;
    const bool changes_account = wipes || change.comes_to_exist || change.nonce_changed || change.code_changed ||
                                 change.balance_change != AccountChange::Balance::unchanged;
    if (!changes_account) return;
    // Relaxed: a reader that misses it reads too old a value, which committing finds like any other.
    if (wipes) may_wipe_.store(true, sync::kRelaxed);
    AccountVersion version{.writer = writer,
                           .incarnation = writes.incarnation_,
                           .wiped_by = wipes ? writer : kNobody,
                           .exists = !change.removed,
                           .removed = change.removed,
                           .storage_wiped = wipes};
    if (!change.removed) {
        version.stores = !change.slots.empty();
        version.nonce_known = change.nonce_changed;
        version.nonce = change.nonce;
        version.balance_known = change.balance_change == AccountChange::Balance::set;
        if (change.balance_change != AccountChange::Balance::unchanged) version.balance = change.balance;
        if (change.code_changed) version.code_hash = publish_code(change);
    }
    put_account(version, writes, found);
}

void MultiVersionMemory::put_account(const AccountVersion& version, WriteSet& writes, const FoundAccount& found) {
    AccountCell& cell = found.cell;
    const sync::LockGuard<sync::SpinLock> lock(cell.lock);
    if (cell.versions.size() >= kManyVersions) cell.fold(settled_.load(sync::kAcquire));
    count_own_change(cell, found.read);
    put(cell.versions, version);
    writes.accounts_.push_back(&cell);
}

void MultiVersionMemory::publish_sums(Position writer, WriteSet& writes, std::span<const AccountSum> sums, std::span<AccountRead> reads,
                                      CellPool& pool) {
    WEFT_ASSERT(writes.incarnation_ == 0);
    writes.incarnation_ = 1;
    writes.lacked_base_ = false;
    for (size_t i = 0; i < sums.size(); ++i) {
        const auto& [cell, balance, nonce] = sums[i];
        writes.lacked_base_ = writes.lacked_base_ || !has_base(*cell);
        if (!nonce && defers(*cell)) {
            writes.deferred_credits_.push_back({.cell = cell, .amount = balance});
            continue;
        }
        list(*cell, pool);
        const AccountVersion version{.writer = writer,
                                     .incarnation = writes.incarnation_,
                                     .exists = true,
                                     .nonce_known = nonce.has_value(),
                                     .nonce = nonce.value_or(0),
                                     .balance = balance};
        put_account(version, writes, {.cell = *cell, .read = i < reads.size() ? &reads[i] : nullptr});
    }
}

MultiVersionMemory::AccountVersion* MultiVersionMemory::open_version(Position writer, AccountCell& cell, CellPool& pool) {
    std::optional<state::Account> before;
    const Reading reading = read(cell, writer, before);
    WEFT_ASSERT(!reading.needs_base && reading.blocker == kNobody);
    AccountVersion version{.writer = writer, .incarnation = 1, .balance_known = true};
    if (before) {
        if (before->code_hash != state::kEmptyCodeHash) return nullptr;
        version.exists = true;
        version.nonce = before->nonce;
        version.balance = before->balance;
    }
    list(cell, pool);
    const sync::LockGuard<sync::SpinLock> lock(cell.lock);
    count_change(cell);
    WEFT_ASSERT(cell.versions.empty() || cell.versions.back().writer < writer);
    return &cell.versions.emplace_back(version);
}

void MultiVersionMemory::defer_credits_to(const address& addr, CellPool& pool) {
    // Relaxed: the workers come later.
    cell_of(addr, pool).credits.store(Credits::deferred, sync::kRelaxed);
}

bool MultiVersionMemory::may_lack_credits(const AccountCell& cell) noexcept {
    // Relaxed: see defers().
    return cell.credits.load(sync::kRelaxed) != Credits::published;
}

void MultiVersionMemory::balance_is_observed(AccountCell& cell) noexcept {
    // Relaxed: see defers().
    if (cell.credits.load(sync::kRelaxed) == Credits::deferred) cell.credits.store(Credits::observed, sync::kRelaxed);
}

void MultiVersionMemory::publish_credits(AccountCell& cell, Position last, CellPool& pool) {
    if (cell.accepted_credits == kNone) return;
    Credit& credits = accepted_credits_[std::exchange(cell.accepted_credits, kNone)];
    credits.cell = nullptr;
    list(cell, pool);
    const sync::LockGuard<sync::SpinLock> lock(cell.lock);
    count_change(cell);
    if (const auto at = lower_bound(cell.versions, last); at != cell.versions.end() && at->writer == last) {
        // Not gone: who removes an account has looked at its balance, so what was summed up was published before.
        WEFT_ASSERT(at->exists);
        at->balance += credits.amount;
    } else {
        cell.versions.insert(at, AccountVersion{.writer = last, .incarnation = 0, .exists = true, .balance = credits.amount});
    }
}

void MultiVersionMemory::publish_all_credits(Position last, CellPool& pool) {
    for (const Credit& credits : accepted_credits_)
        if (credits.cell != nullptr) publish_credits(*credits.cell, last, pool);
    accepted_credits_.clear();
}

void MultiVersionMemory::put_slot(const SlotVersion& version, WriteSet& writes, const FoundSlot& found, CellPool& pool) {
    SlotCell& cell = found.cell;
    const sync::LockGuard<sync::SpinLock> lock(cell.lock);
    // Relaxed: under the lock.
    if (cell.changes.load(sync::kRelaxed) == 0) pool.written_slots_.push_back(&cell);
    count_own_change(cell, found.read);
    cell.last_writer.store(version.writer, sync::kRelaxed);
    put(cell.versions, version);
    writes.slots_.push_back(&cell);
}

void MultiVersionMemory::expect_write(Position writer, WriteSet& writes, AccountCell& cell) {
    WEFT_ASSERT(writes.incarnation_ == 0);
    const sync::LockGuard<sync::SpinLock> lock(cell.lock);
    count_change(cell);
    put(cell.versions, AccountVersion{.writer = writer, .incarnation = 0, .estimate = true, .exists = true, .nonce_known = true});
    writes.accounts_.push_back(&cell);
}

void MultiVersionMemory::expect_write(Position writer, WriteSet& writes, SlotCell& cell, CellPool& pool) {
    WEFT_ASSERT(writes.incarnation_ == 0);
    put_slot(SlotVersion{.writer = writer, .incarnation = 0, .value = {}, .estimate = true}, writes, {.cell = cell}, pool);
}

// Relaxed, here and in what follows: it matters to speed alone.
void MultiVersionMemory::contend(SlotCell& cell, Position writer) noexcept {
    const Position first = contention_of(cell).first;
    cell.contention.store({.first = first == kNobody ? writer : first, .last = writer}, sync::kRelaxed);
}
MultiVersionMemory::Contention MultiVersionMemory::contention_of(const SlotCell& cell) noexcept {
    return cell.contention.load(sync::kRelaxed);
}
bool MultiVersionMemory::is_contended(const SlotCell& cell) noexcept { return contention_of(cell).first != kNobody; }

bool MultiVersionMemory::is_hot(const SlotCell& cell) const noexcept {
    constexpr bool kAnySlot = sync::limit(false, true);
    if (kAnySlot || is_contended(cell)) return true;
    return cell.changes.load(sync::kRelaxed) >= 2 && cell.last_writer.load(sync::kRelaxed) >= settled_.load(sync::kRelaxed);
}
RelativeUses& MultiVersionMemory::relative_uses_of(SlotCell& cell) noexcept { return cell.relative_uses; }

void MultiVersionMemory::move(SlotCell& cell, Position writer, const uint256& amount) {
    const sync::LockGuard<sync::SpinLock> lock(cell.lock);
    const auto at = lower_bound(cell.versions, writer);
    WEFT_ASSERT(at != cell.versions.end() && at->writer == writer && !at->estimate);
    count_change(cell);
    at->value += amount;
}

void MultiVersionMemory::mark_estimates(Position writer, const WriteSet& writes) {
    mark(writes.accounts_, writer);
    mark(writes.slots_, writer);
}

void MultiVersionMemory::accept(WriteSet& writes) {
    for (const Credit& credit : writes.deferred_credits_) {
        if (uint32_t& number = credit.cell->accepted_credits; number != kNone) {
            accepted_credits_[number].amount += credit.amount;
        } else {
            number = static_cast<uint32_t>(accepted_credits_.size());
            accepted_credits_.push_back(credit);
        }
    }
    writes.deferred_credits_.clear();
}

MultiVersionMemory::AccountCell* MultiVersionMemory::written_without_base(const WriteSet& writes) noexcept {
    if (!writes.lacked_base_) return nullptr;
    const auto lacks_base = [](const AccountCell* cell) { return !has_base(*cell); };
    if (const auto found = std::ranges::find_if(writes.accounts_, lacks_base); found != writes.accounts_.end()) return *found;
    const auto found = std::ranges::find_if(writes.deferred_credits_, lacks_base, &Credit::cell);
    return found == writes.deferred_credits_.end() ? nullptr : found->cell;
}

// ---- Reading ----

bool MultiVersionMemory::is_unchanged(const AccountRead& read) const noexcept {
    return optimisation::kChangeCounts && read.cell->changes.load(sync::kAcquire) == read.changes;
}

bool MultiVersionMemory::is_unchanged(const SlotRead& read) const noexcept {
    // Relaxed: see publish_account().
    return optimisation::kChangeCounts && read.cell->changes.load(sync::kAcquire) == read.changes &&
           (is_planted(Fault::missed_wipe) || !may_wipe_.load(sync::kRelaxed));
}

MultiVersionMemory::Reading MultiVersionMemory::read(AccountCell& cell, Position reader, std::optional<state::Account>& value) {
    if (is_untouched(cell)) {
        value = cell.base;
        return {};
    }
    const sync::LockGuard<sync::SpinLock> lock(cell.lock);
    // Relaxed: under the lock.
    const Reading reading{.changes = cell.changes.load(sync::kRelaxed)};
    cell.fold(settled_.load(sync::kAcquire));
    const auto end = lower_bound(cell.versions, reader);
    for (auto at = cell.versions.begin(); at != end; ++at)
        if (at->estimate && !at->is_balance_only()) return {.blocker = at->writer};
    if (end == cell.versions.begin()) {
        if (!cell.has_base.load(sync::kRelaxed)) return {.needs_base = true};
        value = cell.base;
        return reading;
    }
    AccountVersion sum = cell.versions.front();
    for (auto at = cell.versions.begin() + 1; at != end; ++at) sum.follow_by(*at);
    if (!sum.removed && !cell.has_base.load(sync::kRelaxed)) return {.needs_base = true};
    value = sum.over(cell.base);
    return reading;
}

MultiVersionMemory::Reading MultiVersionMemory::find_wipe(AccountCell& account, Position reader) {
    Reading reading;
    if (account.changes.load(sync::kAcquire) == 0) return reading;
    const sync::LockGuard<sync::SpinLock> lock(account.lock);
    account.fold(settled_.load(sync::kAcquire));
    for (const AccountVersion& version : account.versions) {
        if (version.writer >= reader) break;
        if (version.estimate && !version.is_balance_only()) return {.blocker = version.writer};
        if (version.wiped_by != kNobody) reading.wiped_by = version.wiped_by;
    }
    return reading;
}

MultiVersionMemory::Reading MultiVersionMemory::read(SlotCell& cell, Position reader, uint256& value, Estimates estimates) {
    Reading reading;
    // Relaxed: see publish_account.
    if (may_wipe_.load(sync::kRelaxed)) reading = find_wipe(*cell.account, reader);
    if (reading.blocker != kNobody) return reading;
    if (reading.wiped_by == kNobody && is_untouched(cell)) {
        value = cell.base;
        return reading;
    }

    const sync::LockGuard<sync::SpinLock> lock(cell.lock);
    // Relaxed: under the lock.
    reading.changes = cell.changes.load(sync::kRelaxed);
    auto at = lower_bound(cell.versions, reader);
    if (estimates == Estimates::passed_over)
        while (at != cell.versions.begin() && (at - 1)->is_mere_expectation()) --at;
    if (at != cell.versions.begin()) {
        const SlotVersion& version = *--at;
        if (reading.wiped_by == kNobody || version.writer >= reading.wiped_by) {
            if (version.estimate && estimates == Estimates::waited_for) return {.blocker = version.writer};
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

Position MultiVersionMemory::last_writer(AccountCell& cell, Position reader, uint8_t aspects) {
    if (may_lack_credits(cell)) return kNobody;
    const sync::LockGuard<sync::SpinLock> lock(cell.lock);
    for (auto at = lower_bound(cell.versions, reader); at != cell.versions.begin();)
        if ((--at)->concerns(aspects)) return at->writer;
    return kNobody;
}

Position MultiVersionMemory::last_writer(SlotCell& cell, Position reader) {
    const sync::LockGuard<sync::SpinLock> lock(cell.lock);
    const auto end = lower_bound(cell.versions, reader);
    return end == cell.versions.begin() ? kNobody : (end - 1)->writer;
}

const state::Code* MultiVersionMemory::code(const hash32& code_hash) {
    // Relaxed: see publish_code.
    if (!has_codes_.load(sync::kRelaxed)) return nullptr;
    const sync::LockGuard<sync::SpinLock> lock(codes_lock_);
    const auto found = codes_.find(code_hash);
    return found == codes_.end() ? nullptr : found->second.get();
}

// ---- The outcome ----

/// Whether the slot is not what it was.
state::ReadResult<bool> MultiVersionMemory::is_changed(SlotCell& cell, state::StateView& base) {
    if (cell.versions.empty()) return false;
    AccountCell& account = *cell.account;
    // Relaxed: all writers are done.
    const Position wiped_by = may_wipe_.load(sync::kRelaxed) ? find_wipe(account, kNobody).wiped_by : kNobody;
    const SlotVersion& last = cell.versions.back();
    if (wiped_by != kNobody && last.writer < wiped_by) return false;
    if (wiped_by == kNobody && !cell.has_base.load(sync::kRelaxed)) {
        const auto answer = base.storage(account.addr, cell.slot);
        if (!answer) return std::unexpected(answer.error());
        set_base(cell, *answer);
    }
    const uint256 before = wiped_by == kNobody ? cell.base : uint256{};
    return last.value != before;
}

/// Finds those of the slots that are not what they were, and gives them to their accounts.
state::ReadResult<void> MultiVersionMemory::find_changed(std::span<SlotCell* const> cells, state::StateView& base, ChangedSlots& changed) {
    auto& [slots, runs] = changed;
    slots.clear();
    runs.clear();
    for (SlotCell* cell : cells) {
        const auto is_changed_now = is_changed(*cell, base);
        if (!is_changed_now) return std::unexpected(is_changed_now.error());
        if (*is_changed_now) slots.push_back({.account = cell->account, .value = {cell->slot, cell->versions.back().value}});
    }
    // A transaction writes several slots of an account together.
    for (auto begin = slots.begin(); begin != slots.end();) {
        const auto end = std::find_if(begin, slots.end(), [&](const ChangedSlot& slot) { return slot.account != begin->account; });
        std::sort(begin, end, [](const ChangedSlot& a, const ChangedSlot& b) { return a.value.slot < b.value.slot; });
        runs.push_back({.slots = {begin, end}});
        begin = end;
    }
    for (SlotRun& run : runs) {
        AccountCell& account = *run.slots.front().account;
        const sync::LockGuard<sync::SpinLock> lock(account.lock);
        run.next = std::exchange(account.changed, &run);
        const size_t before = run.next == nullptr ? 0 : run.next->total;
        run.total = before + run.slots.size();
        if (before < kManyChanged && run.total >= kManyChanged) {
            const sync::LockGuard<sync::SpinLock> lock_of_list(much_changed_lock_);
            much_changed_.push_back({.cell = &account, .slots = {}});
        }
    }
    return {};
}

/// Those of an account's changed slots whose keys begin with that hexadecimal digit, in order.
std::vector<state::SlotValue> MultiVersionMemory::changed_with_digit(const AccountCell& account, size_t digit) {
    const auto digit_of = [](const ChangedSlot& slot) -> size_t { return slot.value.slot.w[3] >> 60; };
    std::vector<state::SlotValue> result;
    for (const SlotRun* run = account.changed; run != nullptr; run = run->next)
        for (const ChangedSlot& slot : std::ranges::equal_range(run->slots, digit, {}, digit_of)) result.push_back(slot.value);
    std::ranges::sort(result, {}, &state::SlotValue::slot);
    return result;
}

/// All of an account that has some.
std::vector<state::SlotValue> MultiVersionMemory::changed_slots(const AccountCell& account) {
    std::vector<state::SlotValue> result;
    result.reserve(account.changed->total);
    if (const auto much = std::ranges::find(much_changed_, &account, &MuchChanged::cell); much != much_changed_.end()) {
        for (const auto& slots : much->slots) result.insert(result.end(), slots.begin(), slots.end());
        return result;
    }
    for (const SlotRun* run = account.changed; run != nullptr; run = run->next)
        for (const ChangedSlot& slot : run->slots) result.push_back(slot.value);
    return result;
}

/// What changed in an account whose changed slots are found; nullopt: nothing.
state::ReadResult<std::optional<state::AccountDiff>> MultiVersionMemory::difference_of(AccountCell& cell, state::StateView& base) {
    cell.fold(settled_.load(sync::kRelaxed));
    if (cell.versions.empty() && cell.changed == nullptr) return std::nullopt;
    if (!cell.has_base.load(sync::kRelaxed)) {
        const auto answer = base.account(cell.addr);
        if (!answer) return std::unexpected(answer.error());
        set_base(cell, *answer);
    }
    const bool is_wiped = !cell.versions.empty() && cell.versions.front().storage_wiped;
    const auto after = cell.versions.empty() ? cell.base : cell.versions.front().over(cell.base);
    return state::difference(cell.base, after, is_wiped, cell.changed == nullptr ? std::vector<state::SlotValue>{} : changed_slots(cell));
}

/// Calls use(cell) for each account that was written, in itself or in a slot.
template <typename Use>
void MultiVersionMemory::for_each_written(const Use& use) const {
    for (const auto& pool : pools_)
        for (const auto& accounts : pool->written_accounts_)
            for (const WrittenAccount& account : accounts) use(*account.cell);
}

/// Code that the block deployed and that the account has now and had not before.
void MultiVersionMemory::add_new_code(const AccountCell& cell, const state::AccountDiff& diff, Differences& differences) const {
    if (codes_.empty() || !diff.account || diff.account->code_hash == cell.base.value_or(state::Account{}).code_hash) return;
    if (const auto code = codes_.find(diff.account->code_hash); code != codes_.end() && code->second != nullptr)
        differences.codes.push_back(*code);
}

/// What came of parts that run at the same time: that nothing failed, or something that did.
class MultiVersionMemory::PartsOutcome {
  public:
    /// Runs a part.
    template <typename Part>
    void guard(const Part& part) noexcept {
        try {
            const state::ReadResult<void> result = part();
            if (result) return;
            const sync::LockGuard<sync::SpinLock> lock(lock_);
            error_ = result.error();
        } catch (const std::bad_alloc&) {
            out_of_memory_ = true;
        }
    }
    /// After all parts; throws if one ran out of memory.
    [[nodiscard]] state::ReadResult<void> get() const {
        if (out_of_memory_) throw std::bad_alloc();
        if (error_) return std::unexpected(*error_);
        return {};
    }

  private:
    sync::SpinLock lock_;
    std::optional<state::ReadError> error_;  // guarded by lock_
    sync::Atomic<bool> out_of_memory_{false};
};

state::ReadResult<void> MultiVersionMemory::find_changed_slots(state::StateView& base, Crew& crew) {
    constexpr size_t kSlotsOfPart = 64;
    // Of an earlier try.
    if (std::exchange(looked_for_changes_, true)) for_each_written([](AccountCell& cell) { cell.changed = nullptr; });
    much_changed_.clear();
    const size_t parts = (written_slots_.size() + kSlotsOfPart - 1) / kSlotsOfPart;
    if (changed_slots_.size() < parts) changed_slots_.resize(parts);
    PartsOutcome outcome;
    crew.run(parts, [&](size_t part) {
        outcome.guard([&]() -> state::ReadResult<void> {
            const size_t begin = part * kSlotsOfPart;
            const std::span cells{written_slots_.data() + begin, std::min(kSlotsOfPart, written_slots_.size() - begin)};
            for (const SlotCell* cell : cells) prefetch(*cell);
            return find_changed(cells, base, changed_slots_[part]);
        });
    });
    if (const auto failed = outcome.get(); !failed) return failed;
    crew.run(much_changed_.size() * kDigits, [&](size_t part) {
        outcome.guard([&]() -> state::ReadResult<void> {
            MuchChanged& account = much_changed_[part / kDigits];
            account.slots[part % kDigits] = changed_with_digit(*account.cell, part % kDigits);
            return {};
        });
    });
    return outcome.get();
}

/// Of the accounts whose addresses begin with that hexadecimal digit.
state::ReadResult<void> MultiVersionMemory::differences(size_t digit, state::StateView& base, Differences& differences) {
    std::vector<WrittenAccount> accounts;
    for (const auto& pool : pools_) {
        const auto& of_pool = pool->written_accounts_[digit];
        accounts.insert(accounts.end(), of_pool.begin(), of_pool.end());
    }
    std::ranges::sort(accounts, [](const WrittenAccount& a, const WrittenAccount& b) {
        return a.prefix != b.prefix ? a.prefix < b.prefix : a.cell->addr < b.cell->addr;
    });
    differences.accounts.reserve(accounts.size());
    constexpr size_t kAhead = 8;
    for (size_t i = 0; i < accounts.size(); ++i) {
        if (i + kAhead < accounts.size()) prefetch(*accounts[i + kAhead].cell);
        AccountCell& cell = *accounts[i].cell;
        auto changed = difference_of(cell, base);
        if (!changed) return std::unexpected(changed.error());
        if (!*changed) continue;
        add_new_code(cell, **changed, differences);
        differences.accounts.emplace_back(cell.addr, **std::move(changed));
    }
    return {};
}

state::ReadResult<state::StateDiff> MultiVersionMemory::diff(state::StateView& base, Crew& crew) {
    written_slots_.clear();
    for (const auto& pool : pools_) written_slots_.insert(written_slots_.end(), pool->written_slots_.begin(), pool->written_slots_.end());
    if (const auto found = find_changed_slots(base, crew); !found) return std::unexpected(found.error());

    // One part for each first hexadecimal digit, so that the parts only need to be put behind each other.
    std::array<Differences, kDigits> parts;
    PartsOutcome outcome;
    crew.run(kDigits, [&](size_t part) { outcome.guard([&] { return differences(part, base, parts[part]); }); });
    if (const auto failed = outcome.get(); !failed) return std::unexpected(failed.error());

    state::AccountDiffs::sequence_type sequence;
    size_t size = 0;
    for (const Differences& part : parts) size += part.accounts.size();
    sequence.reserve(size);
    state::StateDiff result;
    for (Differences& part : parts) {
        std::ranges::move(part.accounts, std::back_inserter(sequence));
        result.codes.insert(part.codes.begin(), part.codes.end());
    }
    result.accounts.adopt_sequence(boost::container::ordered_unique_range, std::move(sequence));
    return result;
}

}  // namespace weft::execution::parallel
