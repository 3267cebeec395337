// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/workloads/simulated_schedule.hpp"

#include "weft/base/assert.hpp"

#include <algorithm>
#include <bit>
#include <functional>
#include <optional>
#include <queue>
#include <utility>

namespace weft::workloads {

namespace {

/// As in parallel_executor.cpp and scheduler.hpp.
constexpr uint32_t window_of(unsigned threads) { return 64 + 8 * threads; }
constexpr uint32_t reach_of(unsigned threads) { return std::bit_ceil(16 + 32 * threads); }
constexpr uint32_t kMuchToCommit = 48;
constexpr size_t kShortestChain = 4;
constexpr uint64_t kDearGas = 500'000;
constexpr uint64_t kLeastShareAhead = 16;
constexpr uint32_t kFirstAhead = 16;

/// The dearest for which the end of the block would wait, half as many as there are threads.
std::vector<uint32_t> dear_ones(const std::vector<ScheduledTransaction>& transactions, unsigned threads) {
    if (threads < 2) return {};
    uint64_t all_gas = 0;
    for (const ScheduledTransaction& transaction : transactions) all_gas += transaction.gas;
    std::vector<uint32_t> dear;
    uint64_t rest = all_gas;
    for (uint32_t i = 0; i < transactions.size(); ++i) {
        const uint64_t gas = transactions[i].gas;
        rest -= gas;
        if (i >= kFirstAhead && gas >= std::max(kDearGas, all_gas / kLeastShareAhead) && gas > rest / (threads - 1)) dear.push_back(i);
    }
    std::ranges::sort(dear, std::greater{}, [&](uint32_t i) { return transactions[i].gas; });
    dear.resize(std::min<size_t>(dear.size(), threads / 2));
    std::ranges::sort(dear);
    return dear;
}

/// The transactions of the sender for whom the block waits, if there is one.
std::vector<uint32_t> chain_that_goes_ahead(const std::vector<ScheduledTransaction>& transactions, unsigned threads) {
    struct Chain {
        std::vector<uint32_t> transactions;
        uint64_t gas = 0;
    };
    std::vector<Chain> chains;
    std::vector<size_t> chain_of;
    uint64_t all_gas = 0;
    for (uint32_t i = 0; i < transactions.size(); ++i) {
        const uint32_t previous = transactions[i].previous;
        chain_of.push_back(previous == ScheduledTransaction::kNone ? chains.size() : chain_of[previous]);
        if (chain_of[i] == chains.size()) chains.emplace_back();
        chains[chain_of[i]].transactions.push_back(i);
        chains[chain_of[i]].gas += transactions[i].gas;
        all_gas += transactions[i].gas;
    }
    const auto longest =
        std::ranges::max_element(chains, {}, [](const Chain& chain) { return chain.transactions.size() < kShortestChain ? 0 : chain.gas; });
    if (longest == chains.end() || longest->transactions.size() < kShortestChain || longest->gas < all_gas / threads) return {};
    return std::move(longest->transactions);
}

class Simulator {
  public:
    Simulator(const ScheduledBlock& block, unsigned threads)
        : transactions_(block.transactions),
          size_(static_cast<uint32_t>(transactions_.size())),
          window_(window_of(threads)),
          reach_(reach_of(threads)),
          courses_(size_),
          workers_(threads),
          chain_(chain_that_goes_ahead(transactions_, threads)),
          is_one_senders_(!chain_.empty()) {
        if (!is_one_senders_) chain_ = dear_ones(transactions_, threads);
        for (const uint32_t index : chain_) courses_[index].goes_ahead = true;
    }

    /// Returns when the last transaction is committed, which began at 0.
    double run() {
        for (uint32_t i = 0; i < workers_.size(); ++i) decide(i);
        while (next_to_commit_ < size_) {
            // Somebody is always at work: the frontier's transaction is unstarted, executing or executed, and its sender's last committed.
            WEFT_ASSERT(!actions_.empty());
            const Action action = actions_.top();
            actions_.pop();
            now_ = action.end;
            complete(action);
            decide(action.worker);
            for (uint32_t i = 0; i < workers_.size(); ++i)
                if (workers_[i].is_idle) decide(i);
        }
        return now_;
    }
    [[nodiscard]] uint64_t repeated() const noexcept { return repeated_; }

  private:
    /// Of one transaction.
    struct Course {
        double begin = 0;
        double end = 0;  ///< Of the last execution.
        uint32_t worker = 0;
        bool is_executed = false;
        bool goes_ahead = false;
        std::vector<uint32_t> waiters{};
    };
    struct Worker {
        std::optional<uint32_t> continuation;
        bool is_idle = false;
        bool commits_anything = false;  ///< It had nothing else to do when it took the commit role.
    };
    struct Action {
        double end;
        uint32_t worker;
        uint32_t transaction;
        bool is_commit;

