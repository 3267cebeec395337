// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/crypto/secp256k1.hpp"

#include "weft/crypto/keccak.hpp"

#include <secp256k1.h>
#include <secp256k1_recovery.h>

namespace weft::crypto {

namespace {

address address_of_key(const secp256k1_pubkey& key) {
    uint8_t encoded[65];
    size_t size = sizeof(encoded);
    secp256k1_ec_pubkey_serialize(secp256k1_context_static, encoded, &size, &key, SECP256K1_EC_UNCOMPRESSED);
    const hash32 hash = keccak256(bytes_view{encoded + 1, 64});
    return fixed_from<address>(bytes_view{hash.data() + 12, 20});
}

/// The tables for multiples of the generator. Never changed after its creation, so threads may share it.
const secp256k1_context* signing_context() {
    static const secp256k1_context* const context = secp256k1_context_create(SECP256K1_CONTEXT_SIGN);
    return context;
}

}  // namespace

std::optional<address> recover_address(const hash32& digest, const uint256& r, const uint256& s, bool y_parity) {
    uint8_t compact[64];
    store_be(compact, r);
    store_be(compact + 32, s);
    const secp256k1_context* const context = secp256k1_context_static;
    secp256k1_ecdsa_recoverable_signature signature;
    if (secp256k1_ecdsa_recoverable_signature_parse_compact(context, &signature, compact, y_parity ? 1 : 0) == 0) return std::nullopt;
    secp256k1_pubkey key;
    if (secp256k1_ecdsa_recover(context, &key, &signature, digest.data()) == 0) return std::nullopt;
    return address_of_key(key);
}

std::optional<RecoverableSignature> sign(const hash32& digest, const hash32& secret) {
    secp256k1_ecdsa_recoverable_signature signature;
    if (secp256k1_ecdsa_sign_recoverable(signing_context(), &signature, digest.data(), secret.data(), nullptr, nullptr) == 0)
        return std::nullopt;
    uint8_t compact[64];
    int recovery_id = 0;
    secp256k1_ecdsa_recoverable_signature_serialize_compact(secp256k1_context_static, compact, &recovery_id, &signature);
    // A recovery id of 2 or 3 (r above the field's difference to the order) has probability 2^-127.
    return RecoverableSignature{load_be(compact), load_be(compact + 32), (recovery_id & 1) != 0};
}

std::optional<address> address_of_secret(const hash32& secret) {
    secp256k1_pubkey key;
    if (secp256k1_ec_pubkey_create(signing_context(), &key, secret.data()) == 0) return std::nullopt;
    return address_of_key(key);
}

}  // namespace weft::crypto
