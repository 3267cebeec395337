// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/hash.hpp"
#include "weft/base/uint256.hpp"
#include "weft/crypto/keccak.hpp"

#include <array>
#include <cstring>

namespace weft::evm {

/// The hashes of 64 bytes that were asked for last. Contracts find the slots of their mappings by such hashes, and again for each
/// access to the same slot.
class RepeatedHashes {
  public:
    /// keccak256 of 64 bytes.
    [[nodiscard]] uint256 of(const uint8_t* data) noexcept {
        Input input;
        std::memcpy(input.data(), data, sizeof(input));
        Known& known = known_[place_of(input)];
        if (known.epoch != epoch_ || known.input != input)
            known = {.input = input, .hash = to_uint256(crypto::keccak256({data, sizeof(input)})), .epoch = epoch_};
        return known.hash;
    }

    void forget() noexcept { ++epoch_; }

  private:
    using Input = std::array<uint64_t, 8>;
    static constexpr size_t kPlaces = 64;

    struct Known {
        Input input{};
        uint256 hash;
        uint64_t epoch = 0;
    };

    /// A key and the slot of a mapping differ from others in their last bytes, or everywhere. Who makes keys collide is not remembered.
    static size_t place_of(const Input& input) noexcept {
        return mix64(input[2] ^ input[3] ^ 0x9e3779b97f4a7c15, input[6] ^ input[7] ^ 0xd6e8feb86659fd93) % kPlaces;
    }

    std::array<Known, kPlaces> known_{};
    uint64_t epoch_ = 1;
};

}  // namespace weft::evm
