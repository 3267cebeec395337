// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string_view>

namespace weft::test {

/// A folder of the unpacked conformance archive: $WEFT_CONFORMANCE, by default .cache/conformance under the working
/// directory, which ctest sets to the root of the repository. Empty when it is not there; the test then skips itself.
inline std::filesystem::path conformance(std::string_view folder) {
    const char* root = std::getenv("WEFT_CONFORMANCE");
    auto path = std::filesystem::path(root != nullptr ? root : ".cache/conformance") / folder;
    return std::filesystem::exists(path) ? path : std::filesystem::path{};
}

}  // namespace weft::test
