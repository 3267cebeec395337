// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/chain/chain_file.hpp"

#include "test/util/temporary_folder.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <csignal>
#include <fstream>
#include <string>
#include <vector>

namespace weft::chain {
namespace {

using testing::HasSubstr;

/// A list of `size` zeros.
bytes list_of(size_t size) {
    bytes list;
    if (size <= 55) {
        list.push_back(static_cast<uint8_t>(0xc0 + size));
    } else {
        list.insert(list.end(), {0xfa, static_cast<uint8_t>(size >> 16), static_cast<uint8_t>(size >> 8), static_cast<uint8_t>(size)});
    }
    list.resize(list.size() + size);
    return list;
}

class ChainFileTest : public testing::Test {
  protected:
    std::filesystem::path write(const std::string& name, const std::vector<bytes>& lists) {
        const auto path = folder.path() / name;
        auto writer = ChainFileWriter::create(path);
        EXPECT_TRUE(writer);
        for (const bytes& list : lists) EXPECT_TRUE(writer->add(list));
        EXPECT_TRUE(writer->finish());
        return path;
    }
    std::filesystem::path write_raw(const std::string& name, const std::string& content) {
        const auto path = folder.path() / name;
        std::ofstream(path, std::ios::binary) << content;
        return path;
    }
    static std::string content_of(const std::filesystem::path& path) {
        std::ifstream file(path, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }
    /// What is read before the end or an error, and the error.
    static std::pair<std::vector<bytes>, std::string> read(const std::filesystem::path& path, size_t max_block = kMaxEncodedBlock) {
        std::vector<bytes> lists;
        auto reader = ChainFileReader::open(path, max_block);
        if (!reader) return {lists, reader.error().message};
        uint64_t offset = 0;
        while (true) {
            auto block = reader->next();
            if (!block) return {lists, block.error().message};
            if (!*block) return {lists, ""};
            EXPECT_EQ((*block)->offset, offset);
            offset += (*block)->encoded.size();
            lists.push_back(std::move((*block)->encoded));
        }
    }

    /// Of the files in the folder.
    std::vector<std::string> names() const {
        std::vector<std::string> all;
        for (const auto& entry : std::filesystem::directory_iterator(folder.path())) all.push_back(entry.path().filename());
        return all;
    }

    test::TemporaryFolder folder;
    const std::vector<bytes> lists{list_of(0), list_of(55), list_of(70'000), list_of(1), list_of(1'000'000)};
};

TEST_F(ChainFileTest, reads_what_was_written) {
    for (const char* name : {"chain.rlp", "chain.rlp.gz"}) {
        const auto [read_lists, error] = read(write(name, lists));
        EXPECT_EQ(error, "");
        EXPECT_EQ(read_lists, lists);
    }
    EXPECT_LT(content_of(folder.path() / "chain.rlp.gz").size(), 10'000U);
}

TEST_F(ChainFileTest, gzip_is_recognised_by_content_and_members_follow_each_other) {
    const std::string compressed = content_of(write("chain.rlp.gz", lists));
    auto twice = lists;
    twice.insert(twice.end(), lists.begin(), lists.end());
    EXPECT_EQ(read(write_raw("twice", compressed + compressed)), std::pair(twice, std::string()));
}

TEST_F(ChainFileTest, every_truncation_is_an_error) {
    const std::vector<bytes> two{list_of(3), list_of(60)};
    const std::string plain = content_of(write("two", two));
    for (size_t size = 0; size < plain.size(); ++size) {
        const auto [read_lists, error] = read(write_raw("cut", plain.substr(0, size)));
        const bool is_whole = size == 0 || size == two[0].size();
        EXPECT_EQ(error.empty(), is_whole) << size;
        if (!is_whole) EXPECT_THAT(error, HasSubstr("the file ends within a block")) << size;
    }
    const std::string compressed = content_of(write("two.gz", two));
    for (size_t size = 2; size < compressed.size(); ++size)
        EXPECT_THAT(read(write_raw("cut", compressed.substr(0, size))).second, HasSubstr("truncated gzip data")) << size;
}

TEST_F(ChainFileTest, what_is_no_block_is_named_with_its_offset) {
    const std::string plain = content_of(write("chain", {list_of(3), list_of(10)}));
    EXPECT_THAT(read(write_raw("garbage", plain + "garbage")).second, HasSubstr("garbage, byte 15: no block begins here"));
    EXPECT_THAT(read(write_raw("long", plain + "\xff\xff\xff\xff\xff\xff\xff\xff\xff")).second, HasSubstr("byte 15: a block of over"));
    EXPECT_THAT(read(write("small", lists), 1'000).second, HasSubstr("byte 57: a block of over 1000 bytes"));
    EXPECT_THAT(read(write_raw("after.gz", content_of(write("one.gz", lists)) + "garbage")).second, HasSubstr("damaged gzip data"));
}

TEST_F(ChainFileTest, files_that_cannot_be_opened) {
    EXPECT_THAT(read(folder.path() / "nowhere").second, HasSubstr("nowhere: No such file"));
    EXPECT_THAT(read(folder.path()).second, HasSubstr("a folder"));
    const auto error_of_creating = [](const std::filesystem::path& path) {
        const auto writer = ChainFileWriter::create(path);
        return writer ? "" : writer.error().message;
    };
    EXPECT_THAT(error_of_creating(folder.path() / "nowhere" / "chain.rlp"), HasSubstr("No such file or directory"));
    EXPECT_THAT(error_of_creating(folder.path()), HasSubstr("something else than a file"));
    EXPECT_THAT(error_of_creating("/dev/null"), HasSubstr("something else than a file"));
}

TEST_F(ChainFileTest, what_is_not_finished_leaves_what_was_there) {
    const auto path = write("chain", {list_of(3)});
    for (const auto& name : {path, folder.path() / "new.gz"}) {
        auto writer = ChainFileWriter::create(name);
        ASSERT_TRUE(writer);
        EXPECT_TRUE(writer->add(list_of(10)));
    }
    EXPECT_EQ(names(), std::vector<std::string>{"chain"});
    EXPECT_EQ(read(path).first, std::vector<bytes>{list_of(3)});
}

TEST_F(ChainFileTest, a_link_leads_to_what_is_replaced) {
    const auto path = write("chain", {list_of(3)});
    std::filesystem::create_symlink("chain", folder.path() / "link");
    write("link", {list_of(10)});
    EXPECT_TRUE(std::filesystem::is_symlink(folder.path() / "link"));
    EXPECT_EQ(read(path).first, std::vector<bytes>{list_of(10)});
}

/// While it lives no file of this process grows beyond so many bytes.
class FileLimit {
  public:
    explicit FileLimit(rlim_t bytes) : handler_(std::signal(SIGXFSZ, SIG_IGN)) {
        getrlimit(RLIMIT_FSIZE, &before_);
        const rlimit limit{.rlim_cur = bytes, .rlim_max = before_.rlim_max};
        EXPECT_EQ(setrlimit(RLIMIT_FSIZE, &limit), 0);
    }
    FileLimit(const FileLimit&) = delete;
    FileLimit& operator=(const FileLimit&) = delete;
    ~FileLimit() {
        setrlimit(RLIMIT_FSIZE, &before_);
        static_cast<void>(std::signal(SIGXFSZ, handler_));
    }

  private:
    rlimit before_{};
    void (*handler_)(int);
};

TEST_F(ChainFileTest, a_disk_that_is_full_leaves_nothing) {
    for (const size_t size : {size_t{10}, size_t{100'000}}) {
        const FileLimit limit(8);
        auto writer = ChainFileWriter::create(folder.path() / "chain");
        ASSERT_TRUE(writer);
        // A short block is only written at the end.
        auto written = writer->add(list_of(size));
        EXPECT_EQ(written.has_value(), size == 10);
        if (written) written = writer->finish();
        ASSERT_FALSE(written);
        EXPECT_THAT(written.error().message, HasSubstr("chain: File too large"));
    }
    EXPECT_THAT(names(), testing::IsEmpty());
}

}  // namespace
}  // namespace weft::chain
