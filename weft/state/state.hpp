// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/assert.hpp"
#include "weft/base/fixed_bytes.hpp"
#include "weft/base/optimisation.hpp"
#include "weft/base/uint256.hpp"
#include "weft/state/epoch_index.hpp"
#include "weft/state/pool.hpp"
#include "weft/state/relative_slot.hpp"
#include "weft/state/state_diff.hpp"
#include "weft/state/state_view.hpp"
#include "weft/types/log.hpp"
#include "weft/types/revision.hpp"

#include <algorithm>
#include <memory>
#include <utility>
#include <vector>

namespace weft::state {

/// What a transaction learnt of an account's value before the transaction. Another value in a field that was not
/// observed could not have changed the execution.
enum Observed : uint8_t {
    kObservedExistence = 1,
    kObservedEmptiness = 2,
    kObservedNonce = 4,
    kObservedBalance = 8,
    kObservedCode = 16,
    kObservedHasStorage = 32,
    kObservedFunds = 64,  ///< The balance was compared with amounts: see AccountEntry::least_funds.
};

/// One account as the running transaction sees it. Read fields through State, which keeps `observed` true.
struct AccountEntry {
    address addr;
    uint32_t index = 0;
    uint32_t answer = 0;  ///< Once loaded: how many accounts the view had answered for before.
    uint8_t observed = 0;
    bool loaded = false;   ///< `original` holds the view's answer.
    bool existed = false;  ///< The account existed before the transaction.
    bool exists = false;
    bool warm = false;       ///< EIP-2929
    bool touched = false;    ///< EIP-161
    bool created = false;    ///< By CREATE or CREATE2 in this transaction (EIP-6780).
    bool destroyed = false;  ///< SELFDESTRUCT takes effect when the transaction ends.
    Account original{};
    /// With kObservedFunds: every balance before the transaction from here to there would have compared the same way.
    uint256 least_funds{};
    uint256 most_funds{};
    /// While not loaded, `current.balance` holds the sum of credits.
    Account current{};
    /// The code behind current.code_hash once it was asked for, else null.
    const Code* code = nullptr;
    /// Owns `code` when this transaction deployed it.
    std::shared_ptr<const Code> deployed{};

    /// Becomes the entry of an account of which nothing is known.
    void begin(const address& account, uint32_t number, bool is_warm) noexcept {
        addr = account;
        index = number;
        observed = 0;
        loaded = existed = exists = touched = created = destroyed = false;
        warm = is_warm;
        original = current = Account{};
        code = nullptr;
        deployed.reset();
    }
};

/// One storage slot as the running transaction sees it.
struct SlotEntry {
    static constexpr uint32_t kNotWatched = UINT32_MAX;
    uint256 key;
    uint256 original;  ///< Value before the transaction (EIP-2200).
    uint256 current;
    uint32_t index = 0;
    uint32_t account = 0;          ///< Index of its AccountEntry.
    uint32_t watch = kNotWatched;  ///< Ticket of a read that was `watched`.
    bool loaded = false;
    bool read = false;         ///< `original` came from the view: it belongs to the read set.
    bool warm = false;         ///< EIP-2929
    bool is_relative = false;  ///< One of State::relative_slots(). Not `loaded`, so that whoever is not prepared for it finds out.
};

/// The state during one transaction: a cache over a StateView with an undo journal.
///
/// The first access to a location asks the view and thereby records the read; every other access stays inside. A read that
/// the view cannot answer changes nothing: the function says so by its result (null or false), read_error() holds the
/// reason, and the same call may be repeated later.
///
/// Thread safety: none; one State serves one transaction at a time.
class State {
  public:
    /// A point to return to.
    struct Checkpoint {
        uint32_t journal;
        uint32_t logs;
        int64_t refund;
    };

    /// What a payment to an account without code moves.
    struct Payment {
        uint256 value;  ///< From the sender to the recipient.
        uint256 fee;    ///< From the sender, for gas.
        uint256 tip;    ///< Of the fee, to the beneficiary. Not zero, from Spurious Dragon on.
    };

    /// Tells addresses that are warm from the start (precompiles, EIP-2929).
    using Prewarmed = bool (*)(const address&, types::Revision) noexcept;

    /// Forgets everything and begins a transaction over `view`.
    void begin(StateView& view, types::Revision revision, Prewarmed prewarmed);
    /// Begins the same transaction again, after a read without an answer. What the view answered before has been read all the same.
    void restart() noexcept;

