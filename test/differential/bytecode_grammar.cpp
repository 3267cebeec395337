// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/differential/bytecode_grammar.hpp"

#include "weft/base/uint256.hpp"

#include <algorithm>
#include <array>

namespace weft::test {

namespace {

using types::Revision;

// clang-format off
enum Op : uint8_t {
    STOP = 0x00, ADD = 0x01, MUL = 0x02, SUB = 0x03, LT = 0x10, GT = 0x11, EQ = 0x14, ISZERO = 0x15, AND = 0x16, XOR = 0x18, KECCAK256 = 0x20,
    ADDRESS = 0x30, BALANCE = 0x31, ORIGIN = 0x32, CALLER = 0x33, CALLVALUE = 0x34, CALLDATALOAD = 0x35, CALLDATASIZE = 0x36,
    GASPRICE = 0x3a, EXTCODESIZE = 0x3b, EXTCODECOPY = 0x3c, RETURNDATASIZE = 0x3d, EXTCODEHASH = 0x3f, BLOCKHASH = 0x40,
    COINBASE = 0x41, TIMESTAMP = 0x42, NUMBER = 0x43, PREVRANDAO = 0x44, GASLIMIT = 0x45, CHAINID = 0x46, SELFBALANCE = 0x47,
    BASEFEE = 0x48, BLOBHASH = 0x49, BLOBBASEFEE = 0x4a, POP = 0x50, MLOAD = 0x51, MSTORE = 0x52, SLOAD = 0x54, SSTORE = 0x55,
    JUMPI = 0x57, GAS = 0x5a, JUMPDEST = 0x5b, TLOAD = 0x5c, TSTORE = 0x5d, PUSH1 = 0x60, PUSH2 = 0x61, DUP1 = 0x80, DUP2 = 0x81, SWAP1 = 0x90, LOG0 = 0xa0,
    CREATE = 0xf0, CALL = 0xf1, CALLCODE = 0xf2, RETURN = 0xf3, DELEGATECALL = 0xf4, CREATE2 = 0xf5, STATICCALL = 0xfa,
    REVERT = 0xfd, INVALID = 0xfe, SELFDESTRUCT = 0xff,
};
// clang-format on

/// An opcode that pushes one word and pops none, and the revision that brought it.
struct Source {
    Op op;
    Revision since;
};
constexpr std::array kSources{
    Source{.op = ADDRESS, .since = Revision::Frontier},         Source{.op = ORIGIN, .since = Revision::Frontier},
    Source{.op = CALLER, .since = Revision::Frontier},          Source{.op = CALLVALUE, .since = Revision::Frontier},
    Source{.op = CALLDATASIZE, .since = Revision::Frontier},    Source{.op = GASPRICE, .since = Revision::Frontier},
    Source{.op = COINBASE, .since = Revision::Frontier},        Source{.op = TIMESTAMP, .since = Revision::Frontier},
    Source{.op = NUMBER, .since = Revision::Frontier},          Source{.op = PREVRANDAO, .since = Revision::Frontier},
    Source{.op = GASLIMIT, .since = Revision::Frontier},        Source{.op = GAS, .since = Revision::Frontier},
    Source{.op = RETURNDATASIZE, .since = Revision::Byzantium}, Source{.op = CHAINID, .since = Revision::Istanbul},
    Source{.op = SELFBALANCE, .since = Revision::Istanbul},     Source{.op = BASEFEE, .since = Revision::London},
    Source{.op = BLOBBASEFEE, .since = Revision::Cancun},
};

const bytes kCounterOfTwo{CALLDATASIZE, ISZERO, PUSH1, 7,   JUMPI, CALLER, SELFDESTRUCT, JUMPDEST, PUSH1, 1,     SLOAD,
                          PUSH1,        0,      SLOAD, ADD, PUSH1, 1,      ADD,          PUSH1,    0,     SSTORE};

/// Does `before`, then deploys `runtime`.
bytes deploying(bytes before, const bytes& runtime) {
    bytes code = std::move(before);
    code.push_back(static_cast<uint8_t>(PUSH1 + runtime.size() - 1));
    code.insert(code.end(), runtime.begin(), runtime.end());
    const auto size = static_cast<uint8_t>(runtime.size());
    const bytes deploy{PUSH1, 0, MSTORE, PUSH1, size, PUSH1, static_cast<uint8_t>(32 - size), RETURN};
    code.insert(code.end(), deploy.begin(), deploy.end());
    return code;
}

const std::array<bytes, kInitCodes>& init_codes() {
    static const std::array<bytes, kInitCodes> codes{
        // Deploys a contract that counts in slot 0, or destroys itself when called with data; fills slot 1 on the way.
        deploying({PUSH1, 5, PUSH1, 1, SSTORE}, {CALLDATASIZE, ISZERO, PUSH1, 7, JUMPI, CALLER, SELFDESTRUCT, JUMPDEST, PUSH1, 0, SLOAD,
                                                 PUSH1, 1, ADD, PUSH1, 0, SSTORE, STOP}),
        // Deploys CALLER SELFDESTRUCT.
        bytes{PUSH2, CALLER, SELFDESTRUCT, PUSH1, 0, MSTORE, PUSH1, 2, PUSH1, 30, RETURN},
        bytes{CALLER, SELFDESTRUCT},
        bytes{PUSH1, 0, PUSH1, 0, REVERT},
        // Leaves storage and no code.
        bytes{PUSH1, 5, PUSH1, 1, SSTORE, STOP},
        // Reads a slot that may have outlived an earlier contract; deploys one byte of it.
        bytes{PUSH1, 1, SLOAD, PUSH1, 0, MSTORE, PUSH1, 1, PUSH1, 31, RETURN},
        deploying({}, kCounterOfTwo),
    };
    return codes;
}

/// Writes one contract.
class Writer {
  public:
    Writer(Random& random, const Vocabulary& vocabulary) : random_(random), words_(vocabulary) {}

