// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/result.hpp"
#include "weft/execution/block_execution.hpp"
#include "weft/state/memory_state.hpp"
#include "weft/types/chain_rules.hpp"
#include "weft/types/header.hpp"
#include "weft/types/transaction.hpp"
#include "weft/workloads/artifacts.hpp"
#include "weft/workloads/call_data.hpp"

#include <boost/unordered/unordered_flat_map.hpp>

#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace weft::workloads {

/// The most gas a transaction may have (EIP-7825).
inline constexpr uint64_t kMostGas = uint64_t{1} << 24;

/// What every transaction offers for a unit of gas, in wei. It pays 2 gwei in the end.
inline constexpr uint64_t kMaxFee = 100'000'000'000;

/// A transaction of a workload; its nonce follows from its place.
struct Call {
    address from;
    std::optional<address> to;  ///< nullopt: `data` is init code.
    uint256 value;
    bytes data;
    uint64_t gas_limit = 21'000;
    /// Meant to revert, perhaps.
    bool may_fail = false;
};

/// Numbers from `first` on.
struct Range {
    uint64_t first = 0;
    uint64_t count = 0;
};

/// Transactions with their senders.
struct Batch {
    std::vector<types::Transaction> transactions;
    std::vector<std::optional<address>> senders;
    std::vector<bool> may_fail;
};

/// The address of external account number `i`; contracts compute it the same way: the low 20 bytes of keccak256(i).
[[nodiscard]] address account(uint64_t i);

/// A state in the making: accounts with funds, then contracts and whatever else transactions leave behind, which the sequential
/// executor executes block by block under the latest rules.
///
/// After the first error nothing is executed any more; error() says what it was. So who prepares a world asks once, at the end.
///
/// Thread safety: none.
class World {
  public:
    explicit World(Artifacts& artifacts);

    /// Gives accounts `first` to `first + count - 1` a million ether each, as from genesis.
    void fund(uint64_t first, uint64_t count);
    /// Sets the balance of an account, as from genesis.
    void set_balance(const address& account, const uint256& balance);

    /// Deploys a contract, and before it the libraries that it needs and that are not there yet. Its address is known at once.
    address deploy(std::string_view contract, const CallData& arguments = {});
    /// The init code of a contract with its arguments and the addresses of its libraries, which are deployed where need be.
    [[nodiscard]] bytes init_code(std::string_view contract, const CallData& arguments = {});
    /// Sends a transaction, with as much gas as there may be. It has to succeed.
    void send(const address& from, const address& to, const CallData& data, const uint256& value = {});
    /// The same from the account that deploys contracts and so owns them.
    void send(const address& to, const CallData& data) { send(owner_, to, data); }
    /// Calls a function of the owner's whose first arguments are a number and a count for as many numbers at a time as fit a transaction;
    /// `rest`: its further arguments.
    void send_in_parts(const address& to, std::string_view signature, const Range& range, std::span<const uint256> rest);
    /// What a call returns now, as one word.
    [[nodiscard]] uint256 ask(const address& to, const CallData& data);

    [[nodiscard]] const address& owner() const noexcept { return owner_; }
    [[nodiscard]] const std::optional<Error>& error() const noexcept { return error_; }

    /// Executes what was sent.
    void settle();

    /// Adds a call to a batch of transactions for the next block, with the nonce it has there.
    void append(Call&& call, Batch& batch);
    /// A header of the next block, without what follows from its execution.
    [[nodiscard]] types::Header next_header(uint64_t gas_limit) const;
    [[nodiscard]] const types::ChainRules& rules() const noexcept { return rules_; }
    [[nodiscard]] state::MemoryState& state() noexcept { return state_; }

  private:
    void fail_with(std::string message);

    Artifacts& artifacts_;
    types::ChainRules rules_;
    state::MemoryState state_;
    execution::SequentialExecutor executor_;
    execution::TransactionExecution execution_;
    boost::unordered_flat_map<address, uint64_t, std::hash<address>> nonces_;
    Batch sent_;
    address owner_;
    uint64_t number_;
    std::map<std::string, address> libraries_;
    std::optional<Error> error_;
};

/// The block that a batch makes.
[[nodiscard]] execution::BlockInput block_of(const Batch& batch, const types::Header& header, const types::ChainRules& rules);

}  // namespace weft::workloads
