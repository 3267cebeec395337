// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/workloads/world.hpp"

#include "weft/base/hex.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/evm/contract_address.hpp"
#include "weft/execution/block_steps.hpp"
#include "weft/execution/system_contracts.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <utility>

namespace weft::workloads {

namespace {

constexpr uint64_t kFirstBlock = 24'000'000;
constexpr uint64_t kFirstTime = 1'770'000'000;
constexpr uint64_t kSecondsPerBlock = 12;
constexpr uint64_t kGwei = 1'000'000'000;
constexpr uint64_t kBaseFee = kGwei;

constexpr address kOwner = address_of(0x0e0e);
constexpr address kBeneficiary = address_of(0xbe0e);

/// A million ether.
uint256 riches() { return uint256{1'000'000'000'000'000'000} * uint256{1'000'000}; }

}  // namespace

address account(uint64_t i) { return to_address(to_uint256(crypto::keccak256(to_hash32(uint256{i})))); }

execution::BlockInput block_of(const Batch& batch, const types::Header& header, const types::ChainRules& rules) {
    return {.header = &header,
            .transactions = batch.transactions,
            .senders = batch.senders,
            .recovery = nullptr,
            .ommers = {},
            .withdrawals = {},
            .rules = rules};
}

World::World(Artifacts& artifacts) : artifacts_(artifacts), owner_(kOwner), number_(kFirstBlock) {
    // Every block calls these (EIP-7002, EIP-7251); here they have no requests.
    constexpr std::array<uint8_t, 1> kStop{0x00};
    for (const address& predeploy : {execution::kWithdrawalRequests, execution::kConsolidationRequests}) {
        state_.insert(predeploy).nonce = 1;
        state_.set_code(predeploy, kStop);
    }
    set_balance(owner_, riches());
}

void World::fund(uint64_t first, uint64_t count) {
    for (uint64_t i = first; i < first + count; ++i) set_balance(account(i), riches());
}

void World::set_balance(const address& account, const uint256& balance) { state_.insert(account).balance = balance; }

void World::fail_with(std::string message) {
    if (!error_) error_ = Error{std::move(message)};
}

bytes World::init_code(std::string_view contract, const CallData& arguments) {
    const auto artifact = artifacts_.find(contract);
    if (!artifact) {
        fail_with(artifact.error().message);
        return {};
    }
    bytes code = (*artifact)->code;
    for (const Artifact::Link& link : (*artifact)->links) {
        auto library = libraries_.find(link.contract);
        if (library == libraries_.end()) library = libraries_.emplace(link.contract, deploy(link.contract)).first;
        std::ranges::copy(library->second, code.begin() + static_cast<ptrdiff_t>(link.offset));
    }
    const bytes encoded = arguments.encode();
    code.insert(code.end(), encoded.begin(), encoded.end());
    return code;
}

address World::deploy(std::string_view contract, const CallData& arguments) {
    bytes code = init_code(contract, arguments);
    const address created = evm::create_address(owner_, nonces_[owner_]);
    append({.from = owner_, .to = std::nullopt, .value = {}, .data = std::move(code), .gas_limit = kMostGas}, sent_);
    return created;
}

void World::send(const address& from, const address& to, const CallData& data, const uint256& value) {
    append({.from = from, .to = to, .value = value, .data = data.encode(), .gas_limit = kMostGas}, sent_);
}

void World::send_in_parts(const address& to, std::string_view signature, const Range& range, std::span<const uint256> rest) {
    constexpr uint64_t kPart = 100;
    const uint64_t end = range.first + range.count;
    for (uint64_t first = range.first; first < end; first += kPart) {
        CallData data(signature);
        data.add(uint256{first}).add(uint256{std::min(kPart, end - first)});
        for (const uint256& argument : rest) data.add(argument);
        send(to, data);
    }
}

void World::append(Call&& call, Batch& batch) {
    types::Transaction& transaction = batch.transactions.emplace_back();
    transaction.type = types::TransactionType::DynamicFee;
    transaction.chain_id = rules_.chain_id;
    transaction.nonce = nonces_[call.from]++;
    transaction.max_priority_fee_per_gas = kGwei;
    transaction.max_fee_per_gas = kMaxFee;
    transaction.gas_limit = call.gas_limit;
    transaction.to = call.to;
    transaction.value = call.value;
    transaction.data = std::move(call.data);
    batch.senders.emplace_back(call.from);
    batch.may_fail.push_back(call.may_fail);
}

types::Header World::next_header(uint64_t gas_limit) const {
    types::Header header;
    header.beneficiary = kBeneficiary;
    header.number = number_;
    header.gas_limit = gas_limit;
    header.timestamp = kFirstTime + (number_ - kFirstBlock) * kSecondsPerBlock;
    header.prev_randao = crypto::keccak256(to_hash32(uint256{number_}));
    header.base_fee_per_gas = kBaseFee;
    header.withdrawals_root = hash32{};
    header.blob_gas_used = 0;
    header.excess_blob_gas = 0;
    header.parent_beacon_block_root = hash32{};
    header.requests_hash = hash32{};
    return header;
}

void World::settle() {
    const Batch batch = std::exchange(sent_, {});
    if (error_ || batch.transactions.empty()) return;
    const types::Header header = next_header(kMostGas * batch.transactions.size());
    const auto result = executor_.execute(block_of(batch, header, rules_), state_);
    if (!result) return fail_with(fmt::format("setting up: {}", to_string(result.error())));
    for (size_t i = 0; i < result->receipts.size(); ++i) {
        if (result->receipts[i].status || batch.may_fail[i]) continue;
        const types::Transaction& transaction = batch.transactions[i];
        return fail_with(fmt::format("setting up: transaction {} of block {} failed: {} bytes to {}", i, number_, transaction.data.size(),
                                     transaction.to ? to_hex(*transaction.to) : "a new contract"));
    }
    state_.apply(result->diff);
    ++number_;
}

uint256 World::ask(const address& to, const CallData& data) {
    settle();
    if (error_) return {};
    Batch question;
    const uint64_t nonce = nonces_[owner_];
    append({.from = owner_, .to = to, .value = {}, .data = data.encode(), .gas_limit = kMostGas}, question);
    nonces_[owner_] = nonce;
    const auto environment = execution::BlockEnvironment::of(next_header(kMostGas), rules_);
    const auto progress = execution_.start(environment, question.transactions.front(), owner_, state_);
    static_cast<void>(execution::finish(execution_, progress, state_));
    const auto result = execution_.take_result();
    if (!result || result->status != evm::Status::success || result->output.size() < hash32::kSize) {
        fail_with(fmt::format("setting up: a question to {} has no answer", to_hex(to)));
        return {};
    }
    return from_be(bytes_view{result->output}.first(hash32::kSize));
}

}  // namespace weft::workloads
