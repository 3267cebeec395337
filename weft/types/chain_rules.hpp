// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/fixed_bytes.hpp"
#include "weft/types/revision.hpp"

namespace weft::types {

/// Blob parameters in force (EIP-7840): blobs a block aims at and may carry, and the speed of the price (EIP-4844's
/// BLOB_BASE_FEE_UPDATE_FRACTION). All zero before Cancun.
struct BlobSchedule {
    uint64_t target = 0;
    uint64_t max = 0;
    uint64_t base_fee_update_fraction = 0;

    friend bool operator==(const BlobSchedule&, const BlobSchedule&) = default;
};

/// Cancun: EIP-4844. Prague and later: EIP-7691. A chain's blob-parameter-only forks (EIP-7892) replace these values.
[[nodiscard]] constexpr BlobSchedule default_blob_schedule(Revision revision) noexcept {
    if (revision >= Revision::Prague) return {.target = 6, .max = 9, .base_fee_update_fraction = 5007716};
    if (revision >= Revision::Cancun) return {.target = 3, .max = 6, .base_fee_update_fraction = 3338477};
    return {};
}

/// Mainnet's deposit contract, 0x00000000219ab540356cbb839cbe05303d7705fa (EIP-6110).
inline constexpr address kMainnetDepositContract{
    {{0x00, 0x00, 0x00, 0x00, 0x21, 0x9a, 0xb5, 0x40, 0x35, 0x6c, 0xbb, 0x83, 0x9c, 0xbe, 0x05, 0x30, 0x3d, 0x77, 0x05, 0xfa}}};

/// What execution must know about the chain at one block: plain data, decided by the fork schedule.
struct ChainRules {
    Revision revision = kLatestRevision;
    uint64_t chain_id = 1;
    BlobSchedule blob = default_blob_schedule(revision);
    address deposit_contract = kMainnetDepositContract;
    /// This block applies the irregular state change of the DAO fork (mainnet block 1,920,000).
    bool dao_transition = false;
};

}  // namespace weft::types
