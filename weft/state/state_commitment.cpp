// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/state/state_commitment.hpp"

#include "weft/base/assert.hpp"
#include "weft/base/sync.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/trie/account.hpp"
#include "weft/trie/split_trie.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <iterator>
#include <memory>
#include <new>
#include <optional>
#include <ranges>
#include <span>

namespace weft::state {

namespace {

using trie::SplitTrie;
using trie::Trie;
using trie::TrieError;
using trie::TrieResult;

/// A storage trie with so many changes is worth being changed in parts.
constexpr size_t kSlotsOfLargeTrie = 1024;

/// An account that changes.
struct ChangedAccount {
    address addr;
    const AccountDiff* diff = nullptr;
    hash32 key;
    std::span<const hash32> slot_keys;
    bool is_in_trie = false;
    /// As it is to be.
    bool is_put = false;
    /// All nodes that the store has of its storage go.
    bool is_wiped = false;
    /// Before its slots are changed, then after.
    hash32 storage_root = trie::kEmptyRoot;
    std::vector<trie::NodeChange> storage_changes;
    struct LargeStorage {
        SplitTrie trie;
        /// By the first nibbles of their keys: numbers of slots.
        std::array<std::vector<uint32_t>, SplitTrie::kParts> slots;
    };
    std::unique_ptr<LargeStorage> large_storage;
    /// Of a storage of usual size.
    std::unique_ptr<Trie> storage;
};

/// By the first bytes of their keys, which decide nearly always.
void sort_by_key(std::vector<ChangedAccount*>& accounts) {
    struct Entry {
        uint64_t beginning;
        ChangedAccount* account;
    };
    std::vector<Entry> order;
    order.reserve(accounts.size());
    for (ChangedAccount* account : accounts) order.push_back({.beginning = to_uint256(account->key).w[3], .account = account});
    std::ranges::sort(order, [](const Entry& a, const Entry& b) {
        return a.beginning != b.beginning ? a.beginning < b.beginning : a.account->key < b.account->key;
    });
    std::ranges::transform(order, accounts.begin(), &Entry::account);
}

class Committer {
  public:
    Committer(const StateDiff& diff, trie::NodeReader& nodes, Crew& crew, TrieCache* cache) : nodes_(nodes), crew_(crew), cache_(cache) {
        accounts_.reserve(diff.accounts.size());
        for (const auto& [addr, change] : diff.accounts) {
            ChangedAccount& account = accounts_.emplace_back();
            account.addr = addr;
            account.diff = &change;
        }
    }

    TrieResult<StateCommitment> run(const hash32& root);

  private:
    /// A group of storage tries, or a part of a large one.
    struct StorageWork {
        std::span<ChangedAccount* const> group;
        ChangedAccount* large = nullptr;
        uint8_t nibble = 0;
    };

    template <typename Part>
    TrieResult<void> run_parts(size_t count, const Part& part);
    void hash_keys();
    [[nodiscard]] TrieResult<std::unique_ptr<SplitTrie>> open_accounts(const hash32& root);
    void open_storage(ChangedAccount& account);
    TrieResult<void> look_up(uint8_t nibble, SplitTrie& trie);
    TrieResult<void> change_storage();
    [[nodiscard]] TrieResult<std::vector<StorageWork>> storage_work();
    TrieResult<void> change_storage_of(std::span<ChangedAccount* const> group, trie::NodeMemory& memory);
    void hash(SplitTrie& trie, size_t changes);
    template <typename Slots>
    static TrieResult<void> put_slots(const ChangedAccount& account, Trie& storage, const Slots& slots);
    static bytes_view leaf_of(const ChangedAccount& account, std::span<uint8_t, trie::kLongestAccount> room) noexcept;
    TrieResult<void> put_accounts(uint8_t nibble, Trie& part);
    TrieResult<StateCommitment> change_accounts(SplitTrie& trie);
    void collect(StateCommitment& result);
    void keep_tries(const hash32& root, std::unique_ptr<SplitTrie> accounts);

