// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/evm/machine.hpp"

#include "test/util/fixtures_path.hpp"
#include "weft/base/hex.hpp"
#include "weft/evm/contract_address.hpp"
#include "weft/evm/eip3155_tracer.hpp"
#include "weft/evm/opcode.hpp"
#include "weft/evm/precompiles/precompiles.hpp"
#include "weft/state/memory_state.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <simdjson.h>

#include <algorithm>
#include <map>
#include <random>
#include <set>

namespace weft::evm {
namespace {

using state::AccountChange;
using state::MemoryState;
using state::ReadError;
using state::ReadResult;
using types::Revision;
using enum Opcode;

constexpr address kSender = address_of(0x5e4d);
constexpr address kContract = address_of(0xc0de);
constexpr address kOther = address_of(0xbeef);
constexpr address kThird = address_of(0xcafe);
constexpr uint64_t kBalance = 1'000'000'000;

/// A small assembler.
class Bytecode {
  public:
    Bytecode& op(Opcode opcode) { return data_.push_back(static_cast<uint8_t>(opcode)), *this; }
    /// Pushes with the shortest PUSH that every revision has.
    Bytecode& push(const uint256& value) {
        const unsigned size = std::max(1U, count_significant_bytes(value));
        std::array<uint8_t, 32> word{};
        store_be(word.data(), value);
        data_.push_back(static_cast<uint8_t>(0x5f + size));
        data_.insert(data_.end(), word.end() - size, word.end());
        return *this;
    }
    Bytecode& push(const address& value) { return push(to_uint256(value)); }
    /// The operands in the order in which the Yellow Paper lists them, then the opcode.
    template <typename... Operands>
    Bytecode& op(Opcode opcode, const Operands&... operands) {
        const std::vector<uint256> all{uint_of(operands)...};
        for (size_t i = all.size(); i-- > 0;) push(all[i]);
        return op(opcode);
    }
    Bytecode& raw(bytes_view code) { return data_.insert(data_.end(), code.begin(), code.end()), *this; }
    /// Stores the top of the stack in a slot.
    Bytecode& store(uint64_t slot) { return push(uint256{slot}).op(SSTORE); }
    /// Returns the top of the stack as one word.
    Bytecode& return_top() { return push(uint256{}).op(MSTORE).op(RETURN, 0, 32); }
    operator bytes_view() const { return data_; }  // NOLINT(google-explicit-constructor)
    [[nodiscard]] size_t size() const { return data_.size(); }

  private:
    static uint256 uint_of(uint64_t value) { return value; }
    static uint256 uint_of(const uint256& value) { return value; }
    static uint256 uint_of(const address& value) { return to_uint256(value); }
    bytes data_;
};

/// Answers each question only the second time it is asked.
class ShyView final : public state::StateView {
  public:
    explicit ShyView(StateView& base) : base_(base) {}
    ReadResult<std::optional<state::Account>> account(const address& addr) override {
        if (const auto e = first({'a', to_hex(addr)})) return std::unexpected(*e);
        return base_.account(addr);
    }
    ReadResult<uint256> storage(const address& addr, const uint256& slot) override {
        if (const auto e = first({'s', to_hex(addr) + to_hex_quantity(slot)})) return std::unexpected(*e);
        return base_.storage(addr, slot);
    }
    ReadResult<const state::Code*> code(const hash32& code_hash) override {
        if (const auto e = first({'c', to_hex(code_hash)})) return std::unexpected(*e);
        return base_.code(code_hash);
    }
    ReadResult<hash32> block_hash(uint64_t number) override {
        if (const auto e = first({'b', std::to_string(number)})) return std::unexpected(*e);
        return base_.block_hash(number);
    }

  private:
    std::optional<ReadError> first(const std::pair<char, std::string>& question) {
        if (!asked_.insert(question).second) return std::nullopt;
        return ReadError{ReadError::Kind::blocked, asked_.size()};
    }
    StateView& base_;
    std::set<std::pair<char, std::string>> asked_;
};

/// All that an execution did, comparable.
struct Result {
    Status status = Status::success;
    int64_t gas_left = 0;
    bytes output;
    int64_t refund = 0;
    std::vector<types::Log> logs;
    std::string changes;

    [[nodiscard]] uint256 word() const { return output.size() == 32 ? load_be(output.data()) : uint256{UINT64_MAX, 0, 0, 1}; }
    friend bool operator==(const Result&, const Result&) = default;
};

/// In the order of accounts and slots.
std::string describe(state::TransactionChanges changes) {
    std::ranges::sort(changes, {}, &AccountChange::addr);
    for (AccountChange& change : changes) std::ranges::sort(change.slots, {}, &state::SlotValue::slot);
    std::string text;
    for (const AccountChange& change : changes) {
        text += to_hex(change.addr).substr(38) + (change.removed ? " removed" : "") + (change.storage_wiped ? " wiped" : "");
        const bool is_debit = change.balance_change == AccountChange::Balance::credit && change.balance.is_negative();
        if (is_debit)
            text += " balance -" + to_hex_quantity(-change.balance);
        else if (change.balance_change != AccountChange::Balance::unchanged)
            text += " balance " + to_hex_quantity(change.balance);
        if (change.nonce_changed) text += " nonce " + std::to_string(change.nonce);
        if (change.code_changed) text += " code " + to_hex(change.code_hash).substr(2, 8);
        for (const auto& [slot, value] : change.slots) text += " [" + to_hex_quantity(slot) + "]=" + to_hex_quantity(value);
        text += '\n';
    }
    return text;
}

struct Scene {
    Revision revision = Revision::Osaka;
    MemoryState world;
    BlockContext block{.chain_id = 1,
                       .number = 1000,
                       .timestamp = 1'700'000'000,
                       .gas_limit = 30'000'000,
                       .coinbase = address_of(0xc01b),
                       .prev_randao = 0x1234,
                       .base_fee = 7,
                       .blob_base_fee = 1};
    TransactionContext transaction{.origin = kSender, .gas_price = 10, .blob_hashes = {}};
    Message message{.is_create = false, .gas = 1'000'000, .sender = kSender, .recipient = kContract, .value = {}, .input = {}};

