// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
//
// Blocks over a database whose state is several times as large as its cache: what executing them, their state roots and writing them takes,
// what the cache answers, and how much memory the process has at most. Each line is a process of its own.
#include "cmd/weft/measure.hpp"
#include "test/util/forwarding_store.hpp"
#include "weft/base/assert.hpp"
#include "weft/base/random.hpp"
#include "weft/chain/database_store.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/execution/block_executor.hpp"
#include "weft/kv/rocks_store.hpp"
#include "weft/trie/roots.hpp"

#include <fmt/format.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace weft {
namespace {

using cli::Clock;

struct Options {
    std::filesystem::path folder;
    uint64_t accounts = 100'000;
    uint64_t contracts = 200;
    uint64_t slots = 1'000;
    uint64_t transactions = 400;
    uint64_t blocks = 100;
    uint64_t warm_up = 300;
    unsigned threads = 2;
    unsigned io_threads = 32;
    unsigned read_delay_us = 0;
    unsigned node_delay_us = 0;
    std::vector<double> shares{4, 0.25, 0.0625};
    std::vector<std::string> reads{"wait", "auto", "pool"};
};

// ---- The state ----

/// What a transaction spends, roughly: by the header's gas it is judged whether a block is worth threads.
constexpr uint64_t kGas = 30'000;
constexpr uint64_t kContracts = uint64_t{1} << 40;
/// Accounts and slots that one block of the state's making brings.
constexpr uint64_t kInABlock = 20'000;

hash32 hash_of_number(uint64_t number) { return crypto::keccak256({reinterpret_cast<const uint8_t*>(&number), sizeof number}); }

address address_of_number(uint64_t number) { return fixed_from<address>(bytes_view(hash_of_number(number)).last(address::kSize)); }

/// Slots of a contract lie scattered, as those of a mapping do.
uint256 slot_of_number(uint64_t number) { return to_uint256(hash_of_number(number)); }

/// Called with the numbers of four slots: adds one to the first two, and loads the others.
const bytes& contract_code() {
    static const bytes code{0x60, 0x00, 0x35, 0x80, 0x54, 0x60, 0x01, 0x01, 0x90, 0x55,   // slot[data[0]] += 1
                            0x60, 0x20, 0x35, 0x80, 0x54, 0x60, 0x01, 0x01, 0x90, 0x55,   // slot[data[1]] += 1
                            0x60, 0x40, 0x35, 0x54, 0x50, 0x60, 0x60, 0x35, 0x54, 0x00};  // slot[data[2]], slot[data[3]]
    return code;
}

/// The chain that is being made: blocks without a signature or a seal, which the database does not ask for.
struct Chain {
    types::Block block;
    hash32 hash;