    bytes contract() {
        const uint64_t statements = 1 + random_.below(6);
        for (uint64_t i = 0; i < statements; ++i) statement(2);
        if (random_.chance(20)) ending();
        return std::move(code_);
    }

    bytes adder() {
        for (uint64_t i = 1 + random_.below(3); i > 0; --i) count();
        return std::move(code_);
    }

    bytes factory() {
        create();
        return std::move(code_);
    }

    bytes hot_slots() {
        for (uint64_t i = 2 + random_.below(4); i > 0; --i) hot_statement();
        return std::move(code_);
    }

    bytes balances() {
        for (uint64_t i = 1 + random_.below(4); i > 0; --i) balance_statement();
        return std::move(code_);
    }

    bytes visitor(const address& child) {
        for (uint64_t i = 1 + random_.below(3); i > 0; --i) visit(child);
        return std::move(code_);
    }

    bytes phoenix(const address& child) {
        create(true);
        put({CALLDATASIZE});
        when_true([&] { call_for(child, true); });
        return std::move(code_);
    }

  private:
    [[nodiscard]] bool has(Revision since) const noexcept { return words_.revision >= since; }
    void put(std::initializer_list<int> raw) {
        for (const int byte : raw) code_.push_back(static_cast<uint8_t>(byte));
    }
    void push(uint64_t value) {
        if (value < 0x100)
            put({PUSH1, static_cast<int>(value)});
        else
            put({PUSH1 + 2, static_cast<int>(value >> 16 & 0xff), static_cast<int>(value >> 8 & 0xff), static_cast<int>(value & 0xff)});
    }
    void push(const address& addr) {
        code_.push_back(PUSH1 + 19);
        code_.insert(code_.end(), addr.begin(), addr.end());
    }
    void slot() { push(random_.below(words_.slots)); }

    /// Pushes an account, now and then one that only execution knows.
    void account() {
        const uint64_t kind = random_.below(20);
        if (kind == 0) return put({CALLER});
        if (kind == 1) return put({COINBASE});
        if (kind == 2) return put({ADDRESS});
        if (kind == 3) {
            slot();
            return put({SLOAD});
        }
        push(random_.pick(words_.accounts));
    }

