// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/workloads/workload.hpp"

#include <span>

/// The kinds of workloads by the file that has them; workload_kinds() joins them.
namespace weft::workloads {

[[nodiscard]] std::span<const WorkloadKind> ether_kinds();
[[nodiscard]] std::span<const WorkloadKind> token_kinds();
[[nodiscard]] std::span<const WorkloadKind> exchange_kinds();
[[nodiscard]] std::span<const WorkloadKind> share_kinds();
[[nodiscard]] std::span<const WorkloadKind> lending_kinds();
[[nodiscard]] std::span<const WorkloadKind> service_kinds();
[[nodiscard]] std::span<const WorkloadKind> mixture_kinds();

/// A number of everything that can be owned, and which nobody runs out of: 10^24.
inline constexpr uint256 kRiches = uint256{1'000'000'000'000} * uint64_t{1'000'000'000'000};

[[nodiscard]] inline Call call(const address& from, const address& to, const CallData& data, uint64_t gas_limit,
                               const uint256& value = {}) {
    return {.from = from, .to = to, .value = value, .data = data.encode(), .gas_limit = gas_limit};
}

/// For WorkloadKind::create.
template <typename Kind>
[[nodiscard]] std::unique_ptr<Workload> create() {
    return std::make_unique<Kind>();
}

}  // namespace weft::workloads
