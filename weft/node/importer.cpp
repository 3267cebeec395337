// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/node/importer.hpp"

#include "weft/base/hex.hpp"
#include "weft/chain/blockchain.hpp"
#include "weft/execution/block_executor.hpp"
#include "weft/node/block_feed.hpp"
#include "weft/node/block_source.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <memory>
#include <utility>

namespace weft::node {
namespace {

using Kind = ImportFailure::Kind;

/// Of the threads, so many recover senders ahead: one in so many.
constexpr unsigned kThreadsForARecoverer = 2;

chain::ExecuteBlock executor_on(unsigned threads) {
    auto executor = std::make_shared<execution::BlockExecutor>(threads);
    return [executor](const execution::BlockInput& block, state::StateView& view, const execution::BlockOptions& options) {
        return executor->execute(block, view, options);
    };
}

chain::DatabaseStoreOptions store_options(const ImportOptions& options) {
    chain::DatabaseStoreOptions store = options.store;
    store.threads = options.threads;
    store.write_behind = options.overlaps;
    return store;
}

class Importer {
  public:
    Importer(const chain::Genesis& genesis, db::Database& database, const ImportOptions& options, const ImportCallback& callback)
        : genesis_(genesis), database_(database), options_(options), callback_(callback) {}

    ImportResult run() {
        if (const auto opened = open(); !opened) {
            fail_by(Kind::machine, opened.error().message);
            return std::move(result_);
        }
        BlockSource source(options_.files, database_.chain(), chain_->head().number(), genesis_.spec);
        if (options_.overlaps)
            import_ahead(source);
        else
            import_one_by_one(source);
        finish();
        return std::move(result_);
    }

  private:
    /// A block that is the head of the chain.
    struct Taken {
        db::BlockId id;
        std::string name;
        uint64_t transactions;
        uint64_t gas;
    };

    Result<void> open() {
        auto store = chain::DatabaseStore::open(database_, store_options(options_));
        if (!store) return std::unexpected(store.error());
        store_ = std::move(*store);
        auto chain = chain::Blockchain::open(genesis_, *store_, executor_on(options_.threads));
        if (!chain) return std::unexpected(chain.error());
        chain_.emplace(std::move(*chain));
        // The source of blocks looks into the database: what has just been put into an empty one is to be there.
        if (const auto flushed = store_->flush(); !flushed) return flushed;
        note_head();
        return {};
    }

    void import_ahead(BlockSource& source) {
        BlockFeed feed(source, {.recoverers = std::max(1U, options_.threads / kThreadsForARecoverer)});
        import([&] { return feed.next(); });
    }

    void import_one_by_one(BlockSource& source) {
        import([&]() -> Result<std::optional<FedItem>> {
            auto item = source.next();
            if (!item) return std::unexpected(item.error());
            if (!*item) return std::nullopt;
            return FedItem{.item = std::move(**item), .senders = {}};
        });
    }

    template <typename Next>
    void import(const Next& next) {
        while (true) {
            auto fed = next();
            if (!fed) return fail_by(Kind::input, fed.error().message);
            if (!*fed) return;
            if (!take(std::move(**fed))) return;
            result_.done.durable_head = store_->durable_head();
            if (callback_ && !callback_(result_.done)) {
                result_.is_stopped = true;
                return;
            }
        }
    }

    /// false: the import ends here.
    bool take(FedItem fed) {
        result_.done.skipped += fed.item.skipped;
        result_.done.bytes_read = fed.item.bytes_read;
        if (!fed.item.block) return true;
        SourceBlock& block = *fed.item.block;
        const uint64_t number = block.block.header.number;
        const std::string name = fmt::format("{}: block {} {}", block.place, number, to_hex(block.hash));
        const auto is_new = continues_chain(block, name);
        if (!is_new) return false;
        if (!*is_new) {
            ++result_.done.skipped;
            return true;
        }
        Taken taken{.id = {.number = number, .hash = block.hash},
                    .name = name,
                    .transactions = block.block.transactions.size(),
                    .gas = block.block.header.gas_used};
        std::optional<chain::RecoveredSenders> senders;
        if (options_.overlaps) senders = std::move(fed.senders);
        const auto added = chain_->extend(std::move(block.block), block.encoded_size, std::move(senders));
        if (!added) return refuse(added.error(), taken);
        if (unsettled_) count(*unsettled_);
        unsettled_ = std::move(taken);
        return options_.overlaps || settle();
    }

