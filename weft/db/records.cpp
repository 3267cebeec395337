// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/db/records.hpp"

#include "weft/rlp/decode.hpp"
#include "weft/rlp/encode.hpp"

#include <algorithm>
#include <functional>
#include <type_traits>

namespace weft::db {

namespace {

/// Reads the fields of a list one after the other; remembers that one of them was not what it should be.
class Fields {
  public:
    explicit Fields(bytes_view encoded) : list_(bytes_view{}) {
        rlp::Decoder outer(encoded);
        open(outer);
        ok_ = ok_ && outer.at_end();
    }

    template <typename T>
    Fields& read(T& field) {
        if constexpr (std::is_same_v<T, uint64_t>)
            take(field, list_.read_uint64());
        else if constexpr (std::is_same_v<T, uint256>)
            take(field, list_.read_uint256());
        else if constexpr (std::is_same_v<T, bytes_view>)
            take(field, list_.read_string());
        else
            take(field, list_.read_fixed<T>());
        return *this;
    }
    /// Calls `item` with the fields of each list in the next list.
    template <typename Item>
    Fields& read_each(Item&& item) {
        Fields items(list_, ok_);
        while (items.ok_ && !items.list_.at_end()) {
            Fields row(items.list_, items.ok_);
            item(row);
            items.ok_ = row.done();
        }
        ok_ = items.ok_;
        return *this;
    }
    /// Passes over the next list.
    Fields& skip_list() {
        ok_ = ok_ && list_.read_list().has_value();
        return *this;
    }
    void fail() noexcept { ok_ = false; }
    /// Whether everything was as it should be, and nothing is left.
    [[nodiscard]] bool done() const noexcept { return ok_ && list_.at_end(); }

  private:
    Fields(rlp::Decoder& outer, bool ok) : list_(bytes_view{}), ok_(ok) {
        if (ok_) open(outer);
    }

    void open(rlp::Decoder& outer) {
        const auto list = outer.read_list();
        ok_ = list.has_value();
        if (ok_) list_ = *list;
    }
    template <typename T>
    void take(T& field, const rlp::Expected<T>& value) {
        ok_ = ok_ && value.has_value();
        if (ok_) field = *value;
    }

