// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/fixtures/test_network.hpp"
#include "weft/t8n/failure.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace weft::t8n {

/// The rules that `--state.fork` names.
class Fork {
  public:
    /// "Cancun", "BerlinToLondonAt5", "CancunToPragueAtTime15k". `blobs`: parameters in place of those that the name stands for.
    /// A fork may be followed by EIPs that it has anyway ("Shanghai+3855").
    /// ExitCode::config: no such fork, or EIPs that would make it another ("London+1153"): weft does not mix rules.
    [[nodiscard]] static Outcome<Fork> of(std::string_view name, uint64_t chain_id, const std::optional<types::BlobSchedule>& blobs);

    [[nodiscard]] types::ChainRules rules_at(uint64_t number, uint64_t timestamp) const noexcept;
    /// How far the difficulty bomb looks back (EIP-649, 1234, 2384, 3554, 4345, 5133).
    [[nodiscard]] uint64_t bomb_delay_at(uint64_t number) const noexcept;

  private:
    std::string name_;
    chain::ChainSpec spec_;
    std::optional<types::BlobSchedule> blobs_;
};

/// Names for a person to choose from; transitions between them, and other names of the same forks, are understood too.
[[nodiscard]] std::span<const std::string_view> fork_names() noexcept;

}  // namespace weft::t8n
