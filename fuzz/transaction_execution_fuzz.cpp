// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/assert.hpp"
#include "weft/execution/block_steps.hpp"
#include "weft/state/block_state.hpp"
#include "weft/state/hesitant_view.hpp"
#include "weft/state/memory_state.hpp"

namespace {

using namespace weft;

constexpr address kSender = address_of(0x5e17de7);
constexpr address kContract = address_of(0xc0de);

std::expected<execution::TransactionResult, execution::TransactionError> execute(const execution::BlockEnvironment& environment,
                                                                                 const types::Transaction& transaction,
                                                                                 state::StateView& view) {
    static execution::TransactionExecution execution;
    const auto progress = execution.start(environment, transaction, kSender, view);
    WEFT_ASSERT(execution::finish(execution, progress, view).has_value());
    return execution.take_result();
}

}  // namespace

/// The first byte chooses the revision, the rest is code. An execution that waits at every first read ends like one that
/// never waits.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    if (size == 0) return 0;
    const auto revision = static_cast<types::Revision>(data[0] % types::kRevisionCount);
    state::MemoryState state;
    state.insert(kSender).balance = uint256{1} << 200;
    state.set_code(kContract, {data + 1, size - 1});
    state.set_storage(kContract, 1, 11);

    types::Header header;
    header.number = 1000;
    header.gas_limit = 1'000'000;
    if (revision >= types::Revision::London) header.base_fee_per_gas = 7;
    if (revision >= types::Revision::Cancun) header.excess_blob_gas = 0;
    const types::ChainRules rules{.revision = revision, .blob = types::default_blob_schedule(revision)};
    const auto environment = execution::BlockEnvironment::of(header, rules);
    types::Transaction transaction;
    transaction.gas_limit = 300'000;
    transaction.max_fee_per_gas = transaction.max_priority_fee_per_gas = 10;
    transaction.to = kContract;
    transaction.value = 3;
    transaction.data.assign(data, data + size);

    const auto direct = execute(environment, transaction, state);
    state::HesitantView hesitant(state);
    const auto suspended = execute(environment, transaction, hesitant);
    WEFT_ASSERT(direct.has_value() == suspended.has_value());
    if (!direct) return 0;
    WEFT_ASSERT(direct->status == suspended->status && direct->gas_used == suspended->gas_used && direct->logs == suspended->logs);
    state::BlockState one(state);
    state::BlockState other(state);
    WEFT_ASSERT(one.apply(direct->changes, nullptr).has_value() && other.apply(suspended->changes, nullptr).has_value());
    WEFT_ASSERT(*one.diff() == *other.diff());
    return 0;
}
