// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "bench/line_traffic/runtime.hpp"

#include <sys/mman.h>

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>

// What the instrumented program calls has the names and types that clang gives it (compiler-rt, tsan_interface.h). This file is not
// instrumented itself, and uses nothing that is.

namespace {

constexpr size_t kThreads = 2;
constexpr unsigned kLineShift = 6;
/// Of one core.
constexpr uint32_t kLinesOfCache = 1U << 14;
/// Lines and places are kept in tables of fixed sizes, which the system fills in when they are touched. Two lines of one place forget
/// each other.
constexpr unsigned kLineBits = 23;
constexpr unsigned kPlaceBits = 16;
constexpr uint64_t kHash = 0x9E3779B97F4A7C15;

enum Event : uint8_t { kReadChanged, kReadShared, kWriteShared, kWriteForeign, kMiss, kLocked, kEvents };

/// Fields race; an event more or less does not matter.
struct Line {
    uintptr_t number;
    std::array<uint32_t, kThreads> came;  ///< When, by the clock of the core; 0: it never did.
    uint32_t changed_by;                  ///< The core, from 1 on; 0: none.
};

struct Place {
    uintptr_t address;
    std::array<uint64_t, kEvents> events;
};

struct Core {
    /// Counts the lines that came.
    uint32_t clock;
    std::array<Place, size_t{1} << kPlaceBits> places;

    [[nodiscard]] bool has(const Line& line, size_t number) const noexcept {
        return line.came[number] != 0 && clock - line.came[number] < kLinesOfCache;
    }
    void count(uintptr_t address, Event event) noexcept {
        size_t i = address * kHash >> (64 - kPlaceBits);
        while (places[i].address != address && places[i].address != 0) i = (i + 1) % places.size();
        places[i].address = address;
        ++places[i].events[event];
    }
};

template <typename T>
T* zeroed(size_t count) noexcept {
    return static_cast<T*>(mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0));
}

Line* const lines = zeroed<Line>(size_t{1} << kLineBits);
Core* const cores = zeroed<Core>(kThreads);
std::atomic<bool> is_counting{false};
std::atomic<uint32_t> threads{0};
/// From 1 on; 0: none yet.
thread_local uint32_t thread = 0;

void touch(uintptr_t number, bool is_write, uintptr_t address) noexcept {
    const size_t self = thread - 1;
    const size_t other = 1 - self;
    Core& core = cores[self];
    Line& line = lines[number * kHash >> (64 - kLineBits)];
    if (line.number != number) line = {.number = number, .came = {}, .changed_by = 0};
    const bool is_here = core.has(line, self);
    const bool is_there = cores[other].has(line, other);
    if (is_here && !(is_write && is_there)) {
        if (is_write) line.changed_by = static_cast<uint32_t>(self + 1);
        return;
    }
    Event event = kMiss;
    if (is_there && is_write) event = is_here ? kWriteShared : kWriteForeign;
    if (is_there && !is_write) event = line.changed_by == other + 1 ? kReadChanged : kReadShared;
    core.count(address, event);
    if (!is_here) line.came[self] = ++core.clock;
    if (is_write) {
        line.came[other] = 0;
        line.changed_by = static_cast<uint32_t>(self + 1);
    } else if (is_there) {
        line.changed_by = 0;
    }
}

/// `address`: of the code.
void touch(const volatile void* memory, size_t size, bool is_write, const void* address) noexcept {
    if (size == 0 || !is_counting.load(std::memory_order_relaxed)) return;
    if (thread == 0) thread = ++threads;
    if (thread > kThreads) return;
    const auto begin = reinterpret_cast<uintptr_t>(memory);
    for (uintptr_t line = begin >> kLineShift; line <= (begin + size - 1) >> kLineShift; ++line)
        touch(line, is_write, reinterpret_cast<uintptr_t>(address));
}

void note_lock(const void* address) noexcept {
    if (!is_counting.load(std::memory_order_relaxed) || thread == 0 || thread > kThreads) return;
    cores[thread - 1].count(reinterpret_cast<uintptr_t>(address), kLocked);
}

}  // namespace

namespace line_traffic {

void set_counting(bool counts) noexcept { is_counting = counts; }

void print(std::FILE* out) {
    // NOLINTNEXTLINE(cert-err33-c): the program ends without them.
    std::FILE* maps = std::fopen("/proc/self/maps", "r");
    std::array<char, 512> text{};
    if (maps != nullptr && std::fgets(text.data(), text.size(), maps) != nullptr) std::fprintf(out, "# %s", text.data());
    if (maps != nullptr) std::fclose(maps);
    for (size_t i = 0; i < kThreads; ++i) {
        for (const Place& place : cores[i].places) {
            if (place.address == 0) continue;
            std::fprintf(out, "%lx", place.address);
            for (const uint64_t events : place.events) std::fprintf(out, " %lu", events);
            std::fprintf(out, "\n");
        }
    }
}

}  // namespace line_traffic

