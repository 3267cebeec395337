// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/hash.hpp"
#include "weft/base/sync.hpp"
#include "weft/chain/chain_store.hpp"
#include "weft/db/stored_state.hpp"
#include "weft/state/cached_view.hpp"
#include "weft/state/state_commitment.hpp"
#include "weft/trie/node_store.hpp"

#include <boost/unordered/unordered_flat_set.hpp>

#include <algorithm>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

/// The block that became the head last, laid over a database that may not have it yet: for a reader it makes no difference whether the
/// block is being written meanwhile.
namespace weft::chain {

/// A commitment that others may wait for while it is computed. Thread safety: one thread says once what comes of it, any may ask.
class AwaitedCommitment {
  public:
    /// nullopt: it could not be computed, or is not the one that it should be.
    void set(std::optional<state::StateCommitment> commitment);
    /// Null: there is none.
    [[nodiscard]] const state::StateCommitment* await() const;

  private:
    mutable sync::Mutex mutex_;
    mutable sync::ConditionVariable changed_;
    std::optional<state::StateCommitment> commitment_;  // guarded by mutex_ until is_decided_; constant from then on
    bool is_decided_ = false;                           // guarded by mutex_
};

/// A block with everything that is to be written of it.
struct NewestBlock {
    StoredBlock stored;
    std::vector<types::Receipt> receipts;
    std::vector<address> senders;
    state::StateDiff diff;
    hash32 parent_state_root;
    /// To the state after `diff`.
    AwaitedCommitment commitment{};
};

/// The state after a block. Thread safety: any number of threads may read at once. Waits for the commitment to the state in one case: if
/// all slots that the block changes of an account without nonce and code are zero after it, only the root of its storage says whether
/// others are left. Since contracts begin with nonce 1 (EIP-161) there is hardly such an account.
class NewestState final : public state::CachedView {
  public:
    /// `below`: the state at the head of the database, which is `newest` or its parent. Null `newest`: that state itself.
    NewestState(std::unique_ptr<db::StoredState> below, std::shared_ptr<const NewestBlock> newest)
        : below_(std::move(below)), newest_(std::move(newest)) {}

    [[nodiscard]] state::ReadResult<std::optional<state::Account>> account(const address& addr) override;
    [[nodiscard]] state::ReadResult<uint256> storage(const address& addr, const uint256& slot) override;
    [[nodiscard]] state::ReadResult<const state::Code*> code(const hash32& code_hash) override;
    [[nodiscard]] state::ReadResult<hash32> block_hash(uint64_t number) override;

    [[nodiscard]] std::optional<std::optional<state::Account>> account_at_hand(const address& addr) override;
    [[nodiscard]] std::optional<uint256> storage_at_hand(const address& addr, const uint256& slot) override;
    [[nodiscard]] const state::Code* code_at_hand(const hash32& code_hash) override;

    /// The first read of the database that failed.
    [[nodiscard]] std::optional<db::Error> failure() const { return below_->failure(); }

  private:
    /// Null: the block does not change it.
    [[nodiscard]] const state::AccountDiff* change_of(const address& addr) const;
    /// Account::has_storage of an account that exists after that change; nullopt: the change does not say it.
    [[nodiscard]] static std::optional<bool> storage_left_by(const state::AccountDiff& change);
    [[nodiscard]] state::ReadResult<bool> has_storage(const address& addr, const state::AccountDiff& change);
    [[nodiscard]] std::optional<bool> has_storage_at_hand(const address& addr, const state::AccountDiff& change);
    [[nodiscard]] static state::Account changed_account(const state::AccountDiff& change, bool has_storage);
    /// nullopt: the value is that below.
    [[nodiscard]] static std::optional<uint256> changed_slot(const state::AccountDiff& change, const uint256& slot);
    [[nodiscard]] const state::Code* new_code(const hash32& code_hash) const;

    std::unique_ptr<db::StoredState> below_;
    std::shared_ptr<const NewestBlock> newest_;
};

/// The nodes of the tries after a block. Thread safety: any number of threads may read at once.
class NewestNodes final : public trie::NodeReader {
  public:
    /// `below`: the nodes at the head of the database, which is `newest` or its parent; it outlives this. The commitment to the state after
    /// `newest` is waited for; there is one.
    NewestNodes(trie::NodeReader& below, std::shared_ptr<const NewestBlock> newest);
    [[nodiscard]] std::expected<bytes_view, trie::NodeReadError> node(const hash32& owner, trie::nibbles_view path,
                                                                      trie::NodeMemory& memory) override;

  private:
    struct Place {
        const hash32& owner;
        trie::nibbles_view path;
    };
    struct PlaceHash {
        using is_transparent = void;
        size_t operator()(const Place& place) const noexcept {
            return keyed_hash(place.path.data(), place.path.size(), hash_value(place.owner));
        }
        size_t operator()(const trie::NodeChange* change) const noexcept { return (*this)(Place{change->owner, change->path}); }
    };
    struct SamePlace {
        using is_transparent = void;
        bool operator()(const trie::NodeChange* a, const trie::NodeChange* b) const noexcept { return a == b; }
        bool operator()(const Place& place, const trie::NodeChange* change) const noexcept {
            return change->owner == place.owner && std::ranges::equal(change->path, place.path);
        }
    };

    trie::NodeReader& below_;
    std::shared_ptr<const NewestBlock> newest_;
    const trie::NodeChanges* changed_nodes_ = nullptr;  // of newest_
    /// By their places: every read asks here first, also for what the block has not changed.
    boost::unordered_flat_set<const trie::NodeChange*, PlaceHash, SamePlace> changes_;
};

}  // namespace weft::chain