    trie::NodeReader& nodes_;
    Crew& crew_;
    TrieCache* cache_;  ///< Null: there is none.
    std::vector<ChangedAccount> accounts_;
    std::vector<hash32> keys_;
    /// The accounts whose keys begin with a nibble; in the order of keys once they are looked up.
    std::array<std::vector<ChangedAccount*>, SplitTrie::kParts> by_nibble_;
    /// Those with a storage trie of usual size to change, in the order of keys, and those with a large one.
    std::vector<ChangedAccount*> with_storage_;
    std::vector<ChangedAccount*> with_large_storage_;
    /// What changes of storage tries lie in.
    std::vector<trie::NodeMemory> memories_;
};

/// Calls part(i) for every i below `count` on all threads there are, and gives the error of the first part that failed.
template <typename Part>
TrieResult<void> Committer::run_parts(size_t count, const Part& part) {
    std::vector<TrieResult<void>> results(count);
    sync::Atomic<bool> out_of_memory{false};
    crew_.run(count, [&](size_t i) {
        try {
            results[i] = part(i);
        } catch (const std::bad_alloc&) {
            out_of_memory = true;
        }
    });
    if (out_of_memory) throw std::bad_alloc();
    const auto failed = std::ranges::find_if(results, [](const auto& result) { return !result.has_value(); });
    return failed == results.end() ? TrieResult<void>{} : *failed;
}

/// The keys of all accounts and slots.
void Committer::hash_keys() {
    std::vector<hash32> slots;
    for (const ChangedAccount& account : accounts_)
        for (const SlotValue& slot : account.diff->slots) slots.push_back(to_hash32(slot.slot));
    const size_t count = accounts_.size() + slots.size();
    keys_.resize(count);
    const size_t size_of_part = std::max<size_t>(256, (count + Crew::kMostParts - 1) / Crew::kMostParts);
    const size_t parts = (count + size_of_part - 1) / size_of_part;
    const auto hashed = run_parts(parts, [&](size_t part) -> TrieResult<void> {
        const size_t begin = part * size_of_part;
        const size_t end = std::min(count, begin + size_of_part);
        std::vector<bytes_view> messages;
        messages.reserve(end - begin);
        for (size_t i = begin; i < end; ++i)
            messages.push_back(i < accounts_.size() ? bytes_view{accounts_[i].addr} : bytes_view{slots[i - accounts_.size()]});
        crypto::keccak256_batch(messages, std::span{keys_}.subspan(begin, end - begin));
        return {};
    });
    WEFT_ASSERT(hashed.has_value());
    size_t next_slot = accounts_.size();
    for (size_t i = 0; i < accounts_.size(); ++i) {
        accounts_[i].key = keys_[i];
        accounts_[i].slot_keys = std::span{keys_}.subspan(next_slot, accounts_[i].diff->slots.size());
        next_slot += accounts_[i].slot_keys.size();
        by_nibble_[keys_[i][0] >> 4].push_back(&accounts_[i]);
    }
}

TrieResult<std::unique_ptr<SplitTrie>> Committer::open_accounts(const hash32& root) {
    auto known = cache_ != nullptr ? cache_->take_accounts(root) : nullptr;
    if (known != nullptr && known->reopen(nodes_)) return known;
    auto opened = SplitTrie::open(root, trie::kAccountTrie, nodes_);
    if (!opened) return std::unexpected(opened.error());
    return std::make_unique<SplitTrie>(*std::move(opened));
}

void Committer::open_storage(ChangedAccount& account) {
    account.storage = cache_ != nullptr ? cache_->take_storage(account.key, account.storage_root) : nullptr;
    if (account.storage != nullptr)
        account.storage->read_from(nodes_);
    else
        account.storage = std::make_unique<Trie>(Trie::from_store(account.storage_root, account.key, nodes_));
}

/// Finds out what the trie says of the accounts of a part, and puts those whose storage stays as it is found.
TrieResult<void> Committer::look_up(uint8_t nibble, SplitTrie& trie) {
    sort_by_key(by_nibble_[nibble]);
    Trie& part = trie.part(nibble);
    Trie::Spot spot;
    std::array<uint8_t, trie::kLongestAccount> room;
    for (ChangedAccount* account : by_nibble_[nibble]) {
        if (const auto located = part.locate(account->key, spot); !located) return located;
        if (const bytes_view leaf = spot.value(); !leaf.empty()) {
            const auto decoded = trie::decode_account(leaf);
            if (!decoded) return std::unexpected(TrieError{.kind = TrieError::Kind::malformed_node, .node = {}});
            account->is_in_trie = true;
            const bool loses_storage = !account->diff->account || account->diff->storage_wiped;
            account->is_wiped = loses_storage && decoded->storage_root != trie::kEmptyRoot;
            if (!loses_storage) account->storage_root = decoded->storage_root;
        }
        if (!account->diff->account || !account->slot_keys.empty()) continue;
        part.put(spot, leaf_of(*account, room));
        account->is_put = true;
    }
    return {};
}

/// Storage tries are grouped so that a part is worth taking, and there are not too many.
TrieResult<std::vector<Committer::StorageWork>> Committer::storage_work() {
    size_t slots = 0;
    for (const auto& part : by_nibble_) {
        for (ChangedAccount* account : part) {
            if (!account->diff->account || account->slot_keys.empty()) continue;
            const bool is_large = account->slot_keys.size() >= kSlotsOfLargeTrie;
            (is_large ? with_large_storage_ : with_storage_).push_back(account);
            if (is_large) continue;
            open_storage(*account);
            slots += account->slot_keys.size();
        }
    }
    std::vector<StorageWork> work;
    for (ChangedAccount* account : with_large_storage_) {
        auto opened = SplitTrie::open(account->storage_root, account->key, nodes_);
        if (!opened) return std::unexpected(opened.error());
        account->large_storage = std::make_unique<ChangedAccount::LargeStorage>(*std::move(opened));
        for (uint32_t slot = 0; slot < account->slot_keys.size(); ++slot)
            account->large_storage->slots[account->slot_keys[slot][0] >> 4].push_back(slot);
        for (uint8_t nibble = 0; nibble < SplitTrie::kParts; ++nibble) work.push_back({.group = {}, .large = account, .nibble = nibble});
    }
    constexpr size_t kMostGroups = 4096;
    const size_t weight_of_group = std::max<size_t>(64, (slots + with_storage_.size()) / kMostGroups);
    size_t begin = 0;
    size_t weight = 0;
    for (size_t i = 0; i < with_storage_.size(); ++i) {
        weight += 1 + with_storage_[i]->slot_keys.size();
        if (weight < weight_of_group && i + 1 < with_storage_.size()) continue;
        work.push_back({.group = std::span{with_storage_}.subspan(begin, i + 1 - begin)});
        begin = i + 1;
        weight = 0;
    }
    return work;
}

TrieResult<void> Committer::change_storage() {
    const auto work = storage_work();
    if (!work) return std::unexpected(work.error());
    memories_.resize(work->size());
    // More than a crew takes at once where very many large tries change.
    for (size_t begin = 0; begin < work->size(); begin += Crew::kMostParts) {
        const size_t count = std::min(Crew::kMostParts, work->size() - begin);
        const auto changed = run_parts(count, [&](size_t i) -> TrieResult<void> {
            const StorageWork& piece = (*work)[begin + i];
            if (piece.large == nullptr) return change_storage_of(piece.group, memories_[begin + i]);
            ChangedAccount::LargeStorage& storage = *piece.large->large_storage;
            return put_slots(*piece.large, storage.trie.part(piece.nibble), storage.slots[piece.nibble]);
        });
        if (!changed) return changed;
    }
    for (ChangedAccount* account : with_large_storage_) {
        SplitTrie& storage = account->large_storage->trie;
        if (const auto joined = storage.join(); !joined) return joined;
        hash(storage, account->slot_keys.size());
        trie::NodeChanges changes;
        account->storage_root = storage.finish(changes);
        account->storage_changes = std::move(changes.changes);
        memories_.push_back(std::move(*changes.memory));
        account->large_storage.reset();
    }
    return {};
}

TrieResult<void> Committer::change_storage_of(std::span<ChangedAccount* const> group, trie::NodeMemory& memory) {
    std::vector<Trie*> tries;
    tries.reserve(group.size());
    std::vector<Trie::Listing> listings;
    listings.reserve(group.size());
    for (const ChangedAccount* account : group) tries.push_back(account->storage.get());
    if (const auto read = Trie::read_roots(tries); !read) return read;
    for (size_t i = 0; i < group.size(); ++i) {
        const auto all_slots = std::views::iota(uint32_t{0}, static_cast<uint32_t>(group[i]->slot_keys.size()));
        if (const auto put = put_slots(*group[i], *tries[i], all_slots); !put) return put;
        listings.push_back({.trie = tries[i], .owner = group[i]->key, .changes = &group[i]->storage_changes});
    }
    Trie::list_changes(listings, memory);
    for (size_t i = 0; i < group.size(); ++i) {
        group[i]->storage_root = listings[i].root;
        if (cache_ == nullptr) group[i]->storage.reset();
    }
    return {};
}

/// Hashes what `changes` of its keys changed: of many parts at a time where there is little in each, so that lanes of Keccak are full.
void Committer::hash(SplitTrie& trie, size_t changes) {
    constexpr size_t kWorthAPart = 64;
    const size_t groups = std::bit_floor(std::clamp<size_t>(changes / kWorthAPart, 1, SplitTrie::kParts));
    const size_t parts = SplitTrie::kParts / groups;
    const auto hashed = run_parts(groups, [&](size_t i) -> TrieResult<void> {
        trie.hash_parts(static_cast<uint8_t>(i * parts), static_cast<uint8_t>(parts));
        return {};
    });
    WEFT_ASSERT(hashed.has_value());
}

/// Changes the slots of an account that have these numbers. What comes is put before what goes is erased: a branch that
/// keeps two children needs none of them read.
template <typename Slots>
TrieResult<void> Committer::put_slots(const ChangedAccount& account, Trie& storage, const Slots& slots) {
    std::array<uint8_t, trie::kLongestStorageValue> room;
    for (const bool erases : {false, true}) {
        for (const uint32_t i : slots) {
            const hash32& key = account.slot_keys[i];
            const uint256& value = account.diff->slots[i].value;
            if (value.is_zero() != erases) continue;
            const auto done = erases ? storage.erase(key) : storage.put(key, trie::encode_storage_value(value, room));
            if (!done) return done;
        }
    }
    return {};
}

/// The value of the leaf of an account that exists afterwards and whose storage root is known.
bytes_view Committer::leaf_of(const ChangedAccount& account, std::span<uint8_t, trie::kLongestAccount> room) noexcept {
    const Account& now = *account.diff->account;
    return trie::encode_account(
        {.nonce = now.nonce, .balance = now.balance, .storage_root = account.storage_root, .code_hash = now.code_hash}, room);
}

/// Puts the accounts of a part that look_up() has not put, then erases those that are gone.
TrieResult<void> Committer::put_accounts(uint8_t nibble, Trie& part) {
    std::array<uint8_t, trie::kLongestAccount> room;
    for (const ChangedAccount* account : by_nibble_[nibble]) {
        if (!account->diff->account || account->is_put) continue;
        if (const auto put = part.put(account->key, leaf_of(*account, room)); !put) return put;
    }
    for (const ChangedAccount* account : by_nibble_[nibble]) {
        if (account->diff->account || !account->is_in_trie) continue;
        if (const auto erased = part.erase(account->key); !erased) return erased;
    }
    return {};
}

TrieResult<StateCommitment> Committer::change_accounts(SplitTrie& trie) {
    const auto put = run_parts(SplitTrie::kParts, [&](size_t i) {
        const auto nibble = static_cast<uint8_t>(i);
        return put_accounts(nibble, trie.part(nibble));
    });
    if (!put) return std::unexpected(put.error());
    if (const auto joined = trie.join(); !joined) return std::unexpected(joined.error());
    hash(trie, accounts_.size());
    StateCommitment result;
    result.root = trie.finish(result.nodes);
    return result;
}

/// Adds what changed in storage tries, in the order of their owners.
void Committer::collect(StateCommitment& result) {
    size_t count = result.nodes.changes.size();
    result.storage_roots.reserve(accounts_.size());
    for (const ChangedAccount& account : accounts_) {
        count += account.storage_changes.size();
        if (account.diff->account) result.storage_roots.emplace_back(account.addr, account.storage_root);
    }
    result.nodes.changes.reserve(count);
    for (const auto& part : by_nibble_) {
        for (ChangedAccount* account : part) {
            if (account->is_wiped) result.nodes.wiped_owners.push_back(account->key);
            std::ranges::copy(account->storage_changes, std::back_inserter(result.nodes.changes));
        }
    }
    for (trie::NodeMemory& memory : memories_) result.nodes.memory->take_over(std::move(memory));
}

TrieResult<StateCommitment> Committer::run(const hash32& root) {
    if (accounts_.empty()) return StateCommitment{.root = root, .nodes = {}, .storage_roots = {}};
    hash_keys();
    auto opened = open_accounts(root);
    if (!opened) return std::unexpected(opened.error());
    SplitTrie& trie = **opened;
    const auto found = run_parts(SplitTrie::kParts, [&](size_t nibble) { return look_up(static_cast<uint8_t>(nibble), trie); });
    if (!found) return std::unexpected(found.error());
    if (const auto changed = change_storage(); !changed) return std::unexpected(changed.error());
    auto result = change_accounts(trie);
    if (!result) return result;
    collect(*result);
    if (cache_ != nullptr) keep_tries(result->root, *std::move(opened));
    return result;
}

void Committer::keep_tries(const hash32& root, std::unique_ptr<SplitTrie> accounts) {
    for (ChangedAccount* account : with_storage_) cache_->put_storage(account->key, account->storage_root, std::move(account->storage));
    for (const ChangedAccount* account : with_large_storage_) (void)cache_->take_storage(account->key, account->storage_root);
    cache_->put_accounts(root, std::move(accounts));
}

}  // namespace

TrieResult<StateCommitment> commit(const StateDiff& diff, const hash32& root, trie::NodeReader& nodes, Crew& crew, TrieCache* cache) {
    return Committer{diff, nodes, crew, cache}.run(root);
}

TrieResult<StateCommitment> commit(const StateDiff& diff, const hash32& root, trie::NodeReader& nodes, ThreadPool& pool, unsigned threads,
                                   TrieCache* cache) {
    Crew crew;
    crew.assemble();
    std::optional<TrieResult<StateCommitment>> result;
    pool.run(threads, [&](unsigned worker) {
        if (worker != 0) return crew.help();
        try {
            result = commit(diff, root, nodes, crew, cache);
        } catch (const std::bad_alloc&) {
            result.reset();
        }
        crew.dismiss();
    });
    if (!result) throw std::bad_alloc();
    return *std::move(result);
}

}  // namespace weft::state
