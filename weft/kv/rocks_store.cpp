// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/kv/rocks_store.hpp"

#include "weft/base/hash.hpp"
#include "weft/base/sync.hpp"
#include "weft/kv/durable_mark.hpp"
#include "weft/kv/rocks_options.hpp"
#include "weft/kv/rocks_status.hpp"

#include <fcntl.h>
#include <fmt/format.h>
#include <rocksdb/convenience.h>
#include <rocksdb/db.h>
#include <rocksdb/env.h>
#include <rocksdb/statistics.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <charconv>
#include <new>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>

namespace weft::kv {

namespace {

rocksdb::Slice slice(bytes_view view) { return {reinterpret_cast<const char*>(view.data()), view.size()}; }
bytes_view view(const rocksdb::Slice& slice) { return {reinterpret_cast<const uint8_t*>(slice.data()), slice.size()}; }

/// Files that RocksDB only has once CURRENT, which says what the store consists of, is there.
bool is_data_file(std::string_view name) { return name.ends_with(".sst") || name.ends_with(".log") || name == "DURABLE"; }

Error error_of(ErrorKind kind, std::string context) { return {.kind = kind, .context = std::move(context)}; }

/// Whether there is a store in the folder. An error where there are remains of one.
Expected<bool> is_store(rocksdb::FileSystem& files, const std::string& folder) {
    if (files.FileExists(folder + "/CURRENT", {}, nullptr).ok()) return true;
    std::vector<std::string> names;
    if (!files.GetChildren(folder, {}, &names, nullptr).ok()) return false;
    const auto found = std::ranges::find_if(names, is_data_file);
    if (found == names.end()) return false;
    return std::unexpected(error_of(ErrorKind::corruption, fmt::format("{}: there is {}, but CURRENT is missing", folder, *found)));
}

/// What keeps this process from using a folder of the real file system, in the words of the system. Asked beforehand, since of what goes
/// wrong later RocksDB does not say whether something is damaged, missing or forbidden.
Expected<void> check_usable(const std::filesystem::path& folder, bool create) {
    const auto obstacle = [](const std::filesystem::path& at, const std::string& what) {
        return std::unexpected(error_of(ErrorKind::unusable, fmt::format("{}: {}", at.string(), what)));
    };
    std::error_code error;
    std::filesystem::path there;
    std::filesystem::path at;
    for (const auto& part : std::filesystem::absolute(folder, error).lexically_normal()) {
        at /= part;
        const auto status = std::filesystem::status(at, error);
        if (status.type() == std::filesystem::file_type::not_found) break;
        if (error) return obstacle(at, error.message());
        if (!std::filesystem::is_directory(status)) return obstacle(at, "a file where a folder is expected");
        there = at;
    }
    if (at != there && !create) return {};
    const auto lock = folder / "LOCK";
    if (::faccessat(AT_FDCWD, there.c_str(), (at == there ? R_OK : 0) | W_OK | X_OK, AT_EACCESS) != 0)
        return obstacle(there, std::generic_category().message(errno));
    if (::faccessat(AT_FDCWD, lock.c_str(), R_OK | W_OK, AT_EACCESS) != 0 && errno != ENOENT)
        return obstacle(lock, std::generic_category().message(errno));
    return {};
}

/// Creates the folder so that it survives a crash, and looks whether somebody else has the store open. RocksDB takes the lock itself,
/// but only after it has moved aside the log for people that the other process writes.
Expected<void> prepare_folder(rocksdb::FileSystem& files, const std::filesystem::path& folder) {
    std::error_code error;
    const std::filesystem::path whole = std::filesystem::absolute(folder, error).lexically_normal();
    auto status = rocksdb::IOStatus::OK();
    std::filesystem::path at;
    for (const auto& part : whole) {
        const std::filesystem::path parent = at;
        at /= part;
        if (part.empty() || files.FileExists(at.string(), {}, nullptr).ok()) continue;
        std::unique_ptr<rocksdb::FSDirectory> directory;
        if (status.ok()) status = files.CreateDirIfMissing(at.string(), {}, nullptr);
        if (status.ok()) status = files.NewDirectory(parent.string(), {}, &directory, nullptr);
        if (status.ok()) status = directory->Fsync({}, nullptr);
    }
    if (status.IsNoSpace()) return failed(status, fmt::format("creating {}", folder.string()));
    if (!status.ok())
        return std::unexpected(error_of(ErrorKind::unusable, fmt::format("{} cannot be created ({})", folder.string(), status.ToString())));
    rocksdb::FileLock* lock = nullptr;
    const auto locked = files.LockFile((folder / "LOCK").string(), {}, &lock, nullptr);
    if (locked.ok()) status = files.UnlockFile(lock, {}, nullptr);
    if (locked.ok() && status.ok()) return {};
    if (locked.IsNoSpace()) return failed(locked, fmt::format("locking {}", folder.string()));
    return std::unexpected(error_of(ErrorKind::locked, fmt::format("{}: {} ({})", folder.string(), to_string(ErrorKind::locked),
                                                                   locked.ok() ? status.ToString() : locked.ToString())));
}

/// Syncs the logs of a process that was killed. Reading them, RocksDB puts their batches into files of each table: if the power went then,
/// some tables would have a batch that the unsynced log has lost for the others.
Expected<void> sync_logs(rocksdb::FileSystem& files, const std::string& folder) {
    std::vector<std::string> names;
    rocksdb::IOStatus status = files.GetChildren(folder, {}, &names, nullptr);
    for (const std::string& name : names) {
        if (!status.ok() || !name.ends_with(".log")) continue;
        std::unique_ptr<rocksdb::FSRandomRWFile> log;
        status = files.NewRandomRWFile(folder + "/" + name, {}, &log, nullptr);
        if (status.ok()) status = log->Fsync({}, nullptr);
    }
    std::unique_ptr<rocksdb::FSDirectory> directory;
    if (status.ok()) status = files.NewDirectory(folder, {}, &directory, nullptr);
    if (status.ok()) status = directory->Fsync({}, nullptr);
    if (!status.ok()) return failed(status, fmt::format("syncing the logs of {}", folder));
    return {};
}

/// An error if the store has tables that are not in the schema.
Expected<void> check_tables(const rocksdb::DBOptions& options, const std::string& folder, std::span<const TableSpec> schema) {
    std::vector<std::string> names;
    const auto status = rocksdb::DB::ListColumnFamilies(options, folder, &names);
    if (!status.ok()) return failed(status, fmt::format("opening {}", folder));
    for (const std::string& name : names) {
        if (name == rocksdb::kDefaultColumnFamilyName || std::ranges::find(schema, name, &TableSpec::name) != schema.end()) continue;
        return std::unexpected(error_of(ErrorKind::unknown_format, fmt::format("{}: table {} is not known", folder, name)));
    }
    return {};
}

constexpr std::string_view kList = "MANIFEST-";

uint64_t hash_of_list(std::string_view list) noexcept {
    constexpr uint64_t kSeed = 0x776566742d6c6973;
    return keyed_hash(list.data(), list.size(), kSeed);
}

/// The name of the list of tables that RocksDB would read.
Expected<std::string> name_of_list(rocksdb::FileSystem& files, const std::string& folder) {
    std::string name;
    const auto status = rocksdb::ReadFileToString(&files, folder + "/CURRENT", &name);
    if (!status.ok()) return failed(status, fmt::format("reading {}/CURRENT", folder));
    if (name.ends_with('\n')) name.pop_back();
    return name;
}

/// nullopt: it is no name of a list of tables.
std::optional<uint64_t> number_of_list(std::string_view name) {
    if (!name.starts_with(kList)) return std::nullopt;
    name.remove_prefix(kList.size());
    uint64_t number = 0;
    const auto [end, error] = std::from_chars(name.data(), name.data() + name.size(), number);
    return error == std::errc{} && end == name.data() + name.size() ? std::optional(number) : std::nullopt;
}

/// An error if the list of tables is not, or does not begin with, what was synced. RocksDB would take a beginning of it for all of it, and
/// delete what comes later.
Expected<void> check_list(rocksdb::FileSystem& files, const std::string& folder, const TableList& known) {
    if (known.number == 0) return {};
    const auto damaged = [&](const std::string& what) {
        return std::unexpected(error_of(ErrorKind::corruption, fmt::format("{}: {}", folder, what)));
    };
    const auto name = name_of_list(files, folder);
    if (!name) return std::unexpected(name.error());
    const auto number = number_of_list(*name);
    if (!number || *number < known.number)
        return damaged(fmt::format("CURRENT names '{}', which is not the list of tables that was synced", *name));
    // Begun since, and not noted yet.
    if (*number > known.number) return {};
    std::string list;
    const auto status = rocksdb::ReadFileToString(&files, folder + "/" + *name, &list);
    if (!status.ok()) return failed(status, fmt::format("reading {}/{}", folder, *name));
    if (list.size() < known.bytes)
        return damaged(fmt::format("{} is damaged, of {} bytes only {} are there", *name, known.bytes, list.size()));
    if (hash_of_list(std::string_view(list).substr(0, known.bytes)) != known.hash) return damaged(fmt::format("{} is damaged", *name));
    return {};
}

/// The list of tables as far as it is synced; nullopt: that is not known now. RocksDB may have begun another one in the meantime; and after
/// a write that failed it counts from zero, or names one that it could not begin.
std::optional<TableList> list_of(rocksdb::DB& db, rocksdb::FileSystem& files, const std::string& folder) {
    std::vector<std::string> names;
    uint64_t size = 0;
    if (!db.GetLiveFiles(names, &size, false).ok() || size == 0) return std::nullopt;
    const auto name = name_of_list(files, folder);
    if (!name || std::ranges::find(names, "/" + *name) == names.end()) return std::nullopt;
    const auto number = number_of_list(*name);
    std::string list;
    if (!number || !rocksdb::ReadFileToString(&files, folder + "/" + *name, &list).ok() || list.size() < size) return std::nullopt;
    list.resize(size);
    return TableList{.number = *number, .bytes = size, .hash = hash_of_list(list)};
}

/// The mark of a store that is open now and has changes up to `sequence`. An error if it has less than what was durable.
Expected<DurableMark> mark_of(const std::shared_ptr<rocksdb::FileSystem>& files, const std::string& folder,
                              std::optional<DurableMark> found, uint64_t sequence) {
    if (!found && sequence == 0) return DurableMark::create(files, folder, {});
    if (!found)
        return std::unexpected(error_of(ErrorKind::corruption, fmt::format("{} is missing or damaged", DurableMark::path_in(folder))));
    const uint64_t durable = found->content().sequence;
    if (durable <= sequence) return *std::move(found);
    return std::unexpected(error_of(
        ErrorKind::corruption, fmt::format("{}: the log is damaged, of {} synced changes only {} can be read", folder, durable, sequence)));
}

}  // namespace

/// Invariant: `mark` says no more than what log and list of tables had when they were last synced.
struct RocksStore::Parts {
    std::string folder;
    std::vector<TableSpec> schema;
    uint64_t write_buffer_bytes = 0;
    std::shared_ptr<rocksdb::FileSystem> file_system;
    std::unique_ptr<rocksdb::Env> env;
    std::shared_ptr<rocksdb::Cache> cache;
    std::shared_ptr<rocksdb::Statistics> statistics;
    std::unique_ptr<rocksdb::DB> db;
    std::vector<rocksdb::ColumnFamilyHandle*> handles;  // of the tables, in the order of the schema; the default one comes last
    sync::Mutex write_mutex;
    std::optional<rocksdb::WriteBatch> changes;  // guarded by write_mutex; the memory stays for the next one
    std::optional<DurableMark> mark;             // guarded by write_mutex
    bool is_list_noted = true;                   // guarded by write_mutex; false: tables were written out since
    std::optional<Error> failure;                // guarded by write_mutex; of an earlier write
    sync::Atomic<bool> has_failed{false};

