// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/types/withdrawal.hpp"

#include "weft/rlp/encode.hpp"

namespace weft::types {

bytes encode(const Withdrawal& withdrawal) {
    return rlp::Encoder{}
        .encode_uint(withdrawal.index)
        .encode_uint(withdrawal.validator_index)
        .encode_bytes(withdrawal.recipient)
        .encode_uint(withdrawal.amount)
        .as_list();
}

}  // namespace weft::types
