// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/assert.hpp"
#include "weft/chain/genesis.hpp"

#include <fmt/format.h>
#include <zlib.h>

#include <algorithm>
#include <iterator>
#include <string>

/// What builtin_genesis.S includes: genesis files without `config`, compressed (RFC 1952).
extern "C" {
extern const uint8_t weft_genesis_mainnet[];
extern const uint8_t weft_genesis_mainnet_end[];
extern const uint8_t weft_genesis_sepolia[];
extern const uint8_t weft_genesis_sepolia_end[];
extern const uint8_t weft_genesis_holesky[];
extern const uint8_t weft_genesis_holesky_end[];
extern const uint8_t weft_genesis_hoodi[];
extern const uint8_t weft_genesis_hoodi_end[];
}

namespace weft::chain {
namespace {

constexpr std::string_view kNames[] = {"mainnet", "sepolia", "holesky", "hoodi"};

struct BuiltinFile {
    uint64_t chain_id;
    const uint8_t* begin;
    const uint8_t* end;
};
/// In the order of the names.
constexpr BuiltinFile kFiles[] = {
    {.chain_id = 1, .begin = weft_genesis_mainnet, .end = weft_genesis_mainnet_end},
    {.chain_id = 11'155'111, .begin = weft_genesis_sepolia, .end = weft_genesis_sepolia_end},
    {.chain_id = 17'000, .begin = weft_genesis_holesky, .end = weft_genesis_holesky_end},
    {.chain_id = 560'048, .begin = weft_genesis_hoodi, .end = weft_genesis_hoodi_end},
};

/// The content of a gzip file, whose last four bytes are its length.
std::string decompress(const BuiltinFile& file) {
    constexpr int kGzipWindowBits = 15 + 16;
    const size_t size = static_cast<size_t>(file.end - file.begin);
    size_t length = 0;
    for (size_t i = 0; i < 4; ++i) length |= static_cast<size_t>(file.end[-4 + static_cast<ptrdiff_t>(i)]) << (8 * i);

    std::string content(length, '\0');
    z_stream stream{};
    WEFT_ASSERT(inflateInit2(&stream, kGzipWindowBits) == Z_OK);
    stream.next_in = const_cast<Bytef*>(file.begin);
    stream.avail_in = static_cast<uInt>(size);
    stream.next_out = reinterpret_cast<Bytef*>(content.data());
    stream.avail_out = static_cast<uInt>(length);
    const int status = inflate(&stream, Z_FINISH);
    inflateEnd(&stream);
    WEFT_ASSERT(status == Z_STREAM_END);
    return content;
}

}  // namespace

std::span<const std::string_view> builtin_networks() noexcept { return kNames; }

Result<Genesis> builtin_genesis(std::string_view network) {
    const auto* const name = std::ranges::find(kNames, network);
    if (name == std::end(kNames)) return fail(fmt::format("{}: no such network; built in are {}", network, fmt::join(kNames, ", ")));
    const BuiltinFile& file = kFiles[name - std::begin(kNames)];
    return parse_genesis(decompress(file), *spec_of_chain_id(file.chain_id));
}

}  // namespace weft::chain
