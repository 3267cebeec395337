// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/fixed_bytes.hpp"

#include <vector>

namespace weft::types {

/// An event that a contract logged.
struct Log {
    address account;
    std::vector<hash32> topics;
    bytes data;

    friend bool operator==(const Log&, const Log&) = default;
};

}  // namespace weft::types
