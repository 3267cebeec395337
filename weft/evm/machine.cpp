// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/evm/machine.hpp"

#include "weft/base/assert.hpp"
#include "weft/base/sync.hpp"
#include "weft/evm/context.hpp"
#include "weft/evm/frame_end.hpp"
#include "weft/evm/interpreter.hpp"
#include "weft/evm/precompiles/precompiles.hpp"
#include "weft/evm/tracer.hpp"

namespace weft::evm {

namespace {

using state::AccountEntry;
using state::State;

/// Memory that a machine keeps from one message to the next.
constexpr uint64_t kKeptMemory = uint64_t{4} << 20;
constexpr uint64_t kKeptStack = uint64_t{1} << 20;
constexpr size_t kKeptOutput = size_t{1} << 20;

void report_enter(const Context& context, const Frame& frame) {
    if (context.trace == nullptr) return;
    context.trace->on_enter({.kind = frame.kind,
                             .depth = frame.depth + 1U,
                             .gas = frame.gas,
                             .sender = frame.sender,
                             .target = frame.target,
                             .value = frame.value,
                             .input = frame.is_create() ? frame.code->view() : frame.input});
}

void report_exit(const Context& context, const Frame& frame) {
    if (context.trace == nullptr) return;
    context.trace->on_exit({.status = frame.status, .depth = frame.depth + 1U, .gas_left = frame.gas, .output = context.return_data});
}

}  // namespace

struct alignas(sync::kCacheLine) Machine::Implementation {
    Context context;
    Message message;
    Outcome outcome;
    /// Somebody else's, or null.
    RepeatedHashes* shared_hashes = nullptr;
    /// Where there are none, or what is hashed is listed.
    std::unique_ptr<RepeatedHashes> own_hashes;
    bool lists_hashes = false;

    /// Whether the outermost frame has been entered, or an outcome been found without one.
    enum class Entry : uint8_t { blocked, entered, refused };

