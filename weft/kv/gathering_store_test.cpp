// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/kv/gathering_store.hpp"

#include "test/util/forwarding_store.hpp"
#include "weft/base/random.hpp"
#include "weft/kv/memory_store.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <array>
#include <limits>
#include <map>
#include <memory>
#include <span>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace weft::kv {
namespace {

constexpr TableId kFirst = 0;
constexpr TableId kDirect = 1;
constexpr TableId kSecond = 2;
constexpr TableId kDerived = 3;
constexpr TableId kJournal = 4;
constexpr std::array<TableSpec, 5> kSchema{{{.name = "first", .is_gathered = true},
                                            {.name = "direct"},
                                            {.name = "second", .is_gathered = true},
                                            {.name = "derived", .is_gathered = true, .is_derived = true},
                                            {.name = "journal"}}};

bytes to_bytes(std::string_view text) { return {text.begin(), text.end()}; }

/// A store whose writes fail from some number on, without having done anything.
class FailingStore final : public test::ForwardingStore {
  public:
    FailingStore(std::shared_ptr<Store> below, size_t writes) : ForwardingStore(std::move(below)), writes_left_(writes) {}

    Expected<void> write(const Batch& batch, Durability durability) override {
        if (writes_left_ == 0) return std::unexpected(Error{.kind = ErrorKind::io, .context = "out of order"});
        --writes_left_;
        return ForwardingStore::write(batch, durability);
    }

