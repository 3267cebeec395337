// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/types/sender_recovery.hpp"

#include "weft/crypto/secp256k1.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace weft::types {
namespace {

/// Signed transactions of many senders; every seventh has a signature that is broken in one of five ways.
std::vector<Transaction> signed_transactions(size_t count) {
    std::vector<Transaction> transactions(count);
    for (size_t i = 0; i < count; ++i) {
        Transaction& tx = transactions[i];
        tx.chain_id = 1;
        tx.nonce = i;
        const auto signature = crypto::sign(signing_hash(tx), to_hash32(i + 1)).value();
        tx.r = signature.r;
        tx.s = signature.s;
        tx.y_parity = signature.y_parity;
        if (i % 7 != 3) continue;
        switch (i / 7 % 5) {
            case 0:
                tx.r = 0;
                break;
            case 1:
                tx.s = crypto::kSecp256k1Order;
                break;
            case 2:
                tx.s = crypto::kSecp256k1Order - tx.s;
                break;
            case 3:
                tx.r = 5;  // no point of the curve has this x coordinate
                break;
            default:
                tx.value = 1;  // signed by nobody we know, yet there is a sender
                break;
        }
    }
    return transactions;
}

std::vector<std::optional<address>> one_after_another(std::span<const Transaction> transactions, Revision revision) {
    std::vector<std::optional<address>> senders;
    for (const Transaction& transaction : transactions) senders.push_back(recover_sender(transaction, revision));
    return senders;
}

TEST(SenderRecovery, equals_recovery_one_after_another_also_for_invalid_signatures) {
    const auto transactions = signed_transactions(150);
    for (const Revision revision : {Revision::Frontier, Revision::Homestead, kLatestRevision}) {
        const auto expected = one_after_another(transactions, revision);
        ASSERT_GT(std::ranges::count(expected, std::optional<address>{}), 10);
        for (const unsigned threads : {1u, 2u, 5u}) {
            ThreadPool pool(threads);
            EXPECT_EQ(recover_senders(transactions, revision, pool), expected) << threads;
        }
    }
}

TEST(SenderRecovery, blocks_smaller_than_a_chunk) {
    ThreadPool pool(3);
    for (size_t count = 0; count < 10; ++count) {
        const auto transactions = signed_transactions(count);
        EXPECT_EQ(recover_senders(transactions, kLatestRevision, pool), one_after_another(transactions, kLatestRevision)) << count;
    }
}

TEST(SenderRecovery, a_reader_sees_each_sender_while_others_recover) {
    const auto transactions = signed_transactions(60);
    const auto expected = one_after_another(transactions, kLatestRevision);
    ThreadPool pool(4);
    for (int round = 0; round < 5; ++round) {
        SenderRecovery recovery(transactions, kLatestRevision);
        // Two workers recover, two read in order.
        std::vector<std::optional<address>> seen[2];
        pool.run([&](unsigned worker) {
            if (worker >= 2) return recovery.work();
            for (size_t i = 0; i < transactions.size(); ++i) seen[worker].push_back(recovery.await(i));
        });
        EXPECT_EQ(seen[0], expected);
        EXPECT_EQ(seen[1], expected);
    }
}

TEST(SenderRecovery, a_reader_alone_recovers_by_itself) {
    const auto transactions = signed_transactions(20);
    SenderRecovery recovery(transactions, kLatestRevision);
    EXPECT_EQ(recovery.await(19), recover_sender(transactions[19]));
    EXPECT_EQ(recovery.await(0), recover_sender(transactions[0]));
}

}  // namespace
}  // namespace weft::types
