// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//
// What the accepted writers together have changed: MultiVersionMemory::diff().
#include "weft/base/prefetch.hpp"
#include "weft/execution/parallel/cells.hpp"
#include "weft/state/key_order.hpp"

#include <algorithm>
#include <array>
#include <new>
#include <numeric>

namespace weft::execution::parallel {

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

size_t MultiVersionMemory::digit_of(const ChangedSlot& changed) noexcept { return changed.value.slot.w[3] >> (64 - kBitsOfDigit); }

/// Puts some of one part in order by their first hexadecimal digit.
MultiVersionMemory::SlotRun MultiVersionMemory::run_of(std::span<ChangedSlot> slots) {
    constexpr size_t kFew = 8;
    SlotRun run{.slots = slots};
    for (const ChangedSlot& slot : slots) ++run.ends[digit_of(slot)];
    std::partial_sum(run.ends.begin(), run.ends.end(), run.ends.begin());
    if (slots.size() < kFew) {
        std::ranges::sort(slots, {}, digit_of);
        return run;
    }
    std::array<ChangedSlot, kSlotsOfPart> before;
    std::ranges::copy(slots, before.begin());
    // From the end of each digit's places.
    std::array<uint8_t, kDigits> places = run.ends;
    for (const ChangedSlot& slot : std::span{before}.first(slots.size())) slots[--places[digit_of(slot)]] = slot;
    return run;
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
        runs.push_back(run_of({begin, end}));
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
            much_changed_.push_back({.cell = &account, .runs = {}, .begins = {}, .slots = {}});
        }
    }
    return {};
}

/// Counts an account's changed slots by their first digits, and makes room for them.
void MultiVersionMemory::make_room(MuchChanged& account) {
    for (const SlotRun* run = account.cell->changed; run != nullptr; run = run->next) {
        account.runs.push_back(run);
        for (size_t digit = 0; digit < kDigits; ++digit) account.begins[digit + 1] += static_cast<uint32_t>(run->with_digit(digit).size());
    }
    std::partial_sum(account.begins.begin(), account.begins.end(), account.begins.begin());
    account.slots.resize(account.begins.back());
}

/// Puts those of an account's changed slots whose keys begin with that hexadecimal digit into their places, in order.
void MultiVersionMemory::put_with_digit(MuchChanged& account, size_t digit) {
    const std::span places = std::span{account.slots}.subspan(account.begins[digit], account.begins[digit + 1] - account.begins[digit]);
    std::vector<const state::SlotValue*> unordered;
    unordered.reserve(places.size());
    for (const SlotRun* run : account.runs) {
        for (const ChangedSlot& slot : run->with_digit(digit)) {
            prefetch(slot);
            unordered.push_back(&slot.value);
        }
    }
    const auto order = state::in_order(
        unordered.size(), kBitsOfDigit, [&](uint32_t i) { return unordered[i]->slot.w[3]; },
        [&](uint32_t a, uint32_t b) { return unordered[a]->slot < unordered[b]->slot; });
    for (size_t i = 0; i < order.size(); ++i) places[i] = *unordered[order[i].number];
}

