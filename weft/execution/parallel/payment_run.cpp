// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/payment_run.hpp"

#include "weft/base/planted_fault.hpp"
#include "weft/execution/parallel/cells.hpp"
#include "weft/execution/transaction_validation.hpp"

#include <algorithm>
#include <utility>

namespace weft::execution::parallel {

PaymentRun::Party& PaymentRun::party_of(MultiVersionMemory::AccountCell& cell) {
    // Many often pay one.
    if (!parties_.empty() && parties_.back().cell == &cell) return parties_.back();
    const uint32_t known = index_.find(cell.hash, [&](uint32_t i) { return parties_[i].cell == &cell; });
    if (known != state::EpochIndex::kAbsent) return parties_[known];
    index_.insert(cell.hash, static_cast<uint32_t>(parties_.size()));
    return parties_.emplace_back(Party{.cell = &cell, .credits = {}, .debits = {}, .least_funds = {}});
}

/// false: the nonce is wrong whatever the state, or sums leave 256 bits.
bool PaymentRun::debit(Party& sender, const types::Transaction& transaction, const PaymentTerms& terms) const {
    if (sender.payments == 0) sender.first_nonce = transaction.nonce;
    if (transaction.nonce != sender.first_nonce + sender.payments) return false;
    ++sender.payments;
    const auto needed = checked_add(sender.debits, terms.upfront);
    const auto credits = checked_add(sender.credits, sender.cell == beneficiary_ ? tips_ : uint256{});
    if (needed.overflow || credits.overflow) return false;
    if (credits.value < needed.value) sender.least_funds = std::max(sender.least_funds, needed.value - credits.value);
    sender.debits += terms.debit;
    return true;
}

bool PaymentRun::credit(Party& recipient, const uint256& amount) {
    const auto credits = checked_add(recipient.credits, amount);
    recipient.credits = credits.value;
    return !credits.overflow;
}

bool PaymentRun::add_up(const BlockInput& block, const BlockEnvironment& environment, Scheduler::Range transactions,
                        std::span<const VersionedView::Parties> parties, MultiVersionMemory::AccountCell& beneficiary) {
    parties_.clear();
    index_.clear();
    beneficiary_ = &beneficiary;
    tips_ = {};
    for (uint32_t i = transactions.begin; i < transactions.end; ++i) {
        const types::Transaction& transaction = block.transactions[i];
        const auto terms = PaymentTerms::of(transaction, *block.senders[i], environment);
        // What moves nothing may leave an empty account, which matters (EIP-161).
        if (!terms || terms->gas != kTransactionGas || transaction.value.is_zero()) return false;
        const auto& [sender, recipient] = parties[i - transactions.begin];
        if (!debit(party_of(*sender), transaction, *terms)) return false;
        if (!credit(party_of(*recipient), transaction.value)) return false;
        tips_ += terms->tip;
    }
    const auto found = std::ranges::find(parties_, beneficiary_, &Party::cell);
    return found == parties_.end() || credit(*found, std::exchange(tips_, {}));
}

AccountObservation PaymentRun::presumed_of(const Party& party) noexcept {
    AccountObservation presumed{.observed = state::kObservedCode, .existed = false, .value = {}, .least_funds = {}, .most_funds = {}};
    if (party.payments == 0) return presumed;
    presumed.observed |= state::kObservedNonce | state::kObservedFunds;
    presumed.value.nonce = party.first_nonce;
    presumed.least_funds = party.least_funds;
    // With more, what it is paid might carry it over 2^256.
    presumed.most_funds = ~uint256{} - party.credits;
    return presumed;
}

bool PaymentRun::publish(Position reader, Position writer, MultiVersionMemory& memory, state::StateView& base, ReadSet& reads,
                         MultiVersionMemory::WriteSet& writes, MultiVersionMemory::CellPool& pool) {
    sums_.clear();
    reads_.clear();
    for (const Party& party : parties_) {
        MultiVersionMemory::AccountCell& cell = *party.cell;
        std::optional<state::Account> now;
        auto reading = memory.read(cell, reader, now);
        if (reading.needs_base) {
            const auto answer = base.account(cell.addr);
            if (!answer) return false;
            memory.set_base(cell, *answer);
            reading = memory.read(cell, reader, now);
        }
        const bool is_answered = reading.blocker == kNobody;
        if (is_answered && now && now->code_hash != state::kEmptyCodeHash) return false;
        const bool holds_now = is_planted(Fault::unchecked_payment) || (is_answered && presumed_of(party).holds(now));
        reads_.push_back({.cell = &cell, .changes = holds_now ? reading.changes : MultiVersionMemory::kNotRead});
        sums_.push_back({.cell = &cell, .balance = party.credits - party.debits});
        if (party.payments != 0) sums_.back().nonce = party.first_nonce + party.payments;
    }
    if (!tips_.is_zero()) sums_.push_back({.cell = beneficiary_, .balance = tips_});
    memory.publish_sums(writer, writes, sums_, reads_, pool);
    reads.clear();
    for (size_t i = 0; i < parties_.size(); ++i) reads.presume(reads_[i], presumed_of(parties_[i]));
    return true;
}

}  // namespace weft::execution::parallel
