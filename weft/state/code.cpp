// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/state/code.hpp"

#include "weft/base/optimisation.hpp"
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
constexpr uint8_t kPush32 = 0x7f;
constexpr uint8_t kJumpDest = 0x5b;

/// What a question about a jump destination costs at least, in bytes of a walk over the code.
constexpr int64_t kQuestionCost = 16;

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

/// Which of the 32 bytes before `code`, if it is an opcode, is a PUSH with `code` in its immediate; bit i for code[i - 32].
#if defined(__SSE2__)
uint32_t covering(const uint8_t* code) noexcept {
    // A byte at distance d covers when it is PUSHd or a longer PUSH. As signed numbers the opcodes above PUSH32 are negative.
    const __m128i nearer = _mm_setr_epi8(0x6e, 0x6d, 0x6c, 0x6b, 0x6a, 0x69, 0x68, 0x67, 0x66, 0x65, 0x64, 0x63, 0x62, 0x61, 0x60, 0x5f);
    const __m128i farther = _mm_add_epi8(nearer, _mm_set1_epi8(16));
    const __m128i far = _mm_loadu_si128(reinterpret_cast<const __m128i*>(code - 32));
    const __m128i near = _mm_loadu_si128(reinterpret_cast<const __m128i*>(code - 16));
    return static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpgt_epi8(far, farther))) |
           static_cast<uint32_t>(_mm_movemask_epi8(_mm_cmpgt_epi8(near, nearer))) << 16;
}
#else
uint32_t covering(const uint8_t* code) noexcept {
    uint32_t bits = 0;
    for (unsigned i = 0; i < 32; ++i) {
        const uint8_t byte = code[static_cast<ptrdiff_t>(i) - 32];
        bits |= uint32_t{byte > kPush32 - 1 - i && byte <= kPush32} << i;
    }
    return bits;
}
#endif

/// Bytes that one instruction takes.
size_t length_of(uint8_t opcode) noexcept { return opcode >= kPush1 && opcode <= kPush32 ? opcode - kPush1 + 2u : 1u; }

/// Whether an instruction begins at `position`. Takes what it looks at, in bytes, off `budget`; nullopt: that does not do. `code`
/// has 32 zeros before it.
std::optional<bool> begins_instruction(const uint8_t* code, size_t position, int64_t& budget) noexcept {
    // Back to a byte that nothing can cover: there an instruction does begin.
    size_t start = position;
    while (const uint32_t covers = covering(code + start)) {
        const unsigned back = 32 - static_cast<unsigned>(std::countr_zero(covers));
        budget -= back;
        if (budget < 0) return std::nullopt;
        start -= back;
    }
    while (start < position) start += length_of(code[start]);
    return start == position;
}

}  // namespace

Code::Code(bytes_view code)
    : buffer_(std::make_unique_for_overwrite<uint8_t[]>(kFrontPadding + code.size() + kPadding)),
      size_(code.size()),
      known_(std::make_unique<sync::Atomic<uint64_t>[]>(code.size() / 64 + 1)),
      budget_(static_cast<int64_t>(code.size())) {
    std::memset(buffer_.get(), 0, kFrontPadding);
    std::ranges::copy(code, buffer_.get() + kFrontPadding);
    std::memset(buffer_.get() + kFrontPadding + size_, 0, kPadding);
}

std::optional<bool> Code::ask_for(uint64_t position) const noexcept {
    if constexpr (!optimisation::kLazyJumpDestinations) return std::nullopt;
    // All questions together may cost about as much as the walk. Threads that ask together may each spend what is left.
    int64_t budget = budget_.load(sync::kRelaxed) - kQuestionCost;
    const std::optional<bool> answer = begins_instruction(data(), position, budget);
    budget_.store(budget, sync::kRelaxed);
    if (answer && *answer) known_[position / 64].fetch_or(uint64_t{1} << position % 64, sync::kRelaxed);
    return answer;
}

bool Code::is_jump_destination(uint64_t position) const noexcept {
    if (position >= size_ || data()[position] != kJumpDest) return false;
    const sync::Atomic<uint64_t>& word = known_[position / 64];
    const uint64_t bit = uint64_t{1} << position % 64;
    if ((word.load(sync::kRelaxed) & bit) != 0) return true;
    if (!all_known_.load(sync::kAcquire)) {
        if (const std::optional<bool> answer = ask_for(position)) return *answer;
        find_all();
    }
    return (word.load(sync::kRelaxed) & bit) != 0;
}

void Code::find_all() const noexcept {
    if constexpr (optimisation::kJumpDestinationMasks)
        walk_by_masks();
    else
        walk_by_instructions();
    all_known_.store(true, sync::kRelease);
}

void Code::walk_by_instructions() const noexcept {
    for (size_t at = 0; at < size_; at += length_of(data()[at]))
        if (data()[at] == kJumpDest) known_[at / 64].fetch_or(uint64_t{1} << at % 64, sync::kRelaxed);
}

/// Goes from PUSH to PUSH, 64 bytes at a time, and takes out what their immediates cover.
void Code::walk_by_masks() const noexcept {
    const size_t words = size_ / 64 + 1;
    uint64_t covered = 0;  // bytes at the beginning of the word that are an immediate
    for (size_t word = 0; word < words; ++word) {
        const uint8_t* start = data() + 64 * word;
        Masks masks = masks_of(start);
        const uint64_t opcodes = ~uint64_t{0} << covered;
        masks.jump_dest &= opcodes;
        masks.push &= opcodes;
        covered = 0;
        while (masks.push != 0) {
            const auto at = static_cast<unsigned>(std::countr_zero(masks.push));
            const auto next = at + static_cast<unsigned>(length_of(start[at]));
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
        known_[word].store(masks.jump_dest, sync::kRelaxed);
    }
}

void Code::forget_jump_destinations() const noexcept {
    for (size_t word = 0; word <= size_ / 64; ++word) known_[word].store(0, sync::kRelaxed);
    budget_.store(static_cast<int64_t>(size_), sync::kRelaxed);
    all_known_.store(false, sync::kRelaxed);
}

std::optional<address> Code::delegate() const noexcept {
    if (size_ != kDesignatorSize || std::memcmp(data(), kDelegationPrefix, sizeof(kDelegationPrefix)) != 0) return std::nullopt;
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
