// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/state/trie_cache.hpp"

#include <utility>

namespace weft::state {

std::unique_ptr<trie::SplitTrie> TrieCache::take_accounts(const hash32& root) {
    ++commitments_;
    if (accounts_ == nullptr || root_ != root) clear();
    return std::exchange(accounts_, nullptr);
}

std::unique_ptr<trie::Trie> TrieCache::take_storage(const hash32& owner, const hash32& root) {
    const auto found = storages_.find(owner);
    if (found == storages_.end()) return nullptr;
    Storage storage = std::move(found->second);
    storages_.erase(found);
    storage_bytes_ -= storage.bytes;
    return storage.root == root ? std::move(storage.trie) : nullptr;
}

void TrieCache::put_storage(const hash32& owner, const hash32& root, std::unique_ptr<trie::Trie> trie) {
    const size_t bytes = sizeof(Storage) + trie->size_in_bytes();
    storages_[owner] = {.root = root, .trie = std::move(trie), .bytes = bytes, .commitment = commitments_};
    storage_bytes_ += bytes;
}

void TrieCache::put_accounts(const hash32& root, std::unique_ptr<trie::SplitTrie> trie) {
    root_ = root;
    accounts_ = std::move(trie);
    trim();
}

size_t TrieCache::size_in_bytes() const noexcept { return storage_bytes_ + (accounts_ != nullptr ? accounts_->size_in_bytes() : 0); }

void TrieCache::trim() {
    if (size_in_bytes() <= capacity_bytes_) return;
    boost::unordered::erase_if(storages_, [this](const auto& entry) {
        if (entry.second.commitment == commitments_) return false;
        storage_bytes_ -= entry.second.bytes;
        return true;
    });
    if (size_in_bytes() > capacity_bytes_) clear();
}

void TrieCache::clear() {
    accounts_.reset();
    storages_.clear();
    storage_bytes_ = 0;
}

}  // namespace weft::state
