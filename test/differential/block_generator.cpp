// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/differential/block_generator.hpp"

#include "test/differential/bytecode_grammar.hpp"
#include "weft/base/assert.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/crypto/secp256k1.hpp"
#include "weft/execution/dao_fork.hpp"
#include "weft/rlp/encode.hpp"
#include "weft/types/authorization.hpp"

#include <algorithm>
#include <array>
#include <map>

namespace weft::test {

namespace {

using execution::TransactionError;
using types::Revision;
using types::Transaction;
using types::TransactionType;

constexpr size_t kUsers = 6;
constexpr size_t kContracts = 5;
constexpr size_t kAdder = 3;    ///< The contract that in some blocks only adds to slots, and that many call then.
constexpr size_t kFactory = 4;  ///< The contract that mostly does nothing but create.

hash32 secret_of(size_t user) { return to_hash32(uint256{user + 1}); }

const std::array<address, kUsers>& users() {
    static const std::array<address, kUsers> all = [] {
        std::array<address, kUsers> result;
        for (size_t i = 0; i < kUsers; ++i) result[i] = *crypto::address_of_secret(secret_of(i));
        return result;
    }();
    return all;
}

constexpr address contract(size_t i) { return address_of(0xc0de00 + i); }
constexpr address kEmptyAccount = address_of(0xe0e0);  ///< Exists without anything in it.
constexpr address kStorageOnly = address_of(0x5707);   ///< Storage, but no code and no nonce (EIP-7610).
constexpr address kNobody = address_of(0xabcdef);      ///< Absent.

address last_20(const hash32& hash) { return fixed_from<address>(bytes_view{hash}.subspan(12)); }

address created(const address& creator, uint64_t nonce) {
    rlp::Encoder items;
    items.encode_bytes(creator).encode_uint(nonce);
    return last_20(crypto::keccak256(items.as_list()));
}

address created_with_salt(const address& creator, uint64_t salt, bytes_view init) {
    bytes data{0xff};
    const auto append = [&](bytes_view part) { data.insert(data.end(), part.begin(), part.end()); };
    append(creator);
    append(to_hash32(uint256{salt}));
    append(crypto::keccak256(init));
    return last_20(crypto::keccak256(data));
}

/// The contracts that every block from Cancun or Prague on calls.
constexpr address kBeaconRoots{
    {{0x00, 0x0f, 0x3d, 0xf6, 0xd7, 0x32, 0x80, 0x7e, 0xf1, 0x31, 0x9f, 0xb7, 0xb8, 0xbb, 0x85, 0x22, 0xd0, 0xbe, 0xac, 0x02}}};
constexpr address kHistory{
    {{0x00, 0x00, 0xf9, 0x08, 0x27, 0xf1, 0xc5, 0x3a, 0x10, 0xcb, 0x7a, 0x02, 0x33, 0x5b, 0x17, 0x53, 0x20, 0x00, 0x29, 0x35}}};
constexpr address kWithdrawalRequests{
    {{0x00, 0x00, 0x09, 0x61, 0xef, 0x48, 0x0e, 0xb5, 0x5e, 0x80, 0xd1, 0x9a, 0xd8, 0x35, 0x79, 0xa6, 0x4c, 0x00, 0x70, 0x02}}};
constexpr address kConsolidationRequests{
    {{0x00, 0x00, 0xbb, 0xdd, 0xc7, 0xce, 0x48, 0x86, 0x42, 0xfb, 0x57, 0x9f, 0x8b, 0x00, 0xf3, 0xa5, 0x90, 0x00, 0x72, 0x51}}};

/// Makes one block from one seed.
class Generator {
  public:
    explicit Generator(uint64_t seed) : random_(seed) { block_.seed = seed; }

    GeneratedBlock generate(std::optional<Profile> profile) {
        const auto any = static_cast<Profile>(random_.chance(50) ? 0 : 1 + random_.below(kProfiles - 1));
        block_.profile = profile.value_or(any);
        choose_rules();
        choose_vocabulary();
        fill_state();
        fill_profile();
        fill_header();
        if (is(Profile::payments) && random_.chance(90)) block_.header.beneficiary = address_of(0xfee);
        add_edges();
        uint64_t transactions = 1 + random_.below(random_.chance(10) ? 40 : 12);
        if (!is(Profile::mixed)) transactions += is(Profile::payments) ? 80 : 5;
        for (uint64_t i = 0; i < transactions; ++i) add_transaction();
        if (recreated_) add_recreation();
        limit_gas();
        correct();
        if (random_.chance(2)) block_.broken_account = random_.pick(words_.accounts);
        return std::move(block_);
    }

