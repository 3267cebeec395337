// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/whole_block.hpp"

#include "cmd/weft/measure.hpp"
#include "weft/base/hex.hpp"
#include "weft/execution/block_difference.hpp"
#include "weft/fixtures/witness_nodes.hpp"
#include "weft/kv/memory_store.hpp"
#include "weft/state/state_commitment.hpp"
#include "weft/trie/memory_nodes.hpp"
#include "weft/trie/roots.hpp"

#include <fmt/format.h>

#include <cstdlib>
#include <filesystem>
#include <utility>

namespace weft::cli {

/// The state of the store. Ancestors have the hashes that they had where the block comes from.
class WholeBlock::State final : public state::StateView {
  public:
    State(state::StateView& stored, state::StateView& recorded) : stored_(stored), recorded_(recorded) {}

    state::ReadResult<std::optional<state::Account>> account(const address& addr) override { return stored_.account(addr); }
    state::ReadResult<uint256> storage(const address& addr, const uint256& slot) override { return stored_.storage(addr, slot); }
    state::ReadResult<const state::Code*> code(const hash32& code_hash) override { return stored_.code(code_hash); }
    state::ReadResult<hash32> block_hash(uint64_t number) override { return recorded_.block_hash(number); }

  private:
    state::StateView& stored_;
    state::StateView& recorded_;
};

/// The same as it was before the block, which has been committed.
class WholeBlock::StateBefore final : public state::StateView {
  public:
    StateBefore(state::StateView& stored, state::StateView& recorded, const state::StateDiff& undo)
        : stored_(stored), recorded_(recorded), undo_(undo) {}

    state::ReadResult<std::optional<state::Account>> account(const address& addr) override { return view_of(addr).account(addr); }
    state::ReadResult<uint256> storage(const address& addr, const uint256& slot) override { return view_of(addr).storage(addr, slot); }
    state::ReadResult<const state::Code*> code(const hash32& code_hash) override { return stored_.code(code_hash); }
    state::ReadResult<hash32> block_hash(uint64_t number) override { return recorded_.block_hash(number); }

  private:
    /// What is recorded of an account is all that the block asks for.
    state::StateView& view_of(const address& addr) { return undo_.accounts.find(addr) != undo_.accounts.end() ? recorded_ : stored_; }

    state::StateView& stored_;
    state::StateView& recorded_;
    const state::StateDiff& undo_;
};

/// A temporary folder that is gone when this is.
class WholeBlock::Folder {
  public:
    Folder() {
        std::string name = (std::filesystem::temp_directory_path() / "weft_commit_XXXXXX").string();
        if (mkdtemp(name.data()) != nullptr) path_ = name;
    }
    Folder(const Folder&) = delete;
    Folder& operator=(const Folder&) = delete;
    ~Folder() {
        std::error_code ignored;
        if (!path_.empty()) std::filesystem::remove_all(path_, ignored);
    }

    /// Empty: there is none.
    [[nodiscard]] const std::filesystem::path& path() const { return path_; }