    explicit Scene(bytes_view code = {}, Revision r = Revision::Osaka) : revision(r) {
        world.insert(kSender).balance = kBalance;
        world.insert(kContract).balance = kBalance;
        world.insert(kContract).nonce = 1;
        if (!code.empty()) world.set_code(kContract, code);
    }
    Scene& with_code(const address& addr, bytes_view code) {
        world.insert(addr).nonce = 1;
        world.set_code(addr, code);
        return *this;
    }
    Scene& with_gas(int64_t gas) { return message.gas = gas, *this; }
};

Result run_once(Scene& setup, state::StateView& view, TraceSink* trace) {
    state::State state;
    state.begin(view, setup.revision, is_precompile);
    Machine machine;
    Progress progress = machine.start(state, setup.block, setup.transaction, setup.message, trace);
    for (int i = 0; progress == Progress::blocked; ++i) {
        EXPECT_LT(i, 100'000) << "never ends";
        progress = machine.resume();
    }
    const Outcome& outcome = machine.outcome();
    Result result{outcome.status, outcome.gas_left, bytes(outcome.output.begin(), outcome.output.end()), state.refund(), state.logs(), {}};
    state::TransactionChanges changes;
    while (!state.finish(changes)) {
    }
    result.changes = describe(changes);
    return result;
}

/// Runs three times and requires one result: as usual, through the switch dispatcher under a tracer, and with every first
/// read of a location blocked.
Result run(Scene& setup) {
    const Result plain = run_once(setup, setup.world, nullptr);
    TraceSink nobody;
    EXPECT_EQ(run_once(setup, setup.world, &nobody), plain) << "the dispatchers differ";
    ShyView shy(setup.world);
    const Result resumed = run_once(setup, shy, nullptr);
    EXPECT_EQ(resumed, plain) << "blocked reads change the result:\n" << resumed.changes << "instead of\n" << plain.changes;
    return plain;
}

Result run(bytes_view code, Revision revision = Revision::Osaka) {
    Scene setup(code, revision);
    return run(setup);
}

/// Gas that the code takes.
int64_t gas_of(bytes_view code, Revision revision) {
    Scene setup(code, revision);
    const Result result = run(setup);
    EXPECT_EQ(result.status, Status::success);
    return setup.message.gas - result.gas_left;
}

TEST(Machine, empty_code_succeeds_and_costs_nothing) {
    Scene setup;
    const Result result = run(setup);
    EXPECT_EQ(result.status, Status::success);
    EXPECT_EQ(result.gas_left, 1'000'000);
}

TEST(Machine, exceptional_halt_takes_all_gas_and_undoes_changes) {
    const Result result = run(Bytecode{}.op(SSTORE, 1, 2).op(INVALID));
    EXPECT_EQ(result.status, Status::invalid_opcode);
    EXPECT_EQ(result.gas_left, 0);
    EXPECT_EQ(result.changes, "");
}

TEST(Machine, revert_keeps_gas_and_returns_data) {
    const Result result = run(Bytecode{}.op(SSTORE, 1, 2).op(MSTORE, 0, 77).op(REVERT, 0, 32));
    EXPECT_EQ(result.status, Status::revert);
    EXPECT_GT(result.gas_left, 0);
    EXPECT_EQ(result.word(), uint256{77});
    EXPECT_EQ(result.changes, "");
}

TEST(Machine, stack_limits_are_exact) {
    Bytecode full;
    for (int i = 0; i < 1024; ++i) full.push(uint256{1});
    EXPECT_EQ(run(full).status, Status::success);
    Bytecode over;
    over.raw(full).push(uint256{1});
    EXPECT_EQ(run(over).status, Status::stack_overflow);
    Bytecode dup;
    dup.raw(full).op(DUP1);
    EXPECT_EQ(run(dup).status, Status::stack_overflow);
    EXPECT_EQ(run(Bytecode{}.push(uint256{1}).op(ADD)).status, Status::stack_underflow);
    EXPECT_EQ(run(Bytecode{}.push(uint256{1}).op(SWAP1)).status, Status::stack_underflow);
    EXPECT_EQ(run(Bytecode{}.op(POP)).status, Status::stack_underflow);
}

TEST(Machine, push_takes_exactly_its_bytes_and_zeros_behind_the_end) {
    for (unsigned n = 1; n <= 32; ++n) {
        Bytecode code;
        code.op(static_cast<Opcode>(0x5f + n));
        uint256 expected;
        for (unsigned i = 1; i <= n; ++i) {
            const uint8_t byte = static_cast<uint8_t>(0xa0 + i);
            code.raw(bytes_view{&byte, 1});
            expected = (expected << 8) | uint256{byte};
        }
        code.return_top();
        EXPECT_EQ(run(code).word(), expected) << "PUSH" << n;
    }
    // A PUSH cut off by the end of the code ends the execution without error.
    EXPECT_EQ(run(bytes{0x7f, 0x01}).status, Status::success);
}

TEST(Machine, dup_and_swap_reach_all_depths) {
    for (unsigned n = 1; n <= 16; ++n) {
        Bytecode dup;
        for (unsigned i = 17; i > 0; --i) dup.push(uint256{i});
        Bytecode swap = dup;
        EXPECT_EQ(run(dup.op(static_cast<Opcode>(0x7f + n)).return_top()).word(), uint256{n}) << "DUP" << n;
        EXPECT_EQ(run(swap.op(static_cast<Opcode>(0x8f + n)).return_top()).word(), uint256{n + 1}) << "SWAP" << n;
    }
}

TEST(Machine, shifts_agree_with_uint256_at_every_count) {
    for (const uint256& value : {uint256{0x0123456789abcdef, 0xfedcba9876543210, 0x1111222233334444, 0x8877665544332211},
                                 uint256{0x0123456789abcdef, 0xfedcba9876543210, 0x1111222233334444, 0x0877665544332211}}) {
        for (uint64_t count = 0; count <= 260; ++count) {
            Scene left(Bytecode{}.op(SHL, count, value).return_top());
            Scene right(Bytecode{}.op(SHR, count, value).return_top());
            Scene arithmetic(Bytecode{}.op(SAR, count, value).return_top());
            EXPECT_EQ(run_once(left, left.world, nullptr).word(), value << count) << count;
            EXPECT_EQ(run_once(right, right.world, nullptr).word(), value >> count) << count;
            EXPECT_EQ(run_once(arithmetic, arithmetic.world, nullptr).word(), sar(value, count)) << count;
        }
        EXPECT_EQ(run(Bytecode{}.op(SHR, uint256{0, 1, 0, 0}, value).return_top()).word(), uint256{});
    }
}

TEST(Machine, jumps_go_to_jump_destinations_only) {
    // PUSH1 4 JUMP INVALID JUMPDEST
    EXPECT_EQ(run(bytes{0x60, 0x04, 0x56, 0xfe, 0x5b}).status, Status::success);
    EXPECT_EQ(run(bytes{0x60, 0x03, 0x56, 0xfe, 0x5b}).status, Status::bad_jump_destination);
    // The destination lies in the immediate bytes of a PUSH.
    EXPECT_EQ(run(bytes{0x60, 0x05, 0x56, 0xfe, 0x60, 0x5b}).status, Status::bad_jump_destination);
    EXPECT_EQ(run(bytes{0x60, 0x05, 0x56}).status, Status::bad_jump_destination);
    EXPECT_EQ(run(Bytecode{}.op(JUMP, uint256{4, 1, 0, 0}).op(JUMPDEST)).status, Status::bad_jump_destination);
    // An untaken JUMPI does not look at its destination.
    EXPECT_EQ(run(Bytecode{}.op(JUMPI, 999, 0)).status, Status::success);
    EXPECT_EQ(run(Bytecode{}.op(JUMPI, 999, uint256{0, 0, 0, 1})).status, Status::bad_jump_destination);
}

TEST(Machine, memory_is_zero_grows_in_words_and_costs_by_the_formula) {
    EXPECT_EQ(run(Bytecode{}.op(MLOAD, 3).return_top()).word(), uint256{});
    EXPECT_EQ(run(Bytecode{}.op(MSTORE8, 33, 0x1ff).op(MSIZE).return_top()).word(), uint256{64});
    EXPECT_EQ(run(Bytecode{}.op(MSTORE8, 31, 0x1ff).op(MLOAD, 0).return_top()).word(), uint256{0xff});
    // 1024 words: 3 * 1024 + 1024 * 1024 / 512
    const int64_t base = gas_of(Bytecode{}.op(MSTORE, 0, 0), Revision::Frontier);
    EXPECT_EQ(gas_of(Bytecode{}.op(MSTORE, 1023 * 32, 0), Revision::Frontier) - base, 3 * 1024 + 2048 - 3);
    for (const uint256& far : {uint256{UINT64_MAX}, uint256{UINT64_MAX - 31}, uint256{0, 1, 0, 0}, uint256{uint64_t{1} << 32}})
        EXPECT_EQ(run(Bytecode{}.op(MLOAD, far)).status, Status::out_of_gas);
    // Without bytes, the offset does not matter.
    EXPECT_EQ(run(Bytecode{}.op(RETURN, uint256{0, 0, 0, 1}, 0)).status, Status::success);
}

TEST(Machine, child_memory_begins_empty_although_its_place_was_used) {
    Scene setup(Bytecode{}.op(CALL, 100000, kOther, 0, 0, 0, 0, 0).op(CALL, 100000, kThird, 0, 0, 0, 0, 32).op(MLOAD, 0).return_top());
    setup.with_code(kOther, Bytecode{}.op(MSTORE, 0, ~uint256{}));
    setup.with_code(kThird, Bytecode{}.op(RETURN, 0, 32));
    EXPECT_EQ(run(setup).word(), uint256{});
}

TEST(Machine, call_passes_input_value_and_output) {
    Scene setup(Bytecode{}.op(MSTORE, 0, 0x55).op(CALL, 100000, kOther, 3, 0, 32, 32, 32).op(MLOAD, 32).op(ADD).return_top());
    setup.with_code(kOther, Bytecode{}.op(CALLDATALOAD, 0).op(CALLVALUE).op(ADD).op(CALLER).op(ADD).return_top());
    const Result result = run(setup);
    EXPECT_EQ(result.word(), uint256{1 + 0x55 + 3 + 0xc0de});
    EXPECT_THAT(result.changes, testing::HasSubstr("beef balance 0x3"));
}

TEST(Machine, delegate_call_keeps_sender_value_and_storage) {
    Scene setup(Bytecode{}.op(DELEGATECALL, 100000, kOther, 0, 0, 0, 0));
    setup.message.value = 9;
    setup.with_code(kOther, Bytecode{}.op(CALLER).store(1).op(CALLVALUE).store(2).op(ADDRESS).store(3));
    EXPECT_THAT(run(setup).changes, testing::HasSubstr("c0de balance 0x9 [0x1]=0x5e4d [0x2]=0x9 [0x3]=0xc0de"));
}

TEST(Machine, eip214_static_call_forbids_every_change) {
    const std::vector<Bytecode> writes{Bytecode{}.op(SSTORE, 1, 1),
                                       Bytecode{}.op(TSTORE, 1, 1),
                                       Bytecode{}.op(LOG0, 0, 0),
                                       Bytecode{}.op(CREATE, 0, 0, 0),
                                       Bytecode{}.op(CREATE2, 0, 0, 0, 0),
                                       Bytecode{}.op(SELFDESTRUCT, kThird),
                                       Bytecode{}.op(CALL, 0, kThird, 1, 0, 0, 0, 0)};
    for (const Bytecode& write : writes) {
        Scene setup(Bytecode{}.op(STATICCALL, 100000, kOther, 0, 0, 0, 0).return_top());
        setup.with_code(kOther, write);
        EXPECT_EQ(run(setup).word(), uint256{}) << to_hex(write);
    }
    Scene allowed(Bytecode{}.op(STATICCALL, 100000, kOther, 0, 0, 0, 0).return_top());
    allowed.with_code(kOther, Bytecode{}.op(CALL, 1000, kThird, 0, 0, 0, 0, 0).op(CALLCODE, 1000, kThird, 0, 0, 0, 0, 0));
    EXPECT_EQ(run(allowed).word(), uint256{1});
}

TEST(Machine, eip211_return_data_is_bounded_and_that_of_the_last_call) {
    Scene setup(Bytecode{}
                    .op(CALL, 100000, kOther, 0, 0, 0, 0, 0)
                    .op(RETURNDATACOPY, 0, 1, 31)
                    .op(RETURNDATASIZE)
                    .op(MLOAD, 0)
                    .op(ADD)
                    .return_top());
    setup.with_code(kOther, Bytecode{}.op(MSTORE, 0, 1).op(REVERT, 0, 32));
    EXPECT_EQ(run(setup).word(), uint256{0x100 + 32});
    EXPECT_EQ(run(Bytecode{}.op(RETURNDATACOPY, 0, 0, 1)).status, Status::return_data_out_of_bounds);
    EXPECT_EQ(run(Bytecode{}.op(RETURNDATACOPY, 0, uint256{0, 1, 0, 0}, 0)).status, Status::return_data_out_of_bounds);
}

TEST(Machine, eip150_caller_keeps_one_64th) {
    Scene setup(Bytecode{}.op(CALL, ~uint256{}, kOther, 0, 0, 0, 0, 32).op(MLOAD, 0).return_top(), Revision::TangerineWhistle);
    setup.with_code(kOther, Bytecode{}.op(GAS).return_top());
    // Left before the child: 1,000,000 - 7 pushes - 700 - one word of memory
    const int64_t left = 1'000'000 - 21 - 700 - 3;
    EXPECT_EQ(run(setup).word(), uint256{static_cast<uint64_t>(left - left / 64 - 2)});

    Scene before(Bytecode{}.op(CALL, ~uint256{}, kOther, 0, 0, 0, 0, 32), Revision::Homestead);
    before.with_code(kOther, Bytecode{}.op(GAS).return_top());
    EXPECT_EQ(run(before).status, Status::out_of_gas);
}

TEST(Machine, failed_value_call_returns_the_stipend_too) {
    const Bytecode code = Bytecode{}.op(CALL, 0, kOther, uint256{0, 1, 0, 0}, 0, 0, 0, 0);
    Scene setup(code, Revision::Osaka);
    setup.with_code(kOther, Bytecode{}.op(STOP));
    const Result result = run(setup);
    EXPECT_EQ(result.gas_left, 1'000'000 - 21 - 2600 - 9000 + 2300);
}

TEST(Machine, call_depth_is_limited_to_1024) {
    // Counts its own depth in a storage slot while it calls itself with all gas.
    Scene setup({}, Revision::Frontier);
    Bytecode code;
    code.op(SLOAD, 0).push(uint256{1}).op(ADD).store(0);
    for (int i = 0; i < 5; ++i) code.push(uint256{});
    code.push(kContract).push(uint256{60000}).op(GAS).op(SUB).op(CALL);
    setup.world.set_code(kContract, code);
    setup.with_gas(200'000'000);
    EXPECT_THAT(run(setup).changes, testing::HasSubstr("[0x0]=0x401"));
}

TEST(Machine, precompile_runs_in_a_call_and_fails_without_gas) {
    const Bytecode call = Bytecode{}.op(MSTORE, 0, 0x1234).op(CALL, 18, address_of(4), 0, 0, 32, 32, 32).op(MLOAD, 32).op(ADD).return_top();
    EXPECT_EQ(run(call).word(), uint256{0x1235});
    const Bytecode poor = Bytecode{}.op(MSTORE, 0, 0x1234).op(CALL, 17, address_of(4), 0, 0, 32, 32, 32).op(MLOAD, 32).op(ADD).return_top();
    EXPECT_EQ(run(poor).word(), uint256{});
}

TEST(Machine, precompile_can_be_the_recipient_of_a_transaction) {
    const bytes input{1, 2, 3};
    Scene setup;
    setup.message.recipient = address_of(4);
    setup.message.input = input;
    setup.message.value = 5;
    const Result result = run(setup);
    EXPECT_EQ(result.output, input);
    EXPECT_EQ(result.gas_left, 1'000'000 - 18);
    EXPECT_THAT(result.changes, testing::HasSubstr("0004 balance 0x5"));
}

TEST(Machine, create_deploys_code_and_counts_the_nonce) {
    // Init code that returns two bytes 0x00.
    const bytes init{0x60, 0x02, 0x60, 0x00, 0xf3};
    Bytecode code;
    code.op(MSTORE, 0, from_be(init)).op(CREATE, 7, 32 - init.size(), init.size()).return_top();
    const address created = create_address(kContract, 1);
    Scene setup(code);
    const Result result = run(setup);
    EXPECT_EQ(result.word(), to_uint256(created));
    EXPECT_THAT(result.changes, testing::HasSubstr(to_hex(created).substr(38) + " balance 0x7 nonce 1 code"));
    EXPECT_THAT(result.changes, testing::HasSubstr("c0de balance -0x7 nonce 2"));
}

TEST(Machine, create2_address_follows_eip1014) {
    // First example of the EIP.
    EXPECT_EQ(to_hex(create2_address(address{}, hash32{}, bytes{0})), "0x4d1a2e2bb4f88f0250f26ffff098b0b30b26bf38");
    EXPECT_EQ(to_hex(create2_address(*fixed_from_hex<address>("deadbeef00000000000000000000000000000000"), hash32{}, bytes{0})),
              "0xb928f69bb1d91cd65274e3c79d8986362984fda3");
    // The well-known first contract address of an account.
    EXPECT_EQ(to_hex(create_address(*fixed_from_hex<address>("6ac7ea33f8831ea9dcc53393aaa88b25a785dbf0"), 0)),
              "0xcd234a471b72ba2f1ccf0a70fcaba648a5eecd8d");
}

TEST(Machine, create_collision_takes_the_gas_and_counts_the_nonce) {
    for (const bool by_storage : {false, true}) {
        Scene setup(Bytecode{}.op(CREATE, 0, 0, 0).return_top());
        const address place = create_address(kContract, 1);
        if (by_storage)
            setup.world.set_storage(place, 1, 1);
        else
            setup.world.insert(place).nonce = 1;
        const Result result = run(setup);
        EXPECT_EQ(result.word(), uint256{});
        EXPECT_LT(result.gas_left, 1'000'000 / 64);
        EXPECT_THAT(result.changes, testing::HasSubstr("c0de nonce 2"));
    }
}

Result create_from_transaction(bytes_view init_code, Revision revision, int64_t gas) {
    Scene setup({}, revision);
    setup.message.is_create = true;
    setup.message.recipient = kThird;
    setup.message.input = init_code;
    setup.message.gas = gas;
    return run(setup);
}

TEST(Machine, creation_limits_follow_the_revision) {
    // Returns 24,577 zero bytes: one more than EIP-170 allows.
    const Bytecode large = Bytecode{}.op(RETURN, 0, 24577);
    EXPECT_EQ(create_from_transaction(large, Revision::TangerineWhistle, 10'000'000).status, Status::success);
    EXPECT_EQ(create_from_transaction(large, Revision::SpuriousDragon, 10'000'000).status, Status::code_too_large);
    const Bytecode prefix = Bytecode{}.op(MSTORE8, 0, 0xef).op(RETURN, 0, 1);
    EXPECT_EQ(create_from_transaction(prefix, Revision::Berlin, 100'000).status, Status::success);
    EXPECT_EQ(create_from_transaction(prefix, Revision::London, 100'000).status, Status::invalid_code_prefix);
    // 32 bytes cost 6,400 to keep. Frontier leaves the contract empty, Homestead fails (EIP-2).
    const Bytecode poor = Bytecode{}.op(RETURN, 0, 32);
    const Result frontier = create_from_transaction(poor, Revision::Frontier, 1000);
    EXPECT_EQ(frontier.status, Status::success);
    EXPECT_EQ(frontier.gas_left, 1000 - 9);
    EXPECT_EQ(create_from_transaction(poor, Revision::Homestead, 1000).status, Status::out_of_gas);
}

TEST(Machine, eip3860_init_code_is_metered_and_limited) {
    EXPECT_EQ(run(Bytecode{}.op(CREATE, 0, 0, 0xc001), Revision::Shanghai).status, Status::initcode_too_large);
    EXPECT_EQ(run(Bytecode{}.op(CREATE, 0, 0, 0xc001), Revision::Paris).status, Status::success);
    const auto cost = [](Revision r) { return gas_of(Bytecode{}.op(CREATE, 0, 0, 3200), r); };
    EXPECT_EQ(cost(Revision::Shanghai) - cost(Revision::Paris), 200);
}

TEST(Machine, eip2929_second_access_is_warm) {
    const auto cost = [](const Bytecode& code) { return gas_of(code, Revision::Berlin); };
    EXPECT_EQ(cost(Bytecode{}.op(SLOAD, 1)), 2103);
    EXPECT_EQ(cost(Bytecode{}.op(SLOAD, 1).op(SLOAD, 1)), 2103 + 103);
    EXPECT_EQ(cost(Bytecode{}.op(BALANCE, kOther)), 2603);
    EXPECT_EQ(cost(Bytecode{}.op(BALANCE, kOther).op(EXTCODESIZE, kOther).op(EXTCODEHASH, kOther)), 2603 + 2 * 103);
    EXPECT_EQ(cost(Bytecode{}.op(EXTCODECOPY, kOther, 0, 0, 32)), 12 + 2600 + 3 + 3);
    EXPECT_EQ(cost(Bytecode{}.op(BALANCE, address_of(1))), 103);
    EXPECT_EQ(cost(Bytecode{}.op(CALL, 0, kOther, 0, 0, 0, 0, 0)), 21 + 2600);
}

TEST(Machine, warm_sets_of_a_reverted_child_are_forgotten) {
    Scene setup(
        Bytecode{}.op(CALL, 100000, kOther, 0, 0, 0, 0, 0).op(GAS).op(BALANCE, kThird).op(POP).op(GAS).op(SWAP1).op(SUB).return_top());
    setup.with_code(kOther, Bytecode{}.op(BALANCE, kThird).op(REVERT, 0, 0));
    EXPECT_EQ(run(setup).word(), uint256{2600 + 3 + 2 + 2});
}

/// Cost and refund of one SSTORE of `value` over `current`, the slot's value at the start being `original`.
std::pair<int64_t, int64_t> store_cost(Revision revision, uint64_t original, uint64_t current, uint64_t value) {
    Scene setup(Bytecode{}.op(SSTORE, 1, current).op(SSTORE, 1, value), revision);
    setup.world.set_storage(kContract, 1, original);
    Scene first(Bytecode{}.op(SSTORE, 1, current), revision);
    first.world.set_storage(kContract, 1, original);
    const Result all = run(setup);
    const Result prefix = run(first);
    return {prefix.gas_left - all.gas_left - 6, all.refund - prefix.refund};
}

TEST(Machine, sstore_prices_of_each_revision) {
    using Pair = std::pair<int64_t, int64_t>;
    EXPECT_EQ(store_cost(Revision::Frontier, 0, 0, 1), (Pair{20000, 0}));
    EXPECT_EQ(store_cost(Revision::Frontier, 0, 1, 0), (Pair{5000, 15000}));
    EXPECT_EQ(store_cost(Revision::Petersburg, 1, 1, 1), (Pair{5000, 0}));
    // Test cases of EIP-1283 and EIP-2200, second write.
    EXPECT_EQ(store_cost(Revision::Constantinople, 0, 0, 1), (Pair{20000, 0}));
    EXPECT_EQ(store_cost(Revision::Constantinople, 0, 1, 0), (Pair{200, 19800}));
    EXPECT_EQ(store_cost(Revision::Constantinople, 1, 0, 1), (Pair{200, -15000 + 4800}));
    EXPECT_EQ(store_cost(Revision::Istanbul, 0, 1, 0), (Pair{800, 19200}));
    EXPECT_EQ(store_cost(Revision::Istanbul, 1, 2, 0), (Pair{800, 15000}));
    EXPECT_EQ(store_cost(Revision::Istanbul, 1, 0, 1), (Pair{800, -15000 + 4200}));
    EXPECT_EQ(store_cost(Revision::Berlin, 0, 1, 0), (Pair{100, 19900}));
    EXPECT_EQ(store_cost(Revision::Berlin, 1, 2, 0), (Pair{100, 15000}));
    EXPECT_EQ(store_cost(Revision::Berlin, 1, 1, 0), (Pair{2900, 15000}));
    EXPECT_EQ(store_cost(Revision::London, 1, 1, 0), (Pair{2900, 4800}));
    EXPECT_EQ(store_cost(Revision::London, 1, 0, 1), (Pair{100, -4800 + 2800}));
    EXPECT_EQ(store_cost(Revision::London, 1, 0, 2), (Pair{100, -4800}));
    EXPECT_EQ(gas_of(Bytecode{}.op(SSTORE, 1, 1), Revision::London), 6 + 2100 + 20000);
}

TEST(Machine, eip2200_sstore_needs_more_than_the_stipend) {
    Scene enough(Bytecode{}.op(SSTORE, 1, 0), Revision::Istanbul);
    EXPECT_EQ(run(enough.with_gas(2307)).status, Status::success);
    EXPECT_EQ(run(enough.with_gas(2306)).status, Status::out_of_gas);
}

TEST(Machine, self_destruct_refund_and_deletion_follow_the_revision) {
    const Bytecode code = Bytecode{}.op(SELFDESTRUCT, kOther);
    const Result istanbul = run(code, Revision::Istanbul);
    EXPECT_EQ(istanbul.refund, 24000);
    EXPECT_THAT(istanbul.changes, testing::HasSubstr("c0de removed"));
    EXPECT_EQ(run(code, Revision::London).refund, 0);
    EXPECT_THAT(run(code, Revision::Shanghai).changes, testing::HasSubstr("c0de removed"));
    // EIP-6780: the account was there before the transaction.
    EXPECT_EQ(run(code, Revision::Cancun).changes, "beef balance 0x3b9aca00\nc0de balance 0x0\n");
    EXPECT_EQ(run(Bytecode{}.op(SELFDESTRUCT, kContract), Revision::Cancun).changes, "");
    EXPECT_EQ(gas_of(code, Revision::Homestead), 3);
    EXPECT_EQ(gas_of(code, Revision::TangerineWhistle), 3 + 5000 + 25000);
    EXPECT_EQ(gas_of(code, Revision::Berlin), 3 + 5000 + 25000 + 2600);
}

TEST(Machine, eip7702_delegation_is_followed_once_and_charged) {
    const Bytecode call = Bytecode{}.op(CALL, 100000, kOther, 0, 0, 0, 0, 32).op(POP).op(MLOAD, 0).return_top();
    const auto setup_for = [&](const address& delegate, Revision revision) {
        Scene setup(call, revision);
        setup.with_code(kOther, state::delegation_designator(delegate));
        setup.with_code(kThird, Bytecode{}.op(ADDRESS).return_top());
        return setup;
    };
    Scene direct(call, Revision::Prague);
    direct.with_code(kOther, Bytecode{}.op(ADDRESS).return_top());
    Scene delegated = setup_for(kThird, Revision::Prague);
    const Result result = run(delegated);
    EXPECT_EQ(result.word(), to_uint256(kOther)) << "the code runs in the delegating account";
    EXPECT_EQ(run(direct).gas_left - result.gas_left, 2600);
    // The delegate is the delegating account itself: its code is a designator, which is no code that runs.
    Scene loop = setup_for(kOther, Revision::Prague);
    EXPECT_EQ(run(loop).word(), uint256{});
    // A precompile has no code.
    Scene precompile = setup_for(address_of(4), Revision::Prague);
    EXPECT_EQ(run(precompile).word(), uint256{});
    Scene size(Bytecode{}.op(EXTCODESIZE, kOther).return_top(), Revision::Prague);
    size.with_code(kOther, state::delegation_designator(kThird));
    EXPECT_EQ(run(size).word(), uint256{23});
    // The recipient of a transaction delegates.
    Scene outermost = setup_for(kThird, Revision::Prague);
    outermost.message.recipient = kOther;
    EXPECT_EQ(run(outermost).word(), to_uint256(kOther));
}

TEST(Machine, eip161_decides_whether_a_call_without_value_makes_an_account) {
    const Bytecode call = Bytecode{}.op(CALL, 0, kThird, 0, 0, 0, 0, 0);
    EXPECT_EQ(gas_of(call, Revision::Homestead), 21 + 40 + 25000);
    EXPECT_THAT(run(call, Revision::Homestead).changes, testing::HasSubstr("cafe"));
    EXPECT_EQ(gas_of(call, Revision::SpuriousDragon), 21 + 700);
    EXPECT_THAT(run(call, Revision::SpuriousDragon).changes, testing::Not(testing::HasSubstr("cafe")));
    EXPECT_EQ(gas_of(Bytecode{}.op(CALL, 0, kThird, 1, 0, 0, 0, 0), Revision::SpuriousDragon), 21 + 700 + 9000 + 25000 - 2300);
}

TEST(Machine, block_hash_covers_256_ancestors) {
    hash32 hash;
    hash[31] = 0x77;
    for (const auto& [number, expected] : {std::pair{999, 0x77}, {744, 0x77}, {743, 0}, {1000, 0}, {1001, 0}}) {
        Scene setup(Bytecode{}.op(BLOCKHASH, number).return_top());
        setup.world.set_block_hash(static_cast<uint64_t>(number), hash);
        EXPECT_EQ(run(setup).word(), uint256{static_cast<uint64_t>(expected)}) << number;
    }
}

TEST(Machine, logs_carry_topics_and_vanish_with_a_failing_frame) {
    Scene setup(Bytecode{}.op(MSTORE, 0, 0xab).op(LOG2, 30, 2, 5, 6).op(CALL, 100000, kOther, 0, 0, 0, 0, 0));
    setup.with_code(kOther, Bytecode{}.op(LOG0, 0, 0).op(INVALID));
    const Result result = run(setup);
    ASSERT_EQ(result.logs.size(), 1U);
    EXPECT_EQ(result.logs[0], (types::Log{kContract, {to_hash32(5), to_hash32(6)}, bytes{0x00, 0xab}}));
}

TEST(Machine, eip1153_transient_storage_lives_for_the_transaction_and_reverts) {
    Scene setup;
    // Called with data: overwrites and fails.
    Bytecode code;
    code.op(CALLDATASIZE).push(uint256{40}).op(JUMPI).op(TSTORE, 1, 5);
    code.op(CALL, 100000, kContract, 0, 0, 1, 0, 0).op(TLOAD, 1).return_top();
    while (code.size() < 40) code.op(STOP);
    ASSERT_EQ(code.size(), 40U);
    code.op(JUMPDEST).op(TSTORE, 1, 6).op(INVALID);
    setup.world.set_code(kContract, code);
    EXPECT_EQ(run(setup).word(), uint256{5});
}

TEST(Machine, eip5656_memory_copy_handles_overlap) {
    const Bytecode code = Bytecode{}.op(MSTORE, 0, uint256{1, 2, 3, 4}).op(MCOPY, 8, 0, 32).op(MLOAD, 8).return_top();
    EXPECT_EQ(run(code).word(), (uint256{1, 2, 3, 4}));
}

TEST(Machine, a_machine_serves_one_message_after_another) {
    Scene setup(Bytecode{}.op(MLOAD, 0).op(MSTORE, 0, 1).return_top());
    Machine machine;
    for (int i = 0; i < 3; ++i) {
        state::State state;
        state.begin(setup.world, setup.revision, is_precompile);
        ASSERT_EQ(machine.start(state, setup.block, setup.transaction, setup.message), Progress::finished);
        EXPECT_EQ(from_be(machine.outcome().output), uint256{});
    }
}

// ---- Traces ----

TEST(Eip3155Tracer, writes_one_line_for_an_instruction_and_one_at_the_end) {
    Scene setup(Bytecode{}.push(uint256{2}).push(uint256{3}).op(ADD).op(POP).op(POP));
    std::vector<std::string> lines;
    Eip3155Tracer tracer([&](std::string_view line) { lines.emplace_back(line); });
    run_once(setup, setup.world, &tracer);
    ASSERT_EQ(lines.size(), 6U);
    EXPECT_EQ(lines[2],
              R"({"pc":4,"op":1,"gas":"0xf423a","gasCost":"0x3","memSize":0,"stack":["0x2","0x3"],"depth":1,"refund":0,"opName":"ADD"})");
    EXPECT_EQ(
        lines[4],
        R"({"pc":6,"op":80,"gas":"0xf4235","gasCost":"0x2","memSize":0,"stack":[],"depth":1,"refund":0,"opName":"POP","error":"stack underflow"})");
    EXPECT_EQ(lines[5], R"({"output":"","gasUsed":"0xf4240","error":"stack underflow"})");
}

TEST(Eip3155Tracer, a_call_costs_what_its_child_gets) {
    Scene setup(Bytecode{}.op(CALL, 1000, kOther, 0, 0, 0, 0, 0));
    setup.with_code(kOther, Bytecode{}.op(STOP));
    std::vector<std::string> lines;
    Eip3155Tracer tracer([&](std::string_view line) { lines.emplace_back(line); });
    run_once(setup, setup.world, &tracer);
    ASSERT_EQ(lines.size(), 11U);
    EXPECT_THAT(lines[7], testing::HasSubstr(R"("gasCost":"0xe10")"));
    EXPECT_THAT(lines[8], testing::HasSubstr(R"("depth":2)"));
}

TEST(Eip3155Tracer, an_account_without_code_executes_nothing_and_a_creation_costs_what_it_charges) {
    Scene setup(Bytecode{}.op(CALL, 1000, kOther, 0, 0, 0, 0, 0).op(CREATE, 0, 0, 0));
    std::vector<std::string> lines;
    Eip3155Tracer tracer([&](std::string_view line) { lines.emplace_back(line); });
    run_once(setup, setup.world, &tracer);
    ASSERT_EQ(lines.size(), 8U + 4U + 1U + 1U);
    EXPECT_THAT(lines[11], testing::HasSubstr(R"("gasCost":"0x7d00")"));
}

TEST(Eip3155Tracer, a_blocked_instruction_appears_once) {
    Scene setup(Bytecode{}.op(SLOAD, 1).op(BALANCE, kOther));
    const auto trace = [&](state::StateView& view) {
        std::string text;
        Eip3155Tracer tracer([&](std::string_view line) { text += line; });
        run_once(setup, view, &tracer);
        return text;
    };
    ShyView shy(setup.world);
    EXPECT_EQ(trace(shy), trace(setup.world));
}

// ---- Vectors ----

TEST(OpcodeVectors, geth_binary_operations) {
    const auto folder = test::conformance().value_or("no-conformance-archive") / "geth" / "opcodes";
    WEFT_REQUIRE_FIXTURES(folder);
    const std::map<std::string, Opcode> opcodes{
        {"add", ADD}, {"and", AND}, {"byte", BYTE}, {"div", DIV},   {"eq", EQ},   {"exp", EXP},   {"gt", GT},
        {"lt", LT},   {"mod", MOD}, {"mul", MUL},   {"or", OR},     {"sar", SAR}, {"sdiv", SDIV}, {"sgt", SGT},
        {"shl", SHL}, {"shr", SHR}, {"slt", SLT},   {"smod", SMOD}, {"sub", SUB}, {"xor", XOR},   {"signext", SIGNEXTEND}};
    simdjson::dom::parser parser;
    size_t count = 0;
    for (const auto& [name, opcode] : opcodes) {
        const auto path = folder / ("testcases_" + name + ".json");
        for (const simdjson::dom::object vector : parser.load(path.string()).get_array()) {
            const auto number = [&](const char* key) { return from_be(from_hex(std::string_view(vector[key])).value()); };
            // The second operand, Y, lies on top of the stack.
            Scene setup(Bytecode{}.push(number("X")).push(number("Y")).op(opcode).return_top());
            EXPECT_EQ(run_once(setup, setup.world, nullptr).word(), number("Expected")) << name << " " << vector;
            ++count;
        }
    }
    EXPECT_EQ(count, 1701U);
}

// ---- Random programs ----

/// Programs that mostly run for a while: operands are small numbers and the addresses of the accounts around.
Bytecode random_program(std::mt19937_64& random) {
    static const std::vector<uint256> kOperands{0,
                                                1,
                                                2,
                                                3,
                                                31,
                                                32,
                                                33,
                                                64,
                                                100,
                                                5000,
                                                100000,
                                                to_uint256(kContract),
                                                to_uint256(kOther),
                                                to_uint256(kThird),
                                                to_uint256(kSender),
                                                4,
                                                ~uint256{}};
    const auto pick = [&](uint64_t n) { return random() % n; };
    Bytecode code;
    const uint64_t length = 20 + pick(120);
    for (uint64_t i = 0; i < length; ++i) {
        if (pick(5) < 3) {
            code.push(kOperands[pick(kOperands.size())]);
        } else if (pick(4) == 0) {
            code.op(static_cast<Opcode>(0xf0 + pick(16)));
        } else if (pick(30) == 0) {
            code.op(static_cast<Opcode>(pick(256)));
        } else {
            static constexpr std::array kLikely{
                ADD,    MUL,    SUB,   KECCAK256, BALANCE, CALLDATALOAD, EXTCODESIZE, EXTCODECOPY,  EXTCODEHASH, BLOCKHASH,
                MLOAD,  MSTORE, SLOAD, SSTORE,    SSTORE,  MSTORE8,      MCOPY,       TLOAD,        TSTORE,      RETURNDATASIZE,
                GAS,    MSIZE,  DUP1,  DUP2,      DUP3,    SWAP1,        SWAP2,       LOG1,         ISZERO,      SELFBALANCE,
                CALLER, EXP,    POP,   CODECOPY,  PC,      JUMPDEST,     CALL,        DELEGATECALL, STATICCALL,  CREATE2};
            code.op(kLikely[pick(kLikely.size())]);
        }
    }
    return code;
}

TEST(RandomPrograms, both_dispatchers_and_blocked_reads_agree_in_every_revision) {
    std::mt19937_64 random(20250101);
    size_t successes = 0;
    for (int i = 0; i < 3000 && !testing::Test::HasFailure(); ++i) {
        const auto revision = static_cast<Revision>(random() % types::kRevisionCount);
        const Bytecode program = random_program(random);
        Scene setup(program, revision);
        setup.with_code(kOther, random_program(random));
        if (random() % 2 == 0) setup.with_code(kThird, state::delegation_designator(kOther));
        for (uint64_t slot = 0; slot < 4; ++slot) setup.world.set_storage(kContract, slot, random() % 2);
        setup.message.gas = random() % 4 == 0 ? 30'000 : 1'000'000;
        successes += run(setup).status == Status::success ? 1 : 0;
        if (testing::Test::HasFailure()) ADD_FAILURE() << "program " << i << ": " << to_hex(program);
    }
    EXPECT_GT(successes, 100U) << "the programs are too short-lived to show anything";
}

}  // namespace
}  // namespace weft::evm
