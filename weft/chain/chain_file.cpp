// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/chain/chain_file.hpp"

#include "weft/base/file.hpp"

#include <fmt/format.h>
#include <unistd.h>
#include <zlib.h>

#include <algorithm>
#include <array>
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

std::unexpected<Error> fail_of(const fs::path& path, const Error& error) {
    return fail(fmt::format("{}: {}", path.string(), error.message));
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
    if (!file) return fail_of(path, file.error());
    auto stream = std::make_unique<Stream>(std::move(*file));
    if (const auto begun = stream->begin(); !begun) return fail_of(path, begun.error());
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

/// Where blocks go: into a file, compressed or not. Errors do not name it.
class ChainFileWriter::Stream {
  public:
    Stream(FileHandle file, fs::path path, fs::path unfinished)
        : file_(std::move(file)), path_(std::move(path)), unfinished_(std::move(unfinished)) {}
    Stream(const Stream&) = delete;
    Stream& operator=(const Stream&) = delete;
    ~Stream() {
        if (is_gzip_) deflateEnd(&deflate_);
        std::error_code error;
        if (!is_finished_) fs::remove(unfinished_, error);
    }

    [[nodiscard]] const fs::path& path() const noexcept { return path_; }

    Result<void> begin() {
        if (path_.extension() != ".gz") return {};
        const int status = deflateInit2(&deflate_, Z_DEFAULT_COMPRESSION, Z_DEFLATED, kGzipWindowBits, 8, Z_DEFAULT_STRATEGY);
        if (status != Z_OK) return fail("out of memory");
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
        if (std::fflush(file_.get()) != 0 || ::fsync(::fileno(file_.get())) != 0) return fail_with_errno();
        if (std::fclose(file_.release()) != 0) return fail_with_errno();
        std::error_code error;
        fs::rename(unfinished_, path_, error);
        if (error) return fail(error.message());
        is_finished_ = true;
        return sync_folder(path_.parent_path());
    }

  private:
    Result<void> write_raw(const uint8_t* data, size_t size) {
        if (std::fwrite(data, 1, size, file_.get()) != size) return fail_with_errno();
        return {};
    }

    FileHandle file_;
    fs::path path_;
    fs::path unfinished_;
    bool is_finished_ = false;
    bool is_gzip_ = false;
    z_stream deflate_{};
};

ChainFileWriter::ChainFileWriter(std::unique_ptr<Stream> stream) : stream_(std::move(stream)) {}
ChainFileWriter::ChainFileWriter(ChainFileWriter&&) noexcept = default;
ChainFileWriter& ChainFileWriter::operator=(ChainFileWriter&&) noexcept = default;
ChainFileWriter::~ChainFileWriter() = default;

Result<ChainFileWriter> ChainFileWriter::create(const fs::path& path) {
    std::error_code error;
    const auto there = fs::status(path, error);
    if (fs::exists(there) && !fs::is_regular_file(there)) return fail_of(path, Error{"something else than a file is there"});
    // What a link leads to is replaced, not the link.
    const fs::path target = fs::exists(there) ? fs::canonical(path, error) : path;
    fs::path unfinished = target;
    unfinished += kUnfinishedEnding;
    auto file = open_file(unfinished, "wb");
    if (!file) return fail_of(unfinished, file.error());
    auto stream = std::make_unique<Stream>(std::move(*file), target, std::move(unfinished));
    if (const auto begun = stream->begin(); !begun) return fail_of(path, begun.error());
    return ChainFileWriter(std::move(stream));
}

Result<void> ChainFileWriter::add(bytes_view encoded) {
    const auto written = stream_->write(encoded, Z_NO_FLUSH);
    if (!written) return fail_of(stream_->path(), written.error());
    return {};
}

Result<void> ChainFileWriter::finish() {
    const auto finished = stream_->finish();
    if (!finished) return fail_of(stream_->path(), finished.error());
    return {};
}

}  // namespace weft::chain
