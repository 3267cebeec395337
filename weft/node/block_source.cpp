// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/node/block_source.hpp"

#include "weft/base/hex.hpp"
#include "weft/crypto/keccak.hpp"
#include "weft/rlp/decode.hpp"

#include <fmt/format.h>

#include <utility>

namespace weft::node {
namespace {

/// Blocks that are skipped in one piece.
constexpr uint64_t kSkippedAtOnce = 1024;

struct FoundHeader {
    types::Header header;
    hash32 hash;
};

std::expected<FoundHeader, types::DecodeError> header_of(bytes_view encoded_block) {
    const auto broken = [](rlp::Error error) {
        return std::unexpected(types::DecodeError{.rule = types::DecodeRule::Rlp, .rlp = error, .field = "block"});
    };
    auto items = rlp::Decoder(encoded_block).read_list();
    if (!items) return broken(items.error());
    const auto item = items->read_item();
    if (!item) return broken(item.error());
    auto header = types::decode_header(item->encoded);
    if (!header) return std::unexpected(header.error());
    return FoundHeader{.header = *std::move(header), .hash = crypto::keccak256(item->encoded)};
}

}  // namespace

BlockSource::BlockSource(std::vector<std::filesystem::path> files, const db::ChainStore& known, uint64_t head, const chain::ChainSpec& spec)
    : files_(std::move(files)), known_(known), head_(head), spec_(spec), next_number_(head + 1) {}

Result<bool> BlockSource::open_next() {
    if (next_file_ == files_.size()) return false;
    auto reader = chain::ChainFileReader::open(files_[next_file_]);
    if (!reader) return std::unexpected(reader.error());
    reader_.emplace(std::move(*reader));
    ++next_file_;
    return true;
}

std::string BlockSource::place_of(const chain::EncodedBlock& encoded) const {
    return fmt::format("{}, byte {}", files_[next_file_ - 1].string(), encoded.offset);
}

Result<std::optional<SourceItem>> BlockSource::next() {
    SourceItem item;
    while (true) {
        if (!reader_) {
            const auto opened = open_next();
            if (!opened) return std::unexpected(opened.error());
            if (!*opened) return item.skipped > 0 ? std::optional(std::move(item)) : std::nullopt;
        }
        auto encoded = reader_->next();
        if (!encoded) return std::unexpected(encoded.error());
        item.bytes_read = bytes_before_ + reader_->bytes_read();
        if (!*encoded) {
            bytes_before_ = item.bytes_read;
            reader_.reset();
            continue;
        }
        auto seen = look(std::move(**encoded), item);
        if (!seen) return std::unexpected(seen.error());
        if (*seen) return seen;
        if (++item.skipped == kSkippedAtOnce) return item;
    }
}

Result<bool> BlockSource::is_known(uint64_t number, const hash32& hash, const std::string& place) const {
    if (number > head_) return false;
    const auto known = known_.canonical_hash(number);
    if (!known) return fail(known.error().context);
    if (*known == hash) return true;
    if (!*known) return fail(fmt::format("{}: block {} is before the first one of the database", place, number));
    return fail(
        fmt::format("{}: another chain: its block {} is {}, that of the database {}", place, number, to_hex(hash), to_hex(**known)));
}

/// nullopt: the block is known.
Result<std::optional<SourceItem>> BlockSource::look(chain::EncodedBlock encoded, SourceItem item) {
    const std::string place = place_of(encoded);
    const auto found = header_of(encoded.encoded);
    if (!found) return fail(fmt::format("{}: no block: {}", place, types::to_string(found.error())));
    const auto& [header, hash] = *found;
    const auto known = is_known(header.number, hash, place);
    if (!known) return std::unexpected(known.error());
    if (*known) return std::nullopt;
    if (header.number > next_number_)
        return fail(fmt::format("{}: out of order: block {} where block {} is to follow", place, header.number, next_number_));
    if (header.number == next_number_) ++next_number_;

    auto block = types::decode_block(encoded.encoded);
    if (!block) return fail(fmt::format("{}: block {}: {}", place, header.number, types::to_string(block.error())));
    const bool is_merged = header.difficulty.is_zero();
    item.block = SourceBlock{.block = *std::move(block),
                             .hash = hash,
                             .encoded_size = encoded.encoded.size(),
                             .revision = spec_.rules_at(header.number, header.timestamp, is_merged).revision,
                             .place = place};
    return item;
}

}  // namespace weft::node
