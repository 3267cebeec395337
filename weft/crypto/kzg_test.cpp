// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/crypto/kzg.hpp"

#include "test/util/fixtures_path.hpp"
#include "weft/base/hex.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <map>
#include <optional>
#include <string>

namespace weft::crypto {
namespace {

TEST(kzg, eip4844_versioned_hash_is_sha256_with_a_version_byte) {
    // SHA-256 of 48 zero bytes starts with 0x17.
    EXPECT_EQ(to_hex(kzg_versioned_hash(KzgPoint{})), "0x01b0761f87b081d5cf10757ccc89f12be355c70e2e29df288b65b30710dcbcd1");
}

TEST(kzg, zero_polynomial_is_zero_everywhere) {
    KzgPoint infinity;
    infinity[0] = 0xc0;
    const hash32 z = *fixed_from_hex<hash32>("0x1234567890123456789012345678901234567890123456789012345678901234");
    hash32 one;
    one[31] = 1;
    EXPECT_TRUE(verify_kzg_proof(infinity, z, hash32{}, infinity));
    EXPECT_FALSE(verify_kzg_proof(infinity, z, one, infinity));
    EXPECT_FALSE(verify_kzg_proof(KzgPoint{}, z, hash32{}, infinity));
}

/// The scalars of a vector file: `  name: 'value'` lines and the line `output: value`.
std::map<std::string, std::string> read_fields(const std::filesystem::path& path) {
    std::map<std::string, std::string> fields;
    std::ifstream file(path);
    for (std::string line; std::getline(file, line);) {
        const size_t colon = line.find(':');
        if (colon == std::string::npos) continue;
        const size_t start = line.find_first_not_of(' ');
        std::string value = line.substr(colon + 1);
        std::erase_if(value, [](char c) { return c == ' ' || c == '\'' || c == '\r'; });
        fields[line.substr(start, colon - start)] = value;
    }
    return fields;
}

TEST(kzg, consensus_spec_vectors) {
    const auto root = test::conformance().value_or("");
    const auto folder = root / "c-kzg-4844" / "verify_kzg_proof" / "kzg-mainnet";
    WEFT_REQUIRE_FIXTURES(folder);
    std::map<std::string, int> outcomes;
    for (const auto& entry : std::filesystem::directory_iterator(folder)) {
        auto fields = read_fields(entry.path() / "data.yaml");
        const auto commitment = fixed_from_hex<KzgPoint>(fields["commitment"]);
        const auto z = fixed_from_hex<hash32>(fields["z"]);
        const auto y = fixed_from_hex<hash32>(fields["y"]);
        const auto proof = fixed_from_hex<KzgPoint>(fields["proof"]);
        const std::string& expected = fields["output"];
        ++outcomes[expected];
        // "null" marks input that is no argument of the function: of a wrong length, or rejected while decoding.
        const bool decoded = commitment && z && y && proof;
        if (!decoded) EXPECT_EQ(expected, "null") << entry.path();
        if (decoded) EXPECT_EQ(verify_kzg_proof(*commitment, *z, *y, *proof), expected == "true") << entry.path();
    }
    EXPECT_GE(outcomes["true"], 50);
    EXPECT_GE(outcomes["false"], 40);
    EXPECT_GE(outcomes["null"], 20);
    EXPECT_EQ(outcomes.size(), 3U);
}

}  // namespace
}  // namespace weft::crypto
