// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/state/state.hpp"

namespace weft::state {

namespace {

/// The RIPEMD-160 precompile: its touch outlives a revert, as it did on mainnet (EIP-161, block 2,675,119; Yellow Paper,
/// appendix K.1).
constexpr address kRipemd160 = address_of(3);

uint64_t hash_of_slot(uint32_t account, const uint256& key) noexcept { return mix64(hash_value(key) ^ account, 0x9e3779b97f4a7c15); }

}  // namespace

// ---- Beginning ----

void State::begin(StateView& view, types::Revision revision, Prewarmed prewarmed) {
    view_ = &view;
    revision_ = revision;
    prewarmed_ = prewarmed;
    read_error_ = {};
    answers_ = 0;
    follows_relative_ = false;
    restart();
}

void State::restart() noexcept {
    accounts_.clear();
    slots_.clear();
    transient_.clear();
    account_index_.clear();
    slot_index_.clear();
    transient_index_.clear();
    journal_.clear();
    previous_codes_.clear();
    logs_.clear();
    refund_ = 0;
    relative_slots_.clear();
}

// ---- Accounts: reading ----

AccountEntry& State::add_entry(const address& addr, uint64_t hash) {
    const uint32_t index = accounts_.size();
    AccountEntry& account = accounts_.append();
    account.begin(addr, index, prewarmed_(addr, revision_));
    account_index_.insert(hash, index);
    return account;
}

bool State::ask(AccountEntry& account) {
    const auto answer = view_->account(account.addr);
    if (!answer) {
        read_error_ = answer.error();
        return false;
    }
    account.loaded = true;
    account.answer = answers_++;
    if (!answer->has_value()) return true;
    account.existed = account.exists = true;
    const uint256 credit = account.current.balance;
    account.original = account.current = **answer;
    account.current.balance += credit;
    return true;
}

const Code* State::find_code(AccountEntry& account) {
    if (account.current.code_hash == kEmptyCodeHash) return account.code = &empty_code();
    const auto answer = view_->code(account.current.code_hash);
    if (!answer) {
        read_error_ = answer.error();
        return nullptr;
    }
    return account.code = *answer;
}

bool State::has_funds(AccountEntry& account, const uint256& amount) noexcept {
    constexpr uint256 kHalf = uint256{1} << 255;
    const uint256& before = account.original.balance;
    const uint256& now = account.current.balance;
    const bool has = !(now < amount);
    if constexpr (!optimisation::kBalanceRanges) account.observed |= kObservedBalance;
    if ((account.observed & kObservedBalance) != 0) return has;
    // While both are below half of what there can be, a balance before from that range makes no carry between before and now.
    if (now.is_negative() || before.is_negative()) {
        account.observed |= kObservedBalance;
        return has;
    }
    // With so much less before, or more, the answer would be the same.
    const uint256 less = has ? now - amount : now;
    const uint256 least = less < before ? before - less : uint256{};
    if ((account.observed & kObservedFunds) == 0) {
        account.observed |= kObservedFunds;
        account.least_funds = least;
        account.most_funds = kHalf - 1;
    } else if (account.least_funds < least) {
        account.least_funds = least;
    }
    if (has) return true;
    if (const uint256 more = amount - 1 - now; more < kHalf) account.most_funds = std::min(account.most_funds, before + more);
    return false;
}

/// An account that was debited may be empty now and not have been so before. Of what it takes to tell, code and nonce come first: they
/// rarely change.
void State::observe_parts_of_emptiness(AccountEntry& account) noexcept {
    account.observed |= kObservedNonce | kObservedCode;
    if (account.current.nonce == 0 && account.current.code_hash == kEmptyCodeHash) account.observed |= kObservedBalance;
}

// ---- Accounts: changing ----

void State::record_code(AccountEntry& account) {
    record(Undo::code, account.index);
    previous_codes_.push_back({account.current.code_hash, account.code, std::move(account.deployed)});
    account.deployed.reset();
}

void State::set_code(AccountEntry& account, bytes_view code) {
    account.observed |= kObservedCode;
    touch(account);
    record_code(account);
    account.current.code_hash = code_hash_of(code);
    if (code.empty()) {
        account.code = &empty_code();
        return;
    }
    account.deployed = std::make_shared<const Code>(code);
    account.code = account.deployed.get();
}

void State::create(AccountEntry& account, uint64_t nonce) {
    ensure_exists(account);
    set_nonce(account, nonce);
    if (!account.created) record(Undo::creation, account.index);
    account.created = true;
}

void State::destroy(AccountEntry& account) {
    if (account.destroyed) return;
    record(Undo::destruction, account.index);
    account.destroyed = true;
}

// ---- Storage ----

SlotEntry& State::slot_entry(const AccountEntry& account, const uint256& key) {
    const uint64_t hash = hash_of_slot(account.index, key);
    const uint32_t known = slot_index_.find(hash, [&](uint32_t i) { return slots_[i].key == key && slots_[i].account == account.index; });
    if (known != EpochIndex::kAbsent) return slots_[known];
    const uint32_t index = slots_.size();
    SlotEntry& slot = slots_.append();
    slot = SlotEntry{.key = key, .original = {}, .current = {}, .index = index, .account = account.index};
    slot_index_.insert(hash, index);
    return slot;
}

bool State::ask(SlotEntry& slot) {
    if (slot.is_relative) return meet_relative(slot);
    const AccountEntry& account = accounts_[slot.account];
    // A contract begins without storage: is_occupied() refused any address that had some (EIP-7610).
    if (!account.created) {
        const auto answer = view_->storage(account.addr, slot.key);
        if (answer) {
            slot.original = slot.current = *answer;
        } else if (answer.error().kind == ReadError::Kind::watched) {
            slot.watch = static_cast<uint32_t>(answer.error().detail);
            slot.original = slot.current = view_->watched_value(slot.watch);
        } else {
            read_error_ = answer.error();
            return read_error_.kind == ReadError::Kind::relative && begin_relative(slot);
        }
        slot.read = true;
    }
    slot.loaded = true;
    return true;
}

/// A few slots are kept account of; the others are read as any.
bool State::begin_relative(SlotEntry& slot) {
    constexpr size_t kMost = 32;
    slot.original = slot.current = view_->relative_value(read_error_.detail);
    slot.read = true;
    if (relative_slots_.size() == kMost) return slot.loaded = true;
    relative_slots_.push_back({.slot = slot.index, .ticket = read_error_.detail});
    slot.is_relative = true;
    return meet_relative(slot);
}

bool State::meet_relative(SlotEntry& slot) noexcept {
    if (follows_relative_)
        met_ = &slot;
    else
        read_error_ = {.kind = ReadError::Kind::relative};
    return follows_relative_;
}

Tolerance& State::tolerance_of(const SlotEntry& relative) noexcept {
    const auto found = std::ranges::find(relative_slots_, relative.index, &RelativeSlot::slot);
    WEFT_ASSERT(found != relative_slots_.end());
    return found->tolerance;
}

void State::narrow(const SlotEntry& relative, const uint256& more, const uint256& less) noexcept {
    tolerance_of(relative).narrow(more, less);
}

void State::make_exact(SlotEntry& relative) noexcept {
    narrow(relative, 0, 0);
    relative.is_relative = false;
    relative.loaded = true;
}

SlotEntry* State::slot(const AccountEntry& account, const uint256& key) {
    SlotEntry& slot = slot_entry(account, key);
    return load(slot) ? &slot : nullptr;
}

void State::set_storage(SlotEntry& slot, const uint256& value) {
    record(Undo::storage, slot.index, slot.current);
    slot.current = value;
    if (slot.watch != SlotEntry::kNotWatched) [[unlikely]]
        view_->stored(slot.watch, value);
}

uint256 State::transient(const AccountEntry& account, const uint256& key) const noexcept {
    const uint32_t known = transient_index_.find(
        hash_of_slot(account.index, key), [&](uint32_t i) { return transient_[i].key == key && transient_[i].account == account.index; });
    return known == EpochIndex::kAbsent ? uint256{} : transient_[known].value;
}

void State::set_transient(const AccountEntry& account, const uint256& key, const uint256& value) {
    const uint64_t hash = hash_of_slot(account.index, key);
    uint32_t index =
        transient_index_.find(hash, [&](uint32_t i) { return transient_[i].key == key && transient_[i].account == account.index; });
    if (index == EpochIndex::kAbsent) {
        index = transient_.size();
        transient_.append() = TransientSlot{.key = key, .value = {}, .account = account.index};
        transient_index_.insert(hash, index);
    }
    record(Undo::transient, index, transient_[index].value);
    transient_[index].value = value;
}

// ---- Ancestors ----

bool State::block_hash(uint64_t number, hash32& hash) {
    const auto answer = view_->block_hash(number);
    if (!answer) {
        read_error_ = answer.error();
        return false;
    }
    hash = *answer;
    return true;
}

// ---- Undo ----

void State::undo(const JournalItem& item) {
    switch (item.kind) {
        case Undo::balance:
            accounts_[item.index].current.balance -= item.previous;
            break;
        case Undo::nonce:
            accounts_[item.index].current.nonce = item.previous.low64();
            break;
        case Undo::code: {
            AccountEntry& account = accounts_[item.index];
            PreviousCode& previous = previous_codes_.back();
            account.current.code_hash = previous.code_hash;
            account.code = previous.code;
            account.deployed = std::move(previous.deployed);
            previous_codes_.pop_back();
            break;
        }
        // Not back to false where the account turned out to exist: a credit may precede the read.
        case Undo::existence:
            accounts_[item.index].exists = accounts_[item.index].existed;
            break;
        case Undo::creation:
            accounts_[item.index].created = false;
            break;
        case Undo::touch:
            if (accounts_[item.index].addr != kRipemd160) accounts_[item.index].touched = false;
            break;
        case Undo::destruction:
            accounts_[item.index].destroyed = false;
            break;
        case Undo::storage:
            slots_[item.index].current = item.previous;
            break;
        case Undo::transient:
            transient_[item.index].value = item.previous;
            break;
        case Undo::warm_account:
            accounts_[item.index].warm = false;
            break;
        case Undo::warm_slot:
            slots_[item.index].warm = false;
            break;
    }
}

void State::revert(const Checkpoint& checkpoint) {
    while (journal_.size() > checkpoint.journal) {
        undo(journal_.back());
        journal_.pop_back();
    }
    logs_.resize(checkpoint.logs);
    refund_ = checkpoint.refund;
}

// ---- The end of the transaction ----

/// Whether a touched account is empty (EIP-161). Facts that are observed anyway decide where they can; only then the
/// answer itself becomes an observation.
bool State::is_cleared(AccountEntry& account) noexcept {
    if (!account.loaded) return false;
    const Account& now = account.current;
    if ((account.observed & kObservedNonce) != 0 && now.nonce != 0) return false;
    if ((account.observed & kObservedCode) != 0 && now.code_hash != kEmptyCodeHash) return false;
    if ((account.observed & kObservedFunds) != 0) {
        observe_parts_of_emptiness(account);
        return now.is_empty();
    }
    const bool has_balance = !now.balance.is_zero();
    if (has_balance && ((account.observed & kObservedBalance) != 0 || now.balance != account.original.balance)) return false;
    // After a debit it takes more than the emptiness before it to tell.
    account.observed |= now.balance == account.original.balance ? kObservedEmptiness : kObservedNonce | kObservedCode;
    return now.is_empty();
}

bool State::finish(TransactionChanges& changes) {
    if (revision_ >= types::Revision::SpuriousDragon) {
        for (uint32_t i = 0; i < accounts_.size(); ++i) {
            AccountEntry& account = accounts_[i];
            // A credit makes an account non-empty whatever was there before. An account that was touched without being read
            // (a precompile) may turn out to be there, and empty.
            if (account.touched && account.current.balance.is_zero() && !load(account)) return false;
        }
    }
    changes.clear();
    collect_changes(changes);
    return true;
}

void State::pay(AccountEntry& sender, AccountEntry& recipient, const address& beneficiary, const Payment& payment,
                TransactionChanges& changes) {
    WEFT_ASSERT(sender.loaded && recipient.loaded && sender.current.balance >= payment.value + payment.fee);
    const bool clears_empty_accounts = revision_ >= types::Revision::SpuriousDragon;
    if (!clears_empty_accounts) {
        sender.observed |= kObservedExistence;
        recipient.observed |= kObservedExistence;
    }
    sender.observed |= kObservedNonce;
    sender.exists = sender.touched = recipient.touched = true;
    ++sender.current.nonce;
    sender.current.balance -= payment.value + payment.fee;
    if (!payment.value.is_zero() || !clears_empty_accounts) recipient.exists = true;
    recipient.current.balance += payment.value;

    changes.clear();
    changes.reserve(3);
    AccountChange& debit = changes.emplace_back();
    debit.addr = sender.addr;
    debit.comes_to_exist = debit.nonce_changed = true;
    debit.nonce = sender.current.nonce;
    describe_balance(sender, debit);
    AccountChange& credit = changes.emplace_back();
    credit.addr = recipient.addr;
    if (!describe(recipient, credit)) changes.pop_back();
    AccountChange& tip = changes.emplace_back();
    tip.addr = beneficiary;
    tip.comes_to_exist = true;
    if (payment.tip.is_zero()) return;
    tip.balance_change = AccountChange::Balance::credit;
    tip.balance = payment.tip;
}

void State::describe_balance(const AccountEntry& account, AccountChange& change) noexcept {
    const uint256& before = account.original.balance;
    const uint256& now = account.current.balance;
    if (now == before) return;
    const bool known = (account.observed & kObservedBalance) != 0;
    change.balance_change = known ? AccountChange::Balance::set : AccountChange::Balance::credit;
    change.balance = known ? now : now - before;
}

/// Fills in what changed in the account itself; false: nothing.
bool State::describe(AccountEntry& account, AccountChange& change) noexcept {
    if (account.destroyed) {
        change.removed = change.storage_wiped = true;
        return true;
    }
    if (revision_ >= types::Revision::SpuriousDragon && account.touched && is_cleared(account)) {
        change.removed = change.storage_wiped = true;
        // An absent account is empty too, but there is nothing to remove.
        account.observed |= kObservedExistence;
        return account.existed;
    }
    if (!account.exists) return false;
    const Account& before = account.original;
    const Account& now = account.current;
    describe_balance(account, change);
    change.nonce_changed = now.nonce != before.nonce;
    change.nonce = now.nonce;
    change.code_changed = now.code_hash != before.code_hash;
    if (change.code_changed) {
        change.code_hash = now.code_hash;
        change.code = account.deployed;
    }
    // Whether the account was there before may be unobserved: the change must do in either case.
    change.comes_to_exist =
        !account.existed || change.balance_change != AccountChange::Balance::unchanged || change.nonce_changed || change.code_changed;
    return change.comes_to_exist;
}

void State::collect_changes(TransactionChanges& changes) {
    changes.reserve(accounts_.size());
    for (uint32_t i = 0; i < accounts_.size(); ++i) {
        AccountChange& change = changes.emplace_back();
        change.addr = accounts_[i].addr;
        if (!describe(accounts_[i], change)) changes.pop_back();
    }
    if (slots_.size() != 0) collect_slots(changes);
}

void State::collect_slots(TransactionChanges& changes) {
    places_.assign(accounts_.size(), {});
    uint32_t next = 0;
    for (uint32_t i = 0; i < accounts_.size() && next < changes.size(); ++i)
        if (accounts_[i].addr == changes[next].addr) places_[i].position = next++;
    for (uint32_t i = 0; i < slots_.size(); ++i) places_[slots_[i].account].changed_slots += slots_[i].current != slots_[i].original;
    for (uint32_t i = 0; i < slots_.size(); ++i) {
        const SlotEntry& slot = slots_[i];
        if (slot.current == slot.original) continue;
        ChangePlace& place = places_[slot.account];
        if (place.position == ChangePlace::kNone) {
            place.position = static_cast<uint32_t>(changes.size());
            changes.push_back({.addr = accounts_[slot.account].addr});
        }
        AccountChange& change = changes[place.position];
        if (change.removed) continue;
        if (change.slots.empty()) change.slots.reserve(place.changed_slots);
        change.slots.push_back({slot.key, slot.current});
    }
}

}  // namespace weft::state
