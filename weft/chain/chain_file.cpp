// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/chain/chain_file.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstdio>
#include <cstring>
#include <string_view>
#include <system_error>
#include <utility>

namespace weft::chain {
namespace {

namespace fs = std::filesystem;

constexpr size_t kBuffer = size_t{1} << 18;
/// zlib: window of 32 KiB, and the gzip format.
constexpr int kGzipWindowBits = 15 + 16;

struct CloseFile {
    void operator()(std::FILE* file) const noexcept { std::fclose(file); }
};
using FileHandle = std::unique_ptr<std::FILE, CloseFile>;

Result<FileHandle> open_file(const fs::path& path, const char* mode) {
    std::error_code error;
    if (fs::is_directory(path, error)) return fail(fmt::format("{}: a folder where a file is expected", path.string()));
    FileHandle file(std::fopen(path.c_str(), mode));
    if (!file) return fail(fmt::format("{}: {}", path.string(), std::strerror(errno)));
    return file;
}

/// A list's first byte and the bytes of its length, given the first: 0xc0 to 0xf7 say the length themselves.
size_t head_size(uint8_t first) noexcept { return first <= 0xf7 ? 1 : 1 + (first - 0xf7); }

}  // namespace

/// The bytes of a file, decompressed.
class ChainFileReader::Stream {
  public:
    explicit Stream(FileHandle file) : file_(std::move(file)), raw_(kBuffer) {}
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream() {
        if (is_gzip_) inflateEnd(&inflate_);
    }

    /// Finds out whether the file is compressed. Error: it cannot be read.
    Result<void> begin() {
        if (const auto filled = refill(); !filled) return filled;
        is_gzip_ = available_ >= 2 && next_[0] == 0x1f && next_[1] == 0x8b;
        if (is_gzip_ && inflateInit2(&inflate_, kGzipWindowBits) != Z_OK) return fail("out of memory");
        return {};
    }

    /// Appends up to `size` bytes; fewer only at the end.
    Result<size_t> read(uint8_t* to, size_t size) { return is_gzip_ ? read_gzip(to, size) : read_plain(to, size); }

    [[nodiscard]] uint64_t bytes_read() const noexcept { return bytes_read_ - available_; }

  private:
    Result<void> refill() {
        available_ = std::fread(raw_.data(), 1, raw_.size(), file_.get());
        if (std::ferror(file_.get()) != 0) return fail("cannot be read to its end");
        next_ = raw_.data();
        bytes_read_ += available_;
        return {};
    }

    Result<size_t> read_plain(uint8_t* to, size_t size) {
        size_t done = 0;
        while (done < size) {
            if (available_ == 0) {
                if (const auto filled = refill(); !filled) return std::unexpected(filled.error());
                if (available_ == 0) break;
            }
            const size_t count = std::min(size - done, available_);
            std::memcpy(to + done, next_, count);
            next_ += count;
            available_ -= count;
            done += count;
        }
        return done;
    }

    Result<size_t> read_gzip(uint8_t* to, size_t size) {
        inflate_.next_out = to;
        inflate_.avail_out = static_cast<uInt>(size);
        while (inflate_.avail_out > 0) {
            if (available_ == 0) {
                if (const auto filled = refill(); !filled) return std::unexpected(filled.error());
                if (available_ == 0) break;
            }
            if (member_ended_) {
                inflateReset(&inflate_);
                member_ended_ = false;
            }
            inflate_.next_in = const_cast<Bytef*>(next_);
            inflate_.avail_in = static_cast<uInt>(available_);
            const int status = inflate(&inflate_, Z_NO_FLUSH);
            next_ += available_ - inflate_.avail_in;
            available_ = inflate_.avail_in;
            if (status == Z_STREAM_END)
                member_ended_ = true;
            else if (status != Z_OK && status != Z_BUF_ERROR)
                return fail("damaged gzip data");
        }
        if (inflate_.avail_out > 0 && !member_ended_) return fail("truncated gzip data");
        return size - inflate_.avail_out;
    }

