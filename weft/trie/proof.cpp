// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/trie/proof.hpp"

#include "weft/crypto/keccak.hpp"
#include "weft/trie/trie.hpp"

#include <memory>
#include <utility>

namespace weft::trie {

namespace {

/// The nodes of a proof, each of which has to be the one that is asked for next.
class ProofSource final : public NodeSource {
  public:
    explicit ProofSource(std::span<const bytes> proof) noexcept : rest_(proof) {}

    [[nodiscard]] TrieResult<bytes_view> node(const hash32& name, nibbles_view /*path*/) override {
        if (rest_.empty()) return std::unexpected(TrieError{TrieError::Kind::missing_node, name});
        const bytes& next = rest_.front();
        if (crypto::keccak256(next) != name) {
            has_wrong_node_ = true;
            return std::unexpected(TrieError{TrieError::Kind::missing_node, name});
        }
        rest_ = rest_.subspan(1);
        return next;
    }
    [[nodiscard]] bool is_used_up() const noexcept { return rest_.empty(); }

    [[nodiscard]] ProofError error_of(const TrieError& error) const noexcept {
        if (error.kind != TrieError::Kind::missing_node) return ProofError::malformed_node;
        return has_wrong_node_ ? ProofError::wrong_node : ProofError::missing_node;
    }

  private:
    std::span<const bytes> rest_;
    bool has_wrong_node_ = false;
};

/// The nodes of a kept trie, and a copy of each that was asked for, in that order.
class CopyingSource final : public NodeSource {
  public:
    CopyingSource(const hash32& owner, NodeReader& reader) noexcept : nodes_(owner, reader) {}

    [[nodiscard]] TrieResult<bytes_view> node(const hash32& name, nibbles_view path) override {
        const auto encoded = nodes_.node(name, path);
        if (encoded) copies_.emplace_back(encoded->begin(), encoded->end());
        return encoded;
    }
    [[nodiscard]] Proof take_copies() noexcept { return std::move(copies_); }

  private:
    StoreSource nodes_;
    Proof copies_;
};

struct Proven {
    std::optional<bytes> value;
    Proof proof;
};

TrieResult<Proven> look_up(const hash32& root, const hash32& owner, bytes_view key, NodeReader& reader) {
    auto source = std::make_unique<CopyingSource>(owner, reader);
    CopyingSource& nodes = *source;
    Trie trie = Trie::from_source(root, std::move(source));
    auto value = trie.get(key);
    if (!value) return std::unexpected(value.error());
    return Proven{.value = *std::move(value), .proof = nodes.take_copies()};
}

std::unexpected<TrieError> malformed_value() { return std::unexpected(TrieError{.kind = TrieError::Kind::malformed_node, .node = {}}); }

hash32 key_of(const uint256& slot) { return crypto::keccak256(to_hash32(slot)); }

}  // namespace

TrieResult<Proof> prove(const hash32& root, const hash32& owner, bytes_view key, NodeReader& reader) {
    auto proven = look_up(root, owner, key, reader);
    if (!proven) return std::unexpected(proven.error());
    return std::move(proven->proof);
}

std::expected<std::optional<bytes>, ProofError> verify(const hash32& root, bytes_view key, std::span<const bytes> proof) {
    auto source = std::make_unique<ProofSource>(proof);
    const ProofSource& nodes = *source;
    Trie trie = Trie::from_source(root, std::move(source));
    auto value = trie.get(key);
    if (!value) return std::unexpected(nodes.error_of(value.error()));
    if (!nodes.is_used_up()) return std::unexpected(ProofError::needless_node);
    return *std::move(value);
}

std::expected<std::optional<TrieAccount>, ProofError> verify_account(const hash32& state_root, const address& addr,
                                                                     std::span<const bytes> proof) {
    const auto leaf = verify(state_root, crypto::keccak256(addr), proof);
    if (!leaf) return std::unexpected(leaf.error());
    if (!*leaf) return std::nullopt;
    const auto account = decode_account(**leaf);
    if (!account) return std::unexpected(ProofError::malformed_leaf);
    return *account;
}

std::expected<uint256, ProofError> verify_storage(const hash32& storage_root, const uint256& slot, std::span<const bytes> proof) {
    const auto leaf = verify(storage_root, key_of(slot), proof);
    if (!leaf) return std::unexpected(leaf.error());
    if (!*leaf) return uint256{};
    const auto value = decode_storage_value(**leaf);
    if (!value || value->is_zero()) return std::unexpected(ProofError::malformed_leaf);
    return *value;
}

TrieResult<AccountProof> prove_account(const hash32& state_root, const address& addr, std::span<const uint256> slots, NodeReader& reader) {
    const hash32 owner = crypto::keccak256(addr);
    auto leaf = look_up(state_root, kAccountTrie, owner, reader);
    if (!leaf) return std::unexpected(leaf.error());
    AccountProof result{.account = std::nullopt, .proof = std::move(leaf->proof), .slots = {}};
    if (leaf->value) {
        const auto account = decode_account(*leaf->value);
        if (!account) return malformed_value();
        result.account = *account;
    }
    const hash32 storage_root = result.account.value_or(TrieAccount{}).storage_root;
    for (const uint256& slot : slots) {
        auto word = look_up(storage_root, owner, key_of(slot), reader);
        if (!word) return std::unexpected(word.error());
        uint256 value;
        if (word->value) {
            const auto decoded = decode_storage_value(*word->value);
            if (!decoded) return malformed_value();
            value = *decoded;
        }
        result.slots.push_back({.slot = slot, .value = value, .proof = std::move(word->proof)});
    }
    return result;
}

}  // namespace weft::trie
