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

/// Room for what stands before an entry of the journal.
constexpr size_t kJournalKeyBytes = 64;

/// The journal may have so many times the bytes that wait, where the same keys are written again and again.
constexpr uint64_t kJournalShare = 4;

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
    std::unique_ptr<Store> below;
    std::vector<TableSpec> schema;
    GatheringOptions options;
    GatheredWrites gathered;  // find() asks for no lock, all else for the mutex
    sync::Mutex mutex;
    Batch below_batch;             // guarded by mutex; the memory stays for the next one
    uint64_t first_entry = 0;      // guarded by mutex
    uint64_t next_entry = 0;       // guarded by mutex
    uint64_t journal_bytes = 0;    // guarded by mutex
    uint64_t gathered_keys = 0;    // guarded by mutex; since the store is open
    uint64_t placed_keys = 0;      // guarded by mutex; since the store is open
    std::optional<Error> failure;  // guarded by mutex

    [[nodiscard]] bool is_gathered(TableId table) const { return schema.at(table).is_gathered; }
    [[nodiscard]] bool is_derived(TableId table) const { return schema.at(table).is_derived; }
    [[nodiscard]] bool is_in_journal(TableId table) const { return is_gathered(table) && !is_derived(table); }

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
            journal_bytes += cursor->value().size();
        }
    }

    /// An entry of the journal. False: it is damaged.
    [[nodiscard]] bool take_over(bytes_view entry) {
        bool is_right = true;
        const bool is_whole = Batch::read_changes(entry, [&](const Batch::Change& change) {
            is_right =
                is_right && change.table < schema.size() && is_in_journal(change.table) && change.action != Batch::Action::erase_range;
            if (is_right) gathered.set(change);
        });
        return is_whole && is_right;
    }

    /// While the mutex is held: whether there is something that waits.
    [[nodiscard]] bool has_waiting() const { return first_entry != next_entry; }

    /// While the mutex is held: puts into the tables what waits.
    [[nodiscard]] Expected<void> place() {
        if (failure) return refuse();
        if (!has_waiting()) return {};
        Unfinished unfinished(failure);
        Batch batch;
        const auto add = [&](const GatheredWrites::Entry& entry) {
            if (entry.is_erased)
                batch.erase(entry.table, entry.key());
            else
                batch.put(entry.table, entry.key(), entry.value());
            ++placed_keys;
        };
        const std::vector<const GatheredWrites::Entry*> waiting = gathered.waiting();
        for (const GatheredWrites::Entry* entry : waiting) {
            if (is_derived(entry->table)) continue;
            add(*entry);
            if (batch.size_in_bytes() < options.bytes_at_once) continue;
            if (auto written = below->write(batch, Durability::later); !written) return unfinished.fail(std::move(written));
            batch.clear();
        }
        // These are not in the journal: all of them or none, and the journal has what they can be made of until they are there.
        for (const GatheredWrites::Entry* entry : waiting)
            if (is_derived(entry->table)) add(*entry);
        for (uint64_t number = first_entry; number != next_entry; ++number) batch.erase(options.journal, journal_key(number));
        if (auto written = below->write(batch, Durability::later); !written) return unfinished.fail(std::move(written));
        first_entry = next_entry;
        journal_bytes = 0;
        gathered.note_placed();
        unfinished.end();
        return {};
    }

    [[nodiscard]] bool is_gathered_range(const Batch::Change& change) const {
        return change.action == Batch::Action::erase_range && is_gathered(change.table);
    }

    /// While the mutex is held: the batch with every key that is there in the place of erased ranges.
    [[nodiscard]] Expected<Batch> with_single_keys(const Batch& batch) const {
        const std::vector<const GatheredWrites::Entry*> known = gathered.in_ranges(batch);
        Batch single;
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
                     known, [&](const auto* entry) { return is_before(entry->table, entry->key(), change.table, change.key); });
                 at != known.end() && is_in_range((*at)->table, (*at)->key()); ++at)
                erasures.erase(change.table, (*at)->key());
            const auto cursor = below->walk({.table = change.table,
                                             .from = {change.key.begin(), change.key.end()},
                                             .to = {change.second.begin(), change.second.end()},
                                             .passing = true});
            auto more = cursor->next();
            for (; more && *more; more = cursor->next()) erasures.erase(change.table, cursor->key());
            if (!more) error = std::move(more.error());
            erasures.for_each([&](const Batch::Change& erasure) { single.add(erasure); });
        });
        if (error) return std::unexpected(*std::move(error));
        return single;
    }

    /// While the mutex is held: what would not fit into the memory goes to its places at once.
    [[nodiscard]] Expected<void> write_through(const Batch& batch, Durability durability) {
        if (auto placed = place(); !placed) return placed;
        gathered.clear();
        return below->write(batch, durability);
    }

    /// While the mutex is held.
    [[nodiscard]] Expected<void> write(const Batch& batch, Durability durability) {
        if (failure) return refuse();
        if (batch.wants_places() || batch.size_in_bytes() > options.buffer_bytes) return write_through(batch, durability);
        bool has_range = false;
        batch.for_each([&](const Batch::Change& change) { has_range = has_range || is_gathered_range(change); });
        if (has_range) {
            const auto single = with_single_keys(batch);
            if (!single) return std::unexpected(single.error());
            return write(*single, durability);
        }
        below_batch.clear();
        size_t derived_bytes = 0;
        batch.for_each([&](const Batch::Change& change) {
            if (is_derived(change.table)) derived_bytes += change.encoded.size();
        });
        below_batch.reserve(batch.size_in_bytes() - derived_bytes + kJournalKeyBytes);
        batch.for_each([&](const Batch::Change& change) {
            if (!is_gathered(change.table)) below_batch.add(change);
        });
        const size_t direct_bytes = below_batch.size_in_bytes();
        const bool has_gathered = direct_bytes != batch.size_in_bytes();
        if (has_gathered) below_batch.put(options.journal, journal_key(next_entry), {});
        // Changes that lie one behind the other are copied together.
        bytes_view run;
        batch.for_each([&](const Batch::Change& change) {
            if (!is_in_journal(change.table)) return;
            if (run.data() + run.size() != change.encoded.data()) below_batch.extend_value(std::exchange(run, change.encoded.first(0)));
            run = {run.data(), run.size() + change.encoded.size()};
        });
        if (has_gathered) below_batch.extend_value(run);
        Unfinished unfinished(failure);
        if (auto written = below->write(below_batch, durability); !written) {
            // It has not changed, or refuses everything from now on by itself.
            unfinished.end();
            return written;
        }
        if (has_gathered) ++next_entry;
        journal_bytes += below_batch.size_in_bytes() - direct_bytes;
        batch.for_each([&](const Batch::Change& change) {
            if (!is_gathered(change.table)) return;
            gathered.set(change);
            ++gathered_keys;
        });
        unfinished.end();
        const bool is_full = gathered.waiting_bytes() > options.buffer_bytes || journal_bytes > kJournalShare * options.buffer_bytes;
        // The batch is written whatever comes of this: an error is one of the next write.
        if (is_full) (void)place();
        return {};
    }
};

GatheringStore::GatheringStore(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}

GatheringStore::~GatheringStore() {
    const sync::LockGuard lock(parts_->mutex);
    try {
        (void)parts_->place();
    } catch (const std::exception&) {  // NOLINT(bugprone-empty-catch)
        // What a library throws changes nothing: the journal has it.
    }
}

Expected<std::unique_ptr<GatheringStore>> GatheringStore::open(std::unique_ptr<Store> below, std::span<const TableSpec> schema,
                                                               const GatheringOptions& options) {
    auto parts = std::make_unique<Parts>();
    parts->below = std::move(below);
    parts->schema.assign(schema.begin(), schema.end());
    parts->options = options;
    if (const auto read = parts->read_journal(); !read) return std::unexpected(read.error());
    return std::unique_ptr<GatheringStore>(new GatheringStore(std::move(parts)));
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
