// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/types/request.hpp"

#include "weft/crypto/sha256.hpp"

namespace weft::types {

hash32 requests_hash(std::span<const Request> requests) {
    bytes digests;
    for (const Request& request : requests) {
        if (request.data.empty()) continue;
        bytes message{request.type};
        message.insert(message.end(), request.data.begin(), request.data.end());
        const hash32 digest = crypto::sha256(message);
        digests.insert(digests.end(), digest.begin(), digest.end());
    }
    return crypto::sha256(digests);
}

}  // namespace weft::types
