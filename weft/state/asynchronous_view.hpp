// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/io_pool.hpp"
#include "weft/base/sync.hpp"
#include "weft/state/cached_view.hpp"
#include "weft/state/read_speed.hpp"
#include "weft/state/state_view.hpp"

#include <array>
#include <unordered_map>
#include <variant>
#include <vector>

namespace weft::state {

/// Another view's answers without its delays: a question that is asked for the first time goes to a pool, which asks the other view
/// in its own time, and is `pending` until that is done. What was answered is kept, so that every question takes its time once. Who asks
/// while the pool has no room waits for the other view himself.
///
/// A view with a cache answers at once what it has at hand. Whether the rest is slow enough for the pool, its ReadSpeed says when this
/// begins; if not, who asks waits himself, and nothing is asked ahead.
///
/// What is kept grows with the number of different questions, which a block's gas bounds: a view is made for each block, or for each
/// state, and the pool serves one after the other.
///
/// Thread safety: any thread may call any member; the destructor excludes everything else. The other view is asked from several threads.
/// Invariants:
///   1. Equal questions share one Read, from the first of them on; its stage only goes forward.
///   2. Listeners are told once, after the stage is no longer `under_way`, and without a lock.
///   3. `jobs_` counts what the pool has accepted and not done: it knows this view.
class AsynchronousView final : public StateView {
  public:
    /// Both outlive this.
    AsynchronousView(StateView& base, IoQueue& pool) : base_(base), pool_(pool) {}
    /// All outlive this. `speed` is told of every read that the cache has no answer to. Null: they are slow.
    AsynchronousView(CachedView& base, IoQueue& pool, ReadSpeed* speed)
        : base_(base), cache_(&base), pool_(pool), speed_(speed), is_slow_(speed == nullptr || speed->is_slow()) {}
    AsynchronousView(const AsynchronousView&) = delete;
    AsynchronousView& operator=(const AsynchronousView&) = delete;
    /// Reads that are under way end first; those that wait for a thread are dropped.
    ~AsynchronousView() override;

    [[nodiscard]] ReadResult<std::optional<Account>> account(const address& addr) override;
    [[nodiscard]] ReadResult<uint256> storage(const address& addr, const uint256& slot) override;
    [[nodiscard]] ReadResult<const Code*> code(const hash32& code_hash) override;
    [[nodiscard]] ReadResult<hash32> block_hash(uint64_t number) override;

    void wait(const ReadError& error) override;
    [[nodiscard]] bool tell_when_ended(uint64_t ticket, ReadListener& listener, uint64_t tag) noexcept override;
    [[nodiscard]] bool is_slow() const noexcept override { return is_slow_; }
    /// Half of the pool's room is left to those who cannot do without an answer.
    void prefetch_account(const address& addr) override;
    void prefetch_storage(const address& addr, const uint256& slot) override;

  private:
    struct Question {
        enum class Kind : uint8_t { account, slot, code, block_hash } kind;
        address addr;
        uint256 word;  ///< The slot, the hash of the code, or the number of the block.

        friend bool operator==(const Question&, const Question&) noexcept = default;
    };
    struct Hash {
        size_t operator()(const Question& question) const noexcept {
            return hash_value(question.addr) ^ hash_value(question.word) ^ static_cast<size_t>(question.kind);
        }
    };
    using Answer = std::variant<ReadResult<std::optional<Account>>, ReadResult<uint256>, ReadResult<const Code*>, ReadResult<hash32>>;

    struct Listener {
        ReadListener* who;
        uint64_t tag;
    };
    struct Shard;
    /// Its address is its ticket.
    struct Read {
        enum class Stage : uint8_t {
            under_way,
            answered,
            given_up,  ///< Memory ran out on the way: who asks, asks the other view himself.
        };
        Shard* shard = nullptr;
        const Question* question = nullptr;
        // Guarded by the shard's mutex.
        Stage stage = Stage::under_way;
        bool wants_code = false;  ///< of an account, when it is known
        Answer answer;
        std::vector<Listener> listeners;
    };
    struct alignas(sync::kCacheLine) Shard {
        sync::Mutex mutex;
        sync::ConditionVariable ended;
        std::unordered_map<Question, Read, Hash> reads;  // guarded by mutex
    };

    template <typename Result, typename Ask>
    [[nodiscard]] Result ask(const Question& question, const Ask& ask_base);
    template <typename Ask>
    [[nodiscard]] auto timed(const Ask& ask_base);
    void prefetch(const Question& question);
    void prefetch_code_of(const ReadResult<std::optional<Account>>& account);
    [[nodiscard]] Shard& shard_of(const Question& question) noexcept;
    [[nodiscard]] static Read& put(Shard& shard, const Question& question);
    [[nodiscard]] static Read& read_of(uint64_t ticket) noexcept;
    [[nodiscard]] static uint64_t ticket_of(const Read& read) noexcept;

    [[nodiscard]] bool submit(Read& read, size_t spare);
    void do_job(Read& read) noexcept;
    void perform(Read& read) noexcept;
    [[nodiscard]] Answer answer_to(const Question& question);
    void count_job_done() noexcept;

    StateView& base_;
    CachedView* const cache_ = nullptr;  // base_, if it has one
    IoQueue& pool_;
    ReadSpeed* const speed_ = nullptr;
    const bool is_slow_ = true;
    std::array<Shard, sync::limit(size_t{64}, size_t{2})> shards_;

    sync::Atomic<bool> closing_{false};
    sync::Mutex mutex_;
    sync::ConditionVariable jobs_done_;
    size_t jobs_ = 0;  // guarded by mutex_
};

}  // namespace weft::state
