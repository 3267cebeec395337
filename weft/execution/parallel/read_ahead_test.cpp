// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/read_ahead.hpp"

#include "weft/execution/system_contracts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace weft::execution::parallel {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

constexpr address kCoinbase = address_of(0xc01);

/// Notes what it is asked for ahead.
class NotingView final : public state::StateView {
  public:
    explicit NotingView(bool is_slow) : is_slow_(is_slow) {}

    state::ReadResult<std::optional<state::Account>> account(const address& /*addr*/) override { return std::nullopt; }
    state::ReadResult<uint256> storage(const address& /*addr*/, const uint256& /*slot*/) override { return uint256{}; }
    state::ReadResult<const state::Code*> code(const hash32& /*hash*/) override { return nullptr; }
    state::ReadResult<hash32> block_hash(uint64_t /*number*/) override { return hash32{}; }
    [[nodiscard]] bool is_slow() const noexcept override { return is_slow_; }
    void prefetch_account(const address& addr) override { accounts.push_back(addr); }
    void prefetch_storage(const address& addr, const uint256& slot) override { slots.emplace_back(addr, slot); }

    std::vector<address> accounts;
    std::vector<std::pair<address, uint256>> slots;

  private:
    bool is_slow_;
};

class ReadAheadTest : public testing::Test {
  protected:
    static address sender(uint64_t i) { return address_of(0x100 + i); }
    static address recipient(uint64_t i) { return address_of(0x200 + i); }

    ReadAheadTest() {
        header_.beneficiary = kCoinbase;
        for (uint64_t i = 0; i < 5; ++i) {
            transactions_.emplace_back().to = recipient(i);
            senders_.emplace_back(sender(i));
        }
    }
    BlockInput block() const {
        return {.header = &header_,
                .transactions = transactions_,
                .senders = senders_,
                .ommers = {},
                .withdrawals = withdrawals_,
                .rules = {.revision = revision_}};
    }

    types::Revision revision_ = types::Revision::Istanbul;
    types::Header header_;
    std::vector<types::Transaction> transactions_;
    std::vector<std::optional<address>> senders_;
    std::vector<types::Withdrawal> withdrawals_;
    NotingView view_{true};
    ReadAhead ahead_;
};

TEST_F(ReadAheadTest, a_view_that_is_not_slow_is_asked_for_nothing) {
    NotingView quick(false);
    ahead_.begin(block(), quick, 10);
    EXPECT_FALSE(ahead_.is_active());
    EXPECT_THAT(quick.accounts, IsEmpty());
}

TEST_F(ReadAheadTest, who_is_paid_in_the_end_is_asked_for_first) {
    withdrawals_.push_back({.index = 0, .validator_index = 0, .recipient = address_of(0x7e1), .amount = 1});
    ahead_.begin(block(), view_, 10);
    EXPECT_TRUE(ahead_.is_active());
    EXPECT_THAT(view_.accounts, ElementsAre(kCoinbase, address_of(0x7e1)));
}

TEST_F(ReadAheadTest, system_contracts_are_asked_for_where_there_are_any) {
    revision_ = types::Revision::Cancun;
    ahead_.begin(block(), view_, 10);
    EXPECT_THAT(view_.accounts, ElementsAre(kBeaconRoots, kCoinbase));
    EXPECT_THAT(view_.slots, IsEmpty());
    NotingView later(true);
    revision_ = types::Revision::Prague;
    ahead_.begin(block(), later, 10);
    EXPECT_THAT(later.accounts, ElementsAre(kBeaconRoots, kHistoryStorage, kWithdrawalRequests, kConsolidationRequests, kCoinbase));
    EXPECT_EQ(later.slots.size(), 8U);
    EXPECT_THAT(later.slots, testing::Contains(std::pair{kConsolidationRequests, uint256{3}}));
}

TEST_F(ReadAheadTest, senders_and_recipients_come_in_order_and_not_beyond_the_distance) {
    senders_[1].reset();
    transactions_[2].to.reset();
    const BlockInput input = block();
    ahead_.begin(input, view_, 3);
    ahead_.advance(0, 2);
    EXPECT_THAT(view_.accounts, ElementsAre(kCoinbase, sender(0), recipient(0), recipient(1)));
    view_.accounts.clear();
    ahead_.advance(0, 100);
    ahead_.advance(0, 100);
    EXPECT_THAT(view_.accounts, ElementsAre(sender(2)));
    view_.accounts.clear();
    ahead_.advance(1, 100);
    EXPECT_THAT(view_.accounts, ElementsAre(sender(3), recipient(3)));
    ahead_.advance(5, 100);
    ahead_.advance(5, 100);
    EXPECT_THAT(view_.accounts, ElementsAre(sender(3), recipient(3), sender(4), recipient(4)));
}

TEST_F(ReadAheadTest, access_lists_and_hints_are_asked_for) {
    const address listed = address_of(0x301);
    const address hinted = address_of(0x302);
    transactions_[0].access_list = {{.account = listed, .storage_keys = {to_hash32(uint256{7}), to_hash32(uint256{8})}}};
    ListedHints hints;
    hints.add({{.account = hinted, .slot = 9, .is_write = true}, {.account = hinted, .slot = std::nullopt}});
    BlockInput input = block();
    input.hints = &hints;
    ahead_.begin(input, view_, 2);
    ahead_.advance(0, 100);
    EXPECT_THAT(view_.accounts, ElementsAre(kCoinbase, sender(0), recipient(0), listed, hinted, sender(1), recipient(1)));
    EXPECT_THAT(view_.slots, ElementsAre(std::pair{listed, uint256{7}}, std::pair{listed, uint256{8}}, std::pair{hinted, uint256{9}}));
}

TEST_F(ReadAheadTest, a_list_without_end_is_not_read_to_its_end) {
    transactions_[0].access_list = {{.account = kCoinbase, .storage_keys = std::vector<hash32>(100'000)}};
    const BlockInput input = block();
    ahead_.begin(input, view_, 1);
    ahead_.advance(0, 1);
    EXPECT_LT(view_.slots.size(), 1'000U);
    EXPECT_GT(view_.slots.size(), 100U);
}

}  // namespace
}  // namespace weft::execution::parallel
