// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/workloads/artifacts.hpp"

#include "weft/fixtures/file.hpp"
#include "weft/json/json.hpp"

#include <fmt/format.h>

#include <cstdlib>

namespace weft::workloads {

std::filesystem::path Artifacts::default_folder() {
    const char* cache = std::getenv("WEFT_CACHE");
    return std::filesystem::path(cache != nullptr ? cache : ".cache") / "contracts";
}

Result<const Artifact*> Artifacts::find(std::string_view contract) {
    if (const auto known = known_.find(contract); known != known_.end()) return &known->second;
    const std::filesystem::path file = folder_ / fmt::format("{}.json", contract);
    if (!std::filesystem::exists(file))
        return fail(fmt::format("{}: there is no such file; tools/build_contracts compiles the contracts", file.string()));
    const auto text = fixtures::read_file(file);
    if (!text) return std::unexpected(text.error());
    const auto document = json::JsonDocument::parse(*text);
    if (!document) return fail(fmt::format("{}: {}", file.string(), document.error().message));
    Artifact artifact{.code = document->root()["bytecode"].data(), .links = {}};
    document->root()["links"].for_each([&](const json::Json& link) {
        artifact.links.push_back({.contract = std::string(link["contract"].string()), .offset = link["offset"].number()});
        if (artifact.links.back().offset + address::kSize > artifact.code.size()) link.report("lies outside of the code");
    });
    if (document->errors().any()) return fail(fmt::format("{}: {}", file.string(), document->errors().first()));
    return &known_.emplace(contract, std::move(artifact)).first->second;
}

}  // namespace weft::workloads