    rlp::Decoder list_;
    bool ok_ = true;
};

bool read_slot_value(bytes_view encoded, uint256& value) {
    const bool canonical = encoded.size() <= 32 && (encoded.empty() || encoded[0] != 0);
    if (canonical) value = from_be(encoded);
    return canonical;
}

bytes_view code_hash_of(const AccountRecord& record) {
    return record.code_hash != state::kEmptyCodeHash ? bytes_view{record.code_hash} : bytes_view{};
}

size_t payload_length(const AccountRecord& record) {
    return rlp::length_of(record.nonce) + rlp::length_of(record.balance) + rlp::length_of(code_hash_of(record)) +
           rlp::length_of(record.incarnation) + rlp::length_of(record.slots);
}

size_t length_of(const AccountRecord& record) { return rlp::length_of_list(payload_length(record)); }

/// Writes length_of(record) bytes and gives their end.
uint8_t* write(uint8_t* at, const AccountRecord& record) {
    at = rlp::write_list_header(at, payload_length(record));
    at = rlp::write_uint(at, record.nonce);
    at = rlp::write_uint(at, record.balance);
    at = rlp::write_bytes(at, code_hash_of(record));
    at = rlp::write_uint(at, record.incarnation);
    return rlp::write_uint(at, record.slots);
}

/// Slot and value as the items of a list.
constexpr size_t kSlotLength = 1 + hash32::kSize;
size_t payload_length(const std::pair<uint256, uint256>& slot) { return kSlotLength + rlp::length_of(slot.second); }

void read_account(Fields& fields, UndoRecord::AccountBefore& account) {
    bytes_view record;
    fields.read(account.addr).read(record).read(account.incarnation).read_each([&](Fields& row) {
        hash32 slot;
        bytes_view encoded;
        uint256 value;
        row.read(slot).read(encoded);
        if (!read_slot_value(encoded, value)) row.fail();
        account.slots.emplace_back(to_uint256(slot), value);
    });
    if (const auto decoded = decode_optional_record(record))
        account.record = *decoded;
    else
        fields.fail();
}

void read_dead_storages(Fields& fields, std::vector<UndoRecord::DeadStorage>& dead) {
    fields.read_each([&](Fields& row) {
        auto& storage = dead.emplace_back();
        row.read(storage.addr).read(storage.incarnation);
    });
}

}  // namespace

bytes encode(const AccountRecord& record) {
    bytes out(length_of(record));
    write(out.data(), record);
    return out;
}

void put(kv::Batch& batch, kv::TableId table, bytes_view key, const AccountRecord& record) {
    write(batch.put_room(table, key, length_of(record)), record);
}

std::optional<AccountRecord> decode_account_record(bytes_view encoded) {
    AccountRecord record;
    bytes_view code_hash;
    Fields fields(encoded);
    fields.read(record.nonce).read(record.balance).read(code_hash).read(record.incarnation).read(record.slots);
    if (!fields.done() || (!code_hash.empty() && code_hash.size() != hash32::kSize)) return std::nullopt;
    if (!code_hash.empty()) record.code_hash = fixed_from<hash32>(code_hash);
    return record;
}

bytes encode(const std::optional<AccountRecord>& record) { return record ? encode(*record) : bytes{}; }

std::optional<std::optional<AccountRecord>> decode_optional_record(bytes_view encoded) {
    if (encoded.empty()) return std::optional<AccountRecord>{};
    const auto record = decode_account_record(encoded);
    if (!record) return std::nullopt;
    return record;
}

bytes encode_slot_value(const uint256& value) {
    const hash32 word = to_hash32(value);
    return {word.end() - count_significant_bytes(value), word.end()};
}

std::optional<uint256> decode_slot_value(bytes_view encoded) {
    uint256 value;
    if (!read_slot_value(encoded, value)) return std::nullopt;
    return value;
}

bytes encode(const BlockInfo& info) { return rlp::Encoder{}.encode_uint(info.number).encode_uint(info.total_difficulty).as_list(); }

std::optional<BlockInfo> decode_block_info(bytes_view encoded) {
    BlockInfo info;
    if (!Fields(encoded).read(info.number).read(info.total_difficulty).done()) return std::nullopt;
    return info;
}

void put(kv::Batch& batch, kv::TableId table, bytes_view key, const TransactionPlace& place) {
    const size_t payload = rlp::length_of(place.block_number) + rlp::length_of(place.index);
    uint8_t* at = rlp::write_list_header(batch.put_room(table, key, rlp::length_of_list(payload)), payload);
    at = rlp::write_uint(at, place.block_number);
    (void)rlp::write_uint(at, place.index);
}

std::optional<TransactionPlace> decode_transaction_place(bytes_view encoded) {
    TransactionPlace place;
    if (!Fields(encoded).read(place.block_number).read(place.index).done()) return std::nullopt;
    return place;
}

bytes encode(const TrieHead& head) { return rlp::Encoder{}.encode_uint(head.number).encode_bytes(head.state_root).as_list(); }

std::optional<TrieHead> decode_trie_head(bytes_view encoded) {
    TrieHead head;
    if (!Fields(encoded).read(head.number).read(head.state_root).done()) return std::nullopt;
    return head;
}

bytes encode(const HeadRecord& record) {
    return rlp::Encoder{}
        .encode_uint(record.head.number)
        .encode_bytes(record.head.hash)
        .encode_uint(record.first_number)
        .encode_uint(record.history_start)
        .encode_uint(record.index_end)
        .as_list();
}

std::optional<HeadRecord> decode_head_record(bytes_view encoded) {
    HeadRecord record;
    Fields fields(encoded);
    fields.read(record.head.number).read(record.head.hash).read(record.first_number).read(record.history_start).read(record.index_end);
    if (!fields.done()) return std::nullopt;
    return record;
}

bytes encode(const Identity& identity) {
    return rlp::Encoder{}.encode_uint(identity.chain_id).encode_bytes(identity.genesis_hash).as_list();
}

std::optional<Identity> decode_identity(bytes_view encoded) {
    Identity identity;
    if (!Fields(encoded).read(identity.chain_id).read(identity.genesis_hash).done()) return std::nullopt;
    return identity;
}

void UndoEncoder::clear() noexcept {
    accounts_.clear();
    dead_.clear();
}

void UndoEncoder::add(const UndoRecord::AccountBefore& account) {
    size_t slots_length = 0;
    for (const auto& slot : account.slots) slots_length += rlp::length_of_list(payload_length(slot));
    const size_t record_length = account.record ? length_of(*account.record) : 0;
    const size_t payload =
        (1 + address::kSize) + rlp::length_of_list(record_length) + rlp::length_of(account.incarnation) + rlp::length_of_list(slots_length);
    uint8_t* at = rlp::write_list_header(accounts_.grow(rlp::length_of_list(payload)), payload);
    at = rlp::write_bytes(at, account.addr);
    at = rlp::write_string_header(at, record_length);
    if (account.record) at = write(at, *account.record);
    at = rlp::write_uint(at, account.incarnation);
    at = rlp::write_list_header(at, slots_length);
    for (const auto& slot : account.slots) {
        at = rlp::write_list_header(at, payload_length(slot));
        at = rlp::write_bytes(at, to_hash32(slot.first));
        at = rlp::write_uint(at, slot.second);
    }
}

void UndoEncoder::add(const UndoRecord::DeadStorage& storage) {
    const size_t payload = (1 + address::kSize) + rlp::length_of(storage.incarnation);
    uint8_t* at = rlp::write_list_header(dead_.grow(rlp::length_of_list(payload)), payload);
    at = rlp::write_bytes(at, storage.addr);
    (void)rlp::write_uint(at, storage.incarnation);
}

void UndoEncoder::put_into(kv::Batch& batch, kv::TableId table, bytes_view key) const {
    const size_t payload = rlp::length_of_list(accounts_.size()) + rlp::length_of_list(dead_.size());
    uint8_t* at = rlp::write_list_header(batch.put_room(table, key, rlp::length_of_list(payload)), payload);
    for (const Buffer* list : {&accounts_, &dead_}) {
        at = rlp::write_list_header(at, list->size());
        at = std::ranges::copy(list->view(), at).out;
    }
}

std::optional<UndoRecord> decode_undo_record(bytes_view encoded) {
    UndoRecord record;
    Fields fields(encoded);
    fields.read_each([&](Fields& row) { read_account(row, record.accounts.emplace_back()); });
    read_dead_storages(fields, record.dead);
    const auto is_in_order = [](const auto& all, auto key) {
        return std::ranges::adjacent_find(all, std::ranges::greater_equal{}, key) == all.end();
    };
    const bool is_right = fields.done() && is_in_order(record.accounts, &UndoRecord::AccountBefore::addr) &&
                          std::ranges::all_of(record.accounts, [&](const auto& account) {
                              return is_in_order(account.slots, &std::pair<uint256, uint256>::first);
                          });
    if (!is_right) return std::nullopt;
    return record;
}

std::optional<std::vector<UndoRecord::DeadStorage>> decode_dead_storages(bytes_view undo_record) {
    std::vector<UndoRecord::DeadStorage> dead;
    Fields fields(undo_record);
    fields.skip_list();
    read_dead_storages(fields, dead);
    if (!fields.done()) return std::nullopt;
    return dead;
}

const UndoRecord::AccountBefore* UndoRecord::find(const address& addr) const noexcept {
    const auto found = std::ranges::lower_bound(accounts, addr, {}, &AccountBefore::addr);
    return found != accounts.end() && found->addr == addr ? &*found : nullptr;
}

}  // namespace weft::db