/// All of an account that has some, in order; those of one with many are taken out.
std::vector<state::SlotValue> MultiVersionMemory::changed_slots(const AccountCell& account) {
    if (const auto much = std::ranges::find(much_changed_, &account, &MuchChanged::cell); much != much_changed_.end())
        return std::move(much->slots);
    std::vector<state::SlotValue> result;
    result.reserve(account.changed->total);
    for (const SlotRun* run = account.changed; run != nullptr; run = run->next)
        for (const ChangedSlot& slot : run->slots) result.push_back(slot.value);
    state::sort_by_slot(result);
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

/// Gives the slots that are not what they were to their accounts. `beside` is done as one of the parts of that.
template <typename Beside>
state::ReadResult<void> MultiVersionMemory::find_changed_slots(state::StateView& base, Crew& crew, const Beside& beside) {
    // Of an earlier try.
    if (std::exchange(looked_for_changes_, true)) for_each_written([](AccountCell& cell) { cell.changed = nullptr; });
    much_changed_.clear();
    const size_t parts = (written_slots_.size() + kSlotsOfPart - 1) / kSlotsOfPart;
    if (changed_slots_.size() < parts) changed_slots_.resize(parts);
    PartsOutcome outcome;
    crew.run(parts + 1, [&](size_t number) {
        outcome.guard([&]() -> state::ReadResult<void> {
            if (number == 0) {
                beside();
                return {};
            }
            const size_t part = number - 1;
            const size_t begin = part * kSlotsOfPart;
            const std::span cells{written_slots_.data() + begin, std::min(kSlotsOfPart, written_slots_.size() - begin)};
            for (const SlotCell* cell : cells) prefetch(*cell);
            for (const SlotCell* cell : cells)
                if (!cell->versions.empty()) prefetch(cell->versions.back());
            return find_changed(cells, base, changed_slots_[part]);
        });
    });
    if (const auto failed = outcome.get(); !failed) return failed;
    for (MuchChanged& account : much_changed_) make_room(account);
    crew.run(much_changed_.size() * kDigits, [&](size_t part) {
        outcome.guard([&]() -> state::ReadResult<void> {
            put_with_digit(much_changed_[part / kDigits], part % kDigits);
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
    const auto order = state::in_order(
        accounts.size(), kBitsOfDigit, [&](uint32_t i) { return accounts[i].prefix; },
        [&](uint32_t a, uint32_t b) { return accounts[a].cell->addr < accounts[b].cell->addr; });
    const auto cell_at = [&](size_t place) -> AccountCell& { return *accounts[order[place].number].cell; };
    constexpr size_t kAhead = 8;
    for (size_t i = 0; i < order.size(); ++i) {
        if (i + kAhead < order.size()) prefetch(cell_at(i + kAhead));
        if (i + kAhead / 2 < order.size()) prefetch(cell_at(i + kAhead / 2).versions.data(), 1);
        AccountCell& cell = cell_at(i);
        auto changed = difference_of(cell, base);
        if (!changed) return std::unexpected(changed.error());
        if (!*changed) continue;
        add_new_code(cell, **changed, differences);
        auto& [addr, diff] = differences.accounts[differences.count++];
        addr = cell.addr;
        diff = **std::move(changed);
    }
    return {};
}

state::ReadResult<state::StateDiff> MultiVersionMemory::diff(state::StateView& base, Crew& crew) {
    written_slots_.clear();
    for (const auto& pool : pools_) written_slots_.insert(written_slots_.end(), pool->written_slots_.begin(), pool->written_slots_.end());
    // One part for each first hexadecimal digit, so that the parts stand behind each other.
    std::array<size_t, kDigits + 1> begins{};
    for (size_t digit = 0; digit < kDigits; ++digit) {
        begins[digit + 1] = begins[digit];
        for (const auto& pool : pools_) begins[digit + 1] += pool->written_accounts_[digit].size();
    }
    state::AccountDiffs::sequence_type sequence;
    const auto make_room_for_all = [&] { sequence.resize(begins.back(), boost::container::default_init); };
    if (const auto found = find_changed_slots(base, crew, make_room_for_all); !found) return std::unexpected(found.error());
    std::array<Differences, kDigits> parts;
    for (size_t digit = 0; digit < kDigits; ++digit)
        parts[digit].accounts = {sequence.data() + begins[digit], sequence.data() + begins[digit + 1]};
    PartsOutcome outcome;
    crew.run(kDigits, [&](size_t part) { outcome.guard([&] { return differences(part, base, parts[part]); }); });
    if (const auto failed = outcome.get(); !failed) return std::unexpected(failed.error());

    state::StateDiff result;
    size_t size = 0;
    for (const Differences& part : parts) {
        if (part.accounts.data() != sequence.data() + size)
            std::move(part.accounts.begin(), part.accounts.begin() + static_cast<ptrdiff_t>(part.count), sequence.data() + size);
        size += part.count;
        result.codes.insert(part.codes.begin(), part.codes.end());
    }
    sequence.resize(size);
    result.accounts.adopt_sequence(boost::container::ordered_unique_range, std::move(sequence));
    return result;
}

}  // namespace weft::execution::parallel
