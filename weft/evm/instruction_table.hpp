// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/evm/opcode.hpp"
#include "weft/types/revision.hpp"

#include <array>
#include <string_view>

namespace weft::evm {

using types::Revision;

/// Code that executes an instruction. Most opcodes have one handler for all revisions; where the rules changed, a later
/// variant takes the place of the first in the table of the revision. `invalid` also stands for undefined opcodes.
enum class Handler : uint8_t {  // clang-format off
    stop, add, mul, sub, div, sdiv, mod, smod, addmod, mulmod, exp, signextend, lt, gt, slt, sgt, eq, iszero, bit_and, bit_or, bit_xor, bit_not, byte, shl, shr, sar, clz, keccak256, self_address, balance, origin, caller, call_value, call_data_load, call_data_size, call_data_copy, code_size, code_copy, gas_price, ext_code_size, ext_code_copy, return_data_size, return_data_copy, ext_code_hash, block_hash, coinbase, timestamp, number, prev_randao, gas_limit, chain_id, self_balance, base_fee, blob_hash, blob_base_fee, pop, mload, mstore, mstore8, sload, sstore_frontier, jump, jumpi, program_counter, memory_size, gas_left, jump_destination, tload, tstore, memory_copy, push0, push1, push2, push3, push4, push5, push6, push7, push8, push9, push10, push11, push12, push13, push14, push15, push16, push17, push18, push19, push20, push21, push22, push23, push24, push25, push26, push27, push28, push29, push30, push31, push32, dup1, dup2, dup3, dup4, dup5, dup6, dup7, dup8, dup9, dup10, dup11, dup12, dup13, dup14, dup15, dup16, swap1, swap2, swap3, swap4, swap5, swap6, swap7, swap8, swap9, swap10, swap11, swap12, swap13, swap14, swap15, swap16, log0, log1, log2, log3, log4, create, call, call_code, return_, delegate_call, create2, static_call, revert, invalid, self_destruct, balance_access, ext_code_size_access, ext_code_copy_access, ext_code_hash_access, sload_access, sstore_eip1283, sstore_eip2200, sstore_eip2929, sstore_eip3529
};  // clang-format on

/// What all revisions agree on about an instruction, and its gas and handler in the first revision that has it.
struct Instruction {
    Opcode opcode = Opcode::INVALID;
    /// Empty: no revision defines the opcode.
    std::string_view mnemonic = {};
    Revision since = Revision::Frontier;
    /// Words taken from the stack and put back.
    uint8_t stack_in = 0;
    uint8_t stack_out = 0;
    /// Gas charged before the handler runs. Handlers charge what depends on operands or state.
    uint16_t gas = 0;
    /// Bytes of immediate data behind the opcode.
    uint8_t immediate = 0;
    Handler handler = Handler::invalid;
};

/// Every instruction (Yellow Paper, appendix H; EIPs 7, 140, 145, 211, 214, 1014, 1052, 1153, 1344, 1884, 3198, 3855, 4399,
/// 4844, 5656, 7516, 7939), by opcode.
// clang-format off
inline constexpr Instruction kInstructionRows[] = {
    {.opcode = Opcode::STOP, .mnemonic = "STOP", .since = Revision::Frontier, .stack_in = 0, .stack_out = 0, .gas = 0, .handler = Handler::stop},
    {.opcode = Opcode::ADD, .mnemonic = "ADD", .since = Revision::Frontier, .stack_in = 2, .stack_out = 1, .gas = 3, .handler = Handler::add},
    {.opcode = Opcode::MUL, .mnemonic = "MUL", .since = Revision::Frontier, .stack_in = 2, .stack_out = 1, .gas = 5, .handler = Handler::mul},
    {.opcode = Opcode::SUB, .mnemonic = "SUB", .since = Revision::Frontier, .stack_in = 2, .stack_out = 1, .gas = 3, .handler = Handler::sub},
    {.opcode = Opcode::DIV, .mnemonic = "DIV", .since = Revision::Frontier, .stack_in = 2, .stack_out = 1, .gas = 5, .handler = Handler::div},
    {.opcode = Opcode::SDIV, .mnemonic = "SDIV", .since = Revision::Frontier, .stack_in = 2, .stack_out = 1, .gas = 5, .handler = Handler::sdiv},
    {.opcode = Opcode::MOD, .mnemonic = "MOD", .since = Revision::Frontier, .stack_in = 2, .stack_out = 1, .gas = 5, .handler = Handler::mod},
    {.opcode = Opcode::SMOD, .mnemonic = "SMOD", .since = Revision::Frontier, .stack_in = 2, .stack_out = 1, .gas = 5, .handler = Handler::smod},
    {.opcode = Opcode::ADDMOD, .mnemonic = "ADDMOD", .since = Revision::Frontier, .stack_in = 3, .stack_out = 1, .gas = 8, .handler = Handler::addmod},
    {.opcode = Opcode::MULMOD, .mnemonic = "MULMOD", .since = Revision::Frontier, .stack_in = 3, .stack_out = 1, .gas = 8, .handler = Handler::mulmod},
    {.opcode = Opcode::EXP, .mnemonic = "EXP", .since = Revision::Frontier, .stack_in = 2, .stack_out = 1, .gas = 10, .handler = Handler::exp},
    {.opcode = Opcode::SIGNEXTEND, .mnemonic = "SIGNEXTEND", .since = Revision::Frontier, .stack_in = 2, .stack_out = 1, .gas = 5, .handler = Handler::signextend},
    {.opcode = Opcode::LT, .mnemonic = "LT", .since = Revision::Frontier, .stack_in = 2, .stack_out = 1, .gas = 3, .handler = Handler::lt},
    {.opcode = Opcode::GT, .mnemonic = "GT", .since = Revision::Frontier, .stack_in = 2, .stack_out = 1, .gas = 3, .handler = Handler::gt},
    {.opcode = Opcode::SLT, .mnemonic = "SLT", .since = Revision::Frontier, .stack_in = 2, .stack_out = 1, .gas = 3, .handler = Handler::slt},
    {.opcode = Opcode::SGT, .mnemonic = "SGT", .since = Revision::Frontier, .stack_in = 2, .stack_out = 1, .gas = 3, .handler = Handler::sgt},
    {.opcode = Opcode::EQ, .mnemonic = "EQ", .since = Revision::Frontier, .stack_in = 2, .stack_out = 1, .gas = 3, .handler = Handler::eq},
    {.opcode = Opcode::ISZERO, .mnemonic = "ISZERO", .since = Revision::Frontier, .stack_in = 1, .stack_out = 1, .gas = 3, .handler = Handler::iszero},
    {.opcode = Opcode::AND, .mnemonic = "AND", .since = Revision::Frontier, .stack_in = 2, .stack_out = 1, .gas = 3, .handler = Handler::bit_and},
    {.opcode = Opcode::OR, .mnemonic = "OR", .since = Revision::Frontier, .stack_in = 2, .stack_out = 1, .gas = 3, .handler = Handler::bit_or},
    {.opcode = Opcode::XOR, .mnemonic = "XOR", .since = Revision::Frontier, .stack_in = 2, .stack_out = 1, .gas = 3, .handler = Handler::bit_xor},
    {.opcode = Opcode::NOT, .mnemonic = "NOT", .since = Revision::Frontier, .stack_in = 1, .stack_out = 1, .gas = 3, .handler = Handler::bit_not},
    {.opcode = Opcode::BYTE, .mnemonic = "BYTE", .since = Revision::Frontier, .stack_in = 2, .stack_out = 1, .gas = 3, .handler = Handler::byte},
    {.opcode = Opcode::SHL, .mnemonic = "SHL", .since = Revision::Constantinople, .stack_in = 2, .stack_out = 1, .gas = 3, .handler = Handler::shl},
    {.opcode = Opcode::SHR, .mnemonic = "SHR", .since = Revision::Constantinople, .stack_in = 2, .stack_out = 1, .gas = 3, .handler = Handler::shr},
    {.opcode = Opcode::SAR, .mnemonic = "SAR", .since = Revision::Constantinople, .stack_in = 2, .stack_out = 1, .gas = 3, .handler = Handler::sar},
    {.opcode = Opcode::CLZ, .mnemonic = "CLZ", .since = Revision::Osaka, .stack_in = 1, .stack_out = 1, .gas = 5, .handler = Handler::clz},
    {.opcode = Opcode::KECCAK256, .mnemonic = "KECCAK256", .since = Revision::Frontier, .stack_in = 2, .stack_out = 1, .gas = 30, .handler = Handler::keccak256},
    {.opcode = Opcode::ADDRESS, .mnemonic = "ADDRESS", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 2, .handler = Handler::self_address},
    {.opcode = Opcode::BALANCE, .mnemonic = "BALANCE", .since = Revision::Frontier, .stack_in = 1, .stack_out = 1, .gas = 20, .handler = Handler::balance},
    {.opcode = Opcode::ORIGIN, .mnemonic = "ORIGIN", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 2, .handler = Handler::origin},
    {.opcode = Opcode::CALLER, .mnemonic = "CALLER", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 2, .handler = Handler::caller},
    {.opcode = Opcode::CALLVALUE, .mnemonic = "CALLVALUE", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 2, .handler = Handler::call_value},
    {.opcode = Opcode::CALLDATALOAD, .mnemonic = "CALLDATALOAD", .since = Revision::Frontier, .stack_in = 1, .stack_out = 1, .gas = 3, .handler = Handler::call_data_load},
    {.opcode = Opcode::CALLDATASIZE, .mnemonic = "CALLDATASIZE", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 2, .handler = Handler::call_data_size},
    {.opcode = Opcode::CALLDATACOPY, .mnemonic = "CALLDATACOPY", .since = Revision::Frontier, .stack_in = 3, .stack_out = 0, .gas = 3, .handler = Handler::call_data_copy},
    {.opcode = Opcode::CODESIZE, .mnemonic = "CODESIZE", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 2, .handler = Handler::code_size},
    {.opcode = Opcode::CODECOPY, .mnemonic = "CODECOPY", .since = Revision::Frontier, .stack_in = 3, .stack_out = 0, .gas = 3, .handler = Handler::code_copy},
    {.opcode = Opcode::GASPRICE, .mnemonic = "GASPRICE", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 2, .handler = Handler::gas_price},
    {.opcode = Opcode::EXTCODESIZE, .mnemonic = "EXTCODESIZE", .since = Revision::Frontier, .stack_in = 1, .stack_out = 1, .gas = 20, .handler = Handler::ext_code_size},
    {.opcode = Opcode::EXTCODECOPY, .mnemonic = "EXTCODECOPY", .since = Revision::Frontier, .stack_in = 4, .stack_out = 0, .gas = 20, .handler = Handler::ext_code_copy},
    {.opcode = Opcode::RETURNDATASIZE, .mnemonic = "RETURNDATASIZE", .since = Revision::Byzantium, .stack_in = 0, .stack_out = 1, .gas = 2, .handler = Handler::return_data_size},
    {.opcode = Opcode::RETURNDATACOPY, .mnemonic = "RETURNDATACOPY", .since = Revision::Byzantium, .stack_in = 3, .stack_out = 0, .gas = 3, .handler = Handler::return_data_copy},
    {.opcode = Opcode::EXTCODEHASH, .mnemonic = "EXTCODEHASH", .since = Revision::Constantinople, .stack_in = 1, .stack_out = 1, .gas = 400, .handler = Handler::ext_code_hash},
    {.opcode = Opcode::BLOCKHASH, .mnemonic = "BLOCKHASH", .since = Revision::Frontier, .stack_in = 1, .stack_out = 1, .gas = 20, .handler = Handler::block_hash},
    {.opcode = Opcode::COINBASE, .mnemonic = "COINBASE", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 2, .handler = Handler::coinbase},
    {.opcode = Opcode::TIMESTAMP, .mnemonic = "TIMESTAMP", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 2, .handler = Handler::timestamp},
    {.opcode = Opcode::NUMBER, .mnemonic = "NUMBER", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 2, .handler = Handler::number},
    {.opcode = Opcode::PREVRANDAO, .mnemonic = "PREVRANDAO", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 2, .handler = Handler::prev_randao},
    {.opcode = Opcode::GASLIMIT, .mnemonic = "GASLIMIT", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 2, .handler = Handler::gas_limit},
    {.opcode = Opcode::CHAINID, .mnemonic = "CHAINID", .since = Revision::Istanbul, .stack_in = 0, .stack_out = 1, .gas = 2, .handler = Handler::chain_id},
    {.opcode = Opcode::SELFBALANCE, .mnemonic = "SELFBALANCE", .since = Revision::Istanbul, .stack_in = 0, .stack_out = 1, .gas = 5, .handler = Handler::self_balance},
    {.opcode = Opcode::BASEFEE, .mnemonic = "BASEFEE", .since = Revision::London, .stack_in = 0, .stack_out = 1, .gas = 2, .handler = Handler::base_fee},
    {.opcode = Opcode::BLOBHASH, .mnemonic = "BLOBHASH", .since = Revision::Cancun, .stack_in = 1, .stack_out = 1, .gas = 3, .handler = Handler::blob_hash},
    {.opcode = Opcode::BLOBBASEFEE, .mnemonic = "BLOBBASEFEE", .since = Revision::Cancun, .stack_in = 0, .stack_out = 1, .gas = 2, .handler = Handler::blob_base_fee},
    {.opcode = Opcode::POP, .mnemonic = "POP", .since = Revision::Frontier, .stack_in = 1, .stack_out = 0, .gas = 2, .handler = Handler::pop},
    {.opcode = Opcode::MLOAD, .mnemonic = "MLOAD", .since = Revision::Frontier, .stack_in = 1, .stack_out = 1, .gas = 3, .handler = Handler::mload},
    {.opcode = Opcode::MSTORE, .mnemonic = "MSTORE", .since = Revision::Frontier, .stack_in = 2, .stack_out = 0, .gas = 3, .handler = Handler::mstore},
    {.opcode = Opcode::MSTORE8, .mnemonic = "MSTORE8", .since = Revision::Frontier, .stack_in = 2, .stack_out = 0, .gas = 3, .handler = Handler::mstore8},
    {.opcode = Opcode::SLOAD, .mnemonic = "SLOAD", .since = Revision::Frontier, .stack_in = 1, .stack_out = 1, .gas = 50, .handler = Handler::sload},
    {.opcode = Opcode::SSTORE, .mnemonic = "SSTORE", .since = Revision::Frontier, .stack_in = 2, .stack_out = 0, .gas = 0, .handler = Handler::sstore_frontier},
    {.opcode = Opcode::JUMP, .mnemonic = "JUMP", .since = Revision::Frontier, .stack_in = 1, .stack_out = 0, .gas = 8, .handler = Handler::jump},
    {.opcode = Opcode::JUMPI, .mnemonic = "JUMPI", .since = Revision::Frontier, .stack_in = 2, .stack_out = 0, .gas = 10, .handler = Handler::jumpi},
    {.opcode = Opcode::PC, .mnemonic = "PC", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 2, .handler = Handler::program_counter},
    {.opcode = Opcode::MSIZE, .mnemonic = "MSIZE", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 2, .handler = Handler::memory_size},
    {.opcode = Opcode::GAS, .mnemonic = "GAS", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 2, .handler = Handler::gas_left},
    {.opcode = Opcode::JUMPDEST, .mnemonic = "JUMPDEST", .since = Revision::Frontier, .stack_in = 0, .stack_out = 0, .gas = 1, .handler = Handler::jump_destination},
    {.opcode = Opcode::TLOAD, .mnemonic = "TLOAD", .since = Revision::Cancun, .stack_in = 1, .stack_out = 1, .gas = 100, .handler = Handler::tload},
    {.opcode = Opcode::TSTORE, .mnemonic = "TSTORE", .since = Revision::Cancun, .stack_in = 2, .stack_out = 0, .gas = 100, .handler = Handler::tstore},
    {.opcode = Opcode::MCOPY, .mnemonic = "MCOPY", .since = Revision::Cancun, .stack_in = 3, .stack_out = 0, .gas = 3, .handler = Handler::memory_copy},
    {.opcode = Opcode::PUSH0, .mnemonic = "PUSH0", .since = Revision::Shanghai, .stack_in = 0, .stack_out = 1, .gas = 2, .handler = Handler::push0},
    {.opcode = Opcode::PUSH1, .mnemonic = "PUSH1", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 1, .handler = Handler::push1},
    {.opcode = Opcode::PUSH2, .mnemonic = "PUSH2", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 2, .handler = Handler::push2},
    {.opcode = Opcode::PUSH3, .mnemonic = "PUSH3", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 3, .handler = Handler::push3},
    {.opcode = Opcode::PUSH4, .mnemonic = "PUSH4", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 4, .handler = Handler::push4},
    {.opcode = Opcode::PUSH5, .mnemonic = "PUSH5", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 5, .handler = Handler::push5},
    {.opcode = Opcode::PUSH6, .mnemonic = "PUSH6", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 6, .handler = Handler::push6},
    {.opcode = Opcode::PUSH7, .mnemonic = "PUSH7", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 7, .handler = Handler::push7},
    {.opcode = Opcode::PUSH8, .mnemonic = "PUSH8", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 8, .handler = Handler::push8},
    {.opcode = Opcode::PUSH9, .mnemonic = "PUSH9", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 9, .handler = Handler::push9},
    {.opcode = Opcode::PUSH10, .mnemonic = "PUSH10", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 10, .handler = Handler::push10},
    {.opcode = Opcode::PUSH11, .mnemonic = "PUSH11", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 11, .handler = Handler::push11},
    {.opcode = Opcode::PUSH12, .mnemonic = "PUSH12", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 12, .handler = Handler::push12},
    {.opcode = Opcode::PUSH13, .mnemonic = "PUSH13", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 13, .handler = Handler::push13},
    {.opcode = Opcode::PUSH14, .mnemonic = "PUSH14", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 14, .handler = Handler::push14},
    {.opcode = Opcode::PUSH15, .mnemonic = "PUSH15", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 15, .handler = Handler::push15},
    {.opcode = Opcode::PUSH16, .mnemonic = "PUSH16", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 16, .handler = Handler::push16},
    {.opcode = Opcode::PUSH17, .mnemonic = "PUSH17", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 17, .handler = Handler::push17},
    {.opcode = Opcode::PUSH18, .mnemonic = "PUSH18", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 18, .handler = Handler::push18},
    {.opcode = Opcode::PUSH19, .mnemonic = "PUSH19", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 19, .handler = Handler::push19},
    {.opcode = Opcode::PUSH20, .mnemonic = "PUSH20", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 20, .handler = Handler::push20},
    {.opcode = Opcode::PUSH21, .mnemonic = "PUSH21", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 21, .handler = Handler::push21},
    {.opcode = Opcode::PUSH22, .mnemonic = "PUSH22", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 22, .handler = Handler::push22},
    {.opcode = Opcode::PUSH23, .mnemonic = "PUSH23", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 23, .handler = Handler::push23},
    {.opcode = Opcode::PUSH24, .mnemonic = "PUSH24", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 24, .handler = Handler::push24},
    {.opcode = Opcode::PUSH25, .mnemonic = "PUSH25", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 25, .handler = Handler::push25},
    {.opcode = Opcode::PUSH26, .mnemonic = "PUSH26", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 26, .handler = Handler::push26},
    {.opcode = Opcode::PUSH27, .mnemonic = "PUSH27", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 27, .handler = Handler::push27},
    {.opcode = Opcode::PUSH28, .mnemonic = "PUSH28", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 28, .handler = Handler::push28},
    {.opcode = Opcode::PUSH29, .mnemonic = "PUSH29", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 29, .handler = Handler::push29},
    {.opcode = Opcode::PUSH30, .mnemonic = "PUSH30", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 30, .handler = Handler::push30},
    {.opcode = Opcode::PUSH31, .mnemonic = "PUSH31", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 31, .handler = Handler::push31},
    {.opcode = Opcode::PUSH32, .mnemonic = "PUSH32", .since = Revision::Frontier, .stack_in = 0, .stack_out = 1, .gas = 3, .immediate = 32, .handler = Handler::push32},
    {.opcode = Opcode::DUP1, .mnemonic = "DUP1", .since = Revision::Frontier, .stack_in = 1, .stack_out = 2, .gas = 3, .handler = Handler::dup1},
    {.opcode = Opcode::DUP2, .mnemonic = "DUP2", .since = Revision::Frontier, .stack_in = 2, .stack_out = 3, .gas = 3, .handler = Handler::dup2},
    {.opcode = Opcode::DUP3, .mnemonic = "DUP3", .since = Revision::Frontier, .stack_in = 3, .stack_out = 4, .gas = 3, .handler = Handler::dup3},
    {.opcode = Opcode::DUP4, .mnemonic = "DUP4", .since = Revision::Frontier, .stack_in = 4, .stack_out = 5, .gas = 3, .handler = Handler::dup4},
    {.opcode = Opcode::DUP5, .mnemonic = "DUP5", .since = Revision::Frontier, .stack_in = 5, .stack_out = 6, .gas = 3, .handler = Handler::dup5},
    {.opcode = Opcode::DUP6, .mnemonic = "DUP6", .since = Revision::Frontier, .stack_in = 6, .stack_out = 7, .gas = 3, .handler = Handler::dup6},
    {.opcode = Opcode::DUP7, .mnemonic = "DUP7", .since = Revision::Frontier, .stack_in = 7, .stack_out = 8, .gas = 3, .handler = Handler::dup7},
    {.opcode = Opcode::DUP8, .mnemonic = "DUP8", .since = Revision::Frontier, .stack_in = 8, .stack_out = 9, .gas = 3, .handler = Handler::dup8},
    {.opcode = Opcode::DUP9, .mnemonic = "DUP9", .since = Revision::Frontier, .stack_in = 9, .stack_out = 10, .gas = 3, .handler = Handler::dup9},
    {.opcode = Opcode::DUP10, .mnemonic = "DUP10", .since = Revision::Frontier, .stack_in = 10, .stack_out = 11, .gas = 3, .handler = Handler::dup10},
    {.opcode = Opcode::DUP11, .mnemonic = "DUP11", .since = Revision::Frontier, .stack_in = 11, .stack_out = 12, .gas = 3, .handler = Handler::dup11},
    {.opcode = Opcode::DUP12, .mnemonic = "DUP12", .since = Revision::Frontier, .stack_in = 12, .stack_out = 13, .gas = 3, .handler = Handler::dup12},
    {.opcode = Opcode::DUP13, .mnemonic = "DUP13", .since = Revision::Frontier, .stack_in = 13, .stack_out = 14, .gas = 3, .handler = Handler::dup13},
    {.opcode = Opcode::DUP14, .mnemonic = "DUP14", .since = Revision::Frontier, .stack_in = 14, .stack_out = 15, .gas = 3, .handler = Handler::dup14},
    {.opcode = Opcode::DUP15, .mnemonic = "DUP15", .since = Revision::Frontier, .stack_in = 15, .stack_out = 16, .gas = 3, .handler = Handler::dup15},
    {.opcode = Opcode::DUP16, .mnemonic = "DUP16", .since = Revision::Frontier, .stack_in = 16, .stack_out = 17, .gas = 3, .handler = Handler::dup16},
    {.opcode = Opcode::SWAP1, .mnemonic = "SWAP1", .since = Revision::Frontier, .stack_in = 2, .stack_out = 2, .gas = 3, .handler = Handler::swap1},
    {.opcode = Opcode::SWAP2, .mnemonic = "SWAP2", .since = Revision::Frontier, .stack_in = 3, .stack_out = 3, .gas = 3, .handler = Handler::swap2},
    {.opcode = Opcode::SWAP3, .mnemonic = "SWAP3", .since = Revision::Frontier, .stack_in = 4, .stack_out = 4, .gas = 3, .handler = Handler::swap3},
    {.opcode = Opcode::SWAP4, .mnemonic = "SWAP4", .since = Revision::Frontier, .stack_in = 5, .stack_out = 5, .gas = 3, .handler = Handler::swap4},
    {.opcode = Opcode::SWAP5, .mnemonic = "SWAP5", .since = Revision::Frontier, .stack_in = 6, .stack_out = 6, .gas = 3, .handler = Handler::swap5},
    {.opcode = Opcode::SWAP6, .mnemonic = "SWAP6", .since = Revision::Frontier, .stack_in = 7, .stack_out = 7, .gas = 3, .handler = Handler::swap6},
    {.opcode = Opcode::SWAP7, .mnemonic = "SWAP7", .since = Revision::Frontier, .stack_in = 8, .stack_out = 8, .gas = 3, .handler = Handler::swap7},
    {.opcode = Opcode::SWAP8, .mnemonic = "SWAP8", .since = Revision::Frontier, .stack_in = 9, .stack_out = 9, .gas = 3, .handler = Handler::swap8},
    {.opcode = Opcode::SWAP9, .mnemonic = "SWAP9", .since = Revision::Frontier, .stack_in = 10, .stack_out = 10, .gas = 3, .handler = Handler::swap9},
    {.opcode = Opcode::SWAP10, .mnemonic = "SWAP10", .since = Revision::Frontier, .stack_in = 11, .stack_out = 11, .gas = 3, .handler = Handler::swap10},
    {.opcode = Opcode::SWAP11, .mnemonic = "SWAP11", .since = Revision::Frontier, .stack_in = 12, .stack_out = 12, .gas = 3, .handler = Handler::swap11},
    {.opcode = Opcode::SWAP12, .mnemonic = "SWAP12", .since = Revision::Frontier, .stack_in = 13, .stack_out = 13, .gas = 3, .handler = Handler::swap12},
    {.opcode = Opcode::SWAP13, .mnemonic = "SWAP13", .since = Revision::Frontier, .stack_in = 14, .stack_out = 14, .gas = 3, .handler = Handler::swap13},
    {.opcode = Opcode::SWAP14, .mnemonic = "SWAP14", .since = Revision::Frontier, .stack_in = 15, .stack_out = 15, .gas = 3, .handler = Handler::swap14},
    {.opcode = Opcode::SWAP15, .mnemonic = "SWAP15", .since = Revision::Frontier, .stack_in = 16, .stack_out = 16, .gas = 3, .handler = Handler::swap15},
    {.opcode = Opcode::SWAP16, .mnemonic = "SWAP16", .since = Revision::Frontier, .stack_in = 17, .stack_out = 17, .gas = 3, .handler = Handler::swap16},
    {.opcode = Opcode::LOG0, .mnemonic = "LOG0", .since = Revision::Frontier, .stack_in = 2, .stack_out = 0, .gas = 375, .handler = Handler::log0},
    {.opcode = Opcode::LOG1, .mnemonic = "LOG1", .since = Revision::Frontier, .stack_in = 3, .stack_out = 0, .gas = 750, .handler = Handler::log1},
    {.opcode = Opcode::LOG2, .mnemonic = "LOG2", .since = Revision::Frontier, .stack_in = 4, .stack_out = 0, .gas = 1125, .handler = Handler::log2},
    {.opcode = Opcode::LOG3, .mnemonic = "LOG3", .since = Revision::Frontier, .stack_in = 5, .stack_out = 0, .gas = 1500, .handler = Handler::log3},
    {.opcode = Opcode::LOG4, .mnemonic = "LOG4", .since = Revision::Frontier, .stack_in = 6, .stack_out = 0, .gas = 1875, .handler = Handler::log4},
    {.opcode = Opcode::CREATE, .mnemonic = "CREATE", .since = Revision::Frontier, .stack_in = 3, .stack_out = 1, .gas = 32000, .handler = Handler::create},
    {.opcode = Opcode::CALL, .mnemonic = "CALL", .since = Revision::Frontier, .stack_in = 7, .stack_out = 1, .gas = 40, .handler = Handler::call},
    {.opcode = Opcode::CALLCODE, .mnemonic = "CALLCODE", .since = Revision::Frontier, .stack_in = 7, .stack_out = 1, .gas = 40, .handler = Handler::call_code},
    {.opcode = Opcode::RETURN, .mnemonic = "RETURN", .since = Revision::Frontier, .stack_in = 2, .stack_out = 0, .gas = 0, .handler = Handler::return_},
    {.opcode = Opcode::DELEGATECALL, .mnemonic = "DELEGATECALL", .since = Revision::Homestead, .stack_in = 6, .stack_out = 1, .gas = 40, .handler = Handler::delegate_call},
    {.opcode = Opcode::CREATE2, .mnemonic = "CREATE2", .since = Revision::Constantinople, .stack_in = 4, .stack_out = 1, .gas = 32000, .handler = Handler::create2},
    {.opcode = Opcode::STATICCALL, .mnemonic = "STATICCALL", .since = Revision::Byzantium, .stack_in = 6, .stack_out = 1, .gas = 700, .handler = Handler::static_call},
    {.opcode = Opcode::REVERT, .mnemonic = "REVERT", .since = Revision::Byzantium, .stack_in = 2, .stack_out = 0, .gas = 0, .handler = Handler::revert},
    {.opcode = Opcode::INVALID, .mnemonic = "INVALID", .since = Revision::Frontier, .stack_in = 0, .stack_out = 0, .gas = 0, .handler = Handler::invalid},
    {.opcode = Opcode::SELFDESTRUCT, .mnemonic = "SELFDESTRUCT", .since = Revision::Frontier, .stack_in = 1, .stack_out = 0, .gas = 0, .handler = Handler::self_destruct},
};
// clang-format on

/// The rows above, indexed by opcode; a row without mnemonic where there is none.
inline constexpr std::array<Instruction, 256> kInstructions = [] {
    std::array<Instruction, 256> all{};
    for (const Instruction& row : kInstructionRows) all[static_cast<uint8_t>(row.opcode)] = row;
    return all;
}();

/// What one revision makes of an opcode.
struct RevisionEntry {
    uint16_t gas = 0;
    Handler handler = Handler::invalid;

