// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/result.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace weft::workloads {

/// The folder of compiled contracts that tools/build_contracts leaves behind: one file for each contract, NAME.json, whose member
/// "bytecode" is its init code.
///
/// Thread safety: none.
class Artifacts {
  public:
    explicit Artifacts(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /// Where tools/build_contracts puts it, as seen from the repository's root: ${WEFT_CACHE:-.cache}/contracts.
    [[nodiscard]] static std::filesystem::path default_folder();

    /// The init code of a contract, without constructor arguments. The error says what is to be run.
    [[nodiscard]] Result<bytes> init_code(std::string_view contract);

  private:
    std::filesystem::path folder_;
    std::map<std::string, bytes, std::less<>> known_;
};

}  // namespace weft::workloads
