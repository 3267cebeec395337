// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/db/flat_state.hpp"

#include "weft/kv/memory_store.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <stdexcept>
#include <utility>

namespace weft::db {
namespace {

AccountRecord record_with(uint64_t nonce) {
    AccountRecord record;
    record.nonce = nonce;
    return record;
}

/// Tables of which somebody who reads can be held up: something else happens between what he finds and his learning of it.
class Tables final : public kv::Reader {
  public:
    kv::Expected<std::optional<bytes>> get(kv::TableId table, bytes_view key) const override {
        auto found = store.get(table, key);
        if (meanwhile) std::exchange(meanwhile, nullptr)();
        return found;
    }
    std::unique_ptr<kv::Cursor> walk(kv::Range range) const override { return store.walk(std::move(range)); }

    Expected<void> put(const address& addr, uint64_t nonce) {
        kv::Batch batch;
        batch.put(id(Table::accounts), addr, encode(record_with(nonce)));
        if (const auto written = store.write(batch, kv::Durability::later); !written) return fail(written.error());
        return {};
    }

    mutable kv::MemoryStore store{schema()};
    mutable std::function<void()> meanwhile;
};

class FlatStateTest : public testing::Test {
  protected:
    FlatStateTest() {
        EXPECT_TRUE(tables.put(kOther, 7));
        EXPECT_TRUE(tables.put(kChanged, 1));
    }

    [[nodiscard]] uint64_t nonce_of(const address& addr) { return flat.account(addr).value().value().nonce; }
    /// nullopt: it is not in the cache.
    [[nodiscard]] std::optional<uint64_t> cached_nonce(const address& addr) {
        const auto cached = flat.cached_account(addr);
        return cached && *cached ? std::optional((*cached)->nonce) : std::nullopt;
    }
    Expected<void> change_to(uint64_t nonce, const std::function<void()>& before = {}, const std::function<void()>& after = {}) {
        FlatUpdates updates;
        updates.accounts.emplace_back(kChanged, record_with(nonce));
        return flat.update(updates, [&] {
            if (before) before();
            auto written = tables.put(kChanged, nonce);
            if (after) after();
            return written;
        });
    }

    static constexpr address kOther{{{1}}};
    static constexpr address kChanged{{{2}}};
    Tables tables;
    FlatState flat{tables, 1 << 20};
};

TEST_F(FlatStateTest, what_is_read_while_the_tables_are_written_stays_and_what_changes_is_replaced) {
    ASSERT_TRUE(change_to(2, [&] { EXPECT_EQ(nonce_of(kChanged), 1U); }, [&] { EXPECT_EQ(nonce_of(kOther), 7U); }));
    EXPECT_EQ(cached_nonce(kOther), 7U);
    EXPECT_EQ(cached_nonce(kChanged), 2U);
}

TEST_F(FlatStateTest, who_reads_while_an_update_begins_puts_nothing_into_the_cache) {
    tables.meanwhile = [&] { EXPECT_TRUE(change_to(2)); };
    EXPECT_EQ(nonce_of(kChanged), 1U);
    EXPECT_EQ(cached_nonce(kChanged), 2U);
    tables.meanwhile = [&] { EXPECT_TRUE(change_to(3)); };
    EXPECT_EQ(nonce_of(kOther), 7U);
    EXPECT_EQ(cached_nonce(kOther), std::nullopt);
}

TEST_F(FlatStateTest, nothing_stays_after_an_update_that_failed) {
    EXPECT_EQ(nonce_of(kOther), 7U);
    const auto failed = flat.update({}, [&]() -> Expected<void> {
        EXPECT_EQ(nonce_of(kChanged), 1U);
        return fail(ErrorKind::io, "no");
    });
    EXPECT_FALSE(failed);
    EXPECT_EQ(cached_nonce(kOther), std::nullopt);
    EXPECT_EQ(cached_nonce(kChanged), std::nullopt);
    EXPECT_THROW((void)flat.update({},
                                   [&]() -> Expected<void> {
                                       EXPECT_EQ(nonce_of(kChanged), 1U);
                                       throw std::runtime_error("no");
                                   }),
                 std::runtime_error);
    EXPECT_EQ(cached_nonce(kChanged), std::nullopt);
    // The next one is as if nothing had been.
    EXPECT_TRUE(change_to(2, [&] { EXPECT_EQ(nonce_of(kOther), 7U); }));
    EXPECT_EQ(cached_nonce(kOther), 7U);
    EXPECT_EQ(nonce_of(kChanged), 2U);
}

TEST_F(FlatStateTest, nothing_stays_where_it_is_not_known_what_changes) {
    EXPECT_EQ(nonce_of(kOther), 7U);
    ASSERT_TRUE(flat.replace([&] {
        EXPECT_EQ(nonce_of(kChanged), 1U);
        return tables.put(kChanged, 2);
    }));
    EXPECT_EQ(cached_nonce(kOther), std::nullopt);
    EXPECT_EQ(nonce_of(kChanged), 2U);
}

}  // namespace
}  // namespace weft::db
