// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/kv/store.hpp"

#include "test/util/temporary_folder.hpp"
#include "weft/kv/gathering_store.hpp"
#include "weft/kv/memory_store.hpp"
#include "weft/kv/rocks_store.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>
#include <string_view>

namespace weft::kv {
namespace {

constexpr TableSpec kSchema[] = {{.name = "first", .often_missed = true}, {.name = "second", .compressible = true, .long_values = true}};

using test::TemporaryFolder;

bytes to_bytes(std::string_view text) { return {text.begin(), text.end()}; }

std::unique_ptr<RocksStore> open(const std::filesystem::path& folder) {
    auto store = RocksStore::open(folder, kSchema, {.cache_bytes = 1 << 20, .write_buffer_bytes = 1 << 20});
    EXPECT_TRUE(store) << store.error().context;
    return store ? std::move(*store) : nullptr;
}

ErrorKind error_of_opening(const std::filesystem::path& folder, const RocksOptions& options = {}) {
    const auto store = RocksStore::open(folder, kSchema, options);
    EXPECT_FALSE(store);
    if (store) return ErrorKind::io;
    EXPECT_FALSE(store.error().context.empty());
    return store.error().kind;
}

class StoreTest : public testing::TestWithParam<std::string> {
  protected:
    StoreTest() {
        if (GetParam() == "rocks") {
            store_ = open(folder_.path() / "deep" / "store");
        } else if (GetParam() == "memory") {
            store_ = std::make_unique<MemoryStore>(kSchema);
        } else {
            constexpr TableSpec kGathered[] = {{.name = "first", .is_gathered = true}, {.name = "second"}, {.name = "journal"}};
            auto store = GatheringStore::open(std::make_unique<MemoryStore>(kGathered), kGathered, {.journal = 2});
            EXPECT_TRUE(store);
            store_ = *std::move(store);
        }
    }

    void put(TableId table, std::string_view key, std::string_view value) {
        Batch batch;
        batch.put(table, to_bytes(key), to_bytes(value));
        ASSERT_TRUE(store_->write(batch, Durability::later));
    }
    static std::string get(const Reader& reader, TableId table, std::string_view key) {
        const auto value = reader.get(table, to_bytes(key));
        if (!value) return "error";
        if (!*value) return "none";
        return {(*value)->begin(), (*value)->end()};
    }
    static std::string keys(const Reader& reader, TableId table, std::string_view from, std::string_view to) {
        const auto cursor = reader.walk({.table = table, .from = to_bytes(from), .to = to_bytes(to)});
        std::string all;
        for (;;) {
            const auto more = cursor->next();
            if (!more) return "error";
            if (!*more) return all;
            all.append(cursor->key().begin(), cursor->key().end()).append(" ");
        }
    }

