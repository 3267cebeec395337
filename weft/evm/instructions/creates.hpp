// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/evm/instructions/body.hpp"

namespace weft::evm::instructions {

/// The instructions that create a contract (Yellow Paper, section 7; CREATE2 by EIP-1014): the init code runs in a child
/// frame, or the creation fails at once and the creator goes on with zero on its stack.
Step create(Frame& frame, uint256* sp);
Step create2(Frame& frame, uint256* sp);

}  // namespace weft::evm::instructions
