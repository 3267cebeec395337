// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/db/memory_database.hpp"
#include "weft/db/verify.hpp"

#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace weft::test {
namespace {

using testing::HasSubstr;
using testing::IsEmpty;

/// Blocks in table files of several levels and in the log; or all in the log, as when a database is new.
enum class Age : uint8_t { old, young };

constexpr uint64_t kUnlimited = uint64_t{1} << 30;

/// Changes to files of each kind, unless the environment asks for another number.
uint64_t rounds() { return from_environment("WEFT_DAMAGE_ROUNDS", 2); }
uint64_t seed_of(Age age) { return 2 * from_environment("WEFT_DAMAGE_SEED", 1) + (age == Age::old ? 1 : 0); }

void commit(db::Database& database, GeneratedChain& chain, unsigned blocks) {
    for (unsigned i = 0; i < blocks; ++i) EXPECT_TRUE(database.commit(chain.grow().commit(i % 3 != 0)));
    EXPECT_TRUE(database.flush());
}

/// A database of which everything is durable, and nobody has it open.
Files filled(Age age, GeneratedChain& chain) {
    auto files = std::make_shared<MemoryFileSystem>();
    {
        const auto database = open_on(files, chain, age == Age::young ? kUnlimited : 48 << 10);
        EXPECT_TRUE((*database)->commit(chain.genesis().commit(true)));
        commit(**database, chain, 12);
        if (age == Age::old) EXPECT_TRUE((*database)->prune());
    }
    if (age == Age::old) {
        commit(**open_on(files, chain), chain, 8);
        // The last ones stay in the log, however soon tables were written out before.
        commit(**open_on(files, chain, kUnlimited), chain, 2);
    }
    return files;
}

/// Those of a database, by what they are for.
std::map<std::string_view, std::vector<std::string>> files_by_kind(const MemoryFileSystem& disk) {
    std::map<std::string_view, std::vector<std::string>> kinds;
    for (const auto& [path, size] : disk.files()) {
        const std::string_view name = std::string_view(path).substr(path.rfind('/') + 1);
        if (size == 0) continue;
        for (const std::string_view kind : {"CURRENT", "DURABLE", "IDENTITY", "MANIFEST", "OPTIONS", ".log", ".sst"})
            if (name.starts_with(kind) || name.ends_with(kind)) kinds[kind].push_back(path);
    }
    return kinds;
}

struct Tally {
    unsigned refused = 0;
    unsigned right = 0;
};

/// An error that says what is wrong and where.
void expect_clear(const db::Error& error) {
    EXPECT_THAT(error.kind, testing::AnyOf(db::ErrorKind::corruption, db::ErrorKind::unknown_format)) << error.context;
    EXPECT_THAT(error.context, HasSubstr("/data/db"));
}

/// Whatever is read is right or an error, and what was durable is not gone in silence. `kind`: of the file that is damaged.
void expect_no_lie(const Files& files, const GeneratedChain& chain, std::string_view kind, Tally& tally) {
    auto database = open_on(files, chain);
    if (!database) {
        expect_clear(database.error());
        // Having looked at it has not made it another database. A compaction may meet a damaged table the first time and not the second.
        database = open_on(files, chain);
        if (!database) {
            ++tally.refused;
            return expect_clear(database.error());
        }
        EXPECT_EQ(kind, ".sst") << "opened the second time";
    }
    EXPECT_EQ((*database)->head(), chain.head().id());
    const auto state = (*database)->head_state();
    const std::string difference = chain.difference(*state, chain.head());
    EXPECT_TRUE(difference.empty() || state->failure()) << difference;
    if (state->failure()) expect_clear(*state->failure());
    const auto report = db::verify((*database)->store(), {});
    if (report) EXPECT_THAT(report->findings, IsEmpty());
    if (!report) expect_clear(report.error());
    if (const auto checked = (*database)->store().verify_checksums(); !checked) expect_clear(db::fail(checked.error()).error());
    ++(report && difference.empty() ? tally.right : tally.refused);
}

/// Changes a file of each kind, again and again, and looks what comes of it.
template <typename Change>
void damage(Age age, const Change& change) {
    GeneratedChain chain(seed_of(age));
    const Files whole = filled(age, chain);
    const auto sizes = whole->files();
    const auto kinds = files_by_kind(*whole);
    EXPECT_EQ(kinds.size(), age == Age::old ? 7U : 6U);
    EXPECT_EQ(kinds.contains(".sst"), age == Age::old);
    Random random(seed_of(age));
    Tally tally;
    for (uint64_t round = 0; round < rounds(); ++round) {
        for (const auto& [kind, paths] : kinds) {
            const std::string& path = random.pick(paths);
            const Files files = whole->after_kill();
            const std::string what = change(*files, path, sizes.at(path), random);
            SCOPED_TRACE(testing::Message() << path << " of " << sizes.at(path) << " bytes, " << what);
            expect_no_lie(files, chain, kind, tally);
            if (testing::Test::HasFailure()) return;
        }
    }
    EXPECT_GT(tally.refused, 0U);
    EXPECT_GT(tally.right, 0U);
}

/// Half of them near the ends, where lengths and footers are.
size_t place_in(size_t size, Random& random) {
    const size_t near = std::min<size_t>(size, 64);
    switch (random.below(4)) {
        case 0:
            return random.below(near);
        case 1:
            return size - 1 - random.below(near);
        default:
            return random.below(size);
    }
}

std::string flip(MemoryFileSystem& files, const std::string& path, size_t size, Random& random) {
    const size_t offset = place_in(size, random);
    const uint64_t bit = random.below(8);
    files.flip(path, offset, static_cast<uint8_t>(1U << bit));
    return fmt::format("bit {} of byte {} flipped", bit, offset);
}

std::string cut(MemoryFileSystem& files, const std::string& path, size_t size, Random& random) {
    const size_t left = place_in(size, random);
    files.cut(path, left);
    return fmt::format("cut to {}", left);
}

std::string erase(MemoryFileSystem& files, const std::string& path, size_t, Random&) {
    EXPECT_TRUE(files.DeleteFile(path, {}, nullptr).ok());
    return "deleted";
}

class Damage : public testing::TestWithParam<Age> {};

TEST_P(Damage, a_flipped_bit_is_an_error_or_harmless) { damage(GetParam(), flip); }

TEST_P(Damage, a_file_cut_short_is_an_error_or_harmless) { damage(GetParam(), cut); }

TEST_P(Damage, a_file_that_is_gone_is_an_error_or_harmless) { damage(GetParam(), erase); }

INSTANTIATE_TEST_SUITE_P(Ages, Damage, testing::Values(Age::old, Age::young));

}  // namespace
}  // namespace weft::test
