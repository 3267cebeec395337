// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/chain/chain_maker.hpp"

#include "weft/base/assert.hpp"
#include "weft/chain/block_validation.hpp"
#include "weft/crypto/secp256k1.hpp"
#include "weft/trie/roots.hpp"
#include "weft/types/request.hpp"
#include "weft/types/sender_recovery.hpp"

#include <utility>

namespace weft::test {
namespace {

using types::Revision;

/// Money for the fees of every test.
constexpr uint256 kRich{0, 1ULL << 20, 0, 0};

hash32 secret_of(size_t user) {
    hash32 secret;
    secret.bytes[31] = static_cast<uint8_t>(user + 1);
    return secret;
}

/// With data: SELFDESTRUCT to the caller. Without: slot NUMBER & 3 becomes the hash of the parent.
bytes contract_code() {
    return {0x36, 0x60, 0x0f, 0x57, 0x60, 0x01, 0x43, 0x03, 0x40, 0x60, 0x03, 0x43, 0x16, 0x55, 0x00, 0x5b, 0x33, 0xff};
}

state::StateDiff allocation() {
    state::StateDiff diff;
    for (size_t user = 0; user < ChainMaker::users(); ++user)
        diff.accounts[*crypto::address_of_secret(secret_of(user))].account = state::Account{.balance = kRich};
    const bytes code = contract_code();
    const hash32 code_hash = state::code_hash_of(code);
    diff.accounts[ChainMaker::contract()].account = state::Account{.nonce = 1, .balance = 5, .code_hash = code_hash};
    diff.codes.emplace(code_hash, std::make_shared<const state::Code>(code));
    return diff;
}

void add_fork_fields(types::Block& block, Revision revision) {
    types::Header& header = block.header;
    if (revision >= Revision::London) header.base_fee_per_gas = 1'000'000'000;
    if (revision >= Revision::Shanghai) {
        block.withdrawals.emplace();
        header.withdrawals_root = trie::kEmptyRoot;
    }
    if (revision >= Revision::Cancun) {
        header.blob_gas_used = 0;
        header.excess_blob_gas = 0;
        header.parent_beacon_block_root = hash32{};
    }
}

}  // namespace

address ChainMaker::contract() {
    address result;
    result.bytes[0] = 0xc0;
    return result;
}

ChainMaker::ChainMaker(chain::ChainSpec spec) {
    genesis_.spec = std::move(spec);
    genesis_.allocation = allocation();
    MadeBlock& first = blocks_.emplace_back();
    first.state.apply(genesis_.allocation);
    types::Header& header = first.block.header;
    header.state_root = first.state.root();
    header.transactions_root = header.receipts_root = trie::kEmptyRoot;
    header.difficulty = 10'000'000;
    header.gas_limit = 10'000'000;
    header.timestamp = 1'000;
    add_fork_fields(first.block, genesis_.spec.rules_at(0, header.timestamp).revision);
    first.hash = types::hash(header);
    first.total_difficulty = header.difficulty;
    first.state.set_block_hash(0, first.hash);
    genesis_.block = first.block;
    genesis_.hash = first.hash;
}

types::ChainRules ChainMaker::rules_of(const types::Header& header, const MadeBlock& parent) const {
    return genesis_.spec.rules_at(header.number, header.timestamp, genesis_.spec.is_merged_after(parent.total_difficulty));
}

types::Header ChainMaker::header_on(const MadeBlock& parent, const Wishes& wishes) const {
    types::Header header;
    header.parent_hash = parent.hash;
    header.number = parent.header().number + 1;
    header.timestamp = parent.header().timestamp + wishes.seconds;
    header.gas_limit = parent.header().gas_limit;
    header.extra_data = wishes.extra_data;
    header.beneficiary.bytes[19] = static_cast<uint8_t>(0x40 + wishes.seconds % 4);
    return header;
}

const MadeBlock& ChainMaker::make(const MadeBlock& parent, Wishes wishes) {
    MadeBlock made;
    made.parent = &parent;
    types::Header& header = made.block.header;
    header = header_on(parent, wishes);
    const types::ChainRules rules = rules_of(header, parent);
    add_fork_fields(made.block, rules.revision);
    if (header.base_fee_per_gas) header.base_fee_per_gas = chain::base_fee_after(parent.header());
    if (header.excess_blob_gas) header.excess_blob_gas = chain::excess_blob_gas_after(parent.header(), rules);
    if (rules.revision < Revision::Paris)
        header.difficulty =
            chain::difficulty_after(parent.header(), header.timestamp, rules.revision, genesis_.spec.bomb_delay_at(header.number));
    made.block.transactions = std::move(wishes.transactions);
    for (const types::Transaction& transaction : made.block.transactions)
        made.block.encoded_transactions.push_back(types::encode(transaction));
    made.block.ommers = std::move(wishes.ommers);
    header.transactions_root = chain::transactions_root(made.block.encoded_transactions);
    header.ommers_hash = types::ommers_hash(made.block.ommers);
    made.total_difficulty = parent.total_difficulty + header.difficulty;
    execute(made, rules);
    made.encoded = types::encode(made.block);
    made.hash = types::hash(header);
    made.state.set_block_hash(header.number, made.hash);
    return blocks_.emplace_back(std::move(made));
}

void ChainMaker::execute(MadeBlock& made, const types::ChainRules& rules) const {
    types::SenderRecovery recovery(made.block.transactions, rules.revision);
    const execution::BlockInput input{
        .header = &made.block.header,
        .transactions = made.block.transactions,
        .senders = recovery.senders(),
        .recovery = &recovery,
        .ommers = made.block.ommers,
        .withdrawals = {},
        .rules = rules,
    };
    execution::SequentialExecutor executor;
    state::MemoryState before = made.parent->state;
    auto result = executor.execute(input, before, {.keep_effects = true});
    WEFT_ASSERT(result.has_value());
    if (rules.revision < Revision::Byzantium) {
        state::MemoryState between = made.parent->state;
        for (size_t i = 0; i < result->effects.size(); ++i) {
            between.apply(result->effects[i]);
            if (i > 0) result->receipts[i - 1].post_state = between.root();
        }
    }
    made.state = made.parent->state;
    made.state.apply(result->diff);
    types::Header& header = made.block.header;
    header.gas_used = result->gas_used;
    header.logs_bloom = result->logs_bloom;
    header.receipts_root = chain::receipts_root(result->receipts);
    header.state_root = made.state.root();
}

const MadeBlock& ChainMaker::changed(const MadeBlock& original, const std::function<void(types::Block&)>& change) {
    MadeBlock copy = original;
    change(copy.block);
    copy.encoded = types::encode(copy.block);
    copy.hash = types::hash(copy.block.header);
    copy.total_difficulty = copy.parent->total_difficulty + copy.block.header.difficulty;
    copy.state.set_block_hash(copy.block.header.number, copy.hash);
    return blocks_.emplace_back(std::move(copy));
}

types::Transaction ChainMaker::call(const MadeBlock& parent, size_t user, const address& to, uint64_t value, const bytes& data,
                                    uint64_t later) const {
    const auto& accounts = parent.state.accounts();
    const auto found = accounts.find(*crypto::address_of_secret(secret_of(user)));
    types::Transaction transaction;
    transaction.nonce = found->second.nonce + later;
    transaction.max_priority_fee_per_gas = transaction.max_fee_per_gas = 10'000'000'000;
    transaction.gas_limit = 100'000;
    transaction.to = to;
    transaction.value = value;
    transaction.data = data;
    const auto signature = crypto::sign(types::signing_hash(transaction), secret_of(user));
    transaction.r = signature->r;
    transaction.s = signature->s;
    transaction.y_parity = signature->y_parity;
    return transaction;
}

}  // namespace weft::test