    ~Parts() {
        if (!db) return;
        // What goes on in the background adds to the list of tables.
        rocksdb::CancelAllBackgroundWork(db.get(), true);
        try {
            if (mark && !failure) (void)note_list(mark->content().sequence);
        } catch (const std::bad_alloc&) {  // NOLINT(bugprone-empty-catch)
            // The mark says what it said before.
        }
        for (auto* handle : handles) (void)db->DestroyColumnFamilyHandle(handle);
        (void)db->Close();
    }

    [[nodiscard]] rocksdb::ColumnFamilyHandle* handle(TableId table) const { return handles.at(table); }
    [[nodiscard]] std::string table_name(TableId table) const { return fmt::format("{}, table {}", folder, schema.at(table).name); }

    /// While write_mutex is held: an empty batch with room for what another one has.
    [[nodiscard]] rocksdb::WriteBatch& changes_for(const Batch& batch) {
        constexpr size_t kLarge = size_t{8} << 20U;
        if (changes && std::max(changes->Data().capacity(), batch.size_in_bytes()) <= kLarge)
            changes->Clear();
        else
            changes.emplace(batch.size_in_bytes(), 0, write_options(Durability::later).protection_bytes_per_key, 0);
        return *changes;
    }

    /// Remembers an error of a write, and answers with it from now on.
    Expected<void> fail(Expected<void> result) {
        if (!result) {
            failure = result.error();
            has_failed = true;
        }
        return result;
    }
    /// While write_mutex is held, after a failure.
    [[nodiscard]] std::unexpected<Error> refuse() const {
        return std::unexpected(error_of(failure->kind, fmt::format("refused after an earlier failure: {}", failure->context)));
    }
    /// For readers of what is there now: whether the batch that failed is among it, nobody knows.
    [[nodiscard]] Expected<void> check_readable() {
        if (!has_failed) return {};
        const sync::LockGuard lock(write_mutex);
        return refuse();
    }

