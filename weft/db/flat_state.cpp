// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/db/flat_state.hpp"

#include <type_traits>

namespace weft::db {

void FlatUpdates::clear() noexcept {
    constexpr size_t kMany = size_t{1} << 16U;
    const auto clear = [](auto& values) {
        if (values.capacity() > kMany)
            values = std::remove_cvref_t<decltype(values)>();
        else
            values.clear();
    };
    clear(accounts);
    clear(slots);
}

namespace {

using AccountCache = ClockCache<address, std::optional<AccountRecord>>;
using SlotCache = ClockCache<SlotKey, uint256>;

}  // namespace

Expected<std::optional<AccountRecord>> read_account(const TableReader& tables, const address& addr) {
    const auto value = tables.get(Table::accounts, addr);
    if (!value) return std::unexpected(value.error());
    if (!*value) return std::nullopt;
    const auto record = decode_account_record(**value);
    if (!record) return damaged("account", addr);
    return record;
}

Expected<uint256> read_slot(const TableReader& tables, const SlotKey& key) {
    const Key where = slot_key(key);
    const auto value = tables.get(Table::storage, where);
    if (!value) return std::unexpected(value.error());
    if (!*value) return uint256{};
    const auto word = decode_slot_value(**value);
    if (!word) return damaged("storage slot", where);
    return *word;
}

// Slots are asked for more often than accounts, and there are more of them.
FlatState::FlatState(const kv::Reader& reader, uint64_t cache_bytes)
    : tables_(reader), accounts_(cache_bytes / 4 / AccountCache::kEntryBytes), slots_(cache_bytes / 4 * 3 / SlotCache::kEntryBytes) {}

Expected<std::optional<AccountRecord>> FlatState::account(const address& addr) {
    if (const auto cached = accounts_.find(addr)) return *cached;
    const uint64_t generation = generation_;
    auto record = read_account(tables_, addr);
    if (record) accounts_.put_if(addr, *record, unchanged_since(generation));
    return record;
}

Expected<uint256> FlatState::slot(const SlotKey& key) {
    if (const auto cached = slots_.find(key)) return *cached;
    const uint64_t generation = generation_;
    auto value = read_slot(tables_, key);
    if (value) slots_.put_if(key, *value, unchanged_since(generation));
    return value;
}

}  // namespace weft::db
