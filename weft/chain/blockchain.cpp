// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/chain/blockchain.hpp"

#include "weft/base/hex.hpp"
#include "weft/types/sender_recovery.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <utility>

namespace weft::chain {
namespace {

/// More than the generations that ommers look back.
constexpr uint64_t kMargin = 8;

std::unexpected<Rejection> refuse(const hash32& block, RejectionReason reason) {
    return std::unexpected(Rejection{.block = block, .reason = std::move(reason)});
}

/// Of a valid block: the difficulty is zero from Paris on (EIP-3675), and never before it. The first block is what its file says.
bool is_proof_of_stake(const types::Header& header) noexcept { return header.number > 0 && header.difficulty.is_zero(); }

/// Whether the receipts of a block name the state root after their transaction.
bool has_state_roots(const types::Block& block, const types::ChainRules& rules) noexcept {
    return rules.revision < types::Revision::Byzantium && !block.transactions.empty();
}

Result<void> commit_genesis(const Genesis& genesis, ChainStore& store) {
    const auto committed = store.commit({.block = std::make_shared<const types::Block>(genesis.block),
                                         .hash = genesis.hash,
                                         .total_difficulty = genesis.block.header.difficulty,
                                         .receipts = {},
                                         .senders = {},
                                         .diff = genesis.allocation});
    if (!committed) return committed;
    const auto other_root = store.settle();
    if (!other_root) return std::unexpected(other_root.error());
    if (!*other_root) return {};
    return fail(fmt::format("the store computes {} as the state root of the first block, whose header says {}", to_hex(**other_root),
                            to_hex(genesis.block.header.state_root)));
}

Result<StoredBlock> stored_block(ChainStore& store, uint64_t number) {
    auto block = store.block(number);
    if (!block) return std::unexpected(block.error());
    if (!*block) return fail(fmt::format("the store lacks block {} of its chain", number));
    return std::move(**block);
}

Result<void> check_genesis(const Genesis& genesis, ChainStore& store) {
    const auto first = stored_block(store, 0);
    if (!first) return std::unexpected(first.error());
    if (first->hash == genesis.hash) return {};
    return fail(fmt::format("the database holds another chain: its first block is {}, that of the genesis {}", to_hex(first->hash),
                            to_hex(genesis.hash)));
}

/// The most recent blocks of a store.
Result<BlockTree> load_tree(ChainStore& store, uint64_t head, const TreeLimits& limits) {
    const uint64_t kept = limits.depth + kMargin;
    const uint64_t oldest = head > kept ? head - kept : 0;
    auto first = stored_block(store, oldest);
    if (!first) return std::unexpected(first.error());
    BlockTree tree(*first->block, first->hash, first->total_difficulty, limits);
    for (uint64_t number = oldest + 1; number <= head; ++number) {
        auto stored = stored_block(store, number);
        if (!stored) return std::unexpected(stored.error());
        KnownBlock* const block = tree.insert(std::move(stored->block), stored->hash, 0, tree.head());
        if (block->header.parent_hash != tree.head().hash || block->total_difficulty != stored->total_difficulty)
            return fail(fmt::format("block {} of the store does not follow the one before it", number));
        block->release_block();
        tree.set_head(*block);
    }
    return tree;
}

Result<void> load_bad_blocks(ChainStore& store, BlockTree& tree) {
    auto bad = store.bad_blocks();
    if (!bad) return std::unexpected(bad.error());
    for (RememberedBlock& block : *bad)
        if (tree.find(block.hash) == nullptr) tree.mark_bad(block.hash, RememberedRule{std::move(block.why)});
    return {};
}

}  // namespace

Result<Blockchain> Blockchain::open(const Genesis& genesis, ChainStore& store, ExecuteBlock execute, const TreeLimits& limits) {
    const auto head = store.head_number();
    if (!head) return std::unexpected(head.error());
    const auto ready = *head ? check_genesis(genesis, store) : commit_genesis(genesis, store);
    if (!ready) return std::unexpected(ready.error());
    auto tree = load_tree(store, head->value_or(0), limits);
    if (!tree) return std::unexpected(tree.error());
    if (const auto loaded = load_bad_blocks(store, *tree); !loaded) return std::unexpected(loaded.error());
    return Blockchain(genesis, store, std::move(execute), std::move(*tree));
}

types::ChainRules Blockchain::rules_of(const types::Header& header, const KnownBlock& parent) const noexcept {
    return spec_.rules_at(header.number, header.timestamp, spec_.is_merged_after(parent.total_difficulty));
}

std::expected<Added, Rejection> Blockchain::add(bytes_view encoded) {
    auto block = types::decode_block(encoded);
    if (!block) return refuse({}, block.error());
    return add(std::move(*block), encoded.size());
}

std::expected<Added, Rejection> Blockchain::append(bytes_view encoded) { return make_head_if_merged(add(encoded)); }

std::expected<Added, Rejection> Blockchain::append(types::Block block, size_t encoded_size, std::optional<RecoveredSenders> senders) {
    return make_head_if_merged(add(std::move(block), encoded_size, std::move(senders)));
}

std::expected<Added, Rejection> Blockchain::make_head_if_merged(const std::expected<Added, Rejection>& added) {
    if (!added || added->placement != Placement::side) return added;
    return is_proof_of_stake(tree_.find(added->hash)->header) ? set_head(added->hash) : added;
}

std::expected<KnownBlock*, Rejection> Blockchain::parent_of(const types::Block& block, const hash32& hash) {
    const hash32& parent_hash = block.header.parent_hash;
    if (KnownBlock* const parent = tree_.find(parent_hash)) {
        if (const auto deep = too_deep(*parent)) return refuse(hash, *deep);
        return parent;
    }
    if (const BadBlock* const bad = tree_.bad(parent_hash)) {
        const BadBlock ancestor = *bad;
        tree_.mark_descendant_of_bad(hash, ancestor);
        return refuse(hash, DescendsFromBad{ancestor});
    }
    const auto number = store_->number_of(parent_hash);
    if (!number) return refuse(hash, number.error());
    if (!*number) return refuse(hash, UnknownParent{parent_hash});
    const uint64_t depth = std::min(tree_.limits().depth, head().number());
    return refuse(hash, BranchTooDeep{.fork_number = **number, .oldest = head().number() - depth});
}

std::optional<BranchTooDeep> Blockchain::too_deep(KnownBlock& parent) const {
    const uint64_t fork = BlockTree::fork_of(parent).number();
    const uint64_t depth = std::min(tree_.limits().depth, head().number());
    const uint64_t oldest = std::max(head().number() - depth, store_->oldest_rewind());
    if (fork >= oldest) return std::nullopt;
    return BranchTooDeep{.fork_number = fork, .oldest = oldest};
}

std::optional<BlockFault> Blockchain::validate(const types::Block& block, size_t encoded_size, const KnownBlock& parent) const {
    const bool merged = spec_.is_merged_after(parent.total_difficulty);
    const auto context = HeaderContext::of(block.header, parent.header, parent.hash, spec_, merged);
    if (const auto fault = check_header(block.header, context)) return fault;
    if (const auto fault = check_body(block, encoded_size, context.rules)) return fault;
    return check_ommers(block.ommers, BlockTree::ancestors_of(parent), spec_);
}

std::expected<KnownBlock*, Rejection> Blockchain::insert(types::Block block, const hash32& hash, size_t encoded_size,
                                                         std::optional<RecoveredSenders> senders) {
    if (const BadBlock* const bad = tree_.bad(hash)) return refuse(hash, DescendsFromBad{*bad});
    const auto kept = store_->number_of(hash);
    if (!kept) return refuse(hash, kept.error());
    if (*kept || tree_.find(hash) != nullptr) return nullptr;

    const auto parent = parent_of(block, hash);
    if (!parent) return std::unexpected(parent.error());
    if (const auto fault = validate(block, encoded_size, **parent)) {
        if (is_about_hash(*fault)) mark_bad(hash, *fault);
        return refuse(hash, *fault);
    }
    KnownBlock* const known = tree_.insert(std::make_shared<const types::Block>(std::move(block)), hash, encoded_size, **parent);
    if (known == nullptr) return refuse(hash, BranchTooLong{});
    known->senders = std::move(senders);
    return known;
}

std::expected<Added, Rejection> Blockchain::add(types::Block block, size_t encoded_size, std::optional<RecoveredSenders> senders) {
    if (const Refusal refusal = settle()) return std::unexpected(*refusal);
    const hash32 hash = types::hash(block.header);
    const auto known = insert(std::move(block), hash, encoded_size, std::move(senders));
    if (!known) return std::unexpected(known.error());
    if (*known == nullptr) return Added{.hash = hash, .placement = Placement::known};
    // The difficulty decides between proof-of-work blocks only (EIP-3675).
    const bool is_explicit = is_proof_of_stake((*known)->header) || is_proof_of_stake(head().header);
    if (is_explicit || !tree_.is_heavier_than_head(**known)) return Added{.hash = hash, .placement = Placement::side};
    return switch_to(**known);
}

std::expected<Added, Rejection> Blockchain::extend(types::Block block, size_t encoded_size, std::optional<RecoveredSenders> senders) {
    if (block.header.parent_hash != head().hash) return append(std::move(block), encoded_size, std::move(senders));
    const hash32 hash = types::hash(block.header);
    const auto known = insert(std::move(block), hash, encoded_size, std::move(senders));
    if (!known) return std::unexpected(known.error());
    if (*known == nullptr) return Added{.hash = hash, .placement = Placement::known};
    if (const Refusal refusal = execute(**known)) return std::unexpected(*refusal);
    tree_.forget_old_blocks();
    return Added{.hash = hash, .placement = Placement::head};
}

std::optional<Rejection> Blockchain::settle() {
    const auto other_root = store_->settle();
    KnownBlock& settled = tree_.head();
    if (other_root && !*other_root) {
        settled.release_block();
        return std::nullopt;
    }
    tree_.set_head(*settled.parent);
    if (!other_root) return Rejection{.block = settled.hash, .reason = other_root.error()};
    return reject(settled.hash, BlockFault::state_root_wrong);
}

std::expected<Added, Rejection> Blockchain::set_head(const hash32& hash) {
    if (const Refusal refusal = settle()) return std::unexpected(*refusal);
    if (const BadBlock* const bad = tree_.bad(hash)) return refuse(hash, DescendsFromBad{*bad});
    KnownBlock* const block = tree_.find(hash);
    if (block == nullptr) return refuse(hash, Error{"it is not known"});
    if (const auto deep = too_deep(*block)) return refuse(hash, *deep);
    return switch_to(*block);
}

std::expected<Added, Rejection> Blockchain::switch_to(KnownBlock& block) {
    const hash32 hash = block.hash;
    KnownBlock& old_head = tree_.head();
    const TreePath path = BlockTree::path(old_head, block);
    Refusal refusal = rewind(path);
    if (!refusal) refusal = execute_branch(path.execute);
    if (refusal) {
        if (const Refusal failed = restore(old_head)) return std::unexpected(*failed);
        return std::unexpected(*refusal);
    }
    tree_.forget_old_blocks();
    return Added{.hash = hash, .placement = path.undo.empty() ? Placement::head : Placement::reorganised, .undone = path.undo.size()};
}

Blockchain::Refusal Blockchain::rewind(const TreePath& path) {
    if (path.undo.empty()) return std::nullopt;
    for (KnownBlock* const block : path.undo) {
        if (block->block != nullptr) continue;
        auto stored = stored_block(*store_, block->number());
        if (!stored) return Rejection{.block = block->hash, .reason = stored.error()};
        block->block = std::move(stored->block);
    }
    if (const auto done = store_->rewind(path.fork->number()); !done) return Rejection{.block = path.fork->hash, .reason = done.error()};
    tree_.set_head(*path.fork);
    return std::nullopt;
}

void Blockchain::mark_bad(const hash32& hash, const BrokenRule& rule) {
    tree_.mark_bad(hash, rule);
    store_->remember_bad(hash, to_string(rule));
}

Rejection Blockchain::reject(const hash32& hash, const RejectionReason& reason) {
    Rejection rejection{.block = hash, .reason = reason};
    if (const auto* const fault = std::get_if<BlockFault>(&reason)) mark_bad(rejection.block, *fault);
    const auto* const error = std::get_if<execution::BlockError>(&reason);
    if (error != nullptr && is_about_block(*error)) mark_bad(rejection.block, *error);
    return rejection;
}

Blockchain::Refusal Blockchain::execute_branch(const std::vector<KnownBlock*>& branch) {
    for (KnownBlock* const block : branch)
        if (const Refusal refusal = execute(*block)) return refusal;
    return settle();
}

Blockchain::Refusal Blockchain::restore(KnownBlock& old_head) {
    const TreePath path = BlockTree::path(tree_.head(), old_head);
    Refusal failed = rewind(path);
    if (!failed) failed = execute_branch(path.execute);
    if (!failed) return std::nullopt;
    return Rejection{.block = failed->block, .reason = Error{"the chain could not go back to its head: " + to_string(failed->reason)}};
}

Blockchain::Refusal Blockchain::execute(KnownBlock& known) {
    const types::Block& block = *known.block;
    const types::ChainRules rules = rules_of(block.header, *known.parent);
    std::optional<types::SenderRecovery> recovery;
    const bool are_senders_known = known.senders && known.senders->revision == rules.revision;
    if (!are_senders_known) recovery.emplace(block.transactions, rules.revision);
    execution::BlockInput input{
        .header = &block.header,
        .transactions = block.transactions,
        .senders = are_senders_known ? std::span<const std::optional<address>>(known.senders->senders) : recovery->senders(),
        .recovery = are_senders_known ? nullptr : &*recovery,
        .ommers = block.ommers,
        .withdrawals = {},
        .rules = rules,
    };
    if (block.withdrawals) input.withdrawals = *block.withdrawals;
    auto outcome = execute_(input, store_->state(), {.keep_effects = has_state_roots(block, rules)});
    // On a state that is wrong the outcome says nothing, and the block is forgotten.
    if (const Refusal refusal = settle()) return refusal;
    if (recovery) static_cast<void>(recovery->await_all());
    if (const auto reason = commit(known, input, std::move(outcome))) return reject(known.hash, *reason);
    tree_.set_head(known);
    return std::nullopt;
}

std::optional<RejectionReason> Blockchain::commit(const KnownBlock& known, const execution::BlockInput& input,
                                                  execution::BlockOutcome outcome) {
    if (!outcome) return outcome.error();
    execution::BlockResult& result = *outcome;
    if (has_state_roots(*known.block, input.rules)) {
        const auto roots = store_->roots_after(result.effects);
        if (!roots) return roots.error();
        for (size_t i = 0; i < result.receipts.size(); ++i) result.receipts[i].post_state = (*roots)[i + 1];
    }
    if (const auto fault = check_result(known.header, result, result.receipts)) return *fault;
    const auto committed = store_->commit({.block = known.block,
                                           .hash = known.hash,
                                           .total_difficulty = known.total_difficulty,
                                           .receipts = std::move(result.receipts),
                                           .senders = input.senders,
                                           .diff = std::move(result.diff)});
    if (!committed) return committed.error();
    return std::nullopt;
}

}  // namespace weft::chain
