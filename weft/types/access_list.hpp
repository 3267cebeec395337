// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/fixed_bytes.hpp"

#include <vector>

namespace weft::types {

/// One row of an access list (EIP-2930): an account and storage slots of it. Repetitions are allowed and charged.
struct AccessListEntry {
    address account;
    std::vector<hash32> storage_keys;

    friend bool operator==(const AccessListEntry&, const AccessListEntry&) = default;
};

using AccessList = std::vector<AccessListEntry>;

}  // namespace weft::types
