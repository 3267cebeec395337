// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/workloads/call_data.hpp"

#include "weft/crypto/keccak.hpp"

namespace weft::workloads {

namespace {

constexpr size_t kWord = 32;
constexpr size_t kSelector = 4;

void append(bytes& out, bytes_view data) { out.insert(out.end(), data.begin(), data.end()); }
void append(bytes& out, const uint256& word) { append(out, to_hash32(word)); }

}  // namespace

CallData::CallData(std::string_view signature) {
    const hash32 hash = crypto::keccak256({reinterpret_cast<const uint8_t*>(signature.data()), signature.size()});
    append(selector_, bytes_view{hash}.first(kSelector));
}

CallData& CallData::add(const uint256& value) {
    arguments_.push_back({.word = value, .content = {}});
    return *this;
}

CallData& CallData::add_bytes(bytes_view value) {
    Argument& argument = arguments_.emplace_back();
    append(argument.content, uint256{value.size()});
    append(argument.content, value);
    argument.content.resize((argument.content.size() + kWord - 1) / kWord * kWord);
    return *this;
}

CallData& CallData::add_array(std::span<const uint256> values) {
    Argument& argument = arguments_.emplace_back();
    append(argument.content, uint256{values.size()});
    for (const uint256& value : values) append(argument.content, value);
    return *this;
}

CallData& CallData::add_array(std::span<const address> values) {
    Argument& argument = arguments_.emplace_back();
    append(argument.content, uint256{values.size()});
    for (const address& value : values) append(argument.content, to_uint256(value));
    return *this;
}

bytes CallData::encode() const {
    bytes encoded = selector_;
    uint64_t offset = arguments_.size() * kWord;
    for (const Argument& argument : arguments_) {
        append(encoded, argument.content.empty() ? argument.word : uint256{offset});
        offset += argument.content.size();
    }
    for (const Argument& argument : arguments_) append(encoded, argument.content);
    return encoded;
}

}  // namespace weft::workloads