    friend constexpr bool operator==(const RevisionEntry&, const RevisionEntry&) noexcept = default;
};

using RevisionTable = std::array<RevisionEntry, 256>;

namespace detail {

/// A change that a revision makes to an instruction that was there before.
struct Change {
    Revision revision;
    Opcode opcode;
    uint16_t gas;
    Handler handler;
};

// clang-format off
inline constexpr Change kChanges[] = {
    // EIP-150
    {.revision = Revision::TangerineWhistle, .opcode = Opcode::BALANCE, .gas = 400, .handler = Handler::balance},
    {.revision = Revision::TangerineWhistle, .opcode = Opcode::EXTCODESIZE, .gas = 700, .handler = Handler::ext_code_size},
    {.revision = Revision::TangerineWhistle, .opcode = Opcode::EXTCODECOPY, .gas = 700, .handler = Handler::ext_code_copy},
    {.revision = Revision::TangerineWhistle, .opcode = Opcode::SLOAD, .gas = 200, .handler = Handler::sload},
    {.revision = Revision::TangerineWhistle, .opcode = Opcode::CALL, .gas = 700, .handler = Handler::call},
    {.revision = Revision::TangerineWhistle, .opcode = Opcode::CALLCODE, .gas = 700, .handler = Handler::call_code},
    {.revision = Revision::TangerineWhistle, .opcode = Opcode::DELEGATECALL, .gas = 700, .handler = Handler::delegate_call},
    {.revision = Revision::TangerineWhistle, .opcode = Opcode::SELFDESTRUCT, .gas = 5000, .handler = Handler::self_destruct},
    // EIP-1283, taken back by EIP-1716
    {.revision = Revision::Constantinople, .opcode = Opcode::SSTORE, .gas = 0, .handler = Handler::sstore_eip1283},
    {.revision = Revision::Petersburg, .opcode = Opcode::SSTORE, .gas = 0, .handler = Handler::sstore_frontier},
    // EIP-1884, EIP-2200
    {.revision = Revision::Istanbul, .opcode = Opcode::BALANCE, .gas = 700, .handler = Handler::balance},
    {.revision = Revision::Istanbul, .opcode = Opcode::EXTCODEHASH, .gas = 700, .handler = Handler::ext_code_hash},
    {.revision = Revision::Istanbul, .opcode = Opcode::SLOAD, .gas = 800, .handler = Handler::sload},
    {.revision = Revision::Istanbul, .opcode = Opcode::SSTORE, .gas = 0, .handler = Handler::sstore_eip2200},
    // EIP-2929: the price of a warm access; handlers add what a cold one costs more
    {.revision = Revision::Berlin, .opcode = Opcode::BALANCE, .gas = 100, .handler = Handler::balance_access},
    {.revision = Revision::Berlin, .opcode = Opcode::EXTCODESIZE, .gas = 100, .handler = Handler::ext_code_size_access},
    {.revision = Revision::Berlin, .opcode = Opcode::EXTCODECOPY, .gas = 100, .handler = Handler::ext_code_copy_access},
    {.revision = Revision::Berlin, .opcode = Opcode::EXTCODEHASH, .gas = 100, .handler = Handler::ext_code_hash_access},
    {.revision = Revision::Berlin, .opcode = Opcode::SLOAD, .gas = 100, .handler = Handler::sload_access},
    {.revision = Revision::Berlin, .opcode = Opcode::SSTORE, .gas = 0, .handler = Handler::sstore_eip2929},
    {.revision = Revision::Berlin, .opcode = Opcode::CALL, .gas = 100, .handler = Handler::call},
    {.revision = Revision::Berlin, .opcode = Opcode::CALLCODE, .gas = 100, .handler = Handler::call_code},
    {.revision = Revision::Berlin, .opcode = Opcode::DELEGATECALL, .gas = 100, .handler = Handler::delegate_call},
    {.revision = Revision::Berlin, .opcode = Opcode::STATICCALL, .gas = 100, .handler = Handler::static_call},
    // EIP-3529
    {.revision = Revision::London, .opcode = Opcode::SSTORE, .gas = 0, .handler = Handler::sstore_eip3529},
};
// clang-format on

}  // namespace detail

/// The tables of all revisions: each begins as a copy of its predecessor, gets the instructions that are new and then the
/// changes listed above.
inline constexpr std::array<RevisionTable, types::kRevisionCount> kRevisionTables = [] {
    std::array<RevisionTable, types::kRevisionCount> tables{};
    for (unsigned i = 0; i < types::kRevisionCount; ++i) {
        const auto revision = static_cast<Revision>(i);
        if (i > 0) tables[i] = tables[i - 1];
        for (const Instruction& row : kInstructionRows)
            if (row.since == revision) tables[i][static_cast<uint8_t>(row.opcode)] = {.gas = row.gas, .handler = row.handler};
        for (const detail::Change& change : detail::kChanges)
            if (change.revision == revision)
                tables[i][static_cast<uint8_t>(change.opcode)] = {.gas = change.gas, .handler = change.handler};
    }
    return tables;
}();

[[nodiscard]] constexpr const RevisionTable& revision_table(Revision revision) noexcept {
    return kRevisionTables[static_cast<uint8_t>(revision)];
}

/// Whether every revision that has the instruction charges the same gas before its handler.
[[nodiscard]] constexpr bool has_constant_gas(Opcode opcode) noexcept {
    const Instruction& row = kInstructions[static_cast<uint8_t>(opcode)];
    for (auto i = static_cast<unsigned>(row.since); i < types::kRevisionCount; ++i)
        if (kRevisionTables[i][static_cast<uint8_t>(opcode)].gas != row.gas) return false;
    return true;
}

}  // namespace weft::evm
