// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/hash.hpp"
#include "weft/base/optimisation.hpp"
#include "weft/base/uint256.hpp"
#include "weft/crypto/keccak.hpp"

#include <array>
#include <cstring>
#include <span>
#include <vector>

namespace weft::evm {

/// 64 bytes, as two words, and their keccak256.
struct HashedPair {
    uint256 first;
    uint256 second;
    uint256 hash;

    friend bool operator==(const HashedPair&, const HashedPair&) noexcept = default;
};

/// The hashes of 64 bytes that were asked for last, from transaction to transaction. Contracts find the slots of their mappings by such
/// hashes, and again for each access to the same slot. Who wants to know how slots are found has all that was hashed listed.
///
/// Thread safety: none.
class RepeatedHashes {
  public:
    /// keccak256 of 64 bytes.
    [[nodiscard]] uint256 of(const uint8_t* data) {
        Input input;
        std::memcpy(input.data(), data, sizeof(input));
        Known& known = known_[place_of(input)];
        if (!optimisation::kRepeatedHashes || known.epoch != epoch_ || known.input != input) {
            known = {.input = input, .hash = to_uint256(crypto::keccak256({data, sizeof(input)})), .epoch = epoch_};
            if (is_listing_) list(data, known.hash);
        }
        return known.hash;
    }

    void forget() noexcept { ++epoch_; }

    /// Whether what is hashed from now on, in one transaction, is listed.
    void begin_transaction(bool is_listing) noexcept {
        is_listing_ = is_listing;
        listed_.clear();
        // What is remembered would be missing in the list.
        if (is_listing_) forget();
    }
    /// What was hashed since begin_transaction(), each at least once.
    [[nodiscard]] std::span<const HashedPair> listed() const noexcept { return listed_; }

  private:
    using Input = std::array<uint64_t, 8>;
    static constexpr size_t kPlaces = 512;

    struct Known {
        Input input{};
        uint256 hash;
        uint64_t epoch = 0;
    };

    /// A key and the slot of a mapping differ from others in their last bytes, or everywhere. Who makes keys collide is not remembered.
    static size_t place_of(const Input& input) noexcept {
        return mix64(input[2] ^ input[3] ^ 0x9e3779b97f4a7c15, input[6] ^ input[7] ^ 0xd6e8feb86659fd93) % kPlaces;
    }

    [[gnu::noinline]] void list(const uint8_t* data, const uint256& hash) {
        listed_.push_back({.first = load_be(data), .second = load_be(data + 32), .hash = hash});
    }

    std::array<Known, kPlaces> known_{};
    uint64_t epoch_ = 1;
    bool is_listing_ = false;
    std::vector<HashedPair> listed_;
};

}  // namespace weft::evm