    void begin_block() {
        const types::Header parent = block.header;
        block = {};
        types::Header& header = block.header;
        header.parent_hash = hash;
        header.number = parent.number + 1;
        header.timestamp = parent.timestamp + 12;
        header.gas_limit = 1'000'000'000;
        header.base_fee_per_gas = 7;
        header.transactions_root = header.receipts_root = trie::kEmptyRoot;
    }
};

db::Identity identity() {
    types::Header genesis;
    genesis.state_root = genesis.transactions_root = genesis.receipts_root = trie::kEmptyRoot;
    return {.chain_id = 1, .genesis_hash = types::hash(genesis)};
}

void commit(Chain& chain, chain::DatabaseStore& store, state::StateDiff diff, std::vector<types::Receipt> receipts,
            std::span<const std::optional<address>> senders) {
    chain.hash = types::hash(chain.block.header);
    const auto done = store.commit({.block = std::make_shared<const types::Block>(chain.block),
                                    .hash = chain.hash,
                                    .total_difficulty = {},
                                    .receipts = std::move(receipts),
                                    .senders = senders,
                                    .diff = std::move(diff)});
    WEFT_ASSERT(done.has_value());
}

void commit_state(Chain& chain, chain::DatabaseStore& store, state::StateDiff& diff) {
    if (diff.accounts.empty()) return;
    chain.begin_block();
    chain.block.header.state_root = store.root_after(diff).value();
    commit(chain, store, std::exchange(diff, {}), {}, {});
}

state::AccountDiff contract_with_slots(uint64_t slots, const hash32& code_hash) {
    state::AccountDiff contract{.account = state::Account{.nonce = 1, .balance = {}, .code_hash = code_hash}};
    for (uint64_t slot = 0; slot < slots; ++slot) contract.slots.push_back({slot_of_number(slot), slot + 1});
    std::ranges::sort(contract.slots, {}, &state::SlotValue::slot);
    return contract;
}

void make_state(const Options& options) {
    const auto database = db::Database::open(options.folder, {.history_blocks = 8}, identity()).value();
    const auto store = chain::DatabaseStore::open(*database, {.threads = options.threads}).value();
    Chain chain;
    chain.block.header.state_root = chain.block.header.transactions_root = chain.block.header.receipts_root = trie::kEmptyRoot;
    commit(chain, *store, {}, {}, {});
    state::StateDiff diff;
    for (uint64_t i = 0; i < options.accounts; ++i) {
        diff.accounts[address_of_number(i)].account = state::Account{.balance = uint256{0, 1, 0, 0}};
        if (diff.accounts.size() == kInABlock) commit_state(chain, *store, diff);
    }
    commit_state(chain, *store, diff);
    const hash32 code_hash = state::code_hash_of(contract_code());
    for (uint64_t i = 0; i < options.contracts; ++i) {
        diff.accounts[address_of_number(kContracts + i)] = contract_with_slots(options.slots, code_hash);
        diff.codes.emplace(code_hash, std::make_shared<const state::Code>(contract_code()));
        if (diff.accounts.size() * options.slots >= kInABlock) commit_state(chain, *store, diff);
    }
    commit_state(chain, *store, diff);
    WEFT_ASSERT(store->flush().has_value());
    // In files, each value once, as if it had come there long ago.
    for (const db::Table table : {db::Table::accounts, db::Table::storage, db::Table::codes, db::Table::nodes})
        WEFT_ASSERT(database->store().compact(db::id(table)).has_value());
}

// ---- Measuring ----

/// A store whose reads of the state take longer.
class DelayedStore final : public test::ForwardingStore {
  public:
    DelayedStore(std::shared_ptr<kv::Store> below, const Options& options)
        : ForwardingStore(std::move(below)), values_(options.read_delay_us), nodes_(options.node_delay_us) {}

    kv::Expected<std::optional<bytes>> get(kv::TableId table, bytes_view key) const override {
        const bool is_value =
            table == db::id(db::Table::accounts) || table == db::id(db::Table::storage) || table == db::id(db::Table::codes);
        const auto delay = is_value ? values_ : table == db::id(db::Table::nodes) ? nodes_ : std::chrono::microseconds{};
        if (delay.count() != 0) std::this_thread::sleep_for(delay);
        return ForwardingStore::get(table, key);
    }

  private:
    std::chrono::microseconds values_;
    std::chrono::microseconds nodes_;
};

std::unique_ptr<db::Database> open(const Options& options, uint64_t cache_bytes) {
    const db::Options how{.cache_bytes = cache_bytes, .history_blocks = 8, .create = false};
    if (options.read_delay_us == 0 && options.node_delay_us == 0) return db::Database::open(options.folder, how, identity()).value();
    std::shared_ptr<kv::Store> rocks =
        kv::RocksStore::open(options.folder / "db", db::schema(), {.cache_bytes = cache_bytes / 2, .create = false}).value();
    return db::Database::open(std::make_unique<DelayedStore>(std::move(rocks), options), how, identity()).value();
}

/// The transactions of all blocks of all measurements, one after the other: every second one pays, the others call a contract.
class Transactions {
  public:
    explicit Transactions(const Options& options) : options_(options), random_(1), nonces_(options.accounts) {}

    void skip_blocks(uint64_t count) {
        for (uint64_t i = 0; i < count * options_.transactions; ++i) ++nonces_[draw().sender];
    }

    void fill(types::Block& block, std::vector<std::optional<address>>& senders) {
        for (uint64_t i = 0; i < options_.transactions; ++i) {
            const Draw drawn = draw();
            types::Transaction transaction;
            transaction.nonce = nonces_[drawn.sender]++;
            transaction.max_fee_per_gas = transaction.max_priority_fee_per_gas = 1'000;
            transaction.gas_limit = 200'000;
            if (i % 2 == 0) {
                transaction.to = address_of_number(drawn.recipient % options_.accounts);
                transaction.value = 1;
            } else {
                transaction.to = address_of_number(kContracts + drawn.recipient % options_.contracts);
                for (const uint64_t slot : drawn.slots) {
                    const hash32 word = hash_of_number(slot);
                    transaction.data.insert(transaction.data.end(), word.begin(), word.end());
                }
            }
            block.encoded_transactions.push_back(types::encode(transaction));
            block.transactions.push_back(std::move(transaction));
            senders.emplace_back(address_of_number(drawn.sender));
        }
    }