    [[nodiscard]] StateView& view() const noexcept { return *view_; }
    [[nodiscard]] types::Revision revision() const noexcept { return revision_; }
    /// Why the last call that failed had no answer.
    [[nodiscard]] const ReadError& read_error() const noexcept { return read_error_; }

    // ---- Accounts ----

    /// The entry of an account, without reading it. Valid until begin().
    [[nodiscard]] AccountEntry& entry(const address& addr);
    /// Reads the account, once. false: no answer.
    [[nodiscard]] bool load(AccountEntry& account);
    /// The entry, read. Null: no answer.
    [[nodiscard]] AccountEntry* load(const address& addr);

    // Observations; the account is loaded.
    [[nodiscard]] bool exists(AccountEntry& account) noexcept;
    /// Absent, or empty as in EIP-161.
    [[nodiscard]] bool is_empty(AccountEntry& account) noexcept;
    [[nodiscard]] uint64_t nonce(AccountEntry& account) noexcept;
    [[nodiscard]] const uint256& balance(AccountEntry& account) noexcept;
    /// Whether the balance is at least `amount`: less is learnt than by looking at it.
    [[nodiscard]] bool has_funds(AccountEntry& account, const uint256& amount) noexcept;
    [[nodiscard]] const hash32& code_hash(AccountEntry& account) noexcept;
    /// Code, nonce or storage stand in the way of a creation (EIP-684, EIP-7610).
    [[nodiscard]] bool is_occupied(AccountEntry& account) noexcept;
    /// The account's code, never null but when there is no answer.
    [[nodiscard]] const Code* code(AccountEntry& account);

    // Changes; all but add_balance and touch need a loaded account.
    /// Credits without looking at the balance; creates the account where there is none. Touches it.
    void add_balance(AccountEntry& account, const uint256& amount);
    /// Debits what the account has, of which the caller has made sure. Touches the account.
    void subtract_balance(AccountEntry& account, const uint256& amount);
    void set_nonce(AccountEntry& account, uint64_t nonce);
    void set_code(AccountEntry& account, bytes_view code);
    /// Starts a new contract: no code, the given nonce, no storage; the balance stays (Yellow Paper, section 7).
    void create(AccountEntry& account, uint64_t nonce);
    /// Brings an absent account into being as an empty one: a value transfer of zero before EIP-161.
    void ensure_exists(AccountEntry& account);
    /// Marks the account for deletion if it is empty when the transaction ends (EIP-161).
    void touch(AccountEntry& account);
    /// The account goes when the transaction ends.
    void destroy(AccountEntry& account);

    // ---- Storage ----

    /// The entry of a slot, without reading it. Valid until begin().
    [[nodiscard]] SlotEntry& slot_entry(const AccountEntry& account, const uint256& key);
    /// Reads the slot, once. false: no answer; or the slot is relative, and follow_relative() does not allow its use.
    [[nodiscard]] bool load(SlotEntry& slot);
    /// The entry, read. Null: no answer.
    [[nodiscard]] SlotEntry* slot(const AccountEntry& account, const uint256& key);
    void set_storage(SlotEntry& slot, const uint256& value);

    // Relative slots: see RelativeSlot. There are none unless the view offers them.
    /// Whether relative slots may be used: by who keeps note of what becomes of them.
    void follow_relative(bool follow) noexcept { follows_relative_ = follow; }
    /// The one that load() met last; null: none since the last call.
    [[nodiscard]] SlotEntry* take_met() noexcept { return std::exchange(met_, nullptr); }
    /// With so much more before the transaction, or less, all would have gone the same way.
    void narrow(const SlotEntry& relative, const uint256& more, const uint256& less) noexcept;
    /// From here on the slot is one like others.
    void make_exact(SlotEntry& relative) noexcept;
    /// All that there are or were.
    [[nodiscard]] const std::vector<RelativeSlot>& relative_slots() const noexcept { return relative_slots_; }

    [[nodiscard]] uint256 transient(const AccountEntry& account, const uint256& key) const noexcept;
    void set_transient(const AccountEntry& account, const uint256& key, const uint256& value);

    // ---- Ancestors ----

    /// The hash of one of the 256 ancestors of the block, as StateView::block_hash. false: no answer.
    [[nodiscard]] bool block_hash(uint64_t number, hash32& hash);

