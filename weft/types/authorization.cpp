// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/types/authorization.hpp"

#include "weft/crypto/keccak.hpp"
#include "weft/crypto/secp256k1.hpp"
#include "weft/rlp/encode.hpp"

namespace weft::types {

namespace {
constexpr uint8_t kAuthorizationMagic = 0x05;  // EIP-7702, MAGIC
}

hash32 signing_hash(const Authorization& authorization) {
    bytes message{kAuthorizationMagic};
    rlp::ListBuilder list(message);
    rlp::encode_uint(message, authorization.chain_id);
    rlp::encode_bytes(message, authorization.delegate);
    rlp::encode_uint(message, authorization.nonce);
    list.finish();
    return crypto::keccak256(message);
}

std::optional<address> recover_authority(const Authorization& authorization) {
    if (authorization.y_parity > 1 || authorization.s > crypto::kSecp256k1HalfOrder) return std::nullopt;
    return crypto::recover_address(signing_hash(authorization), authorization.r, authorization.s, authorization.y_parity == 1);
}

}  // namespace weft::types
