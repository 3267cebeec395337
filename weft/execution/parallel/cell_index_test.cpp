// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/cell_index.hpp"

#include <gtest/gtest.h>

#include <deque>

namespace weft::execution::parallel {
namespace {

struct Cell {
    uint64_t hash;
    uint64_t key;
};

class CellIndexTest : public testing::Test {
  protected:
    Cell* find(uint64_t hash, uint64_t key) const {
        return index_.find(hash, [key](const Cell& cell) { return cell.key == key; });
    }
    Cell& add(uint64_t hash, uint64_t key) {
        index_.add(cells_.emplace_back(hash, key));
        return cells_.back();
    }

    std::deque<Cell> cells_;
    CellIndex<Cell> index_;
};

TEST_F(CellIndexTest, cells_of_one_hash_are_told_apart) {
    Cell& first = add(7, 1);
    Cell& second = add(7, 2);
    EXPECT_EQ(find(7, 1), &first);
    EXPECT_EQ(find(7, 2), &second);
    EXPECT_EQ(find(7, 3), nullptr);
    EXPECT_EQ(find(8, 1), nullptr);
}

TEST_F(CellIndexTest, growing_loses_nothing) {
    for (uint64_t key = 0; key < 5000; ++key) add(key * 0x9e3779b97f4a7c15, key);
    for (uint64_t key = 0; key < 5000; ++key) EXPECT_EQ(find(key * 0x9e3779b97f4a7c15, key), &cells_[key]);
}

TEST_F(CellIndexTest, nothing_of_one_block_is_found_in_a_later_one) {
    for (uint64_t block = 0; block < 600; ++block) {
        EXPECT_EQ(find(1, 1), nullptr) << block;
        add(1, 1);
        EXPECT_NE(find(1, 1), nullptr);
        index_.clear();
    }
}

TEST_F(CellIndexTest, look_ups_run_beside_additions) {
    sync::Atomic<uint64_t> added{0};
    bool all_found = true;
    sync::Thread reader([&] {
        for (uint64_t seen = 0; seen < 20000;) {
            seen = added.load(sync::kAcquire);
            // Added before this look-up began, so it must be found.
            if (seen > 0 && find(seen * 0x9e3779b97f4a7c15, seen) == nullptr) all_found = false;
        }
    });
    for (uint64_t key = 1; key <= 20000; ++key) {
        add(key * 0x9e3779b97f4a7c15, key);
        added.store(key, sync::kRelease);
    }
    reader.join();
    EXPECT_TRUE(all_found);
}

}  // namespace
}  // namespace weft::execution::parallel
