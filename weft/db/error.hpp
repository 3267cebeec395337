// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/kv/error.hpp"
#include "weft/trie/node_source.hpp"

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace weft::db {

/// Why the database could not do what it was asked for.
enum class ErrorKind : uint8_t {
    disk_full,       ///< as in kv
    corruption,      ///< a file is damaged, or what is stored contradicts itself
    locked,          ///< as in kv
    unknown_format,  ///< the database was written by a version that this one does not know, or is none of weft's
    absent,          ///< there is no database, and none was to be created
    unusable,        ///< as in kv
    io,              ///< as in kv
    wrong_chain,     ///< the database is of another chain or another genesis block
    not_next,        ///< a block that does not follow the head
    invalid_commit,  ///< a commit that contradicts itself or the state
    pruned,          ///< what was asked for is older than the history that is kept
    unknown_block,   ///< there is no such block, or not on the canonical chain
};

struct Error {
    ErrorKind kind = ErrorKind::io;
    std::string context;  ///< One line for a person: what was done, what is wrong.
};

template <typename T>
using Expected = std::expected<T, Error>;

[[nodiscard]] std::string_view to_string(ErrorKind kind) noexcept;

[[nodiscard]] std::unexpected<Error> fail(ErrorKind kind, std::string context);
[[nodiscard]] std::unexpected<Error> fail(const kv::Error& error);
/// Of tries whose nodes the database reads: the detail of an unread node is an ErrorKind.
[[nodiscard]] std::unexpected<Error> fail(const trie::TrieError& error);

}  // namespace weft::db
