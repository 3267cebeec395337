// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/db/chain_store.hpp"

#include "weft/crypto/keccak.hpp"
#include "weft/rlp/decode.hpp"
#include "weft/rlp/encode.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace weft::db {

namespace {

std::optional<BadBlock> decode_bad_block(bytes_view key, bytes_view value) {
    constexpr size_t kOrder = sizeof(uint64_t);
    if (key.size() != hash32::kSize || value.size() < kOrder) return std::nullopt;
    return BadBlock{.hash = fixed_from<hash32>(key),
                    .order = number_at_end(value.first(kOrder)),
                    .why = std::string(value.begin() + kOrder, value.end())};
}

/// A block's encoding out of its two parts.
bytes join(bytes_view header, bytes_view body) {
    bytes out;
    out.reserve(rlp::length_of_list(header.size() + body.size()));
    rlp::encode_list_header(out, header.size() + body.size());
    rlp::append_raw(out, header);
    rlp::append_raw(out, body);
    return out;
}

}  // namespace

Expected<std::optional<BlockInfo>> ChainStore::info(const hash32& hash) const {
    const auto value = tables_.get(Table::block_infos, hash);
    if (!value) return std::unexpected(value.error());
    if (!*value) return std::nullopt;
    const auto info = decode_block_info(**value);
    if (!info) return damaged("number of block", hash);
    return info;
}

Expected<std::optional<hash32>> ChainStore::canonical_hash(uint64_t number) const {
    const auto value = tables_.get(Table::canonical, number_key(number));
    if (!value) return std::unexpected(value.error());
    if (!*value) return std::nullopt;
    if ((*value)->size() != hash32::kSize) return damaged("canonical block", number_key(number));
    return fixed_from<hash32>(**value);
}

/// What a table with block keys has of a block.
Expected<std::optional<bytes>> ChainStore::value_of(Table table, const hash32& hash) const {
    const auto block = info(hash);
    if (!block) return std::unexpected(block.error());
    if (!*block) return std::nullopt;
    return tables_.get(table, block_key((*block)->number, hash));
}

Expected<std::optional<types::Header>> ChainStore::header(const hash32& hash) const {
    const auto value = value_of(Table::headers, hash);
    if (!value) return std::unexpected(value.error());
    if (!*value) return std::nullopt;
    auto header = types::decode_header(**value);
    if (!header) return damaged("header of block", hash);
    return std::move(*header);
}

Expected<std::optional<bytes>> ChainStore::encoded_block(const hash32& hash) const {
    const auto header = value_of(Table::headers, hash);
    if (!header) return std::unexpected(header.error());
    if (!*header) return std::nullopt;
    const auto body = value_of(Table::bodies, hash);
    if (!body) return std::unexpected(body.error());
    if (!*body) return damaged("body of block", hash);
    return join(**header, **body);
}

Expected<std::optional<types::Block>> ChainStore::block(const hash32& hash) const {
    const auto encoded = encoded_block(hash);
    if (!encoded) return std::unexpected(encoded.error());
    if (!*encoded) return std::nullopt;
    auto block = types::decode_block(**encoded);
    if (!block) return damaged("block", hash);
    return std::move(*block);
}

Expected<std::optional<std::vector<types::Receipt>>> ChainStore::receipts(const hash32& hash) const {
    const auto value = value_of(Table::receipts, hash);
    if (!value) return std::unexpected(value.error());
    if (!*value) return std::nullopt;
    auto receipts = types::decode_compact_receipts(**value);
    if (!receipts) return damaged("receipts of block", hash);
    return *std::move(receipts);
}

Expected<std::optional<std::vector<address>>> ChainStore::senders(const hash32& hash) const {
    const auto value = value_of(Table::senders, hash);
    if (!value) return std::unexpected(value.error());
    if (!*value) return std::nullopt;
    if ((*value)->size() % address::kSize != 0) return damaged("senders of block", hash);
    std::vector<address> senders;
    for (size_t at = 0; at < (*value)->size(); at += address::kSize)
        senders.push_back(fixed_from<address>(bytes_view{**value}.subspan(at, address::kSize)));
    return senders;
}

