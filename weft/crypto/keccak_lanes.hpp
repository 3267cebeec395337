// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"
#include "weft/crypto/keccak_permutation.hpp"

#include <algorithm>
#include <array>
#include <span>
#include <string_view>
#include <utility>

/// Keccak-256 of many messages at once, each in a lane of vectors, and of single ones: the inside of keccak256_batch and keccak256, and
/// what their tests and measurements look at.
namespace weft::crypto::keccak {

/// A way to permute one state.
struct Permutation {
    std::string_view name;
    void (*permute)(uint64_t* state) noexcept = nullptr;
};

/// Those that this processor can run; the last one is used.
[[nodiscard]] std::span<const Permutation> permutations() noexcept;

/// Absorbs the rest of a message into the state of what came before, a multiple of kRateBytes, and gives the digest.
[[nodiscard]] hash32 finish(uint64_t* state, bytes_view rest) noexcept;

/// A way to hash many messages; `messages` and `digests` have the same size.
struct Implementation {
    std::string_view name;
    size_t lanes = 1;
    void (*hash)(std::span<const bytes_view> messages, std::span<hash32> digests) noexcept = nullptr;
};

/// Those that this processor can run: one at a time first, then by the number of lanes.
[[nodiscard]] std::span<const Implementation> implementations() noexcept;

/// A message on its way through a lane.
class Lane {
  public:
    [[nodiscard]] bool is_free() const noexcept { return digest_ == nullptr; }
    [[nodiscard]] bool is_at_end() const noexcept { return at_end_; }
    [[nodiscard]] bytes_view rest() const noexcept { return rest_; }
    [[nodiscard]] hash32& digest() const noexcept { return *digest_; }

    void begin(bytes_view message, hash32& digest) noexcept {
        rest_ = message;
        digest_ = &digest;
        at_end_ = false;
    }
    void end() noexcept { digest_ = nullptr; }

    /// The kRateBytes to absorb next; of a free lane: any. The last block is padded in a place of the lane's own.
    [[nodiscard]] const uint8_t* next_block() noexcept {
        if (is_free()) return last_block_.data();
        if (rest_.size() >= kRateBytes) {
            const uint8_t* block = rest_.data();
            rest_ = rest_.subspan(kRateBytes);
            return block;
        }
        at_end_ = true;
        std::ranges::copy(rest_, last_block_.begin());
        std::fill(last_block_.begin() + static_cast<std::ptrdiff_t>(rest_.size()), last_block_.end(), uint8_t{0});
        last_block_[rest_.size()] = 0x01;
        last_block_[kRateBytes - 1] |= 0x80;
        return last_block_.data();
    }

  private:
    bytes_view rest_;
    hash32* digest_ = nullptr;
    bool at_end_ = false;
    std::array<uint8_t, kRateBytes> last_block_{};
};

/// `Width` states side by side, one for each lane.
template <size_t Width>
class Lanes {
  public:
    [[gnu::always_inline]] Lanes() noexcept : state_{} {}

    /// Absorbs a block for each lane. The state of those whose word in `keep` is zero, not all ones, begins anew.
    [[gnu::always_inline]] void absorb(const std::array<const uint8_t*, Width>& blocks, const std::array<uint64_t, Width>& keep) noexcept {
        Vector mask;
        std::memcpy(&mask, keep.data(), sizeof mask);
        for (size_t i = 0; i < kRateWords; ++i) {
            Vector words;
            gather(words, blocks, 8 * i, std::make_index_sequence<Width>{});
            state_[i] = (state_[i] & mask) ^ words;
        }
        for (size_t i = kRateWords; i < kWords; ++i) state_[i] &= mask;
        permute(state_);
    }

    /// The first words of a lane's state.
    template <size_t Count>
    [[gnu::always_inline]] void copy_words(size_t lane, uint64_t (&words)[Count]) const noexcept {
        for (size_t i = 0; i < Count; ++i) std::memcpy(&words[i], reinterpret_cast<const uint8_t*>(&state_[i]) + 8 * lane, 8);
    }

  private:
    using Vector = uint64_t __attribute__((vector_size(8 * Width)));

    [[gnu::always_inline]] static uint64_t load(const uint8_t* data) noexcept {
        uint64_t word = 0;
        std::memcpy(&word, data, 8);
        return word;
    }
    template <size_t... Lane>
    [[gnu::always_inline]] static void gather(Vector& words, const std::array<const uint8_t*, Width>& blocks, size_t offset,
                                              std::index_sequence<Lane...> /*lanes*/) noexcept {
        words = Vector{load(blocks[Lane] + offset)...};
    }

    Vector state_[kWords];
};

/// Hashes all messages in `Width` lanes. A lane takes the next message when its own ends; the last message that is left goes on alone.
template <size_t Width>
[[gnu::always_inline]] inline void hash_in_lanes(std::span<const bytes_view> messages, std::span<hash32> digests) noexcept {
    Lanes<Width> states;
    std::array<Lane, Width> lanes;
    size_t begun = 0;
    size_t unfinished = messages.size();
    while (unfinished > 1) {
        std::array<uint64_t, Width> keep;
        std::array<const uint8_t*, Width> blocks;
        for (size_t i = 0; i < Width; ++i) {
            const bool begins = lanes[i].is_free() && begun < messages.size();
            if (begins) {
                lanes[i].begin(messages[begun], digests[begun]);
                ++begun;
            }
            keep[i] = begins ? 0 : ~uint64_t{0};
            blocks[i] = lanes[i].next_block();
        }
        states.absorb(blocks, keep);
        for (size_t i = 0; i < Width; ++i) {
            if (lanes[i].is_free() || !lanes[i].is_at_end()) continue;
            uint64_t words[4];
            states.copy_words(i, words);
            std::memcpy(lanes[i].digest().data(), words, sizeof words);
            lanes[i].end();
            --unfinished;
        }
    }
    if (unfinished == 0) return;
    uint64_t state[kWords] = {};
    if (begun < messages.size()) {
        digests[begun] = finish(state, messages[begun]);
        return;
    }
    const auto last = static_cast<size_t>(std::ranges::find_if(lanes, [](const Lane& lane) { return !lane.is_free(); }) - lanes.begin());
    states.copy_words(last, state);
    lanes[last].digest() = finish(state, lanes[last].rest());
}

}  // namespace weft::crypto::keccak
