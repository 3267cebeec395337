// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/db/verify.hpp"

#include "weft/base/hex.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/db/chain_store.hpp"
#include "weft/db/meta.hpp"
#include "weft/db/records.hpp"
#include "weft/db/tables.hpp"
#include "weft/db/undo.hpp"
#include "weft/trie/account.hpp"
#include "weft/trie/node_store.hpp"
#include "weft/trie/roots.hpp"
#include "weft/types/withdrawal.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <set>
#include <utility>

namespace weft::db {

namespace {

template <typename Items>
hash32 root_of(const Items& items) {
    std::vector<bytes> encoded;
    encoded.reserve(items.size());
    for (const auto& item : items) encoded.push_back(types::encode(item));
    return trie::ordered_root(encoded);
}

class Verifier {
  public:
    Verifier(const kv::Reader& reader, const ProgressCallback& progress) : tables_(reader), chain_(reader), progress_(progress) {}

    Expected<VerifyReport> run() {
        const auto stored = tables_.get(Table::meta, kHeadKey);
        if (!stored) return std::unexpected(stored.error());
        if (!*stored) return std::move(report_);
        const auto head = decode_head_record(**stored);
        if (!head) return damaged("the head", **stored);
        head_ = *head;
        using Step = Expected<void> (Verifier::*)();
        for (const Step step : {&Verifier::check_blocks, &Verifier::check_bad_blocks, &Verifier::check_undo, &Verifier::check_state,
                                &Verifier::check_storage, &Verifier::check_codes}) {
            if (auto checked = (this->*step)(); !checked) return std::unexpected(std::move(checked.error()));
            if (report_.stopped) break;
        }
        return std::move(report_);
    }

  private:
    void found(std::string what) {
        if (report_.findings.size() < VerifyReport::kMaxFindings) report_.findings.push_back(std::move(what));
    }
    void expect(bool holds, std::string_view what, bytes_view which) {
        if (!holds) found(fmt::format("{}: {}", what, to_hex(which)));
    }
    void expect_value(Table table, bytes_view key, bytes_view value, std::string_view what) {
        const auto stored = tables_.get(table, key);
        if (stored) return expect(*stored && std::ranges::equal(**stored, value), what, key);
        if (!unreadable_) unreadable_ = stored.error();
    }
    /// False: stop.
    bool go_on(std::string_view stage, uint64_t done, uint64_t total = 0) {
        constexpr uint64_t kStep = 256;
        if (done % kStep == 0 && progress_ && !progress_({.stage = stage, .done = done, .total = total})) report_.stopped = true;
        return !report_.stopped;
    }

    Expected<uint64_t> count(Table table) {
        uint64_t keys = 0;
        const auto walked = tables_.for_each(table, {}, [&](bytes_view, bytes_view) -> Expected<bool> {
            ++keys;
            return go_on("counting", keys);
        });
        if (!walked) return std::unexpected(walked.error());
        return keys;
    }
    Expected<void> expect_count(Table table, uint64_t expected, std::string_view what) {
        const auto keys = count(table);
        if (!keys) return std::unexpected(keys.error());
        if (*keys != expected && !report_.stopped) found(fmt::format("{}: there are {}, there should be {}", what, *keys, expected));
        return {};
    }

    Expected<void> check_blocks() {
        const uint64_t total = head_.head.number - head_.first_number + 1;
        hash32 parent;
        for (uint64_t number = head_.first_number; number <= head_.head.number; ++number) {
            if (!go_on("blocks", report_.blocks, total)) return {};
            const auto hash = chain_.canonical_hash(number);
            if (!hash) return std::unexpected(hash.error());
            if (!*hash) {
                found(fmt::format("the canonical chain has no block {}", number));
                continue;
            }
            if (auto checked = check_block(number, **hash, parent); !checked) return checked;
            parent = **hash;
            ++report_.blocks;
        }
        expect(parent == head_.head.hash, "the canonical chain does not end with the head", head_.head.hash);
        if (auto counted = expect_count(Table::canonical, total, "canonical blocks"); !counted) return counted;
        return expect_count(Table::transactions, report_.transactions, "transactions in the index");
    }

