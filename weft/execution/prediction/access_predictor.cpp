// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/prediction/access_predictor.hpp"

#include <algorithm>
#include <functional>
#include <iterator>
#include <map>
#include <tuple>

namespace weft::execution::prediction {

namespace {

/// Neither small numbers nor amounts nor hashes.
bool looks_like_address(const uint256& word) noexcept { return word.w[3] == 0 && word.w[2] >> 32 == 0 && word.w[2] != 0; }

hash32 to_word(const address& addr) noexcept { return to_hash32(to_uint256(addr)); }

/// One entry for each location; a write remains one.
void unite(std::vector<Access>& accesses) {
    const auto key = [](const Access& access) { return std::tuple(access.account, access.slot.has_value(), access.slot.value_or(0)); };
    std::ranges::sort(accesses, {}, [&](const Access& access) { return std::tuple(key(access), !access.is_write); });
    const auto repeated = std::ranges::unique(accesses, {}, key);
    accesses.erase(repeated.begin(), repeated.end());
}

}  // namespace

AccessPredictor::Function AccessPredictor::function_of(const address& contract, const Call& call) {
    return {.scope = Scope::contract, .argument_value = {}, .contract_or_code = to_word(contract), .selector = call.selector()};
}

AccessPredictor::Function AccessPredictor::function_of(const hash32& code_hash, const Call& call) {
    return {.scope = Scope::code, .argument_value = {}, .contract_or_code = code_hash, .selector = call.selector()};
}

/// The calls among those of `function` that have the same argument there.
std::optional<AccessPredictor::Function> AccessPredictor::with_argument(const Function& function, const Call& call, uint8_t i) {
    const uint256& value = call.argument(i);
    if (!looks_like_address(value) || value == call.sender() || value == call.recipient()) return std::nullopt;
    Function particular = function;
    particular.scope = Scope::argument;
    particular.argument = i;
    particular.argument_value = value;
    return particular;
}

// ---- Learning ----

void AccessPredictor::learn(const BlockInput& block, const AccessRecord& record) {
    ++blocks_;
    for (size_t i = 0; i < block.transactions.size(); ++i) {
        const types::Transaction& transaction = block.transactions[i];
        const AccessRecord::Entry& observed = record.entries()[i];
        if (!transaction.to || !block.senders[i] || observed.code_hash == state::kEmptyCodeHash) continue;
        const Call call(transaction, *block.senders[i]);
        const std::vector<Candidate> candidates = templates_of(call, observed, kMostCandidates);
        const Function function = function_of(*transaction.to, call);
        confirm(function, candidates);
        confirm(function_of(observed.code_hash, call), candidates);

        std::vector<Candidate> particular;
        std::ranges::copy_if(candidates, std::back_inserter(particular), [](const Candidate& c) { return c.what.is_particular(); });
        for (uint8_t argument = 0; argument < call.arguments(); ++argument) {
            const auto narrower = with_argument(function, call, argument);
            if (narrower && (!particular.empty() || histories_.contains(*narrower))) confirm(*narrower, particular);
        }
    }
    if (size_ > most_) forget_old();
}

/// Whether there is room for one more template, or can be made.
bool AccessPredictor::has_room(History& history) {
    if (history.templates.size() < kMostTemplates) return true;
    constexpr uint32_t kHardlyEver = 8;
    std::erase_if(history.templates, [&](const Known& known) { return known.hits < history.calls / kHardlyEver; });
    return history.templates.size() < kMostTemplates;
}

void AccessPredictor::confirm(const Function& function, const std::vector<Candidate>& candidates) {
    const auto [at, is_new] = histories_.try_emplace(function);
    History& history = at->second;
    if (!is_new) size_ -= history.size();
    history.last_block = blocks_;
    for (const Candidate& candidate : candidates) {
        auto known = std::ranges::find(history.templates, candidate.what, &Known::what);
        if (known == history.templates.end()) {
            if (!has_room(history)) continue;
            history.templates.push_back({.what = candidate.what});
            known = std::prev(history.templates.end());
        }
        ++known->hits;
        known->writes += candidate.is_write ? 1 : 0;
    }
    ++history.calls;
    size_ += history.size();
}

/// Keeps what was met last, half of what there is room for.
void AccessPredictor::forget_old() {
    std::map<uint64_t, size_t, std::greater<>> sizes;  // by the last block
    for (const auto& [function, history] : histories_) sizes[history.last_block] += history.size();
    size_ = 0;
    uint64_t oldest = blocks_ + 1;
    for (const auto& [block, size] : sizes) {
        if (size_ + size > most_ / 2) break;
        size_ += size;
        oldest = block;
    }
    erase_if(histories_, [&](const auto& entry) { return entry.second.last_block < oldest; });
}

// ---- Foretelling ----

bool AccessPredictor::is_trusted(const History& history, const Known& known) noexcept { return 2 * known.hits > history.calls; }

void AccessPredictor::foretell(const Function& function, const Call& call, std::vector<Access>& accesses) const {
    const auto history = histories_.find(function);
    if (history == histories_.end()) return;
    for (const Known& known : history->second.templates) {
        if (!is_trusted(history->second, known)) continue;
        if (auto access = known.what.location_for(call)) {
            access->is_write = 2 * known.writes > known.hits;
            accesses.push_back(*access);
        }
    }
}

ListedHints AccessPredictor::predict(const BlockInput& block, state::StateView& view) const {
    ListedHints hints;
    for (size_t i = 0; i < block.transactions.size(); ++i) {
        const types::Transaction& transaction = block.transactions[i];
        std::vector<Access> accesses;
        for (const types::AccessListEntry& row : transaction.access_list)
            for (const hash32& key : row.storage_keys)
                accesses.push_back({.account = row.account, .slot = to_uint256(key), .is_write = false});
        const auto code_hash = [&]() -> std::optional<hash32> {
            if (!transaction.to || !block.senders[i]) return std::nullopt;
            const auto recipient = view.account(*transaction.to);
            if (!recipient || !*recipient || (*recipient)->code_hash == state::kEmptyCodeHash) return std::nullopt;
            return (*recipient)->code_hash;
        }();
        if (code_hash) {
            const Call call(transaction, *block.senders[i]);
            const Function function = function_of(*transaction.to, call);
            foretell(histories_.contains(function) ? function : function_of(*code_hash, call), call, accesses);
            for (uint8_t argument = 0; argument < call.arguments(); ++argument)
                if (const auto narrower = with_argument(function, call, argument)) foretell(*narrower, call, accesses);
        }
        unite(accesses);
        hints.add(std::move(accesses));
    }
    return hints;
}

}  // namespace weft::execution::prediction
