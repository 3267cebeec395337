// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/state/state_view.hpp"

#include <optional>

namespace weft::state {

/// A view with a cache before something slower, that can say what it has at hand. Each of these returns nullopt where the answer lies
/// behind the cache: the question of StateView that it stands for has to go there.
///
/// Thread safety: as StateView.
class CachedView : public StateView {
  public:
    [[nodiscard]] virtual std::optional<std::optional<Account>> account_at_hand(const address& addr) = 0;
    [[nodiscard]] virtual std::optional<uint256> storage_at_hand(const address& addr, const uint256& slot) = 0;
    [[nodiscard]] virtual const Code* code_at_hand(const hash32& code_hash) = 0;  ///< Null for nullopt.
};

}  // namespace weft::state
