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

double milliseconds_of(clockid_t clock) {
    timespec time{};
    clock_gettime(clock, &time);
    return static_cast<double>(time.tv_sec) * 1e3 + static_cast<double>(time.tv_nsec) / 1e6;
}

/// Makes the kernel count what each thread has used until now; otherwise a thread that runs is counted up to the last tick, milliseconds
/// ago.
void bring_processor_times_up_to_date() {
    std::error_code failed;
    for (std::filesystem::directory_iterator task("/proc/self/task", failed), end; !failed && task != end; task.increment(failed)) {
        const clockid_t thread = std::stoi(task->path().filename());
        // The clock of a thread, as pthread_getcpuclockid() makes it (Linux: CPUCLOCK_SCHED, CPUCLOCK_PERTHREAD_MASK).
        static_cast<void>(milliseconds_of(~thread << 3 | 6));
    }
}

}  // namespace

double processor_milliseconds() {
    static thread_local double of_looking = 0;
    const double before = milliseconds_of(CLOCK_THREAD_CPUTIME_ID);
    bring_processor_times_up_to_date();
    const double all = milliseconds_of(CLOCK_PROCESS_CPUTIME_ID);
    of_looking += milliseconds_of(CLOCK_THREAD_CPUTIME_ID) - before;
    return all - of_looking;
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
