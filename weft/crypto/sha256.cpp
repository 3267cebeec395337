// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
// The block functions rather than EVP: EVP counts references to the shared algorithm object on every use, which would
// make all threads write to one cache line, and it allocates a context.
#define OPENSSL_SUPPRESS_DEPRECATED

#include "weft/crypto/sha256.hpp"

#include <openssl/sha.h>

namespace weft::crypto {

hash32 sha256(bytes_view data) noexcept {
    hash32 digest;
    SHA256_CTX context;
    SHA256_Init(&context);
    SHA256_Update(&context, data.data(), data.size());
    SHA256_Final(digest.data(), &context);
    return digest;
}

}  // namespace weft::crypto
