// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/deposits.hpp"

#include "weft/base/uint256.hpp"

#include <array>

namespace weft::execution {

namespace {

/// keccak256("DepositEvent(bytes,bytes,bytes,bytes,bytes)").
constexpr hash32 kDepositEvent{{{0x64, 0x9b, 0xbc, 0x62, 0xd0, 0xe3, 0x13, 0x42, 0xaf, 0xea, 0x4e, 0x5c, 0xd8, 0x2d, 0x40, 0x49,
                                 0xe7, 0xe1, 0xee, 0x91, 0x2f, 0xc0, 0x88, 0x9a, 0xa7, 0x90, 0x80, 0x3b, 0xe3, 0x90, 0x38, 0xc5}}};

/// One dynamic argument of the event: where its offset word points, and its length.
struct Field {
    size_t offset;
    size_t size;
};
constexpr std::array<Field, 5> kFields{{
    {.offset = 160, .size = 48},  // public key
    {.offset = 256, .size = 32},  // withdrawal credentials
    {.offset = 320, .size = 8},   // amount
    {.offset = 384, .size = 96},  // signature
    {.offset = 512, .size = 8},   // index
}};
constexpr size_t kEventSize = 576;
constexpr size_t kWord = 32;

/// EIP-6110, is_valid_deposit_event_data and the extraction of the fields.
bool append_deposit(bytes_view event, bytes& out) {
    if (event.size() != kEventSize) return false;
    for (size_t i = 0; i < kFields.size(); ++i) {
        const auto& [offset, size] = kFields[i];
        if (load_be(event.data() + i * kWord) != uint256{offset}) return false;
        if (load_be(event.data() + offset) != uint256{size}) return false;
        const bytes_view field = event.subspan(offset + kWord, size);
        out.insert(out.end(), field.begin(), field.end());
    }
    return true;
}

}  // namespace

std::optional<bytes> deposit_requests(std::span<const types::Receipt> receipts, const address& deposit_contract) {
    bytes data;
    for (const types::Receipt& receipt : receipts) {
        for (const types::Log& log : receipt.logs) {
            if (log.account != deposit_contract || log.topics.empty() || log.topics[0] != kDepositEvent) continue;
            if (!append_deposit(log.data, data)) return std::nullopt;
        }
    }
    return data;
}

}  // namespace weft::execution
