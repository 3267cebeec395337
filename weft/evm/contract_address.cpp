// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/evm/contract_address.hpp"

#include "weft/crypto/keccak.hpp"
#include "weft/rlp/encode.hpp"

#include <algorithm>
#include <array>

namespace weft::evm {

namespace {

address tail_of(const hash32& hash) noexcept { return fixed_from<address>(bytes_view{hash.data() + 12, address::kSize}); }

}  // namespace

address create_address(const address& creator, uint64_t nonce) {
    bytes payload;
    payload.reserve(32);
    rlp::encode_bytes(payload, creator);
    rlp::encode_uint(payload, nonce);
    return tail_of(crypto::keccak256(rlp::wrap_list(payload)));
}

address create2_address(const address& creator, const hash32& salt, bytes_view init_code) noexcept {
    const hash32 code_hash = crypto::keccak256(init_code);
    std::array<uint8_t, 1 + 20 + 32 + 32> preimage{0xff};
    std::ranges::copy(creator, preimage.begin() + 1);
    std::ranges::copy(salt, preimage.begin() + 21);
    std::ranges::copy(code_hash, preimage.begin() + 53);
    return tail_of(crypto::keccak256(preimage));
}

}  // namespace weft::evm
