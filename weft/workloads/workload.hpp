// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/random.hpp"
#include "weft/base/result.hpp"
#include "weft/workloads/world.hpp"

#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

/// Blocks to measure with, of any size, each of one kind of use. The same name, gas and seed give the same block everywhere.
namespace weft::workloads {

/// One kind of use: the state it needs, and one transaction after the other.
///
/// Thread safety: none.
class Workload {
  public:
    virtual ~Workload() = default;

    /// Puts what the block needs into the world. `transactions`: about how many the block will have.
    virtual void prepare(World& world, uint64_t transactions) = 0;

    /// The next transaction of the block, valid after all before it.
    [[nodiscard]] virtual Call next(Random& random) = 0;
};

struct WorkloadKind {
    std::string_view name;
    std::string_view description;  ///< One line.
    uint64_t typical_gas;          ///< About what one of its transactions uses.
    std::unique_ptr<Workload> (*create)();
    bool needs_contracts = true;  ///< Whether it deploys what tools/build_contracts compiles.
};

/// All kinds, in the order in which they are measured.
[[nodiscard]] std::span<const WorkloadKind> workload_kinds();

/// A block and the state before it.
struct WorkloadBlock {
    state::MemoryState pre_state;
    types::Header header;
    Batch batch;
    types::ChainRules rules;
    uint64_t gas_used = 0;
    /// Transactions that revert, as they are meant to.
    uint64_t reverted = 0;

    /// Refers to this.
    [[nodiscard]] execution::BlockInput input() const { return block_of(batch, header, rules); }
};

/// Builds a block that uses at most `gas`, and with one transaction more would use more. Error: an artifact is missing, or a
/// transaction fails that should not.
[[nodiscard]] Result<WorkloadBlock> build_block(const WorkloadKind& kind, uint64_t gas, uint64_t seed, Artifacts& artifacts);

}  // namespace weft::workloads
