// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/kv/gathering_store.hpp"

#include "weft/base/sync.hpp"
#include "weft/kv/gathered_writes.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <exception>
#include <utility>

namespace weft::kv {

namespace {

/// Of the memory for what waits.
constexpr size_t kSmallestChunk = size_t{64} << 10U;
constexpr size_t kLargestChunk = size_t{4} << 20U;

std::array<uint8_t, 8> journal_key(uint64_t number) noexcept {
    std::array<uint8_t, 8> key;
    for (size_t i = 0; i < key.size(); ++i) key[i] = static_cast<uint8_t>(number >> (56 - 8 * i));
    return key;
}

uint64_t number_of(bytes_view journal_key) noexcept {
    uint64_t number = 0;
    for (const uint8_t byte : journal_key) number = number << 8 | byte;
    return number;
}

/// Answers everything with an error.
class RefusingCursor final : public Cursor {
  public:
    explicit RefusingCursor(Error error) : error_(std::move(error)) {}
    Expected<bool> next() override { return std::unexpected(error_); }
    bytes_view key() const override { return {}; }
    bytes_view value() const override { return {}; }

  private:
    Error error_;
};

class RefusingReader final : public Reader {
  public:
    explicit RefusingReader(Error error) : error_(std::move(error)) {}
    Expected<std::optional<bytes>> get(TableId, bytes_view) const override { return std::unexpected(error_); }
    std::unique_ptr<Cursor> walk(Range) const override { return std::make_unique<RefusingCursor>(error_); }

  private:
    Error error_;
};

/// While this lives, the store counts as failed: an exception may end what is going on anywhere.
class Unfinished {
  public:
    explicit Unfinished(std::optional<Error>& failure) : failure_(failure) {
        failure_ = Error{.kind = ErrorKind::io, .context = "out of memory"};
    }
    void end() noexcept { failure_.reset(); }
    Expected<void> fail(Expected<void> result) {
        failure_ = result.error();
        return result;
    }

  private:
    std::optional<Error>& failure_;
};

}  // namespace

/// Invariants: the journal has the entries from `first_entry` on and before `next_entry`; what they say and `gathered` has waiting is
/// the same, unless `failure` says that a write ended on the way.
struct GatheringStore::Parts {
    Parts(std::unique_ptr<Store> below_store, std::span<const TableSpec> tables, const GatheringOptions& how)
        : below(std::move(below_store)),
          schema(tables.begin(), tables.end()),
          options(how),
          gathered(std::clamp<size_t>(how.buffer_bytes / 8, kSmallestChunk, kLargestChunk)) {}

    std::unique_ptr<Store> below;
    std::vector<TableSpec> schema;
    GatheringOptions options;
    GatheredWrites gathered;  // find() asks for no lock, all else for the mutex
    sync::Mutex mutex;
    Batch below_batch;             // guarded by mutex; the memory stays for the next one
    uint64_t first_entry = 0;      // guarded by mutex
    uint64_t next_entry = 0;       // guarded by mutex
    uint64_t gathered_keys = 0;    // guarded by mutex; since the store is open
    uint64_t placed_keys = 0;      // guarded by mutex; since the store is open
    bool is_recovered = false;     // guarded by mutex
    std::optional<Error> failure;  // guarded by mutex

    [[nodiscard]] bool is_gathered(TableId table) const { return schema.at(table).is_gathered; }
    [[nodiscard]] bool is_derived(TableId table) const { return schema.at(table).is_derived; }
    /// Where a change of a batch goes to.
    enum class Way : uint8_t { directly, by_journal, derived };
    [[nodiscard]] Way way_of(TableId table) const {
        if (!is_gathered(table)) return Way::directly;
        return is_derived(table) ? Way::derived : Way::by_journal;
    }

    [[nodiscard]] std::unexpected<Error> refuse() const {
        return std::unexpected(
            Error{.kind = failure->kind, .context = fmt::format("refused after an earlier failure: {}", failure->context)});
    }

    [[nodiscard]] Expected<void> read_journal() {
        const auto cursor = below->walk({.table = options.journal, .passing = true});
        for (;;) {
            const auto more = cursor->next();
            if (!more) return std::unexpected(more.error());
            if (!*more) return {};
            const uint64_t number = number_of(cursor->key());
            const bool follows = next_entry == 0 || number == next_entry;
            if (!follows || cursor->key().size() != sizeof(number) || !take_over(cursor->value()))
                return std::unexpected(Error{.kind = ErrorKind::corruption, .context = fmt::format("entry {} of the journal", number)});
            if (next_entry == 0) first_entry = number;
            next_entry = number + 1;
        }
    }