Expected<std::optional<TransactionPlace>> ChainStore::transaction(const hash32& transaction_hash) const {
    const auto value = tables_.get(Table::transactions, transaction_hash);
    if (!value) return std::unexpected(value.error());
    if (!*value) return std::nullopt;
    const auto place = decode_transaction_place(**value);
    if (!place) return damaged("place of transaction", transaction_hash);
    return place;
}

Expected<std::optional<std::string>> ChainStore::bad_block(const hash32& hash) const {
    const auto value = tables_.get(Table::bad_blocks, hash);
    if (!value) return std::unexpected(value.error());
    if (!*value) return std::nullopt;
    const auto bad = decode_bad_block(hash, **value);
    if (!bad) return damaged("bad block", hash);
    return bad->why;
}

Expected<std::vector<BadBlock>> ChainStore::bad_blocks() const {
    std::vector<BadBlock> all;
    const auto walked = tables_.for_each(Table::bad_blocks, {}, [&](bytes_view key, bytes_view value) -> Expected<bool> {
        auto bad = decode_bad_block(key, value);
        if (!bad) return damaged("bad block", key);
        all.push_back(std::move(*bad));
        return true;
    });
    if (!walked) return std::unexpected(walked.error());
    std::ranges::sort(all, {}, &BadBlock::order);
    return all;
}

Expected<void> ChainStore::export_blocks(uint64_t first, uint64_t last,
                                         const std::function<bool(uint64_t number, bytes_view encoded)>& visit) const {
    for (uint64_t number = first; number <= last; ++number) {
        const auto hash = canonical_hash(number);
        if (!hash) return std::unexpected(hash.error());
        if (!*hash) return fail(ErrorKind::unknown_block, fmt::format("the canonical chain has no block {}", number));
        const auto encoded = encoded_block(**hash);
        if (!encoded) return std::unexpected(encoded.error());
        if (!*encoded) return damaged("block", **hash);
        if (!visit(number, **encoded) || number == last) return {};
    }
    return {};
}

void put_block(kv::Batch& batch, const types::Block& block, const hash32& hash, const uint256& total_difficulty) {
    const bytes encoded = types::encode(block);
    auto items = rlp::Decoder(encoded).read_list();
    WEFT_ASSERT(items.has_value());
    const auto header = items->read_item();
    WEFT_ASSERT(header.has_value());
    const Key key = block_key(block.header.number, hash);
    batch.put(id(Table::headers), key, header->encoded);
    batch.put(id(Table::bodies), key, items->rest());
    batch.put(id(Table::block_infos), hash, encode(BlockInfo{.number = block.header.number, .total_difficulty = total_difficulty}));
}

void put_bad_block(kv::Batch& batch, const BadBlock& bad) {
    bytes value(sizeof(uint64_t) + bad.why.size());
    std::ranges::copy(number_key(bad.order).view(), value.begin());
    std::ranges::copy(bad.why, value.begin() + sizeof(uint64_t));
    batch.put(id(Table::bad_blocks), bad.hash, value);
}

void put_outcome(kv::Batch& batch, const BlockId& block, std::span<const types::Receipt> receipts, std::span<const address> senders) {
    const Key key = block_key(block.number, block.hash);
    batch.put(id(Table::receipts), key, types::encode_compact(receipts));
    bytes packed;
    for (const address& sender : senders) packed.insert(packed.end(), sender.begin(), sender.end());
    batch.put(id(Table::senders), key, packed);
}

std::vector<hash32> transaction_hashes(const types::Block& block) {
    std::vector<hash32> hashes(block.transactions.size());
    if (block.encoded_transactions.empty()) {
        std::ranges::transform(block.transactions, hashes.begin(), [](const auto& transaction) { return types::hash(transaction); });
    } else {
        const std::vector<bytes_view> encoded(block.encoded_transactions.begin(), block.encoded_transactions.end());
        crypto::keccak256_batch(encoded, hashes);
    }
    return hashes;
}

void put_transaction_places(kv::Batch& batch, const types::Block& block) {
    uint64_t index = 0;
    for (const hash32& hash : transaction_hashes(block))
        put(batch, id(Table::transactions), hash, TransactionPlace{.block_number = block.header.number, .index = index++});
}

}  // namespace weft::db
