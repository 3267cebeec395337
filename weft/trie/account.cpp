// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/trie/account.hpp"

#include "weft/rlp/encode.hpp"

#include <array>
#include <cstring>

namespace weft::trie {

bytes encode_account(const TrieAccount& account) {
    std::array<uint8_t, kLongestAccount> room;
    const bytes_view encoded = encode_account(account, room);
    return {encoded.begin(), encoded.end()};
}

bytes_view encode_account(const TrieAccount& account, std::span<uint8_t, kLongestAccount> room) noexcept {
    constexpr size_t kHashItem = 33;
    uint8_t* at = rlp::write_list_header(room.data(), rlp::length_of(account.nonce) + rlp::length_of(account.balance) + 2 * kHashItem);
    at = rlp::write_uint(at, account.nonce);
    at = rlp::write_uint(at, account.balance);
    for (const hash32* hash : {&account.storage_root, &account.code_hash}) {
        *at = 0xa0;
        std::memcpy(at + 1, hash->data(), hash32::kSize);
        at += kHashItem;
    }
    return {room.data(), at};
}

rlp::Expected<TrieAccount> decode_account(bytes_view encoded) noexcept {
    rlp::Decoder outer{encoded};
    auto fields = outer.read_list();
    if (!fields) return std::unexpected(fields.error());
    const auto nonce = fields->read_uint64();
    if (!nonce) return std::unexpected(nonce.error());
    const auto balance = fields->read_uint256();
    if (!balance) return std::unexpected(balance.error());
    // Two hashes are left, or something is wrong.
    if (const bytes_view hashes = fields->rest(); hashes.size() == 66 && hashes[0] == 0xa0 && hashes[33] == 0xa0 && outer.at_end()) {
        return TrieAccount{.nonce = *nonce,
                           .balance = *balance,
                           .storage_root = fixed_from<hash32>(hashes.subspan(1, 32)),
                           .code_hash = fixed_from<hash32>(hashes.subspan(34, 32))};
    }
    const auto storage_root = fields->read_fixed<hash32>();
    if (!storage_root) return std::unexpected(storage_root.error());
    const auto code_hash = fields->read_fixed<hash32>();
    if (!code_hash) return std::unexpected(code_hash.error());
    if (const auto end = fields->finish(); !end) return std::unexpected(end.error());
    return std::unexpected(outer.finish().error());
}

bytes encode_storage_value(const uint256& value) {
    std::array<uint8_t, kLongestStorageValue> room;
    const bytes_view encoded = encode_storage_value(value, room);
    return {encoded.begin(), encoded.end()};
}

bytes_view encode_storage_value(const uint256& value, std::span<uint8_t, kLongestStorageValue> room) noexcept {
    return {room.data(), rlp::write_uint(room.data(), value)};
}

rlp::Expected<uint256> decode_storage_value(bytes_view encoded) noexcept {
    rlp::Decoder decoder{encoded};
    const auto value = decoder.read_uint256();
    if (!value) return value;
    if (const auto end = decoder.finish(); !end) return std::unexpected(end.error());
    return value;
}

}  // namespace weft::trie
