// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/cell_index.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <vector>

namespace weft::execution::parallel {
namespace {

struct Cell {
    uint64_t key;
};

class CellIndexTest : public testing::Test {
  protected:
    /// The cell of `key`, which is `made` if there was none.
    static Cell& find_or_add(CellIndex<Cell>& index, uint64_t hash, Cell& made) {
        return index.find_or_add(hash, [&](const Cell& cell) { return cell.key == made.key; }, [&]() -> Cell& { return made; }, [] {});
    }
    static uint64_t hash_of(uint64_t key) { return key * 0x9e3779b97f4a7c15; }

    CellIndex<Cell> index_;
};

TEST_F(CellIndexTest, cells_of_one_hash_are_told_apart) {
    Cell first{1};
    Cell second{2};
    Cell first_again{1};
    EXPECT_EQ(&find_or_add(index_, 7, first), &first);
    EXPECT_EQ(&find_or_add(index_, 7, second), &second);
    EXPECT_EQ(&find_or_add(index_, 7, first_again), &first);
    EXPECT_EQ(&find_or_add(index_, 8, first_again), &first_again);
}

TEST_F(CellIndexTest, more_cells_than_a_table_has_places_for_are_all_kept) {
    constexpr uint64_t kCells = 50'000;
    std::deque<Cell> cells;
    for (uint64_t block = 0; block < 3; ++block) {
        cells.clear();
        for (uint64_t key = 0; key < kCells; ++key) EXPECT_EQ(&find_or_add(index_, hash_of(key), cells.emplace_back(key)), &cells.back());
        // All of one hash.
        for (uint64_t key = kCells; key < kCells + 20; ++key) EXPECT_EQ(&find_or_add(index_, 1, cells.emplace_back(key)), &cells.back());
        for (uint64_t key = 0; key < kCells + 20; ++key) {
            Cell other{key};
            EXPECT_EQ(&find_or_add(index_, key < kCells ? hash_of(key) : 1, other), &cells[key]);
        }
        index_.clear();
    }
}

TEST_F(CellIndexTest, nothing_of_one_block_is_found_in_a_later_one) {
    std::deque<Cell> cells;
    for (uint64_t block = 0; block < 600; ++block) {
        EXPECT_EQ(&find_or_add(index_, 1, cells.emplace_back(1)), &cells.back());
        index_.clear();
    }
}

TEST_F(CellIndexTest, threads_that_add_the_same_cells_agree) {
    constexpr uint64_t kCells = 20'000;
    constexpr size_t kThreads = 4;
    std::vector<std::deque<Cell>> made(kThreads);
    std::vector<std::vector<Cell*>> found(kThreads);
    {
        std::vector<sync::Thread> threads;
        threads.reserve(kThreads);
        for (size_t thread = 0; thread < kThreads; ++thread)
            threads.emplace_back([&, thread] {
                for (uint64_t key = 0; key < kCells; ++key)
                    found[thread].push_back(&find_or_add(index_, hash_of(key), made[thread].emplace_back(key)));
            });
        for (sync::Thread& thread : threads) thread.join();
    }
    for (uint64_t key = 0; key < kCells; ++key) {
        EXPECT_EQ(found[0][key]->key, key);
        for (size_t thread = 1; thread < kThreads; ++thread) EXPECT_EQ(found[thread][key], found[0][key]);
    }
}

}  // namespace
}  // namespace weft::execution::parallel
