// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/execution/access_record.hpp"
#include "weft/types/transaction.hpp"

#include <array>
#include <optional>
#include <vector>

namespace weft::execution::prediction {

/// What a transaction brings along before it executes, as words.
class Call {
  public:
    /// Of the call data so many words behind the selector are looked at.
    static constexpr uint8_t kMostArguments = 16;

    /// Of a transaction with a recipient; it outlives this.
    Call(const types::Transaction& transaction, const address& sender);

    [[nodiscard]] const uint256& sender() const noexcept { return sender_; }
    [[nodiscard]] const uint256& recipient() const noexcept { return recipient_; }
    /// The first four bytes of the data, where there are as many; another number otherwise.
    [[nodiscard]] uint64_t selector() const noexcept { return selector_; }
    [[nodiscard]] uint8_t arguments() const noexcept { return static_cast<uint8_t>(arguments_.size()); }
    [[nodiscard]] const uint256& argument(uint8_t i) const noexcept { return arguments_[i]; }

  private:
    uint256 sender_;
    uint256 recipient_;
    uint64_t selector_ = UINT64_MAX;
    std::vector<uint256> arguments_;
};

/// Where in a call a word is found, or that it is always the same.
struct Source {
    enum class Kind : uint8_t { constant, sender, recipient, argument };
    Kind kind = Kind::constant;
    uint8_t argument = 0;

    friend bool operator==(const Source&, const Source&) noexcept = default;
};

/// How the slot follows from the call: a constant, or what a mapping of Solidity or Vyper, or a mapping of mappings, makes of keys.
///   no keys:  constant
///   one key:  keccak256(key . constant) + offset
///   two:      keccak256(second key . keccak256(first key . constant)) + offset
/// where Vyper has the parts of what is hashed the other way round.
struct SlotTemplate {
    static constexpr size_t kMostKeys = 2;
    /// Fields of a structure that a mapping holds.
    static constexpr uint64_t kMostFields = 16;

    uint256 constant;
    std::array<Source, kMostKeys> keys{};  ///< None of them constant.
    uint8_t key_count = 0;
    uint8_t offset = 0;
    bool constant_first = false;  ///< As Vyper does.

    friend bool operator==(const SlotTemplate&, const SlotTemplate&) noexcept = default;
};

/// How a slot that transactions access follows from the call.
struct AccessTemplate {
    Source account;
    address constant_account;  ///< If `account` is constant.
    SlotTemplate slot;

    /// What it names for a call; nullopt: an argument is missing, or is no address.
    [[nodiscard]] std::optional<Access> location_for(const Call& call) const;
    /// Whether a part of it is an account or a slot of its own, and not one that the contract gives to every call.
    [[nodiscard]] bool is_particular() const noexcept;

    friend bool operator==(const AccessTemplate&, const AccessTemplate&) noexcept = default;
};

/// A template that one transaction would have confirmed.
struct Candidate {
    AccessTemplate what;
    bool is_write = false;
};

/// All templates that name a slot which the transaction accessed, up to `most`; none twice.
[[nodiscard]] std::vector<Candidate> templates_of(const Call& call, const AccessRecord::Entry& observed, size_t most);

}  // namespace weft::execution::prediction
