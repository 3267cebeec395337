// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/types/revision.hpp"

#include <array>
#include <cstdint>

namespace weft::evm {

using types::Revision;

/// What handlers need to know of a revision beyond the instruction table. Only instructions that leave the current frame
/// or touch the state look here.
struct Rules {
    Revision revision = Revision::Frontier;
    int64_t exp_byte = 10;                         ///< Gas per byte of EXP's exponent; 50 by EIP-160.
    bool keeps_one_64th = false;                   ///< EIP-150: a caller keeps 1/64 of its gas.
    int64_t self_destruct_new_account = 0;         ///< EIP-150
    int64_t self_destruct_refund = 24000;          ///< None by EIP-3529.
    bool self_destruct_keeps_existing = false;     ///< EIP-6780
    bool clears_empty_accounts = false;            ///< EIP-161
    uint64_t new_contract_nonce = 0;               ///< 1 by EIP-161.
    bool creation_survives_unpaid_deposit = true;  ///< Until EIP-2.
    uint64_t max_code_size = UINT64_MAX;           ///< EIP-170
    bool rejects_code_ef = false;                  ///< EIP-3541
    uint64_t max_initcode_size = UINT64_MAX;       ///< EIP-3860
    int64_t initcode_word = 0;                     ///< EIP-3860
    bool has_access_lists = false;                 ///< EIP-2929
    bool has_delegation = false;                   ///< EIP-7702
};

/// Gas and limits that no revision changed.
inline constexpr int64_t kCopyWordGas = 3;
inline constexpr int64_t kKeccakWordGas = 6;
inline constexpr int64_t kLogDataGas = 8;
inline constexpr int64_t kCallValueGas = 9000;
inline constexpr int64_t kCallStipend = 2300;
inline constexpr int64_t kNewAccountGas = 25000;
inline constexpr int64_t kCodeDepositGas = 200;
/// EIP-2929: what a first access costs on top of, or instead of, a repeated one.
inline constexpr int64_t kWarmAccessGas = 100;
inline constexpr int64_t kColdAccountGas = 2600;
inline constexpr int64_t kColdSlotGas = 2100;
inline constexpr unsigned kMaxDepth = 1024;
inline constexpr unsigned kMaxStackHeight = 1024;

namespace detail {

constexpr Rules rules_after(Rules rules, Revision revision) noexcept {
    rules.revision = revision;
    switch (revision) {
        case Revision::Homestead:
            rules.creation_survives_unpaid_deposit = false;
            break;
        case Revision::TangerineWhistle:
            rules.keeps_one_64th = true;
            rules.self_destruct_new_account = kNewAccountGas;
            break;
        case Revision::SpuriousDragon:
            rules.exp_byte = 50;
            rules.clears_empty_accounts = true;
            rules.new_contract_nonce = 1;
            rules.max_code_size = 0x6000;
            break;
        case Revision::Berlin:
            rules.has_access_lists = true;
            break;
        case Revision::London:
            rules.self_destruct_refund = 0;
            rules.rejects_code_ef = true;
            break;
        case Revision::Shanghai:
            rules.max_initcode_size = 0xc000;
            rules.initcode_word = 2;
            break;
        case Revision::Cancun:
            rules.self_destruct_keeps_existing = true;
            break;
        case Revision::Prague:
            rules.has_delegation = true;
            break;
        case Revision::Frontier:
        case Revision::Byzantium:
        case Revision::Constantinople:
        case Revision::Petersburg:
        case Revision::Istanbul:
        case Revision::Paris:
        case Revision::Osaka:
            break;
    }
    return rules;
}

}  // namespace detail

/// The rules of all revisions; each changes what its predecessor had.
inline constexpr std::array<Rules, types::kRevisionCount> kRules = [] {
    std::array<Rules, types::kRevisionCount> all{};
    Rules rules;
    for (unsigned i = 0; i < types::kRevisionCount; ++i) all[i] = rules = detail::rules_after(rules, static_cast<Revision>(i));
    return all;
}();

[[nodiscard]] constexpr const Rules& rules_of(Revision revision) noexcept { return kRules[static_cast<uint8_t>(revision)]; }

}  // namespace weft::evm