  private:
    struct Draw {
        uint64_t sender;
        uint64_t recipient;
        std::array<uint64_t, 4> slots;
    };
    Draw draw() {
        Draw drawn{.sender = random_.below(options_.accounts), .recipient = random_.next(), .slots = {}};
        for (uint64_t& slot : drawn.slots) slot = random_.below(options_.slots);
        return drawn;
    }

    const Options& options_;
    Random random_;
    std::vector<uint64_t> nonces_;
};

/// One line of the report.
struct Measurement {
    double execute_ms = 0;
    double root_ms = 0;
    double commit_ms = 0;
    double processor_ms = 0;
    uint64_t parked = 0;
};

/// Counters of the database, by name.
std::map<std::string, uint64_t> counters_of(const db::Database& database) {
    std::map<std::string, uint64_t> all;
    for (const kv::Counter& counter : database.statistics().counters) all[counter.name] = counter.value;
    return all;
}

class Run {
  public:
    Run(const Options& options, uint64_t cache_bytes, const std::string& reads)
        : options_(options),
          database_(open(options, cache_bytes)),
          store_(chain::DatabaseStore::open(*database_, {.threads = options.threads,
                                                         .io_threads = reads == "wait" ? 0 : options.io_threads,
                                                         .are_reads_slow = reads == "pool"})
                     .value()),
          executor_(options.threads) {
        const db::BlockId head = database_->head().value();
        chain_.hash = head.hash;
        chain_.block.header = database_->chain().header(head.hash).value().value();
    }

    void execute(Transactions& transactions, Measurement& measured) {
        chain_.begin_block();
        std::vector<std::optional<address>> senders;
        transactions.fill(chain_.block, senders);
        chain_.block.header.gas_used = kGas * options_.transactions;
        const double processor_start = cli::processor_milliseconds();
        auto start = Clock::now();
        const execution::BlockInput input{.header = &chain_.block.header,
                                          .transactions = chain_.block.transactions,
                                          .senders = senders,
                                          .ommers = {},
                                          .withdrawals = {},
                                          .rules = {.revision = types::Revision::London}};
        auto result = executor_.execute(input, store_->state(), {.pay_rewards = false});
        WEFT_ASSERT(result.has_value());
        measured.execute_ms += cli::milliseconds_since(start);
        measured.parked += executor_.statistics().parked_on_reads;
        start = Clock::now();
        chain_.block.header.state_root = store_->root_after(result->diff).value();
        measured.root_ms += cli::milliseconds_since(start);
        start = Clock::now();
        commit(chain_, *store_, std::move(result->diff), std::move(result->receipts), senders);
        measured.commit_ms += cli::milliseconds_since(start);
        measured.processor_ms += cli::processor_milliseconds() - processor_start;
    }

    [[nodiscard]] const db::Database& database() const { return *database_; }

