// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/db/tables.hpp"

#include "weft/base/hex.hpp"
#include "weft/trie/node.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace weft::db {

namespace {

constexpr kv::TableSpec kSchema[] = {
    {.name = "meta"},
    {.name = "headers", .compressible = true, .often_missed = true},
    {.name = "bodies", .compressible = true, .long_values = true},
    {.name = "senders", .long_values = true},
    {.name = "receipts", .compressible = true, .long_values = true},
    {.name = "block_infos", .often_missed = true},
    {.name = "canonical"},
    {.name = "transactions", .often_missed = true, .is_gathered = true, .is_derived = true},
    {.name = "accounts", .often_missed = true, .is_gathered = true},
    {.name = "storage", .often_missed = true, .is_gathered = true},
    {.name = "codes", .compressible = true, .long_values = true},
    {.name = "nodes", .is_gathered = true, .is_derived = true},
    {.name = "undo", .long_values = true},
    {.name = "account_history", .is_gathered = true},
    {.name = "storage_history", .is_gathered = true},
    {.name = "bad_blocks", .often_missed = true},
    {.name = "journal", .long_values = true},
    {.name = "trie_head", .is_gathered = true, .is_derived = true},
};
static_assert(std::size(kSchema) == id(Table::trie_head) + size_t{1});

}  // namespace

std::span<const kv::TableSpec> schema() noexcept { return kSchema; }

Key node_key(const hash32& owner, trie::nibbles_view path) noexcept {
    WEFT_ASSERT(path.size() <= trie::kMaxNibbles);
    std::array<uint8_t, trie::kMaxNibbles + 1> nibbles;
    *std::ranges::copy(path, nibbles.begin()).out = 0;
    const size_t packed_size = (path.size() + 1) / 2;
    std::array<uint8_t, trie::kMaxNibbles / 2 + 1> packed;
    trie::pack_nibbles({nibbles.data(), 2 * packed_size}, packed.data());
    packed[packed_size] = static_cast<uint8_t>(path.size());
    return Key{}.add(owner).add(bytes_view{packed.data(), packed_size + 1});
}

uint64_t number_at_end(bytes_view key) noexcept {
    WEFT_ASSERT(key.size() >= 8);
    uint64_t number = 0;
    for (const uint8_t byte : key.last(8)) number = number << 8 | byte;
    return number;
}

Expected<std::optional<bytes>> TableReader::get(Table table, bytes_view key) const {
    auto value = reader_->get(id(table), key);
    if (!value) return fail(value.error());
    return std::move(*value);
}

Expected<bytes> TableReader::require(Table table, bytes_view key, std::string_view what) const {
    auto value = get(table, key);
    if (!value) return std::unexpected(std::move(value.error()));
    if (!*value) return fail(ErrorKind::corruption, fmt::format("{} {} is missing", what, to_hex(key)));
    return std::move(**value);
}

Expected<void> TableReader::for_each(kv::Range range, const Visitor& visit) const {
    const auto cursor = reader_->walk(std::move(range));
    for (;;) {
        const auto more = cursor->next();
        if (!more) return fail(more.error());
        if (!*more) return {};
        const auto go_on = visit(cursor->key(), cursor->value());
        if (!go_on) return std::unexpected(go_on.error());
        if (!*go_on) return {};
    }
}

Expected<void> TableReader::for_each(Table table, bytes_view prefix, const Visitor& visit) const {
    kv::Range range = kv::with_prefix(id(table), prefix);
    range.passing = true;
    return for_each(std::move(range), visit);
}

std::unexpected<Error> damaged(std::string_view what, bytes_view key) {
    return fail(ErrorKind::corruption, fmt::format("{} {} is damaged", what, to_hex(key)));
}

}  // namespace weft::db
