// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/evm/instructions/arithmetic.hpp"
#include "weft/evm/instructions/bitwise.hpp"
#include "weft/evm/instructions/block.hpp"
#include "weft/evm/instructions/calls.hpp"
#include "weft/evm/instructions/creates.hpp"
#include "weft/evm/instructions/environment.hpp"
#include "weft/evm/instructions/flow.hpp"
#include "weft/evm/instructions/keccak.hpp"
#include "weft/evm/instructions/logs.hpp"
#include "weft/evm/instructions/memory.hpp"
#include "weft/evm/instructions/stack.hpp"
#include "weft/evm/instructions/storage.hpp"
#include "weft/evm/instructions/system.hpp"

/// Calls X(handler, opcode, body) for every Handler, in the order of the enumeration.
#define WEFT_FOR_EACH_HANDLER(X)                                             \
    X(stop, STOP, instructions::stop)                                        \
    X(add, ADD, instructions::add)                                           \
    X(mul, MUL, instructions::mul)                                           \
    X(sub, SUB, instructions::sub)                                           \
    X(div, DIV, instructions::div)                                           \
    X(sdiv, SDIV, instructions::sdiv)                                        \
    X(mod, MOD, instructions::mod)                                           \
    X(smod, SMOD, instructions::smod)                                        \
    X(addmod, ADDMOD, instructions::addmod)                                  \
    X(mulmod, MULMOD, instructions::mulmod)                                  \
    X(exp, EXP, instructions::exp)                                           \
    X(signextend, SIGNEXTEND, instructions::signextend)                      \
    X(lt, LT, instructions::lt)                                              \
    X(gt, GT, instructions::gt)                                              \
    X(slt, SLT, instructions::slt)                                           \
    X(sgt, SGT, instructions::sgt)                                           \
    X(eq, EQ, instructions::eq)                                              \
    X(iszero, ISZERO, instructions::iszero)                                  \
    X(bit_and, AND, instructions::bit_and)                                   \
    X(bit_or, OR, instructions::bit_or)                                      \
    X(bit_xor, XOR, instructions::bit_xor)                                   \
    X(bit_not, NOT, instructions::bit_not)                                   \
    X(byte, BYTE, instructions::byte)                                        \
    X(shl, SHL, instructions::shl)                                           \
    X(shr, SHR, instructions::shr)                                           \
    X(sar, SAR, instructions::sar)                                           \
    X(clz, CLZ, instructions::clz)                                           \
    X(keccak256, KECCAK256, instructions::keccak256)                         \
    X(self_address, ADDRESS, instructions::self_address)                     \
    X(balance, BALANCE, instructions::balance)                               \
    X(origin, ORIGIN, instructions::origin)                                  \
    X(caller, CALLER, instructions::caller)                                  \
    X(call_value, CALLVALUE, instructions::call_value)                       \
    X(call_data_load, CALLDATALOAD, instructions::call_data_load)            \
    X(call_data_size, CALLDATASIZE, instructions::call_data_size)            \
    X(call_data_copy, CALLDATACOPY, instructions::call_data_copy)            \
    X(code_size, CODESIZE, instructions::code_size)                          \
    X(code_copy, CODECOPY, instructions::code_copy)                          \
    X(gas_price, GASPRICE, instructions::gas_price)                          \
    X(ext_code_size, EXTCODESIZE, instructions::ext_code_size)               \
    X(ext_code_copy, EXTCODECOPY, instructions::ext_code_copy)               \
    X(return_data_size, RETURNDATASIZE, instructions::return_data_size)      \
    X(return_data_copy, RETURNDATACOPY, instructions::return_data_copy)      \
    X(ext_code_hash, EXTCODEHASH, instructions::ext_code_hash)               \
    X(block_hash, BLOCKHASH, instructions::block_hash)                       \
    X(coinbase, COINBASE, instructions::coinbase)                            \
    X(timestamp, TIMESTAMP, instructions::timestamp)                         \
    X(number, NUMBER, instructions::number)                                  \
    X(prev_randao, PREVRANDAO, instructions::prev_randao)                    \
    X(gas_limit, GASLIMIT, instructions::gas_limit)                          \
    X(chain_id, CHAINID, instructions::chain_id)                             \
    X(self_balance, SELFBALANCE, instructions::self_balance)                 \
    X(base_fee, BASEFEE, instructions::base_fee)                             \
    X(blob_hash, BLOBHASH, instructions::blob_hash)                          \
    X(blob_base_fee, BLOBBASEFEE, instructions::blob_base_fee)               \
    X(pop, POP, instructions::pop)                                           \
    X(mload, MLOAD, instructions::mload)                                     \
    X(mstore, MSTORE, instructions::mstore)                                  \
    X(mstore8, MSTORE8, instructions::mstore8)                               \
    X(sload, SLOAD, instructions::sload)                                     \
    X(sstore_frontier, SSTORE, instructions::sstore_frontier)                \
    X(jump, JUMP, instructions::jump)                                        \
    X(jumpi, JUMPI, instructions::jumpi)                                     \
    X(program_counter, PC, instructions::program_counter)                    \
    X(memory_size, MSIZE, instructions::memory_size)                         \
    X(gas_left, GAS, instructions::gas_left)                                 \
    X(jump_destination, JUMPDEST, instructions::jump_destination)            \
    X(tload, TLOAD, instructions::tload)                                     \
    X(tstore, TSTORE, instructions::tstore)                                  \
    X(memory_copy, MCOPY, instructions::memory_copy)                         \
    X(push0, PUSH0, instructions::push<0>)                                   \
    X(push1, PUSH1, instructions::push<1>)                                   \
    X(push2, PUSH2, instructions::push<2>)                                   \
    X(push3, PUSH3, instructions::push<3>)                                   \
    X(push4, PUSH4, instructions::push<4>)                                   \
    X(push5, PUSH5, instructions::push<5>)                                   \
    X(push6, PUSH6, instructions::push<6>)                                   \
    X(push7, PUSH7, instructions::push<7>)                                   \
    X(push8, PUSH8, instructions::push<8>)                                   \
    X(push9, PUSH9, instructions::push<9>)                                   \
    X(push10, PUSH10, instructions::push<10>)                                \
    X(push11, PUSH11, instructions::push<11>)                                \
    X(push12, PUSH12, instructions::push<12>)                                \
    X(push13, PUSH13, instructions::push<13>)                                \
    X(push14, PUSH14, instructions::push<14>)                                \
    X(push15, PUSH15, instructions::push<15>)                                \
    X(push16, PUSH16, instructions::push<16>)                                \
    X(push17, PUSH17, instructions::push<17>)                                \
    X(push18, PUSH18, instructions::push<18>)                                \
    X(push19, PUSH19, instructions::push<19>)                                \
    X(push20, PUSH20, instructions::push<20>)                                \
    X(push21, PUSH21, instructions::push<21>)                                \
    X(push22, PUSH22, instructions::push<22>)                                \
    X(push23, PUSH23, instructions::push<23>)                                \
    X(push24, PUSH24, instructions::push<24>)                                \
    X(push25, PUSH25, instructions::push<25>)                                \
    X(push26, PUSH26, instructions::push<26>)                                \
    X(push27, PUSH27, instructions::push<27>)                                \
    X(push28, PUSH28, instructions::push<28>)                                \
    X(push29, PUSH29, instructions::push<29>)                                \
    X(push30, PUSH30, instructions::push<30>)                                \
    X(push31, PUSH31, instructions::push<31>)                                \
    X(push32, PUSH32, instructions::push<32>)                                \
    X(dup1, DUP1, instructions::dup<1>)                                      \
    X(dup2, DUP2, instructions::dup<2>)                                      \
    X(dup3, DUP3, instructions::dup<3>)                                      \
    X(dup4, DUP4, instructions::dup<4>)                                      \
    X(dup5, DUP5, instructions::dup<5>)                                      \
    X(dup6, DUP6, instructions::dup<6>)                                      \
    X(dup7, DUP7, instructions::dup<7>)                                      \
    X(dup8, DUP8, instructions::dup<8>)                                      \
    X(dup9, DUP9, instructions::dup<9>)                                      \
    X(dup10, DUP10, instructions::dup<10>)                                   \
    X(dup11, DUP11, instructions::dup<11>)                                   \
    X(dup12, DUP12, instructions::dup<12>)                                   \
    X(dup13, DUP13, instructions::dup<13>)                                   \
    X(dup14, DUP14, instructions::dup<14>)                                   \
    X(dup15, DUP15, instructions::dup<15>)                                   \
    X(dup16, DUP16, instructions::dup<16>)                                   \
    X(swap1, SWAP1, instructions::swap<1>)                                   \
    X(swap2, SWAP2, instructions::swap<2>)                                   \
    X(swap3, SWAP3, instructions::swap<3>)                                   \
    X(swap4, SWAP4, instructions::swap<4>)                                   \
    X(swap5, SWAP5, instructions::swap<5>)                                   \
    X(swap6, SWAP6, instructions::swap<6>)                                   \
    X(swap7, SWAP7, instructions::swap<7>)                                   \
    X(swap8, SWAP8, instructions::swap<8>)                                   \
    X(swap9, SWAP9, instructions::swap<9>)                                   \
    X(swap10, SWAP10, instructions::swap<10>)                                \
    X(swap11, SWAP11, instructions::swap<11>)                                \
    X(swap12, SWAP12, instructions::swap<12>)                                \
    X(swap13, SWAP13, instructions::swap<13>)                                \
    X(swap14, SWAP14, instructions::swap<14>)                                \
    X(swap15, SWAP15, instructions::swap<15>)                                \
    X(swap16, SWAP16, instructions::swap<16>)                                \
    X(log0, LOG0, instructions::log<0>)                                      \
    X(log1, LOG1, instructions::log<1>)                                      \
    X(log2, LOG2, instructions::log<2>)                                      \
    X(log3, LOG3, instructions::log<3>)                                      \
    X(log4, LOG4, instructions::log<4>)                                      \
    X(create, CREATE, instructions::create)                                  \
    X(call, CALL, instructions::call)                                        \
    X(call_code, CALLCODE, instructions::call_code)                          \
    X(return_, RETURN, instructions::return_)                                \
    X(delegate_call, DELEGATECALL, instructions::delegate_call)              \
    X(create2, CREATE2, instructions::create2)                               \
    X(static_call, STATICCALL, instructions::static_call)                    \
    X(revert, REVERT, instructions::revert)                                  \
    X(invalid, INVALID, instructions::invalid)                               \
    X(self_destruct, SELFDESTRUCT, instructions::self_destruct)              \
    X(balance_access, BALANCE, instructions::balance_access)                 \
    X(ext_code_size_access, EXTCODESIZE, instructions::ext_code_size_access) \
    X(ext_code_copy_access, EXTCODECOPY, instructions::ext_code_copy_access) \
    X(ext_code_hash_access, EXTCODEHASH, instructions::ext_code_hash_access) \
    X(sload_access, SLOAD, instructions::sload_access)                       \
    X(sstore_eip1283, SSTORE, instructions::sstore_eip1283)                  \
    X(sstore_eip2200, SSTORE, instructions::sstore_eip2200)                  \
    X(sstore_eip2929, SSTORE, instructions::sstore_eip2929)                  \
    X(sstore_eip3529, SSTORE, instructions::sstore_eip3529)