    /// Compares the state root that is outstanding. false: it is wrong, and the import ends here.
    bool settle() {
        if (!unsettled_) return true;
        const Taken settled = *std::exchange(unsettled_, std::nullopt);
        if (const auto rejection = chain_->settle()) return fail_by(settled.name, rejection->reason);
        count(settled);
        return true;
    }

    void count(const Taken& settled) {
        ++result_.done.blocks;
        result_.done.transactions += settled.transactions;
        result_.done.gas += settled.gas;
        result_.done.head = settled.id;
    }

    /// `taken` is refused, or the block before it, whose state root was outstanding.
    bool refuse(const chain::Rejection& rejection, const Taken& taken) {
        if (unsettled_ && rejection.block == unsettled_->id.hash)
            return fail_by(std::exchange(unsettled_, std::nullopt)->name, rejection.reason);
        return settle() && fail_by(taken.name, rejection.reason);
    }

    /// Whether the block is the next one; false: it came before in these files. Error: neither; the failure is noted.
    std::expected<bool, Kind> continues_chain(const SourceBlock& block, const std::string& name) {
        const chain::KnownBlock& head = chain_->head();
        const auto end_by = [&](Kind kind, std::string message) {
            fail_by(kind, std::move(message));
            return std::unexpected(kind);
        };
        if (block.block.header.number > head.number()) {
            if (block.block.header.parent_hash == head.hash) return true;
            return end_by(Kind::input, fmt::format("{}: its parent is {}, which is not block {} of the chain, {}", name,
                                                   to_hex(block.block.header.parent_hash), head.number(), to_hex(head.hash)));
        }
        const auto known = store_->number_of(block.hash);
        if (!known) return end_by(Kind::machine, known.error().message);
        if (*known) return false;
        return end_by(Kind::input, fmt::format("{}: the chain has another block of that number", name));
    }

    void note_head() {
        result_.done.head = {.number = chain_->head().number(), .hash = chain_->head().hash};
        result_.done.durable_head = store_->durable_head();
    }

    void finish() {
        settle();
        const auto flushed = store_->flush();
        if (!flushed && !(result_.failure && result_.failure->kind == Kind::machine)) fail_by(Kind::machine, flushed.error().message);
        note_head();
        // Whatever failed to be written is not the head of anything.
        if (!flushed) result_.done.head = database_.head().value_or(db::BlockId{});
    }

    void fail_by(Kind kind, std::string message) { result_.failure = ImportFailure{.kind = kind, .message = std::move(message)}; }

    bool fail_by(const std::string& name, const chain::RejectionReason& reason) {
        const auto* const error = std::get_if<execution::BlockError>(&reason);
        const bool is_machine = std::holds_alternative<Error>(reason) || (error != nullptr && !chain::is_about_block(*error));
        std::string message = fmt::format("{}: {}{}", name, is_machine ? "" : "invalid: ", chain::to_string(reason));
        if (const auto failure = store_->read_failure(); failure && is_machine) message += ": " + failure->message;
        fail_by(is_machine ? Kind::machine : Kind::invalid_block, std::move(message));
        return false;
    }

    const chain::Genesis& genesis_;
    db::Database& database_;
    const ImportOptions& options_;
    const ImportCallback& callback_;
    std::unique_ptr<chain::DatabaseStore> store_;
    std::optional<chain::Blockchain> chain_;
    std::optional<Taken> unsettled_;  // its state root is outstanding
    ImportResult result_;
};

}  // namespace

ImportResult import_blocks(const chain::Genesis& genesis, db::Database& database, const ImportOptions& options,
                           const ImportCallback& callback) {
    return Importer(genesis, database, options, callback).run();
}

}  // namespace weft::node
