// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/util/fixtures_path.hpp"
#include "weft/base/hex.hpp"
#include "weft/types/transaction.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <map>
#include <string>

namespace weft::types {
namespace {

namespace dom = simdjson::dom;

/// Exceptions that only the checks before execution can raise (intrinsic gas, fees, EIP-2681, EIP-3860): here such a
/// transaction must decode and have a sender. Their number guards against cases that slip in unseen.
const std::map<std::string_view, size_t> kDecidedInExecution = {
    {"TransactionException.INTRINSIC_GAS_TOO_LOW", 60}, {"TransactionException.GASLIMIT_PRICE_PRODUCT_OVERFLOW", 25},
    {"TransactionException.NONCE_TOO_BIG", 13},         {"TransactionException.PRIORITY_GREATER_THAN_MAX_FEE_PER_GAS_2", 4},
    {"TransactionException.INITCODE_SIZE_EXCEEDED", 2},
};

/// What form and signature decide: the sender of a transaction that mainnet under `revision` could carry.
std::optional<address> accept(bytes_view encoded, Revision revision) {
    const auto tx = decode_transaction(encoded);
    if (!tx || revision < first_revision(tx->type)) return std::nullopt;
    if (tx->chain_id.value_or(1) != 1) return std::nullopt;
    return recover_sender(*tx, revision);
}

struct Tally {
    std::map<std::string_view, size_t> in_execution;
    size_t valid = 0;
    size_t invalid = 0;
};

/// A transaction that could be decided: hash and sender when valid, rejection when not.
void check_fork(bytes_view encoded, Revision revision, dom::object expected, Tally& tally) {
    const auto sender = accept(encoded, revision);
    std::string_view exception;
    if (expected["exception"].get(exception) == simdjson::SUCCESS) {
        const auto known = kDecidedInExecution.find(exception);
        if (known != kDecidedInExecution.end()) {
            EXPECT_TRUE(sender) << exception;
            ++tally.in_execution[known->first];
        } else {
            EXPECT_FALSE(sender) << exception;
            ++tally.invalid;
        }
        return;
    }
    ++tally.valid;
    ASSERT_TRUE(sender);
    EXPECT_EQ(to_hex(*sender), std::string_view(expected["sender"]));
    const auto tx = decode_transaction(encoded);
    EXPECT_EQ(to_hex(hash(*tx)), std::string_view(expected["hash"]));
    const bytes again = encode(*tx);
    EXPECT_EQ(to_hex(again), to_hex(encoded));
}

TEST(EthereumTransactionTests, form_and_signature_decide_as_the_official_cases_say) {
    const auto folder = test::conformance().value_or("conformance") / "ethereum-tests/TransactionTests";
    WEFT_REQUIRE_FIXTURES(folder);
    Tally tally;
    size_t files = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(folder)) {
        if (entry.path().extension() != ".json") continue;
        ++files;
        dom::parser parser;
        const dom::object cases = parser.load(entry.path().string());
        for (const auto [name, test] : cases) {
            const auto encoded = from_hex(std::string_view(test["txbytes"]));
            ASSERT_TRUE(encoded) << name;
            for (const auto [fork, expected] : dom::object(test["result"])) {
                SCOPED_TRACE(std::string(name) + " " + std::string(fork));
                const auto revision = revision_from_name(fork);
                ASSERT_TRUE(revision);
                check_fork(*encoded, *revision, expected, tally);
            }
        }
    }
    EXPECT_EQ(files, 210U);
    EXPECT_EQ(tally.in_execution, kDecidedInExecution);
    EXPECT_EQ(tally.valid, 606U);
    EXPECT_GT(tally.invalid, 1900U);
}

}  // namespace
}  // namespace weft::types
