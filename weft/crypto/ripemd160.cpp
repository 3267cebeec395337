// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
// The block functions rather than EVP, for the reasons in sha256.cpp.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "weft/crypto/ripemd160.hpp"

#include <openssl/ripemd.h>

namespace weft::crypto {

FixedBytes<20> ripemd160(bytes_view data) noexcept {
    FixedBytes<20> digest;
    RIPEMD160_CTX context;
    RIPEMD160_Init(&context);
    RIPEMD160_Update(&context, data.data(), data.size());
    RIPEMD160_Final(digest.data(), &context);
    return digest;
}

}  // namespace weft::crypto
