// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/chain/database_store.hpp"

#include "weft/base/crew.hpp"
#include "weft/base/hex.hpp"
#include "weft/state/state_tries.hpp"
#include "weft/trie/roots.hpp"
#include "weft/trie/split_trie.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <exception>
#include <new>
#include <utility>

namespace weft::chain {
namespace {

/// A difference with so many accounts and slots is worth waking other threads for its state root.
constexpr size_t kWorthThreads = 64;
/// The same where they would wait for slow reads.
constexpr size_t kWorthThreadsThatWait = 4;
/// As many as there are parts of the trie of accounts that are changed side by side.
constexpr unsigned kThreadsThatWait = trie::SplitTrie::kParts;

/// Reads that may wait for a thread of the pool, for each of them.
constexpr size_t kReadsForAThread = 16;

std::unexpected<Error> fail_with(const db::Error& error) { return fail(fmt::format("{}: {}", db::to_string(error.kind), error.context)); }

std::unexpected<Error> fail_with(const trie::TrieError& error) { return fail_with(db::fail(error).error()); }

size_t size_of(const state::StateDiff& diff) {
    size_t size = diff.accounts.size();
    for (const auto& [addr, change] : diff.accounts) size += change.slots.size();
    return size;
}

/// Roughly what a block adds to the log of the database.
uint64_t written_bytes(const NewestBlock& block) {
    uint64_t size = 0;
    for (const bytes& transaction : block.stored.block->encoded_transactions) size += transaction.size();
    return size + 100 * size_of(block.diff);
}

}  // namespace

DatabaseStore::DatabaseStore(db::Database& database, const DatabaseStoreOptions& options)
    : database_(database),
      options_(options),
      pool_(options.threads),
      tries_(std::min<uint64_t>(options.trie_bytes, database.cache_bytes() / 8)),
      last_sync_(std::chrono::steady_clock::now()) {
    if (options_.io_threads != 0) io_pool_.emplace(options_.io_threads, kReadsForAThread * options_.io_threads);
    lay(nullptr);
    if (options_.write_behind) writer_.emplace([this] { serve(); });
}

DatabaseStore::~DatabaseStore() {
    if (!writer_) return;
    {
        const sync::LockGuard lock(mutex_);
        stopping_ = true;
    }
    changed_.notify_all();
    writer_->join();
}

Result<std::unique_ptr<DatabaseStore>> DatabaseStore::open(db::Database& database, const DatabaseStoreOptions& options) {
    std::unique_ptr<DatabaseStore> store(new DatabaseStore(database, options));
    if (const auto loaded = store->load_head(); !loaded) return std::unexpected(loaded.error());
    return store;
}

Result<void> DatabaseStore::load_head() {
    head_root_ = trie::kEmptyRoot;
    const auto head = database_.head();
    if (!head) return {};
    const auto header = database_.chain().header(head->hash);
    if (!header) return fail_with(header.error());
    if (!*header) return fail(fmt::format("the database lacks the header of its head, block {}", head->number));
    head_root_ = (*header)->state_root;
    return {};
}

void DatabaseStore::lay(std::shared_ptr<const NewestBlock> newest) {
    // Reads for the block before that nobody has come for end first.
    asynchronous_state_.reset();
    newest_ = std::move(newest);
    state_ = std::make_unique<NewestState>(database_.head_state(), newest_);
    if (io_pool_) asynchronous_state_.emplace(*state_, *io_pool_, options_.are_reads_slow ? nullptr : &read_speed_);
    nodes_.reset();
    prepared_.reset();
}

Result<trie::NodeReader*> DatabaseStore::nodes() {
    {
        sync::UniqueLock lock(mutex_);
        changed_.wait(lock, [&] { return !is_root_outstanding_; });
        if (refusal_) return refused();
    }
    if (!nodes_) nodes_ = std::make_unique<NewestNodes>(database_.nodes(), newest_);
    return nodes_.get();
}

state::StateView& DatabaseStore::state() {
    // What could not be read may be asked for again.
    if (state_->failure()) lay(newest_);
    if (asynchronous_state_) return *asynchronous_state_;
    return *state_;
}

Result<std::optional<uint64_t>> DatabaseStore::head_number() {
    if (newest_) return newest_->stored.block->header.number;
    const auto head = database_.head();
    return head ? std::optional(head->number) : std::nullopt;
}

Result<std::optional<StoredBlock>> DatabaseStore::block(uint64_t number) {
    if (newest_ && number == newest_->stored.block->header.number) return newest_->stored;
    const auto hash = database_.chain().canonical_hash(number);
    if (!hash) return fail_with(hash.error());
    if (!*hash) return std::nullopt;
    auto block = database_.chain().block(**hash);
    if (!block) return fail_with(block.error());
    const auto info = database_.chain().info(**hash);
    if (!info) return fail_with(info.error());
    if (!*block || !*info) return fail(fmt::format("the database lacks parts of block {}", number));
    return StoredBlock{
        .block = std::make_shared<const types::Block>(std::move(**block)), .hash = **hash, .total_difficulty = (*info)->total_difficulty};
}

Result<std::optional<uint64_t>> DatabaseStore::number_of(const hash32& hash) {
    if (newest_ && hash == newest_->stored.hash) return newest_->stored.block->header.number;
    const auto info = database_.chain().info(hash);
    if (!info) return fail_with(info.error());
    if (!*info) return std::nullopt;
    const auto canonical = database_.chain().canonical_hash((*info)->number);
    if (!canonical) return fail_with(canonical.error());
    return *canonical == hash ? std::optional((*info)->number) : std::nullopt;
}

uint64_t DatabaseStore::oldest_rewind() { return database_.oldest_state().value_or(0); }

Result<state::StateCommitment> DatabaseStore::commitment_to(const state::StateDiff& diff, const hash32& root, trie::NodeReader& nodes) {
    const auto alone = [&] {
        Crew crew;
        crew.assemble();
        return state::commit(diff, root, nodes, crew, &tries_);
    };
    const bool waits = options_.are_reads_slow || read_speed_.is_slow();
    const unsigned threads = waits ? std::max(options_.threads, std::min(options_.io_threads, kThreadsThatWait)) : options_.threads;
    const bool is_worth_threads = threads > 1 && size_of(diff) >= (waits ? kWorthThreadsThatWait : kWorthThreads);
    if (is_worth_threads && waits && !waiting_pool_) waiting_pool_.emplace(threads);
    auto commitment = is_worth_threads ? state::commit(diff, root, nodes, waits ? *waiting_pool_ : pool_, threads, &tries_) : alone();
    if (!commitment) return fail_with(commitment.error());
    return *std::move(commitment);
}

Result<hash32> DatabaseStore::root_after(const state::StateDiff& diff) {
    const auto nodes = this->nodes();
    if (!nodes) return std::unexpected(nodes.error());
    auto commitment = commitment_to(diff, head_root_, **nodes);
    if (!commitment) return std::unexpected(commitment.error());
    prepared_ = *std::move(commitment);
    return prepared_->root;
}

Result<std::vector<hash32>> DatabaseStore::roots_after(std::span<const state::StateDiff> steps) {
    const auto nodes = this->nodes();
    if (!nodes) return std::unexpected(nodes.error());
    std::vector<hash32> roots;
    roots.reserve(steps.size());
    auto tries = state::StateTries::from_store(head_root_, **nodes);
    for (const state::StateDiff& step : steps) {
        if (const auto applied = tries.apply(step); !applied) return fail_with(applied.error());
        roots.push_back(tries.root());
    }
    return roots;
}

Result<void> DatabaseStore::commit(BlockCommit commit) {
    bool is_writer_busy = false;
    {
        sync::UniqueLock lock(mutex_);
        changed_.wait(lock, [&] { return !is_root_outstanding_; });
        if (failure_) return std::unexpected(*failure_);
        if (refusal_) return refused();
        is_writer_busy = on_its_way_ != nullptr;
    }
    const hash32 root = commit.block->header.state_root;
    std::shared_ptr<NewestBlock> newest(new NewestBlock{
        .stored = {.block = std::move(commit.block), .hash = commit.hash, .total_difficulty = commit.total_difficulty},
        .receipts = std::move(commit.receipts),
        .senders = {},
        .diff = std::move(commit.diff),
        .parent_state_root = head_root_,
    });
    newest->senders.reserve(commit.senders.size());
    for (const auto& sender : commit.senders) newest->senders.push_back(sender.value_or(address{}));
    // On the same tries, the same root means the same changes.
    const bool is_root_known = prepared_ && prepared_->root == root;
    if (is_root_known) newest->commitment.set(std::exchange(prepared_, std::nullopt));
    bool is_refused = false;
    if (!is_root_known && is_writer_busy) {
        // Who would wait for the writer may as well compute the root.
        const auto nodes = this->nodes();
        if (!nodes) return std::unexpected(nodes.error());
        is_refused = !settle_root(*newest, **nodes);
    }
    {
        sync::UniqueLock lock(mutex_);
        changed_.wait(lock, [&] { return on_its_way_ == nullptr; });
        if (failure_) {
            refusal_.reset();
            return std::unexpected(*failure_);
        }
        is_root_outstanding_ = !is_root_known && !is_writer_busy;
        if (options_.write_behind && !is_refused) on_its_way_ = newest;
    }
    if (options_.write_behind) {
        changed_.notify_all();
    } else if (auto written = finish(*newest); !written) {
        const sync::LockGuard lock(mutex_);
        failure_ = written.error();
        return written;
    }
    head_root_ = root;
    lay(std::move(newest));
    return {};
}

Result<std::optional<hash32>> DatabaseStore::settle() {
    std::optional<Result<hash32>> refusal;
    {
        sync::UniqueLock lock(mutex_);
        changed_.wait(lock, [&] { return !is_root_outstanding_; });
        if (!refusal_) return std::nullopt;
        // The writer is done with the block.
        changed_.wait(lock, [&] { return on_its_way_ == nullptr; });
        refusal = std::exchange(refusal_, std::nullopt);
    }
    head_root_ = newest_->parent_state_root;
    lay(nullptr);
    if (!*refusal) return std::unexpected(refusal->error());
    return **refusal;
}

Result<void> DatabaseStore::rewind(uint64_t number) {
    if (const auto written = await_writer(); !written) return written;
    const auto done = database_.rewind(number);
    lay(nullptr);
    const auto loaded = load_head();
    if (!done) return fail_with(done.error());
    return loaded;
}

void DatabaseStore::remember_bad(const hash32& hash, std::string_view why) {
    if (!await_writer()) return;
    const auto written = database_.put_bad_block(hash, why);
    if (written) return;
    const sync::LockGuard lock(mutex_);
    failure_ = fail_with(written.error()).error();
}

Result<std::vector<RememberedBlock>> DatabaseStore::bad_blocks() {
    auto bad = database_.chain().bad_blocks();
    if (!bad) return fail_with(bad.error());
    std::vector<RememberedBlock> blocks;
    for (db::BadBlock& block : *bad) blocks.push_back({.hash = block.hash, .why = std::move(block.why)});
    return blocks;
}

Result<void> DatabaseStore::flush() {
    if (const auto written = await_writer(); !written) return written;
    const auto flushed = database_.flush();
    if (!flushed) return fail_with(flushed.error());
    unsynced_blocks_ = unsynced_bytes_ = 0;
    last_sync_ = std::chrono::steady_clock::now();
    return {};
}

std::optional<Error> DatabaseStore::read_failure() const {
    const auto failure = state_->failure();
    return failure ? std::optional(fail_with(*failure).error()) : std::nullopt;
}

void DatabaseStore::serve() {
    // Kept until the next one is written: it is much to free, and the thread that executes has better things to do.
    std::shared_ptr<NewestBlock> last;
    sync::UniqueLock lock(mutex_);
    while (true) {
        changed_.wait(lock, [&] { return on_its_way_ != nullptr || stopping_; });
        if (on_its_way_ == nullptr) return;
        const auto block = on_its_way_;
        lock.unlock();
        auto written = finish(*block);
        last = block;
        lock.lock();
        if (!written) failure_ = std::move(written.error());
        on_its_way_.reset();
        changed_.notify_all();
    }
}

Result<void> DatabaseStore::finish(NewestBlock& block) {
    bool is_outstanding = false;
    {
        const sync::LockGuard lock(mutex_);
        is_outstanding = is_root_outstanding_;
    }
    if (is_outstanding && !settle_root(block, database_.nodes())) return {};
    return write(block);
}

bool DatabaseStore::settle_root(NewestBlock& block, trie::NodeReader& parent_nodes) {
    const auto computed = [&]() -> Result<state::StateCommitment> {
        try {
            return commitment_to(block.diff, block.parent_state_root, parent_nodes);
        } catch (const std::bad_alloc&) {
            return fail("out of memory");  // short enough to need none
        } catch (const std::exception& exception) {
            return fail(fmt::format("the state root cannot be computed: {}", exception.what()));
        }
    };
    auto commitment = computed();
    std::optional<Result<hash32>> refusal;
    if (!commitment)
        refusal = std::unexpected(commitment.error());
    else if (commitment->root != block.stored.block->header.state_root)
        refusal = commitment->root;
    block.commitment.set(refusal ? std::nullopt : std::optional(*std::move(commitment)));
    const bool is_right = !refusal;
    {
        const sync::LockGuard lock(mutex_);
        is_root_outstanding_ = false;
        refusal_ = std::move(refusal);
    }
    changed_.notify_all();
    return is_right;
}

Result<void> DatabaseStore::write(const NewestBlock& block) {
    // What a library throws must not end a thread that nobody joins before the program ends.
    try {
        const bool sync = is_sync_due(block);
        const auto written = database_.commit({.block = *block.stored.block,
                                               .receipts = block.receipts,
                                               .senders = block.senders,
                                               .diff = block.diff,
                                               .nodes = block.commitment.await()->nodes,
                                               .total_difficulty = block.stored.total_difficulty,
                                               .sync = sync});
        if (!written) return fail_with(written.error());
        return {};
    } catch (const std::bad_alloc&) {
        return fail("out of memory");  // short enough to need none
    } catch (const std::exception& exception) {
        return fail(fmt::format("writing block {} failed: {}", block.stored.block->header.number, exception.what()));
    }
}

bool DatabaseStore::is_sync_due(const NewestBlock& block) {
    const auto now = std::chrono::steady_clock::now();
    ++unsynced_blocks_;
    unsynced_bytes_ += written_bytes(block);
    const bool is_due =
        unsynced_blocks_ >= options_.sync_blocks || unsynced_bytes_ >= options_.sync_bytes || now - last_sync_ >= options_.sync_interval;
    if (!is_due) return false;
    unsynced_blocks_ = unsynced_bytes_ = 0;
    last_sync_ = now;
    return true;
}

Result<void> DatabaseStore::await_writer() {
    sync::UniqueLock lock(mutex_);
    changed_.wait(lock, [&] { return on_its_way_ == nullptr; });
    if (failure_) return std::unexpected(*failure_);
    if (refusal_) return refused();
    return {};
}

std::unexpected<Error> DatabaseStore::refused() const {
    if (!*refusal_) return std::unexpected(refusal_->error());
    return fail(fmt::format("the state after the newest block has the root {}, not that of its header", to_hex(**refusal_)));
}

}  // namespace weft::chain
