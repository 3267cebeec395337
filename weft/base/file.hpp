// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/result.hpp"

#include <cstdio>
#include <filesystem>
#include <memory>

namespace weft {

struct CloseFile {
    void operator()(std::FILE* file) const noexcept { static_cast<void>(std::fclose(file)); }
};
/// Closed when it goes, without a word on errors: who writes releases and closes it.
using FileHandle = std::unique_ptr<std::FILE, CloseFile>;

/// Opens a file as std::fopen() does. The error says what the system says, or that it is a folder, without the path.
[[nodiscard]] Result<FileHandle> open_file(const std::filesystem::path& path, const char* mode);

/// Makes what a folder says of its files durable: new names, and names that are gone. As open_file() on errors.
[[nodiscard]] Result<void> sync_folder(const std::filesystem::path& folder);

/// What the system says of errno.
[[nodiscard]] std::unexpected<Error> fail_with_errno();

}  // namespace weft
