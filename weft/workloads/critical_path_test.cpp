// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/workloads/critical_path.hpp"

#include "weft/base/hex.hpp"
#include "weft/workloads/world.hpp"

#include <gtest/gtest.h>

namespace weft::workloads {
namespace {

constexpr address kContract = address_of(0xc0de);

class CriticalPathOf : public testing::Test {
  protected:
    CriticalPathOf() { world_.fund(0, 20); }

    void pay(uint64_t from, uint64_t to, const uint256& value) {
        world_.append({.from = account(from), .to = account(to), .value = value, .data = {}, .gas_limit = 21'000}, batch_);
    }
    void call(uint64_t from, const CallData& data = {}) {
        world_.append({.from = account(from), .to = kContract, .value = {}, .data = data.encode(), .gas_limit = 500'000}, batch_);
    }
    void set_code(std::string_view hex) { world_.state().set_code(kContract, *from_hex(hex)); }
    /// With gas for time, so that the same comes out every time.
    [[nodiscard]] double path() {
        const types::Header header = world_.next_header(100'000'000);
        const auto measured = measure_critical_path(block_of(batch_, header, world_.rules()), world_.state(), [] {});
        EXPECT_TRUE(measured);
        EXPECT_GT(measured->by_time, 0);
        EXPECT_LE(measured->by_time, 1);
        return measured->by_gas;
    }

    Artifacts artifacts_{"/nonexistent"};
    World world_{artifacts_};
    Batch batch_;
};

TEST_F(CriticalPathOf, independent_payments_is_one_of_them) {
    for (uint64_t i = 0; i < 10; ++i) pay(i, i + 10, 1);
    EXPECT_DOUBLE_EQ(path(), 0.1);
}

TEST_F(CriticalPathOf, payments_to_one_account_is_one_of_them) {
    for (uint64_t i = 0; i < 10; ++i) pay(i, 19, 1);
    EXPECT_DOUBLE_EQ(path(), 0.1);
}

TEST_F(CriticalPathOf, payments_from_one_account_is_one_of_them) {
    for (uint64_t i = 0; i < 10; ++i) pay(0, i + 1, 1);
    EXPECT_DOUBLE_EQ(path(), 0.1);
}

TEST_F(CriticalPathOf, payments_out_of_what_was_just_received_is_all_of_them) {
    uint256 amount = uint256{1'000'000'000'000'000'000};
    pay(0, 100, amount);
    for (uint64_t i = 100; i < 109; ++i) pay(i, i + 1, amount -= uint256{21'000} * kMaxFee);
    EXPECT_DOUBLE_EQ(path(), 1);
}

TEST_F(CriticalPathOf, a_counter_is_nearly_all_when_it_is_read_first_and_written_last) {
    // sstore(0, sload(0) + 1)
    set_code("0x5f546001015f55");
    for (uint64_t i = 0; i < 10; ++i) call(i);
    // The write comes at the very end, the read after one PUSH0 of 2 gas.
    EXPECT_GT(path(), 0.99);
}

TEST_F(CriticalPathOf, a_counter_counts_from_the_first_read_to_the_last_write) {
    // sload(1), sload(2), then the counter, then sload(3) and sload(4)
    set_code("0x60015450600254505f546001015f55600354506004545000");
    for (uint64_t i = 0; i < 10; ++i) call(i);
    const double share = path();
    // Two cold reads before it and two after it, 2,100 gas each, beside its own 2,100 and 20,000 or 2,900.
    EXPECT_GT(share, 0.4);
    EXPECT_LT(share, 0.8);
}

TEST_F(CriticalPathOf, slots_of_their_own_is_one_of_the_transactions) {
    // sstore(caller, sload(caller) + 1)
    set_code("0x33546001013355");
    for (uint64_t i = 0; i < 10; ++i) call(i);
    EXPECT_NEAR(path(), 0.1, 0.001);
}

TEST_F(CriticalPathOf, a_write_of_the_old_value_is_no_write) {
    // sstore(0, sload(0))
    set_code("0x5f545f55");
    for (uint64_t i = 0; i < 10; ++i) call(i);
    EXPECT_DOUBLE_EQ(path(), 0.1);
}

TEST_F(CriticalPathOf, a_look_at_the_beneficiary_is_all_of_the_transactions) {
    // pop(balance(coinbase))
    set_code("0x41315000");
    for (uint64_t i = 0; i < 10; ++i) call(i);
    EXPECT_DOUBLE_EQ(path(), 1);
}

TEST(BestSpeedup, is_bound_by_threads_and_by_the_path) {
    EXPECT_DOUBLE_EQ(best_speedup(0.25, 1), 1);
    EXPECT_DOUBLE_EQ(best_speedup(0.25, 2), 2);
    EXPECT_DOUBLE_EQ(best_speedup(0.25, 64), 4);
}

}  // namespace
}  // namespace weft::workloads
