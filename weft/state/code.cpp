// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/state/code.hpp"

#include "weft/crypto/keccak.hpp"
#include "weft/state/account.hpp"

#include <algorithm>
#include <bit>
#include <cstring>

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace weft::state {

namespace {

constexpr uint8_t kPush1 = 0x60;
[[maybe_unused]] constexpr uint8_t kPush32 = 0x7f;
constexpr uint8_t kJumpDest = 0x5b;

constexpr uint8_t kDelegationPrefix[] = {0xef, 0x01, 0x00};  // EIP-7702
constexpr size_t kDesignatorSize = sizeof(kDelegationPrefix) + 20;

/// Which of 64 bytes are JUMPDEST, and which are PUSH1 to PUSH32, if all were opcodes; bit i for byte i.
struct Masks {
    uint64_t jump_dest = 0;
    uint64_t push = 0;
};

#if defined(__SSE2__)
Masks masks_of(const uint8_t* code) noexcept {
    Masks masks;
    for (unsigned part = 0; part < 4; ++part) {
        const __m128i bytes16 = _mm_loadu_si128(reinterpret_cast<const __m128i*>(code + 16 * part));
        const __m128i jump_dest = _mm_cmpeq_epi8(bytes16, _mm_set1_epi8(kJumpDest));
        // As signed numbers the opcodes above PUSH32 are negative.
        const __m128i push = _mm_cmpgt_epi8(bytes16, _mm_set1_epi8(kPush1 - 1));
        masks.jump_dest |= uint64_t{static_cast<uint16_t>(_mm_movemask_epi8(jump_dest))} << (16 * part);
        masks.push |= uint64_t{static_cast<uint16_t>(_mm_movemask_epi8(push))} << (16 * part);
    }
    return masks;
}
#else
Masks masks_of(const uint8_t* code) noexcept {
    Masks masks;
    for (unsigned i = 0; i < 64; ++i) {
        masks.jump_dest |= uint64_t{code[i] == kJumpDest} << i;
        masks.push |= uint64_t{code[i] >= kPush1 && code[i] <= kPush32} << i;
    }
    return masks;
}
#endif

/// Goes from PUSH to PUSH, 64 bytes at a time, and takes out what their immediates cover.
std::unique_ptr<const uint64_t[]> find_jump_destinations(const uint8_t* code, size_t size) {
    const size_t words = size / 64 + 1;
    auto bits = std::make_unique_for_overwrite<uint64_t[]>(words);
    uint64_t covered = 0;  // bytes at the beginning of the word that are an immediate
    for (size_t word = 0; word < words; ++word) {
        const uint8_t* start = code + 64 * word;
        Masks masks = masks_of(start);
        const uint64_t opcodes = ~uint64_t{0} << covered;
        masks.jump_dest &= opcodes;
        masks.push &= opcodes;
        covered = 0;
        while (masks.push != 0) {
            const auto at = static_cast<unsigned>(std::countr_zero(masks.push));
            const unsigned length = start[at] - kPush1 + 1u;
            const unsigned next = at + 1 + length;
            // Two shifts: a shift by 64 is undefined.
            const uint64_t behind = ~uint64_t{0} << at << 1;
            if (next >= 64) {
                masks.jump_dest &= ~behind;
                covered = next - 64;
                break;
            }
            const uint64_t rest = ~uint64_t{0} << next;
            masks.jump_dest &= ~behind | rest;
            masks.push &= rest;
        }
        bits[word] = masks.jump_dest;
    }
    return bits;
}

}  // namespace

Code::Code(bytes_view code) : data_(std::make_unique_for_overwrite<uint8_t[]>(code.size() + kPadding)), size_(code.size()) {
    std::ranges::copy(code, data_.get());
    std::memset(data_.get() + size_, 0, kPadding);
}

Code::~Code() { delete[] jump_destinations_.load(std::memory_order_relaxed); }  // Nobody else holds the object any more.

const uint64_t* Code::jump_destinations() const noexcept {
    if (const uint64_t* known = jump_destinations_.load(std::memory_order_acquire)) return known;
    auto found = find_jump_destinations(data_.get(), size_);
    const uint64_t* expected = nullptr;
    if (jump_destinations_.compare_exchange_strong(expected, found.get(), std::memory_order_acq_rel, std::memory_order_acquire))
        return found.release();
    return expected;
}

std::optional<address> Code::delegate() const noexcept {
    if (size_ != kDesignatorSize || std::memcmp(data_.get(), kDelegationPrefix, sizeof(kDelegationPrefix)) != 0) return std::nullopt;
    return fixed_from<address>(view().subspan(sizeof(kDelegationPrefix)));
}

const Code& empty_code() noexcept {
    static const Code code{{}};
    return code;
}

hash32 code_hash_of(bytes_view code) { return code.empty() ? kEmptyCodeHash : crypto::keccak256(code); }

bytes delegation_designator(const address& delegate) {
    bytes designator(std::begin(kDelegationPrefix), std::end(kDelegationPrefix));
    designator.insert(designator.end(), delegate.begin(), delegate.end());
    return designator;
}

}  // namespace weft::state