    /// While write_mutex is held: erases the keys of a range that are there, or were put by the batch before. RocksDB's own deletion of
    /// ranges is not for us: where a read fails, its iterators over files with such deletions free memory twice, and forget the error
    /// (github.com/facebook/rocksdb, 12805 and 11786; RocksDB 7.8).
    [[nodiscard]] rocksdb::Status erase_range(rocksdb::WriteBatch& changes, const Batch& batch, const Batch::Change& range) const {
        auto* const table = handle(range.table);
        rocksdb::Status status;
        batch.for_each([&](const Batch::Change& change) {
            // What was added earlier lies before it in memory.
            const bool is_earlier = change.action == Batch::Action::put && change.key.data() < range.key.data();
            if (!is_earlier || change.table != range.table || !status.ok()) return;
            const rocksdb::Slice key = slice(change.key);
            if (key.compare(slice(range.key)) >= 0 && key.compare(slice(range.second)) < 0) status = changes.Delete(table, key);
        });
        rocksdb::ReadOptions options = read_options();
        const rocksdb::Slice end = slice(range.second);
        options.iterate_upper_bound = &end;
        options.fill_cache = false;
        const std::unique_ptr<rocksdb::Iterator> found(db->NewIterator(options, table));
        for (found->Seek(slice(range.key)); status.ok() && found->Valid(); found->Next()) status = changes.Delete(table, found->key());
        return status.ok() ? found->status() : status;
    }

