// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/kv/durable_mark.hpp"

#include "test/util/temporary_folder.hpp"
#include "weft/base/sync.hpp"
#include "weft/kv/rocks_store.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <iterator>
#include <memory>
#include <string>
#include <string_view>

namespace weft::kv {
namespace {

using test::TemporaryFolder;

constexpr TableSpec kSchema[] = {{.name = "first"}, {.name = "second"}};
constexpr uint64_t kMebi = uint64_t{1} << 20U;

bytes to_bytes(std::string_view text) { return {text.begin(), text.end()}; }

std::string content_of(const std::filesystem::path& file) {
    std::ifstream stream(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(stream), {}};
}

void put_content(const std::filesystem::path& file, std::string_view content) { std::ofstream(file, std::ios::binary) << content; }

class ListOfTables : public testing::Test {
  protected:
    ListOfTables() { open(); }

    void open(std::shared_ptr<rocksdb::FileSystem> files = nullptr) {
        auto opened =
            RocksStore::open(folder_.path(), kSchema, {.cache_bytes = kMebi, .write_buffer_bytes = kMebi, .file_system = std::move(files)});
        ASSERT_TRUE(opened) << opened.error().context;
        store_ = *std::move(opened);
    }
    void put(std::string_view key, size_t size, Durability durability = Durability::synced) {
        Batch batch;
        batch.put(0, to_bytes(key), bytes(size, 7));
        ASSERT_TRUE(store_->write(batch, durability));
    }
    /// Of which nothing but the list of tables tells: the log has gone.
    void put_and_flush(std::string_view key) {
        put(key, 5);
        ASSERT_TRUE(store_->flush());
    }
    void close() {
        store_.reset();
        list_ = folder_.path() / current();
        whole_ = content_of(list_);
        ASSERT_GT(whole_.size(), 100U);
    }
    [[nodiscard]] std::string current() const {
        std::string name = content_of(folder_.path() / "CURRENT");
        name.pop_back();
        return name;
    }
    void expect_damage() {
        const auto opened = RocksStore::open(folder_.path(), kSchema, {});
        ASSERT_FALSE(opened);
        EXPECT_EQ(opened.error().kind, ErrorKind::corruption) << opened.error().context;
    }
    void expect_there(std::string_view key) {
        const auto value = store_->get(0, to_bytes(key));
        ASSERT_TRUE(value);
        EXPECT_TRUE(*value) << key;
    }
    [[nodiscard]] TableList noted() const {
        const auto mark = DurableMark::find(rocksdb::FileSystem::Default(), folder_.path());
        EXPECT_TRUE(mark && *mark);
        return (*mark)->content().tables;
    }

    TemporaryFolder folder_;
    std::unique_ptr<RocksStore> store_;
    std::filesystem::path list_;
    std::string whole_;
};

TEST_F(ListOfTables, is_refused_when_it_ends_too_soon_or_is_changed_and_nothing_is_lost) {
    for (const std::string_view key : {"a", "b", "c"}) put_and_flush(key);
    close();
    for (size_t size = 0; size < whole_.size(); ++size) {
        put_content(list_, std::string_view(whole_).substr(0, size));
        expect_damage();
    }
    for (size_t i = 0; i < whole_.size(); ++i) {
        std::string flipped = whole_;
        flipped[i] = static_cast<char>(flipped[i] ^ 1 << i % 8);
        put_content(list_, flipped);
        expect_damage();
    }
    put_content(list_, whole_);
    open();
    for (const std::string_view key : {"a", "b", "c"}) expect_there(key);
}

TEST_F(ListOfTables, is_refused_when_it_is_an_older_one) {
    put_and_flush("a");
    close();
    put_content(folder_.path() / "MANIFEST-000001", whole_);
    put_content(folder_.path() / "CURRENT", "MANIFEST-000001\n");
    expect_damage();
    put_content(folder_.path() / "CURRENT", list_.filename().string() + "\n");
    open();
    expect_there("a");
}

TEST_F(ListOfTables, may_be_one_that_was_begun_and_not_noted_because_the_process_was_killed) {
    put_and_flush("a");
    close();
    const auto mark = folder_.path() / "DURABLE";
    const std::string before = content_of(mark);
    open();
    close();
    put_content(mark, before);
    open();
    expect_there("a");
}

TEST_F(ListOfTables, is_read_by_the_version_of_weft_that_noted_it) {
    close();
    const auto mark = folder_.path() / "DURABLE";
    std::string content = content_of(mark);
    // Both places begin with the version.
    for (const size_t place : {size_t{0}, content.size() / 2}) content[place] = static_cast<char>(content[place] + 1);
    put_content(mark, content);
    const auto opened = RocksStore::open(folder_.path(), kSchema, {});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, ErrorKind::unknown_format) << opened.error().context;
}

TEST_F(ListOfTables, is_noted_at_a_sync_after_tables_were_written_out_beside) {
    const uint64_t before = noted().bytes;
    // Seven eighths of a mebibyte is when tables are written out.
    for (unsigned i = 0; i < 16; ++i) put(std::to_string(i), kMebi / 16, Durability::later);
    constexpr unsigned kMany = 100'000;
    unsigned syncs = 0;
    for (; noted().bytes == before && syncs < kMany; ++syncs) put("again", 1);
    ASSERT_LT(syncs, kMany);
    // Whatever is cut off of what is noted, is missed, though nobody has closed the store.
    const TableList list = noted();
    const TemporaryFolder copy;
    std::filesystem::copy(folder_.path(), copy.path(), std::filesystem::copy_options::recursive);
    std::filesystem::resize_file(copy.path() / current(), list.bytes - 1);
    const auto opened = RocksStore::open(copy.path(), kSchema, {});
    ASSERT_FALSE(opened);
    EXPECT_EQ(opened.error().kind, ErrorKind::corruption);
}

/// A disk that is full for lists of tables from the moment at which a table is finished while another one, which then waits for that, is
/// not.
class FullDisk final : public rocksdb::FileSystemWrapper {
  public:
    /// `waiting`: the number of the table that waits, counted from one.
    explicit FullDisk(unsigned waiting) : FileSystemWrapper(FileSystem::Default()), waiting_(waiting) {}