    void source() {
        while (true) {
            const Source& source = random_.pick(kSources);
            if (has(source.since)) return put({source.op});
        }
    }

    /// Pushes one word.
    void expression(unsigned depth) {
        switch (random_.below(depth == 0 ? 9 : 12)) {
            case 0:
                return push(random_.pick<uint64_t>({0, 1, 2, 5, 1000}));
            case 1:
                return source();
            case 2:
            case 3:
                slot();
                return put({SLOAD});
            case 4:
                account();
                return put({BALANCE});
            case 5:
                account();
                return put({has(Revision::Constantinople) && random_.chance(50) ? EXTCODEHASH : EXTCODESIZE});
            case 6:
                if (!has(Revision::Cancun)) return push(uint64_t{7});
                slot();
                return put({TLOAD});
            case 7:
                push(words_.block_number - random_.below(4));
                return put({BLOCKHASH});
            case 8:
                push(uint64_t{0});
                return put({has(Revision::Cancun) && random_.chance(30) ? BLOBHASH : CALLDATALOAD});
            case 9:
                expression(depth - 1);
                return put({ISZERO});
            default:
                expression(depth - 1);
                expression(depth - 1);
                return put({random_.pick({ADD, XOR, EQ, LT, GT, AND, MUL})});
        }
    }

    void statement(unsigned depth) {
        switch (random_.below(18)) {
            case 0:
            case 1:
            case 2:
                return store();
            case 3:
                return count();
            case 4:
            case 5:
            case 6:
            case 7:
                return call();
            case 8:
            case 9:
                return create();
            case 10:
            case 11:
                return branch(depth);
            case 12:
                return transient();
            case 13:
                return log();
            case 14:
                return copy_code();
            case 15:
                return guarded_ending();
            case 16:
                return burn();
            default:
                expression(2);
                return put({POP});
        }
    }

    void store() {
        expression(2);
        slot();
        put({SSTORE});
    }
    /// slot += n or slot -= n, with and without the checks of tokens: every two transactions that run this conflict.
    void count() {
        const auto which = static_cast<int>(random_.below(words_.slots));
        const auto amount = static_cast<int>(random_.pick<uint64_t>({1, 1, 2, 40}));
        put({PUSH1, which, SLOAD});
        switch (random_.below(6)) {
            case 0:  // c = a + n; c < a fails
                put({DUP1, PUSH1, amount, ADD, SWAP1, DUP2, LT, ISZERO});
                end_unless_true();
                break;
            case 1:  // a < n fails
                put({PUSH1, amount, DUP2, LT, ISZERO});
                end_unless_true();
                [[fallthrough]];
            case 2:
                put({PUSH1, amount, SWAP1, SUB});
                break;
            case 3:  // beside a flag
                put({PUSH1, amount, ADD, PUSH1, random_.pick({3, 63, 255}), AND});
                break;
            default:
                put({PUSH1, amount, ADD});
        }
        put({PUSH1, which, SSTORE});
    }
    void transient() {
        if (!has(Revision::Cancun)) return store();
        expression(1);
        slot();
        put({TSTORE});
    }
    void value() {
        if (random_.chance(50)) return push(uint64_t{0});
        if (random_.chance(70)) return push(random_.pick<uint64_t>({1, 3, 100, 70000}));
        expression(1);
    }
    void gas() {
        if (random_.chance(70) && has(Revision::TangerineWhistle)) return put({GAS});
        push(random_.pick<uint64_t>({0, 700, 3000, 30000, 60000}));
    }
    void keep_result() {
        if (random_.chance(50)) return put({POP});
        slot();
        put({SSTORE});
    }

    void call() {
        const Op op = random_.pick({CALL, CALL, CALL, CALL, CALLCODE, DELEGATECALL, STATICCALL});
        if (op == DELEGATECALL && !has(Revision::Homestead)) return;
        if (op == STATICCALL && !has(Revision::Byzantium)) return;
        push(uint64_t{32});                  // out size
        push(uint64_t{0});                   // out
        push(random_.chance(30) ? 1U : 0U);  // in size: data makes a counter destroy itself
        push(uint64_t{0});                   // in
        if (op == CALL || op == CALLCODE) value();
        account();
        gas();
        put({op});
        keep_result();
    }