    /// While write_mutex is held, when the log is synced up to there.
    Expected<void> set_mark(uint64_t sequence) {
        if (!is_list_noted && !is_writing_out()) return note_list(sequence);
        return fail(mark->set({.sequence = sequence, .tables = mark->content().tables}));
    }
    /// The same, and lets the mark say what the list of tables is now, if that is known. Compactions go on adding to it, which changes
    /// nothing of what there is.
    Expected<void> note_list(uint64_t sequence) {
        const bool is_complete = !is_writing_out();
        const auto list = list_of(*db, *file_system, folder);
        is_list_noted = list && is_complete;
        return fail(mark->set({.sequence = sequence, .tables = list.value_or(mark->content().tables)}));
    }
    [[nodiscard]] bool is_writing_out() const {
        uint64_t pending = 0;
        uint64_t running = 0;
        return !db->GetAggregatedIntProperty(rocksdb::DB::Properties::kMemTableFlushPending, &pending) ||
               !db->GetIntProperty(rocksdb::DB::Properties::kNumRunningFlushes, &running) || pending + running != 0;
    }
    /// While write_mutex is held: what was written so far is there after a crash, and the mark says so.
    Expected<void> sync() {
        // By a write of nothing, after which RocksDB knows the log as synced. Not by FlushWAL: RocksDB then syncs a log once more when the
        // next one has begun, for each table that is written out, and if that fails for one, the others run into an assertion (RocksDB
        // 7.8; the assertion is that of github.com/facebook/rocksdb, 12448).
        const uint64_t sequence = db->GetLatestSequenceNumber();
        rocksdb::WriteBatch nothing;
        const auto status = db->Write(write_options(Durability::synced), &nothing);
        if (!status.ok()) return fail(failed(status, fmt::format("syncing the log of {}", folder)));
        return set_mark(sequence);
    }
    /// While write_mutex is held: lets the tables be written from memory to files, and a new log begin. The log before is synced first: if
    /// the power went before that, its end could be lost and the beginning of the new one be there, a history with a hole, which RocksDB
    /// does not notice. So nothing else may begin a log: the options leave all of that to this place.
    Expected<void> write_out(std::span<rocksdb::ColumnFamilyHandle* const> tables, bool wait) {
        if (auto synced = sync(); !synced) return synced;
        rocksdb::FlushOptions options;
        options.wait = wait;
        const auto status = db->Flush(options, {tables.begin(), tables.end()});
        if (!status.ok()) return fail(failed(status, fmt::format("writing tables of {}", folder)));
        is_list_noted = false;
        return wait ? note_list(mark->content().sequence) : Expected<void>();
    }
    /// While write_mutex is held: writes the tables out if they have grown too large for the memory.
    Expected<void> limit_memory() {
        uint64_t used = 0;
        if (!db->GetAggregatedIntProperty(rocksdb::DB::Properties::kCurSizeActiveMemTable, &used)) return {};
        if (used < write_buffer_bytes - write_buffer_bytes / 8) return {};
        return write_out(handles, false);
    }
};

class RocksStore::Walk final : public Cursor {
  public:
    Walk(Parts& parts, Range range, const rocksdb::Snapshot* snapshot)
        : parts_(parts),
          sees_the_present_(snapshot == nullptr),
          range_(std::move(range)),
          end_(slice(range_.to)),
          place_(parts.table_name(range_.table)) {
        rocksdb::ReadOptions options = read_options();
        options.snapshot = snapshot;
        options.fill_cache = !range_.passing;
        options.total_order_seek = true;
        if (range_.passing) options.readahead_size = size_t{1} << 20U;
        if (!range_.to.empty()) options.iterate_upper_bound = &end_;
        iterator_.reset(parts.db->NewIterator(options, parts.handle(range_.table)));
    }

