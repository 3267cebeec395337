// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/random.hpp"
#include "weft/base/sync.hpp"

#include <rocksdb/file_system.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace weft::test {

/// A disk in memory that knows what was synced, and that fails on demand.
///
/// What is written to a file is certain once the file is synced; that a file has a name, or has it no more, once its folder is. When the
/// power is cut, of the writes since the last sync some are there, some are not, and some are there in part; of the changes of names the
/// first few are there.
///
/// Thread safety: any thread may call any member.
class MemoryFileSystem final : public rocksdb::FileSystem {
  public:
    enum class Fault : uint8_t {
        none,
        io_error,   ///< one operation fails; a write may be done in part
        disk_full,  ///< from the operation on nothing can be written that takes space
        power_cut,  ///< from the operation on nothing works
    };

    MemoryFileSystem() : disk_(std::make_shared<Disk>()) {}

    /// Lets the operation number `operation`, counted from now, from 1, be the first that fails.
    void arm(Fault fault, uint64_t operation);
    /// Operations since arm().
    [[nodiscard]] uint64_t operations() const;
    /// Whether a log (`*.log`) began while the end of another one was not synced: a power cut could leave a hole between the two.
    [[nodiscard]] bool logs_may_have_holes() const;
    /// Whether a log was synced by who writes it though nothing had come to it since the last time.
    [[nodiscard]] bool logs_are_synced_twice() const;
    /// The files as another process sees them once this one is gone.
    [[nodiscard]] std::shared_ptr<MemoryFileSystem> after_kill() const;
    /// The files as they are after the power was cut.
    [[nodiscard]] std::shared_ptr<MemoryFileSystem> after_power_cut(uint64_t seed) const;

    /// The paths of all files, and their sizes.
    [[nodiscard]] std::map<std::string, size_t> files() const;
    void flip(const std::string& path, size_t offset, uint8_t mask);
    void cut(const std::string& path, size_t size);

    const char* Name() const override { return "memory"; }
    rocksdb::IOStatus NewSequentialFile(const std::string&, const rocksdb::FileOptions&, std::unique_ptr<rocksdb::FSSequentialFile>*,
                                        rocksdb::IODebugContext*) override;
    rocksdb::IOStatus NewRandomAccessFile(const std::string&, const rocksdb::FileOptions&, std::unique_ptr<rocksdb::FSRandomAccessFile>*,
                                          rocksdb::IODebugContext*) override;
    rocksdb::IOStatus NewWritableFile(const std::string&, const rocksdb::FileOptions&, std::unique_ptr<rocksdb::FSWritableFile>*,
                                      rocksdb::IODebugContext*) override;
    rocksdb::IOStatus NewRandomRWFile(const std::string&, const rocksdb::FileOptions&, std::unique_ptr<rocksdb::FSRandomRWFile>*,
                                      rocksdb::IODebugContext*) override;
    rocksdb::IOStatus NewDirectory(const std::string&, const rocksdb::IOOptions&, std::unique_ptr<rocksdb::FSDirectory>*,
                                   rocksdb::IODebugContext*) override;
    rocksdb::IOStatus FileExists(const std::string&, const rocksdb::IOOptions&, rocksdb::IODebugContext*) override;
    rocksdb::IOStatus GetChildren(const std::string&, const rocksdb::IOOptions&, std::vector<std::string>*,
                                  rocksdb::IODebugContext*) override;
    rocksdb::IOStatus DeleteFile(const std::string&, const rocksdb::IOOptions&, rocksdb::IODebugContext*) override;
    rocksdb::IOStatus CreateDir(const std::string&, const rocksdb::IOOptions&, rocksdb::IODebugContext*) override;
    rocksdb::IOStatus CreateDirIfMissing(const std::string&, const rocksdb::IOOptions&, rocksdb::IODebugContext*) override;
    rocksdb::IOStatus DeleteDir(const std::string&, const rocksdb::IOOptions&, rocksdb::IODebugContext*) override;
    rocksdb::IOStatus GetFileSize(const std::string&, const rocksdb::IOOptions&, uint64_t*, rocksdb::IODebugContext*) override;
    rocksdb::IOStatus GetFileModificationTime(const std::string&, const rocksdb::IOOptions&, uint64_t*, rocksdb::IODebugContext*) override;
    rocksdb::IOStatus RenameFile(const std::string&, const std::string&, const rocksdb::IOOptions&, rocksdb::IODebugContext*) override;
    rocksdb::IOStatus LockFile(const std::string&, const rocksdb::IOOptions&, rocksdb::FileLock**, rocksdb::IODebugContext*) override;
    rocksdb::IOStatus UnlockFile(rocksdb::FileLock*, const rocksdb::IOOptions&, rocksdb::IODebugContext*) override;
    rocksdb::IOStatus GetTestDirectory(const rocksdb::IOOptions&, std::string*, rocksdb::IODebugContext*) override;
    rocksdb::IOStatus NewLogger(const std::string&, const rocksdb::IOOptions&, std::shared_ptr<rocksdb::Logger>*,
                                rocksdb::IODebugContext*) override;
    rocksdb::IOStatus GetAbsolutePath(const std::string&, const rocksdb::IOOptions&, std::string*, rocksdb::IODebugContext*) override;
    rocksdb::IOStatus IsDirectory(const std::string&, const rocksdb::IOOptions&, bool*, rocksdb::IODebugContext*) override;

  private:
    struct Write {
        size_t offset;
        std::string data;
    };
    struct Content {
        std::string now;
        std::string synced;
        std::vector<Write> unsynced;
    };
    [[nodiscard]] static std::string what_is_left(const Content& content, Random& random);
    /// A name that something was put under (or nothing any more), and one that was taken away in the same step.
    struct Naming {
        std::string path;
        std::shared_ptr<Content> content;
        std::string removed{};
    };
    using Names = std::map<std::string, std::shared_ptr<Content>>;

    /// What the files opened here share; they may outlive the file system.
    struct Disk {
        enum class Kind : uint8_t { read, write, other };

        mutable sync::Mutex mutex;
        Names names;                   // all guarded by mutex
        Names durable_names;           // names as of the last sync of a folder
        std::vector<Naming> unsynced;  // what has become of them since
        std::set<std::string> folders;
        std::set<std::string> locks;
        Fault fault = Fault::none;
        uint64_t fault_at = 0;
        uint64_t operations = 0;
        bool logs_may_have_holes = false;
        bool logs_are_synced_twice = false;

        /// Counts an operation; how it ends.
        rocksdb::IOStatus step(Kind kind);
        rocksdb::IOStatus write(Content& content, size_t offset, std::string_view data);
        rocksdb::IOStatus sync(Content& content, bool writes_log);
        rocksdb::IOStatus sync_names();
        rocksdb::IOStatus read(const Content& content, size_t offset, size_t size, rocksdb::Slice* result, char* scratch);
        void name(Naming naming);
        static void apply(Names& names, const Naming& naming);
        std::shared_ptr<Content> find(const std::string& path) const;
    };
    class SequentialFile;
    class RandomAccessFile;
    class WritableFile;
    class RandomRWFile;
    class Directory;
    class Lock;

    std::shared_ptr<Disk> disk_;
};

}  // namespace weft::test
