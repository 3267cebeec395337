// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/assert.hpp"
#include "weft/t8n/alloc.hpp"
#include "weft/t8n/output.hpp"
#include "weft/t8n/transition.hpp"

#include <algorithm>

namespace {

using namespace weft;

/// What transactions may burn, so that an input takes no minutes.
constexpr uint64_t kMaxGas = 2'000'000;

constexpr std::string_view kForks[] = {"Frontier", "Homestead", "Byzantium", "Berlin", "London", "Paris",
                                       "Shanghai", "Cancun",    "Prague",    "Osaka",  "BPO1",   "BerlinToLondonAt5"};

void check_result(const t8n::Environment& environment, t8n::TransitionResult& result) {
    WEFT_ASSERT(result.receipts.size() == result.applied.size() && result.transactions.size() == result.applied.size());
    WEFT_ASSERT(result.gas_used <= environment.gas_limit);
    WEFT_ASSERT(json::JsonDocument::parse(t8n::result_json(environment, result)).has_value());
    // What was written can be read again, and is the same state.
    const auto alloc = json::JsonDocument::parse(t8n::alloc_json(result.state));
    WEFT_ASSERT(alloc.has_value());
    const auto state = t8n::read_alloc(alloc->root());
    WEFT_ASSERT(!alloc->errors().any() && state.root() == result.state_root);
}

}  // namespace

/// The first byte chooses the fork; the rest is {alloc, env, txs or txsRlp}.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const std::string_view text{reinterpret_cast<const char*>(data) + 1, size - 1};
    const auto document = json::JsonDocument::parse(text);
    if (!document || !document->root().is_object()) return 0;
    const json::Json root = document->root();
    const auto fork = t8n::Fork::of(kForks[data[0] % std::size(kForks)], 1, std::nullopt);
    WEFT_ASSERT(fork.has_value());
    auto alloc = t8n::read_alloc(root["alloc"]);
    t8n::Environment environment = t8n::read_environment(root["env"]);
    std::vector<t8n::Candidate> candidates;
    if (root["txsRlp"].is_string()) {
        auto decoded = t8n::decode_transactions(root["txsRlp"].data());
        if (!decoded) return 0;
        candidates = *std::move(decoded);
    } else {
        for (types::Transaction& transaction : t8n::read_transactions(root["txs"], 1)) candidates.emplace_back(std::move(transaction));
    }
    if (document->errors().any()) {
        WEFT_ASSERT(!document->errors().first().empty());
        return 0;
    }
    environment.gas_limit = std::min(environment.gas_limit, kMaxGas);
    auto result =
        t8n::run({.environment = &environment, .fork = &*fork, .transactions = candidates, .state = std::move(alloc), .reward = 5});
    if (result)
        check_result(environment, *result);
    else
        WEFT_ASSERT(!result.error().message.empty());
    return 0;
}
