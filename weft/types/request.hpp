// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"

#include <span>

namespace weft::types {

/// Types of execution-layer requests.
inline constexpr uint8_t kDepositRequestType = 0x00;        // EIP-6110
inline constexpr uint8_t kWithdrawalRequestType = 0x01;     // EIP-7002
inline constexpr uint8_t kConsolidationRequestType = 0x02;  // EIP-7251

/// All requests of one type that a block makes, concatenated (EIP-7685: `request_type || request_data`).
struct Request {
    uint8_t type = 0;
    bytes data;

    friend bool operator==(const Request&, const Request&) = default;
};

/// sha256 over the sha256 of each request, in the order given (by type, ascending); requests without data are left
/// out (EIP-7685, compute_requests_hash).
[[nodiscard]] hash32 requests_hash(std::span<const Request> requests);

}  // namespace weft::types
