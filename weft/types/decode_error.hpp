// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/rlp/error.hpp"

#include <cstdint>
#include <string>
#include <string_view>

namespace weft::types {

/// Why bytes are no transaction, header, block or receipt.
enum class DecodeRule : uint8_t {
    Rlp,               ///< not canonical RLP, or a field of the wrong width; DecodeError::rlp says which
    EmptyInput,        ///< no bytes at all
    UnknownType,       ///< a type byte that names no transaction or receipt (EIP-2718)
    TypedInsideList,   ///< in a block body: a typed item that is not wrapped in a string, or a wrapped legacy one
    InvalidV,          ///< a legacy v that is neither 27 or 28 nor at least 35 (EIP-155)
    ChainIdTooLarge,   ///< a legacy v whose chain id exceeds 64 bits
    InvalidYParity,    ///< a typed transaction's y_parity above 1
    MissingRecipient,  ///< types 3 and 4 cannot create contracts (EIP-4844, EIP-7702)
    BlobSidecar,       ///< the network form of a blob transaction, which blocks do not carry (EIP-4844)
    InvalidStatus,     ///< a receipt's first field is neither 0, 1 nor a 32-byte root (EIP-658)
};

/// The broken rule and the field it was met in, such as "transaction.nonce". `field` is a literal.
struct DecodeError {
    DecodeRule rule = DecodeRule::Rlp;
    rlp::Error rlp = rlp::Error::InputTooShort;  ///< meaningful for DecodeRule::Rlp only
    const char* field = "";

    friend bool operator==(const DecodeError&, const DecodeError&) = default;
};

using TransactionDecodeError = DecodeError;

/// One line for a person.
[[nodiscard]] std::string to_string(const DecodeError& error);

}  // namespace weft::types
