// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/transaction_validation.hpp"

#include "weft/evm/precompiles/precompiles.hpp"

#include <algorithm>

namespace weft::execution {

namespace {

using types::Revision;
using types::TransactionType;

constexpr uint64_t kCreateGas = 32'000;  // EIP-2
constexpr uint64_t kZeroByteGas = 4;
constexpr uint64_t kNonZeroByteGas = 68;
constexpr uint64_t kNonZeroByteGasIstanbul = 16;      // EIP-2028
constexpr uint64_t kAccessListAddressGas = 2'400;     // EIP-2930
constexpr uint64_t kAccessListStorageKeyGas = 1'900;  // EIP-2930
constexpr uint64_t kInitcodeWordGas = 2;              // EIP-3860
constexpr uint64_t kAuthorizationGas = 25'000;        // EIP-7702, PER_EMPTY_ACCOUNT_COST
constexpr uint64_t kFloorGasPerToken = 10;            // EIP-7623
constexpr uint64_t kTokensPerNonZeroByte = 4;         // EIP-7623

constexpr size_t kMaxBlobsPerTransaction = 6;  // EIP-7594

using Verdict = std::expected<void, TransactionError>;

Verdict check_blobs(const types::Transaction& transaction, const BlockEnvironment& environment) {
    const auto& hashes = transaction.blob_hashes;
    if (!transaction.to) return std::unexpected(TransactionError::blob_transaction_creates);
    if (hashes.empty()) return std::unexpected(TransactionError::blob_list_empty);
    const bool has_own_limit = environment.rules.revision >= Revision::Osaka;
    if (hashes.size() > environment.rules.blob.max || (has_own_limit && hashes.size() > kMaxBlobsPerTransaction))
        return std::unexpected(TransactionError::too_many_blobs);
    if (std::ranges::any_of(hashes, [](const hash32& hash) { return hash[0] != kVersionedHashVersionKzg; }))
        return std::unexpected(TransactionError::blob_version_unknown);
    if (transaction.max_fee_per_blob_gas < environment.context.blob_base_fee)
        return std::unexpected(TransactionError::blob_fee_below_base_fee);
    return {};
}

Verdict check_fees(const types::Transaction& transaction, const BlockEnvironment& environment) {
    if (environment.rules.revision < Revision::London) return {};
    if (transaction.max_fee_per_gas < transaction.max_priority_fee_per_gas)
        return std::unexpected(TransactionError::priority_fee_above_max_fee);
    if (transaction.max_fee_per_gas < environment.context.base_fee) return std::unexpected(TransactionError::max_fee_below_base_fee);
    return {};
}

/// The count of a short run fits a byte, so that vector instructions need not widen each comparison to 64 bits.
uint64_t count_zero_bytes(bytes_view data) noexcept {
    constexpr size_t kRun = 224;  // Whole vectors, and below 256.
    uint64_t zeros = 0;
    while (!data.empty()) {
        const bytes_view run = data.first(std::min(data.size(), kRun));
        uint8_t zeros_in_run = 0;
        for (const uint8_t byte : run) zeros_in_run += static_cast<uint8_t>(byte == 0);
        zeros += zeros_in_run;
        data = data.subspan(run.size());
    }
    return zeros;
}

}  // namespace

LeastGas LeastGas::of(const types::Transaction& transaction, Revision revision) noexcept {
    const uint64_t zeros = count_zero_bytes(transaction.data);
    const uint64_t others = transaction.data.size() - zeros;
    LeastGas gas{.intrinsic = kTransactionGas + zeros * kZeroByteGas};
    gas.intrinsic += others * (revision >= Revision::Istanbul ? kNonZeroByteGasIstanbul : kNonZeroByteGas);
    if (!transaction.to && revision >= Revision::Homestead) gas.intrinsic += kCreateGas;
    if (!transaction.to && revision >= Revision::Shanghai) gas.intrinsic += (transaction.data.size() + 31) / 32 * kInitcodeWordGas;
    for (const types::AccessListEntry& entry : transaction.access_list)
        gas.intrinsic += kAccessListAddressGas + entry.storage_keys.size() * kAccessListStorageKeyGas;
    gas.intrinsic += transaction.authorization_list.size() * kAuthorizationGas;
    if (revision >= Revision::Prague) gas.floor = kTransactionGas + (zeros + others * kTokensPerNonZeroByte) * kFloorGasPerToken;
    return gas;
}

uint64_t blob_gas(const types::Transaction& transaction) noexcept { return transaction.blob_hashes.size() * kGasPerBlob; }

std::optional<uint256> upfront_cost(const types::Transaction& transaction) {
    const auto gas = checked_mul(transaction.max_fee_per_gas, transaction.gas_limit);
    auto total = checked_add(gas.value, transaction.value);
    if (gas.overflow || total.overflow) return std::nullopt;
    if (transaction.blob_hashes.empty()) return total.value;
    const auto blobs = checked_mul(transaction.max_fee_per_blob_gas, blob_gas(transaction));
    total = checked_add(total.value, blobs.value);
    if (blobs.overflow || total.overflow) return std::nullopt;
    return total.value;
}

uint256 effective_gas_price(const types::Transaction& transaction, const uint256& base_fee) {
    const auto wanted = checked_add(base_fee, transaction.max_priority_fee_per_gas);
    return wanted.overflow || transaction.max_fee_per_gas < wanted.value ? transaction.max_fee_per_gas : wanted.value;
}

uint256 tip_per_gas(const uint256& gas_price, const BlockEnvironment& environment) noexcept {
    return environment.rules.revision >= Revision::London ? gas_price - environment.context.base_fee : gas_price;
}

bool involves_beneficiary(const types::Transaction& transaction, const address& sender, const BlockEnvironment& environment) noexcept {
    return sender == environment.context.coinbase || transaction.to == environment.context.coinbase;
}

bool may_be_payment(const types::Transaction& transaction, const address& sender, const BlockEnvironment& environment) noexcept {
    if (!transaction.to || !transaction.authorization_list.empty() || !transaction.blob_hashes.empty()) return false;
    // Data is for code.
    if (!transaction.data.empty()) return false;
    if (*transaction.to == sender) return false;
    if (evm::is_precompile(*transaction.to, environment.rules.revision)) return false;
    // A tip of zero touches the beneficiary, which may be empty (EIP-161).
    if (environment.rules.revision < Revision::SpuriousDragon) return true;
    return !transaction.max_priority_fee_per_gas.is_zero() && transaction.max_fee_per_gas != environment.context.base_fee;
}

Verdict check_form(const types::Transaction& transaction, const LeastGas& least_gas, const BlockEnvironment& environment) {
    const Revision revision = environment.rules.revision;
    if (revision < types::first_revision(transaction.type)) return std::unexpected(TransactionError::type_not_supported);
    if (transaction.chain_id && *transaction.chain_id != environment.rules.chain_id)
        return std::unexpected(TransactionError::chain_id_mismatch);
    if (transaction.nonce == UINT64_MAX) return std::unexpected(TransactionError::nonce_at_maximum);
    if (revision >= Revision::Osaka && transaction.gas_limit > kMaxTransactionGas)
        return std::unexpected(TransactionError::gas_limit_above_maximum);
    if (const auto fees = check_fees(transaction, environment); !fees) return fees;
    if (!transaction.to && revision >= Revision::Shanghai && transaction.data.size() > kMaxInitcodeSize)
        return std::unexpected(TransactionError::initcode_too_large);
    if (transaction.type == TransactionType::Blob)
        if (const auto blobs = check_blobs(transaction, environment); !blobs) return blobs;
    if (transaction.type == TransactionType::SetCode) {
        if (!transaction.to) return std::unexpected(TransactionError::set_code_creates);
        if (transaction.authorization_list.empty()) return std::unexpected(TransactionError::authorization_list_empty);
    }
    if (transaction.gas_limit < least_gas.intrinsic) return std::unexpected(TransactionError::intrinsic_gas_too_low);
    if (transaction.gas_limit < least_gas.floor) return std::unexpected(TransactionError::floor_gas_too_low);
    return {};
}

}  // namespace weft::execution
