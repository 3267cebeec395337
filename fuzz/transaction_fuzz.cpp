// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/assert.hpp"
#include "weft/types/transaction.hpp"

#include <algorithm>

/// What decodes encodes to the same bytes, alone and as an item of a block body; signatures of any value can be asked for
/// their signer.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace weft;
    const bytes_view input{data, size};
    const auto transaction = types::decode_transaction(input);
    if (!transaction) {
        WEFT_ASSERT(!to_string(transaction.error()).empty());
        return 0;
    }
    WEFT_ASSERT(std::ranges::equal(encode(*transaction), input));
    bytes body;
    types::append_transaction_item(body, input);
    rlp::Decoder items(body);
    WEFT_ASSERT(types::decode_transaction_item(items) == *transaction);
    WEFT_ASSERT(items.at_end());
    static_cast<void>(recover_sender(*transaction));
    for (const types::Authorization& authorization : transaction->authorization_list) static_cast<void>(recover_authority(authorization));
    return 0;
}
