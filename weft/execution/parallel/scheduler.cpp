// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/execution/parallel/scheduler.hpp"

#include "weft/base/assert.hpp"
#include "weft/base/hash.hpp"
#include "weft/base/planted_fault.hpp"

#include <algorithm>
#include <chrono>
#include <cstring>
#include <functional>
#include <utility>

// Statuses, the frontier, the commit role, the sleepers and the lists of waiters are tested in pairs by different workers ("I
// set mine, then look at yours"), so that one of them must see the other: these accesses are sequentially consistent, which
// is the default of sync::Atomic.

namespace weft::execution::parallel {

namespace {

constexpr uint64_t range_of(uint32_t begin, uint32_t end) noexcept { return uint64_t{end} << 32 | begin; }
constexpr uint32_t begin_of(uint64_t range) noexcept { return static_cast<uint32_t>(range); }
constexpr uint32_t end_of(uint64_t range) noexcept { return static_cast<uint32_t>(range >> 32); }

/// Never 0.
uint64_t key_of(const address& recipient) noexcept {
    uint64_t key = 0;
    std::memcpy(&key, recipient.data() + recipient.size() - sizeof key, sizeof key);
    return key | 1;
}

/// Never 0.
uint64_t hash_of_call(const address& recipient, bytes_view input) noexcept {
    constexpr size_t kSelector = 4;
    constexpr size_t kWord = 32;
    const bytes_view argument = input.size() < kSelector + kWord ? bytes_view{} : input.subspan(kSelector, kWord);
    return keyed_hash(argument.data(), argument.size(), hash_value(recipient)) | 1;
}

}  // namespace

void Scheduler::reset(std::span<const Outline> transactions, size_t window, unsigned workers) {
    begin(transactions.size(), window, workers);
    uint64_t gas = 0;
    constexpr size_t kAhead = 8;
    for (size_t i = 0; i < transactions.size(); ++i) {
        if (i + kAhead < transactions.size()) sender_index_.prefetch(transactions[i + kAhead].sender.value_or(0));
        const Outline& outline = transactions[i];
        // Nobody asks what somebody pays who does nothing else.
        sender_numbers_.push_back(outline.is_payment ? kNone : add_to_sender(outline));
        gas += outline.most_gas();
    }
    choose_who_goes_ahead(gas, workers);
    uint64_t rest = gas;
    for (size_t i = 0; i < transactions.size(); ++i) {
        if (i + kAhead < transactions.size()) __builtin_prefetch(&entries_[size_ + kAhead], 1);
        const Outline& outline = transactions[i];
        add(outline, outline.is_payment ? sender_of(outline) : sender_numbers_[i]);
        rest -= outline.most_gas();
        if (!outline.is_payment) consider_going_ahead(outline.gas_limit, rest, gas, workers);
    }
    let_dear_ones_go_ahead(workers);
    over_ = size_ == 0;
}

void Scheduler::begin(size_t transactions, size_t window, unsigned workers) {
    size_ = 0;
    full_window_ = static_cast<uint32_t>(window);
    near_window_ = std::min(full_window_, sync::limit(64U, 3U) + sync::limit(8U, 1U) * workers);
    window_ = near_window_;
    fewest_neighbours_ = workers < kManyWorkers ? 1 : 2;
    neighbours_ = fewest_neighbours_;
    undisturbed_ = 0;
    most_resting_ = kMostRestingOfWorker * workers;
    checks_ahead_ = workers >= kFewestToCheckAhead;
    if (capacity_ < transactions) {
        entries_ = std::make_unique<Entry[]>(transactions);
        capacity_ = transactions;
    }
    gas_.clear();
    calls_.clear();
    task_of_.clear();
    sender_index_.clear();
    senders_.clear();
    sender_numbers_.clear();
    dear_.clear();
    chain_.clear();
    if (lanes_.size() != workers) lanes_ = std::vector<Lane>(workers);
    for (Lane& lane : lanes_) lane.range = 0;
    ready_.clear();
    ready_.reserve(window + std::max(1U, workers));
    ready_count_ = 0;
    resting_ = 0;
    next_unstarted_ = 0;
    next_in_chain_ = 0;
    executed_ = 0;
    frontier_ = 0;
    next_to_commit_ = 0;
    unstarted_seen_ = 0;
    committing_ = false;
    watch_ = Watch::nobody;
}

/// The sender's number; kNone: it has none.
uint32_t Scheduler::add_to_sender(const Outline& transaction) {
    if (!transaction.sender) return kNone;
    uint32_t number = sender_of(transaction);
    if (number == kNone) {
        number = static_cast<uint32_t>(senders_.size());
        sender_index_.insert(*transaction.sender, number);
        senders_.push_back({.hash = *transaction.sender});
    }
    ++senders_[number].transactions;
    senders_[number].gas += transaction.gas_limit;
    return number;
}

/// Whose transactions would keep one worker busy for longer than the block keeps all of them, if anybody's. Limits that are so high that
/// their sum overflows belong to transactions that are invalid.
void Scheduler::choose_who_goes_ahead(uint64_t gas_of_block, unsigned workers) noexcept {
    who_goes_ahead_ = nullptr;
    uint64_t most = gas_of_block / workers;
    for (const Sender& sender : senders_) {
        if (sender.transactions < kShortestChain || sender.gas < most) continue;
        who_goes_ahead_ = &sender;
        most = sender.gas + 1;
    }
}

/// Of the task that was added last. `rest`: of those behind it.
void Scheduler::consider_going_ahead(uint64_t gas, uint64_t rest, uint64_t gas_of_block, unsigned workers) {
    const uint32_t task = size_ - 1;
    if (who_goes_ahead_ != nullptr || workers < 2 || task < kFirstAhead) return;
    if (gas < sync::limit(kDearGas, uint64_t{1}) || gas < gas_of_block / kLeastShareAhead) return;
    if (gas > rest / (workers - 1)) dear_.push_back({.task = task, .gas = gas});
}

/// The dearest, as many as leave half of the workers to the others.
void Scheduler::let_dear_ones_go_ahead(unsigned workers) {
    const size_t count = std::min<size_t>(dear_.size(), workers / 2);
    std::ranges::partial_sort(dear_, dear_.begin() + static_cast<ptrdiff_t>(count), std::greater{}, &Dear::gas);
    for (size_t i = 0; i < count; ++i) {
        entries_[dear_[i].task].goes_ahead = true;
        chain_.push_back(dear_[i].task);
    }
    std::ranges::sort(chain_);
}

/// The number of the sender; kNone if there is none, or one that has not been added.
uint32_t Scheduler::sender_of(const Outline& transaction) const noexcept {
    static_assert(kNone == state::EpochIndex::kAbsent);
    if (!transaction.sender) return kNone;
    const uint64_t hash = *transaction.sender;
    return sender_index_.find(hash, [&](uint32_t i) { return senders_[i].hash == hash; });
}

Scheduler::Entry& Scheduler::add_entry() {
    Entry& entry = entries_[size_++];
    // Relaxed: nobody else is here.
    entry.status.store(Status::unstarted, sync::kRelaxed);
    entry.first_waiter.store(kNone, sync::kRelaxed);
    entry.next_waiter = kNone;
    entry.predecessor = kNone;
    entry.payments_before = kNone;
    entry.first_transaction = static_cast<uint32_t>(task_of_.size());
    entry.payments = 0;
    entry.goes_ahead = false;
    entry.rests = false;
    entry.attempt = nullptr;
    gas_.push_back(0);
    calls_.emplace_back();
    return entry;
}

void Scheduler::add(const Outline& transaction, uint32_t sender_number) {
    Sender* const sender = sender_number == kNone ? nullptr : &senders_[sender_number];
    if (transaction.is_payment) {
        const uint32_t before = size_ == 0 ? 0 : entries_[size_ - 1].payments;
        Entry& entry = before == 0 || before == kMostPayments ? add_entry() : entries_[size_ - 1];
        ++entry.payments;
        gas_[size_ - 1] += kGasOfPayment;
        if (sender != nullptr) sender->last_payments = size_ - 1;
        task_of_.push_back(size_ - 1);
        return;
    }
    Entry& entry = add_entry();
    const uint32_t index = size_ - 1;
    task_of_.push_back(index);
    gas_[index] = static_cast<uint32_t>(std::min(transaction.gas_limit, kDearGas));
    if (transaction.recipient) {
        calls_[index].recipient = key_of(*transaction.recipient);
        if (is_dear(index)) calls_[index].call = hash_of_call(*transaction.recipient, transaction.input);
    }
    if (sender == nullptr) return;
    entry.predecessor = std::exchange(sender->last_transaction, index);
    entry.payments_before = std::exchange(sender->last_payments, kNone);
    if (sender != who_goes_ahead_) return;
    entry.goes_ahead = true;
    chain_.push_back(index);
}

/// Of the transactions from `begin` on that go to one worker.
uint32_t Scheduler::end_of_run(uint32_t begin) const noexcept {
    if (is_dear(begin)) return begin + 1;
    // Relaxed: it matters to speed alone.
    const uint32_t times = neighbours_.load(sync::kRelaxed);
    uint64_t gas = gas_[begin];
    uint32_t end = begin + 1;
    for (; end < size_ && !is_dear(end); ++end) {
        const uint32_t size = end - begin;
        gas += gas_[end];
        if (size >= kFewestNeighbours && (size >= kMostNeighbours || gas > times * kGasOfNeighbours)) break;
    }
    return end;
}

// ---- Handing out ----

std::optional<uint32_t> Scheduler::next(uint32_t worker) {
    if (is_over()) return std::nullopt;
    auto index = take_ready(worker);
    if (!index) index = take_from_chain(worker);
    if (!index) index = take_unstarted(worker);
    if (index && sleepers_ != 0 && is_any_to_begin()) wake_one();
    return index;
}

bool Scheduler::has_neighbours_left(uint32_t worker) const noexcept {
    // Relaxed: others only take away.
    const uint64_t range = lanes_[worker].range.load(sync::kRelaxed);
    return begin_of(range) < end_of(range);
}

uint32_t Scheduler::end_of_neighbours(uint32_t worker, uint32_t index) const noexcept {
    // Relaxed: as above.
    const uint64_t range = lanes_[worker].range.load(sync::kRelaxed);
    return begin_of(range) == index + 1 ? std::max(end_of(range), index + 1) : index + 1;
}

std::optional<uint32_t> Scheduler::take_ready(uint32_t worker) {
    // Relaxed: a hint; has_work() looks again, in order, before a worker sleeps.
    if (ready_count_.load(sync::kRelaxed) == 0) return std::nullopt;
    const sync::LockGuard<sync::SpinLock> lock(parking_);
    if (ready_.empty()) return std::nullopt;
    std::ranges::pop_heap(ready_, std::greater{});
    const uint32_t index = ready_.back();
    ready_.pop_back();
    ready_count_ = static_cast<uint32_t>(ready_.size());
    assign(index, worker);
    return index;
}

void Scheduler::assign(uint32_t index, uint32_t worker) noexcept {
    // Relaxed: whoever asks for the worker has seen `executed`, which comes after; and what was before is told by who hands out.
    entries_[index].worker.store(worker, sync::kRelaxed);
    entries_[index].status.store(Status::executing, sync::kRelaxed);
}

/// Within reach, or, where nothing is executed ahead, at the frontier; of one sender after one that has finished.
bool Scheduler::can_begin_in_chain(uint32_t place) const noexcept {
    const size_t reach = window_ == 1 ? 1 : reach_of(full_window_);
    if (place >= chain_.size() || chain_[place] >= frontier_ + reach) return false;
    return place == 0 || who_goes_ahead_ == nullptr || is_executed(chain_[place - 1]);
}

std::optional<uint32_t> Scheduler::take_from_chain(uint32_t worker) {
    if (chain_.empty()) return std::nullopt;
    uint32_t place = next_in_chain_;
    do {
        if (!can_begin_in_chain(place)) return std::nullopt;
    } while (!next_in_chain_.compare_exchange_weak(place, place + 1));
    const uint32_t index = chain_[place];
    assign(index, worker);
    return has_to_wait(index) ? std::nullopt : std::optional(index);
}

std::optional<uint32_t> Scheduler::take_unstarted(uint32_t worker) {
    Lane& lane = lanes_[worker];
    while (true) {
        auto index = take_from(lane);
        if (!index) index = take_chunk(lane);
        if (!index) index = take_from_others();
        if (!index) return std::nullopt;
        if (entries_[*index].goes_ahead) continue;
        assign(*index, worker);
        if (!has_to_wait(*index)) return index;
    }
}

/// Whether an executing transaction waits for another one of its sender now.
bool Scheduler::has_to_wait(uint32_t index) {
    const Entry& entry = entries_[index];
    const auto waits_for = [&](uint32_t other) { return other != kNone && !is_executed(other) && hold_back(index, other); };
    // Whom it waits for first takes longer: the other one will be done by then.
    return waits_for(entry.predecessor) || waits_for(entry.payments_before);
}

std::optional<uint32_t> Scheduler::take_from(Lane& lane) {
    uint64_t range = lane.range;
    while (begin_of(range) < end_of(range))
        if (lane.range.compare_exchange_weak(range, range_of(begin_of(range) + 1, end_of(range)))) return begin_of(range);
    return std::nullopt;
}

/// What has not begun may begin up to there: in the window, or, while too many rest, at the frontier.
uint32_t Scheduler::end_to_begin() const noexcept { return std::min(size_, frontier_ + (resting_ < most_resting_ ? window_.load() : 1)); }

/// Takes neighbours, hands out the first and leaves the others in the lane, which is empty and the caller's.
std::optional<uint32_t> Scheduler::take_chunk(Lane& lane) {
    uint32_t begin = next_unstarted_;
    while (true) {
        const uint32_t end_of_window = end_to_begin();
        if (begin >= end_of_window) return std::nullopt;
        const uint32_t end = std::min(end_of_window, end_of_run(begin));
        if (!next_unstarted_.compare_exchange_weak(begin, end)) continue;
        // Release: whoever takes some from there. Nobody who sleeps is called for them.
        lane.range.store(range_of(begin + 1, end), sync::kRelease);
        return begin;
    }
}

/// From the lane that is furthest behind.
std::optional<uint32_t> Scheduler::take_from_others() {
    while (true) {
        Lane* lowest = nullptr;
        uint32_t first = kNone;
        for (Lane& lane : lanes_) {
            const uint64_t range = lane.range;
            if (begin_of(range) >= end_of(range) || begin_of(range) >= first) continue;
            lowest = &lane;
            first = begin_of(range);
        }
        if (lowest == nullptr) return std::nullopt;
        if (auto index = take_from(*lowest)) return index;
    }
}

std::optional<uint32_t> Scheduler::unfinished_writer(uint32_t index, std::optional<uint32_t> first_known,
                                                     std::optional<uint32_t> last_known) const noexcept {
    Call wanted{.recipient = calls_[index].recipient};
    if (first_known && last_known) {
        const auto [first, last] = std::pair(calls_[*first_known], calls_[*last_known]);
        if (first.recipient != 0 && first.recipient == last.recipient)
            wanted = {.recipient = first.recipient, .call = first.call == last.call ? first.call : 0};
    }
    if (wanted.recipient == 0) return std::nullopt;
    uint64_t Call::* const property = wanted.call != 0 ? &Call::call : &Call::recipient;
    const uint32_t frontier = frontier_;
    while (index > frontier)
        if (calls_[--index].*property == wanted.*property && !is_executed(index)) return index;
    return std::nullopt;
}

bool Scheduler::park(uint32_t index, uint32_t on, const void* location) {
    const sync::LockGuard<sync::SpinLock> lock(parking_);
    if (!line_up(index, on)) return false;
    entries_[index].rests = true;
    entries_[index].location = location;
    ++resting_;
    return true;
}

/// The same for a transaction that has not begun, and holds nothing.
bool Scheduler::hold_back(uint32_t index, uint32_t on) {
    const sync::LockGuard<sync::SpinLock> lock(parking_);
    return line_up(index, on);
}

/// `parking_` is held.
bool Scheduler::line_up(uint32_t index, uint32_t on) {
    WEFT_ASSERT(on < index);
    Entry& entry = entries_[index];
    Entry& other = entries_[on];
    entry.next_waiter = other.first_waiter;
    other.first_waiter = index;
    if (is_executed(on)) {
        other.first_waiter = entry.next_waiter;
        return false;
    }
    entry.status = Status::parked;
    return true;
}

bool Scheduler::park_on_read(uint32_t index, state::StateView& view, uint64_t ticket) {
    {
        const sync::LockGuard<sync::Mutex> lock(mutex_);
        ++reads_;
    }
    // Before the view knows: whoever it tells may hand the transaction out at once.
    entries_[index].status = Status::reading;
    if (view.tell_when_ended(ticket, *this, index)) return true;
    entries_[index].status = Status::executing;
    count_read_ended();
    return false;
}

void Scheduler::read_ended(uint64_t tag) noexcept {
    {
        const sync::LockGuard<sync::SpinLock> lock(parking_);
        make_ready(static_cast<uint32_t>(tag));
        ready_count_ = static_cast<uint32_t>(ready_.size());
    }
    wake_one();
    count_read_ended();
}

void Scheduler::count_read_ended() noexcept {
    const sync::LockGuard<sync::Mutex> lock(mutex_);
    if (--reads_ == 0) reads_ended_.notify_all();
}

void Scheduler::await_reads() {
    sync::UniqueLock lock(mutex_);
    reads_ended_.wait(lock, [this] { return reads_ == 0; });
}

/// `parking_` is held.
void Scheduler::make_ready(uint32_t index) {
    entries_[index].status = Status::ready;
    // There is room for the whole window, and for those that go ahead.
    ready_.push_back(index);
    std::ranges::push_heap(ready_, std::greater{});
}

std::optional<uint32_t> Scheduler::finished(uint32_t index, uint32_t worker) {
    entries_[index].status = Status::executed;
    if (checks_ahead_) pass_executed(index);
    const auto waiter = wake_waiters_of(index, worker);
    if (!entries_[index].goes_ahead) return waiter;
    if (!waiter && worker != kNone) return take_from_chain(worker);
    if (can_begin_in_chain(next_in_chain_)) wake_one();
    return waiter;
}

/// Somebody who comes here later with a lower transaction passes this one too.
void Scheduler::pass_executed(uint32_t index) noexcept {
    while (executed_ == index && is_executed(index)) {
        uint32_t expected = index;
        if (!executed_.compare_exchange_strong(expected, index + 1)) return;
        if (++index == size_) return;
    }
}

void Scheduler::finished(uint32_t index) { static_cast<void>(finished(index, kNone)); }

/// All become ready, but for the lowest if there is a worker for it.
std::optional<uint32_t> Scheduler::wake_waiters_of(uint32_t index, uint32_t worker) {
    Entry& entry = entries_[index];
    if (entry.first_waiter == kNone) return std::nullopt;
    bool is_any_for_others = false;
    uint32_t next = kNone;
    {
        const sync::LockGuard<sync::SpinLock> lock(parking_);
        if (worker != kNone)
            for (uint32_t waiter = entry.first_waiter; waiter != kNone; waiter = entries_[waiter].next_waiter)
                next = std::min(next, waiter);
        for (uint32_t waiter = entry.first_waiter; waiter != kNone; waiter = entries_[waiter].next_waiter) {
            // Where too many rested, another may begin now.
            if (std::exchange(entries_[waiter].rests, false) && resting_.fetch_sub(1) == most_resting_) is_any_for_others = true;
            if (waiter == next) continue;
            make_ready(waiter);
            is_any_for_others = true;
        }
        entry.first_waiter = kNone;
        ready_count_ = static_cast<uint32_t>(ready_.size());
        if (next != kNone) assign(next, worker);
    }
    if (is_any_for_others) wake_one();
    return next == kNone ? std::nullopt : std::optional(next);
}

void Scheduler::written(uint32_t index, const void* location) {
    Entry& entry = entries_[index];
    if (entry.first_waiter == kNone) return;
    bool is_any_ready = false;
    {
        const sync::LockGuard<sync::SpinLock> lock(parking_);
        uint32_t first_left = kNone;
        for (uint32_t waiter = entry.first_waiter; waiter != kNone;) {
            Entry& waiting = entries_[waiter];
            const uint32_t next = waiting.next_waiter;
            if (waiting.rests && waiting.location == location) {
                waiting.rests = false;
                --resting_;
                make_ready(waiter);
                is_any_ready = true;
            } else {
                waiting.next_waiter = first_left;
                first_left = waiter;
            }
            waiter = next;
        }
        entry.first_waiter = first_left;
        ready_count_ = static_cast<uint32_t>(ready_.size());
    }
    if (is_any_ready) wake_one();
}

// ---- Checking ahead ----

bool Scheduler::claim(uint32_t index) {
    if (index < frontier_ + kNearFrontier) return false;
    Status expected = Status::executed;
    return entries_[index].status.compare_exchange_strong(expected, Status::executing);
}

// ---- Committing ----

void Scheduler::look_ahead(Reach reach) {
    const uint32_t window = reach == Reach::far ? full_window_ : reach == Reach::near ? near_window_ : 1;
    // Relaxed: only the committer changes it.
    if (window == window_.load(sync::kRelaxed)) return;
    window_ = window;
    if (window > 1) wake_one();
}

bool Scheduler::is_executed(uint32_t index) const noexcept { return entries_[index].status >= Status::executed; }

/// Whether a transaction is executed, and `worker` is the one to commit it. `unstarted`: of next_unstarted_.
bool Scheduler::is_for(uint32_t worker, bool is_idle, uint32_t index, uint32_t unstarted) const noexcept {
    if (index >= size_ || !is_executed(index)) return false;
    // Relaxed: who commits does not matter to the result, and somebody without other work always does.
    return is_idle || unstarted >= index + kMuchToCommit || entries_[index].worker.load(sync::kRelaxed) == worker;
}

bool Scheduler::take_commit(uint32_t worker, bool is_idle) {
    // Relaxed: as in is_for().
    if (is_over() || committing_ || !is_for(worker, is_idle, frontier_, next_unstarted_.load(sync::kRelaxed))) return false;
    return is_planted(Fault::two_committers) ? committing_ = true : !committing_.exchange(true);
}

std::optional<uint32_t> Scheduler::next_to_commit(uint32_t worker, bool is_idle) noexcept {
    const uint32_t index = next_to_commit_;
    // Relaxed: as in is_for().
    if (unstarted_seen_ < index + kMuchToCommit) unstarted_seen_ = next_unstarted_.load(sync::kRelaxed);
    if (is_over() || !is_for(worker, is_idle, index, unstarted_seen_)) return std::nullopt;
    Status expected = Status::executed;
    if (checks_ahead_ && !entries_[index].status.compare_exchange_strong(expected, Status::committing)) return std::nullopt;
    return index;
}

void Scheduler::note_reads(bool held) {
    if (held && ++undisturbed_ < kUndisturbed) return;
    undisturbed_ = 0;
    // Relaxed: as in end_of_run().
    const uint32_t times = neighbours_.load(sync::kRelaxed);
    const uint32_t wanted = held ? std::min(2 * times, kMostTimes) : fewest_neighbours_;
    if (wanted != times) neighbours_.store(wanted, sync::kRelaxed);
}

void Scheduler::advance() {
    ++next_to_commit_;
    if (next_to_commit_ == size_) {
        stop();
        return;
    }
    // Relaxed: only the committer changes it.
    if (next_to_commit_ - frontier_.load(sync::kRelaxed) >= kCommitsAtOnce) publish_frontier();
}

void Scheduler::publish_frontier() {
    // Relaxed: only the committer changes it.
    const uint32_t advanced = next_to_commit_ - frontier_.load(sync::kRelaxed);
    if (advanced == 0) return;
    frontier_ = next_to_commit_;
    // The window moved on. A little work is for the caller, who asks for some next; not what others wait for.
    const uint32_t unstarted = next_unstarted_;
    const uint32_t end_of_window = end_to_begin();
    const bool is_much = end_of_window > unstarted + full_window_ / 8;
    const bool is_first = unstarted < end_of_window && resting_ >= most_resting_;
    if (is_much || is_first || can_begin_in_chain(next_in_chain_)) wake_one();
}

void Scheduler::begin_exact(uint32_t index) {
    publish_frontier();
    entries_[index].status = Status::executing;
}

void Scheduler::finish_exact(uint32_t index) {
    entries_[index].status = checks_ahead_ ? Status::committing : Status::executed;
    if (checks_ahead_) pass_executed(index);
    static_cast<void>(wake_waiters_of(index, kNone));
}

void Scheduler::release_commit() {
    publish_frontier();
    committing_ = false;
}

void Scheduler::stop() {
    over_ = true;
    if (sleepers_ == 0) return;
    {
        const sync::LockGuard<sync::Mutex> lock(mutex_);
    }
    work_.notify_all();
}

bool Scheduler::is_over() const noexcept { return over_; }

// ---- Sleeping ----

/// Ready, or unstarted and in the window.
bool Scheduler::is_any_to_begin() const noexcept {
    if (ready_count_ != 0 || can_begin_in_chain(next_in_chain_)) return true;
    const uint32_t unstarted = next_unstarted_;
    return unstarted < end_to_begin();
}

bool Scheduler::has_work() const noexcept {
    if (is_over() || is_any_to_begin()) return true;
    if (is_executed(frontier_) && !committing_) return true;
    return std::ranges::any_of(lanes_, [](const Lane& lane) {
        const uint64_t range = lane.range;
        return begin_of(range) < end_of(range);
    });
}

void Scheduler::wait_for_work() {
    // Most waits are over within microseconds: falling asleep and waking up would take longer. Looking costs those who work some of their
    // lines, so it is done less and less often.
    const unsigned most = sync::pauses_in(std::chrono::microseconds(5));
    const unsigned most_at_once = sync::pauses_in(std::chrono::nanoseconds(300));
    for (unsigned paused = 0, pauses = 1; paused < most; paused += pauses, pauses = std::min(2 * pauses, most_at_once)) {
        if (has_work()) return;
        for (unsigned i = 0; i < pauses; ++i) sync::pause();
    }
    ++sleepers_;
    if (!keep_watch()) {
        sync::UniqueLock lock(mutex_);
        work_.wait(lock, [this] { return has_work(); });
    }
    --sleepers_;
}

/// Stays awake until it is called, for about as long as waking a sleeper takes. false: it was not, or somebody else keeps watch.
bool Scheduler::keep_watch() noexcept {
    const unsigned most = sync::pauses_in(std::chrono::microseconds(50));
    Watch expected = Watch::nobody;
    if (!watch_.compare_exchange_strong(expected, Watch::kept)) return false;
    // Whoever makes work from here on calls, but for stop().
    bool is_needed = has_work();
    for (unsigned paused = 0; !is_needed && paused < most; ++paused) {
        sync::pause();
        // Relaxed: it is looked at in order at the end.
        is_needed = watch_.load(sync::kRelaxed) == Watch::called || over_.load(sync::kRelaxed);
    }
    return watch_.exchange(Watch::nobody) == Watch::called || is_needed;
}

/// Who wakes up, or is called, wakes the next when he has taken some work and there is more.
void Scheduler::wake_one() {
    if (sleepers_ == 0) return;
    Watch watch = Watch::kept;
    if (watch_.compare_exchange_strong(watch, Watch::called)) return;
    if (watch == Watch::called && sleepers_ == 1) return;
    // Who has found nothing to do, under the lock, sleeps when it is free.
    if (!is_planted(Fault::lost_wakeup)) {
        const sync::LockGuard<sync::Mutex> lock(mutex_);
    }
    work_.notify_one();
}

}  // namespace weft::execution::parallel
