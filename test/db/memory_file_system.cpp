// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "test/db/memory_file_system.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

namespace weft::test {

namespace {

using rocksdb::FileOptions;
using rocksdb::IODebugContext;
using rocksdb::IOOptions;
using rocksdb::IOStatus;
using rocksdb::Slice;

/// "/a//b/" and "/a/b" are one path.
std::string plain(const std::string& path) {
    std::string out;
    for (const char c : path)
        if (c != '/' || out.empty() || out.back() != '/') out.push_back(c);
    if (out.size() > 1 && out.back() == '/') out.pop_back();
    return out;
}

void overwrite(std::string& content, size_t offset, std::string_view data) {
    if (content.size() < offset + data.size()) content.resize(offset + data.size());
    content.replace(offset, data.size(), data);
}

class NoLogger final : public rocksdb::Logger {
  public:
    using rocksdb::Logger::Logv;
    void Logv(const char*, va_list) override {}
};

bool is_log(std::string_view path) { return path.ends_with(".log"); }

IOStatus not_found(const std::string& path) { return IOStatus::PathNotFound(path); }

}  // namespace

IOStatus MemoryFileSystem::Disk::step(Kind kind) {
    ++operations;
    if (fault == Fault::none || operations < fault_at) return IOStatus::OK();
    switch (fault) {
        case Fault::io_error:
            return operations == fault_at ? IOStatus::IOError("planted error") : IOStatus::OK();
        case Fault::disk_full:
            return kind == Kind::write ? IOStatus::NoSpace("planted full disk") : IOStatus::OK();
        default:
            return IOStatus::IOError("the power is off");
    }
}

IOStatus MemoryFileSystem::Disk::write(Content& content, size_t offset, std::string_view data) {
    const sync::LockGuard lock(mutex);
    const IOStatus status = step(Kind::write);
    // What fails may have been done in part, unless there is no power any more.
    if (!status.ok()) data = operations == fault_at ? data.substr(0, data.size() / 2) : data.substr(0, 0);
    if (!data.empty()) {
        overwrite(content.now, offset, data);
        content.unsynced.push_back({.offset = offset, .data = std::string(data)});
    }
    return status;
}

IOStatus MemoryFileSystem::Disk::sync(Content& content, bool writes_log) {
    const sync::LockGuard lock(mutex);
    if (writes_log && content.unsynced.empty()) logs_are_synced_twice = true;
    IOStatus status = step(Kind::other);
    if (status.ok()) {
        content.synced = content.now;
        content.unsynced.clear();
    }
    return status;
}

IOStatus MemoryFileSystem::Disk::sync_names() {
    const sync::LockGuard lock(mutex);
    IOStatus status = step(Kind::other);
    if (status.ok()) {
        durable_names = names;
        unsynced.clear();
    }
    return status;
}

IOStatus MemoryFileSystem::Disk::read(const Content& content, size_t offset, size_t size, Slice* result, char* scratch) {
    const sync::LockGuard lock(mutex);
    *result = Slice();
    if (IOStatus status = step(Kind::read); !status.ok()) return status;
    if (offset >= content.now.size()) return IOStatus::OK();
    size = std::min(size, content.now.size() - offset);
    std::memcpy(scratch, content.now.data() + offset, size);
    *result = Slice(scratch, size);
    return IOStatus::OK();
}

void MemoryFileSystem::Disk::apply(Names& names, const Naming& naming) {
    if (!naming.removed.empty()) names.erase(naming.removed);
    if (!naming.path.empty()) names[naming.path] = naming.content;
}

void MemoryFileSystem::Disk::name(Naming naming) {
    apply(names, naming);
    unsynced.push_back(std::move(naming));
}

std::shared_ptr<MemoryFileSystem::Content> MemoryFileSystem::Disk::find(const std::string& path) const {
    const auto found = names.find(plain(path));
    return found == names.end() ? nullptr : found->second;
}

class MemoryFileSystem::SequentialFile final : public rocksdb::FSSequentialFile {
  public:
    SequentialFile(std::shared_ptr<Disk> disk, std::shared_ptr<Content> content) : disk_(std::move(disk)), content_(std::move(content)) {}

