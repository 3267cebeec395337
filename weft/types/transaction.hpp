// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"
#include "weft/base/uint256.hpp"
#include "weft/rlp/decode.hpp"
#include "weft/types/access_list.hpp"
#include "weft/types/authorization.hpp"
#include "weft/types/decode_error.hpp"
#include "weft/types/revision.hpp"

#include <expected>
#include <optional>
#include <vector>

namespace weft::types {

/// Transaction types (EIP-2718); the value is the type byte. Receipts carry the type of their transaction.
enum class TransactionType : uint8_t {
    Legacy = 0,
    AccessList = 1,  // EIP-2930
    DynamicFee = 2,  // EIP-1559
    Blob = 3,        // EIP-4844
    SetCode = 4,     // EIP-7702
};

/// The revision from which blocks may carry the type.
[[nodiscard]] Revision first_revision(TransactionType type) noexcept;

/// A transaction of any type. Fields that its type lacks keep their defaults, and encoding leaves them out.
struct Transaction {
    TransactionType type = TransactionType::Legacy;
    /// Absent only in legacy transactions without replay protection (before EIP-155).
    std::optional<uint64_t> chain_id;
    uint64_t nonce = 0;
    /// Wei per gas. Types 0 and 1 have a single gas price, which stands in both.
    uint256 max_priority_fee_per_gas;
    uint256 max_fee_per_gas;
    uint64_t gas_limit = 0;
    /// Absent: the transaction creates a contract.
    std::optional<address> to;
    uint256 value;
    bytes data;
    AccessList access_list;
    uint256 max_fee_per_blob_gas;
    std::vector<hash32> blob_hashes;
    AuthorizationList authorization_list;
    /// Parity of the signature's point; legacy v is 27 + y_parity, or 35 + 2 * chain_id + y_parity (EIP-155).
    bool y_parity = false;
    uint256 r;
    uint256 s;

    friend bool operator==(const Transaction&, const Transaction&) = default;
};

/// Decodes the canonical form: an RLP list for type 0, else type byte and list (EIP-2718). The whole input must be used.
/// Checks form only: numbers fit their fields (nonce and gas limit 64 bits, the rest 256), v and y_parity are possible.
[[nodiscard]] std::expected<Transaction, TransactionDecodeError> decode_transaction(bytes_view encoded);

/// Canonical form of the next transaction of a block body, where a typed one is wrapped in a string. The view points
/// into the decoder's input.
[[nodiscard]] std::expected<bytes_view, TransactionDecodeError> read_transaction_item(rlp::Decoder& body);
/// Decodes the next transaction of a block body.
[[nodiscard]] std::expected<Transaction, TransactionDecodeError> decode_transaction_item(rlp::Decoder& body);

/// The canonical form (EIP-2718), as in the transaction trie.
[[nodiscard]] bytes encode(const Transaction& transaction);
/// Appends a canonical form as an item of a block body.
void append_transaction_item(bytes& out, bytes_view encoded);

/// keccak256 of the canonical form.
[[nodiscard]] hash32 hash(const Transaction& transaction);
/// What the sender signed: EIP-155 for protected legacy transactions, else the rule of the type's EIP.
[[nodiscard]] hash32 signing_hash(const Transaction& transaction);

/// EIP-2: at most half the order of secp256k1.
[[nodiscard]] bool is_low_s(const uint256& s) noexcept;

/// The sender. nullopt: the signature is invalid under `revision`: r or s out of range, a high s from Homestead on
/// (EIP-2), replay protection before Spurious Dragon (EIP-155), or no such point. The chain id is not compared.
[[nodiscard]] std::optional<address> recover_sender(const Transaction& transaction, Revision revision = kLatestRevision);

/// `recover_sender` for a transaction whose hash to sign the caller has.
[[nodiscard]] std::optional<address> recover_sender(const Transaction& transaction, const hash32& signed_hash, Revision revision);

}  // namespace weft::types