        friend bool operator>(const Action& a, const Action& b) noexcept { return a.end != b.end ? a.end > b.end : a.worker > b.worker; }
    };

    void complete(const Action& action) {
        if (action.is_commit) {
            ++next_to_commit_;
            is_committing_ = false;
            return;
        }
        Course& course = courses_[action.transaction];
        course.end = now_;
        course.is_executed = true;
        if (course.waiters.empty()) {
            if (course.goes_ahead) workers_[action.worker].continuation = next_in_chain();
            return;
        }
        std::ranges::sort(course.waiters);
        workers_[action.worker].continuation = course.waiters.front();
        for (size_t i = 1; i < course.waiters.size(); ++i) ready_.push(course.waiters[i]);
    }

    /// What the worker does next.
    void decide(uint32_t worker) {
        Worker& self = workers_[worker];
        self.is_idle = false;
        self.commits_anything = self.commits_anything && take_commit(worker, true);
        if (self.commits_anything || take_commit(worker, false)) return;
        if (const auto next = next_of(self)) {
            courses_[*next].begin = now_;
            courses_[*next].worker = worker;
            actions_.push({.end = now_ + transactions_[*next].execute, .worker = worker, .transaction = *next, .is_commit = false});
            return;
        }
        self.commits_anything = take_commit(worker, true);
        self.is_idle = !self.commits_anything;
    }

    std::optional<uint32_t> next_of(Worker& self) {
        if (self.continuation) return std::exchange(self.continuation, std::nullopt);
        if (!ready_.empty()) {
            const uint32_t next = ready_.top();
            ready_.pop();
            return next;
        }
        if (const auto next = next_in_chain()) return next;
        while (next_unstarted_ < std::min(size_, next_to_commit_ + window_)) {
            const uint32_t next = next_unstarted_++;
            if (!courses_[next].goes_ahead && !has_to_wait(next)) return next;
        }
        return std::nullopt;
    }

    std::optional<uint32_t> next_in_chain() {
        while (begun_in_chain_ < chain_.size() && chain_[begun_in_chain_] < next_to_commit_ + reach_) {
            if (is_one_senders_ && begun_in_chain_ != 0 && !courses_[chain_[begun_in_chain_ - 1]].is_executed) break;
            const uint32_t next = chain_[begun_in_chain_++];
            if (!has_to_wait(next)) return next;
        }
        return std::nullopt;
    }

    /// For the one of its sender before it.
    bool has_to_wait(uint32_t index) {
        const uint32_t previous = transactions_[index].previous;
        if (previous == ScheduledTransaction::kNone || courses_[previous].is_executed) return false;
        courses_[previous].waiters.push_back(index);
        return true;
    }

    bool take_commit(uint32_t worker, bool is_idle) {
        if (is_committing_ || next_to_commit_ == size_) return false;
        Course& course = courses_[next_to_commit_];
        if (!course.is_executed) return false;
        if (!is_idle && course.worker != worker && next_unstarted_ < next_to_commit_ + kMuchToCommit) return false;
        const ScheduledTransaction& transaction = transactions_[next_to_commit_];
        double end = now_ + transaction.commit;
        if (std::ranges::any_of(transaction.writers, [&](uint32_t writer) { return courses_[writer].end > course.begin; })) {
            ++repeated_;
            end += transaction.repeat;
            course.end = now_ + transaction.repeat;
        }
        is_committing_ = true;
        actions_.push({.end = end, .worker = worker, .transaction = next_to_commit_, .is_commit = true});
        return true;
    }

    const std::vector<ScheduledTransaction>& transactions_;
    const uint32_t size_;
    const uint32_t window_;
    const uint32_t reach_;
    std::vector<Course> courses_;
    std::vector<Worker> workers_;
    std::vector<uint32_t> chain_;  ///< Those that go ahead.
    bool is_one_senders_;          ///< Each after the one before.
    size_t begun_in_chain_ = 0;
    std::priority_queue<Action, std::vector<Action>, std::greater<>> actions_;
    std::priority_queue<uint32_t, std::vector<uint32_t>, std::greater<>> ready_;
    double now_ = 0;
    uint32_t next_unstarted_ = 0;
    uint32_t next_to_commit_ = 0;
    bool is_committing_ = false;
    uint64_t repeated_ = 0;
};

}  // namespace

ScheduleOutcome simulate_schedule(const ScheduledBlock& block, unsigned threads) {
    Simulator simulator(block, threads);
    const double time = block.begin + simulator.run() + block.end / threads;
    return {.time = time, .repeated = simulator.repeated()};
}

}  // namespace weft::workloads
