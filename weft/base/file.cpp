// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/file.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <system_error>

namespace weft {

std::unexpected<Error> fail_with_errno() { return fail(std::generic_category().message(errno)); }

Result<FileHandle> open_file(const std::filesystem::path& path, const char* mode) {
    std::error_code error;
    if (std::filesystem::is_directory(path, error)) return fail("a folder where a file is expected");
    FileHandle file(std::fopen(path.c_str(), mode));
    if (!file) return fail_with_errno();
    return file;
}

Result<void> sync_folder(const std::filesystem::path& folder) {
    const int descriptor = ::open(folder.empty() ? "." : folder.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    if (descriptor < 0) return fail_with_errno();
    Result<void> synced;
    if (::fsync(descriptor) != 0) synced = fail_with_errno();
    ::close(descriptor);
    return synced;
}

}  // namespace weft
