// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "weft/base/bytes.hpp"
#include "weft/base/result.hpp"

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

namespace weft::workloads {

/// Init code without constructor arguments.
struct Artifact {
    /// Where the address of a library belongs, which is zero so far.
    struct Link {
        std::string contract;
        size_t offset = 0;
    };

    bytes code;
    std::vector<Link> links;
};

/// The folder of compiled contracts that tools/build_contracts leaves behind: one file for each contract, NAME.json, with its init code
/// ("bytecode") and the places of libraries in it ("links").
///
/// Thread safety: none.
class Artifacts {
  public:
    explicit Artifacts(std::filesystem::path folder) : folder_(std::move(folder)) {}

    /// Where tools/build_contracts puts it, as seen from the repository's root: ${WEFT_CACHE:-.cache}/contracts.
    [[nodiscard]] static std::filesystem::path default_folder();

    /// The artifact of a contract, which lives as long as this. The error says what is to be run.
    [[nodiscard]] Result<const Artifact*> find(std::string_view contract);

  private:
    std::filesystem::path folder_;
    std::map<std::string, Artifact, std::less<>> known_;
};

}  // namespace weft::workloads
