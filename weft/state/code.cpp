// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/state/code.hpp"

#include "weft/crypto/keccak.hpp"
#include "weft/state/account.hpp"

#include <algorithm>
#include <cstring>

namespace weft::state {

namespace {

constexpr uint8_t kPush1 = 0x60;
constexpr uint8_t kPush32 = 0x7f;
constexpr uint8_t kJumpDest = 0x5b;

constexpr uint8_t kDelegationPrefix[] = {0xef, 0x01, 0x00};  // EIP-7702
constexpr size_t kDesignatorSize = sizeof(kDelegationPrefix) + 20;

std::unique_ptr<const uint64_t[]> find_jump_destinations(const uint8_t* code, size_t size) {
    auto bits = std::make_unique<uint64_t[]>(size / 64 + 1);
    for (size_t i = 0; i < size; ++i) {
        const uint8_t opcode = code[i];
        if (opcode >= kPush1 && opcode <= kPush32)
            i += opcode - kPush1 + 1u;
        else if (opcode == kJumpDest)
            bits[i / 64] |= uint64_t{1} << (i % 64);
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
