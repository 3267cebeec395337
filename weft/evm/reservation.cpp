// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/evm/reservation.hpp"

#include "weft/base/assert.hpp"

#include <sys/mman.h>

#include <algorithm>

namespace weft::evm {

namespace {

/// Pages become usable in steps of this many bytes; the kernel still supplies each on its first use.
constexpr uint64_t kStep = uint64_t{1} << 20;

constexpr uint64_t round_up(uint64_t size) noexcept { return (size + kStep - 1) / kStep * kStep; }

}  // namespace

// Without access rights, address space counts nowhere: neither as memory in use nor against an overcommit limit.
Reservation::Reservation(uint64_t size)
    : size_(round_up(size)),
      data_(static_cast<uint8_t*>(mmap(nullptr, size_, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0))),
      committed_(data_) {
    WEFT_ASSERT(data_ != MAP_FAILED);
}

Reservation::~Reservation() { munmap(data_, size_); }

void Reservation::extend(const uint8_t* end) {
    WEFT_ASSERT(end <= data_ + size_);
    const uint64_t used = static_cast<uint64_t>(committed_ - data_);
    // Doubling keeps the number of system calls small.
    const uint64_t wanted = std::min(size_, std::max(round_up(static_cast<uint64_t>(end - data_)), 2 * used));
    WEFT_ASSERT(mprotect(data_ + used, wanted - used, PROT_READ | PROT_WRITE) == 0);
    committed_ = data_ + wanted;
}

void Reservation::trim(uint64_t keep) noexcept {
    keep = round_up(keep);
    const uint64_t used = static_cast<uint64_t>(committed_ - data_);
    if (used <= keep) return;
    madvise(data_ + keep, used - keep, MADV_DONTNEED);
    mprotect(data_ + keep, used - keep, PROT_NONE);
    committed_ = data_ + keep;
}

}  // namespace weft::evm
