// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/evm/instructions/body.hpp"

#include <algorithm>
#include <cstring>

namespace weft::evm::instructions {

WEFT_BODY void self_address(uint256* sp, Frame& frame) noexcept { sp[0] = to_uint256(frame.self->addr); }
WEFT_BODY void origin(uint256* sp, Frame& frame) noexcept { sp[0] = to_uint256(frame.context->transaction->origin); }
WEFT_BODY void caller(uint256* sp, Frame& frame) noexcept { sp[0] = to_uint256(frame.sender); }
WEFT_BODY void call_value(uint256* sp, Frame& frame) noexcept { sp[0] = load_word(frame.value); }
WEFT_BODY void gas_price(uint256* sp, Frame& frame) noexcept { sp[0] = frame.context->transaction->gas_price; }
WEFT_BODY void call_data_size(uint256* sp, Frame& frame) noexcept { sp[0] = frame.input.size(); }
WEFT_BODY void code_size(uint256* sp, Frame& frame) noexcept { sp[0] = frame.code_size; }
WEFT_BODY void return_data_size(uint256* sp, Frame& frame) noexcept { sp[0] = frame.context->return_data.size(); }
/// EIP-1884. The account was read when the frame began.
WEFT_BODY void self_balance(uint256* sp, Frame& frame) noexcept { sp[0] = frame.context->state->balance(*frame.self); }

/// The word at the end of the input, where bytes are missing.
[[gnu::noinline]] inline uint256 input_tail(bytes_view input, uint64_t offset) noexcept {
    uint8_t padded[32] = {};
    if (offset < input.size()) std::memcpy(padded, input.data() + offset, std::min<size_t>(32, input.size() - offset));
    return load_be(padded);
}

WEFT_BODY void call_data_load(uint256* sp, Frame& frame) noexcept {
    const uint256& offset = sp[-1];
    const size_t size = frame.input.size();
    if (offset.fits_u64() && offset.w[0] < size && size - offset.w[0] >= 32) [[likely]]
        sp[-1] = load_word(load_be(frame.input.data() + offset.w[0]));
    else
        sp[-1] = input_tail(frame.input, offset.fits_u64() ? offset.w[0] : UINT64_MAX);
}

/// Copies source[from..] to a range of the memory that is there, with zeros where the source has ended.
inline void copy_padded(Frame& frame, const MemoryRange& to, const uint256& from, bytes_view source) noexcept {
    if (to.size == 0) return;
    const size_t start = from.fits_u64() ? std::min<uint64_t>(from.w[0], source.size()) : source.size();
    const size_t count = std::min<size_t>(to.size, source.size() - start);
    if (count > 0) std::memcpy(frame.memory + to.offset, source.data() + start, count);
    std::memset(frame.memory + to.offset + count, 0, to.size - count);
}

[[nodiscard]] inline int64_t copy_cost(const MemoryRange& range) noexcept {
    return kCopyWordGas * static_cast<int64_t>(words_of(range.size));
}

inline Step copy_to_memory(Frame& frame, const uint256* sp, bytes_view source) {
    const MemoryRange to = memory_range(sp[-1], sp[-3]);
    if (!charge_memory(frame, to) || !charge(frame, copy_cost(to))) return halt(frame, Status::out_of_gas);
    copy_padded(frame, to, sp[-2], source);
    return Step::next;
}

WEFT_OUTLINED_BODY Step call_data_copy(Frame& frame, uint256* sp) { return copy_to_memory(frame, sp, frame.input); }
WEFT_OUTLINED_BODY Step code_copy(Frame& frame, uint256* sp) { return copy_to_memory(frame, sp, frame.code->view()); }

/// EIP-211: unlike the other copies it fails where the source ends.
WEFT_OUTLINED_BODY Step return_data_copy(Frame& frame, uint256* sp) {
    const bytes& source = frame.context->return_data;
    const uint256& from = sp[-2];
    const uint256& size = sp[-3];
    if (!from.fits_u64() || !size.fits_u64() || from.w[0] > source.size() || size.w[0] > source.size() - from.w[0])
        return halt(frame, Status::return_data_out_of_bounds);
    return copy_to_memory(frame, sp, source);
}

// ---- Other accounts. The variants for EIP-2929 charge what the first access costs on top of the table's gas. ----

/// The account at an address on the stack, paid for and read; null: `step` says why not.
template <bool kAccessLists>
[[nodiscard]] inline state::AccountEntry* access_account(Frame& frame, const uint256& addr, Step& step) {
    state::State& state = *frame.context->state;
    state::AccountEntry& account = state.entry(to_address(addr));
    if constexpr (kAccessLists) {
        if (!account.warm && !charge(frame, kColdAccountGas - kWarmAccessGas)) {
            step = halt(frame, Status::out_of_gas);
            return nullptr;
        }
    }
    if (!state.load(account)) {
        step = Step::blocked;
        return nullptr;
    }
    return &account;
}

template <bool kAccessLists>
inline void warm_up(Frame& frame, state::AccountEntry& account) {
    if constexpr (kAccessLists) frame.context->state->warm_up(account);
}

template <bool kAccessLists>
Step balance_of(Frame& frame, uint256* sp) {
    Step step = Step::next;
    state::AccountEntry* account = access_account<kAccessLists>(frame, sp[-1], step);
    if (account == nullptr) return step;
    warm_up<kAccessLists>(frame, *account);
    sp[-1] = frame.context->state->balance(*account);
    return Step::next;
}

template <bool kAccessLists>
Step code_size_of(Frame& frame, uint256* sp) {
    Step step = Step::next;
    state::AccountEntry* account = access_account<kAccessLists>(frame, sp[-1], step);
    if (account == nullptr) return step;
    const state::Code* code = frame.context->state->code(*account);
    if (code == nullptr) return Step::blocked;
    warm_up<kAccessLists>(frame, *account);
    sp[-1] = code->size();
    return Step::next;
}

template <bool kAccessLists>
Step code_copy_of(Frame& frame, uint256* sp) {
    const MemoryRange to = memory_range(sp[-2], sp[-4]);
    if (!charge(frame, growth_cost(frame, to.end())) || !charge(frame, copy_cost(to))) return halt(frame, Status::out_of_gas);
    Step step = Step::next;
    state::AccountEntry* account = access_account<kAccessLists>(frame, sp[-1], step);
    if (account == nullptr) return step;
    const state::Code* code = frame.context->state->code(*account);
    if (code == nullptr) return Step::blocked;
    warm_up<kAccessLists>(frame, *account);
    grow_memory(frame, to.end());
    copy_padded(frame, to, sp[-3], code->view());
    return Step::next;
}

/// EIP-1052: zero for an account that is empty or absent.
template <bool kAccessLists>
Step code_hash_of(Frame& frame, uint256* sp) {
    Step step = Step::next;
    state::AccountEntry* account = access_account<kAccessLists>(frame, sp[-1], step);
    if (account == nullptr) return step;
    warm_up<kAccessLists>(frame, *account);
    state::State& state = *frame.context->state;
    sp[-1] = state.is_empty(*account) ? uint256{} : to_uint256(state.code_hash(*account));
    return Step::next;
}

WEFT_OUTLINED_BODY Step balance(Frame& frame, uint256* sp) { return balance_of<false>(frame, sp); }
WEFT_OUTLINED_BODY Step balance_access(Frame& frame, uint256* sp) { return balance_of<true>(frame, sp); }
WEFT_OUTLINED_BODY Step ext_code_size(Frame& frame, uint256* sp) { return code_size_of<false>(frame, sp); }
WEFT_OUTLINED_BODY Step ext_code_size_access(Frame& frame, uint256* sp) { return code_size_of<true>(frame, sp); }
WEFT_OUTLINED_BODY Step ext_code_copy(Frame& frame, uint256* sp) { return code_copy_of<false>(frame, sp); }
WEFT_OUTLINED_BODY Step ext_code_copy_access(Frame& frame, uint256* sp) { return code_copy_of<true>(frame, sp); }
WEFT_OUTLINED_BODY Step ext_code_hash(Frame& frame, uint256* sp) { return code_hash_of<false>(frame, sp); }
WEFT_OUTLINED_BODY Step ext_code_hash_access(Frame& frame, uint256* sp) { return code_hash_of<true>(frame, sp); }

}  // namespace weft::evm::instructions
