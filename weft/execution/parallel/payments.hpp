// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/execution/block_execution.hpp"
#include "weft/execution/parallel/multi_version_memory.hpp"
#include "weft/execution/parallel/payment_terms.hpp"

#include <span>
#include <vector>

namespace weft::execution::parallel {

/// Executes blocks of nothing but payments, account by account in place of transaction by transaction.
///
/// What a payment (may_be_payment()) does is known beforehand; whether it may do it depends on the nonce and the balance of its sender
/// alone. So the accounts are dealt out, and who gets an account goes through what happens to it, in the order of the transactions. Nobody
/// waits for anybody, nothing is executed twice, and an account that all pay or that all pass on is as good as any.
///
/// Where anything else turns up, a broken rule, an account with code, a read without an answer, nothing is said of the block: it is for
/// those to execute who go by transactions, and whose error is the right one.
///
/// Thread safety: one thread at a time calls the members, and the crew helps it. Within a burst a stretch of transactions, and a share of
/// the accounts, belong to who does that part; a later burst reads what an earlier one wrote.
class Payments {
  public:
    /// Whether execute() is worth trying: the transactions look like payments, there are enough, and it was not in vain with one of the
    /// last blocks that looked so.
    [[nodiscard]] bool expect(std::span<const types::Transaction> transactions) noexcept;

    /// Begins a block. The accounts are dealt out in so many shares.
    void begin(const BlockInput& block, const BlockEnvironment& environment, size_t shares);

    /// Executes the transactions on the state that `memory` and `base` have below `position`, and publishes there what becomes of all
    /// accounts but the beneficiary; cells of a share come from the pool of that number. false: the block is none of this kind. What has
    /// been published until then is void.
    [[nodiscard]] bool execute(Position position, MultiVersionMemory& memory, state::StateView& base, Crew& crew);

    /// After execute(): one receipt for each transaction.
    [[nodiscard]] std::vector<types::Receipt>&& take_receipts() noexcept { return std::move(receipts_); }
    [[nodiscard]] uint64_t gas_used() const noexcept { return gas_used_; }
    /// What the beneficiary gets for all, modulo 2^256.
    [[nodiscard]] const uint256& tips() const noexcept { return tips_; }

  private:
    /// So the worst block adds a few percent to what it and those after it cost.
    static constexpr unsigned kPassedOver = 16;

    /// One side of a payment.
    struct Side {
        uint32_t transaction;
        bool is_sender;
    };
    /// Transactions that follow each other.
    struct Stretch {
        size_t begin = 0;
        size_t end = 0;
        uint64_t gas_before = 0;
        uint64_t gas = 0;
        uint256 tips;
        std::vector<std::vector<Side>> sides;  ///< By the share of the account.
    };

    [[nodiscard]] bool pass_over() noexcept;
    [[nodiscard]] bool make_receipts();
    [[nodiscard]] bool examine(Stretch& stretch);
    [[nodiscard]] bool add_up(size_t share, Position position, MultiVersionMemory& memory, state::StateView& base);
    [[nodiscard]] bool apply(const Side& side, MultiVersionMemory::AccountVersion& account) const noexcept;
    [[nodiscard]] const address& account_of(const Side& side) const noexcept;
    [[nodiscard]] bool write_receipts(const Stretch& stretch);
    template <typename Part>
    void try_part(const Part& part) noexcept;

    unsigned passed_over_ = kPassedOver;  ///< Blocks since execute() was in vain.
    const BlockInput* block_ = nullptr;
    const BlockEnvironment* environment_ = nullptr;
    std::vector<Stretch> stretches_;
    size_t shares_ = 0;
    std::vector<PaymentTerms> terms_;
    std::vector<types::Receipt> receipts_;
    uint64_t gas_used_ = 0;
    uint256 tips_;
    sync::Atomic<bool> has_failed_{false};
};

}  // namespace weft::execution::parallel