    FileHandle file_;
    bytes raw_;
    const uint8_t* next_ = nullptr;
    size_t available_ = 0;
    uint64_t bytes_read_ = 0;
    bool is_gzip_ = false;
    bool member_ended_ = false;
    z_stream inflate_{};
};

ChainFileReader::ChainFileReader(fs::path path, std::unique_ptr<Stream> stream, size_t max_block)
    : path_(std::move(path)), stream_(std::move(stream)), max_block_(max_block) {}
ChainFileReader::ChainFileReader(ChainFileReader&&) noexcept = default;
ChainFileReader& ChainFileReader::operator=(ChainFileReader&&) noexcept = default;
ChainFileReader::~ChainFileReader() = default;

Result<ChainFileReader> ChainFileReader::open(const fs::path& path, size_t max_block) {
    auto file = open_file(path, "rb");
    if (!file) return std::unexpected(file.error());
    auto stream = std::make_unique<Stream>(std::move(*file));
    if (const auto begun = stream->begin(); !begun) return fail(fmt::format("{}: {}", path.string(), begun.error().message));
    return ChainFileReader(path, std::move(stream), max_block);
}

uint64_t ChainFileReader::bytes_read() const noexcept { return stream_->bytes_read(); }

std::unexpected<Error> ChainFileReader::fail_at(uint64_t offset, std::string_view what) const {
    return fail(fmt::format("{}, byte {}: {}", path_.string(), offset, what));
}

Result<bool> ChainFileReader::fill(bytes& buffer, size_t size) {
    const size_t before = buffer.size();
    buffer.resize(size);
    const auto count = stream_->read(buffer.data() + before, size - before);
    if (!count) return fail_at(offset_, count.error().message);
    buffer.resize(before + *count);
    return buffer.size() == size;
}

Result<std::optional<EncodedBlock>> ChainFileReader::next() {
    EncodedBlock block{.encoded = {}, .offset = offset_};
    auto filled = fill(block.encoded, 1);
    if (!filled) return std::unexpected(filled.error());
    if (!*filled) return std::nullopt;
    const uint8_t first = block.encoded[0];
    if (first < 0xc0) return fail_at(offset_, "no block begins here: not an RLP list");

    const size_t head = head_size(first);
    filled = fill(block.encoded, head);
    if (!filled) return std::unexpected(filled.error());
    if (!*filled) return fail_at(offset_, "the file ends within a block");
    uint64_t payload = first <= 0xf7 ? first - 0xc0U : 0;
    for (size_t i = 1; i < head; ++i) payload = payload << 8 | block.encoded[i];
    if (payload > max_block_) return fail_at(offset_, fmt::format("a block of over {} bytes", max_block_));

    filled = fill(block.encoded, head + payload);
    if (!filled) return std::unexpected(filled.error());
    if (!*filled) return fail_at(offset_, "the file ends within a block");
    offset_ += block.encoded.size();
    return block;
}

/// Where blocks go: into a file, compressed or not.
class ChainFileWriter::Stream {
  public:
    Stream(FileHandle file, fs::path path) : file_(std::move(file)), path_(std::move(path)) {}
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream() {
        if (is_gzip_) deflateEnd(&deflate_);
    }

    Result<void> begin() {
        if (path_.extension() != ".gz") return {};
        const int status = deflateInit2(&deflate_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindowBits, 8, Z_DEFAULT_STRATEGY);
        if (status != Z_OK) return fail(fmt::format("{}: out of memory", path_.string()));
        is_gzip_ = true;
        return {};
    }

    Result<void> write(bytes_view data, int flush) {
        if (!is_gzip_) return write_raw(data.data(), data.size());
        std::array<uint8_t, kBuffer / 4> out;
        deflate_.next_in = const_cast<Bytef*>(data.data());
        deflate_.avail_in = static_cast<uInt>(data.size());
        do {
            deflate_.next_out = out.data();
            deflate_.avail_out = static_cast<uInt>(out.size());
            deflate(&deflate_, flush);
            if (const auto written = write_raw(out.data(), out.size() - deflate_.avail_out); !written) return written;
        } while (deflate_.avail_out == 0);
        return {};
    }

    Result<void> finish() {
        if (is_gzip_)
            if (const auto written = write({}, Z_FINISH); !written) return written;
        std::FILE* const file = file_.release();
        if (std::fclose(file) != 0) return fail_with_errno();
        return {};
    }

  private:
    [[nodiscard]] std::unexpected<Error> fail_with_errno() const {
        return fail(fmt::format("{}: {}", path_.string(), std::strerror(errno)));
    }
    Result<void> write_raw(const uint8_t* data, size_t size) {
        if (std::fwrite(data, 1, size, file_.get()) != size) return fail_with_errno();
        return {};
    }

    FileHandle file_;
    fs::path path_;
    bool is_gzip_ = false;
    z_stream deflate_{};
};

ChainFileWriter::ChainFileWriter(std::unique_ptr<Stream> stream) : stream_(std::move(stream)) {}
ChainFileWriter::ChainFileWriter(ChainFileWriter&&) noexcept = default;
ChainFileWriter& ChainFileWriter::operator=(ChainFileWriter&&) noexcept = default;
ChainFileWriter::~ChainFileWriter() = default;

Result<ChainFileWriter> ChainFileWriter::create(const fs::path& path) {
    auto file = open_file(path, "wb");
    if (!file) return std::unexpected(file.error());
    auto stream = std::make_unique<Stream>(std::move(*file), path);
    if (const auto begun = stream->begin(); !begun) return std::unexpected(begun.error());
    return ChainFileWriter(std::move(stream));
}

Result<void> ChainFileWriter::add(bytes_view encoded) { return stream_->write(encoded, Z_NO_FLUSH); }

Result<void> ChainFileWriter::finish() { return stream_->finish(); }

}  // namespace weft::chain
