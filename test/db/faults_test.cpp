// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/db/memory_database.hpp"
#include "weft/base/sync.hpp"
#include "weft/db/verify.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <vector>

#if __has_feature(address_sanitizer)
/// Of what the sanitizer takes for leaks: RocksDB 7.8 loses the table in memory that it has just made when it cannot begin a log for it.
extern "C" const char* __lsan_default_suppressions();
extern "C" const char* __lsan_default_suppressions() { return "leak:rocksdb::DBImpl::SwitchMemtable"; }
#endif

namespace weft::test {
namespace {

using Fault = MemoryFileSystem::Fault;

constexpr unsigned kSteps = 36;

/// Commits and rewinds, always the same ones, with what may be found after a crash at any moment.
class Import {
  public:
    explicit Import(uint64_t seed) : chain_(seed), random_(seed) {}

    /// Goes on until something fails or all is done. What went wrong with the database itself is an error of the test.
    void run(const Files& files) {
        auto database = open_on(files, chain_);
        if (!database) return;
        for (unsigned i = 0; i < kSteps; ++i) {
            const auto done = step(**database);
            if (!done) {
                EXPECT_FALSE(done.error().context.empty());
                check_after_failure(**database);
                return;
            }
            note_durable(**database);
            if (i % 9 == 8) {
                database->reset();
                database = open_on(files, chain_);
                if (!database) return;
                note_durable(**database);
            }
        }
        finished_ = true;
    }

    /// What is there after opening again: one of the states that it may be, from the last that was durable on.
    void check(const Files& files) const {
        const auto database = open_on(files, chain_);
        ASSERT_TRUE(database) << database.error().context;
        const auto head = (*database)->head();
        if (!head) {
            EXPECT_FALSE(durable_) << "everything is lost";
            return;
        }
        const GeneratedChain* found = nullptr;
        for (const GeneratedChain& candidate : candidates_)
            if (candidate.head().id() == *head) found = &candidate;
        ASSERT_NE(found, nullptr) << "block " << head->number << " is not what was durable, nor came after it";
        EXPECT_EQ(found->difference(*(*database)->head_state(), found->head()), "");
        const auto report = db::verify((*database)->store(), {});
        ASSERT_TRUE(report) << report.error().context;
        EXPECT_THAT(report->findings, testing::IsEmpty());
        // It goes on from there.
        GeneratedChain next = *found;
        EXPECT_TRUE((*database)->commit(next.grow().commit(true)));
    }
    [[nodiscard]] bool finished() const { return finished_; }
    [[nodiscard]] const GeneratedChain& chain() const { return chain_; }

  private:
    db::Expected<void> step(db::Database& database) {
        if (!database.head()) {
            candidates_.push_back(chain_);
            return database.commit(chain_.genesis().commit(true));
        }
        const uint64_t number = chain_.head().block.header.number;
        if (number > 3 && random_.chance(10)) {
            const uint64_t target = number - 1 - random_.below(2);
            // Each of the blocks in between may be the head for a while.
            while (chain_.head().block.header.number > target) {
                chain_.cut(chain_.head().block.header.number - 1);
                candidates_.push_back(chain_);
            }
            return database.rewind(target);
        }
        if (random_.chance(10)) return database.flush();
        chain_.grow();
        candidates_.push_back(chain_);
        return database.commit(chain_.head().commit(random_.chance(40)));
    }

    /// Once the head is durable, what was before it cannot come back.
    void note_durable(const db::Database& database) {
        const auto durable = database.durable_head();
        if (!durable || durable != database.head() || chain_.head().id() != *durable) return;
        durable_ = durable;
        candidates_.assign(1, chain_);
    }

    /// Nothing more is written, and what is read is an error or right.
    void check_after_failure(db::Database& database) {
        const auto head = database.head();
        if (head) {
            for (const GeneratedChain& candidate : candidates_) {
                if (candidate.head().id() != *head) continue;
                const auto state = database.head_state();
                const std::string difference = candidate.difference(*state, candidate.head());
                EXPECT_TRUE(difference.empty() || state->failure()) << difference;
            }
        }
        GeneratedChain next = candidates_.back();
        for (const GeneratedChain& candidate : candidates_)
            if (head && candidate.head().id() == *head) next = candidate;
        if (!head) return;
        const bool is_committed = database.commit(next.grow().commit(true)).has_value();
        // A failure of reading harms nobody: the commit then is a good one.
        if (is_committed) candidates_.assign(1, next);
    }

    GeneratedChain chain_;
    Random random_;
    std::vector<GeneratedChain> candidates_;  ///< what the database may be after a crash now
    std::optional<db::BlockId> durable_;
    bool finished_ = false;
};

/// Every so many operations one fails, from the first on: all of them, unless the environment asks for a sample.
uint64_t stride() { return from_environment("WEFT_FAULT_STRIDE", 1); }
uint64_t first(uint64_t seed) { return from_environment("WEFT_FAULT_FIRST", 1 + seed % stride()); }

/// Lets each operation of an import fail in turn, the making of the database included. Several imports go on at once, since RocksDB rests
/// for a second when something has failed behind its user's back.
void fail_each_operation(Fault fault, uint64_t seed) {
    constexpr unsigned kAtOnce = 8;
    for (const auto pool : {rocksdb::Env::HIGH, rocksdb::Env::LOW}) rocksdb::Env::Default()->SetBackgroundThreads(kAtOnce, pool);
    sync::Atomic<uint64_t> next{first(seed)};
    sync::Atomic<bool> is_over{false};
    sync::Atomic<uint64_t> struck{0};
    const auto fail_some = [&] {
        while (!is_over && !testing::Test::HasFailure()) {
            const uint64_t n = next.fetch_add(stride());
            SCOPED_TRACE(testing::Message() << "operation " << n);
            const auto files = std::make_shared<MemoryFileSystem>();
            files->arm(fault, n);
            Import import(seed);
            import.run(files);
            if (import.finished() && files->operations() < n) {
                is_over = true;
                return;
            }
            ++struck;
            // A process that meets an error ends; or the machine does.
            import.check(fault == Fault::power_cut || n % 2 == 0 ? files->after_power_cut(n) : files->after_kill());
        }
    };
    std::vector<sync::Thread> threads;
    for (unsigned i = 0; i < kAtOnce; ++i) threads.emplace_back(fail_some);
    for (sync::Thread& thread : threads) thread.join();
    EXPECT_GT((struck + 1) * stride(), 100U);
}

TEST(Faults, a_log_begins_when_the_one_before_is_synced_for_good) {
    const auto files = std::make_shared<MemoryFileSystem>();
    Import import(4);
    import.run(files);
    EXPECT_TRUE(import.finished());
    EXPECT_FALSE(files->logs_may_have_holes());
    EXPECT_FALSE(files->logs_are_synced_twice());
}

TEST(Faults, a_power_cut_at_any_operation_loses_nothing_durable) { fail_each_operation(Fault::power_cut, 1); }

TEST(Faults, an_error_of_any_operation_loses_nothing_durable) { fail_each_operation(Fault::io_error, 2); }

TEST(Faults, a_disk_full_at_any_operation_loses_nothing_durable) { fail_each_operation(Fault::disk_full, 3); }

}  // namespace
}  // namespace weft::test
