// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/simulation/simulation.hpp"

#include "weft/base/assert.hpp"
#include "weft/base/hash.hpp"

#include <algorithm>
#include <array>
#include <utility>

namespace weft {

bool is_planted(Fault fault) noexcept {
    const auto* simulation = simulation::Simulation::current();
    return simulation != nullptr && simulation->plants(fault);
}

namespace simulation {

namespace {

constexpr std::array<const char*, 10> kOperations{"start", "load", "write", "lock", "unlock", "wait", "notify", "pause", "join", "end"};

constexpr bool writes(Operation operation) noexcept { return operation == Operation::write || operation == Operation::unlock; }

/// Stacks that no thread uses at the moment.
std::vector<Stack>& free_stacks() {
    static thread_local std::vector<Stack> stacks;
    return stacks;
}

Stack take_stack() {
    std::vector<Stack>& stacks = free_stacks();
    if (stacks.empty()) return Stack{};
    Stack stack = std::move(stacks.back());
    stacks.pop_back();
    return stack;
}

}  // namespace

uint64_t Dice::next() noexcept {
    uint64_t z = state_ += 0x9e3779b97f4a7c15;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
}

Outcome run(const Settings& settings, const std::function<void()>& body) { return Simulation(settings).run(body); }

// ---- From beginning to end ----

Simulation::Thread::Thread(size_t its_number, std::function<void()> what)
    : number(its_number), body(std::move(what)), stack(take_stack()), fiber(stack, body) {}

Simulation::Thread::~Thread() { free_stacks().push_back(std::move(stack)); }

Simulation::Simulation(const Settings& settings) : settings_(settings), dice_(settings.seed), strategy_(choose_strategy(dice_)) {}

Simulation::~Simulation() = default;

Simulation::Strategy Simulation::choose_strategy(Dice& dice) noexcept {
    const bool by_priority = dice.below(2) == 0;
    return {.by_priority = by_priority, .period = uint64_t{1} << (by_priority ? 4 + dice.below(8) : 1 + dice.below(7))};
}

Outcome Simulation::run(const std::function<void()>& body) {
    WEFT_ASSERT(current_ == nullptr);
    static_cast<void>(start(body));
    running_ = threads_.front().get();
    current_ = this;
    outside_.switch_to(running_->fiber);
    current_ = nullptr;
    return outcome_;
}

size_t Simulation::start(std::function<void()> body) {
    const size_t number = threads_.size();
    threads_.push_back(std::make_unique<Thread>(number, [this, what = std::move(body)] {
        what();
        end_thread();
    }));
    candidates_.reserve(threads_.size());
    threads_.back()->priority = static_cast<int64_t>(dice_.below(uint64_t{1} << 32));
    return number;
}

void Simulation::join(size_t thread) noexcept {
    step(Operation::join);
    if (!threads_[thread]->has_ended) sleep_on(threads_[thread].get(), Operation::join);
}

void Simulation::end_thread() noexcept {
    note(Operation::end);
    running_->has_ended = true;
    wake_all(running_);
    if (std::ranges::all_of(threads_, &Thread::has_ended)) stop(Outcome::End::finished);
    hand_over();
}

/// Leaves the simulation for good.
void Simulation::stop(Outcome::End end) noexcept {
    outcome_.end = end;
    if (end != Outcome::End::finished) outcome_.threads = describe_threads();
    running_->fiber.switch_to(outside_);
}

std::string Simulation::describe_threads() const {
    std::string text;
    for (const auto& thread : threads_) {
        text += "thread " + std::to_string(thread->number) + ": ";
        text += thread->sleeps_on != nullptr ? "sleeps in " : "is at ";
        text += kOperations[static_cast<size_t>(thread->operation)];
        if (thread->sleeps_on != nullptr)
            text += std::string(", ") + thread->place.file_name() + ":" + std::to_string(thread->place.line());
        text += '\n';
    }
    return text;
}

// ---- One step ----

void Simulation::note(Operation operation) noexcept {
    running_->operation = operation;
    outcome_.trace =
        mix64(outcome_.trace ^ (running_->number << 8 | static_cast<uint64_t>(operation)), 0x9e3779b97f4a7c15) + outcome_.steps;
    if (++outcome_.steps > settings_.most_steps) stop(Outcome::End::endless);
}

void Simulation::step(Operation operation) noexcept {
    note(operation);
    const bool changes = outcome_.steps >= next_change_;
    if (changes) {
        next_change_ = outcome_.steps + 1 + dice_.below(2 * strategy_.period);
        running_->priority = --lowest_priority_;
    }
    if (changes || strategy_.by_priority) go_on_with(*pick());
    // Others see it from here on: no one runs between this and the operation.
    if (writes(operation)) ++writes_;
}

void Simulation::pause() noexcept {
    note(Operation::pause);
    running_->paused_at = writes_;
    hand_over();
}

void Simulation::sleep_on(const void* what, Operation operation, const std::source_location& place) noexcept {
    note(operation);
    running_->sleeps_on = what;
    running_->place = place;
    hand_over();
}

void Simulation::wake_one(const void* what) noexcept {
    candidates_.clear();
    for (const auto& thread : threads_)
        if (thread->sleeps_on == what) candidates_.push_back(thread.get());
    if (!candidates_.empty()) candidates_[dice_.below(candidates_.size())]->sleeps_on = nullptr;
}

void Simulation::wake_all(const void* what) noexcept {
    for (const auto& thread : threads_)
        if (thread->sleeps_on == what) thread->sleeps_on = nullptr;
}

// ---- Who is next ----

/// Null: nobody can go on.
Simulation::Thread* Simulation::pick() noexcept {
    candidates_.clear();
    const auto can_go_on = [](const Thread& thread) { return !thread.has_ended && thread.sleeps_on == nullptr; };
    for (const auto& thread : threads_)
        if (can_go_on(*thread) && thread->paused_at != writes_) candidates_.push_back(thread.get());
    if (candidates_.empty()) {
        // Nobody has anything better to do than to look again, each of them once.
        for (const auto& thread : threads_) {
            thread->paused_at = kNever;
            if (can_go_on(*thread)) candidates_.push_back(thread.get());
        }
    }
    if (candidates_.empty()) return nullptr;
    return strategy_.by_priority ? *std::ranges::max_element(candidates_, {}, &Thread::priority)
                                 : candidates_[dice_.below(candidates_.size())];
}

/// The caller cannot go on, or does not want to.
void Simulation::hand_over() noexcept {
    Thread* next = pick();
    if (next == nullptr) stop(Outcome::End::deadlock);
    go_on_with(*next);
}

void Simulation::go_on_with(Thread& next) noexcept {
    next.paused_at = kNever;
    if (&next == running_) return;
    ++outcome_.switches;
    std::exchange(running_, &next)->fiber.switch_to(next.fiber);
}

}  // namespace simulation
}  // namespace weft
