// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/kv/gathered_writes.hpp"

#include "weft/base/random.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

namespace weft::kv {
namespace {

constexpr uint64_t kKeys = 6'000;
constexpr size_t kChunk = 4'096;

bytes key_of(uint64_t number) {
    // Of several lengths, and with beginnings that are the same.
    bytes key(1 + number % 11, 0x55);
    key.push_back(static_cast<uint8_t>(number >> 8U));
    key.push_back(static_cast<uint8_t>(number));
    return key;
}

void add(GatheredWrites& writes, const Batch& batch) {
    const auto room = writes.room_for(batch.encoded().size());
    std::ranges::copy(batch.encoded(), room.begin());
    writes.add(room, batch.kept());
}

/// What is known of each key, and whether it waits.
struct Known {
    std::optional<bytes> value;
    bool is_waiting = true;
};
using Model = std::map<std::pair<TableId, bytes>, Known>;

void expect_equal(const GatheredWrites& writes, const Model& model) {
    size_t waiting = 0;
    for (TableId table = 0; table < 2; ++table) {
        for (uint64_t number = 0; number < kKeys; ++number) {
            const bytes key = key_of(number);
            const auto expected = model.find({table, key});
            const auto found = writes.find(table, key);
            ASSERT_EQ(found.has_value(), expected != model.end());
            if (found) {
                ASSERT_EQ(*found, expected->second.value);
            }
        }
    }
    auto next = model.begin();
    for (const Batch::Change& change : writes.waiting()) {
        while (next != model.end() && !next->second.is_waiting) ++next;
        ASSERT_NE(next, model.end());
        ASSERT_EQ(change.table, next->first.first);
        ASSERT_TRUE(std::ranges::equal(change.key, next->first.second));
        ASSERT_EQ(change.action == Batch::Action::put, next->second.value.has_value());
        ++next;
        ++waiting;
    }
    ASSERT_EQ(waiting, std::ranges::count_if(model, [](const auto& entry) { return entry.second.is_waiting; }));
}

TEST(GatheredWrites, say_what_was_written_last_to_each_of_many_keys) {
    Random random(1);
    GatheredWrites writes(kChunk);
    Model model;
    for (unsigned round = 0; round < 40; ++round) {
        for (unsigned step = 0; step < 6; ++step) {
            Batch batch;
            // From fewer than are looked ahead at to more than a chunk has room for.
            for (uint64_t i = random.pick({1U, 15U, 16U, 17U, 300U}); i > 0; --i) {
                const auto table = static_cast<TableId>(random.below(2));
                const bytes key = key_of(random.below(kKeys));
                Known known;
                if (!random.chance(20)) known.value = bytes(random.below(40), static_cast<uint8_t>(random.next()));
                if (!known.value) {
                    batch.erase(table, key);
                } else if (random.chance(50)) {
                    batch.put(table, key, *known.value);
                } else {
                    const auto shared = std::make_shared<bytes>(*known.value);
                    batch.put_shared(table, key, *shared);
                    batch.keep(shared);
                }
                model[{table, key}] = std::move(known);
            }
            add(writes, batch);
        }
        ASSERT_NO_FATAL_FAILURE(expect_equal(writes, model));
        if (random.chance(40)) {
            writes.note_placed();
            std::erase_if(model, [](const auto& entry) { return !entry.second.is_waiting; });
            for (auto& [key, known] : model) known.is_waiting = false;
        } else if (random.chance(5)) {
            writes.clear();
            model.clear();
        }
        ASSERT_NO_FATAL_FAILURE(expect_equal(writes, model));
    }
}

TEST(GatheredWrites, are_found_while_others_come_and_go) {
    GatheredWrites writes(kChunk);
    constexpr uint64_t kRounds = 300;
    sync::Atomic<bool> is_over{false};
    std::vector<sync::Thread> readers;
    for (unsigned thread = 0; thread < 2; ++thread) {
        readers.emplace_back([&, thread] {
            Random random(thread);
            while (!is_over) {
                const uint64_t number = random.below(kKeys);
                const auto found = writes.find(0, key_of(number));
                if (!found) continue;
                // A value says whose it is.
                ASSERT_TRUE(found->has_value());
                ASSERT_EQ(**found, bytes(8 + number % 30, static_cast<uint8_t>(number)));
            }
        });
    }
    Random random(7);
    for (uint64_t round = 0; round < kRounds; ++round) {
        Batch batch;
        for (unsigned i = 0; i < 100; ++i) {
            const uint64_t number = random.below(kKeys);
            batch.put(0, key_of(number), bytes(8 + number % 30, static_cast<uint8_t>(number)));
        }
        add(writes, batch);
        if (round % 10 == 9) writes.note_placed();
        if (round % 100 == 99) writes.clear();
    }
    is_over = true;
    for (sync::Thread& reader : readers) reader.join();
}

}  // namespace
}  // namespace weft::kv