  private:
    std::filesystem::path path_;
};

WholeBlock::WholeBlock(ExecutedOnState block, const CommitOptions& options)
    : block_(std::move(block)), options_(options), undo_(block_.pre_state.undo_of(block_.result.diff)), receipts_(block_.result.receipts) {
    for (const auto& [addr, record] : block_.pre_state.accounts())
        if (record.code_hash != state::kEmptyCodeHash && block_.pre_state.code(record.code_hash)) code_hashes_.push_back(record.code_hash);
}

WholeBlock::~WholeBlock() {
    // The store is to be gone before its folder.
    store_.reset();
    database_.reset();
}

Result<std::unique_ptr<WholeBlock>> WholeBlock::open(ExecutedOnState block, const CommitOptions& options) {
    std::unique_ptr<WholeBlock> whole(new WholeBlock(std::move(block), options));
    if (const auto put = whole->put_state(); !put) return std::unexpected(put.error());
    if (const auto learnt = whole->learn_roots(); !learnt) return std::unexpected(learnt.error());
    // Whether there is a way back shows at once.
    if (const auto put = whole->put_block(); !put) return std::unexpected(put.error());
    if (const auto back = whole->commit(whole->what_takes_it_back()); !back) return std::unexpected(back.error());
    if (const auto settled = whole->settle(); !settled) return std::unexpected(settled.error());
    return whole;
}

Result<void> WholeBlock::open_database() {
    const db::Options options;
    const db::Identity identity{.chain_id = 1, .genesis_hash = head_hash_};
    db::Expected<std::unique_ptr<db::Database>> opened;
    if (options_.store == "memory") {
        opened = db::Database::open(std::make_unique<kv::MemoryStore>(db::schema()), options, identity);
    } else {
        folder_ = std::make_unique<Folder>();
        if (folder_->path().empty()) return fail("no temporary folder can be made");
        opened = db::Database::open(folder_->path(), options, identity);
    }
    if (!opened) return fail(opened.error().context);
    database_ = *std::move(opened);
    return {};
}

/// Makes the state before the block that after the first block of a chain.
Result<void> WholeBlock::put_state() {
    const state::StateDiff state = block_.pre_state.difference_from_nothing();
    trie::NodeChanges nodes;
    if (block_.witness != nullptr) {
        nodes = fixtures::nodes_in_places(block_.pre_state_root, *block_.witness);
        pre_root_ = block_.pre_state_root;
    } else {
        trie::MemoryNodes nothing;
        Crew nobody;
        auto made = state::commit(state, trie::kEmptyRoot, nothing, nobody);
        if (!made) return fail("the tries of the state cannot be made");
        nodes = std::move(made->nodes);
        pre_root_ = made->root;
    }
    types::Block first;
    first.header.state_root = pre_root_;
    head_hash_ = types::hash(first.header);
    if (const auto opened = open_database(); !opened) return opened;
    const auto put =
        database_->commit({.block = first, .receipts = {}, .senders = {}, .diff = state, .nodes = nodes, .total_difficulty = {}});
    if (!put) return fail(put.error().context);
    // A state is mostly in files, not in what was written last.
    for (kv::TableId table = 0; table < db::schema().size(); ++table)
        if (const auto compacted = database_->store().compact(table); !compacted) return fail(compacted.error().context);
    auto store = chain::DatabaseStore::open(*database_, {.threads = options_.threads, .write_behind = options_.write_behind});
    if (!store) return std::unexpected(store.error());
    store_ = *std::move(store);
    return {};
}

Result<void> WholeBlock::learn_roots() {
    if (block_.has_state_roots) {
        const auto roots = store_->roots_after(block_.result.effects);
        if (!roots) return std::unexpected(roots.error());
        for (size_t i = 0; i < receipts_.size(); ++i) receipts_[i].post_state = (*roots)[i + 1];
    }
    const auto root = store_->root_after(block_.result.diff);
    if (!root) return std::unexpected(root.error());
    root_ = *root;
    return {};
}

void WholeBlock::forget_analysis() {
    // As another reader of the same code, so that nobody finds it at hand.
    const auto state = database_->head_state();
    for (const hash32& hash : code_hashes_)
        if (const auto code = state->code(hash)) (*code)->forget_jump_destinations();
}

execution::BlockOutcome WholeBlock::run(const Execute& execute) {
    if (is_after_block_) {
        StateBefore view(store_->state(), block_.pre_state, undo_);
        return execute(view);
    }
    State view(store_->state(), block_.pre_state);
    return execute(view);
}

Result<void> WholeBlock::check(const execution::BlockOutcome& outcome) const {
    if (const auto found = execution::difference(block_.result, outcome))
        return fail(fmt::format("execution on the database differs: {}", *found));
    return {};
}

WholeBlock::Commitment WholeBlock::what_the_block_commits() const {
    return {.block = block_.block, .diff = block_.result.diff, .receipts = receipts_};
}

WholeBlock::Commitment WholeBlock::what_takes_it_back() const { return {.block = block_.block, .diff = undo_, .receipts = receipts_}; }

Result<void> WholeBlock::commit(Commitment commitment) {
    types::Header& header = commitment.block.header;
    header.number = head_number_ + 1;
    header.parent_hash = head_hash_;
    header.state_root = is_after_block_ ? pre_root_ : root_;
    is_after_block_ = !is_after_block_;
    const hash32 hash = types::hash(header);
    const auto committed = store_->commit({.block = std::make_shared<const types::Block>(std::move(commitment.block)),
                                           .hash = hash,
                                           .total_difficulty = {},
                                           .receipts = std::move(commitment.receipts),
                                           .senders = block_.senders,
                                           .diff = std::move(commitment.diff)});
    if (!committed) return committed;
    ++head_number_;
    head_hash_ = hash;
    return {};
}

Result<void> WholeBlock::settle() {
    const auto other_root = store_->settle();
    if (!other_root) return std::unexpected(other_root.error());
    const hash32& root = is_after_block_ ? root_ : pre_root_;
    if (*other_root) return fail(fmt::format("state root {}, not {}", to_hex(**other_root), to_hex(root)));
    return {};
}

Result<void> WholeBlock::put_block() {
    if (is_after_block_) return {};
    return commit(what_the_block_commits());
}

Result<void> WholeBlock::go_back() {
    if (is_after_block_)
        if (const auto back = commit(what_takes_it_back()); !back) return back;
    return store_->await_writer();
}

Result<WholeBlock::Times> WholeBlock::execute(const Execute& execute) {
    if (const auto back = go_back(); !back) return std::unexpected(back.error());
    forget_analysis();
    const Clock::time_point start = Clock::now();
    const execution::BlockOutcome outcome = run(execute);
    const Times times{.execution = milliseconds_since(start)};
    if (const auto checked = check(outcome); !checked) return std::unexpected(checked.error());
    return times;
}

Result<WholeBlock::Times> WholeBlock::run_and_commit(const Execute& execute, execution::BlockOutcome& outcome, Commitment commitment) {
    Times times;
    Clock::time_point start = Clock::now();
    outcome = run(execute);
    times.execution = milliseconds_since(start);
    if (!outcome) return fail(to_string(outcome.error()));

    start = Clock::now();
    if (block_.has_state_roots) {
        const auto roots = store_->roots_after(outcome->effects);
        if (!roots) return std::unexpected(roots.error());
        // Those of the block on the state after it are nobody's.
        for (size_t i = 0; i < receipts_.size() && !is_after_block_; ++i)
            if (receipts_[i].post_state != (*roots)[i + 1]) return fail("other state roots of receipts than before");
    }
    if (const auto committed = commit(std::move(commitment)); !committed) return std::unexpected(committed.error());
    times.commit = milliseconds_since(start);
    return times;
}

Result<WholeBlock::Times> WholeBlock::execute_and_commit(const Execute& execute) {
    // Copies are made beforehand.
    RoundTrip first{.there = what_the_block_commits(), .back = what_takes_it_back()};
    RoundTrip second = first;
    Commitment way_back_before = first.back;
    if (const auto put = put_block(); !put) return std::unexpected(put.error());
    if (const auto written = store_->await_writer(); !written) return std::unexpected(written.error());
    if (const auto back = commit(std::move(way_back_before)); !back) return std::unexpected(back.error());
    // The writer has had nothing to do before. Afterwards it has what it has in the middle of a chain: checking would give it time to catch
    // up.
    std::vector<execution::BlockOutcome> outcomes;
    if (const auto led = go_there_and_back(execute, std::move(first), outcomes); !led) return led;
    const auto times = go_there_and_back(execute, std::move(second), outcomes);
    if (!times) return times;
    for (const execution::BlockOutcome& outcome : outcomes)
        if (const auto checked = check(outcome); !checked) return std::unexpected(checked.error());
    if (const auto settled = settle(); !settled) return std::unexpected(settled.error());
    return times;
}

Result<WholeBlock::Times> WholeBlock::go_there_and_back(const Execute& execute, RoundTrip trip,
                                                        std::vector<execution::BlockOutcome>& outcomes) {
    forget_analysis();
    const auto there = run_and_commit(execute, outcomes.emplace_back(), std::move(trip.there));
    if (!there) return there;
    forget_analysis();
    const auto back = run_and_commit(execute, outcomes.emplace_back(), std::move(trip.back));
    if (!back) return back;
    return Times{.execution = (there->execution + back->execution) / 2, .commit = (there->commit + back->commit) / 2};
}

}  // namespace weft::cli
