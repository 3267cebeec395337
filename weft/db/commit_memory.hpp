// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/db/flat_state.hpp"
#include "weft/db/records.hpp"
#include "weft/kv/batch.hpp"

namespace weft::db {

/// What a commit puts together. The memory stays for the next one.
struct CommitMemory {
    kv::Batch batch;
    UndoEncoder undo;
    FlatUpdates updates;
    UndoRecord::AccountBefore before;  ///< The account that is being added.

    void clear() noexcept {
        batch.clear();
        undo.clear();
        updates.clear();
        before = {};
    }
};

}  // namespace weft::db