    // ---- Warm sets (EIP-2929), journaled. true: it was cold until now. ----
    bool warm_up(AccountEntry& account);
    bool warm_up(SlotEntry& slot);

    // ---- Logs and refunds ----
    void add_log(types::Log log) { logs_.push_back(std::move(log)); }
    /// The logs so far. Their contents may be moved away when the transaction has ended.
    [[nodiscard]] std::vector<types::Log>& logs() noexcept { return logs_; }
    void add_refund(int64_t gas) noexcept { refund_ += gas; }
    [[nodiscard]] int64_t refund() const noexcept { return refund_; }

    // ---- Undo ----
    [[nodiscard]] Checkpoint checkpoint() const noexcept;
    /// Undoes every change since the checkpoint; what was read stays recorded.
    void revert(const Checkpoint& checkpoint);

    // ---- The end of the transaction ----
    /// Deletes destroyed accounts and, from Spurious Dragon on, touched empty ones, and lists the changes. false: no answer.
    [[nodiscard]] bool finish(TransactionChanges& changes);

    /// All of a payment at once, since nothing in between could look at it or undo it: the nonce, the value, the fees, and the end. Sender
    /// and recipient are loaded; the three accounts are different ones. The caller has seen that neither has code, and that the sender has
    /// the funds.
    void pay(AccountEntry& sender, AccountEntry& recipient, const address& beneficiary, const Payment& payment,
             TransactionChanges& changes);

    /// Everything the transaction has met, in order: with `loaded`, `observed`, `read` and `original` this is its read set.
    [[nodiscard]] const Pool<AccountEntry>& accounts() const noexcept { return accounts_; }
    [[nodiscard]] const Pool<SlotEntry>& slots() const noexcept { return slots_; }

  private:
    enum class Undo : uint8_t {
        balance,
        nonce,
        code,
        existence,
        creation,
        touch,
        destruction,
        storage,
        transient,
        warm_account,
        warm_slot
    };

    struct JournalItem {
        Undo kind;
        uint32_t index;  ///< Of the account, the slot or the transient slot.
        uint256 previous;
    };

    struct TransientSlot {
        uint256 key;
        uint256 value;
        uint32_t account = 0;
    };

    struct PreviousCode {
        hash32 code_hash;
        const Code* code;
        std::shared_ptr<const Code> deployed;
    };

    /// Where the change of an account stands in the list of changes.
    struct ChangePlace {
        static constexpr uint32_t kNone = UINT32_MAX;
        uint32_t position = kNone;
        uint32_t changed_slots = 0;
    };

    [[nodiscard]] AccountEntry& add_entry(const address& addr, uint64_t hash);
    [[nodiscard]] bool ask(AccountEntry& account);
    [[nodiscard]] bool ask(SlotEntry& slot);
    [[nodiscard]] bool begin_relative(SlotEntry& slot);
    [[nodiscard]] bool meet_relative(SlotEntry& slot) noexcept;
    [[nodiscard]] Tolerance& tolerance_of(const SlotEntry& relative) noexcept;
    [[nodiscard]] const Code* find_code(AccountEntry& account);
    [[gnu::always_inline]] void record(Undo kind, uint32_t index, const uint256& previous = {}) {
        journal_.push_back({kind, index, previous});
    }
    void undo(const JournalItem& item);
    void record_code(AccountEntry& account);
    static void observe_parts_of_emptiness(AccountEntry& account) noexcept;
    [[nodiscard]] bool is_cleared(AccountEntry& account) noexcept;
    [[nodiscard]] bool describe(AccountEntry& account, AccountChange& change) noexcept;
    static void describe_balance(const AccountEntry& account, AccountChange& change) noexcept;
    void collect_changes(TransactionChanges& changes);
    void collect_slots(TransactionChanges& changes);

