// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/multi_version_memory.hpp"

#include "weft/base/assert.hpp"
#include "weft/base/optimisation.hpp"
#include "weft/base/planted_fault.hpp"
#include "weft/execution/parallel/cells.hpp"

#include <algorithm>

namespace weft::execution::parallel {

using state::AccountChange;

namespace {

template <typename Versions>
[[gnu::noinline]] auto& version_among_others(Versions& versions, Position writer) {
    const auto at = lower_bound(versions, writer);
    return at != versions.end() && at->writer == writer ? *at : *versions.emplace(at);
}

/// The version of `writer`, which is for the caller to fill in: where it lies, since a copy would wait for what was just written.
template <typename Versions>
auto& version_of(Versions& versions, Position writer) {
    return versions.empty() || versions.back().writer < writer ? versions.emplace_back() : version_among_others(versions, writer);
}

/// As count_change(), by who has read the cell before, or not, in which case `read` is null.
template <typename Cell, typename Read>
void count_own_change(Cell& cell, Read* read) noexcept {
    const uint32_t before = count_change(cell);
    if (read != nullptr && read->changes == before) ++read->changes;
}

/// In place of a number of stores.
constexpr uint8_t kNeverEarly = UINT8_MAX;

/// The version goes: what was published early, and stood until its writer had finished, was wrong.
void note_end([[maybe_unused]] auto& cell, [[maybe_unused]] const auto& version) noexcept {
    // Relaxed: it matters to speed alone.
    if constexpr (requires { version.early; })
        if (version.early && !version.estimate) cell.stores.store(kNeverEarly, sync::kRelaxed);
}

/// Takes the versions of `writer` that are not of `incarnation` out of cells.
template <typename Cell>
void drop_older(const std::vector<Cell*>& cells, Position writer, uint32_t incarnation) {
    for (Cell* cell : cells) {
        const sync::LockGuard<sync::SpinLock> lock(cell->lock);
        const auto at = lower_bound(cell->versions, writer);
        WEFT_ASSERT(at != cell->versions.end() && at->writer == writer);
        if (at->incarnation == incarnation) continue;
        note_end(*cell, *at);
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
        if (at->estimate) continue;
        count_change(*cell);
        at->estimate = true;
    }
}

/// Nobody has written the location. What a writer adds at the same time is read or not, as it would be a moment
/// earlier or later; whoever commits comes after all lower writers and sees what they wrote.
template <typename Cell>
bool is_unwritten(const Cell& cell) noexcept {
    return cell.changes.load(sync::kAcquire) == 0;
}

template <typename Cell, typename Base>
void leave_base(Cell& cell, const Base& base) {
    const sync::LockGuard<sync::SpinLock> lock(cell.lock);
    if (cell.has_base.load(sync::kRelaxed)) return;
    cell.base = base;
    cell.has_base.store(true, sync::kRelease);
}

}  // namespace

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
        SlotCell& cell = memory_.cell_of(account, slot, pool_);
        if (!is_contended(cell) && reads_.relative.empty()) return {.cell = cell};
        // Its counter learns from what was read, and who has read it as relative need not publish.
        const auto read = std::ranges::find(reads_.slots, &cell, &SlotRead::cell);
        return {.cell = cell, .read = read == reads_.slots.end() ? nullptr : &*read};
    }

    [[nodiscard]] bool is_relative(const SlotRead* read) const noexcept {
        if (read == nullptr || reads_.relative.empty()) return false;
        const auto ticket = static_cast<uint64_t>(read - reads_.slots.data());
        return std::ranges::find(reads_.relative, ticket, &state::RelativeSlot::ticket) != reads_.relative.end();
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
    accepted_additions_.clear();
    unpublished_additions_ = 0;
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

template <typename Begin>
MultiVersionMemory::SlotCell& MultiVersionMemory::cell_of(AccountCell& account, const uint256& slot, CellPool& pool, const Begin& begin) {
    const uint64_t hash = mix64(account.hash ^ hash_value(slot), 0x9e3779b97f4a7c15);
    const auto make = [&]() -> SlotCell& {
        SlotCell& cell = pool.slots_.append();
        cell.begin(account, slot);
        begin(cell);
        return cell;
    };
    return slots_.find_or_add(
        hash, [&](const SlotCell& cell) { return cell.account == &account && cell.slot == slot; }, make,
        [&] { pool.slots_.remove_last(); });
}

MultiVersionMemory::SlotCell& MultiVersionMemory::cell_of(AccountCell& account, const uint256& slot, CellPool& pool) {
    return cell_of(account, slot, pool, [](SlotCell&) {});
}

MultiVersionMemory::SlotCell& MultiVersionMemory::cell_of(AccountCell& account, const uint256& slot, state::StateView& base,
                                                          CellPool& pool) {
    return cell_of(account, slot, pool, [&](SlotCell& cell) {
        const auto answer = base.storage(account.addr, slot);
        if (!answer) return;
        cell.base = *answer;
        // Relaxed: nobody else knows the cell yet.
        cell.has_base.store(true, sync::kRelaxed);
    });
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
    writes.deferred_additions_.clear();
    writes.lacked_base_ = false;
    Finder finder(*this, reads, pool);
    for (const AccountChange& change : changes) publish_change(writer, writes, change, finder, pool);
    drop_older(writes.previous_accounts_, writer, writes.incarnation_);
    drop_older(writes.previous_slots_, writer, writes.incarnation_);
    writes.has_early_ = false;
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
    if (cell.is_listed.load(sync::kRelaxed)) return;
    const sync::LockGuard<sync::SpinLock> lock(cell.lock);
    list_locked(cell, pool);
}

/// The lock of the cell is held.
void MultiVersionMemory::list_locked(AccountCell& cell, CellPool& pool) {
    // Relaxed: under the lock.
    if (cell.is_listed.load(sync::kRelaxed)) return;
    cell.is_listed.store(true, sync::kRelaxed);
    uint64_t prefix = 0;
    for (size_t i = 0; i < sizeof prefix; ++i) prefix = prefix << 8 | cell.addr[i];
    pool.written_accounts_[prefix >> 60].push_back({.prefix = prefix, .cell = &cell});
}

void MultiVersionMemory::publish_change(Position writer, WriteSet& writes, const AccountChange& change, Finder& finder, CellPool& pool) {
    const FoundAccount found = finder.find(change.addr);
    AccountCell& cell = found.cell;
    writes.lacked_base_ = writes.lacked_base_ || !has_base(cell);
    // Who calls a contract has read its account, as others will.
    if (is_credit(cell, change) && defers(cell, !change.slots.empty())) {
        Credit& credit = writes.deferred_credits_.emplace_back();
        credit.cell = &cell;
        credit.amount = change.balance;
        if (change.slots.empty()) return;
        list(cell, pool);
    } else {
        publish_account(writer, writes, found, change, pool);
    }
    for (const auto& [slot, value] : change.slots) {
        const FoundSlot found_slot = finder.find(cell, slot);
        if (finder.is_relative(found_slot.read) && defers(found_slot.cell)) {
            Addition& addition = writes.deferred_additions_.emplace_back();
            addition.cell = &found_slot.cell;
            addition.amount = value - found_slot.read->value;
        } else {
            put_slot(writer, value, writes, found_slot, pool);
        }
    }
}

void MultiVersionMemory::publish_account(Position writer, WriteSet& writes, const FoundAccount& found, const AccountChange& change,
                                         CellPool& pool) {
    const bool wipes = change.removed || change.storage_wiped;
    const bool changes_account = wipes || change.comes_to_exist || change.nonce_changed || change.code_changed ||
                                 change.balance_change != AccountChange::Balance::unchanged;
    if (!changes_account) return list(found.cell, pool);
    // Relaxed: a reader that misses it reads too old a value, which committing finds like any other.
    if (wipes) may_wipe_.store(true, sync::kRelaxed);
    const bool is_left = !change.removed;
    const bool has_balance = is_left && change.balance_change != AccountChange::Balance::unchanged;
    const hash32* const code_hash = is_left && change.code_changed ? publish_code(change) : nullptr;
    const sync::LockGuard<sync::SpinLock> lock(found.cell.lock);
    AccountVersion& version = put_account(writer, writes, found, pool);
    version = {.writer = writer,
               .incarnation = writes.incarnation_,
               .wiped_by = wipes ? writer : kNobody,
               .exists = is_left,
               .removed = change.removed,
               .storage_wiped = wipes,
               .stores = is_left && !change.slots.empty(),
               .nonce_known = is_left && change.nonce_changed,
               .balance_known = is_left && change.balance_change == AccountChange::Balance::set,
               .nonce = is_left ? change.nonce : 0,
               .code_hash = code_hash,
               .balance = has_balance ? change.balance : uint256{}};
}

/// The version to be filled in; the lock of the cell is held.
MultiVersionMemory::AccountVersion& MultiVersionMemory::put_account(Position writer, WriteSet& writes, const FoundAccount& found,
                                                                    CellPool& pool) {
    AccountCell& cell = found.cell;
    list_locked(cell, pool);
    if (cell.versions.size() >= kManyVersions) cell.fold(settled_.load(sync::kAcquire));
    count_own_change(cell, found.read);
    writes.accounts_.push_back(&cell);
    return version_of(cell.versions, writer);
}

void MultiVersionMemory::publish_sums(Position writer, WriteSet& writes, std::span<const AccountSum> sums, std::span<AccountRead> reads,
                                      CellPool& pool) {
    WEFT_ASSERT(writes.incarnation_ == 0);
    writes.incarnation_ = 1;
    writes.lacked_base_ = false;
    for (size_t i = 0; i < sums.size(); ++i) {
        const auto& [cell, balance, nonce] = sums[i];
        writes.lacked_base_ = writes.lacked_base_ || !has_base(*cell);
        if (!nonce && defers(*cell, false)) {
            writes.deferred_credits_.push_back({.cell = cell, .amount = balance});
            continue;
        }
        const sync::LockGuard<sync::SpinLock> lock(cell->lock);
        AccountVersion& version = put_account(writer, writes, {.cell = *cell, .read = i < reads.size() ? &reads[i] : nullptr}, pool);
        version = {.writer = writer,
                   .incarnation = writes.incarnation_,
                   .exists = true,
                   .nonce_known = nonce.has_value(),
                   .nonce = nonce.value_or(0),
                   .balance = balance};
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
    const sync::LockGuard<sync::SpinLock> lock(cell.lock);
    list_locked(cell, pool);
    count_change(cell);
    WEFT_ASSERT(cell.versions.empty() || cell.versions.back().writer < writer);
    return &cell.versions.emplace_back(version);
}

void MultiVersionMemory::put_slot(Position writer, const uint256& value, WriteSet& writes, const FoundSlot& found, CellPool& pool) {
    SlotCell& cell = found.cell;
    const sync::LockGuard<sync::SpinLock> lock(cell.lock);
    // Relaxed: under the lock.
    if (cell.changes.load(sync::kRelaxed) == 0) pool.written_slots_.push_back(&cell);
    writes.slots_.push_back(&cell);
    if (found.read != nullptr && is_contended(cell)) cell.counter.note_write(found.read->value, value);
    if (writes.has_early_ && confirm_early(cell, writer, writes.incarnation_, value)) return;
    count_own_change(cell, found.read);
    note_writer(cell, writer);
    version_of(cell.versions, writer) = {
        .writer = writer, .incarnation = writes.incarnation_, .early = false, .estimate = writes.incarnation_ == 0, .value = value};
}

/// The slot's lock is held.
void MultiVersionMemory::note_writer(SlotCell& cell, Position writer) noexcept {
    cell.last_writer.store(writer, sync::kRelaxed);
    if (is_contended(cell)) contend(cell, writer);
}

/// Whether what was published early is right; readers have nothing new to learn.
bool MultiVersionMemory::confirm_early(SlotCell& cell, Position writer, uint32_t incarnation, const uint256& value) noexcept {
    const auto at = lower_bound(cell.versions, writer);
    if (at == cell.versions.end() || at->writer != writer || !at->early || at->estimate) return false;
    if (at->value != value && !is_planted(Fault::trusted_early_store)) {
        cell.stores.store(kNeverEarly, sync::kRelaxed);
        return false;
    }
    *at = {.writer = writer, .incarnation = incarnation, .early = false, .estimate = false, .value = value};
    return true;
}

void MultiVersionMemory::note_stores(SlotCell& cell, uint32_t stores) noexcept {
    constexpr uint8_t kPatience = 32;
    if (stores == 0) return;
    const auto now = static_cast<uint8_t>(std::min<uint32_t>(stores, kNeverEarly - 1));
    uint8_t known = cell.stores.load(sync::kRelaxed);
    uint8_t fewer = 0;
    while (now != known && known != kNeverEarly) {
        fewer = now > known ? 0 : static_cast<uint8_t>(cell.fewer_stores.load(sync::kRelaxed) + 1);
        const bool is_news = now > known || fewer >= kPatience;
        if (!is_news || cell.stores.compare_exchange_weak(known, now, sync::kRelaxed)) break;
    }
    if (fewer >= kPatience) fewer = 0;
    if (cell.fewer_stores.load(sync::kRelaxed) != fewer) cell.fewer_stores.store(fewer, sync::kRelaxed);
}
bool MultiVersionMemory::is_last_store(const SlotCell& cell, uint32_t stores) noexcept {
    return knows_last_store(cell) && stores >= cell.stores.load(sync::kRelaxed);
}
bool MultiVersionMemory::knows_last_store(const SlotCell& cell) noexcept {
    const uint8_t stores = cell.stores.load(sync::kRelaxed);
    return stores != 0 && stores != kNeverEarly;
}

void MultiVersionMemory::publish_early(Position writer, WriteSet& writes, SlotRead& read, const uint256& value, CellPool& pool) {
    SlotCell& cell = *read.cell;
    const sync::LockGuard<sync::SpinLock> lock(cell.lock);
    // Relaxed: under the lock.
    if (cell.changes.load(sync::kRelaxed) == 0) pool.written_slots_.push_back(&cell);
    const auto at = lower_bound(cell.versions, writer);
    writes.has_early_ = true;
    // What the writer published before, or was expected to write, is in the list.
    if (at == cell.versions.end() || at->writer != writer) writes.slots_.push_back(&cell);
    count_own_change(cell, &read);
    note_writer(cell, writer);
    version_of(cell.versions, writer) = {
        .writer = writer, .incarnation = writes.incarnation_, .early = true, .estimate = false, .value = value};
}

void MultiVersionMemory::expect_write(Position writer, WriteSet& writes, AccountCell& cell) {
    WEFT_ASSERT(writes.incarnation_ == 0);
    const sync::LockGuard<sync::SpinLock> lock(cell.lock);
    count_change(cell);
    version_of(cell.versions, writer) = {.writer = writer, .incarnation = 0, .estimate = true, .exists = true, .nonce_known = true};
    writes.accounts_.push_back(&cell);
}

void MultiVersionMemory::expect_write(Position writer, WriteSet& writes, SlotCell& cell, CellPool& pool) {
    WEFT_ASSERT(writes.incarnation_ == 0);
    put_slot(writer, {}, writes, {.cell = cell}, pool);
}

// Relaxed, here and in what follows: it matters to speed alone.
void MultiVersionMemory::contend(SlotCell& cell, Position writer) noexcept {
    const Position first = contention_of(cell).first;
    cell.contention.store({.first = first >= kSomebody ? writer : first, .last = writer}, sync::kRelaxed);
}
MultiVersionMemory::Contention MultiVersionMemory::contention_of(const SlotCell& cell) noexcept {
    return cell.contention.load(sync::kRelaxed);
}
bool MultiVersionMemory::is_contended(const SlotCell& cell) noexcept { return contention_of(cell).first != kNobody; }

bool MultiVersionMemory::is_hot(const SlotCell& cell) const noexcept {
    // Where threads are simulated, half of the slots are: others are read at once while nobody has written them.
    constexpr bool kHalfOfTheSlots = sync::limit(false, true);
    if ((kHalfOfTheSlots && cell.slot.w[0] % 2 == 0) || is_contended(cell)) return true;
    if (cell.additions.load(sync::kRelaxed) == Sums::deferred) return true;
    return cell.changes.load(sync::kRelaxed) >= 2 && cell.last_writer.load(sync::kRelaxed) >= settled_.load(sync::kRelaxed);
}
RelativeUses& MultiVersionMemory::relative_uses_of(SlotCell& cell) noexcept { return cell.relative_uses; }

void MultiVersionMemory::move(SlotCell& cell, Position writer, const uint256& amount) {
    const sync::LockGuard<sync::SpinLock> lock(cell.lock);
    const auto at = lower_bound(cell.versions, writer);
    WEFT_ASSERT(at != cell.versions.end() && at->writer == writer && !at->estimate);
    count_change(cell);
    at->value += amount;
    if (!is_contended(cell)) contend(cell, kSomebody);
}

void MultiVersionMemory::mark_estimates(Position writer, const WriteSet& writes) {
    mark(writes.accounts_, writer);
    mark(writes.slots_, writer);
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
    if (is_unwritten(cell)) {
        if (!has_base(cell)) return {.needs_base = true};
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
    if (reading.wiped_by == kNobody && is_unwritten(cell)) {
        reading.needs_base = !cell.has_base.load(sync::kAcquire);
        if (!reading.needs_base) value = cell.base;
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

const uint256* MultiVersionMemory::base_of_untouched(const SlotCell& cell) const noexcept {
    // Relaxed: see publish_account.
    if (cell.additions.load(sync::kRelaxed) != Sums::published || is_hot(cell)) return nullptr;
    if (!is_unwritten(cell) || may_wipe_.load(sync::kRelaxed)) return nullptr;
    return cell.has_base.load(sync::kAcquire) ? &cell.base : nullptr;
}

std::optional<MultiVersionMemory::Count> MultiVersionMemory::count_of(SlotCell& cell, Position reader) {
    // Relaxed: see publish_account().
    if (may_wipe_.load(sync::kRelaxed)) return std::nullopt;
    const sync::LockGuard<sync::SpinLock> lock(cell.lock);
    if (!cell.counter.is_known()) return std::nullopt;
    for (auto at = lower_bound(cell.versions, reader); at != cell.versions.begin();)
        if (!(--at)->estimate) return Count{.value = at->value, .writer = at->writer, .step = cell.counter.step()};
    // Relaxed: under the lock.
    if (!cell.has_base.load(sync::kRelaxed)) return std::nullopt;
    return Count{.value = cell.base, .writer = kNobody, .step = cell.counter.step()};
}

void MultiVersionMemory::for_each_counter(const WriteSet& writes,
                                          const std::function<void(const Timeline::Location&, const uint256&)>& use) {
    const auto step_of = [](SlotCell& cell) {
        const sync::LockGuard<sync::SpinLock> lock(cell.lock);
        return cell.counter.is_known() ? cell.counter.step() : uint256{};
    };
    for (SlotCell* cell : writes.slots_) {
        if (!is_contended(*cell)) continue;
        if (const uint256 step = step_of(*cell); !step.is_zero()) use(location_of(*cell), step);
    }
}

void MultiVersionMemory::note_error(SlotCell& cell) {
    const sync::LockGuard<sync::SpinLock> lock(cell.lock);
    cell.counter.note_error();
}

void MultiVersionMemory::presume_counter(SlotCell& cell, const uint256& step) {
    const sync::LockGuard<sync::SpinLock> lock(cell.lock);
    cell.counter.presume(step);
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

bool MultiVersionMemory::is_written(SlotCell& cell, Position writer, Position reader) {
    const sync::LockGuard<sync::SpinLock> lock(cell.lock);
    const auto end = lower_bound(cell.versions, reader);
    return end != cell.versions.begin() && (end - 1)->writer >= writer && !(end - 1)->estimate;
}

const state::Code* MultiVersionMemory::code(const hash32& code_hash) {
    // Relaxed: see publish_code.
    if (!has_codes_.load(sync::kRelaxed)) return nullptr;
    const sync::LockGuard<sync::SpinLock> lock(codes_lock_);
    const auto found = codes_.find(code_hash);
    return found == codes_.end() ? nullptr : found->second.get();
}

}  // namespace weft::execution::parallel
