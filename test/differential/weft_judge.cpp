// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/differential/judge.hpp"

#include <fmt/format.h>
#include <CLI/CLI.hpp>

#include <chrono>
#include <filesystem>

namespace {

struct Settings {
    double seconds = 60;
    uint64_t blocks = UINT64_MAX;
    uint64_t seed = 1;
    std::vector<unsigned> threads{1, 2, 3, 4, 8};
    std::string output = ".";
    std::optional<weft::test::Profile> profile;
};

void report(const weft::test::Tally& tally, uint64_t next_seed) {
    fmt::print("{} blocks ({} valid), {} transactions, {} comparisons, next seed {}\n", tally.blocks, tally.valid_blocks,
               tally.transactions, tally.comparisons, next_seed);
}

/// Reports a finding, makes it small and writes it down.
void give_evidence(weft::test::Judge& judge, const weft::test::GeneratedBlock& block, const weft::test::Finding& finding,
                   const std::string& folder) {
    fmt::print("seed {}: {}: {}\n", block.seed, finding.subject, finding.difference);
    const weft::test::GeneratedBlock small = judge.minimise(block, 20);
    const auto path = std::filesystem::path(folder) / fmt::format("difference-{}.json", block.seed);
    if (const auto written = weft::test::write_block(small, path); !written)
        fmt::print("{}\n", written.error().message);
    else
        fmt::print("{} transactions left, written to {}\n", small.transactions.size(), path.string());
}

int run(const Settings& settings) {
    using Clock = std::chrono::steady_clock;
    std::vector<weft::test::Subject> subjects;
    subjects.reserve(settings.threads.size());
    for (const unsigned threads : settings.threads) subjects.push_back(weft::test::parallel_subject(threads));
    using Past = weft::test::StaleExecutor::Past;
    for (const size_t lag : {size_t{1}, size_t{2}, size_t{5}, size_t{100}})
        for (const Past past : {Past::committed, Past::imagined}) subjects.push_back(weft::test::stale_subject(past, lag));
    weft::test::Judge judge(std::move(subjects));

    const auto begin = Clock::now();
    auto reported = begin;
    uint64_t seed = settings.seed;
    for (uint64_t i = 0; i < settings.blocks; ++i, ++seed) {
        const auto now = Clock::now();
        if (std::chrono::duration<double>(now - begin).count() >= settings.seconds) break;
        if (now - reported > std::chrono::seconds(10)) {
            report(judge.tally(), seed);
            reported = now;
        }
        const weft::test::GeneratedBlock block =
            settings.profile ? weft::test::generate_block(seed, *settings.profile) : weft::test::generate_block(seed);
        const auto finding = judge.examine(block, seed);
        if (!finding) continue;
        give_evidence(judge, block, *finding, settings.output);
        return 1;
    }
    report(judge.tally(), seed);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    Settings settings;
    CLI::App app{"Compares sequential and parallel execution on random blocks"};
    app.add_option("--seconds", settings.seconds, "stop after this time")->capture_default_str();
    app.add_option("--blocks", settings.blocks, "stop after this many blocks");
    app.add_option("--seed", settings.seed, "seed of the first block")->capture_default_str();
    app.add_option("--threads", settings.threads, "numbers of threads to compare")->delimiter(',')->capture_default_str();
    app.add_option("--output", settings.output, "folder for blocks that show a difference")->capture_default_str();
    app.add_option("--profile", settings.profile, "what all blocks are about, else as the seed says")
        ->transform(CLI::CheckedTransformer(weft::test::profiles()));
    CLI11_PARSE(app, argc, argv);
    return run(settings);
}
