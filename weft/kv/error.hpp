// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdint>
#include <expected>
#include <string>
#include <string_view>

namespace weft::kv {

/// Why a store could not do what it was asked for.
enum class ErrorKind : uint8_t {
    disk_full,       ///< no space is left where the store is
    corruption,      ///< what is stored is damaged or gone: a checksum is wrong, a file is missing, synced data is not there
    locked,          ///< another process, or this one, has the store open
    unknown_format,  ///< the store was written by something else or something newer
    absent,          ///< there is no store, and none was to be created
    unusable,        ///< the folder cannot be created, read or written to, or is none
    io,              ///< any other failure of the file system
};

struct Error {
    ErrorKind kind = ErrorKind::io;
    std::string context;  ///< What was done, where, and what the layer below said.
};

template <typename T>
using Expected = std::expected<T, Error>;

[[nodiscard]] std::string_view to_string(ErrorKind kind) noexcept;

}  // namespace weft::kv
