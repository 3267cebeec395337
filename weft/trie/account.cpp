// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/trie/account.hpp"

#include "weft/rlp/encode.hpp"

namespace weft::trie {

bytes encode_account(const TrieAccount& account) {
    constexpr size_t kHashItem = 33;
    const size_t payload = rlp::length_of(account.nonce) + rlp::length_of(account.balance) + 2 * kHashItem;
    bytes out;
    out.reserve(rlp::length_of_list(payload));
    rlp::encode_list_header(out, payload);
    rlp::encode_uint(out, account.nonce);
    rlp::encode_uint(out, account.balance);
    rlp::encode_bytes(out, account.storage_root);
    rlp::encode_bytes(out, account.code_hash);
    return out;
}

rlp::Expected<TrieAccount> decode_account(bytes_view encoded) noexcept {
    rlp::Decoder outer{encoded};
    auto fields = outer.read_list();
    if (!fields) return std::unexpected(fields.error());
    const auto nonce = fields->read_uint64();
    if (!nonce) return std::unexpected(nonce.error());
    const auto balance = fields->read_uint256();
    if (!balance) return std::unexpected(balance.error());
    const auto storage_root = fields->read_fixed<hash32>();
    if (!storage_root) return std::unexpected(storage_root.error());
    const auto code_hash = fields->read_fixed<hash32>();
    if (!code_hash) return std::unexpected(code_hash.error());
    if (const auto end = fields->finish(); !end) return std::unexpected(end.error());
    if (const auto end = outer.finish(); !end) return std::unexpected(end.error());
    return TrieAccount{.nonce = *nonce, .balance = *balance, .storage_root = *storage_root, .code_hash = *code_hash};
}

bytes encode_storage_value(const uint256& value) {
    bytes out;
    rlp::encode_uint(out, value);
    return out;
}

rlp::Expected<uint256> decode_storage_value(bytes_view encoded) noexcept {
    rlp::Decoder decoder{encoded};
    const auto value = decoder.read_uint256();
    if (!value) return value;
    if (const auto end = decoder.finish(); !end) return std::unexpected(end.error());
    return value;
}

}  // namespace weft::trie