    Expected<bool> next() override {
        if (sees_the_present_)
            if (const auto readable = parts_.check_readable(); !readable) return std::unexpected(readable.error());
        if (!std::exchange(started_, true))
            iterator_->Seek(slice(range_.from));
        else
            iterator_->Next();
        if (iterator_->Valid()) return true;
        if (!iterator_->status().ok()) return failed(iterator_->status(), fmt::format("walking over {}", place_));
        return false;
    }
    bytes_view key() const override { return view(iterator_->key()); }
    bytes_view value() const override { return view(iterator_->value()); }

  private:
    Parts& parts_;
    bool sees_the_present_;
    Range range_;
    rocksdb::Slice end_;
    std::string place_;
    std::unique_ptr<rocksdb::Iterator> iterator_;
    bool started_ = false;
};

class RocksStore::Snapshot final : public Reader {
  public:
    explicit Snapshot(Parts& parts) : parts_(parts), snapshot_(parts.db->GetSnapshot()) {}
    ~Snapshot() override { parts_.db->ReleaseSnapshot(snapshot_); }

    Expected<std::optional<bytes>> get(TableId table, bytes_view key) const override { return read(parts_, table, key, snapshot_); }
    std::unique_ptr<Cursor> walk(Range range) const override { return std::make_unique<Walk>(parts_, std::move(range), snapshot_); }