// NOLINTBEGIN(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
extern "C" {

#define PLACE __builtin_return_address(0)

void __tsan_init() {}
void __tsan_func_entry(void* /*caller*/) {}
void __tsan_func_exit() {}
void __tsan_ignore_thread_begin() {}
void __tsan_ignore_thread_end() {}

#define ACCESSES(name, size, is_write)                                               \
    void __tsan_##name##size(void* p) { touch(p, size, is_write, PLACE); }           \
    void __tsan_unaligned_##name##size(void* p) { touch(p, size, is_write, PLACE); } \
    void __tsan_volatile_##name##size(void* p) { touch(p, size, is_write, PLACE); }  \
    void __tsan_unaligned_volatile_##name##size(void* p) { touch(p, size, is_write, PLACE); }
#define ACCESSES_OF(size)       \
    ACCESSES(read, size, false) \
    ACCESSES(write, size, true) \
    ACCESSES(read_write, size, true)
ACCESSES_OF(1)
ACCESSES_OF(2)
ACCESSES_OF(4)
ACCESSES_OF(8)
ACCESSES_OF(16)

void __tsan_read_range(void* p, size_t size) { touch(p, size, false, PLACE); }
void __tsan_write_range(void* p, size_t size) { touch(p, size, true, PLACE); }
void __tsan_vptr_read(void** p) { touch(p, sizeof *p, false, PLACE); }
void __tsan_vptr_update(void** p, void* /*value*/) { touch(p, sizeof *p, true, PLACE); }

void* __tsan_memcpy(void* to, const void* from, size_t size) {
    touch(from, size, false, PLACE);
    touch(to, size, true, PLACE);
    return std::memcpy(to, from, size);
}
void* __tsan_memmove(void* to, const void* from, size_t size) {
    touch(from, size, false, PLACE);
    touch(to, size, true, PLACE);
    return std::memmove(to, from, size);
}
void* __tsan_memset(void* to, int value, size_t size) {
    touch(to, size, true, PLACE);
    return std::memset(to, value, size);
}

// Whatever order the program asks for, it gets the strictest.
#define CHANGES(bits, type, name)                                                \
    type __tsan_atomic##bits##_##name(volatile type* p, type v, int /*order*/) { \
        touch(p, sizeof(type), true, PLACE);                                     \
        note_lock(PLACE);                                                        \
        return __atomic_##name(p, v, __ATOMIC_SEQ_CST);                          \
    }
#define ATOMICS(bits, type)                                                                                                       \
    type __tsan_atomic##bits##_load(const volatile type* p, int /*order*/) {                                                      \
        touch(p, sizeof(type), false, PLACE);                                                                                     \
        return __atomic_load_n(p, __ATOMIC_SEQ_CST);                                                                              \
    }                                                                                                                             \
    void __tsan_atomic##bits##_store(volatile type* p, type v, int order) {                                                       \
        touch(p, sizeof(type), true, PLACE);                                                                                      \
        if (order == __ATOMIC_SEQ_CST) note_lock(PLACE);                                                                          \
        __atomic_store_n(p, v, __ATOMIC_SEQ_CST);                                                                                 \
    }                                                                                                                             \
    type __tsan_atomic##bits##_exchange(volatile type* p, type v, int /*order*/) {                                                \
        touch(p, sizeof(type), true, PLACE);                                                                                      \
        note_lock(PLACE);                                                                                                         \
        return __atomic_exchange_n(p, v, __ATOMIC_SEQ_CST);                                                                       \
    }                                                                                                                             \
    int __tsan_atomic##bits##_compare_exchange_strong(volatile type* p, type* expected, type v, int /*order*/, int /*failure*/) { \
        touch(p, sizeof(type), true, PLACE);                                                                                      \
        note_lock(PLACE);                                                                                                         \
        return __atomic_compare_exchange_n(p, expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);                            \
    }                                                                                                                             \
    int __tsan_atomic##bits##_compare_exchange_weak(volatile type* p, type* expected, type v, int /*order*/, int /*failure*/) {   \
        touch(p, sizeof(type), true, PLACE);                                                                                      \
        note_lock(PLACE);                                                                                                         \
        return __atomic_compare_exchange_n(p, expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);                            \
    }                                                                                                                             \
    type __tsan_atomic##bits##_compare_exchange_val(volatile type* p, type expected, type v, int /*order*/, int /*failure*/) {    \
        touch(p, sizeof(type), true, PLACE);                                                                                      \
        note_lock(PLACE);                                                                                                         \
        __atomic_compare_exchange_n(p, &expected, v, false, __ATOMIC_SEQ_CST, __ATOMIC_SEQ_CST);                                  \
        return expected;                                                                                                          \
    }                                                                                                                             \
    CHANGES(bits, type, fetch_add)                                                                                                \
    CHANGES(bits, type, fetch_sub)                                                                                                \
    CHANGES(bits, type, fetch_and)                                                                                                \
    CHANGES(bits, type, fetch_or)                                                                                                 \
    CHANGES(bits, type, fetch_xor)                                                                                                \
    CHANGES(bits, type, fetch_nand)
ATOMICS(8, uint8_t)
ATOMICS(16, uint16_t)
ATOMICS(32, uint32_t)
ATOMICS(64, uint64_t)

void __tsan_atomic_thread_fence(int /*order*/) { __atomic_thread_fence(__ATOMIC_SEQ_CST); }
void __tsan_atomic_signal_fence(int /*order*/) {}
}
// NOLINTEND(bugprone-reserved-identifier,cert-dcl37-c,cert-dcl51-cpp,readability-identifier-naming)
