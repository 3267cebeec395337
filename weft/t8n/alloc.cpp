// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/t8n/alloc.hpp"

#include "weft/t8n/numbers.hpp"

namespace weft::t8n {

using json::Json;

state::MemoryState read_alloc(const Json& json) {
    state::MemoryState state;
    json.for_each_member([&](std::string_view key, const Json& value) {
        const address addr = json::fixed_key<address>(key, value);
        state::MemoryState::AccountRecord& record = state.insert(addr);
        record.balance = read_quantity(value["balance"]);
        record.nonce = read_optional_number(value["nonce"]).value_or(0);
        if (value["code"].exists()) state.set_code(addr, value["code"].data());
        if (const Json storage = value["storage"]; storage.exists())
            storage.for_each_member(
                [&](std::string_view slot, const Json& word) { state.set_storage(addr, json::quantity_key(slot, word), word.quantity()); });
    });
    return state;
}

}  // namespace weft::t8n
