// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/db/error.hpp"

#include "weft/base/hex.hpp"

#include <fmt/format.h>

#include <utility>

namespace weft::db {

namespace {

ErrorKind kind_of(kv::ErrorKind kind) noexcept {
    switch (kind) {
        case kv::ErrorKind::disk_full:
            return ErrorKind::disk_full;
        case kv::ErrorKind::corruption:
            return ErrorKind::corruption;
        case kv::ErrorKind::locked:
            return ErrorKind::locked;
        case kv::ErrorKind::unknown_format:
            return ErrorKind::unknown_format;
        case kv::ErrorKind::absent:
            return ErrorKind::absent;
        case kv::ErrorKind::unusable:
            return ErrorKind::unusable;
        case kv::ErrorKind::io:
            break;
    }
    return ErrorKind::io;
}

}  // namespace

std::string_view to_string(ErrorKind kind) noexcept {
    switch (kind) {
        case ErrorKind::disk_full:
            return "the disk is full";
        case ErrorKind::corruption:
            return "the database is damaged";
        case ErrorKind::locked:
            return "the database is in use by another process";
        case ErrorKind::unknown_format:
            return "the format of the database is not known";
        case ErrorKind::absent:
            return "there is no database";
        case ErrorKind::unusable:
            return "the folder cannot be used";
        case ErrorKind::io:
            return "reading or writing failed";
        case ErrorKind::wrong_chain:
            return "the database is of another chain";
        case ErrorKind::not_next:
            return "the block does not follow the head";
        case ErrorKind::invalid_commit:
            return "the changes do not fit the state";
        case ErrorKind::pruned:
            return "history is not kept that far back";
        case ErrorKind::unknown_block:
            return "there is no such block";
    }
    return "unknown error";
}

std::unexpected<Error> fail(ErrorKind kind, std::string context) {
    return std::unexpected(Error{.kind = kind, .context = std::move(context)});
}

std::unexpected<Error> fail(const kv::Error& error) { return fail(kind_of(error.kind), error.context); }

std::unexpected<Error> fail(const trie::TrieError& error) {
    using Kind = trie::TrieError::Kind;
    const std::string node = to_hex(error.node);
    switch (error.kind) {
        case Kind::missing_node:
            return fail(ErrorKind::corruption, fmt::format("the trie node {} is missing", node));
        case Kind::malformed_node:
            return fail(ErrorKind::corruption, fmt::format("a trie node is none; its hash is {}", node));
        case Kind::unread_node:
            return fail(static_cast<ErrorKind>(error.detail), fmt::format("the trie node {} cannot be read", node));
        case Kind::another_root:
            break;
    }
    return fail(ErrorKind::corruption, fmt::format("the tries are not those of the state root {}", node));
}

}  // namespace weft::db
