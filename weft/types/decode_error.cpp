// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/types/decode_error.hpp"

namespace weft::types {

namespace {

std::string_view to_string(DecodeRule rule) noexcept {
    switch (rule) {
        case DecodeRule::Rlp:
            return "not canonical RLP";
        case DecodeRule::EmptyInput:
            return "no bytes";
        case DecodeRule::UnknownType:
            return "unknown type (EIP-2718)";
        case DecodeRule::TypedInsideList:
            return "wrongly wrapped transaction (EIP-2718)";
        case DecodeRule::InvalidV:
            return "v is neither 27, 28 nor at least 35 (EIP-155)";
        case DecodeRule::ChainIdTooLarge:
            return "the chain id exceeds 64 bits";
        case DecodeRule::InvalidYParity:
            return "y_parity is neither 0 nor 1";
        case DecodeRule::MissingRecipient:
            return "this type cannot create a contract (EIP-4844, EIP-7702)";
        case DecodeRule::BlobSidecar:
            return "network form with blobs (EIP-4844)";
        case DecodeRule::InvalidStatus:
            return "neither a status nor a state root (EIP-658)";
    }
    return "unknown";
}

}  // namespace

std::string to_string(const DecodeError& error) {
    std::string text = error.field;
    text += ": ";
    text += error.rule == DecodeRule::Rlp ? rlp::to_string(error.rlp) : to_string(error.rule);
    return text;
}

}  // namespace weft::types