    void create(bool is_salted_for_sure = false) {
        const bool salted = has(Revision::Constantinople) && (is_salted_for_sure || random_.chance(70));
        const bytes_view init = init_code(random_.pick(words_.init_codes));
        put({PUSH1 + static_cast<int>(init.size()) - 1});
        code_.insert(code_.end(), init.begin(), init.end());
        put({PUSH1, 0, MSTORE});
        if (salted) push(random_.below(words_.salts));
        push(init.size());
        push(32 - init.size());
        push(random_.pick<uint64_t>({0, 0, 1}));
        put({salted ? CREATE2 : CREATE});
        keep_result();
    }

    void branch(unsigned depth) {
        if (depth == 0) return;
        expression(2);
        put({PUSH2, 0, 0});
        const size_t target = code_.size() - 2;
        put({JUMPI});
        const uint64_t statements = 1 + random_.below(2);
        for (uint64_t i = 0; i < statements; ++i) statement(depth - 1);
        code_[target] = static_cast<uint8_t>(code_.size() >> 8);
        code_[target + 1] = static_cast<uint8_t>(code_.size());
        put({JUMPDEST});
    }

    void log() {
        const auto topics = static_cast<int>(random_.below(3));
        for (int i = 0; i < topics; ++i) expression(1);
        push(random_.pick<uint64_t>({0, 1, 32}));
        push(uint64_t{0});
        put({LOG0 + topics});
    }

    void copy_code() {
        push(uint64_t{32});
        push(uint64_t{0});
        push(uint64_t{0});
        account();
        put({EXTCODECOPY, PUSH1, 0, MLOAD});
        slot();
        put({SSTORE});
    }

    void burn() { put({PUSH1 + 1, static_cast<int>(random_.below(0x40)), 0, PUSH1, 0, KECCAK256, POP}); }

    void ending() {
        switch (random_.below(5)) {
            case 0:
                return put({PUSH1, 32, PUSH1, 0, RETURN});
            case 1:
                return put({PUSH1, 1, PUSH1, 0, REVERT});
            case 2:
                return put({INVALID});
            case 3:
                return put({STOP});
            default:
                account();
                return put({SELFDESTRUCT});
        }
    }
    void guarded_ending() {
        expression(2);
        end_unless_true();
    }
    /// Takes a word.
    void end_unless_true() {
        put({PUSH2, 0, 0});
        const size_t target = code_.size() - 2;
        put({JUMPI});
        ending();
        code_[target] = static_cast<uint8_t>(code_.size() >> 8);
        code_[target + 1] = static_cast<uint8_t>(code_.size());
        put({JUMPDEST});
    }

    // ---- What profiles are about ----

    /// Takes a word from the stack; body() happens unless it is zero.
    template <typename Body>
    void when_true(const Body& body) {
        put({ISZERO, PUSH2, 0, 0});
        const size_t target = code_.size() - 2;
        put({JUMPI});
        body();
        code_[target] = static_cast<uint8_t>(code_.size() >> 8);
        code_[target + 1] = static_cast<uint8_t>(code_.size());
        put({JUMPDEST});
    }

    void load() {
        slot();
        put({SLOAD});
    }
    /// Compares a slot with another, or with a small number.
    void comparison() {
        load();
        random_.chance(30) ? load() : push(random_.below(6));
        put({random_.pick({LT, GT, EQ})});
    }
    /// Takes the next number, and a slot of that number.
    void take_number() {
        const auto which = static_cast<int>(random_.below(words_.slots));
        put({PUSH1, which, SLOAD, DUP1, PUSH1, static_cast<int>(random_.pick<uint64_t>({1, 1, 3})), ADD, PUSH1, which, SSTORE});
        put({CALLER, SWAP1, PUSH1, 64, ADD, SSTORE});
    }
    void hot_statement() {
        switch (random_.below(9)) {
            case 0:
            case 1:
                return count();
            case 2:
                comparison();
                return when_true([this] { count(); });
            case 3:
                load();
                slot();
                return put({SSTORE});
            case 4:
                // Now and then one writer more or less.
                comparison();
                return when_true([this] {
                    push(random_.below(4));
                    slot();
                    put({SSTORE});
                });
            case 5:
                comparison();
                return when_true([this] { pay([this] { push(uint64_t{1}); }); });
            case 6:
                account();
                put({BALANCE});
                slot();
                return put({SSTORE});
            case 7:
                return take_number();
            default:
                load();
                put({PUSH1, 0, MSTORE, PUSH1, 32, PUSH1, 0, LOG0});
        }
    }