    const char* Name() const override { return "FullDisk"; }
    rocksdb::IOStatus NewWritableFile(const std::string& path, const rocksdb::FileOptions& options,
                                      std::unique_ptr<rocksdb::FSWritableFile>* file, rocksdb::IODebugContext* context) override {
        auto status = FileSystemWrapper::NewWritableFile(path, options, file, context);
        if (!status.ok()) return status;
        const unsigned table = path.ends_with(".sst") ? tables_.fetch_add(1) + 1 : 0;
        *file = std::make_unique<File>(std::move(*file), *this, table, path.contains("MANIFEST-"));
        return status;
    }

    void await_waiting() const { is_waiting_.wait(false); }
    /// Two lists of tables could not be written.
    void await_failures() const {
        for (uint32_t failures = failures_; failures < 2; failures = failures_) failures_.wait(failures);
    }
    void clear() { is_full_ = false; }

  private:
    class File final : public rocksdb::FSWritableFileOwnerWrapper {
      public:
        File(std::unique_ptr<rocksdb::FSWritableFile> file, FullDisk& disk, unsigned table, bool is_list)
            : FSWritableFileOwnerWrapper(std::move(file)), disk_(disk), table_(table), is_list_(is_list) {}

        rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options, rocksdb::IODebugContext* context) override {
            return is_list_ && disk_.is_full_ ? disk_.fail() : FSWritableFileOwnerWrapper::Append(data, options, context);
        }
        rocksdb::IOStatus Append(const rocksdb::Slice& data, const rocksdb::IOOptions& options,
                                 const rocksdb::DataVerificationInfo& verification, rocksdb::IODebugContext* context) override {
            return is_list_ && disk_.is_full_ ? disk_.fail() : FSWritableFileOwnerWrapper::Append(data, options, verification, context);
        }
        rocksdb::IOStatus Sync(const rocksdb::IOOptions& options, rocksdb::IODebugContext* context) override {
            if (table_ == disk_.waiting_) {
                disk_.is_waiting_ = true;
                disk_.is_waiting_.notify_all();
                disk_.failures_.wait(0);
            } else if (table_ > disk_.waiting_) {
                disk_.is_full_ = true;
            }
            return FSWritableFileOwnerWrapper::Sync(options, context);
        }

      private:
        FullDisk& disk_;
        unsigned table_;
        bool is_list_;
    };

    rocksdb::IOStatus fail() {
        ++failures_;
        failures_.notify_all();
        return rocksdb::IOStatus::NoSpace("the disk is full");
    }

    const unsigned waiting_;
    sync::Atomic<uint32_t> tables_{0};
    sync::Atomic<uint32_t> failures_{0};
    sync::Atomic<bool> is_waiting_{false};
    sync::Atomic<bool> is_full_{false};
};

TEST_F(ListOfTables, that_could_not_be_begun_is_not_noted) {
    close();
    constexpr unsigned kTables = 4;  // of one level: then RocksDB compacts them
    const auto disk = std::make_shared<FullDisk>(kTables + 1);
    open(disk);
    for (unsigned i = 0; i < kTables; ++i) {
        put("z", 1);
        put_and_flush("a");
    }
    disk->await_waiting();
    // Tables are written out beside the compaction. They cannot be listed; nor can, in a list begun anew, what comes of the compaction. One
    // write sets that off, so that none comes after the failure.
    put("large", kMebi / 16 * 15, Durability::later);
    disk->await_failures();
    close();
    disk->clear();
    open();
    expect_there("a");
}

}  // namespace
}  // namespace weft::kv