    /// An entry of the journal. False: it is damaged.
    [[nodiscard]] bool take_over(bytes_view entry) {
        bool is_right = true;
        const bool is_whole = Batch::read_changes(entry, [&](const Batch::Change& change) {
            is_right = is_right && change.table < schema.size() && way_of(change.table) == Way::by_journal &&
                       change.action != Batch::Action::erase_range;
        });
        if (!is_whole || !is_right) return false;
        const std::span<uint8_t> changes = gathered.room_for(entry.size());
        std::ranges::copy(entry, changes.begin());
        gathered.add(changes, {});
        return true;
    }

    /// While the mutex is held: whether there is something that waits.
    [[nodiscard]] bool has_waiting() const { return first_entry != next_entry; }

    /// While the mutex is held: puts into the tables what waits, and behind it all of `more`, together with the last of it.
    [[nodiscard]] Expected<void> place(const Batch* more = nullptr, Durability durability = Durability::later) {
        if (failure) return refuse();
        if (!has_waiting()) return more != nullptr ? below->write(*more, durability) : Expected<void>();
        Unfinished unfinished(failure);
        Batch batch;
        const std::vector<Batch::Change> waiting = gathered.waiting();
        for (const Batch::Change& change : waiting) {
            if (is_derived(change.table)) continue;
            batch.add(change);
            if (batch.size_in_bytes() < options.bytes_at_once) continue;
            if (auto written = below->write(batch, Durability::later); !written) return unfinished.fail(std::move(written));
            batch.clear();
        }
        // These are not in the journal: all of them or none, and the journal has what they can be made of until they are there.
        for (const Batch::Change& change : waiting)
            if (is_derived(change.table)) batch.add(change);
        for (uint64_t number = first_entry; number != next_entry; ++number) batch.erase(options.journal, journal_key(number));
        if (more != nullptr) batch.add(more->encoded());
        if (auto written = below->write(batch, durability); !written) return unfinished.fail(std::move(written));
        first_entry = next_entry;
        placed_keys += waiting.size();
        gathered.note_placed();
        unfinished.end();
        return {};
    }

    [[nodiscard]] bool is_gathered_range(const Batch::Change& change) const {
        return change.action == Batch::Action::erase_range && is_gathered(change.table);
    }

    /// While the mutex is held: the batch with every key that is there in the place of erased ranges.
    [[nodiscard]] Expected<Batch> with_single_keys(const Batch& batch) const {
        const std::vector<Batch::Change> known = gathered.in_ranges(batch);
        Batch single;
        for (const auto& memory : batch.kept()) single.keep(memory);
        std::optional<Error> error;
        batch.for_each([&](const Batch::Change& change) {
            if (error) return;
            if (!is_gathered_range(change)) return single.add(change);
            if (!is_less(change.key, change.second)) return;
            Batch erasures;
            const auto is_in_range = [&](TableId table, bytes_view key) {
                return table == change.table && !is_less(key, change.key) && is_less(key, change.second);
            };
            single.for_each([&](const Batch::Change& earlier) {
                if (is_in_range(earlier.table, earlier.key)) erasures.erase(earlier.table, earlier.key);
            });
            for (auto at = std::ranges::partition_point(
                     known, [&](const auto& last) { return is_before(last.table, last.key, change.table, change.key); });
                 at != known.end() && is_in_range(at->table, at->key); ++at)
                erasures.erase(change.table, at->key);
            const auto cursor = below->walk({.table = change.table,
                                             .from = {change.key.begin(), change.key.end()},
                                             .to = {change.second.begin(), change.second.end()},
                                             .passing = true});
            auto more = cursor->next();
            for (; more && *more; more = cursor->next()) erasures.erase(change.table, cursor->key());
            if (!more) error = std::move(more.error());
            single.add(erasures.encoded());
        });
        if (error) return std::unexpected(*std::move(error));
        return single;
    }

    /// While the mutex is held: what would not fit into the memory goes to its places at once. Until that is done readers find what was
    /// there before.
    [[nodiscard]] Expected<void> write_through(const Batch& batch, Durability durability) {
        if (auto placed = place(&batch, durability); !placed) return placed;
        gathered.clear();
        return {};
    }

