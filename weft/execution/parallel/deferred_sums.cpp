// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//
// What many add to without looking: credits to accounts and additions to slots that are summed up, not published one by one.
#include "weft/base/assert.hpp"
#include "weft/base/optimisation.hpp"
#include "weft/execution/parallel/cells.hpp"

#include <algorithm>
#include <utility>

namespace weft::execution::parallel {

using state::AccountChange;

namespace {

/// The sum of the cell, whose number is `number`, after something was added to it; `none`: there is none yet.
template <typename Sum>
Sum& add_to_sum(std::vector<Sum>& sums, uint32_t& number, uint32_t none, const Sum& sum) {
    if (number != none) {
        sums[number].amount += sum.amount;
    } else {
        sums.push_back(sum);
        number = static_cast<uint32_t>(sums.size() - 1);
    }
    return sums[number];
}

}  // namespace

void MultiVersionMemory::accept(Position writer, WriteSet& writes) {
    for (const Credit& credit : writes.deferred_credits_) add_to_sum(accepted_credits_, credit.cell->accepted_credits, kNone, credit);
    writes.deferred_credits_.clear();
    for (const Addition& addition : writes.deferred_additions_) {
        if (!has_addition(*addition.cell)) ++unpublished_additions_;
        add_to_sum(accepted_additions_, addition.cell->accepted_additions, kNone, addition).last = writer;
    }
    writes.deferred_additions_.clear();
}

// ---- Credits to accounts ----

/// Whether all there is to know of the account itself, its slots aside, is that it was paid. That it has storage now, too, is no news where
/// it had some before the block; should a lower writer wipe that, this one has to execute again, since it has read each slot that it
/// changes, and who wiped them is compared.
bool MultiVersionMemory::is_credit(const AccountCell& cell, const AccountChange& change) const noexcept {
    if (change.balance_change != AccountChange::Balance::credit) return false;
    if (change.removed || change.storage_wiped || change.nonce_changed || change.code_changed) return false;
    // Relaxed: see publish_account().
    return change.slots.empty() || (has_base(cell) && cell.base && cell.base->has_storage && !may_wipe_.load(sync::kRelaxed));
}

/// Whether a credit to the account is to be deferred: also from now on, if others are to be expected to look at it, or somebody has
/// written it before.
bool MultiVersionMemory::defers(AccountCell& cell, bool is_looked_at) noexcept {
    if constexpr (!optimisation::kDeferredCredits) return false;
    // Relaxed: published or summed up, accepting makes a credit known. The committer sees what was set by who finished before.
    Sums credits = cell.credits.load(sync::kRelaxed);
    if (credits == Sums::published && (is_looked_at || cell.changes.load(sync::kRelaxed) != 0) &&
        cell.credits.compare_exchange_strong(credits, Sums::deferred, sync::kRelaxed))
        return true;
    return credits == Sums::deferred;
}

void MultiVersionMemory::defer_credits_to(const address& addr, CellPool& pool) {
    // Relaxed: the workers come later.
    cell_of(addr, pool).credits.store(Sums::deferred, sync::kRelaxed);
}

bool MultiVersionMemory::may_lack_credits(const AccountCell& cell) noexcept {
    // Relaxed: see defers().
    return cell.credits.load(sync::kRelaxed) != Sums::published;
}

void MultiVersionMemory::balance_is_observed(AccountCell& cell) noexcept {
    // Relaxed: see defers().
    if (cell.credits.load(sync::kRelaxed) == Sums::deferred) cell.credits.store(Sums::observed, sync::kRelaxed);
}

void MultiVersionMemory::publish_credits(AccountCell& cell, Position last, CellPool& pool) {
    if (cell.accepted_credits == kNone) return;
    Credit& credits = accepted_credits_[std::exchange(cell.accepted_credits, kNone)];
    credits.cell = nullptr;
    const sync::LockGuard<sync::SpinLock> lock(cell.lock);
    list_locked(cell, pool);
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

// ---- Additions to slots ----

/// Whether what a writer that has read the slot as relative adds to it is to be deferred: once somebody has read it too early, also from
/// now on. Elsewhere sums would have to be put right that need not be.
bool MultiVersionMemory::defers(SlotCell& cell) noexcept {
    // Relaxed: as above.
    if (!optimisation::kDeferredAdditions || may_wipe_.load(sync::kRelaxed)) return false;
    Sums additions = cell.additions.load(sync::kRelaxed);
    if (additions == Sums::published && is_contended(cell) &&
        cell.additions.compare_exchange_strong(additions, Sums::deferred, sync::kRelaxed))
        return true;
    return additions == Sums::deferred;
}

void MultiVersionMemory::defer_additions_to(SlotCell& cell) noexcept {
    // Relaxed: the workers come later.
    if (optimisation::kDeferredAdditions) cell.additions.store(Sums::deferred, sync::kRelaxed);
}

// Relaxed: see defers().
bool MultiVersionMemory::may_lack_additions(const SlotCell& cell) noexcept {
    return cell.additions.load(sync::kRelaxed) != Sums::published;
}
bool MultiVersionMemory::defers_additions(const SlotCell& cell) noexcept { return cell.additions.load(sync::kRelaxed) == Sums::deferred; }
void MultiVersionMemory::value_is_observed(SlotCell& cell) noexcept {
    if (defers_additions(cell)) cell.additions.store(Sums::observed, sync::kRelaxed);
}

bool MultiVersionMemory::has_addition(const SlotCell& cell) const noexcept { return cell.accepted_additions != kNone; }
uint256 MultiVersionMemory::addition_to(const SlotCell& cell) const noexcept {
    return has_addition(cell) ? accepted_additions_[cell.accepted_additions].amount : uint256{};
}

void MultiVersionMemory::publish_additions(SlotCell& cell, CellPool& pool) {
    if (!has_addition(cell)) return;
    Addition& sum = accepted_additions_[std::exchange(cell.accepted_additions, kNone)];
    sum.cell = nullptr;
    --unpublished_additions_;
    const sync::LockGuard<sync::SpinLock> lock(cell.lock);
    // Relaxed: under the lock.
    if (cell.changes.load(sync::kRelaxed) == 0) pool.written_slots_.push_back(&cell);
    const auto end = lower_bound(cell.versions, sum.last + 1);
    // Who has deferred something has no version. If the slot was wiped since, this one does not show through either.
    WEFT_ASSERT(end == cell.versions.begin() ? cell.has_base.load(sync::kRelaxed) : (end - 1)->writer < sum.last);
    const uint256 before = end == cell.versions.begin() ? cell.base : (end - 1)->value;
    count_change(cell);
    cell.last_writer.store(std::max(cell.last_writer.load(sync::kRelaxed), sum.last), sync::kRelaxed);
    cell.versions.insert(
        end, SlotVersion{.writer = sum.last, .incarnation = 0, .early = false, .estimate = false, .value = before + sum.amount});
}

void MultiVersionMemory::publish_all_additions(CellPool& pool) {
    for (const Addition& sum : accepted_additions_)
        if (sum.cell != nullptr) publish_additions(*sum.cell, pool);
    accepted_additions_.clear();
}

}  // namespace weft::execution::parallel