  private:
    [[nodiscard]] bool has(Revision since) const noexcept { return block_.rules.revision >= since; }
    [[nodiscard]] bool is(Profile profile) const noexcept { return block_.profile == profile; }

    void choose_rules() {
        block_.rules = {.revision = static_cast<Revision>(random_.below(types::kRevisionCount))};
        // The newest rules have most to go wrong.
        if (random_.chance(25)) block_.rules = {.revision = random_.pick({Revision::Cancun, Revision::Prague, Revision::Osaka})};
        // CREATE2 came with Constantinople; from Cancun on, only what was created in the same transaction can be destroyed.
        if (is(Profile::recreations) && (!has(Revision::Constantinople) || random_.chance(50)))
            block_.rules = {.revision = random_.pick({Revision::Constantinople, Revision::Berlin, Revision::London, Revision::Shanghai})};
        block_.rules.dao_transition = block_.rules.revision == Revision::Homestead && random_.chance(30);
        block_.rules.deposit_contract = random_.chance(5) ? contract(0) : types::kMainnetDepositContract;
        block_.options.keep_effects = !has(Revision::Byzantium) || random_.chance(10);
        block_.options.pay_rewards = random_.chance(80);
    }

    void choose_vocabulary() {
        words_ = {.revision = block_.rules.revision,
                  .accounts = {},
                  .slots = 1 + random_.below(4),
                  .init_codes = {random_.below(kInitCodes), random_.below(kInitCodes)},
                  .salts = 1 + random_.below(2),
                  .block_number = 300};
        if (is(Profile::recreations)) {
            words_.init_codes = {kCounter, kCounter};
            words_.salts = 1;
            child_ = created_with_salt(contract(kFactory), 0, init_code(kCounter));
        } else if (has(Revision::Constantinople) && random_.chance(10)) {
            words_.init_codes[1] = words_.init_codes[0];
            words_.salts = 1;
            targets_.push_back(recreated_.emplace(created_with_salt(contract(kFactory), 0, init_code(words_.init_codes[0]))));
        }
        auto& pool = words_.accounts;
        for (size_t i = 0; i < 3; ++i) pool.push_back(users()[random_.below(kUsers)]);
        for (size_t i = 0; i < kContracts; ++i) pool.insert(pool.end(), 2, contract(i));
        for (size_t i = 0; i < 4; ++i)
            pool.push_back(created_with_salt(contract(random_.chance(50) ? kFactory : random_.below(kContracts)),
                                             random_.below(words_.salts), init_code(random_.pick(words_.init_codes))));
        targets_.push_back(created(contract(random_.below(kContracts)), random_.below(3)));
        targets_.push_back(created(users()[0], random_.below(3)));
        pool.insert(pool.end(), targets_.begin(), targets_.end());
        pool.push_back(random_.pick({kEmptyAccount, kStorageOnly, kNobody}));
        pool.push_back(random_.pick({kEmptyAccount, kStorageOnly, kNobody}));
        pool.push_back(address_of(1 + random_.below(4)));
        if (block_.rules.dao_transition) pool.insert(pool.end(), {execution::kDaoAccounts[0], execution::kDaoRefundContract});
        if (has(Revision::Cancun) && random_.chance(20)) pool.push_back(kBeaconRoots);
        if (has(Revision::Prague) && random_.chance(20)) pool.push_back(kWithdrawalRequests);
        block_.header.beneficiary = random_.pick(pool);
        pool.push_back(block_.header.beneficiary);
        if (is(Profile::balances)) {
            // Fewer, so that they meet; most of them without code.
            pool = {users()[0], users()[1], contract(0), kEmptyAccount, kNobody};
            pool.insert(pool.end(), 2, block_.header.beneficiary);
        }
        if (is(Profile::hot_slots)) {
            words_.slots = 1 + random_.below(3);
            pool = {users()[1], contract(2), contract(2), kNobody};
        }
    }