    Entry enter();
    Entry enter_call(AccountEntry* sender);
    Entry enter_create(AccountEntry* sender);
    Entry refuse(Status status, int64_t gas_left) noexcept;
    Frame& push_outermost(FrameKind kind, AccountEntry& self, const state::Code& code);
    void trim();
    void choose_hashes();
    Progress advance();
    Progress run();
    Step go_on_relative(Frame& frame);
};

Machine::Implementation::Entry Machine::Implementation::refuse(Status status, int64_t gas_left) noexcept {
    outcome = {.status = status, .gas_left = gas_left, .output = {}};
    return Entry::refused;
}

Frame& Machine::Implementation::push_outermost(FrameKind kind, AccountEntry& self, const state::Code& code) {
    Frame& frame = context.push_frame(kind, reinterpret_cast<uint256*>(context.stack.data()));
    frame.gas = message.gas;
    frame.self = &self;
    frame.sender = message.sender;
    frame.value = message.value;
    frame.is_static = false;
    frame.target = message.recipient;
    frame.checkpoint = context.state->checkpoint();
    Context::set_code(frame, code);
    return frame;
}

Machine::Implementation::Entry Machine::Implementation::enter() {
    State& state = *context.state;
    // The sender's balance matters for a transfer alone.
    AccountEntry* sender = nullptr;
    if (!message.value.is_zero()) {
        sender = state.load(message.sender);
        if (sender == nullptr) return Entry::blocked;
    }
    return message.is_create ? enter_create(sender) : enter_call(sender);
}

/// execution-specs, process_message. `sender` is null where no value moves.
Machine::Implementation::Entry Machine::Implementation::enter_call(AccountEntry* sender) {
    State& state = *context.state;
    const Rules& rules = *context.rules;
    AccountEntry& recipient = state.entry(message.recipient);
    const Precompile* precompile = find_precompile(message.recipient, rules.revision);
    const state::Code* code = &state::empty_code();
    if (precompile == nullptr) {
        if (!state.load(recipient)) return Entry::blocked;
        code = state.code(recipient);
        if (code == nullptr) return Entry::blocked;
        if (const auto delegate = rules.has_delegation ? code->delegate() : std::nullopt) {
            AccountEntry* account = state.load(*delegate);
            if (account == nullptr) return Entry::blocked;
            code = state.code(*account);
            if (code == nullptr) return Entry::blocked;
            state.warm_up(*account);
        }
    } else if (!rules.clears_empty_accounts && !state.load(recipient)) {
        return Entry::blocked;
    }

    Frame& frame = push_outermost(FrameKind::call, recipient, *code);
    frame.input = message.input;
    frame.precompile = precompile;
    if (sender != nullptr) {
        state.subtract_balance(*sender, message.value);
        state.add_balance(recipient, message.value);
    } else {
        if (!rules.clears_empty_accounts) state.ensure_exists(recipient);
        state.touch(recipient);
    }
    return Entry::entered;
}

/// execution-specs, process_create_message. `sender` is null where no value moves.
Machine::Implementation::Entry Machine::Implementation::enter_create(AccountEntry* sender) {
    State& state = *context.state;
    AccountEntry* created = state.load(message.recipient);
    if (created == nullptr) return Entry::blocked;
    if (state.is_occupied(*created)) return refuse(Status::create_collision, 0);

    auto init_code = std::make_unique<const state::Code>(message.input);
    Frame& frame = push_outermost(FrameKind::create, *created, *init_code);
    frame.init_code = std::move(init_code);
    frame.input = {};
    state.create(*created, context.rules->new_contract_nonce);
    if (sender != nullptr) {
        state.subtract_balance(*sender, message.value);
        state.add_balance(*created, message.value);
    }
    return Entry::entered;
}

void Machine::Implementation::trim() {
    context.memory.trim(kKeptMemory);
    context.stack.trim(kKeptStack);
    for (bytes* buffer : {&context.return_data, &context.precompile_output})
        if (buffer->capacity() > kKeptOutput) *buffer = bytes{};
}

Progress Machine::Implementation::advance() {
    if (context.depth == 0) {
        switch (enter()) {
            case Entry::blocked:
                return Progress::blocked;
            case Entry::refused:
                return Progress::finished;
            case Entry::entered:
                report_enter(context, context.top());
                break;
        }
    }
    return run();
}

/// After a step that was blocked: goes on if it was by a relative slot, or where words are relative; otherwise it still is.
Step Machine::Implementation::go_on_relative(Frame& frame) {
    const auto meets_relative_slot = [this] { return context.state->read_error().kind == state::ReadError::Kind::relative; };
    if (context.relative_words.is_empty() && !meets_relative_slot()) return Step::blocked;
    for (;;) {
        Step step = interpret_relative(frame);
        if (step == Step::next) step = interpret(frame);
        if (step != Step::blocked || !context.relative_words.is_empty() || !meets_relative_slot()) return step;
    }
}

Progress Machine::Implementation::run() {
    bool is_within_relative = !context.relative_words.is_empty();
    for (;;) {
        Frame& frame = context.top();
        if (frame.precompile != nullptr) {
            run_precompile(frame);
        } else {
            Step step = Step::blocked;
            if (!is_within_relative) step = context.trace == nullptr ? interpret(frame) : interpret_traced(frame);
            if (step == Step::blocked) [[unlikely]] {
                step = go_on_relative(frame);
                if (step == Step::blocked) return Progress::blocked;
                is_within_relative = false;
            }
            if (step == Step::enter) {
                report_enter(context, context.top());
                continue;
            }
        }
        settle_frame(frame);
        report_exit(context, frame);
        if (context.depth > 1) {
            return_to_caller(context);
            continue;
        }
        outcome = {.status = frame.status, .gas_left = frame.gas, .output = context.return_data};
        context.pop_frame();
        return Progress::finished;
    }
}

void Machine::Implementation::choose_hashes() {
    context.hashes = shared_hashes;
    if (shared_hashes != nullptr && !lists_hashes) return own_hashes.reset();
    if (own_hashes == nullptr) own_hashes = std::make_unique<RepeatedHashes>();
    own_hashes->begin_transaction(lists_hashes);
    context.hashes = own_hashes.get();
}

Machine::Machine() : implementation_(std::make_unique<Implementation>()) {}
Machine::~Machine() = default;

Progress Machine::start(state::State& state, const BlockContext& block, const TransactionContext& transaction, const Message& message,
                        TraceSink* trace) {
    Implementation& machine = *implementation_;
    Context& context = machine.context;
    while (context.depth > 0) context.pop_frame();
    machine.trim();
    context.state = &state;
    context.block = &block;
    context.transaction = &transaction;
    context.rules = &rules_of(state.revision());
    context.table = &revision_table(state.revision());
    context.trace = trace;
    context.return_data.clear();
    machine.choose_hashes();
    context.relative_words.clear();
    machine.message = message;
    return machine.advance();
}

Progress Machine::resume() { return implementation_->advance(); }

int64_t Machine::gas_left() const noexcept {
    const Context& context = implementation_->context;
    if (context.depth == 0) return implementation_->message.gas;
    int64_t sum = 0;
    for (size_t i = 0; i < context.depth; ++i) sum += context.frames[i]->gas;
    return sum;
}

const Outcome& Machine::outcome() const noexcept { return implementation_->outcome; }

void Machine::use_hashes(RepeatedHashes& hashes) noexcept {
    implementation_->shared_hashes = &hashes;
    if (!implementation_->lists_hashes) implementation_->context.hashes = &hashes;
}

void Machine::keep_hashed_pairs(bool keep) noexcept { implementation_->lists_hashes = keep; }

std::span<const HashedPair> Machine::hashed_pairs() const noexcept {
    return implementation_->own_hashes == nullptr ? std::span<const HashedPair>() : implementation_->own_hashes->listed();
}

}  // namespace weft::evm
