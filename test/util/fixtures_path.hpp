// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <cstdlib>
#include <filesystem>
#include <optional>

namespace weft::test {

/// Root of the unpacked conformance archive: $WEFT_CONFORMANCE if set, else .cache/conformance in the source tree if it
/// exists (tools/unpack_fixtures puts it there).
[[nodiscard]] inline std::optional<std::filesystem::path> conformance() {
    if (const char* const root = std::getenv("WEFT_CONFORMANCE")) return std::filesystem::path(root);
    auto root = std::filesystem::path(WEFT_SOURCE_DIR) / ".cache" / "conformance";
    if (std::filesystem::is_directory(root)) return root;
    return std::nullopt;
}

/// Recorded blocks and chains: $WEFT_FIXTURES, by default beside the source tree.
[[nodiscard]] inline std::filesystem::path shared_data() {
    if (const char* const root = std::getenv("WEFT_FIXTURES")) return root;
    return std::filesystem::path(WEFT_SOURCE_DIR).parent_path() / "shared";
}

/// Whether a suite whose vectors are missing may be skipped; by default it fails, so that nothing goes unnoticed.
[[nodiscard]] inline bool missing_fixtures_allowed() { return std::getenv("WEFT_ALLOW_MISSING_FIXTURES") != nullptr; }

}  // namespace weft::test

/// Ends the current test when `folder` does not exist: as skipped if missing fixtures are allowed, as failed otherwise.
#define WEFT_REQUIRE_FIXTURES(folder)                                                                             \
    do {                                                                                                          \
        if (!std::filesystem::is_directory(folder)) {                                                             \
            if (::weft::test::missing_fixtures_allowed()) GTEST_SKIP() << "no test vectors at " << (folder);      \
            FAIL() << "no test vectors at " << (folder) << "; run tools/unpack_fixtures or set WEFT_CONFORMANCE"; \
        }                                                                                                         \
    } while (false)