    IOStatus Read(size_t n, const IOOptions&, Slice* result, char* scratch, IODebugContext*) override {
        IOStatus status = disk_->read(*content_, at_, n, result, scratch);
        at_ += result->size();
        return status;
    }
    IOStatus Skip(uint64_t n) override {
        at_ += n;
        return IOStatus::OK();
    }

  private:
    std::shared_ptr<Disk> disk_;
    std::shared_ptr<Content> content_;
    size_t at_ = 0;
};

class MemoryFileSystem::RandomAccessFile final : public rocksdb::FSRandomAccessFile {
  public:
    RandomAccessFile(std::shared_ptr<Disk> disk, std::shared_ptr<Content> content) : disk_(std::move(disk)), content_(std::move(content)) {}

    IOStatus Read(uint64_t offset, size_t n, const IOOptions&, Slice* result, char* scratch, IODebugContext*) const override {
        return disk_->read(*content_, offset, n, result, scratch);
    }

  private:
    std::shared_ptr<Disk> disk_;
    std::shared_ptr<Content> content_;
};

class MemoryFileSystem::WritableFile final : public rocksdb::FSWritableFile {
  public:
    WritableFile(std::shared_ptr<Disk> disk, std::shared_ptr<Content> content, bool is_log)
        : disk_(std::move(disk)), content_(std::move(content)), is_log_(is_log) {}

    using rocksdb::FSWritableFile::Append;
    IOStatus Append(const Slice& data, const IOOptions&, IODebugContext*) override {
        IOStatus status = disk_->write(*content_, size_, {data.data(), data.size()});
        if (status.ok()) size_ += data.size();
        return status;
    }
    IOStatus Truncate(uint64_t size, const IOOptions&, IODebugContext*) override {
        return size == size_ ? IOStatus::OK() : IOStatus::NotSupported("truncate");
    }
    IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
    IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
    IOStatus Sync(const IOOptions&, IODebugContext*) override { return disk_->sync(*content_, is_log_); }
    bool IsSyncThreadSafe() const override { return true; }
    uint64_t GetFileSize(const IOOptions&, IODebugContext*) override { return size_; }

  private:
    std::shared_ptr<Disk> disk_;
    std::shared_ptr<Content> content_;
    bool is_log_;
    size_t size_ = 0;
};

class MemoryFileSystem::RandomRWFile final : public rocksdb::FSRandomRWFile {
  public:
    RandomRWFile(std::shared_ptr<Disk> disk, std::shared_ptr<Content> content) : disk_(std::move(disk)), content_(std::move(content)) {}

    IOStatus Write(uint64_t offset, const Slice& data, const IOOptions&, IODebugContext*) override {
        return disk_->write(*content_, offset, {data.data(), data.size()});
    }
    IOStatus Read(uint64_t offset, size_t n, const IOOptions&, Slice* result, char* scratch, IODebugContext*) const override {
        return disk_->read(*content_, offset, n, result, scratch);
    }
    IOStatus Flush(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }
    IOStatus Sync(const IOOptions&, IODebugContext*) override { return disk_->sync(*content_, false); }
    IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

  private:
    std::shared_ptr<Disk> disk_;
    std::shared_ptr<Content> content_;
};

class MemoryFileSystem::Directory final : public rocksdb::FSDirectory {
  public:
    explicit Directory(std::shared_ptr<Disk> disk) : disk_(std::move(disk)) {}
    IOStatus Fsync(const IOOptions&, IODebugContext*) override { return disk_->sync_names(); }
    IOStatus Close(const IOOptions&, IODebugContext*) override { return IOStatus::OK(); }

  private:
    std::shared_ptr<Disk> disk_;
};

class MemoryFileSystem::Lock final : public rocksdb::FileLock {
  public:
    explicit Lock(std::string path) : path_(std::move(path)) {}
    [[nodiscard]] const std::string& path() const { return path_; }

