// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/simulation/simulated_execution.hpp"
#include "weft/base/hash.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <CLI/CLI.hpp>

#include <array>
#include <chrono>
#include <csignal>
#include <cstdint>
#include <map>
#include <string>

namespace {

using weft::Fault;
using weft::test::Profile;

struct Settings {
    double seconds = 1e9;
    uint64_t runs = UINT64_MAX;
    uint64_t steps = UINT64_MAX;
    uint64_t seed = 1;
    unsigned threads = 0;
    std::optional<Fault> fault;
    std::optional<Profile> profile;
};

const std::map<std::string, Fault> kFaults{{"lost_wakeup", Fault::lost_wakeup},
                                           {"stale_read", Fault::stale_read},
                                           {"two_committers", Fault::two_committers},
                                           {"boundless_repair", Fault::boundless_repair},
                                           {"ignored_additions", Fault::ignored_additions},
                                           {"uncounted_drop", Fault::uncounted_drop},
                                           {"trusted_counter", Fault::trusted_counter},
                                           {"trusted_early_store", Fault::trusted_early_store},
                                           {"missed_wipe", Fault::missed_wipe},
                                           {"untold_listener", Fault::untold_listener},
                                           {"uncounted_repetition", Fault::uncounted_repetition},
                                           {"unchecked_payment", Fault::unchecked_payment}};

struct Tally {
    uint64_t runs = 0;
    uint64_t blocks = 0;
    uint64_t transactions = 0;
    uint64_t schedules = 0;
    uint64_t steps = 0;
    uint64_t switches = 0;
    uint64_t repaired = 0;
    uint64_t trace = 0;  ///< The same whenever the same runs are made.

    void add(const weft::test::SimulatedOutcome& outcome) noexcept {
        ++runs;
        blocks += outcome.blocks;
        transactions += outcome.transactions;
        schedules += outcome.schedules;
        steps += outcome.steps;
        switches += outcome.switches;
        repaired += outcome.repaired;
        trace = weft::mix64(trace ^ outcome.trace, 0x9e3779b97f4a7c15);
    }
};

void report(const Tally& tally, uint64_t next_seed) {
    fmt::print("{} blocks, {} transactions, {} schedules, {} steps, {} switches, {} repairs, trace {:016x}, next seed {}\n", tally.blocks,
               tally.transactions, tally.schedules, tally.steps, tally.switches, tally.repaired, tally.trace, next_seed);
}

// ---- A run that crashes, or goes in circles without a step ----

/// A run takes milliseconds.
constexpr unsigned kMostSecondsOfRun = 60;

// Written before each run, for the handler.
std::array<char, 256> crash_message{};

/// Says which run it is: that is enough to see it again.
void say_seed(int signal) {
    static_cast<void>(!write(STDERR_FILENO, crash_message.data(), std::char_traits<char>::length(crash_message.data())));
    std::signal(signal, SIG_DFL);
    static_cast<void>(std::raise(signal));
}

void catch_crashes() {
    // On a stack of its own: a simulated thread may have used up its.
    static std::array<char, 1 << 16> memory;
    const stack_t stack{.ss_sp = memory.data(), .ss_flags = 0, .ss_size = memory.size()};
    sigaltstack(&stack, nullptr);
    struct sigaction action{};
    action.sa_handler = say_seed;
    action.sa_flags = SA_ONSTACK;
    for (const int signal : {SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGALRM}) sigaction(signal, &action, nullptr);
}

// ---- Runs ----

/// The arguments that make this one run again.
std::string replay(const Settings& settings, uint64_t seed) {
    std::string command = fmt::format("weft_simulation --seed {} --runs 1", seed);
    if (settings.threads != 0) command += fmt::format(" --threads {}", settings.threads);
    for (const auto& [name, fault] : kFaults)
        if (settings.fault == fault) command += " --plant " + name;
    for (const auto& [name, profile] : weft::test::profiles())
        if (settings.profile == profile) command += " --profile " + name;
    return command;
}

int run(const Settings& settings) {
    using Clock = std::chrono::steady_clock;
    const auto begin = Clock::now();
    auto reported = begin;
    Tally tally;
    uint64_t seed = settings.seed;
    for (; tally.runs < settings.runs && tally.steps < settings.steps; ++seed) {
        const auto now = Clock::now();
        if (std::chrono::duration<double>(now - begin).count() >= settings.seconds) break;
        if (now - reported > std::chrono::seconds(10)) {
            report(tally, seed);
            reported = now;
        }
        *fmt::format_to_n(crash_message.data(), crash_message.size() - 1, "seed {}: crash or hang\nagain: {}\n", seed,
                          replay(settings, seed))
             .out = '\0';
        alarm(kMostSecondsOfRun);
        const auto outcome =
            weft::test::simulate({.seed = seed, .threads = settings.threads, .fault = settings.fault, .profile = settings.profile});
        tally.add(outcome);
        if (!outcome.finding) continue;
        fmt::print("seed {}, {}\nagain: {}\n", seed, *outcome.finding, replay(settings, seed));
        return 1;
    }
    report(tally, seed);
    return 0;
}

}  // namespace

int main(int argc, char** argv) {
    Settings settings;
    CLI::App app{"Executes random blocks on simulated threads and compares with sequential execution"};
    app.add_option("--seconds", settings.seconds, "stop after this time");
    app.add_option("--runs", settings.runs, "stop after this many runs");
    app.add_option("--steps", settings.steps, "stop after this many steps of threads");
    app.add_option("--seed", settings.seed, "seed of the first run")->capture_default_str();
    app.add_option("--threads", settings.threads, "threads of each run, else two to four as its seed says");
    app.add_option("--plant", settings.fault, "a bug to plant")->transform(CLI::CheckedTransformer(kFaults));
    app.add_option("--profile", settings.profile, "what all blocks are about, else as the seed says")
        ->transform(CLI::CheckedTransformer(weft::test::profiles()));
    CLI11_PARSE(app, argc, argv);
    catch_crashes();
    return run(settings);
}
