// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//
// Executes a block over state that this program keeps itself: a ledger of plain maps. Half of the senders pay a shop, the
// other half call a contract that counts its calls. Two executors live side by side and have to agree.
#include "weft/execution/block_execution.hpp"
#include "weft/execution/parallel/parallel_executor.hpp"
#include "weft/state/state_view.hpp"

#include <cstdio>
#include <cstdlib>
#include <map>
#include <memory>
#include <optional>
#include <vector>

namespace {

using weft::address;
using weft::hash32;
using weft::uint256;
using weft::state::ReadResult;

/// The embedding program's own state. Executors call it from several threads and it only reads, so it needs no lock.
class Ledger final : public weft::state::StateView {
  public:
    ReadResult<std::optional<weft::state::Account>> account(const address& addr) override {
        const auto found = rows_.find(addr);
        if (found == rows_.end()) return std::nullopt;
        const Row& row = found->second;
        return weft::state::Account{
            .nonce = row.nonce, .balance = row.balance, .code_hash = row.code_hash, .has_storage = !row.slots.empty()};
    }

    ReadResult<uint256> storage(const address& addr, const uint256& slot) override {
        const auto row = rows_.find(addr);
        if (row == rows_.end()) return uint256{};
        const auto value = row->second.slots.find(slot);
        return value == row->second.slots.end() ? uint256{} : value->second;
    }

    ReadResult<const weft::state::Code*> code(const hash32& code_hash) override {
        const auto found = codes_.find(code_hash);
        // What a database would say when a row is missing that another row refers to.
        if (found == codes_.end()) return std::unexpected(weft::state::ReadError{.kind = weft::state::ReadError::Kind::failed});
        return found->second.get();
    }

    ReadResult<hash32> block_hash(uint64_t) override { return hash32{}; }

    void fund(const address& addr, const uint256& balance) { rows_[addr].balance = balance; }

    void deploy(const address& addr, weft::bytes_view code) {
        const hash32 hash = weft::state::code_hash_of(code);
        codes_[hash] = std::make_shared<const weft::state::Code>(code);
        rows_[addr].code_hash = hash;
    }

    /// Takes over what a block changed.
    void apply(const weft::state::StateDiff& diff) {
        for (const auto& [addr, change] : diff.accounts) {
            if (!change.account) {
                rows_.erase(addr);
                continue;
            }
            Row& row = rows_[addr];
            row.nonce = change.account->nonce;
            row.balance = change.account->balance;
            row.code_hash = change.account->code_hash;
            if (change.storage_wiped) row.slots.clear();
            for (const auto& [slot, value] : change.slots) {
                if (value.is_zero())
                    row.slots.erase(slot);
                else
                    row.slots[slot] = value;
            }
        }
        for (const auto& [hash, code] : diff.codes) codes_[hash] = code;
    }

  private:
    struct Row {
        uint64_t nonce = 0;
        uint256 balance;
        hash32 code_hash = weft::state::kEmptyCodeHash;
        std::map<uint256, uint256> slots;
    };

    std::map<address, Row> rows_;
    std::map<hash32, std::shared_ptr<const weft::state::Code>> codes_;
};

constexpr uint64_t kSenders = 200;
constexpr uint64_t kFirstSender = 0x10000;
const address kShop = weft::address_of(0x5409);
const address kCounter = weft::address_of(0xc0de);

/// PUSH0 SLOAD PUSH1 1 ADD PUSH0 SSTORE: adds one to slot 0.
const weft::bytes kCounterCode = {0x5f, 0x54, 0x60, 0x01, 0x01, 0x5f, 0x55};

struct Batch {
    std::vector<weft::types::Transaction> transactions;
    /// A program that receives signed transactions has weft::types::recover_sender for this.
    std::vector<std::optional<address>> senders;
};

Batch payments_and_calls() {
    Batch batch;
    for (uint64_t i = 0; i < kSenders; ++i) {
        weft::types::Transaction transaction;
        transaction.chain_id = 1;
        transaction.gas_limit = 100'000;
        transaction.max_fee_per_gas = 10;
        if (i % 2 == 0) {
            transaction.to = kShop;
            transaction.value = 1000 + i;
        } else {
            transaction.to = kCounter;
        }
        // A legacy transaction has one gas price.
        transaction.max_priority_fee_per_gas = transaction.max_fee_per_gas;
        batch.transactions.push_back(std::move(transaction));
        batch.senders.emplace_back(weft::address_of(kFirstSender + i));
    }
    return batch;
}

weft::types::Header header() {
    weft::types::Header header;
    header.number = 1;
    header.timestamp = 1'700'000'000;
    header.gas_limit = 30'000'000;
    header.beneficiary = weft::address_of(0xfee);
    header.base_fee_per_gas = 7;
    header.withdrawals_root = hash32{};
    header.blob_gas_used = 0;
    header.excess_blob_gas = 0;
    header.parent_beacon_block_root = hash32{};
    return header;
}

bool expect(bool holds, const char* what) {
    std::printf("%-48s %s\n", what, holds ? "yes" : "NO");
    return holds;
}

}  // namespace

int main() {
    Ledger ledger;
    for (uint64_t i = 0; i < kSenders; ++i) ledger.fund(weft::address_of(kFirstSender + i), 10'000'000);
    ledger.deploy(kCounter, kCounterCode);

    const Batch batch = payments_and_calls();
    const weft::types::Header block_header = header();
    const weft::execution::BlockInput block{.header = &block_header,
                                            .transactions = batch.transactions,
                                            .senders = batch.senders,
                                            .ommers = {},
                                            .withdrawals = {},
                                            .rules = {.revision = weft::types::Revision::Cancun, .chain_id = 1}};

    weft::execution::SequentialExecutor sequential;
    weft::execution::ParallelExecutor two_threads(2);
    weft::execution::ParallelExecutor four_threads(4);
    const auto reference = sequential.execute(block, ledger);
    if (!reference) {
        std::printf("%s\n", weft::execution::to_string(reference.error()).c_str());
        return EXIT_FAILURE;
    }
    bool good = expect(two_threads.execute(block, ledger) == reference, "two threads agree with one after another");
    good &= expect(four_threads.execute(block, ledger) == reference, "four threads agree");

    ledger.apply(reference->diff);
    good &= expect(*ledger.storage(kCounter, 0) == kSenders / 2, "the counter counted every call");
    good &= expect((*ledger.account(kShop))->balance == 100 * 1000 + 99 * 100, "the shop has what it was paid");
    std::printf("%zu transactions, %llu gas\n", reference->receipts.size(), static_cast<unsigned long long>(reference->gas_used));
    return good ? EXIT_SUCCESS : EXIT_FAILURE;
}