    TemporaryFolder folder_;
    std::unique_ptr<Store> store_;
};

TEST_P(StoreTest, tables_are_apart) {
    put(0, "key", "a");
    EXPECT_EQ(get(*store_, 0, "key"), "a");
    EXPECT_EQ(get(*store_, 1, "key"), "none");
    put(1, "key", "");
    EXPECT_EQ(get(*store_, 1, "key"), "");
}

TEST_P(StoreTest, walks_go_in_order_and_end_before_the_end) {
    for (const auto* key : {"b", "a", "d", "c", "ca"}) put(0, key, "x");
    EXPECT_EQ(keys(*store_, 0, "b", "d"), "b c ca ");
    EXPECT_EQ(keys(*store_, 0, "", ""), "a b c ca d ");
    EXPECT_EQ(keys(*store_, 0, "x", ""), "");
    EXPECT_EQ(keys(*store_, 0, "d", "b"), "");
}

TEST_P(StoreTest, changes_of_a_batch_apply_in_order) {
    for (const auto* key : {"a", "b", "c"}) put(0, key, "old");
    put(1, "a", "another table");
    Batch batch;
    batch.put(0, to_bytes("aa"), to_bytes("gone"));
    batch.put(0, to_bytes("ca"), to_bytes("not in the range"));
    batch.put(1, to_bytes("aa"), to_bytes("another table"));
    batch.erase_range(0, to_bytes("a"), to_bytes("c"));
    batch.put(0, to_bytes("b"), to_bytes("new"));
    batch.put(0, to_bytes("d"), to_bytes("gone"));
    batch.erase(0, to_bytes("d"));
    ASSERT_TRUE(store_->write(batch, Durability::synced));
    EXPECT_EQ(keys(*store_, 0, "", ""), "b c ca ");
    EXPECT_EQ(keys(*store_, 1, "", ""), "a aa ");
    EXPECT_EQ(get(*store_, 0, "b"), "new");
}

TEST_P(StoreTest, shared_values_are_written_as_others_are) {
    const bytes value = to_bytes("value");
    Batch batch;
    batch.put_shared(1, to_bytes("b"), value);
    batch.put(1, to_bytes("c"), to_bytes("behind it"));
    batch.put_shared(1, to_bytes("a"), {});
    ASSERT_TRUE(store_->write(batch, Durability::later));
    EXPECT_EQ(keys(*store_, 1, "", ""), "a b c ");
    EXPECT_EQ(get(*store_, 1, "a"), "");
    EXPECT_EQ(get(*store_, 1, "b"), "value");
    EXPECT_EQ(get(*store_, 1, "c"), "behind it");
}

TEST_P(StoreTest, snapshots_and_walks_do_not_see_later_writes) {
    put(0, "a", "1");
    put(0, "b", "1");
    const auto before = store_->snapshot();
    const auto walk = store_->walk({.table = 0});
    put(0, "a", "2");
    put(0, "c", "2");
    EXPECT_EQ(get(*before, 0, "a"), "1");
    EXPECT_EQ(keys(*before, 0, "", ""), "a b ");
    EXPECT_EQ(keys(*store_, 0, "", ""), "a b c ");
    ASSERT_TRUE(walk->next().value());
    EXPECT_EQ(walk->value()[0], '1');
}

INSTANTIATE_TEST_SUITE_P(kinds, StoreTest, testing::Values("rocks", "memory", "gathering"),
                         [](const auto& kind) -> std::string { return kind.param; });

TEST(Prefix, the_key_behind_it_carries) {
    EXPECT_EQ(behind_prefix(bytes{1, 2}), (bytes{1, 3}));
    EXPECT_EQ(behind_prefix(bytes{1, 0xff}), (bytes{2}));
    EXPECT_EQ(behind_prefix(bytes{0xff, 0xff}), bytes{});
}

TEST(RocksStore, keeps_what_was_written) {
    const TemporaryFolder folder;
    Batch batch;
    batch.put(0, to_bytes("a"), to_bytes("1"));
    ASSERT_TRUE(open(folder.path())->write(batch, Durability::synced));
    const auto again = open(folder.path());
    EXPECT_EQ(again->get(0, to_bytes("a")).value(), to_bytes("1"));
    EXPECT_TRUE(again->verify_checksums());
}

TEST(RocksStore, second_open_says_that_it_is_locked) {
    const TemporaryFolder folder;
    const auto first = open(folder.path());
    EXPECT_EQ(error_of_opening(folder.path()), ErrorKind::locked);
    Batch batch;
    batch.put(0, to_bytes("a"), to_bytes("1"));
    EXPECT_TRUE(first->write(batch, Durability::synced));
}

TEST(RocksStore, absent_store_is_not_created_unless_asked_for) {
    const TemporaryFolder folder;
    EXPECT_EQ(error_of_opening(folder.path() / "none", {.create = false}), ErrorKind::absent);
    EXPECT_FALSE(std::filesystem::exists(folder.path() / "none"));
}

TEST(RocksStore, unknown_tables_are_refused) {
    const TemporaryFolder folder;
    constexpr TableSpec kMore[] = {{.name = "first"}, {.name = "second"}, {.name = "third"}};
    ASSERT_TRUE(RocksStore::open(folder.path(), kMore, {}));
    EXPECT_EQ(error_of_opening(folder.path()), ErrorKind::unknown_format);
}

/// What opening says of a folder that is in the way, whether or not a store is to be created.
void expect_unusable(const std::filesystem::path& folder, const std::string& context, bool is_there) {
    for (const bool create : {true, false}) {
        const auto store = RocksStore::open(folder, kSchema, {.create = create});
        ASSERT_FALSE(store) << folder;
        const bool is_absent = !create && !is_there;
        EXPECT_EQ(store.error().kind, is_absent ? ErrorKind::absent : ErrorKind::unusable) << store.error().context;
        if (!is_absent) EXPECT_THAT(store.error().context, testing::HasSubstr(context));
    }
}

TEST(RocksStore, a_file_in_the_place_of_a_folder_is_named) {
    const TemporaryFolder folder;
    const auto file = folder.path() / "file";
    std::ofstream(file) << "content";
    expect_unusable(file, file.string() + ": a file where a folder is expected", true);
    expect_unusable(file / "data" / "db", file.string() + ": a file where a folder is expected", true);
}

TEST(RocksStore, a_folder_that_cannot_be_created_is_no_damage) {
    // No user may, and what the system says differs.
    expect_unusable("/proc/weft/db", "/proc", false);
}

/// The superuser may write anywhere: while this lives, somebody else is asked.
class AsNobody {
  public:
    AsNobody() { EXPECT_TRUE(geteuid() != 0 || seteuid(65534) == 0); }
    AsNobody(const AsNobody&) = delete;
    AsNobody& operator=(const AsNobody&) = delete;
    ~AsNobody() { EXPECT_TRUE(getuid() != 0 || seteuid(0) == 0); }
};

TEST(RocksStore, a_folder_that_may_not_be_written_or_read_is_no_damage) {
    using std::filesystem::perms;
    const TemporaryFolder folder;
    const auto store = folder.path() / "db";
    ASSERT_TRUE(open(store));
    for (const auto& [permissions, place] : {std::pair{perms{0555}, store}, {perms{0000}, store}, {perms{0000}, folder.path()}}) {
        std::filesystem::permissions(folder.path(), perms{0777});
        std::filesystem::permissions(store, perms{0777});
        std::filesystem::permissions(place, permissions);
        const AsNobody nobody;
        expect_unusable(store, "Permission denied", true);
    }
    std::filesystem::permissions(folder.path(), perms{0555});
    {
        const AsNobody nobody;
        expect_unusable(folder.path() / "new", folder.path().string() + ": Permission denied", false);
    }
    std::filesystem::permissions(folder.path(), perms{0777});
    std::filesystem::permissions(store, perms{0777});
    // Nothing has happened to it.
    EXPECT_TRUE(open(store));
}

TEST(RocksStore, missing_files_are_damage) {
    for (const std::string_view name : {"CURRENT", "DURABLE", "MANIFEST", ".log", ".sst"}) {
        const TemporaryFolder folder;
        {
            const auto store = open(folder.path());
            Batch batch;
            batch.put(0, to_bytes("a"), to_bytes("1"));
            ASSERT_TRUE(store->write(batch, Durability::synced));
            ASSERT_TRUE(store->flush());
            ASSERT_TRUE(store->write(batch, Durability::synced));
        }
        for (const auto& entry : std::filesystem::directory_iterator(folder.path()))
            if (entry.path().filename().string().contains(name)) std::filesystem::remove(entry.path());
        EXPECT_EQ(error_of_opening(folder.path()), ErrorKind::corruption) << name;
    }
}

}  // namespace
}  // namespace weft::kv