    void own_balance() { has(Revision::Istanbul) ? put({SELFBALANCE}) : put({ADDRESS, BALANCE}); }
    /// Calls somebody without data and with what amount() pushes.
    template <typename Amount>
    void pay(const Amount& amount) {
        put({PUSH1, 0, PUSH1, 0, PUSH1, 0, PUSH1, 0});
        amount();
        account();
        has(Revision::TangerineWhistle) ? put({GAS}) : push(uint64_t{20'000});
        put({CALL});
        keep_result();
    }
    void balance_statement() {
        switch (random_.below(9)) {
            case 0:
            case 1:
                return pay([this] { push(random_.pick<uint64_t>({1, 3, 100})); });
            case 2:
                return pay([this] { push(uint64_t{0}); });
            case 3:
                return pay([this] { own_balance(); });
            case 4:
                return pay([this] {
                    own_balance();
                    put({PUSH1, 1, ADD});
                });
            case 5:
                random_.chance(40) ? own_balance() : (account(), put({BALANCE}));
                slot();
                return put({SSTORE});
            case 6:
                account();
                put({has(Revision::Constantinople) && random_.chance(70) ? EXTCODEHASH : EXTCODESIZE});
                slot();
                return put({SSTORE});
            case 7:
                account();
                put({BALANCE, ISZERO});
                return when_true([this] { pay([this] { push(uint64_t{1}); }); });
            default:
                push(random_.pick<uint64_t>({1, 3, 1000, 300'000}));
                account();
                put({BALANCE, random_.pick({LT, GT})});
                return when_true([this] { pay([this] { push(random_.pick<uint64_t>({1, 100})); }); });
        }
    }

    void call_for(const address& child, bool with_data) {
        put({PUSH1, 0, PUSH1, 0, PUSH1, with_data ? 1 : 0, PUSH1, 0, PUSH1, 0});
        push(child);
        put({GAS, CALL, POP});
    }
    void visit(const address& child) {
        switch (random_.below(6)) {
            case 0:
            case 1:
                return call_for(child, false);
            case 2:
                return call_for(child, true);
            case 3:
                push(child);
                put({random_.pick({EXTCODESIZE, EXTCODEHASH, BALANCE})});
                slot();
                return put({SSTORE});
            case 4:
                push(child);
                put({EXTCODESIZE});
                return when_true([this] { count(); });
            default:
                return count();
        }
    }

    Random& random_;
    const Vocabulary& words_;
    bytes code_;
};

}  // namespace

bytes random_code(Random& random, const Vocabulary& vocabulary) { return Writer(random, vocabulary).contract(); }

bytes random_factory(Random& random, const Vocabulary& vocabulary) { return Writer(random, vocabulary).factory(); }

bytes hot_slots_code(Random& random, const Vocabulary& vocabulary) { return Writer(random, vocabulary).hot_slots(); }

bytes balances_code(Random& random, const Vocabulary& vocabulary) { return Writer(random, vocabulary).balances(); }

bytes visitor_code(Random& random, const Vocabulary& vocabulary, const address& child) { return Writer(random, vocabulary).visitor(child); }

bytes phoenix_code(Random& random, const Vocabulary& vocabulary, const address& child) { return Writer(random, vocabulary).phoenix(child); }

bytes random_adder(Random& random, const Vocabulary& vocabulary) { return Writer(random, vocabulary).adder(); }

bytes_view init_code(size_t index) { return init_codes()[index]; }

bytes_view counter_code() { return kCounterOfTwo; }

}  // namespace weft::test
