// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "cmd/weft/measure.hpp"

#include "weft/base/assert.hpp"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <filesystem>
#include <fstream>
#include <string>
#include <system_error>

namespace weft::cli {

double quantile(std::vector<double> values, double share) {
    WEFT_ASSERT(!values.empty());
    std::ranges::sort(values);
    const double place = share * static_cast<double>(values.size() - 1);
    const auto below = static_cast<size_t>(place);
    const size_t above = std::min(below + 1, values.size() - 1);
    return std::lerp(values[below], values[above], place - static_cast<double>(below));
}

namespace {

/// Makes the kernel count what each thread has used until now; otherwise a thread that runs is counted up to the last tick, milliseconds ago.
void bring_processor_times_up_to_date() {
    std::error_code failed;
    for (const auto& task : std::filesystem::directory_iterator("/proc/self/task", failed)) {
        const clockid_t thread = std::stoi(task.path().filename());
        // The clock of a thread, as pthread_getcpuclockid() makes it (Linux: CPUCLOCK_SCHED, CPUCLOCK_PERTHREAD_MASK).
        timespec used{};
        clock_gettime(~thread << 3 | 6, &used);
    }
}

}  // namespace

double processor_milliseconds() {
    bring_processor_times_up_to_date();
    timespec used{};
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &used);
    return static_cast<double>(used.tv_sec) * 1e3 + static_cast<double>(used.tv_nsec) / 1e6;
}

void reset_peak_memory() { std::ofstream("/proc/self/clear_refs") << 5; }

uint64_t peak_memory() {
    std::ifstream status("/proc/self/status");
    std::string word;
    while (status >> word) {
        uint64_t kibibytes = 0;
        if (word == "VmHWM:" && status >> kibibytes) return kibibytes * 1024;
    }
    return 0;
}

}  // namespace weft::cli
