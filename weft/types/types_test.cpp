// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/hex.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/crypto/secp256k1.hpp"
#include "weft/crypto/sha256.hpp"
#include "weft/rlp/encode.hpp"
#include "weft/types/block.hpp"
#include "weft/types/chain_rules.hpp"
#include "weft/types/receipt.hpp"
#include "weft/types/request.hpp"

#include <gtest/gtest.h>

namespace weft::types {
namespace {

const hash32 kSecret = to_hash32(0x4646464646464646);

/// A transaction of the type with something in every field that the type has.
Transaction sample(TransactionType type) {
    Transaction tx;
    tx.type = type;
    tx.chain_id = 5;
    tx.nonce = 0x1234;
    tx.max_fee_per_gas = uint256{1} << 200;
    const bool single_price = type == TransactionType::Legacy || type == TransactionType::AccessList;
    tx.max_priority_fee_per_gas = single_price ? tx.max_fee_per_gas : 7;
    tx.gas_limit = ~uint64_t{0};
    tx.to = address_of(0xabcdef);
    tx.value = ~uint256{};
    tx.data = bytes(300, 0xcc);
    if (type == TransactionType::Legacy) return tx;
    tx.access_list = {{.account = address_of(1), .storage_keys = {hash32{}, to_hash32(2)}}, {.account = address_of(9), .storage_keys = {}}};
    if (type == TransactionType::Blob) {
        tx.max_fee_per_blob_gas = 99;
        tx.blob_hashes = {to_hash32(1), to_hash32(2)};
    }
    if (type == TransactionType::SetCode)
        tx.authorization_list = {
            {.chain_id = ~uint256{}, .delegate = address_of(3), .nonce = ~uint64_t{0}, .y_parity = 0xff, .r = ~uint256{}, .s = 0}};
    return tx;
}

void sign(Transaction& tx) {
    const auto signature = crypto::sign(signing_hash(tx), kSecret).value();
    tx.r = signature.r;
    tx.s = signature.s;
    tx.y_parity = signature.y_parity;
}

constexpr TransactionType kAllTypes[] = {TransactionType::Legacy, TransactionType::AccessList, TransactionType::DynamicFee,
                                         TransactionType::Blob, TransactionType::SetCode};

TEST(Transaction, every_type_round_trips_and_gives_its_sender) {
    const address sender = crypto::address_of_secret(kSecret).value();
    for (const auto type : kAllTypes) {
        Transaction tx = sample(type);
        sign(tx);
        const bytes encoded = encode(tx);
        const auto decoded = decode_transaction(encoded);
        ASSERT_TRUE(decoded) << to_string(decoded.error());
        EXPECT_EQ(*decoded, tx);
        EXPECT_EQ(recover_sender(tx), sender);
        EXPECT_EQ(hash(tx), crypto::keccak256(encoded));
        bytes body;
        append_transaction_item(body, encoded);
        rlp::Decoder items(body);
        EXPECT_EQ(decode_transaction_item(items), tx);
        EXPECT_TRUE(items.at_end());
    }
}

TEST(Transaction, every_truncation_and_extension_is_rejected) {
    for (const auto type : kAllTypes) {
        Transaction tx = sample(type);
        sign(tx);
        bytes encoded = encode(tx);
        for (size_t size = 0; size < encoded.size(); ++size) EXPECT_FALSE(decode_transaction(bytes_view(encoded).first(size)));
        encoded.push_back(0x80);
        EXPECT_EQ(decode_transaction(encoded).error().rlp, rlp::Error::TrailingBytes);
    }
}

TEST(Transaction, eip155_example_of_the_specification) {
    Transaction tx;
    tx.chain_id = 1;
    tx.nonce = 9;
    tx.max_fee_per_gas = tx.max_priority_fee_per_gas = 20'000'000'000;
    tx.gas_limit = 21000;
    tx.to = fixed_from_hex<address>("0x3535353535353535353535353535353535353535");
    tx.value = 1'000'000'000'000'000'000;
    EXPECT_EQ(to_hex(signing_hash(tx)), "0xdaf5a779ae972f972197303d7b574746c7ef83eadac0f2791ad23db92e4c8e53");
    const auto secret = to_hash32(from_be(bytes(32, 0x46)));
    const auto signature = crypto::sign(signing_hash(tx), secret).value();
    tx.r = signature.r;
    tx.s = signature.s;
    tx.y_parity = signature.y_parity;
    EXPECT_EQ(to_hex(encode(tx)),
              "0xf86c098504a817c800825208943535353535353535353535353535353535353535880de0b6b3a76400008025a028ef61340bd939bc2195fe5375678660"
              "03e1a15d"
              "3c71ff63e1590620aa636276a067cbe9d8997f761aecb703304b3800ccf555c9f3dc64214b297fb1966a3b6d83");
}

TEST(Transaction, eip155_protection_is_invalid_before_spurious_dragon) {
    Transaction tx = sample(TransactionType::Legacy);
    sign(tx);
    EXPECT_FALSE(recover_sender(tx, Revision::TangerineWhistle));
    EXPECT_TRUE(recover_sender(tx, Revision::SpuriousDragon));
    tx.chain_id.reset();
    sign(tx);
    EXPECT_TRUE(recover_sender(tx, Revision::Frontier));
    EXPECT_TRUE(recover_sender(tx, Revision::Osaka));
}

TEST(Transaction, eip2_high_s_is_invalid_from_homestead) {
    Transaction tx = sample(TransactionType::Legacy);
    tx.chain_id.reset();
    sign(tx);
    const auto sender = recover_sender(tx);
    tx.s = crypto::kSecp256k1Order - tx.s;
    tx.y_parity = !tx.y_parity;
    EXPECT_EQ(recover_sender(tx, Revision::Frontier), sender);
    EXPECT_FALSE(recover_sender(tx, Revision::Homestead));
    EXPECT_TRUE(is_low_s(crypto::kSecp256k1HalfOrder));
    EXPECT_FALSE(is_low_s(crypto::kSecp256k1HalfOrder + 1));
}

TEST(Transaction, each_form_error_names_its_rule) {
    const auto rule_of = [](const bytes& encoded) { return decode_transaction(encoded).error().rule; };
    EXPECT_EQ(rule_of({}), DecodeRule::EmptyInput);
    EXPECT_EQ(rule_of({0x00, 0xc0}), DecodeRule::UnknownType);
    EXPECT_EQ(rule_of({0x05, 0xc0}), DecodeRule::UnknownType);
    EXPECT_EQ(rule_of({0xbf, 0xc0}), DecodeRule::UnknownType);
    EXPECT_EQ(rule_of({0x03, 0xc1, 0xc0}), DecodeRule::BlobSidecar);
    for (const auto type : {TransactionType::Blob, TransactionType::SetCode}) {
        Transaction tx = sample(type);
        tx.to.reset();
        EXPECT_EQ(rule_of(encode(tx)), DecodeRule::MissingRecipient);
    }
    Transaction creation = sample(TransactionType::DynamicFee);
    creation.to.reset();
    EXPECT_EQ(decode_transaction(encode(creation)), creation);

    const auto legacy_with_v = [](const uint256& v) {
        rlp::Encoder fields;
        for (int i = 0; i < 6; ++i) fields.encode_uint(uint64_t{0});
        return fields.encode_uint(v).encode_uint(uint64_t{1}).encode_uint(uint64_t{1}).as_list();
    };
    for (const unsigned v : {0, 1, 26, 29, 34}) EXPECT_EQ(rule_of(legacy_with_v(v)), DecodeRule::InvalidV) << v;
    for (const unsigned v : {27, 28, 35, 36, 37, 38}) EXPECT_EQ(encode(decode_transaction(legacy_with_v(v)).value()), legacy_with_v(v));
    const uint256 largest = (uint256{~uint64_t{0}} << 1) + 36;
    EXPECT_EQ(decode_transaction(legacy_with_v(largest))->chain_id, ~uint64_t{0});
    EXPECT_EQ(rule_of(legacy_with_v(largest + 1)), DecodeRule::ChainIdTooLarge);
}

TEST(Transaction, block_body_wraps_typed_transactions_and_only_those) {
    Transaction typed = sample(TransactionType::DynamicFee);
    const bytes typed_encoded = encode(typed);
    rlp::Decoder unwrapped(typed_encoded);
    EXPECT_FALSE(decode_transaction_item(unwrapped));

    bytes wrapped_legacy;
    rlp::encode_bytes(wrapped_legacy, encode(sample(TransactionType::Legacy)));
    rlp::Decoder wrapped(wrapped_legacy);
    EXPECT_EQ(decode_transaction_item(wrapped).error().rule, DecodeRule::TypedInsideList);

    const bytes empty_string{0x80};
    rlp::Decoder empty(empty_string);
    EXPECT_EQ(decode_transaction_item(empty).error().rule, DecodeRule::EmptyInput);
}

TEST(Authorization, eip7702_authority_signed_the_tuple) {
    Authorization authorization{.chain_id = 1, .delegate = address_of(7), .nonce = 3, .y_parity = 0, .r = 0, .s = 0};
    const auto signature = crypto::sign(signing_hash(authorization), kSecret).value();
    authorization.r = signature.r;
    authorization.s = signature.s;
    authorization.y_parity = signature.y_parity ? 1 : 0;
    EXPECT_EQ(recover_authority(authorization), crypto::address_of_secret(kSecret));
    Authorization high = authorization;
    high.s = crypto::kSecp256k1Order - high.s;
    high.y_parity ^= 1;
    EXPECT_FALSE(recover_authority(high));
    authorization.y_parity += 2;
    EXPECT_FALSE(recover_authority(authorization));
}

TEST(Receipt, every_type_round_trips) {
    for (const auto type : kAllTypes) {
        Receipt receipt{.type = type, .status = true, .post_state = {}, .cumulative_gas_used = 21000, .bloom = {}, .logs = {}};
        receipt.logs.push_back({.account = address_of(1), .topics = {to_hash32(1), to_hash32(2)}, .data = bytes(70, 1)});
        receipt.logs.push_back({.account = address_of(2), .topics = {}, .data = {}});
        receipt.bloom = bloom_of(receipt.logs);
        EXPECT_EQ(decode_receipt(encode(receipt)), receipt);
        receipt.status = false;
        EXPECT_EQ(decode_receipt(encode(receipt)), receipt);
    }
    Receipt early;
    early.post_state = to_hash32(77);
    EXPECT_EQ(decode_receipt(encode(early)), early);
}

TEST(Receipt, compact_forms_of_a_block_round_trip) {
    std::vector<Receipt> receipts;
    for (const auto type : kAllTypes) {
        Receipt& receipt = receipts.emplace_back();
        receipt.type = type;
        receipt.status = type != TransactionType::Legacy;
        receipt.cumulative_gas_used = 21000 * receipts.size();
        for (uint64_t i = 0; i < receipts.size(); ++i)
            receipt.logs.push_back({.account = address_of(i), .topics = std::vector(i, to_hash32(i)), .data = bytes(30 * i, 1)});
        receipt.bloom = bloom_of(receipt.logs);
    }
    receipts.emplace_back().post_state = to_hash32(77);
    const bytes encoded = encode_compact(receipts);
    EXPECT_EQ(decode_compact_receipts(encoded), receipts);
    EXPECT_EQ(decode_compact_receipts(encode_compact({})), std::vector<Receipt>{});

    bytes longer = encoded;
    longer.push_back(0x80);
    EXPECT_FALSE(decode_compact_receipts(longer));
    for (size_t size = 0; size < encoded.size(); ++size) EXPECT_FALSE(decode_compact_receipts(bytes_view{encoded}.first(size)));
    // The only receipt, a list of four, is of a type that is not known.
    EXPECT_EQ(decode_compact_receipts(bytes{0xc5, 0xc4, 0x7f, 0x01, 0x01, 0xc0}).error().rule, DecodeRule::UnknownType);
    EXPECT_EQ(decode_compact_receipts(bytes{0xc5, 0xc4, 0x02, 0x03, 0x01, 0xc0}).error().rule, DecodeRule::InvalidStatus);
}

TEST(Receipt, eip658_status_is_zero_or_one) {
    Receipt receipt;
    bytes encoded = encode(receipt);
    // The list header takes three bytes; the status follows.
    ASSERT_EQ(encoded[3], 0x80);
    encoded[3] = 0x02;
    EXPECT_EQ(decode_receipt(encoded).error().rule, DecodeRule::InvalidStatus);
}

TEST(Bloom, filters_that_are_filled_together_are_the_same) {
    BloomBuilder builder;
    for (const size_t count : {1U, 7U, 3000U}) {
        std::vector<std::vector<Log>> logs;
        for (uint64_t i = 0; i < count; ++i) {
            // Elements that come again at once, soon, late and never.
            const uint64_t element = i * i % 700;
            logs.push_back(
                {{.account = address_of(element), .topics = {to_hash32(element), to_hash32(i)}, .data = {}},
                 {.account = address_of(i % 3), .topics = {to_hash32(element), to_hash32(element), to_hash32(i / 2)}, .data = {}}});
        }
        std::vector<Bloom> blooms(count);
        for (size_t i = 0; i < count; ++i) builder.add(logs[i], blooms[i]);
        builder.finish();
        for (size_t i = 0; i < count; ++i) EXPECT_EQ(blooms[i], bloom_of(logs[i]));
    }
}

TEST(Bloom, holds_addresses_and_topics_but_no_data) {
    const Log log{.account = address_of(0x42), .topics = {to_hash32(5)}, .data = bytes{1, 2, 3}};
    const Bloom bloom = bloom_of(std::array{log});
    EXPECT_TRUE(bloom.may_contain(address_of(0x42)));
    EXPECT_TRUE(bloom.may_contain(to_hash32(5)));
    EXPECT_FALSE(bloom.may_contain(log.data));
    EXPECT_TRUE(bloom_of({}).is_zero());
}

TEST(Header, optional_fields_come_in_the_order_of_their_forks) {
    Header header;
    header.extra_data = bytes(32, 7);
    header.difficulty = uint256{1} << 70;
    EXPECT_EQ(decode_header(encode(header)), header);
    header.base_fee_per_gas = 7;
    EXPECT_EQ(decode_header(encode(header)), header);
    header.withdrawals_root = to_hash32(1);
    EXPECT_EQ(decode_header(encode(header)), header);
    header.blob_gas_used = 0;
    header.excess_blob_gas = 1;
    header.parent_beacon_block_root = to_hash32(2);
    EXPECT_EQ(decode_header(encode(header)), header);
    header.requests_hash = to_hash32(3);
    const bytes encoded = encode(header);
    EXPECT_EQ(decode_header(encoded), header);
    for (size_t size = 0; size < encoded.size(); ++size) EXPECT_FALSE(decode_header(bytes_view(encoded).first(size)));
}

TEST(Header, empty_ommers_hash_is_that_of_the_empty_list) {
    EXPECT_EQ(ommers_hash({}), kEmptyOmmersHash);
    EXPECT_EQ(crypto::keccak256(bytes{0xc0}), kEmptyOmmersHash);
}

TEST(Block, round_trips_with_ommers_and_withdrawals) {
    Block block;
    for (const auto type : kAllTypes) block.transactions.push_back(sample(type));
    for (const auto& tx : block.transactions) block.encoded_transactions.push_back(encode(tx));
    block.ommers.resize(2);
    block.withdrawals = {{.index = 1, .validator_index = 2, .recipient = address_of(3), .amount = ~uint64_t{0}}, Withdrawal{}};
    EXPECT_EQ(decode_block(encode(block)).error().field, std::string_view("block"));
    block.header.base_fee_per_gas = 7;
    block.header.withdrawals_root = to_hash32(1);
    const bytes encoded = encode(block);
    EXPECT_EQ(decode_block(encoded), block);
    for (size_t size = 0; size < encoded.size(); ++size) EXPECT_FALSE(decode_block(bytes_view(encoded).first(size)));
}

TEST(Block, eip4895_withdrawals_are_there_exactly_when_the_header_has_their_root) {
    Block block;
    EXPECT_TRUE(decode_block(encode(block)));
    block.header.base_fee_per_gas = 7;
    block.header.withdrawals_root = to_hash32(1);
    EXPECT_EQ(decode_block(encode(block)).error().field, std::string_view("block.withdrawals"));
    block.withdrawals.emplace();
    EXPECT_TRUE(decode_block(encode(block)));
    block.header.withdrawals_root.reset();
    EXPECT_EQ(decode_block(encode(block)).error().rlp, rlp::Error::TrailingBytes);
}

TEST(Requests, eip7685_hash_leaves_out_empty_requests) {
    // The hash of no requests, as EIP-7685 gives it.
    EXPECT_EQ(to_hex(requests_hash({})), "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    const Request empty[] = {{.type = 0, .data = {}}, {.type = 1, .data = {}}};
    EXPECT_EQ(requests_hash(empty), requests_hash({}));
    const Request some[] = {{.type = 0, .data = {}}, {.type = 1, .data = {9}}};
    EXPECT_EQ(requests_hash(some), crypto::sha256(crypto::sha256(bytes{1, 9})));
}

TEST(Revision, names_of_fixtures_are_understood) {
    for (unsigned i = 0; i < kRevisionCount; ++i) {
        const auto revision = static_cast<Revision>(i);
        EXPECT_EQ(revision_from_name(to_string(revision)), revision);
    }
    EXPECT_EQ(revision_from_name("EIP150"), Revision::TangerineWhistle);
    EXPECT_EQ(revision_from_name("EIP158"), Revision::SpuriousDragon);
    EXPECT_EQ(revision_from_name("ConstantinopleFix"), Revision::Petersburg);
    EXPECT_EQ(revision_from_name("Merge"), Revision::Paris);
    EXPECT_FALSE(revision_from_name("BerlinToLondonAt5"));
}

TEST(ChainRules, blob_schedule_follows_the_revision) {
    EXPECT_EQ(ChainRules{.revision = Revision::Shanghai}.blob.max, 0U);
    EXPECT_EQ(ChainRules{.revision = Revision::Cancun}.blob, (BlobSchedule{.target = 3, .max = 6, .base_fee_update_fraction = 3338477}));
    EXPECT_EQ(ChainRules{.revision = Revision::Osaka}.blob, (BlobSchedule{.target = 6, .max = 9, .base_fee_update_fraction = 5007716}));
    EXPECT_EQ(to_hex(ChainRules{}.deposit_contract), "0x00000000219ab540356cbb839cbe05303d7705fa");
}

}  // namespace
}  // namespace weft::types