    StateView* view_ = nullptr;
    Prewarmed prewarmed_ = nullptr;
    types::Revision revision_ = types::Revision::Frontier;
    ReadError read_error_{};
    uint32_t answers_ = 0;  ///< Accounts that the view has answered for.
    Pool<AccountEntry> accounts_;
    Pool<SlotEntry> slots_;
    Pool<TransientSlot> transient_;
    EpochIndex account_index_;
    EpochIndex slot_index_;
    EpochIndex transient_index_;
    std::vector<JournalItem> journal_;
    std::vector<PreviousCode> previous_codes_;
    std::vector<types::Log> logs_;
    std::vector<ChangePlace> places_;  ///< Of use to collect_changes() alone.
    int64_t refund_ = 0;
    std::vector<RelativeSlot> relative_slots_;
    SlotEntry* met_ = nullptr;
    bool follows_relative_ = false;
};

// ---- What every transaction does several times ----

inline AccountEntry& State::entry(const address& addr) {
    // Sender, recipient and, from Shanghai on, beneficiary come first; they are asked for again by every transaction.
    if constexpr (optimisation::kNearAccounts)
        for (uint32_t i = 0; i < std::min(accounts_.size(), uint32_t{3}); ++i)
            if (accounts_[i].addr == addr) return accounts_[i];
    const uint64_t hash = hash_value(addr);
    const uint32_t known = account_index_.find(hash, [&](uint32_t i) { return accounts_[i].addr == addr; });
    return known != EpochIndex::kAbsent ? accounts_[known] : add_entry(addr, hash);
}

inline bool State::load(AccountEntry& account) { return account.loaded || ask(account); }

inline bool State::load(SlotEntry& slot) { return slot.loaded || ask(slot); }

inline AccountEntry* State::load(const address& addr) {
    AccountEntry& account = entry(addr);
    return load(account) ? &account : nullptr;
}

inline bool State::exists(AccountEntry& account) noexcept {
    account.observed |= kObservedExistence;
    return account.exists;
}

inline bool State::is_empty(AccountEntry& account) noexcept {
    // Code and nonce of a contract rarely change, its balance does: the answer is recorded, not the fields.
    account.observed |= kObservedEmptiness;
    if ((account.observed & kObservedFunds) != 0) observe_parts_of_emptiness(account);
    return !account.exists || account.current.is_empty();
}

inline uint64_t State::nonce(AccountEntry& account) noexcept {
    account.observed |= kObservedNonce;
    return account.current.nonce;
}

inline const uint256& State::balance(AccountEntry& account) noexcept {
    account.observed |= kObservedBalance;
    return account.current.balance;
}

inline const hash32& State::code_hash(AccountEntry& account) noexcept {
    account.observed |= kObservedCode;
    return account.current.code_hash;
}

inline bool State::is_occupied(AccountEntry& account) noexcept {
    account.observed |= kObservedNonce | kObservedCode | kObservedHasStorage;
    return account.current.nonce != 0 || account.current.code_hash != kEmptyCodeHash || account.current.has_storage;
}

inline const Code* State::code(AccountEntry& account) {
    account.observed |= kObservedCode;
    return account.code != nullptr ? account.code : find_code(account);
}

inline void State::ensure_exists(AccountEntry& account) {
    // From EIP-161 on an account that comes into being without any value is cleared again.
    if (revision_ < types::Revision::SpuriousDragon) account.observed |= kObservedExistence;
    if (account.exists) return;
    record(Undo::existence, account.index);
    account.exists = true;
}

inline void State::touch(AccountEntry& account) {
    if (account.touched) return;
    record(Undo::touch, account.index);
    account.touched = true;
}

inline void State::add_balance(AccountEntry& account, const uint256& amount) {
    touch(account);
    ensure_exists(account);
    record(Undo::balance, account.index, amount);
    account.current.balance += amount;
}

inline void State::subtract_balance(AccountEntry& account, const uint256& amount) {
    WEFT_ASSERT(account.loaded && amount <= account.current.balance);
    touch(account);
    record(Undo::balance, account.index, -amount);
    account.current.balance -= amount;
}

inline void State::set_nonce(AccountEntry& account, uint64_t nonce) {
    account.observed |= kObservedNonce;
    touch(account);
    ensure_exists(account);
    record(Undo::nonce, account.index, account.current.nonce);
    account.current.nonce = nonce;
}

inline bool State::warm_up(AccountEntry& account) {
    if (account.warm) return false;
    record(Undo::warm_account, account.index);
    return account.warm = true;
}

inline bool State::warm_up(SlotEntry& slot) {
    if (slot.warm) return false;
    record(Undo::warm_slot, slot.index);
    return slot.warm = true;
}

inline State::Checkpoint State::checkpoint() const noexcept {
    return {static_cast<uint32_t>(journal_.size()), static_cast<uint32_t>(logs_.size()), refund_};
}

}  // namespace weft::state
