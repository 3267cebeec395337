// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/kv/store.hpp"

namespace weft::kv {

bytes behind_prefix(bytes_view prefix) {
    bytes end(prefix.begin(), prefix.end());
    while (!end.empty() && end.back() == 0xff) end.pop_back();
    if (!end.empty()) ++end.back();
    return end;
}

Range with_prefix(TableId table, bytes_view prefix) {
    return {.table = table, .from = bytes(prefix.begin(), prefix.end()), .to = behind_prefix(prefix)};
}

}  // namespace weft::kv
