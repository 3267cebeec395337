// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/allocations/counting_allocator.hpp"
#include "weft/base/hex.hpp"
#include "weft/execution/transaction_execution.hpp"
#include "weft/state/memory_state.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>

/// A TransactionExecution that has executed something like it before takes no memory from the heap, but for what it hands out.
namespace weft::execution {
namespace {

constexpr address kSender = address_of(0x5e17de7);
constexpr address kOuter = address_of(0x1001);
constexpr address kInner = address_of(0x1002);
constexpr address kReverting = address_of(0x1003);
constexpr address kCoinbase = address_of(0xc01);

/// Counts in slot 0, logs one topic and 64 bytes, calls the inner contract with one byte less of input until there is none,
/// and returns 32 bytes.
constexpr std::string_view kInnerCode =
    "5f54 6001 01 80 5f 55"                 // SLOAD 0, ADD 1, DUP1, SSTORE 0
    "5f52 6007 6040 5f a1"                  // MSTORE at 0; LOG1(0, 64, topic 7)
    "36 15 6023 57"                         // ISZERO(CALLDATASIZE): to the end
    "5f5f 6001 36 03 5f5f 611002 5a f1 50"  // CALL(kInner) with one byte less of input
    "5b 6020 5f f3";                        // RETURN(0, 32)

/// Writes to storage, logs, and reverts with 32 bytes.
constexpr std::string_view kRevertingCode = "6001 6009 55 5f5f a0 6020 5f fd";

/// Reads and writes storage and transient storage, hashes, calls in every way, logs three topics, returns 96 bytes.
std::string outer_code() {
    std::string code;
    // Eight slots from high to low: each SLOAD, ADD 5, SSTORE.
    for (const char* slot : {"18", "17", "16", "15", "14", "13", "12", "11"}) {
        code.append("60").append(slot).append("54 6005 01");
        code.append("60").append(slot).append("55");
    }
    code += "6003 6004 5d 6004 5c 50";               // TSTORE(4, 3), TLOAD(4)
    code += "6080 5f 20 5f 52";                      // MSTORE(0, KECCAK256(0, 128))
    code += "6020 5f 6005 5f 6001 611002 5a f1 50";  // CALL(kInner, value 1, input 5 bytes)
    code += "6020 5f 6003 5f 611002 5a f4 50";       // DELEGATECALL(kInner)
    code += "6020 5f 5f 5f 5f 611003 5a f1 50";      // CALL(kReverting)
    code += "6020 5f 6003 5f 611002 5a fa 50";       // STATICCALL(kInner): fails where it writes
    code += "601b 6020 52 6001 6060 52";             // v = 27 and s = 1 for the next, r the generator's x
    code += "7f79be667ef9dcbbac55a06295ce870b07029bfcdb2dce28d959f2815b16f81798 6040 52";
    code += "6020 5f 6080 5f 6001 5a fa 50";  // STATICCALL(ecrecover)
    code += "6020 5f 6080 5f 6002 5a fa 50";  // STATICCALL(SHA-256)
    code += "6020 5f 6080 5f 6003 5a fa 50";  // STATICCALL(RIPEMD-160)
    code += "6020 5f 6080 5f 6004 5a fa 50";  // STATICCALL(identity)
    code += "611003 31 611003 3f 50 50";      // BALANCE, EXTCODEHASH
    code += "6001 6002 6003 6020 5f a3";      // LOG3(0, 32)
    return code + "6060 5f f3";               // RETURN(0, 96)
}

bytes assemble(std::string_view code) {
    std::string digits(code);
    std::erase(digits, ' ');
    return from_hex(digits).value();
}

/// Memory that belongs to the caller from now on, in blocks.
uint64_t handed_out(const TransactionResult& result) {
    const auto blocks_of = [](const auto& container) { return uint64_t{!container.empty()}; };
    uint64_t blocks = blocks_of(result.output) + blocks_of(result.logs) + blocks_of(result.changes);
    for (const types::Log& log : result.logs) blocks += blocks_of(log.topics) + blocks_of(log.data);
    for (const state::AccountChange& change : result.changes) blocks += blocks_of(change.slots);
    return blocks;
}

class AllocationsTest : public testing::Test {
  protected:
    AllocationsTest() {
        base_.insert(kSender).balance = uint256{1} << 100;
        base_.insert(kOuter).balance = 1000;
        base_.set_code(kOuter, assemble(outer_code()));
        base_.set_code(kInner, assemble(kInnerCode));
        base_.set_code(kReverting, assemble(kRevertingCode));
        types::Header header;
        header.number = 100;
        header.gas_limit = 30'000'000;
        header.beneficiary = kCoinbase;
        header.base_fee_per_gas = 10;
        header.excess_blob_gas = 0;
        environment_ = BlockEnvironment::of(header, {.revision = types::Revision::Osaka});
        transaction_.gas_limit = 1'000'000;
        transaction_.max_fee_per_gas = transaction_.max_priority_fee_per_gas = 20;
        transaction_.to = kOuter;
        transaction_.value = 3;
    }

    TransactionResult execute() {
        const uint64_t before = test::allocation_count();
        const Progress progress = execution_.start(environment_, transaction_, kSender, base_);
        allocations_ = test::allocation_count() - before;
        EXPECT_EQ(progress, Progress::finished);
        auto result = execution_.take_result();
        EXPECT_TRUE(result.has_value());
        EXPECT_EQ(result->status, evm::Status::success);
        return *std::move(result);
    }

    state::MemoryState base_;
    BlockEnvironment environment_;
    types::Transaction transaction_;
    TransactionExecution execution_;
    uint64_t allocations_ = 0;  ///< From start() to its end, of the last execution.
};

TEST_F(AllocationsTest, counter_sees_new_and_what_c_libraries_take) {
    const uint64_t before = test::allocation_count();
    const std::vector<int> from_new(1000);
    void* const from_c = std::malloc(1000);  // NOLINT(cppcoreguidelines-no-malloc): this is what it is about
    EXPECT_EQ(test::allocation_count() - before, 2u) << from_new.data() << from_c;
    std::free(from_c);
}

TEST_F(AllocationsTest, transaction_with_calls_and_storage_takes_only_what_it_hands_out) {
    execute();
    const TransactionResult result = execute();
    EXPECT_EQ(result.logs.size(), 6u + 4 + 1);
    EXPECT_EQ(result.output.size(), 96u);
    EXPECT_EQ(std::ranges::count_if(result.changes, [](const auto& change) { return !change.slots.empty(); }), 2);
    EXPECT_EQ(allocations_, handed_out(result));
}

TEST_F(AllocationsTest, transfer_takes_only_its_list_of_changes) {
    transaction_.to = address_of(0x77);
    execute();
    const TransactionResult result = execute();
    EXPECT_EQ(handed_out(result), 1u);
    EXPECT_EQ(allocations_, 1u);
}

}  // namespace
}  // namespace weft::execution
