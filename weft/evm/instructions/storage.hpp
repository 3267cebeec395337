// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/evm/instructions/body.hpp"

namespace weft::evm::instructions {

WEFT_OUTLINED_BODY Step sload(Frame& frame, uint256* sp) {
    const state::SlotEntry* slot = frame.context->state->slot(*frame.self, sp[-1]);
    if (slot == nullptr) return Step::blocked;
    sp[-1] = slot->current;
    return Step::next;
}

/// EIP-2929; the table charges the price of a warm slot.
WEFT_OUTLINED_BODY Step sload_access(Frame& frame, uint256* sp) {
    state::State& state = *frame.context->state;
    state::SlotEntry& slot = state.slot_entry(*frame.self, sp[-1]);
    if (!slot.warm && !charge(frame, kColdSlotGas - kWarmAccessGas)) return halt(frame, Status::out_of_gas);
    if (!state.load(slot)) return Step::blocked;
    state.warm_up(slot);
    sp[-1] = slot.current;
    return Step::next;
}

/// Prices of SSTORE under net metering.
struct StoreGas {
    int64_t access;        ///< A write that does not change the value, or changes it again.
    int64_t reset;         ///< The first change of a non-zero value.
    int64_t clear_refund;  ///< For a value that becomes zero.
    bool has_sentry;       ///< EIP-1706: refuses to run on a call's stipend.
    bool has_access_list;
};
inline constexpr int64_t kStoreSet = 20000;
inline constexpr int64_t kStoreReset = 5000;
inline constexpr StoreGas kStoreEip1283{
    .access = 200, .reset = kStoreReset, .clear_refund = 15000, .has_sentry = false, .has_access_list = false};
inline constexpr StoreGas kStoreEip2200{
    .access = 800, .reset = kStoreReset, .clear_refund = 15000, .has_sentry = true, .has_access_list = false};
inline constexpr StoreGas kStoreEip2929{
    .access = kWarmAccessGas, .reset = kStoreReset - kColdSlotGas, .clear_refund = 15000, .has_sentry = true, .has_access_list = true};
inline constexpr StoreGas kStoreEip3529{
    .access = kWarmAccessGas, .reset = kStoreReset - kColdSlotGas, .clear_refund = 4800, .has_sentry = true, .has_access_list = true};

/// Gas until Byzantium, and in Petersburg (Yellow Paper of those days, SSTORE).
WEFT_OUTLINED_BODY Step sstore_frontier(Frame& frame, uint256* sp) {
    if (frame.is_static) return halt(frame, Status::static_call_violation);
    if (frame.gas < kStoreReset) return halt(frame, Status::out_of_gas);
    state::State& state = *frame.context->state;
    state::SlotEntry* slot = state.slot(*frame.self, sp[-1]);
    if (slot == nullptr) return Step::blocked;
    const uint256& value = sp[-2];
    if (!charge(frame, slot->current.is_zero() && !value.is_zero() ? kStoreSet : kStoreReset)) return halt(frame, Status::out_of_gas);
    if (!slot->current.is_zero() && value.is_zero()) state.add_refund(15000);
    if (slot->current != value) state.set_storage(*slot, value);
    return Step::next;
}

struct StoreCharge {
    int64_t gas;
    int64_t refund;
};

/// EIP-2200, the table of net gas metering; EIP-1283 and EIP-3529 differ in prices alone.
[[nodiscard]] inline StoreCharge price_store(const StoreGas& prices, const state::SlotEntry& slot, const uint256& value) noexcept {
    if (slot.current == value) return {prices.access, 0};
    if (slot.current == slot.original) {
        if (slot.original.is_zero()) return {kStoreSet, 0};
        return {prices.reset, value.is_zero() ? prices.clear_refund : 0};
    }
    int64_t refund = 0;
    if (!slot.original.is_zero()) {
        if (slot.current.is_zero()) refund -= prices.clear_refund;
        if (value.is_zero()) refund += prices.clear_refund;
    }
    if (slot.original == value) refund += (slot.original.is_zero() ? kStoreSet : prices.reset) - prices.access;
    return {prices.access, refund};
}

template <StoreGas kPrices>
Step store(Frame& frame, const uint256* sp) {
    if (frame.is_static) return halt(frame, Status::static_call_violation);
    if (kPrices.has_sentry && frame.gas <= kCallStipend) return halt(frame, Status::out_of_gas);
    state::State& state = *frame.context->state;
    state::SlotEntry& slot = state.slot_entry(*frame.self, sp[-1]);
    if (kPrices.has_access_list && !slot.warm && !charge(frame, kColdSlotGas)) return halt(frame, Status::out_of_gas);
    if (frame.gas < kPrices.access) return halt(frame, Status::out_of_gas);
    if (!state.load(slot)) return Step::blocked;
    const StoreCharge price = price_store(kPrices, slot, sp[-2]);
    if (!charge(frame, price.gas)) return halt(frame, Status::out_of_gas);
    if (kPrices.has_access_list) state.warm_up(slot);
    state.add_refund(price.refund);
    if (slot.current != sp[-2]) state.set_storage(slot, sp[-2]);
    return Step::next;
}

WEFT_OUTLINED_BODY Step sstore_eip1283(Frame& frame, uint256* sp) { return store<kStoreEip1283>(frame, sp); }
WEFT_OUTLINED_BODY Step sstore_eip2200(Frame& frame, uint256* sp) { return store<kStoreEip2200>(frame, sp); }
WEFT_OUTLINED_BODY Step sstore_eip2929(Frame& frame, uint256* sp) { return store<kStoreEip2929>(frame, sp); }
WEFT_OUTLINED_BODY Step sstore_eip3529(Frame& frame, uint256* sp) { return store<kStoreEip3529>(frame, sp); }

/// EIP-1153
WEFT_OUTLINED_BODY Step tload(Frame& frame, uint256* sp) {
    sp[-1] = frame.context->state->transient(*frame.self, sp[-1]);
    return Step::next;
}
WEFT_OUTLINED_BODY Step tstore(Frame& frame, uint256* sp) {
    if (frame.is_static) return halt(frame, Status::static_call_violation);
    frame.context->state->set_transient(*frame.self, sp[-1], sp[-2]);
    return Step::next;
}

}  // namespace weft::evm::instructions
