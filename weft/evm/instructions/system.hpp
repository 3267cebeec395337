// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/evm/instructions/body.hpp"

namespace weft::evm::instructions {

/// Sends the whole balance to the beneficiary and, until EIP-6780 in any case, deletes the account.
Step self_destruct(Frame& frame, uint256* sp);

}  // namespace weft::evm::instructions
