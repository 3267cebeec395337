// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/workloads/kinds.hpp"

#include <vector>

namespace weft::workloads {

std::span<const WorkloadKind> workload_kinds() {
    static const std::vector<WorkloadKind> all = [] {
        std::vector<WorkloadKind> kinds;
        for (const auto part :
             {ether_kinds(), token_kinds(), exchange_kinds(), share_kinds(), lending_kinds(), service_kinds(), mixture_kinds()})
            kinds.insert(kinds.end(), part.begin(), part.end());
        return kinds;
    }();
    return all;
}

}  // namespace weft::workloads
