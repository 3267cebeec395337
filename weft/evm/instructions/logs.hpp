// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/evm/instructions/body.hpp"

namespace weft::evm::instructions {

template <unsigned kTopics>
WEFT_OUTLINED_BODY Step log(Frame& frame, uint256* sp) {
    if (frame.is_static) return halt(frame, Status::static_call_violation);
    const MemoryRange data = memory_range(sp[-1], sp[-2]);
    if (!charge_memory(frame, data) || !charge(frame, kLogDataGas * static_cast<int64_t>(data.size)))
        return halt(frame, Status::out_of_gas);
    const bytes_view view = view_of(frame, data);
    types::Log entry{.account = frame.self->addr, .topics = std::vector<hash32>(kTopics), .data = bytes(view.begin(), view.end())};
    for (unsigned i = 0; i < kTopics; ++i) entry.topics[i] = to_hash32(sp[-3 - static_cast<int>(i)]);
    frame.context->state->add_log(std::move(entry));
    return Step::next;
}

}  // namespace weft::evm::instructions
