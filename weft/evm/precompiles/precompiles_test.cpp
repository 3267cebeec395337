// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/evm/precompiles/precompiles.hpp"

#include "test/util/fixtures_path.hpp"
#include "weft/base/hex.hpp"
#include "weft/base/uint256.hpp"

#include <gtest/gtest.h>
#include <simdjson.h>

#include <fstream>
#include <sstream>
#include <string>

namespace weft::evm {
namespace {

using types::Revision;
namespace dom = simdjson::dom;

const Precompile& at(uint64_t number, Revision revision) {
    const Precompile* found = find_precompile(address_of(number), revision);
    EXPECT_NE(found, nullptr) << "no precompile " << number;
    return *found;
}

struct Outcome {
    bool success = false;
    bytes output;
};

Outcome run(const Precompile& precompile, bytes_view input) {
    Outcome outcome;
    outcome.success = precompile.run(input, outcome.output);
    return outcome;
}

bytes hex_bytes(std::string_view text) {
    const auto data = from_hex(text);
    EXPECT_TRUE(data.has_value()) << "no hex: " << text.substr(0, 80);
    return data.value_or(bytes{});
}

std::filesystem::path folder(std::string_view name) { return test::conformance().value_or("no-conformance-archive") / name; }

// --- The table -------------------------------------------------------------------------------------------------------

TEST(Precompiles, each_is_found_from_its_first_revision_on) {
    const std::vector<std::pair<uint64_t, Revision>> expected = {
        {0x01, Revision::Frontier},  {0x02, Revision::Frontier},  {0x03, Revision::Frontier},  {0x04, Revision::Frontier},
        {0x05, Revision::Byzantium}, {0x06, Revision::Byzantium}, {0x07, Revision::Byzantium}, {0x08, Revision::Byzantium},
        {0x09, Revision::Istanbul},  {0x0a, Revision::Cancun},    {0x0b, Revision::Prague},    {0x0c, Revision::Prague},
        {0x0d, Revision::Prague},    {0x0e, Revision::Prague},    {0x0f, Revision::Prague},    {0x10, Revision::Prague},
        {0x11, Revision::Prague},    {0x100, Revision::Osaka}};
    ASSERT_EQ(all_precompiles().size(), expected.size());
    for (const auto& [number, since] : expected) {
        for (unsigned r = 0; r < types::kRevisionCount; ++r) {
            const auto revision = static_cast<Revision>(r);
            const Precompile* found = find_precompile(address_of(number), revision);
            EXPECT_EQ(found != nullptr, revision >= since) << number << " in " << r;
            if (found != nullptr) EXPECT_EQ(found->number, number);
        }
    }
}

TEST(Precompiles, other_addresses_are_none) {
    for (const uint64_t number : {uint64_t{0}, uint64_t{0x12}, uint64_t{0xff}, uint64_t{0x101}, uint64_t{0x10001}, uint64_t{1} << 32})
        EXPECT_EQ(find_precompile(address_of(number), Revision::Osaka), nullptr) << number;
    for (size_t i = 0; i < 18; ++i) {
        address almost = address_of(1);
        almost[i] = 1;
        EXPECT_EQ(find_precompile(almost, Revision::Osaka), nullptr) << i;
    }
}

// --- Gas -------------------------------------------------------------------------------------------------------------

TEST(Precompiles, eip1108_lowers_bn254_prices_at_istanbul) {
    const bytes two_pairs(384);
    EXPECT_EQ(at(6, Revision::Petersburg).gas({}, Revision::Petersburg), 500);
    EXPECT_EQ(at(7, Revision::Petersburg).gas({}, Revision::Petersburg), 40'000);
    EXPECT_EQ(at(8, Revision::Petersburg).gas(two_pairs, Revision::Petersburg), 260'000);
    EXPECT_EQ(at(6, Revision::Istanbul).gas({}, Revision::Istanbul), 150);
    EXPECT_EQ(at(7, Revision::Istanbul).gas({}, Revision::Istanbul), 6'000);
    EXPECT_EQ(at(8, Revision::Istanbul).gas(two_pairs, Revision::Istanbul), 113'000);
}

TEST(Precompiles, hashes_cost_by_the_word) {
    const auto gas = [](uint64_t number, size_t size) { return at(number, Revision::Frontier).gas(bytes(size), Revision::Frontier); };
    EXPECT_EQ(gas(2, 0), 60);
    EXPECT_EQ(gas(2, 1), 72);
    EXPECT_EQ(gas(2, 32), 72);
    EXPECT_EQ(gas(2, 33), 84);
    EXPECT_EQ(gas(3, 33), 840);
    EXPECT_EQ(gas(4, 33), 21);
}

/// The three lengths of a MODEXP input and what follows them.
bytes modexp_input(const uint256& base, const uint256& exponent, const uint256& modulus, bytes_view data = {}) {
    bytes input(96);
    store_be(input.data(), base);
    store_be(input.data() + 32, exponent);
    store_be(input.data() + 64, modulus);
    input.insert(input.end(), data.begin(), data.end());
    return input;
}

uint64_t modexp_gas(const bytes& input, Revision revision) { return at(5, revision).gas(input, revision); }

TEST(Precompiles, modexp_absurd_lengths_are_unpayable) {
    const uint256 huge = ~uint256{};
    for (const Revision revision : {Revision::Byzantium, Revision::Berlin, Revision::Osaka}) {
        EXPECT_EQ(modexp_gas(modexp_input(huge, 1, 1), revision), kUnpayableGas);
        EXPECT_EQ(modexp_gas(modexp_input(1, huge, 1), revision), kUnpayableGas);
        EXPECT_EQ(modexp_gas(modexp_input(1, 1, huge), revision), kUnpayableGas);
        EXPECT_EQ(modexp_gas(modexp_input(huge, huge, huge), revision), kUnpayableGas);
        EXPECT_EQ(modexp_gas(modexp_input(uint256{0, 1, 0, 0}, 0, 0), revision), kUnpayableGas);
        EXPECT_EQ(modexp_gas(modexp_input(1, uint256{0, 1, 0, 0}, 1), revision), kUnpayableGas);
        bytes output;
        EXPECT_FALSE(at(5, revision).run(modexp_input(1, huge, 1), output));
    }
}

TEST(Precompiles, modexp_empty_factors_are_cheap_under_any_exponent) {
    const bytes input = modexp_input(0, ~uint256{}, 0);
    EXPECT_EQ(modexp_gas(input, Revision::Byzantium), 0);
    EXPECT_EQ(modexp_gas(input, Revision::Berlin), 200);
    EXPECT_EQ(modexp_gas(input, Revision::Osaka), kUnpayableGas);
    const Outcome outcome = run(at(5, Revision::Berlin), input);
    EXPECT_TRUE(outcome.success);
    EXPECT_TRUE(outcome.output.empty());
}

TEST(Precompiles, eip7823_lengths_over_1024_unpayable_from_osaka) {
    for (size_t i = 0; i < 3; ++i) {
        const auto input = [i](uint64_t length) { return modexp_input(i == 0 ? length : 1, i == 1 ? length : 1, i == 2 ? length : 1); };
        EXPECT_EQ(modexp_gas(input(1025), Revision::Osaka), kUnpayableGas);
        EXPECT_NE(modexp_gas(input(1024), Revision::Osaka), kUnpayableGas);
        EXPECT_NE(modexp_gas(input(1025), Revision::Prague), kUnpayableGas);
    }
}

TEST(Precompiles, modexp_pads_its_input_with_zeros) {
    // 3^2 mod 0xff00, with and without the last byte of the modulus.
    const Outcome whole = run(at(5, Revision::Byzantium), modexp_input(1, 1, 2, hex_bytes("0302ff00")));
    const Outcome cut = run(at(5, Revision::Byzantium), modexp_input(1, 1, 2, hex_bytes("0302ff")));
    EXPECT_TRUE(whole.success);
    EXPECT_EQ(whole.output, hex_bytes("0009"));
    EXPECT_EQ(cut.output, whole.output);
    const Outcome without_modulus = run(at(5, Revision::Byzantium), modexp_input(1, 1, 2, hex_bytes("0302")));
    EXPECT_EQ(without_modulus.output, bytes(2));
    const Outcome modulo_one = run(at(5, Revision::Byzantium), modexp_input(1, 1, 2, hex_bytes("03020001")));
    EXPECT_EQ(modulo_one.output, bytes(2));
}

TEST(Precompiles, modexp_exponent_head_ends_with_the_exponent) {
    // One exponent byte, 2, then a modulus byte of ones: only the exponent's bits count.
    EXPECT_EQ(modexp_gas(modexp_input(64, 1, 64, bytes(64)), Revision::Byzantium), 64 * 64 / 20);
    bytes data(64);
    data.push_back(0x80);
    data.resize(64 + 1 + 64, 0xff);
    EXPECT_EQ(modexp_gas(modexp_input(64, 1, 64, data), Revision::Byzantium), 64 * 64 * 7 / 20);
}

TEST(Precompiles, ecrecover_without_a_signer_succeeds_with_no_output) {
    const Outcome outcome = run(at(1, Revision::Frontier), {});
    EXPECT_TRUE(outcome.success);
    EXPECT_TRUE(outcome.output.empty());
}

TEST(Precompiles, eip7951_wrong_length_succeeds_with_no_output) {
    for (const size_t size : {0, 159, 161}) {
        const Outcome outcome = run(at(0x100, Revision::Osaka), bytes(size));
        EXPECT_TRUE(outcome.success);
        EXPECT_TRUE(outcome.output.empty());
    }
}

TEST(Precompiles, hashes_of_known_inputs) {
    const bytes abc = {'a', 'b', 'c'};
    EXPECT_EQ(run(at(2, Revision::Frontier), abc).output, hex_bytes("ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"));
    EXPECT_EQ(run(at(3, Revision::Frontier), abc).output, hex_bytes("0000000000000000000000008eb208f7e05d987a9b044a8e98c6b087f15a0bfc"));
    EXPECT_EQ(run(at(4, Revision::Frontier), abc).output, abc);
}

// --- Vectors of other clients ----------------------------------------------------------------------------------------

/// A file of vectors, the precompile it is for and the revision whose prices it has.
struct VectorFile {
    std::string name;
    uint64_t number = 0;
    Revision revision = Revision::Osaka;
    bool gas_listed = true;
};

void PrintTo(const VectorFile& file, std::ostream* out) { *out << file.name; }

std::string test_name(const testing::TestParamInfo<VectorFile>& info) {
    std::string name = info.param.name.substr(0, info.param.name.find('.'));
    std::ranges::replace(name, '-', '_');
    return name;
}

std::string_view text_of(const dom::element& entry, const char* field) {
    std::string_view text;
    EXPECT_EQ(entry[field].get(text), simdjson::SUCCESS) << field;
    return text;
}

class GethVectors : public testing::TestWithParam<VectorFile> {
  protected:
    /// The entries of the file; the parser owns them.
    dom::array load(const std::filesystem::path& path) {
        dom::array entries;
        EXPECT_EQ(parser_.load(path.string()).get(entries), simdjson::SUCCESS) << path;
        return entries;
    }

    dom::parser parser_;
};

void expect_vector(const VectorFile& file, const dom::element& entry) {
    SCOPED_TRACE(text_of(entry, "Name"));
    const Precompile& precompile = at(file.number, file.revision);
    const bytes input = hex_bytes(text_of(entry, "Input"));
    if (file.gas_listed) {
        uint64_t gas = 0;
        ASSERT_EQ(entry["Gas"].get(gas), simdjson::SUCCESS);
        EXPECT_EQ(precompile.gas(input, file.revision), gas);
    }
    const Outcome outcome = run(precompile, input);
    EXPECT_TRUE(outcome.success);
    EXPECT_EQ(to_hex(outcome.output), to_hex(hex_bytes(text_of(entry, "Expected"))));
}

class GethSuccess : public GethVectors {};

TEST_P(GethSuccess, output_and_gas_match) {
    const auto root = folder("geth/precompiles");
    WEFT_REQUIRE_FIXTURES(root);
    size_t count = 0;
    for (const dom::element entry : load(root / GetParam().name)) {
        expect_vector(GetParam(), entry);
        ++count;
    }
    EXPECT_GT(count, 0U);
}

INSTANTIATE_TEST_SUITE_P(Precompiles, GethSuccess,
                         testing::Values(VectorFile{.name = "ecRecover.json", .number = 0x01, .revision = Revision::Frontier},
                                         VectorFile{.name = "modexp.json", .number = 0x05, .revision = Revision::Byzantium},
                                         VectorFile{.name = "modexp_eip2565.json", .number = 0x05, .revision = Revision::Berlin},
                                         VectorFile{.name = "modexp_eip7883.json", .number = 0x05, .revision = Revision::Osaka},
                                         VectorFile{.name = "bn256Add.json", .number = 0x06, .revision = Revision::Istanbul},
                                         VectorFile{.name = "bn256ScalarMul.json", .number = 0x07, .revision = Revision::Istanbul},
                                         VectorFile{.name = "bn256Pairing.json", .number = 0x08, .revision = Revision::Istanbul},
                                         VectorFile{.name = "blake2F.json", .number = 0x09, .revision = Revision::Istanbul},
                                         VectorFile{.name = "pointEvaluation.json", .number = 0x0a, .revision = Revision::Cancun},
                                         VectorFile{.name = "blsG1Add.json", .number = 0x0b, .revision = Revision::Prague},
                                         VectorFile{.name = "blsG1Mul.json", .number = 0x0c, .revision = Revision::Prague},
                                         VectorFile{.name = "blsG1MultiExp.json", .number = 0x0c, .revision = Revision::Prague},
                                         VectorFile{.name = "blsG2Add.json", .number = 0x0d, .revision = Revision::Prague},
                                         VectorFile{.name = "blsG2Mul.json", .number = 0x0e, .revision = Revision::Prague},
                                         VectorFile{.name = "blsG2MultiExp.json", .number = 0x0e, .revision = Revision::Prague},
                                         VectorFile{.name = "blsPairing.json", .number = 0x0f, .revision = Revision::Prague},
                                         VectorFile{.name = "blsMapG1.json", .number = 0x10, .revision = Revision::Prague},
                                         VectorFile{.name = "blsMapG2.json", .number = 0x11, .revision = Revision::Prague},
                                         VectorFile{.name = "p256Verify.json", .number = 0x100, .revision = Revision::Osaka}),
                         test_name);

class GethFailure : public GethVectors {};

TEST_P(GethFailure, input_rejected) {
    const auto root = folder("geth/precompiles");
    WEFT_REQUIRE_FIXTURES(root);
    size_t count = 0;
    for (const dom::element entry : load(root / GetParam().name)) {
        const bytes input = hex_bytes(text_of(entry, "Input"));
        EXPECT_FALSE(run(at(GetParam().number, GetParam().revision), input).success) << text_of(entry, "Name");
        ++count;
    }
    EXPECT_GT(count, 0U);
}

INSTANTIATE_TEST_SUITE_P(
    Precompiles, GethFailure,
    testing::Values(VectorFile{.name = "fail-blake2f.json", .number = 0x09}, VectorFile{.name = "fail-blsG1Add.json", .number = 0x0b},
                    VectorFile{.name = "fail-blsG1Mul.json", .number = 0x0c}, VectorFile{.name = "fail-blsG1MultiExp.json", .number = 0x0c},
                    VectorFile{.name = "fail-blsG2Add.json", .number = 0x0d}, VectorFile{.name = "fail-blsG2Mul.json", .number = 0x0e},
                    VectorFile{.name = "fail-blsG2MultiExp.json", .number = 0x0e},
                    VectorFile{.name = "fail-blsPairing.json", .number = 0x0f}, VectorFile{.name = "fail-blsMapG1.json", .number = 0x10},
                    VectorFile{.name = "fail-blsMapG2.json", .number = 0x11}),
    test_name);

class BesuTables : public testing::TestWithParam<VectorFile> {};

TEST_P(BesuTables, output_and_gas_match) {
    const auto root = folder("besu/precompile");
    WEFT_REQUIRE_FIXTURES(root);
    const VectorFile& file = GetParam();
    const Precompile& precompile = at(file.number, file.revision);
    std::ifstream stream(root / file.name);
    std::string line;
    ASSERT_TRUE(std::getline(stream, line));
    ASSERT_TRUE(line.starts_with("input,result,gas,notes")) << line;
    size_t count = 0;
    while (std::getline(stream, line)) {
        std::istringstream columns(line);
        std::string input_hex;
        std::string result;
        std::string gas;
        std::string notes;
        std::getline(columns, input_hex, ',');
        std::getline(columns, result, ',');
        std::getline(columns, gas, ',');
        std::getline(columns, notes);
        const bytes input = hex_bytes(input_hex);
        const Outcome outcome = run(precompile, input);
        ++count;
        SCOPED_TRACE(file.name + ", row " + std::to_string(count) + " " + notes);
        EXPECT_EQ(outcome.success, !result.empty());
        if (result.empty()) continue;
        EXPECT_EQ(to_hex(outcome.output), to_hex(hex_bytes(result)));
        EXPECT_EQ(std::to_string(precompile.gas(input, file.revision)), gas);
    }
    EXPECT_GT(count, 0U);
}

INSTANTIATE_TEST_SUITE_P(Precompiles, BesuTables,
                         testing::Values(VectorFile{.name = "g1_add.csv", .number = 0x0b}, VectorFile{.name = "g1_mul.csv", .number = 0x0c},
                                         VectorFile{.name = "g1_multiexp.csv", .number = 0x0c},
                                         VectorFile{.name = "g2_add.csv", .number = 0x0d}, VectorFile{.name = "g2_mul.csv", .number = 0x0e},
                                         VectorFile{.name = "g2_multiexp.csv", .number = 0x0e},
                                         VectorFile{.name = "pairing.csv", .number = 0x0f},
                                         VectorFile{.name = "invalid_subgroup_for_pairing.csv", .number = 0x0f},
                                         VectorFile{.name = "fp_to_g1.csv", .number = 0x10},
                                         VectorFile{.name = "fp2_to_g2.csv", .number = 0x11}),
                         test_name);

TEST(BesuVectors, p256verify) {
    const auto root = folder("besu/precompile");
    WEFT_REQUIRE_FIXTURES(root);
    dom::parser parser;
    dom::array entries;
    ASSERT_EQ(parser.load((root / "p256verify_test_vectors.json").string()).get(entries), simdjson::SUCCESS);
    // The file has the price of RIP-7212.
    const VectorFile file{.name = {}, .number = 0x100, .revision = Revision::Osaka, .gas_listed = false};
    for (const dom::element entry : entries) expect_vector(file, entry);
}

TEST(BesuVectors, point_evaluation) {
    const auto root = folder("besu/precompile");
    WEFT_REQUIRE_FIXTURES(root);
    dom::parser parser;
    dom::element document;
    ASSERT_EQ(parser.load((root / "pointEvaluationPrecompile.json").string()).get(document), simdjson::SUCCESS);
    const bytes expected = hex_bytes(text_of(document, "PrecompileReturnValue"));
    dom::array cases;
    ASSERT_EQ(document["TestCases"].get(cases), simdjson::SUCCESS);
    size_t valid_count = 0;
    for (const dom::element entry : cases) {
        bool valid = false;
        ASSERT_EQ(entry["Valid"].get(valid), simdjson::SUCCESS);
        const Outcome outcome = run(at(0x0a, Revision::Cancun), hex_bytes(text_of(entry, "Input")));
        EXPECT_EQ(outcome.success, valid) << text_of(entry, "FailureMode");
        if (!valid) continue;
        EXPECT_EQ(outcome.output, expected);
        ++valid_count;
    }
    EXPECT_GT(valid_count, 0U);
}

}  // namespace
}  // namespace weft::evm
