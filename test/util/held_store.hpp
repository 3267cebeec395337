// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "test/util/forwarding_store.hpp"
#include "weft/base/sync.hpp"

#include <algorithm>
#include <optional>
#include <utility>

namespace weft::test {

/// Another store, but for chosen keys: the read of one is held back until another one is read, or until release(); that of a third one
/// fails.
///
/// Thread safety: as the store below; the chosen keys change while nobody reads.
class HeldStore final : public ForwardingStore {
  public:
    /// All keys of a table that begin so.
    struct Keys {
        kv::TableId table = 0;
        bytes prefix;

        [[nodiscard]] bool contain(kv::TableId of, bytes_view key) const {
            return of == table && key.size() >= prefix.size() && std::ranges::equal(key.first(prefix.size()), prefix);
        }
    };

    using ForwardingStore::ForwardingStore;

    void hold(Keys held, std::optional<Keys> until) {
        is_released_.close();
        held_ = std::move(held);
        until_ = std::move(until);
    }
    void release() { is_released_.open(); }
    void fail(std::optional<Keys> failing) { failing_ = std::move(failing); }

    [[nodiscard]] kv::Expected<std::optional<bytes>> get(kv::TableId table, bytes_view key) const override {
        if (until_ && until_->contain(table, key)) is_released_.open();
        if (held_ && held_->contain(table, key)) is_released_.wait();
        if (failing_ && failing_->contain(table, key))
            return std::unexpected(kv::Error{.kind = kv::ErrorKind::io, .context = "the disk is gone"});
        return ForwardingStore::get(table, key);
    }

  private:
    std::optional<Keys> held_;
    std::optional<Keys> until_;
    std::optional<Keys> failing_;
    mutable sync::Gate is_released_;
};

}  // namespace weft::test
