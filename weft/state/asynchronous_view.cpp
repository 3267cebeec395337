// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/state/asynchronous_view.hpp"

#include "weft/base/assert.hpp"
#include "weft/base/planted_fault.hpp"
#include "weft/base/waiting_time.hpp"

#include <new>
#include <utility>

namespace weft::state {

AsynchronousView::~AsynchronousView() {
    closing_ = true;
    sync::UniqueLock lock(mutex_);
    jobs_done_.wait(lock, [this] { return jobs_ == 0; });
}

// ---- Asking ----

ReadResult<std::optional<Account>> AsynchronousView::account(const address& addr) {
    if (cache_ != nullptr)
        if (const auto known = cache_->account_at_hand(addr)) return *known;
    return ask<ReadResult<std::optional<Account>>>({.kind = Question::Kind::account, .addr = addr, .word = {}},
                                                   [&] { return base_.account(addr); });
}

ReadResult<uint256> AsynchronousView::storage(const address& addr, const uint256& slot) {
    if (cache_ != nullptr)
        if (const auto known = cache_->storage_at_hand(addr, slot)) return *known;
    return ask<ReadResult<uint256>>({.kind = Question::Kind::slot, .addr = addr, .word = slot}, [&] { return base_.storage(addr, slot); });
}

ReadResult<const Code*> AsynchronousView::code(const hash32& code_hash) {
    if (cache_ != nullptr)
        if (const Code* const known = cache_->code_at_hand(code_hash)) return known;
    return ask<ReadResult<const Code*>>({.kind = Question::Kind::code, .addr = {}, .word = to_uint256(code_hash)},
                                        [&] { return base_.code(code_hash); });
}

ReadResult<hash32> AsynchronousView::block_hash(uint64_t number) {
    return ask<ReadResult<hash32>>({.kind = Question::Kind::block_hash, .addr = {}, .word = number},
                                   [&] { return base_.block_hash(number); });
}

/// The other view's answer; its speed is told how long that was waited for.
template <typename Ask>
auto AsynchronousView::timed(const Ask& ask_base) {
    if (speed_ == nullptr) return ask_base();
    const WaitingTime waiting;
    auto answer = ask_base();
    speed_->note(waiting.passed());
    return answer;
}

template <typename Result, typename Ask>
Result AsynchronousView::ask(const Question& question, const Ask& ask_base) {
    if (!is_slow_) return timed(ask_base);
    Shard& shard = shard_of(question);
    Read* unasked = nullptr;
    {
        const sync::LockGuard<sync::Mutex> lock(shard.mutex);
        const auto known = shard.reads.find(question);
        Read& read = known != shard.reads.end() ? known->second : put(shard, question);
        if (read.stage == Read::Stage::answered) return std::get<Result>(read.answer);
        const ReadError pending{.kind = ReadError::Kind::pending, .detail = ticket_of(read)};
        if (known != shard.reads.end() && read.stage == Read::Stage::under_way) return std::unexpected(pending);
        if (read.stage == Read::Stage::under_way) {
            if (submit(read, 0)) return std::unexpected(pending);
            unasked = &read;
        }
    }
    if (unasked != nullptr) perform(*unasked);
    {
        const sync::LockGuard<sync::Mutex> lock(shard.mutex);
        const Read& read = shard.reads.find(question)->second;
        if (read.stage == Read::Stage::answered) return std::get<Result>(read.answer);
    }
    return ask_base();
}

AsynchronousView::Shard& AsynchronousView::shard_of(const Question& question) noexcept {
    return shards_[Hash{}(question) % shards_.size()];
}

AsynchronousView::Read& AsynchronousView::put(Shard& shard, const Question& question) {
    auto& [key, read] = *shard.reads.try_emplace(question).first;
    read.shard = &shard;
    read.question = &key;
    return read;
}

AsynchronousView::Read& AsynchronousView::read_of(uint64_t ticket) noexcept {
    return *reinterpret_cast<Read*>(ticket);  // NOLINT(performance-no-int-to-ptr): as ticket_of() gave it
}

uint64_t AsynchronousView::ticket_of(const Read& read) noexcept { return reinterpret_cast<uint64_t>(&read); }

// ---- Waiting ----

void AsynchronousView::wait(const ReadError& error) {
    WEFT_ASSERT(error.kind == ReadError::Kind::pending);
    const Read& read = read_of(error.detail);
    sync::UniqueLock lock(read.shard->mutex);
    read.shard->ended.wait(lock, [&] { return read.stage != Read::Stage::under_way; });
}

bool AsynchronousView::tell_when_ended(uint64_t ticket, ReadListener& listener, uint64_t tag) noexcept {
    Read& read = read_of(ticket);
    sync::UniqueLock lock(read.shard->mutex);
    if (read.stage != Read::Stage::under_way) return false;
    if (is_planted(Fault::untold_listener)) {
        lock.unlock();
        lock.lock();
    }
    try {
        read.listeners.push_back({.who = &listener, .tag = tag});
    } catch (const std::bad_alloc&) {
        return false;
    }
    return true;
}

// ---- Asking ahead ----

void AsynchronousView::prefetch_account(const address& addr) {
    if (!is_slow_) return;
    if (cache_ != nullptr)
        if (const auto known = cache_->account_at_hand(addr)) return prefetch_code_of(*known);
    const Question question{.kind = Question::Kind::account, .addr = addr, .word = {}};
    Shard& shard = shard_of(question);
    ReadResult<std::optional<Account>> account;
    {
        const sync::LockGuard<sync::Mutex> lock(shard.mutex);
        const auto known = shard.reads.find(question);
        if (known == shard.reads.end()) {
            Read& read = put(shard, question);
            read.wants_code = true;
            if (!submit(read, pool_.room() / 2)) shard.reads.erase(question);
            return;
        }
        if (known->second.stage == Read::Stage::under_way) known->second.wants_code = true;
        if (known->second.stage != Read::Stage::answered) return;
        account = std::get<ReadResult<std::optional<Account>>>(known->second.answer);
    }
    prefetch_code_of(account);
}

void AsynchronousView::prefetch_storage(const address& addr, const uint256& slot) {
    if (!is_slow_ || (cache_ != nullptr && cache_->storage_at_hand(addr, slot))) return;
    prefetch({.kind = Question::Kind::slot, .addr = addr, .word = slot});
}

void AsynchronousView::prefetch_code_of(const ReadResult<std::optional<Account>>& account) {
    if (!account || !*account || (*account)->code_hash == kEmptyCodeHash) return;
    if (cache_ != nullptr && cache_->code_at_hand((*account)->code_hash) != nullptr) return;
    prefetch({.kind = Question::Kind::code, .addr = {}, .word = to_uint256((*account)->code_hash)});
}

void AsynchronousView::prefetch(const Question& question) {
    Shard& shard = shard_of(question);
    const sync::LockGuard<sync::Mutex> lock(shard.mutex);
    if (shard.reads.contains(question)) return;
    // Nobody sees it before it is known whether there is room.
    if (!submit(put(shard, question), pool_.room() / 2)) shard.reads.erase(question);
}

// ---- What the pool's threads do ----

bool AsynchronousView::submit(Read& read, size_t spare) {
    {
        const sync::LockGuard<sync::Mutex> lock(mutex_);
        ++jobs_;
    }
    const IoQueue::Job job{
        .target = this,
        .call = [](void* self, uint64_t ticket) noexcept { static_cast<AsynchronousView*>(self)->do_job(read_of(ticket)); },
        .argument = ticket_of(read)};
    if (pool_.submit(job, spare)) return true;
    count_job_done();
    return false;
}

void AsynchronousView::do_job(Read& read) noexcept {
    if (!closing_) perform(read);
    count_job_done();
}

/// The last that a thread of the pool has to do with this view.
void AsynchronousView::count_job_done() noexcept {
    const sync::LockGuard<sync::Mutex> lock(mutex_);
    if (--jobs_ == 0) jobs_done_.notify_all();
}

/// Ends a read that is under way.
void AsynchronousView::perform(Read& read) noexcept {
    Answer answer;
    auto stage = Read::Stage::answered;
    try {
        answer = answer_to(*read.question);
    } catch (const std::bad_alloc&) {
        stage = Read::Stage::given_up;
    }
    std::vector<Listener> listeners;
    bool wants_code = false;
    {
        const sync::LockGuard<sync::Mutex> lock(read.shard->mutex);
        read.answer = answer;
        read.stage = stage;
        listeners.swap(read.listeners);
        wants_code = read.wants_code && stage == Read::Stage::answered;
    }
    read.shard->ended.notify_all();
    for (const Listener& listener : listeners) listener.who->read_ended(listener.tag);
    if (!wants_code) return;
    try {
        prefetch_code_of(std::get<ReadResult<std::optional<Account>>>(answer));
    } catch (const std::bad_alloc&) {
        // Whoever needs the code asks for it.
        return;
    }
}

AsynchronousView::Answer AsynchronousView::answer_to(const Question& question) {
    const auto answered = [this](const auto& ask_base) -> Answer {
        auto answer = timed(ask_base);
        while (!answer && answer.error().kind != ReadError::Kind::failed) {
            base_.wait(answer.error());
            answer = ask_base();
        }
        return answer;
    };
    switch (question.kind) {
        case Question::Kind::account:
            return answered([&] { return base_.account(question.addr); });
        case Question::Kind::slot:
            return answered([&] { return base_.storage(question.addr, question.word); });
        case Question::Kind::code:
            return answered([&] { return base_.code(to_hash32(question.word)); });
        case Question::Kind::block_hash:
            break;
    }
    return answered([&] { return base_.block_hash(question.word.low64()); });
}

}  // namespace weft::state
