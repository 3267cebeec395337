// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/execution/block_execution.hpp"
#include "weft/execution/prediction/access_template.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <optional>
#include <vector>

namespace weft::execution::prediction {

/// Foretells from blocks that were executed which slots the transactions of another block will access. What is learnt are templates, so
/// that the slots of accounts never seen before are found too. They are kept for three kinds of calls:
///   - of one function of one contract,
///   - of one function of all contracts with the same code, for contracts not seen before,
///   - of one function of one contract with one address as an argument: what depends on a token, say, and on nobody else.
/// Besides, what a transaction lists itself (EIP-2930) is foretold as read.
///
/// Thread safety: none; predict() may be called by several threads while none learns.
class AccessPredictor {
  public:
    /// Kinds of calls and templates together are at most so many when a block is learnt; a template takes 200 bytes. What was met longest
    /// ago is forgotten first.
    explicit AccessPredictor(size_t most = size_t{1} << 18) : most_(most) {}

    /// Learns from a block that was executed, where `record` has all of its transactions.
    void learn(const BlockInput& block, const AccessRecord& record);

    /// What is foretold of a block. `view`: the state before it, asked for the code hashes of recipients; a recipient that it does not
    /// answer for at once is taken as one without code.
    [[nodiscard]] ListedHints predict(const BlockInput& block, state::StateView& view) const;

    /// How many kinds of calls and templates are known.
    [[nodiscard]] size_t size() const noexcept { return size_; }

  private:
    /// Templates of one kind of call; those that are hardly ever confirmed give way to others.
    static constexpr size_t kMostTemplates = 128;
    /// Of one transaction.
    static constexpr size_t kMostCandidates = 256;

    enum class Scope : uint8_t { contract, code, argument };
    struct Function {
        Scope scope = Scope::contract;
        uint8_t argument = 0;     ///< With Scope::argument: the place of
        uint256 argument_value;   ///< this.
        hash32 contract_or_code;  ///< An address stands in the last 20 bytes.
        uint64_t selector = 0;

        friend bool operator==(const Function&, const Function&) noexcept = default;
        friend size_t hash_value(const Function& function) noexcept {
            const uint64_t which =
                function.selector ^ uint64_t { function.argument } << 40 ^ uint64_t { static_cast<uint8_t>(function.scope) } << 48;
            return mix64(weft::hash_value(function.contract_or_code) ^ weft::hash_value(function.argument_value),
                         which ^ 0x9e3779b97f4a7c15);
        }
    };

    struct Known {
        AccessTemplate what;
        uint32_t hits = 0;    ///< Calls that accessed what it named,
        uint32_t writes = 0;  ///< and that wrote it.
    };
    struct History {
        uint32_t calls = 0;
        uint64_t last_block = 0;
        std::vector<Known> templates;

        [[nodiscard]] size_t size() const noexcept { return 1 + templates.size(); }
    };

    [[nodiscard]] static Function function_of(const address& contract, const Call& call);
    [[nodiscard]] static Function function_of(const hash32& code_hash, const Call& call);
    [[nodiscard]] static std::optional<Function> with_argument(const Function& function, const Call& call, uint8_t i);
    [[nodiscard]] static bool is_trusted(const History& history, const Known& known) noexcept;
    [[nodiscard]] static bool has_room(History& history);
    void confirm(const Function& function, const std::vector<Candidate>& candidates);
    void forget_old();
    void foretell(const Function& function, const Call& call, std::vector<Access>& accesses) const;

    size_t most_;
    size_t size_ = 0;
    uint64_t blocks_ = 0;
    boost::unordered_flat_map<Function, History> histories_;
};

}  // namespace weft::execution::prediction
