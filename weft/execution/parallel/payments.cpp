// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/payments.hpp"

#include "weft/execution/parallel/cells.hpp"
#include "weft/execution/transaction_validation.hpp"

#include <algorithm>
#include <array>
#include <new>

namespace weft::execution::parallel {

namespace {

/// Below, there is little to gain.
constexpr size_t kFewestPayments = sync::limit(64U, 2U);
/// So many for each share, so that nobody waits long for the last one.
constexpr size_t kStretchesOfShare = 4;
/// Accounts looked up together: while one line of memory is on its way, the look-up of the next begins.
constexpr size_t kAtOnce = sync::limit(16U, 2U);

}  // namespace

bool Payments::expect(std::span<const types::Transaction> transactions) noexcept {
    if (transactions.size() < kFewestPayments) return false;
    const auto has_data_or_creates = [](const types::Transaction& transaction) { return !transaction.to || !transaction.data.empty(); };
    if (std::ranges::any_of(transactions, has_data_or_creates)) return false;
    if (passed_over_ == kPassedOver) return true;
    ++passed_over_;
    return false;
}

void Payments::begin(const BlockInput& block, const BlockEnvironment& environment, size_t shares) {
    block_ = &block;
    environment_ = &environment;
    const size_t count = block.transactions.size();
    terms_.resize(count);
    shares_ = shares;
    stretches_.resize(std::min(count, shares * kStretchesOfShare));
    for (size_t i = 0; i < stretches_.size(); ++i) {
        Stretch& stretch = stretches_[i];
        stretch.begin = i * count / stretches_.size();
        stretch.end = (i + 1) * count / stretches_.size();
        stretch.sides.resize(shares);
    }
}

/// Does a part unless another has failed already.
template <typename Part>
void Payments::try_part(const Part& part) noexcept {
    // Relaxed: it saves work; the crew orders it before what is decided by it.
    if (has_failed_.load(sync::kRelaxed)) return;
    try {
        if (part()) return;
    } catch (const std::bad_alloc&) {
        // Who goes by transactions may get along with less.
    }
    has_failed_.store(true, sync::kRelaxed);
}

bool Payments::execute(Position position, MultiVersionMemory& memory, state::StateView& base, Crew& crew) {
    // Relaxed: see try_part().
    has_failed_.store(false, sync::kRelaxed);
    crew.run(1 + stretches_.size(), [&](size_t i) { try_part([&] { return i == 0 ? make_receipts() : examine(stretches_[i - 1]); }); });
    if (has_failed_.load(sync::kRelaxed)) return pass_over();
    gas_used_ = 0;
    tips_ = {};
    for (Stretch& stretch : stretches_) {
        stretch.gas_before = gas_used_;
        gas_used_ += stretch.gas;
        tips_ += stretch.tips;
    }
    crew.run(shares_ + stretches_.size(), [&](size_t i) {
        try_part([&] { return i < shares_ ? add_up(i, position, memory, base) : write_receipts(stretches_[i - shares_]); });
    });
    return has_failed_.load(sync::kRelaxed) ? pass_over() : true;
}

/// Some blocks to come as well.
bool Payments::pass_over() noexcept {
    passed_over_ = 0;
    return false;
}

/// Empty ones: more memory than all else that a block of payments needs.
bool Payments::make_receipts() {
    receipts_.clear();
    receipts_.resize(block_->transactions.size());
    return true;
}

/// Checks the rules that need no state, and deals out both sides of each payment.
bool Payments::examine(Stretch& stretch) {
    stretch.gas = 0;
    stretch.tips = {};
    for (auto& sides : stretch.sides) sides.clear();
    const auto side_for = [&](const address& account) -> std::vector<Side>& {
        return stretch.sides[(hash_value(account) >> 32) * shares_ >> 32];
    };
    for (size_t i = stretch.begin; i < stretch.end; ++i) {
        const types::Transaction& transaction = block_->transactions[i];
        if (!block_->senders[i]) return false;
        const address& sender = *block_->senders[i];
        const auto terms = PaymentTerms::of(transaction, sender, *environment_);
        if (!terms || involves_beneficiary(transaction, sender, *environment_)) return false;
        terms_[i] = *terms;
        stretch.gas += terms->gas;
        stretch.tips += terms->tip;
        side_for(sender).push_back({.transaction = static_cast<uint32_t>(i), .is_sender = true});
        side_for(*transaction.to).push_back({.transaction = static_cast<uint32_t>(i), .is_sender = false});
    }
    return true;
}

const address& Payments::account_of(const Side& side) const noexcept {
    return side.is_sender ? *block_->senders[side.transaction] : *block_->transactions[side.transaction].to;
}

/// Goes through what happens to the accounts of a share.
bool Payments::add_up(size_t share, Position position, MultiVersionMemory& memory, state::StateView& base) {
    using AccountCell = MultiVersionMemory::AccountCell;
    MultiVersionMemory::CellPool& pool = memory.pool(share);
    std::array<AccountCell*, kAtOnce> cells{};
    for (const Stretch& stretch : stretches_) {
        std::span<const Side> left = stretch.sides[share];
        while (!left.empty()) {
            const auto sides = left.first(std::min(left.size(), kAtOnce));
            left = left.subspan(sides.size());
            for (size_t i = 0; i < sides.size(); ++i) cells[i] = &memory.cell_of(account_of(sides[i]), pool);
            for (AccountCell* cell : std::span(cells).first(sides.size())) {
                if (MultiVersionMemory::has_base(*cell)) continue;
                const auto answer = base.account(cell->addr);
                if (!answer) return false;
                memory.set_base(*cell, *answer);
            }
            for (size_t i = 0; i < sides.size(); ++i) {
                auto& versions = cells[i]->versions;
                const bool is_open = !versions.empty() && versions.back().writer == position;
                MultiVersionMemory::AccountVersion* const account =
                    is_open ? &versions.back() : memory.open_version(position, *cells[i], pool);
                if (account == nullptr || !apply(sides[i], *account)) return false;
            }
        }
    }
    return true;
}

/// The rules that need the state of the sender (Yellow Paper, eq. 65), and the effect. false: a rule is broken, or it is not as simple.
bool Payments::apply(const Side& side, MultiVersionMemory::AccountVersion& account) const noexcept {
    const types::Transaction& transaction = block_->transactions[side.transaction];
    if (side.is_sender) {
        const PaymentTerms& terms = terms_[side.transaction];
        if (!account.exists || transaction.nonce != account.nonce || account.balance < terms.upfront) return false;
        ++account.nonce;
        account.nonce_known = true;
        account.balance -= terms.debit;
        return true;
    }
    // Of nothing to nobody: whether there is an account then depends on the revision (EIP-161).
    if (transaction.value.is_zero() && account.nonce == 0 && account.balance.is_zero()) return false;
    const auto sum = checked_add(account.balance, transaction.value);
    account.balance = sum.value;
    account.exists = true;
    return !sum.overflow;
}

/// Fills in receipts, and checks that there is room for each in the block.
bool Payments::write_receipts(const Stretch& stretch) {
    uint64_t gas_used = stretch.gas_before;
    for (size_t i = stretch.begin; i < stretch.end; ++i) {
        const types::Transaction& transaction = block_->transactions[i];
        if (gas_used > block_->header->gas_limit || transaction.gas_limit > block_->header->gas_limit - gas_used) return false;
        types::Receipt& receipt = receipts_[i];
        gas_used += terms_[i].gas;
        receipt.type = transaction.type;
        receipt.status = true;
        receipt.cumulative_gas_used = gas_used;
    }
    return true;
}

}  // namespace weft::execution::parallel
