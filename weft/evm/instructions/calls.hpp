// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/evm/instructions/body.hpp"

namespace weft::evm::instructions {

/// The instructions that call an account (Yellow Paper, section 8): a child frame is entered, or the call fails at once and
/// the caller goes on with zero on its stack.
Step call(Frame& frame, uint256* sp);
Step call_code(Frame& frame, uint256* sp);
/// EIP-7
Step delegate_call(Frame& frame, uint256* sp);
/// EIP-214
Step static_call(Frame& frame, uint256* sp);

}  // namespace weft::evm::instructions
