// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/chain/chain_maker.hpp"
#include "weft/base/random.hpp"
#include "weft/chain/blockchain.hpp"
#include "weft/chain/memory_chain_store.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <expected>
#include <iterator>
#include <ranges>
#include <string>
#include <unordered_set>

namespace weft::chain {
namespace {

using test::ChainMaker;
using test::MadeBlock;
using types::Revision;

constexpr Revision kRevisions[] = {Revision::Frontier,  Revision::Homestead, Revision::SpuriousDragon,
                                   Revision::Byzantium, Revision::Istanbul,  Revision::London};

/// Trees to go through: some thousands need a minute. $WEFT_RANDOM_TREES says another number.
uint64_t tree_count() {
    const char* const wish = std::getenv("WEFT_RANDOM_TREES");
    return wish == nullptr ? 2'000 : std::strtoull(wish, nullptr, 10);
}

ExecuteBlock in_order() {
    return [](const execution::BlockInput& block, state::StateView& view, const execution::BlockOptions& options) {
        return execution::SequentialExecutor().execute(block, view, options);
    };
}

/// A tree of blocks, some of which have a wrong state root, and which of them are valid with all their ancestors.
class Tree {
  public:
    explicit Tree(uint64_t seed) : random_(seed), maker_(kRevisions[random_.below(std::size(kRevisions))]) {
        blocks_.push_back(&maker_.first());
        valid_.insert(maker_.first().hash);
        const size_t count = 3 + random_.below(12);
        while (blocks_.size() <= count) grow();
    }

    [[nodiscard]] const ChainMaker& maker() const { return maker_; }
    [[nodiscard]] bool is_valid(const MadeBlock& block) const { return valid_.contains(block.hash); }
    /// All but the first, in random order.
    [[nodiscard]] std::vector<const MadeBlock*> shuffled() {
        std::vector<const MadeBlock*> order(blocks_.begin() + 1, blocks_.end());
        for (size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random_.below(i)]);
        return order;
    }

  private:
    void grow() {
        // Mostly on recent blocks, so that branches grow long.
        const size_t back = random_.chance(60) ? 1 + random_.below(std::min<size_t>(blocks_.size(), 3)) : 1 + random_.below(blocks_.size());
        const MadeBlock& parent = *blocks_[blocks_.size() - back];
        test::Wishes wishes{.seconds = 1 + random_.below(60), .extra_data = {static_cast<uint8_t>(blocks_.size())}};
        for (uint64_t user = 0; user < ChainMaker::users(); ++user) {
            if (!random_.chance(40)) continue;
            const bytes data = random_.chance(10) ? bytes{1} : bytes{};
            wishes.transactions.push_back(maker_.call(parent, user, ChainMaker::contract(), random_.below(5), data));
        }
        const MadeBlock* block = &maker_.make(parent, std::move(wishes));
        const bool is_damaged = random_.chance(8);
        if (is_damaged) block = &maker_.changed(*block, [](types::Block& damaged) { damaged.header.state_root.bytes[7] ^= 1; });
        if (!is_damaged && is_valid(parent)) valid_.insert(block->hash);
        blocks_.push_back(block);
    }

    Random random_;
    ChainMaker maker_;
    std::vector<const MadeBlock*> blocks_;
    std::unordered_set<hash32> valid_;
};

/// What happened, so that a run in which nothing does is noticed.
struct Tally {
    size_t reorganised = 0;
    size_t invalid = 0;
    size_t orphans = 0;
    size_t found_out_late = 0;

    void count(const std::expected<Added, Rejection>& added) {
        if (added) {
            reorganised += added->placement == Placement::reorganised;
        } else {
            orphans += std::holds_alternative<UnknownParent>(added.error().reason);
            invalid += std::holds_alternative<BlockFault>(added.error().reason);
        }
    }
};

/// Adds a block at once, or so that its state root may be outstanding for a while.
std::expected<Added, Rejection> add(Blockchain& chain, const MadeBlock& block, bool at_once, Tally& tally) {
    const auto attempt = [&] { return at_once ? chain.add(block.encoded) : chain.extend(block.block, block.encoded.size(), std::nullopt); };
    auto added = attempt();
    if (added || added.error().block == block.hash || !std::holds_alternative<BlockFault>(added.error().reason)) return added;
    ++tally.found_out_late;
    tally.count(added);
    return attempt();
}

/// Adds all blocks, again and again until those whose parents come late are in. Returns the head that must come out.
const MadeBlock* add_all(Tree& tree, Blockchain& chain, Random& random, Tally& tally) {
    const MadeBlock* head = &tree.maker().first();
    std::unordered_set<hash32> arrived{head->hash};
    std::vector<const MadeBlock*> waiting = tree.shuffled();
    while (!waiting.empty()) {
        std::vector<const MadeBlock*> orphans;
        for (const MadeBlock* block : waiting) {
            const bool at_once = random.chance(50);
            const auto added = add(chain, *block, at_once, tally);
            tally.count(added);
            if (!arrived.contains(block->parent->hash)) {
                EXPECT_FALSE(added);
                if (!added) EXPECT_TRUE(std::holds_alternative<UnknownParent>(added.error().reason)) << to_string(added.error());
                orphans.push_back(block);
                continue;
            }
            arrived.insert(block->hash);
            if (tree.is_valid(*block)) EXPECT_TRUE(added) << to_string(added.error());
            if (tree.is_valid(*block) && block->total_difficulty > head->total_difficulty) head = block;
            if (at_once) EXPECT_EQ(chain.head().hash, head->hash);
        }
        waiting = std::move(orphans);
    }
    if (chain.settle()) ++tally.found_out_late;
    EXPECT_EQ(chain.head().hash, head->hash);
    return head;
}

void expect_equal_stores(MemoryChainStore& actual, MemoryChainStore& expected) {
    const uint64_t head = expected.head_number().value().value();
    ASSERT_EQ(actual.head_number().value(), head);
    EXPECT_EQ(actual.content().root(), expected.content().root());
    for (uint64_t number = 0; number <= head; ++number) {
        const auto a = actual.block(number).value();
        const auto b = expected.block(number).value();
        EXPECT_EQ(a->hash, b->hash);
        EXPECT_EQ(*a->block, *b->block);
        EXPECT_EQ(a->total_difficulty, b->total_difficulty);
        EXPECT_EQ(actual.receipts(number), expected.receipts(number));
    }
}

TEST(RandomTrees, any_order_ends_in_the_state_of_the_linear_import) {
    Tally tally;
    for (uint64_t seed = 0; seed < tree_count(); ++seed) {
        SCOPED_TRACE("seed " + std::to_string(seed));
        Tree tree(seed);
        MemoryChainStore store;
        auto chain = Blockchain::open(tree.maker().genesis(), store, in_order());
        ASSERT_TRUE(chain);
        Random random(seed);
        const MadeBlock* const head = add_all(tree, *chain, random, tally);

        std::vector<const MadeBlock*> line;
        for (const MadeBlock* block = head; block->parent != nullptr; block = block->parent) line.push_back(block);
        MemoryChainStore linear;
        auto expected = Blockchain::open(tree.maker().genesis(), linear, in_order());
        for (const MadeBlock* block : line | std::views::reverse) ASSERT_TRUE(expected->add(block->encoded));
        expect_equal_stores(store, linear);
        if (HasFailure()) return;
    }
    EXPECT_GT(tally.reorganised, 10U);
    EXPECT_GT(tally.invalid, 10U);
    EXPECT_GT(tally.orphans, 10U);
    EXPECT_GT(tally.found_out_late, 10U);
}

}  // namespace
}  // namespace weft::chain
