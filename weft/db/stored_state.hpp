// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/sync.hpp"
#include "weft/db/flat_state.hpp"
#include "weft/db/records.hpp"
#include "weft/db/shared_cache.hpp"
#include "weft/state/cached_view.hpp"
#include "weft/trie/node_store.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace weft::db {

/// A state out of the database. Every code that it handed out lives as long as it does, so it is made for a block or a request and not
/// kept for long. The database outlives it.
///
/// A read that fails is ReadError::Kind::failed with an ErrorKind as its detail; failure() has the words.
///
/// Thread safety: any number of threads may read at once.
class StoredState : public state::CachedView {
  public:
    [[nodiscard]] state::ReadResult<std::optional<state::Account>> account(const address& addr) override;
    [[nodiscard]] state::ReadResult<uint256> storage(const address& addr, const uint256& slot) override;
    [[nodiscard]] state::ReadResult<const state::Code*> code(const hash32& code_hash) override;
    /// Zero for a block beyond the head.
    [[nodiscard]] state::ReadResult<hash32> block_hash(uint64_t number) override;

    [[nodiscard]] std::optional<std::optional<state::Account>> account_at_hand(const address& addr) override;
    [[nodiscard]] std::optional<uint256> storage_at_hand(const address& addr, const uint256& slot) override;
    [[nodiscard]] const state::Code* code_at_hand(const hash32& code_hash) override;

    /// The first read that failed.
    [[nodiscard]] std::optional<Error> failure() const;

  protected:
    StoredState(const kv::Reader& reader, CodeCache& codes) : tables_(reader), codes_(codes) {}

    [[nodiscard]] virtual Expected<std::optional<AccountRecord>> record(const address& addr) = 0;
    [[nodiscard]] virtual Expected<uint256> value(const SlotKey& key) = 0;
    /// What a cache has of these; nullopt: nothing.
    [[nodiscard]] virtual std::optional<std::optional<AccountRecord>> cached_record(const address& /*addr*/) { return std::nullopt; }
    [[nodiscard]] virtual std::optional<uint256> cached_value(const SlotKey& /*key*/) { return std::nullopt; }

    [[nodiscard]] const TableReader& tables() const noexcept { return tables_; }

  private:
    const state::Code* hand_out(const hash32& code_hash, std::shared_ptr<const state::Code> code);
    std::unexpected<state::ReadError> failed(const Error& error);

    TableReader tables_;
    CodeCache& codes_;
    mutable sync::SpinLock lock_;
    std::optional<Error> failure_;  // guarded by lock_
    // guarded by lock_
    boost::unordered_flat_map<hash32, std::shared_ptr<const state::Code>, std::hash<hash32>> handed_out_;
};

/// The state at the head. It changes when the head does: nobody executes on it across a commit of what they read.
class HeadState final : public StoredState {
  public:
    HeadState(const kv::Reader& reader, CodeCache& codes, FlatState& flat) : StoredState(reader, codes), flat_(flat) {}

  protected:
    Expected<std::optional<AccountRecord>> record(const address& addr) override { return flat_.account(addr); }
    Expected<uint256> value(const SlotKey& key) override { return flat_.slot(key); }
    std::optional<std::optional<AccountRecord>> cached_record(const address& addr) override { return flat_.cached_account(addr); }
    std::optional<uint256> cached_value(const SlotKey& key) override { return flat_.cached_slot(key); }

  private:
    FlatState& flat_;
};

/// The state after a block that may not be the head any more. It stays as it is, whatever is committed meanwhile.
class PastState final : public StoredState {
  public:
    /// What later blocks replaced.
    struct LaterBlocks {
        /// Whether there are entries of the first ones in the history tables. If so, of all until those of `records`.
        bool are_indexed = false;
        /// Of the others, in their order.
        std::vector<std::shared_ptr<const UndoRecord>> records;
    };
    /// `snapshot`: of a database whose history goes back to `number`.
    PastState(std::unique_ptr<kv::Reader> snapshot, CodeCache& codes, uint64_t number, LaterBlocks later)
        : StoredState(*snapshot, codes), snapshot_(std::move(snapshot)), number_(number), later_(std::move(later)) {}

  protected:
    Expected<std::optional<AccountRecord>> record(const address& addr) override;
    Expected<uint256> value(const SlotKey& key) override;

  private:
    /// The value before the first later block that is indexed and changed it; nullopt: none did.
    [[nodiscard]] Expected<std::optional<bytes>> before_next_change(Table history, const Key& key) const;

    std::unique_ptr<kv::Reader> snapshot_;
    uint64_t number_;
    LaterBlocks later_;
};

/// The nodes of the tries at the head. The detail of an error is an ErrorKind.
class StoredNodes final : public trie::NodeReader {
  public:
    explicit StoredNodes(const kv::Reader& reader) : tables_(reader) {}
    [[nodiscard]] std::expected<bytes_view, trie::NodeReadError> node(const hash32& owner, trie::nibbles_view path,
                                                                      trie::NodeMemory& memory) override;

  private:
    TableReader tables_;
};

}  // namespace weft::db