  private:
    size_t writes_left_;
};

/// Of few bytes, so that tables are filled often and in several steps.
std::unique_ptr<GatheringStore> open(std::shared_ptr<Store> below, size_t writes = std::numeric_limits<size_t>::max()) {
    auto store = GatheringStore::open(std::make_unique<FailingStore>(std::move(below), writes), kSchema,
                                      {.journal = kJournal, .buffer_bytes = 1000, .bytes_at_once = 100});
    EXPECT_TRUE(store);
    (*store)->note_recovered();
    return *std::move(store);
}

using Content = std::array<std::map<bytes, bytes>, 4>;

Expected<Content> content_of(const Store& store) {
    Content content;
    for (const TableId table : {kFirst, kDirect, kSecond, kDerived}) {
        const auto cursor = store.walk({.table = table});
        for (;;) {
            const auto more = cursor->next();
            if (!more) return std::unexpected(more.error());
            if (!*more) break;
            content[table].emplace(bytes(cursor->key().begin(), cursor->key().end()),
                                   bytes(cursor->value().begin(), cursor->value().end()));
        }
    }
    return content;
}

bytes random_key(Random& random) { return bytes(1 + random.below(2), static_cast<uint8_t>('a' + random.below(12))); }

Batch random_batch(Random& random) {
    Batch batch;
    // Some do not fit into the memory.
    if (random.chance(10)) batch.put(kFirst, random_key(random), bytes(2000, 1));
    for (uint64_t changes = 1 + random.below(12); changes > 0; --changes) {
        const auto table = static_cast<TableId>(random.below(4));
        if (table == kDerived && random.chance(70)) {
            const auto value = std::make_shared<bytes>(random.below(20), static_cast<uint8_t>(random.next()));
            batch.keep(value);
            batch.put_shared(table, random_key(random), *value);
        } else if (random.chance(70)) {
            batch.put(table, random_key(random), bytes(random.below(20), static_cast<uint8_t>(random.next())));
        } else if (random.chance(70)) {
            batch.erase(table, random_key(random));
        } else {
            batch.erase_range(table, random_key(random), random_key(random));
        }
    }
    return batch;
}

TEST(GatheringStore, is_what_was_written_to_it) {
    Random random(1);
    for (int round = 0; round < 20; ++round) {
        MemoryStore plain(kSchema);
        const auto below = std::make_shared<MemoryStore>(kSchema);
        auto store = open(below);
        for (int step = 0; step < 60; ++step) {
            const Batch batch = random_batch(random);
            ASSERT_TRUE(plain.write(batch, Durability::later));
            ASSERT_TRUE(store->write(batch, Durability::later));
            const auto table = static_cast<TableId>(random.below(4));
            const bytes key = random_key(random);
            EXPECT_EQ(store->get(table, key).value(), plain.get(table, key).value());
            if (random.chance(10)) EXPECT_EQ(content_of(*store).value(), content_of(plain).value());
            if (random.chance(10)) store = open(std::exchange(store, nullptr) ? below : nullptr);
        }
        store.reset();
        // Nothing waits in a store that was closed.
        EXPECT_EQ(content_of(*below).value(), content_of(plain).value());
        EXPECT_FALSE(below->walk({.table = kJournal})->next().value());
    }
}

/// What is in the tables that have to be whole.
auto whole_tables(const Content& content) { return std::tie(content[kFirst], content[kDirect], content[kSecond]); }

/// Whichever write below is the first to fail: whoever opens the store again finds every batch that was written, wholly, and derived tables
/// as one of them left them.
TEST(GatheringStore, is_found_whole_after_any_write_below_was_the_last) {
    Random random(2);
    std::vector<Batch> batches;
    batches.reserve(40);
    for (int i = 0; i < 40; ++i) batches.push_back(random_batch(random));
    std::vector<Content> after;
    MemoryStore plain(kSchema);
    after.reserve(batches.size() + 1);
    after.push_back(content_of(plain).value());
    for (const Batch& batch : batches) {
        ASSERT_TRUE(plain.write(batch, Durability::later));
        after.push_back(content_of(plain).value());
    }
    bool has_failed = true;
    size_t cases = 0;
    for (size_t writes = 0; has_failed; ++writes, ++cases) {
        const auto below = std::make_shared<MemoryStore>(kSchema);
        size_t written = 0;
        {
            const auto store = open(below, writes);
            while (written < batches.size() && store->write(batches[written], Durability::later)) ++written;
            has_failed = written < batches.size();
            // It is refused from now on, and what may be half there is not shown as if it were whole.
            if (has_failed) {
                EXPECT_FALSE(store->write(batches[written], Durability::later));
                if (const auto shown = content_of(*store)) EXPECT_EQ(*shown, after[written]);
            }
        }
        const auto again = open(below);
        const Content found = content_of(*again).value();
        EXPECT_EQ(whole_tables(found), whole_tables(after[written])) << "after " << writes << " writes below";
        EXPECT_TRUE(std::ranges::any_of(std::span{after}.first(written + 1),
                                        [&](const Content& earlier) { return earlier[kDerived] == found[kDerived]; }))
            << "after " << writes << " writes below";
    }
    EXPECT_GT(cases, batches.size() + 5);
}

TEST(GatheringStore, writes_a_key_once_however_often_it_changes) {
    const auto below = std::make_shared<MemoryStore>(kSchema);
    const auto store = open(below);
    for (int i = 0; i < 20; ++i) {
        Batch batch;
        batch.put(kFirst, to_bytes("key"), to_bytes("value"));
        ASSERT_TRUE(store->write(batch, Durability::later));
    }
    EXPECT_EQ(below->get(kFirst, to_bytes("key")).value(), std::nullopt);
    EXPECT_EQ(store->get(kFirst, to_bytes("key")).value(), to_bytes("value"));
    (void)store->snapshot();
    EXPECT_EQ(below->get(kFirst, to_bytes("key")).value(), to_bytes("value"));
    const auto counters = store->counters();
    const auto placed = std::ranges::find(counters, "keys put into tables from there", &Counter::name);
    ASSERT_NE(placed, counters.end());
    EXPECT_EQ(placed->value, 1);
}

TEST(GatheringStore, keeps_shared_values_until_the_time_after_they_were_placed) {
    const auto below = std::make_shared<MemoryStore>(kSchema);
    const auto store = open(below);
    std::weak_ptr<const bytes> watched;
    {
        Batch batch;
        const auto value = std::make_shared<const bytes>(to_bytes("value"));
        watched = value;
        batch.put_shared(kDerived, to_bytes("key"), *value);
        batch.keep(value);
        EXPECT_GE(batch.size_in_bytes(), value->size());
        ASSERT_TRUE(store->write(batch, Durability::later));
    }
    const auto place = [&] {
        Batch batch;
        batch.put(kFirst, to_bytes("another"), {});
        ASSERT_TRUE(store->write(batch, Durability::later));
        (void)store->snapshot();
    };
    EXPECT_EQ(store->get(kDerived, to_bytes("key")).value(), to_bytes("value"));
    EXPECT_EQ(below->get(kDerived, to_bytes("key")).value(), std::nullopt);
    place();
    EXPECT_FALSE(watched.expired());
    EXPECT_EQ(store->get(kDerived, to_bytes("key")).value(), to_bytes("value"));
    place();
    EXPECT_TRUE(watched.expired());
    EXPECT_EQ(store->get(kDerived, to_bytes("key")).value(), to_bytes("value"));
}

TEST(GatheringStore, a_journal_of_the_same_key_again_and_again_has_an_end) {
    const auto below = std::make_shared<MemoryStore>(kSchema);
    const auto store = open(below);
    Batch batch;
    batch.put(kSecond, to_bytes("key"), bytes(100, 1));
    batch.put(kDirect, to_bytes("key"), bytes(100, 1));
    uint64_t most = 0;
    for (int i = 0; i < 200; ++i) {
        ASSERT_TRUE(store->write(batch, Durability::later));
        most = std::max(most, below->table_statistics()[kJournal].memory_bytes);
    }
    EXPECT_GT(most, 1000);
    EXPECT_LT(most, 6000);
}

TEST(GatheringStore, a_damaged_journal_is_refused) {
    const auto below = std::make_shared<MemoryStore>(kSchema);
    {
        // Its end cannot empty the journal.
        const auto store = open(below, 1);
        Batch batch;
        batch.put(kFirst, to_bytes("key"), to_bytes("value"));
        ASSERT_TRUE(store->write(batch, Durability::later));
    }
    const auto cursor = below->walk({.table = kJournal});
    ASSERT_TRUE(cursor->next().value());
    const bytes key(cursor->key().begin(), cursor->key().end());
    const bytes entry(cursor->value().begin(), cursor->value().end());
    const auto error_with = [&](const bytes& damaged_key, const bytes& damaged) -> std::optional<ErrorKind> {
        const auto store = std::make_shared<MemoryStore>(kSchema);
        Batch batch;
        batch.put(kJournal, damaged_key, damaged);
        EXPECT_TRUE(store->write(batch, Durability::later));
        const auto opened = GatheringStore::open(std::make_unique<FailingStore>(store, 9), kSchema, {.journal = kJournal});
        return opened ? std::nullopt : std::optional(opened.error().kind);
    };
    EXPECT_EQ(error_with(key, entry), std::nullopt);
    for (size_t size = 1; size < entry.size(); ++size)
        EXPECT_EQ(error_with(key, bytes(entry.begin(), entry.begin() + size)), ErrorKind::corruption) << size;
    bytes other_table = entry;
    other_table[1] = kDirect;
    EXPECT_EQ(error_with(key, other_table), ErrorKind::corruption);
    // No number in a file is an address.
    for (unsigned action = 2; action < 256; ++action) {
        bytes other_action = entry;
        other_action[0] = static_cast<uint8_t>(action);
        EXPECT_EQ(error_with(key, other_action), ErrorKind::corruption) << action;
    }
    EXPECT_EQ(error_with(bytes(7, 0), entry), ErrorKind::corruption);
}

}  // namespace
}  // namespace weft::kv
