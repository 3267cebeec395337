// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"
#include "weft/base/uint256.hpp"

#include <span>
#include <string_view>
#include <vector>

namespace weft::workloads {

/// Arguments as the contract ABI lays them out: a word for each in order, or for a dynamic one the offset of its content, which
/// follows after all words (Solidity documentation, "Contract ABI Specification").
class CallData {
  public:
    /// The arguments of a constructor.
    CallData() = default;
    /// A call of the function with that signature, such as "transfer(address,uint256)".
    explicit CallData(std::string_view signature);

    CallData& add(const uint256& value);
    CallData& add(const address& value) { return add(to_uint256(value)); }
    CallData& add(const hash32& value) { return add(to_uint256(value)); }
    CallData& add_bytes(bytes_view value);
    CallData& add_string(std::string_view value) { return add_bytes({reinterpret_cast<const uint8_t*>(value.data()), value.size()}); }
    CallData& add_array(std::span<const uint256> values);
    CallData& add_array(std::span<const address> values);

    [[nodiscard]] bytes encode() const;

  private:
    struct Argument {
        uint256 word;
        bytes content;  ///< With its length in front, a multiple of 32 bytes; empty: `word` is the argument.
    };

    bytes selector_;
    std::vector<Argument> arguments_;
};

}  // namespace weft::workloads