    /// Replaces what the profile is about.
    void fill_profile() {
        switch (block_.profile) {
            case Profile::mixed:
                return;
            case Profile::hot_slots:
                for (size_t i = 0; i < 2; ++i) put_contract(contract(i), hot_slots_code(random_, words_));
                return enrich(2);
            case Profile::balances:
                for (size_t i = 0; i < 3; ++i) put_contract(contract(i), balances_code(random_, words_));
                return;
            case Profile::recreations:
                for (size_t i = 0; i < 2; ++i) put_contract(contract(i), visitor_code(random_, words_, child_));
                put_contract(contract(kFactory), phoenix_code(random_, words_, child_));
                if (random_.chance(70)) {
                    put_contract(child_, counter_code());
                    for (uint64_t slot = 0; slot < 2; ++slot)
                        if (random_.chance(80)) block_.state.set_storage(child_, slot, 5 + slot);
                }
                return enrich(0);
            case Profile::chains:
                // One who can pay for the others.
                block_.state.insert(users()[0]).balance = 1'000'000'000'000;
                for (size_t i = 1; i < kUsers; ++i) block_.state.insert(users()[i]).balance = random_.pick<uint64_t>({0, 1, 300'000});
                put_contract(contract(0), balances_code(random_, words_));
                return;
            case Profile::payments:
                for (const address& user : users()) {
                    auto& record = block_.state.insert(user);
                    record.balance = random_.pick<uint64_t>({3'000'000'000, 1'000'000'000'000});
                    record.code_hash = state::kEmptyCodeHash;
                }
        }
    }

    /// Everybody can pay for gas, and the first contracts for small things.
    void enrich(size_t contracts) {
        for (const address& user : users()) block_.state.insert(user).balance = 1'000'000'000'000;
        for (size_t i = 0; i < contracts; ++i) block_.state.insert(contract(i)).balance = random_.pick<uint64_t>({2, 1000});
    }

    void put_contract(const address& addr, bytes_view code) {
        auto& record = block_.state.insert(addr);
        record.nonce = has(Revision::SpuriousDragon) ? 1 : 0;
        record.balance = random_.pick<uint64_t>({0, 0, 1, 1000, 1'000'000});
        block_.state.set_code(addr, code);
        for (uint64_t slot = 0; slot < words_.slots; ++slot)
            if (random_.chance(40)) block_.state.set_storage(addr, slot, random_.below(3));
    }

    void fill_state() {
        for (size_t i = 0; i < kUsers; ++i) {
            auto& record = block_.state.insert(users()[i]);
            record.nonce = next_nonce_[i] = random_.below(2);
            // Some can send only what they received before.
            record.balance = random_.pick<uint64_t>({0, 300'000, 3'000'000, 100'000'000, 1'000'000'000'000});
            if (has(Revision::Prague) && random_.chance(20)) {
                const address delegate = random_.pick(words_.accounts);
                if (!delegate.is_zero()) block_.state.set_code(users()[i], state::delegation_designator(delegate));
            }
        }
        for (size_t i = 0; i < kContracts; ++i)
            put_contract(contract(i), i == kFactory && random_.chance(80) ? random_factory(random_, words_) : random_code(random_, words_));
        if (random_.chance(30)) add_adder();
        if (random_.chance(60)) block_.state.insert(kEmptyAccount);
        if (random_.chance(60)) block_.state.set_storage(kStorageOnly, 0, 7);
        for (const address& target : targets_)
            if (random_.chance(20)) block_.state.set_storage(target, 0, 7);
        if (block_.rules.dao_transition) put_contract(execution::kDaoAccounts[0], random_code(random_, words_));
        if (has(Revision::Cancun) && random_.chance(70)) put_contract(kBeaconRoots, random_code(random_, words_));
        if (!has(Revision::Prague)) return;
        if (random_.chance(70)) put_contract(kHistory, random_code(random_, words_));
        // Rarely absent, and rarely such that the call fails.
        constexpr std::array<uint8_t, 1> kStop{0x00};
        for (const address& predeploy : {kWithdrawalRequests, kConsolidationRequests})
            if (random_.chance(98))
                put_contract(predeploy, random_.chance(80) ? bytes(kStop.begin(), kStop.end()) : random_code(random_, words_));
    }

    void add_adder() {
        has_adder_ = true;
        put_contract(contract(kAdder), random_adder(random_, words_));
        for (uint64_t slot = 0; slot < words_.slots; ++slot)
            block_.state.set_storage(contract(kAdder), slot, random_.pick<uint64_t>({0, 50, 1000}));
    }

    void fill_header() {
        types::Header& header = block_.header;
        header.number = words_.block_number;
        header.timestamp = 1'000'000;
        header.gas_limit = 30'000'000;
        header.difficulty = has(Revision::Paris) ? 0 : 131'072;
        header.prev_randao[31] = static_cast<uint8_t>(random_.below(3));
        if (has(Revision::London)) header.base_fee_per_gas = random_.pick<uint64_t>({0, 7});
        if (has(Revision::Shanghai)) header.withdrawals_root = hash32{};
        if (has(Revision::Cancun)) {
            header.blob_gas_used = 0;
            header.excess_blob_gas = random_.pick<uint64_t>({0, 0, 50'000'000});
            header.parent_beacon_block_root = hash32{};
            (*header.parent_beacon_block_root)[0] = 1;
        }
        if (has(Revision::Prague)) header.requests_hash = hash32{};
        for (uint64_t i = 1; i <= 5; ++i) {
            block_.block_hashes.push_back(crypto::keccak256(to_hash32(uint256{i})));
            block_.state.set_block_hash(header.number - i, block_.block_hashes.back());
        }
        header.parent_hash = block_.block_hashes.front();
    }

    void add_edges() {
        if (has(Revision::Shanghai))
            for (uint64_t i = random_.below(4); i > 0; --i)
                block_.withdrawals.push_back(
                    {.index = i, .validator_index = i, .recipient = random_.pick(words_.accounts), .amount = random_.below(3)});
        if (!has(Revision::Paris) && random_.chance(30)) {
            types::Header ommer;
            ommer.number = block_.header.number - 1 - random_.below(6);
            ommer.beneficiary = random_.pick(words_.accounts);
            block_.ommers.push_back(std::move(ommer));
        }
    }

    // ---- Transactions ----

    TransactionType choose_type() {
        std::vector<TransactionType> types{TransactionType::Legacy};
        if (has(Revision::Berlin)) types.push_back(TransactionType::AccessList);
        if (has(Revision::London)) types.insert(types.end(), 2, TransactionType::DynamicFee);
        if (has(Revision::Cancun)) types.push_back(TransactionType::Blob);
        if (has(Revision::Prague)) types.insert(types.end(), 3, TransactionType::SetCode);
        if (random_.chance(1)) return random_.pick({TransactionType::AccessList, TransactionType::DynamicFee});
        return random_.pick(types);
    }

    void add_transaction() {
        const size_t user = choose_user();
        Transaction transaction;
        transaction.type = choose_type();
        if (transaction.type != TransactionType::Legacy || (has(Revision::SpuriousDragon) && random_.chance(50)))
            transaction.chain_id = random_.chance(99) ? 1 : 2;
        transaction.nonce = next_nonce_[user]++;
        if (random_.chance(2)) transaction.nonce += random_.pick<uint64_t>({1, UINT64_MAX});
        choose_fees(transaction);
        transaction.gas_limit = random_.pick<uint64_t>({21'000, 30'000, 60'000, 100'000, 200'000, 400'000, 1'000'000});
        choose_target(transaction);
        transaction.value = random_.chance(50) ? 0 : random_.pick<uint64_t>({1, 1000, 200'000, 5'000'000});
        if (!is(Profile::mixed)) choose_by_profile(transaction, user);
        if (transaction.type != TransactionType::Legacy && random_.chance(30)) add_access_list(transaction);
        if (transaction.type == TransactionType::Blob) add_blobs(transaction);
        if (transaction.type == TransactionType::SetCode) add_authorizations(transaction);
        block_.transactions.push_back(std::move(transaction));
        const bool is_signed = !random_.chance(1) || !random_.chance(50);
        block_.senders.push_back(is_signed ? std::optional(users()[user]) : std::nullopt);
    }

    size_t choose_user() { return is(Profile::chains) ? random_.below(3) : random_.below(kUsers); }

    /// What the profile wants of most transactions.
    void choose_by_profile(Transaction& transaction, size_t user) {
        if (is(Profile::payments) ? random_.below(300) == 0 : random_.chance(15)) return;
        transaction.data.clear();
        const auto call = [&](const address& to, bool with_data) {
            transaction.to = to;
            transaction.value = 0;
            transaction.gas_limit = 400'000;
            if (with_data) transaction.data = {1};
        };
        switch (block_.profile) {
            case Profile::mixed:
                return;
            case Profile::hot_slots:
                return call(contract(random_.below(2)), random_.chance(30));
            case Profile::balances:
                if (random_.chance(60))
                    call(contract(random_.below(3)), false);
                else
                    transaction.to = random_.pick(words_.accounts);
                if (random_.chance(50)) transaction.value = random_.pick<uint64_t>({0, 1, 1000});
                return;
            case Profile::recreations: {
                const uint64_t dice = random_.below(100);
                if (dice < 40) return call(child_, dice < 12);
                if (dice < 70) return call(contract(kFactory), dice < 50);
                return call(contract(random_.below(2)), false);
            }
            case Profile::chains:
                // The next in the circle, who may have nothing else to send on.
                transaction.to = random_.chance(20) ? contract(0) : users()[(user + 1) % 3];
                transaction.value = user == 0 ? 4'000'000 : random_.pick<uint64_t>({0, 1, 200'000, 1'000'000, 3'000'000});
                transaction.gas_limit = random_.pick<uint64_t>({21'000, 60'000, 100'000});
                return;
            case Profile::payments:
                if (transaction.type > TransactionType::DynamicFee) transaction.type = TransactionType::Legacy;
                transaction.to =
                    random_.chance(10) ? address_of(0xbeef00 + random_.below(4)) : users()[(user + 1 + random_.below(kUsers - 1)) % kUsers];
                transaction.value = random_.pick<uint64_t>({1, 1000, 200'000});
                transaction.gas_limit = transaction.type == TransactionType::Legacy ? 21'000 : 60'000;
                transaction.max_fee_per_gas += 1;
                transaction.max_priority_fee_per_gas = transaction.type == TransactionType::DynamicFee ? 1 : transaction.max_fee_per_gas;
        }
    }

    /// One transaction meets the account that another one creates.
    void add_recreation() {
        block_.state.set_code(contract(kFactory), random_factory(random_, words_));
        for (const address& to : {*recreated_, contract(kFactory), *recreated_}) {
            add_transaction();
            Transaction& transaction = block_.transactions.back();
            if (!transaction.to) continue;
            transaction.to = to;
            transaction.value = 0;
        }
    }

    void choose_fees(Transaction& transaction) {
        const uint256 base = block_.header.base_fee_per_gas.value_or(uint256{});
        const uint64_t tip = random_.pick<uint64_t>({0, 1, 1, 2, 5});
        transaction.max_fee_per_gas = base + tip;
        transaction.max_priority_fee_per_gas = transaction.max_fee_per_gas;
        if (transaction.type < TransactionType::DynamicFee) return;
        transaction.max_priority_fee_per_gas = tip;
        if (random_.chance(30)) transaction.max_fee_per_gas = base + tip + random_.below(3);
    }

    void choose_target(Transaction& transaction) {
        const bool may_create = transaction.type < TransactionType::Blob;
        if (may_create && random_.chance(12)) {
            if (random_.chance(50)) {
                const bytes_view init = init_code(random_.pick(words_.init_codes));
                transaction.data.assign(init.begin(), init.end());
            } else {
                transaction.data = random_code(random_, words_);
            }
            return;
        }
        if (has_adder_ && random_.chance(50)) {
            transaction.to = contract(kAdder);
            return;
        }
        transaction.to = random_.chance(60) ? contract(random_.below(kContracts)) : random_.pick(words_.accounts);
        if (random_.chance(40)) transaction.data.assign(1 + random_.below(3), static_cast<uint8_t>(random_.below(3)));
    }

    void add_access_list(Transaction& transaction) {
        types::AccessListEntry entry{.account = random_.pick(words_.accounts), .storage_keys = {}};
        for (uint64_t i = random_.below(3); i > 0; --i) entry.storage_keys.push_back(to_hash32(random_.below(words_.slots)));
        transaction.access_list.push_back(std::move(entry));
    }

    void add_blobs(Transaction& transaction) {
        transaction.max_fee_per_blob_gas = random_.pick<uint64_t>({1, 10, 100'000});
        for (uint64_t i = random_.chance(95) ? 1 : random_.below(8); i > 0; --i) {
            hash32 hash;
            hash[0] = random_.chance(99) ? 1 : 2;
            hash[31] = static_cast<uint8_t>(i);
            transaction.blob_hashes.push_back(hash);
        }
    }

    void add_authorizations(Transaction& transaction) {
        for (uint64_t i = random_.chance(98) ? 1 + random_.below(2) : 0; i > 0; --i) {
            const size_t authority = random_.below(kUsers);
            types::Authorization authorization;
            authorization.chain_id = random_.pick<uint64_t>({0, 1, 1, 1, 2});
            if (!random_.chance(25)) authorization.delegate = random_.pick(words_.accounts);
            authorization.nonce = next_nonce_[authority];
            if (random_.chance(15))
                authorization.nonce += random_.pick<uint64_t>({1, UINT64_MAX});
            else if (authorization.chain_id != 2)
                ++next_nonce_[authority];
            sign_authorization(authorization, authority);
            transaction.authorization_list.push_back(authorization);
        }
    }

    static void sign_authorization(types::Authorization& authorization, size_t authority) {
        // Signing costs more than executing such a transaction, and the same few tuples come again and again.
        static thread_local std::map<std::pair<hash32, size_t>, crypto::RecoverableSignature> cache;
        const hash32 digest = types::signing_hash(authorization);
        auto known = cache.find({digest, authority});
        if (known == cache.end()) {
            if (cache.size() > 100'000) cache.clear();
            known = cache.emplace(std::pair{digest, authority}, *crypto::sign(digest, secret_of(authority))).first;
        }
        authorization.y_parity = known->second.y_parity ? 1 : 0;
        authorization.r = known->second.r;
        authorization.s = known->second.s;
    }

    /// Now and then a block whose last transactions do not fit.
    void limit_gas() {
        if (!random_.chance(10)) return;
        uint64_t sum = 0;
        for (const Transaction& transaction : block_.transactions) sum += transaction.gas_limit;
        block_.header.gas_limit = std::max<uint64_t>(sum / 2, 21'000);
    }

    /// Corrects or removes what makes the block invalid, but for some cases that stay.
    void correct() {
        execution::SequentialExecutor executor;
        // In a chain, funds that fail are what it is about.
        if (is(Profile::chains) && random_.chance(10)) return;
        for (size_t round = 0; round < 60 && !random_.chance(2); ++round) {
            const auto result = executor.execute(block_.input(), block_.state, block_.options);
            if (result || result.error().rule != execution::BlockRule::transaction_invalid) return;
            const size_t index = *result.error().transaction;
            Transaction& transaction = block_.transactions[index];
            const TransactionError error = *result.error().transaction_error;
            if (error == TransactionError::nonce_too_low)
                ++transaction.nonce;
            else if (error == TransactionError::nonce_too_high)
                --transaction.nonce;
            else {
                block_.transactions.erase(block_.transactions.begin() + static_cast<ptrdiff_t>(index));
                block_.senders.erase(block_.senders.begin() + static_cast<ptrdiff_t>(index));
            }
        }
    }

    Random random_;
    GeneratedBlock block_;
    Vocabulary words_{};
    std::array<uint64_t, kUsers> next_nonce_{};
    std::vector<address> targets_;  ///< Where contracts will be created.
    bool has_adder_ = false;
    std::optional<address> recreated_;  ///< The one of them that is sure to be.
    address child_;                     ///< What Profile::recreations is about.
};

}  // namespace

execution::BlockInput GeneratedBlock::input() const {
    return {
        .header = &header, .transactions = transactions, .senders = senders, .ommers = ommers, .withdrawals = withdrawals, .rules = rules};
}

const std::map<std::string, Profile>& profiles() {
    static const std::map<std::string, Profile> all{{"mixed", Profile::mixed},       {"hot_slots", Profile::hot_slots},
                                                    {"balances", Profile::balances}, {"recreations", Profile::recreations},
                                                    {"chains", Profile::chains},     {"payments", Profile::payments}};
    return all;
}

GeneratedBlock generate_block(uint64_t seed) { return Generator(seed).generate(std::nullopt); }
GeneratedBlock generate_block(uint64_t seed, Profile profile) { return Generator(seed).generate(profile); }

void sign(GeneratedBlock& block) {
    for (size_t i = 0; i < block.transactions.size(); ++i) {
        if (!block.senders[i]) continue;
        const auto user = std::ranges::find(users(), *block.senders[i]);
        WEFT_ASSERT(user != users().end());
        Transaction& transaction = block.transactions[i];
        const auto signature = crypto::sign(types::signing_hash(transaction), secret_of(static_cast<size_t>(user - users().begin())));
        WEFT_ASSERT(signature.has_value());
        transaction.r = signature->r;
        transaction.s = signature->s;
        transaction.y_parity = signature->y_parity;
    }
}

}  // namespace weft::test