    static Expected<std::optional<bytes>> read(const Parts& parts, TableId table, bytes_view key, const rocksdb::Snapshot* snapshot) {
        rocksdb::ReadOptions options = read_options();
        options.snapshot = snapshot;
        rocksdb::PinnableSlice value;
        const auto status = parts.db->Get(options, parts.handle(table), slice(key), &value);
        if (status.IsNotFound()) return std::nullopt;
        if (!status.ok()) return failed(status, fmt::format("reading {}", parts.table_name(table)));
        const bytes_view found = view(value);
        return bytes(found.begin(), found.end());
    }

  private:
    Parts& parts_;
    const rocksdb::Snapshot* snapshot_;
};

RocksStore::RocksStore(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
RocksStore::~RocksStore() = default;

Expected<std::unique_ptr<RocksStore>> RocksStore::open(const std::filesystem::path& folder, std::span<const TableSpec> schema,
                                                       const RocksOptions& options) {
    auto parts = std::make_unique<Parts>();
    parts->folder = folder.string();
    parts->schema.assign(schema.begin(), schema.end());
    parts->write_buffer_bytes = options.write_buffer_bytes;
    parts->file_system = options.file_system ? options.file_system : rocksdb::FileSystem::Default();
    parts->env = rocksdb::NewCompositeEnv(parts->file_system);
    parts->cache = rocksdb::NewLRUCache(options.cache_bytes);

    if (!options.file_system)
        if (const auto usable = check_usable(folder, options.create); !usable) return std::unexpected(usable.error());
    const auto there = is_store(*parts->file_system, parts->folder);
    if (!there) return std::unexpected(there.error());
    if (!*there && !options.create)
        return std::unexpected(error_of(ErrorKind::absent, fmt::format("{}: there is no store", parts->folder)));
    if (const auto prepared = prepare_folder(*parts->file_system, folder); !prepared) return std::unexpected(prepared.error());

    rocksdb::DBOptions db_options = database_options(options);
    db_options.env = parts->env.get();
    parts->statistics = db_options.statistics;
    auto found = DurableMark::find(parts->file_system, parts->folder);
    if (!found) return std::unexpected(std::move(found.error()));
    if (*there) {
        if (*found)
            if (const auto whole = check_list(*parts->file_system, parts->folder, (*found)->content().tables); !whole)
                return std::unexpected(whole.error());
        if (const auto known = check_tables(db_options, parts->folder, schema); !known) return std::unexpected(known.error());
        if (const auto synced = sync_logs(*parts->file_system, parts->folder); !synced) return std::unexpected(synced.error());
    }

    std::vector<rocksdb::ColumnFamilyDescriptor> descriptors;
    for (const TableSpec& spec : schema) descriptors.emplace_back(std::string(spec.name), table_options(spec, options, parts->cache));
    descriptors.emplace_back(rocksdb::kDefaultColumnFamilyName, table_options({}, options, parts->cache));
    rocksdb::DB* db = nullptr;
    const auto opened = rocksdb::DB::Open(db_options, parts->folder, descriptors, &parts->handles, &db);
    if (!opened.ok()) return failed(opened, fmt::format("opening {}", parts->folder));
    parts->db.reset(db);

    auto mark = mark_of(parts->file_system, parts->folder, *std::move(found), db->GetLatestSequenceNumber());
    if (!mark) return std::unexpected(std::move(mark.error()));
    parts->mark.emplace(std::move(*mark));
    if (const auto noted = parts->note_list(parts->mark->content().sequence); !noted) return std::unexpected(noted.error());
    return std::unique_ptr<RocksStore>(new RocksStore(std::move(parts)));
}

Expected<std::optional<bytes>> RocksStore::get(TableId table, bytes_view key) const {
    auto value = Snapshot::read(*parts_, table, key, nullptr);
    // Asked afterwards: a batch that failed meanwhile may have been seen.
    if (const auto readable = parts_->check_readable(); !readable) return std::unexpected(readable.error());
    return value;
}

std::unique_ptr<Cursor> RocksStore::walk(Range range) const { return std::make_unique<Walk>(*parts_, std::move(range), nullptr); }

std::unique_ptr<Reader> RocksStore::snapshot() const { return std::make_unique<Snapshot>(*parts_); }

Expected<void> RocksStore::write(const Batch& batch, Durability durability) {
    const sync::LockGuard lock(parts_->write_mutex);
    if (parts_->failure) return parts_->refuse();
    rocksdb::WriteBatch& changes = parts_->changes_for(batch);
    rocksdb::Status status;
    batch.for_each([&](const Batch::Change& change) {
        if (!status.ok()) return;
        auto* handle = parts_->handle(change.table);
        switch (change.action) {
            case Batch::Action::put:
                status = changes.Put(handle, slice(change.key), slice(change.second));
                break;
            case Batch::Action::erase:
                status = changes.Delete(handle, slice(change.key));
                break;
            case Batch::Action::erase_range:
                status = parts_->erase_range(changes, batch, change);
                break;
        }
    });
    // Nothing is written yet, so that the store goes on.
    if (!status.ok()) return failed(status, fmt::format("preparing a write to {}", parts_->folder));
    status = parts_->db->Write(write_options(durability), &changes);
    if (!status.ok()) return parts_->fail(failed(status, fmt::format("writing to {}", parts_->folder)));
    if (durability == Durability::synced)
        if (auto marked = parts_->set_mark(parts_->db->GetLatestSequenceNumber()); !marked) return marked;
    return parts_->limit_memory();
}

Expected<void> RocksStore::sync() {
    const sync::LockGuard lock(parts_->write_mutex);
    if (parts_->failure) return parts_->refuse();
    return parts_->sync();
}

Expected<void> RocksStore::flush() {
    const sync::LockGuard lock(parts_->write_mutex);
    if (parts_->failure) return parts_->refuse();
    return parts_->write_out(parts_->handles, true);
}

Expected<void> RocksStore::compact(TableId table) {
    // The lock is kept to the end, since compaction would write out by itself what came into memory meanwhile.
    const sync::LockGuard lock(parts_->write_mutex);
    if (parts_->failure) return parts_->refuse();
    if (auto written = parts_->write_out(std::span(parts_->handles).subspan(table, 1), true); !written) return written;
    const auto status = parts_->db->CompactRange({}, parts_->handle(table), nullptr, nullptr);
    if (!status.ok()) return failed(status, fmt::format("compacting {}", parts_->table_name(table)));
    return {};
}

Expected<void> RocksStore::verify_checksums() {
    const auto status = parts_->db->VerifyChecksum(read_options());
    if (!status.ok()) return failed(status, fmt::format("checking {}", parts_->folder));
    return {};
}

std::vector<TableStatistics> RocksStore::table_statistics() const {
    std::vector<TableStatistics> all;
    for (size_t i = 0; i < parts_->schema.size(); ++i) {
        const auto property = [&](const std::string& name) {
            uint64_t value = 0;
            return parts_->db->GetIntProperty(parts_->handles[i], name, &value) ? value : 0;
        };
        all.push_back({.name = std::string(parts_->schema[i].name),
                       .keys = property(rocksdb::DB::Properties::kEstimateNumKeys),
                       .disk_bytes = property(rocksdb::DB::Properties::kTotalSstFilesSize),
                       .memory_bytes = property(rocksdb::DB::Properties::kCurSizeAllMemTables)});
    }
    return all;
}

std::vector<Counter> RocksStore::counters() const {
    const auto ticker = [this](rocksdb::Tickers which) { return parts_->statistics->getTickerCount(which); };
    return {{.name = "block cache hits", .value = ticker(rocksdb::BLOCK_CACHE_HIT)},
            {.name = "block cache misses", .value = ticker(rocksdb::BLOCK_CACHE_MISS)},
            {.name = "block cache bytes", .value = parts_->cache->GetUsage()},
            {.name = "reads avoided by filters", .value = ticker(rocksdb::BLOOM_FILTER_USEFUL)},
            {.name = "bytes written", .value = ticker(rocksdb::BYTES_WRITTEN)},
            {.name = "bytes of the log", .value = ticker(rocksdb::WAL_FILE_BYTES)},
            {.name = "syncs of the log", .value = ticker(rocksdb::WAL_FILE_SYNCED)},
            {.name = "bytes written by compaction", .value = ticker(rocksdb::COMPACT_WRITE_BYTES)},
            {.name = "microseconds of stalled writes", .value = ticker(rocksdb::STALL_MICROS)}};
}

}  // namespace weft::kv
