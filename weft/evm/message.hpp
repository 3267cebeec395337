// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"
#include "weft/base/uint256.hpp"

#include <span>

namespace weft::evm {

/// What the code can ask about the block it runs in.
struct BlockContext {
    uint64_t chain_id = 1;
    uint64_t number = 0;
    uint64_t timestamp = 0;
    uint64_t gas_limit = 0;
    address coinbase;
    /// DIFFICULTY before the merge, PREVRANDAO after it (EIP-4399).
    uint256 prev_randao;
    uint256 base_fee;
    uint256 blob_base_fee;
};

/// What the code can ask about the transaction it runs in.
struct TransactionContext {
    address origin;
    uint256 gas_price;
    std::span<const hash32> blob_hashes;
};

/// A message call or contract creation (Yellow Paper, sections 7 and 8), as a transaction starts it.
struct Message {
    bool is_create = false;
    int64_t gas = 0;
    address sender;
    /// The account whose code runs; for a creation, the address of the new contract.
    address recipient;
    /// The sender has it: whoever starts a transaction has made sure of it (Yellow Paper, eq. 65).
    uint256 value;
    /// Call data, or init code. Outlives the execution.
    bytes_view input;
};

/// How the execution of a frame ended.
enum class Status : uint8_t {
    success,
    revert,
    out_of_gas,
    invalid_opcode,
    stack_underflow,
    stack_overflow,
    bad_jump_destination,
    static_call_violation,
    return_data_out_of_bounds,
    create_collision,
    invalid_code_prefix,  ///< EIP-3541
    code_too_large,       ///< EIP-170
    initcode_too_large,   ///< EIP-3860
    precompile_failure,
    nonce_overflow,  ///< EIP-2681
    depth_limit,
    /// Not an end: a read had no answer yet. Nothing of the instruction has happened; it executes again on resume.
    blocked,
};

}  // namespace weft::evm