  private:
    std::string path_;
};

void MemoryFileSystem::arm(Fault fault, uint64_t operation) {
    const sync::LockGuard lock(disk_->mutex);
    disk_->fault = fault;
    disk_->fault_at = operation;
    disk_->operations = 0;
}

uint64_t MemoryFileSystem::operations() const {
    const sync::LockGuard lock(disk_->mutex);
    return disk_->operations;
}

bool MemoryFileSystem::logs_may_have_holes() const {
    const sync::LockGuard lock(disk_->mutex);
    return disk_->logs_may_have_holes;
}

bool MemoryFileSystem::logs_are_synced_twice() const {
    const sync::LockGuard lock(disk_->mutex);
    return disk_->logs_are_synced_twice;
}

std::shared_ptr<MemoryFileSystem> MemoryFileSystem::after_kill() const {
    const sync::LockGuard lock(disk_->mutex);
    auto next = std::make_shared<MemoryFileSystem>();
    next->disk_->folders = disk_->folders;
    // One content may have two names.
    std::map<const Content*, std::shared_ptr<Content>> copies;
    const auto copy = [&](Names& to, const Names& from) {
        for (const auto& [path, content] : from) {
            auto& copied = copies[content.get()];
            if (!copied) copied = std::make_shared<Content>(*content);
            to.emplace(path, copied);
        }
    };
    copy(next->disk_->names, disk_->names);
    copy(next->disk_->durable_names, disk_->durable_names);
    for (const Naming& naming : disk_->unsynced) {
        auto& copied = copies[naming.content.get()];
        if (!copied && naming.content) copied = std::make_shared<Content>(*naming.content);
        next->disk_->unsynced.push_back({.path = naming.path, .content = copied, .removed = naming.removed});
    }
    return next;
}

/// Of what was appended and not synced a beginning is left: no file system that keeps data in order before sizes shows holes, and RocksDB
/// relies on that. Of what was written elsewhere any part is.
std::string MemoryFileSystem::what_is_left(const Content& content, Random& random) {
    std::string left = content.synced;
    size_t end = left.size();
    const bool is_appended = std::ranges::all_of(
        content.unsynced, [&](const Write& write) { return std::exchange(end, write.offset + write.data.size()) == write.offset; });
    const size_t kept = is_appended ? random.below(content.unsynced.size() + 1) : content.unsynced.size();
    for (size_t i = 0; i < kept; ++i) {
        const Write& write = content.unsynced[i];
        if (!is_appended && random.chance(40)) continue;
        std::string_view data = write.data;
        if (random.chance(30) && (!is_appended || i + 1 == kept)) data = data.substr(0, random.below(data.size() + 1));
        overwrite(left, write.offset, data);
    }
    return left;
}

std::shared_ptr<MemoryFileSystem> MemoryFileSystem::after_power_cut(uint64_t seed) const {
    const sync::LockGuard lock(disk_->mutex);
    Random random(seed);
    Names names = disk_->durable_names;
    const uint64_t kept = random.below(disk_->unsynced.size() + 1);
    for (uint64_t i = 0; i < kept; ++i) Disk::apply(names, disk_->unsynced[i]);

    auto next = std::make_shared<MemoryFileSystem>();
    next->disk_->folders = disk_->folders;
    for (const auto& [path, content] : names) {
        std::string left = what_is_left(*content, random);
        next->disk_->names[path] = std::make_shared<Content>(Content{.now = left, .synced = left, .unsynced = {}});
    }
    next->disk_->durable_names = next->disk_->names;
    return next;
}

std::map<std::string, size_t> MemoryFileSystem::files() const {
    const sync::LockGuard lock(disk_->mutex);
    std::map<std::string, size_t> sizes;
    for (const auto& [path, content] : disk_->names) sizes.emplace(path, content->now.size());
    return sizes;
}

void MemoryFileSystem::flip(const std::string& path, size_t offset, uint8_t mask) {
    const sync::LockGuard lock(disk_->mutex);
    std::string& content = disk_->find(path)->now;
    content.at(offset) = static_cast<char>(content.at(offset) ^ mask);
}

void MemoryFileSystem::cut(const std::string& path, size_t size) {
    const sync::LockGuard lock(disk_->mutex);
    disk_->find(path)->now.resize(size);
}

IOStatus MemoryFileSystem::NewSequentialFile(const std::string& path, const FileOptions&, std::unique_ptr<rocksdb::FSSequentialFile>* file,
                                             IODebugContext*) {
    const sync::LockGuard lock(disk_->mutex);
    if (IOStatus status = disk_->step(Disk::Kind::read); !status.ok()) return status;
    auto content = disk_->find(path);
    if (!content) return not_found(path);
    *file = std::make_unique<SequentialFile>(disk_, std::move(content));
    return IOStatus::OK();
}

IOStatus MemoryFileSystem::NewRandomAccessFile(const std::string& path, const FileOptions&,
                                               std::unique_ptr<rocksdb::FSRandomAccessFile>* file, IODebugContext*) {
    const sync::LockGuard lock(disk_->mutex);
    if (IOStatus status = disk_->step(Disk::Kind::read); !status.ok()) return status;
    auto content = disk_->find(path);
    if (!content) return not_found(path);
    *file = std::make_unique<RandomAccessFile>(disk_, std::move(content));
    return IOStatus::OK();
}

IOStatus MemoryFileSystem::NewWritableFile(const std::string& path, const FileOptions&, std::unique_ptr<rocksdb::FSWritableFile>* file,
                                           IODebugContext*) {
    const sync::LockGuard lock(disk_->mutex);
    if (IOStatus status = disk_->step(Disk::Kind::write); !status.ok()) return status;
    if (is_log(path) &&
        std::ranges::any_of(disk_->names, [](const auto& other) { return is_log(other.first) && !other.second->unsynced.empty(); }))
        disk_->logs_may_have_holes = true;
    auto content = std::make_shared<Content>();
    disk_->name({.path = plain(path), .content = content});
    *file = std::make_unique<WritableFile>(disk_, std::move(content), is_log(path));
    return IOStatus::OK();
}

IOStatus MemoryFileSystem::NewRandomRWFile(const std::string& path, const FileOptions&, std::unique_ptr<rocksdb::FSRandomRWFile>* file,
                                           IODebugContext*) {
    const sync::LockGuard lock(disk_->mutex);
    if (IOStatus status = disk_->step(Disk::Kind::read); !status.ok()) return status;
    auto content = disk_->find(path);
    if (!content) return not_found(path);
    *file = std::make_unique<RandomRWFile>(disk_, std::move(content));
    return IOStatus::OK();
}

IOStatus MemoryFileSystem::NewDirectory(const std::string&, const IOOptions&, std::unique_ptr<rocksdb::FSDirectory>* directory,
                                        IODebugContext*) {
    *directory = std::make_unique<Directory>(disk_);
    return IOStatus::OK();
}

IOStatus MemoryFileSystem::FileExists(const std::string& path, const IOOptions&, IODebugContext*) {
    const sync::LockGuard lock(disk_->mutex);
    return disk_->find(path) || disk_->folders.contains(plain(path)) ? IOStatus::OK() : IOStatus::NotFound(path);
}

IOStatus MemoryFileSystem::GetChildren(const std::string& path, const IOOptions&, std::vector<std::string>* children, IODebugContext*) {
    const sync::LockGuard lock(disk_->mutex);
    children->clear();
    const std::string prefix = plain(path) + "/";
    if (!disk_->folders.contains(plain(path))) return IOStatus::NotFound(path);
    for (const auto& [name, content] : disk_->names)
        if (name.starts_with(prefix) && name.find('/', prefix.size()) == std::string::npos) children->push_back(name.substr(prefix.size()));
    return IOStatus::OK();
}

IOStatus MemoryFileSystem::DeleteFile(const std::string& path, const IOOptions&, IODebugContext*) {
    const sync::LockGuard lock(disk_->mutex);
    if (IOStatus status = disk_->step(Disk::Kind::other); !status.ok()) return status;
    if (!disk_->find(path)) return not_found(path);
    disk_->name({.path = {}, .content = nullptr, .removed = plain(path)});
    return IOStatus::OK();
}

// Folders survive at once: what is tested lies in one that was there before.
IOStatus MemoryFileSystem::CreateDir(const std::string& path, const IOOptions& options, IODebugContext* context) {
    return CreateDirIfMissing(path, options, context);
}

IOStatus MemoryFileSystem::CreateDirIfMissing(const std::string& path, const IOOptions&, IODebugContext*) {
    const sync::LockGuard lock(disk_->mutex);
    disk_->folders.insert(plain(path));
    return IOStatus::OK();
}

IOStatus MemoryFileSystem::DeleteDir(const std::string& path, const IOOptions&, IODebugContext*) {
    const sync::LockGuard lock(disk_->mutex);
    disk_->folders.erase(plain(path));
    return IOStatus::OK();
}

IOStatus MemoryFileSystem::GetFileSize(const std::string& path, const IOOptions&, uint64_t* size, IODebugContext*) {
    const sync::LockGuard lock(disk_->mutex);
    const auto content = disk_->find(path);
    if (!content) return not_found(path);
    *size = content->now.size();
    return IOStatus::OK();
}

IOStatus MemoryFileSystem::GetFileModificationTime(const std::string&, const IOOptions&, uint64_t* time, IODebugContext*) {
    *time = 0;
    return IOStatus::OK();
}

IOStatus MemoryFileSystem::RenameFile(const std::string& from, const std::string& to, const IOOptions&, IODebugContext*) {
    const sync::LockGuard lock(disk_->mutex);
    if (IOStatus status = disk_->step(Disk::Kind::other); !status.ok()) return status;
    auto content = disk_->find(from);
    if (!content) return not_found(from);
    disk_->name({.path = plain(to), .content = std::move(content), .removed = plain(from)});
    return IOStatus::OK();
}

IOStatus MemoryFileSystem::LockFile(const std::string& path, const IOOptions&, rocksdb::FileLock** file_lock, IODebugContext*) {
    const sync::LockGuard lock(disk_->mutex);
    if (!disk_->locks.insert(plain(path)).second) return IOStatus::IOError(path, "is locked");
    *file_lock = new Lock(plain(path));
    return IOStatus::OK();
}

IOStatus MemoryFileSystem::UnlockFile(rocksdb::FileLock* file_lock, const IOOptions&, IODebugContext*) {
    const sync::LockGuard lock(disk_->mutex);
    disk_->locks.erase(static_cast<Lock*>(file_lock)->path());
    delete static_cast<Lock*>(file_lock);
    return IOStatus::OK();
}

IOStatus MemoryFileSystem::GetTestDirectory(const IOOptions&, std::string* path, IODebugContext*) {
    *path = "/test";
    return IOStatus::OK();
}

IOStatus MemoryFileSystem::NewLogger(const std::string&, const IOOptions&, std::shared_ptr<rocksdb::Logger>* logger, IODebugContext*) {
    *logger = std::make_shared<NoLogger>();
    return IOStatus::OK();
}

IOStatus MemoryFileSystem::GetAbsolutePath(const std::string& path, const IOOptions&, std::string* absolute, IODebugContext*) {
    *absolute = path;
    return IOStatus::OK();
}

IOStatus MemoryFileSystem::IsDirectory(const std::string& path, const IOOptions&, bool* is, IODebugContext*) {
    const sync::LockGuard lock(disk_->mutex);
    *is = disk_->folders.contains(plain(path));
    return IOStatus::OK();
}

}  // namespace weft::test
