// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/kv/rocks_status.hpp"

#include <fmt/format.h>

namespace weft::kv {

ErrorKind kind_of(const rocksdb::Status& status) noexcept {
    if (status.IsNoSpace() || (status.IsIOError() && status.subcode() == rocksdb::Status::kSpaceLimit)) return ErrorKind::disk_full;
    if (status.IsCorruption() || status.IsPathNotFound() || status.IsNotFound()) return ErrorKind::corruption;
    if (status.IsInvalidArgument() || status.IsNotSupported()) return ErrorKind::unknown_format;
    return ErrorKind::io;
}

std::unexpected<Error> failed(const rocksdb::Status& status, std::string_view doing) {
    const ErrorKind kind = kind_of(status);
    return std::unexpected(Error{.kind = kind, .context = fmt::format("{}: {} ({})", doing, to_string(kind), status.ToString())});
}

}  // namespace weft::kv
