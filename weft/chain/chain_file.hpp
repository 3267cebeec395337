// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/result.hpp"

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string_view>

/// Files of blocks: the RLP of one block after the other and nothing else, as it is or as gzip (RFC 1952).
namespace weft::chain {

/// Of the RLP of one block. Ten times what EIP-7934 allows.
inline constexpr size_t kMaxEncodedBlock = size_t{100} << 20;

/// The RLP of a block, as far as it has been looked at: a list.
struct EncodedBlock {
    bytes encoded;
    /// Where it begins, in bytes after decompression.
    uint64_t offset = 0;
};

/// Reads such a file block by block. No more than one block and a few buffers are in memory.
///
/// Thread safety: none.
class ChainFileReader {
  public:
    /// What is gzip is recognised by its content.
    [[nodiscard]] static Result<ChainFileReader> open(const std::filesystem::path& path, size_t max_block = kMaxEncodedBlock);
    ChainFileReader(ChainFileReader&&) noexcept;
    ChainFileReader& operator=(ChainFileReader&&) noexcept;
    ~ChainFileReader();

    /// nullopt: the file has ended, behind a whole block. Errors name file and offset: no list where a block is to begin, a block longer
    /// than `max_block`, the end within a block or within the compressed data, damaged compressed data, a failure to read.
    [[nodiscard]] Result<std::optional<EncodedBlock>> next();

    /// Bytes of the file that were read, as they are on the disk: a measure of progress.
    [[nodiscard]] uint64_t bytes_read() const noexcept;

  private:
    class Stream;

    ChainFileReader(std::filesystem::path path, std::unique_ptr<Stream> stream, size_t max_block);
    /// Reads until `buffer` has `size` bytes; false: the file ends before.
    [[nodiscard]] Result<bool> fill(bytes& buffer, size_t size);
    [[nodiscard]] std::unexpected<Error> fail_at(uint64_t offset, std::string_view what) const;

    std::filesystem::path path_;
    std::unique_ptr<Stream> stream_;
    size_t max_block_;
    uint64_t offset_ = 0;
};

/// Writes such a file. Until finish() it lies beside its place under the name with kUnfinishedEnding, so that what has the name is whole.
/// Without finish(), or when that fails, nothing is left, and what was there before stays.
///
/// Thread safety: none.
class ChainFileWriter {
  public:
    static constexpr std::string_view kUnfinishedEnding = ".unfinished";

    /// Compressed when the name ends in .gz. An existing file will be replaced, anything else is an error.
    [[nodiscard]] static Result<ChainFileWriter> create(const std::filesystem::path& path);
    ChainFileWriter(ChainFileWriter&&) noexcept;
    ChainFileWriter& operator=(ChainFileWriter&&) noexcept;
    ~ChainFileWriter();

    [[nodiscard]] Result<void> add(bytes_view encoded);
    /// Once it returns, the file has its name and is durable.
    [[nodiscard]] Result<void> finish();

  private:
    class Stream;

    explicit ChainFileWriter(std::unique_ptr<Stream> stream);

    std::unique_ptr<Stream> stream_;
};

}  // namespace weft::chain
