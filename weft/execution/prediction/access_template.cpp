// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/prediction/access_template.hpp"

#include "weft/crypto/keccak.hpp"

#include <algorithm>
#include <span>

namespace weft::execution::prediction {

namespace {

using Kind = Source::Kind;

constexpr size_t kSelectorSize = 4;
constexpr size_t kWordSize = 32;

bool is_address(const uint256& word) noexcept { return word.w[3] == 0 && word.w[2] >> 32 == 0; }

/// A number as compilers give it to a variable.
bool is_place_of_variable(const uint256& word) noexcept { return word.fits_u64() && word.w[0] >> 16 == 0; }

uint256 hash_of(const uint256& first, const uint256& second) noexcept {
    std::array<uint8_t, 2 * kWordSize> data;
    store_be(data.data(), first);
    store_be(data.data() + kWordSize, second);
    return to_uint256(crypto::keccak256(data));
}

std::optional<uint256> word_of(const Source& source, const Call& call) {
    switch (source.kind) {
        case Kind::sender:
            return call.sender();
        case Kind::recipient:
            return call.recipient();
        case Kind::argument:
            if (source.argument < call.arguments()) return call.argument(source.argument);
            return std::nullopt;
        case Kind::constant:
            break;
    }
    return std::nullopt;
}

/// Finds what may be behind the slots of one transaction.
class Finder {
  public:
    Finder(const Call& call, std::span<const evm::HashedPair> pairs) : call_(call), pairs_(pairs.begin(), pairs.end()) {
        std::ranges::sort(pairs_, {}, &evm::HashedPair::hash);
    }

    /// Where the word may come from.
    [[nodiscard]] std::vector<Source> sources_of(const uint256& word) const {
        std::vector<Source> sources;
        // Zero is everywhere.
        if (word.is_zero()) return sources;
        if (word == call_.sender()) sources.push_back({.kind = Kind::sender});
        if (word == call_.recipient()) sources.push_back({.kind = Kind::recipient});
        for (uint8_t i = 0; i < call_.arguments(); ++i)
            if (word == call_.argument(i)) sources.push_back({.kind = Kind::argument, .argument = i});
        return sources;
    }

    [[nodiscard]] std::vector<SlotTemplate> slot_templates_of(const uint256& slot) const {
        std::vector<SlotTemplate> found;
        if (const evm::HashedPair* pair = pair_before(slot)) {
            for (const bool constant_first : {false, true}) add_mappings(*pair, constant_first, found);
            for (SlotTemplate& mapping : found) mapping.offset = static_cast<uint8_t>((slot - pair->hash).w[0]);
        }
        if (found.empty()) found.push_back({.constant = slot});
        return found;
    }

  private:
    /// The hash that the slot is, or that it stands a few fields behind.
    [[nodiscard]] const evm::HashedPair* pair_before(const uint256& slot) const {
        const auto after = std::ranges::upper_bound(pairs_, slot, {}, &evm::HashedPair::hash);
        if (after == pairs_.begin()) return nullptr;
        const evm::HashedPair& pair = *(after - 1);
        return slot - pair.hash < SlotTemplate::kMostFields ? &pair : nullptr;
    }

    void add_mappings(const evm::HashedPair& pair, bool constant_first, std::vector<SlotTemplate>& found) const {
        const uint256& base = constant_first ? pair.first : pair.second;
        const std::vector<Source> keys = sources_of(constant_first ? pair.second : pair.first);
        if (keys.empty()) return;
        const auto inner = std::ranges::lower_bound(pairs_, base, {}, &evm::HashedPair::hash);
        if (inner == pairs_.end() || inner->hash != base) {
            // Of the two orders only one makes sense when neither part is the place of a variable.
            if (constant_first && !is_place_of_variable(base)) return;
            for (const Source& key : keys)
                found.push_back({.constant = base, .keys = {key}, .key_count = 1, .constant_first = constant_first});
            return;
        }
        const uint256& constant = constant_first ? inner->first : inner->second;
        if (!is_place_of_variable(constant)) return;
        for (const Source& first : sources_of(constant_first ? inner->second : inner->first))
            for (const Source& second : keys)
                found.push_back({.constant = constant, .keys = {first, second}, .key_count = 2, .constant_first = constant_first});
    }

    const Call& call_;
    std::vector<evm::HashedPair> pairs_;  // sorted by hash
};

}  // namespace

Call::Call(const types::Transaction& transaction, const address& sender)
    : sender_(to_uint256(sender)), recipient_(to_uint256(transaction.to.value_or(address{}))) {
    const bytes_view data = transaction.data;
    if (data.size() < kSelectorSize) return;
    selector_ = from_be(data.first(kSelectorSize)).w[0];
    for (size_t at = kSelectorSize; at + kWordSize <= data.size() && arguments_.size() < kMostArguments; at += kWordSize)
        arguments_.push_back(load_be(data.data() + at));
}

std::optional<Access> AccessTemplate::location_for(const Call& call) const {
    Access access{.account = constant_account, .slot = slot.constant, .is_write = false};
    if (account.kind != Kind::constant) {
        const auto word = word_of(account, call);
        if (!word || !is_address(*word)) return std::nullopt;
        access.account = to_address(*word);
    }
    for (uint8_t i = 0; i < slot.key_count; ++i) {
        const auto key = word_of(slot.keys[i], call);
        if (!key) return std::nullopt;
        access.slot = slot.constant_first ? hash_of(*access.slot, *key) : hash_of(*key, *access.slot);
    }
    *access.slot += uint256{slot.offset};
    return access;
}

bool AccessTemplate::is_particular() const noexcept {
    return account.kind == Kind::constant || (slot.key_count == 0 && !is_place_of_variable(slot.constant));
}

std::vector<Candidate> templates_of(const Call& call, const AccessRecord::Entry& observed, size_t most) {
    const Finder finder(call, observed.hashed_pairs);
    std::vector<Candidate> found;
    const address recipient = to_address(call.recipient());
    for (const Access& access : observed.accesses) {
        if (!access.slot) continue;
        std::vector<Source> accounts = finder.sources_of(to_uint256(access.account));
        if (access.account != recipient) accounts.push_back({.kind = Kind::constant});
        const std::vector<SlotTemplate> slots = finder.slot_templates_of(*access.slot);
        for (const Source& account : accounts) {
            for (const SlotTemplate& slot : slots) {
                if (found.size() == most) return found;
                const address constant = account.kind == Kind::constant ? access.account : address{};
                found.push_back({.what = {.account = account, .constant_account = constant, .slot = slot}, .is_write = access.is_write});
            }
        }
    }
    return found;
}

}  // namespace weft::execution::prediction