    /// While the mutex is held.
    [[nodiscard]] Expected<void> write(const Batch& batch, Durability durability) {
        if (failure) return refuse();
        if (batch.wants_places() || batch.size_in_bytes() > options.buffer_bytes) return write_through(batch, durability);
        bool has_range = false;
        std::array<size_t, 3> sizes{};
        batch.for_each([&](const Batch::Change& change) {
            has_range = has_range || is_gathered_range(change);
            sizes[static_cast<size_t>(way_of(change.table))] += change.encoded.size();
        });
        if (has_range) {
            const auto single = with_single_keys(batch);
            if (!single) return std::unexpected(single.error());
            return write(*single, durability);
        }
        const size_t journal_bytes = sizes[static_cast<size_t>(Way::by_journal)];
        const size_t derived_bytes = sizes[static_cast<size_t>(Way::derived)];
        below_batch.clear();
        // Values stay where they are until it is written. What the journal gets, and behind it what it does not.
        const std::span<uint8_t> changes = gathered.room_for(journal_bytes + derived_bytes);
        std::array<uint8_t*, 3> ends{nullptr, changes.data(), changes.data() + journal_bytes};
        // Changes that lie one behind the other and go the same way are copied together.
        bytes_view run;
        Way way_of_run = Way::directly;
        const auto copy_run = [&] {
            if (way_of_run == Way::directly) return;
            uint8_t*& end = ends[static_cast<size_t>(way_of_run)];
            end = std::ranges::copy(run, end).out;
        };
        batch.for_each([&](const Batch::Change& change) {
            const Way way = way_of(change.table);
            WEFT_ASSERT(!change.is_shared || way != Way::by_journal);
            if (way != way_of_run) {
                copy_run();
                run = {change.encoded.data(), 0};
                way_of_run = way;
            }
            run = {run.data(), change.encoded.data() + change.encoded.size()};
            if (way != Way::directly) return;
            if (change.action == Batch::Action::put)
                below_batch.put_shared(change.table, change.key, change.second);
            else
                below_batch.add(change);
        });
        copy_run();
        const bool has_gathered = !changes.empty();
        if (has_gathered) below_batch.put_shared(options.journal, journal_key(next_entry), changes.first(journal_bytes));
        Unfinished unfinished(failure);
        if (auto written = below->write(below_batch, durability); !written) {
            // It has not changed, or refuses everything from now on by itself.
            unfinished.end();
            return written;
        }
        if (has_gathered) {
            ++next_entry;
            gathered_keys += gathered.add(changes, batch.kept());
        }
        unfinished.end();
        // The batch is written whatever comes of this: an error is one of the next write.
        if (gathered.waiting_bytes() > options.buffer_bytes) (void)place();
        return {};
    }
};

GatheringStore::GatheringStore(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

GatheringStore::~GatheringStore() {
    const sync::LockGuard lock(parts_->mutex);
    if (!parts_->is_recovered) return;
    try {
        (void)parts_->place();
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
        // What a library throws changes nothing: the journal has it.
    }
}

Expected<std::unique_ptr<GatheringStore>> GatheringStore::open(std::unique_ptr<Store> below, std::span<const TableSpec> schema,
                                                               const GatheringOptions& options) {
    auto parts = std::make_unique<Parts>(std::move(below), schema, options);
    if (const auto read = parts->read_journal(); !read) return std::unexpected(read.error());
    parts->is_recovered = !parts->has_waiting();
    return std::unique_ptr<GatheringStore>(new GatheringStore(std::move(parts)));
}

void GatheringStore::note_recovered() {
    const sync::LockGuard lock(parts_->mutex);
    parts_->is_recovered = true;
}

Expected<std::optional<bytes>> GatheringStore::get(TableId table, bytes_view key) const {
    if (parts_->is_gathered(table))
        if (auto found = parts_->gathered.find(table, key)) return *std::move(found);
    return parts_->below->get(table, key);
}

std::unique_ptr<Cursor> GatheringStore::walk(Range range) const {
    const sync::LockGuard lock(parts_->mutex);
    if (parts_->is_gathered(range.table))
        if (auto placed = parts_->place(); !placed) return std::make_unique<RefusingCursor>(std::move(placed.error()));
    return parts_->below->walk(std::move(range));
}

std::unique_ptr<Reader> GatheringStore::snapshot() const {
    const sync::LockGuard lock(parts_->mutex);
    if (auto placed = parts_->place(); !placed) return std::make_unique<RefusingReader>(std::move(placed.error()));
    return parts_->below->snapshot();
}

Expected<void> GatheringStore::write(const Batch& batch, Durability durability) {
    const sync::LockGuard lock(parts_->mutex);
    return parts_->write(batch, durability);
}

Expected<void> GatheringStore::sync() { return parts_->below->sync(); }

Expected<void> GatheringStore::compact(TableId table) {
    const sync::LockGuard lock(parts_->mutex);
    if (auto placed = parts_->place(); !placed) return placed;
    return parts_->below->compact(table);
}

Expected<void> GatheringStore::verify_checksums() { return parts_->below->verify_checksums(); }

std::vector<TableStatistics> GatheringStore::table_statistics() const { return parts_->below->table_statistics(); }

std::vector<Counter> GatheringStore::counters() const {
    auto all = parts_->below->counters();
    const sync::LockGuard lock(parts_->mutex);
    all.push_back({.name = "keys gathered in memory", .value = parts_->gathered_keys});
    all.push_back({.name = "keys put into tables from there", .value = parts_->placed_keys});
    all.push_back({.name = "bytes waiting in memory", .value = parts_->gathered.waiting_bytes()});
    return all;
}

}  // namespace weft::kv
