// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/workloads/workload.hpp"

#include <span>

/// The kinds of workloads by the file that has them; workload_kinds() joins them.
namespace weft::workloads {

[[nodiscard]] std::span<const WorkloadKind> ether_kinds();

/// For WorkloadKind::create.
template <typename Kind>
[[nodiscard]] std::unique_ptr<Workload> create() {
    return std::make_unique<Kind>();
}

}  // namespace weft::workloads