    Expected<void> check_block(uint64_t number, const hash32& hash, const hash32& parent) {
        const auto block = chain_.block(hash);
        if (!block) return std::unexpected(block.error());
        const auto info = chain_.info(hash);
        if (!info) return std::unexpected(info.error());
        if (!*block || !*info) {
            found(fmt::format("block {} is missing", number));
            return {};
        }
        const types::Header& header = (*block)->header;
        expect(types::hash(header) == hash, "a header does not have the hash of its block", hash);
        expect(header.number == number && (*info)->number == number, "a block has another number than its place", hash);
        if (number != head_.first_number) {
            expect(header.parent_hash == parent, "a block does not follow the one before it", hash);
            expect((*info)->total_difficulty == total_difficulty_ + header.difficulty, "a total difficulty is wrong", hash);
        }
        if (number == head_.head.number) state_root_ = header.state_root;
        total_difficulty_ = (*info)->total_difficulty;
        expect(trie::ordered_root((*block)->encoded_transactions) == header.transactions_root, "transactions do not match the header",
               hash);
        expect(types::ommers_hash((*block)->ommers) == header.ommers_hash, "ommers do not match the header", hash);
        if (header.withdrawals_root)
            expect(root_of(*(*block)->withdrawals) == *header.withdrawals_root, "withdrawals do not match the header", hash);
        return check_outcome(**block, hash);
    }

    Expected<void> check_outcome(const types::Block& block, const hash32& hash) {
        const auto receipts = chain_.receipts(hash);
        if (!receipts) return std::unexpected(receipts.error());
        expect(*receipts && root_of(**receipts) == block.header.receipts_root, "receipts do not match the header", hash);
        const auto senders = chain_.senders(hash);
        if (!senders) return std::unexpected(senders.error());
        expect(*senders && (*senders)->size() == block.transactions.size(), "there is not one sender for each transaction", hash);
        uint64_t index = 0;
        for (const hash32& transaction : transaction_hashes(block)) {
            const auto place = chain_.transaction(transaction);
            if (!place) return std::unexpected(place.error());
            expect(*place && (*place)->block_number == block.header.number && (*place)->index == index,
                   "the index has a transaction in another place", transaction);
            ++index;
        }
        report_.transactions += index;
        return {};
    }

    /// None of them is on the chain.
    Expected<void> check_bad_blocks() {
        const auto bad = chain_.bad_blocks();
        if (!bad) return std::unexpected(bad.error());
        for (const BadBlock& block : *bad) {
            const auto info = chain_.info(block.hash);
            if (!info) return std::unexpected(info.error());
            if (!*info) continue;
            const auto canonical = chain_.canonical_hash((*info)->number);
            if (!canonical) return std::unexpected(canonical.error());
            expect(*canonical != block.hash, "a block of the chain is remembered as invalid", block.hash);
        }
        return {};
    }

    Expected<void> check_undo() {
        uint64_t account_entries = 0;
        uint64_t slot_entries = 0;
        for (uint64_t number = head_.history_start; number <= head_.head.number; ++number) {
            if (!go_on("history", number - head_.history_start, head_.head.number + 1 - head_.history_start)) return {};
            const auto encoded = tables_.get(Table::undo, number_key(number));
            if (!encoded) return std::unexpected(encoded.error());
            const auto record = *encoded ? decode_undo_record(**encoded) : std::nullopt;
            expect(record.has_value(), "an undo record is missing or damaged", number_key(number));
            if (!record) continue;
            for (const auto& storage : record->dead)
                if (auto checked = check_dead(*record, storage); !checked) return checked;
            if (number < head_.index_end) {
                for_each_history_entry(*record, number, [&](Table table, bytes_view key, bytes_view value) {
                    expect_value(table, key, value, "the history is not what an undo record says");
                    ++(table == Table::account_history ? account_entries : slot_entries);
                });
            }
            if (unreadable_) return std::unexpected(*unreadable_);
            ++report_.undo_records;
        }
        if (auto counted = expect_count(Table::account_history, account_entries, "accounts in the history"); !counted) return counted;
        if (auto counted = expect_count(Table::storage_history, slot_entries, "slots in the history"); !counted) return counted;
        return expect_count(Table::undo, report_.undo_records, "undo records");
    }