  private:
    const Options& options_;
    std::unique_ptr<db::Database> database_;
    std::unique_ptr<chain::DatabaseStore> store_;
    execution::BlockExecutor executor_;
    Chain chain_;
};

constexpr double kMebi = 1024.0 * 1024.0;

void measure(const Options& options, uint64_t cache_bytes, const std::string& reads, uint64_t skipped) {
    Transactions transactions(options);
    transactions.skip_blocks(skipped);
    Run run(options, cache_bytes, reads);
    Measurement warm_up;
    for (uint64_t i = 0; i < options.warm_up; ++i) run.execute(transactions, warm_up);
    const auto before = counters_of(run.database());
    Measurement measured;
    for (uint64_t i = 0; i < options.blocks; ++i) run.execute(transactions, measured);
    const auto after = counters_of(run.database());
    const auto count = [&](const std::string& name) { return static_cast<double>(after.at(name) - before.at(name)); };
    const auto percent = [](double hits, double misses) { return 100 * hits / std::max(1.0, hits + misses); };
    const double misses = count("accounts not found in the cache") + count("slots not found in the cache");
    const double hits = count("accounts found in the cache") + count("slots found in the cache");
    const auto blocks = static_cast<double>(options.blocks);
    fmt::print("{:>9.1f} {:>6} {:>10.2f} {:>8.2f} {:>8.2f} {:>9.2f} {:>9.1f} {:>8.1f} {:>9.1f} {:>8.1f} {:>9.0f}\n",
               static_cast<double>(cache_bytes) / kMebi, reads, measured.execute_ms / blocks, measured.root_ms / blocks,
               measured.commit_ms / blocks, measured.processor_ms / blocks, percent(hits, misses), misses / blocks,
               percent(count("block cache hits"), count("block cache misses")), static_cast<double>(measured.parked) / blocks,
               static_cast<double>(cli::peak_memory()) / kMebi);
    std::fflush(stdout);
}

/// Does `work` in a process of its own, so that its memory is its own as well.
template <typename Work>
void in_a_process(const Work& work) {
    std::fflush(stdout);
    const pid_t child = fork();
    WEFT_ASSERT(child >= 0);
    if (child == 0) {
        work();
        std::fflush(stdout);
        _exit(0);
    }
    int status = 0;
    WEFT_ASSERT(waitpid(child, &status, 0) == child && status == 0);
}

/// Bytes of the state in table files.
uint64_t state_size(const Options& options) {
    int ends[2];
    WEFT_ASSERT(pipe(ends) == 0);
    in_a_process([&] {
        uint64_t size = 0;
        for (const kv::TableStatistics& table : open(options, uint64_t{64} << 20)->statistics().tables)
            for (const std::string_view name : {"accounts", "storage", "codes", "nodes"}) size += table.name == name ? table.disk_bytes : 0;
        WEFT_ASSERT(write(ends[1], &size, sizeof size) == sizeof size);
    });
    uint64_t size = 0;
    WEFT_ASSERT(read(ends[0], &size, sizeof size) == sizeof size);
    return size;
}

void run(const Options& options) {
    WEFT_ASSERT(!std::filesystem::exists(options.folder));
    in_a_process([&] { make_state(options); });
    const uint64_t size = state_size(options);
    fmt::print("{} accounts, {} contracts with {} slots each: {:.1f} MiB of state; {} transactions a block\n", options.accounts,
               options.contracts, options.slots, static_cast<double>(size) / kMebi, options.transactions);
    fmt::print("{:>9} {:>6} {:>10} {:>8} {:>8} {:>9} {:>9} {:>8} {:>9} {:>8} {:>9}\n", "cache MiB", "reads", "execute ms", "root ms",
               "commit ms", "cpu ms", "hits %", "misses", "blocks %", "parked", "peak MiB");
    uint64_t skipped = 0;
    for (const double share : options.shares) {
        for (const std::string& reads : options.reads) {
            const auto cache_bytes = static_cast<uint64_t>(share * static_cast<double>(size));
            in_a_process([&] { measure(options, cache_bytes, reads, skipped); });
            skipped += options.warm_up + options.blocks;
        }
    }
    std::filesystem::remove_all(options.folder);
}

}  // namespace
}  // namespace weft

int main(int argc, char** argv) {
    weft::Options options;
    CLI::App application("Blocks over a database whose state is larger than its cache");
    application.add_option("folder", options.folder, "Where to make the database; it must not exist, and is removed at the end")
        ->required();
    application.add_option("--accounts", options.accounts, "Accounts without code")->capture_default_str();
    application.add_option("--contracts", options.contracts, "Contracts with storage")->capture_default_str();
    application.add_option("--slots", options.slots, "Slots of each contract")->capture_default_str();
    application.add_option("--transactions", options.transactions, "Of each block; half of them pay, half change slots")
        ->capture_default_str();
    application.add_option("--warm-up", options.warm_up, "Blocks before those that are measured")->capture_default_str();
    application.add_option("--blocks", options.blocks, "Blocks that are measured")->capture_default_str();
    application.add_option("--threads", options.threads, "Threads that execute")->capture_default_str();
    application.add_option("--io-threads", options.io_threads, "Threads that wait for reads")->capture_default_str();
    application.add_option("--shares", options.shares, "Sizes of the cache, as shares of the state in files")->delimiter(',');
    application
        .add_option("--reads", options.reads, "Who waits for reads: who executes (wait), the pool where they are slow (auto), the pool")
        ->delimiter(',')
        ->check(CLI::IsMember({"wait", "auto", "pool"}));
    application.add_option("--read-delay", options.read_delay_us, "Microseconds that reading an account, slot or code takes longer");
    application.add_option("--node-delay", options.node_delay_us, "Microseconds that reading a trie node takes longer");
    CLI11_PARSE(application, argc, argv);
    // Delays of microseconds must not become fifty more.
    prctl(PR_SET_TIMERSLACK, 1);
    weft::run(options);
    return 0;
}