    /// A wiped storage is still whole.
    Expected<void> check_dead(const UndoRecord& record, const UndoRecord::DeadStorage& storage) {
        const auto account = std::ranges::find(record.accounts, storage.addr, &UndoRecord::AccountBefore::addr);
        const auto leaves = storage_leaves(tables_, storage.addr, storage.incarnation);
        if (!leaves) return std::unexpected(leaves.error());
        const bool fits = account != record.accounts.end() && account->record && account->record->incarnation == storage.incarnation &&
                          account->record->slots == leaves->size();
        expect(fits, "a wiped storage cannot be brought back", storage.addr);
        const Key key = incarnation_key(storage.addr, storage.incarnation);
        known_storages_.emplace(key.view().begin(), key.view().end());
        return {};
    }

    /// The nodes that a trie should have, against those that are there.
    hash32 compare_nodes(const hash32& owner, const std::vector<std::pair<hash32, bytes>>& leaves) {
        return trie::sorted_root(leaves, [&](trie::nibbles_view path, bytes_view encoded) {
            ++report_.nodes;
            expect_value(Table::nodes, node_key(owner, path), encoded, "a trie node is not what the flat state says");
        });
    }

    Expected<void> check_state() {
        std::vector<std::pair<hash32, bytes>> leaves;
        const auto walked = tables_.for_each(Table::accounts, {}, [&](bytes_view key, bytes_view value) -> Expected<bool> {
            const auto record = decode_account_record(value);
            if (key.size() != address::kSize || !record) return damaged("account", key);
            const auto addr = fixed_from<address>(key);
            const auto storage = storage_leaves(tables_, addr, record->incarnation);
            if (!storage) return std::unexpected(storage.error());
            expect(storage->size() == record->slots, "an account has another number of slots than it says", addr);
            const Key prefix = incarnation_key(addr, record->incarnation);
            if (!storage->empty()) known_storages_.emplace(prefix.view().begin(), prefix.view().end());
            if (auto checked = check_code_of(addr, *record); !checked) return std::unexpected(checked.error());
            const hash32 owner = crypto::keccak256(addr);
            leaves.emplace_back(owner, trie::encode_account({.nonce = record->nonce,
                                                             .balance = record->balance,
                                                             .storage_root = compare_nodes(owner, *storage),
                                                             .code_hash = record->code_hash}));
            if (unreadable_) return std::unexpected(*unreadable_);
            return go_on("accounts", ++report_.accounts);
        });
        if (!walked || report_.stopped) return walked;
        std::ranges::sort(leaves);
        const hash32 root = compare_nodes(trie::kAccountTrie, leaves);
        if (unreadable_) return std::unexpected(*unreadable_);
        expect(root == state_root_, "the flat state does not have the state root of the head, but", root);
        return expect_count(Table::nodes, report_.nodes, "trie nodes");
    }

    Expected<void> check_code_of(const address& addr, const AccountRecord& record) {
        if (record.code_hash == state::kEmptyCodeHash || known_codes_.contains(record.code_hash)) return {};
        const auto code = tables_.get(Table::codes, record.code_hash);
        if (!code) return std::unexpected(code.error());
        expect(code->has_value(), "the code of an account is missing", addr);
        known_codes_.insert(record.code_hash);
        return {};
    }

    /// Every slot is of an account that is there, or of one that an undo record brings back.
    Expected<void> check_storage() {
        constexpr size_t kPrefix = address::kSize + 8;
        return tables_.for_each(Table::storage, {}, [&](bytes_view key, bytes_view) -> Expected<bool> {
            if (key.size() != kPrefix + hash32::kSize) return damaged("storage slot", key);
            const bytes prefix(key.begin(), key.begin() + kPrefix);
            expect(known_storages_.contains(prefix), "a storage slot belongs to nobody", key);
            return go_on("storage", ++report_.slots);
        });
    }

    Expected<void> check_codes() {
        return tables_.for_each(Table::codes, {}, [&](bytes_view key, bytes_view code) -> Expected<bool> {
            expect(std::ranges::equal(key, crypto::keccak256(code)), "code does not have the hash that it is stored under", key);
            return go_on("code", ++report_.codes);
        });
    }

    TableReader tables_;
    ChainStore chain_;
    const ProgressCallback& progress_;
    VerifyReport report_;
    HeadRecord head_;
    hash32 state_root_;
    uint256 total_difficulty_;
    std::set<bytes> known_storages_;  ///< address and incarnation
    std::set<hash32> known_codes_;
    std::optional<Error> unreadable_;
};

}  // namespace

Expected<VerifyReport> verify(const kv::Store& store, const ProgressCallback& progress) {
    const auto snapshot = store.snapshot();
    return Verifier(*snapshot, progress).run();
}

}  // namespace weft::db
