// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/hex.hpp"
#include "weft/crypto/blake2f.hpp"
#include "weft/crypto/ripemd160.hpp"
#include "weft/crypto/sha256.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace weft::crypto {
namespace {

bytes_view view_of(std::string_view text) { return {reinterpret_cast<const uint8_t*>(text.data()), text.size()}; }

TEST(sha256, fips180_examples) {
    EXPECT_EQ(to_hex(sha256({})), "0xe3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855");
    EXPECT_EQ(to_hex(sha256(view_of("abc"))), "0xba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
    EXPECT_EQ(to_hex(sha256(view_of("abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq"))),
              "0x248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1");
}

TEST(ripemd160, examples_of_its_authors) {
    EXPECT_EQ(to_hex(ripemd160({})), "0x9c1185a5c5e9fc54612808977ee8f548b2258d31");
    EXPECT_EQ(to_hex(ripemd160(view_of("abc"))), "0x8eb208f7e05d987a9b044a8e98c6b087f15a0bfc");
    EXPECT_EQ(to_hex(ripemd160(view_of(std::string(1'000'000, 'a')))), "0x52783243c1697bdbe16d37f97f68f08325dc1528");
}

/// State, block and counter of BLAKE2b-512("abc") (RFC 7693, appendix A), as the vectors of EIP-152 use them.
struct AbcBlock {
    std::array<uint64_t, 8> h = {0x6a09e667f2bdc948, 0xbb67ae8584caa73b, 0x3c6ef372fe94f82b, 0xa54ff53a5f1d36f1,
                                 0x510e527fade682d1, 0x9b05688c2b3e6c1f, 0x1f83d9abfb41bd6b, 0x5be0cd19137e2179};
    std::array<uint64_t, 16> m = {0x636261};
    std::array<uint64_t, 2> t = {3, 0};

    std::string run(uint32_t rounds, bool final) {
        blake2f(rounds, h, m, t, final);
        return to_hex({reinterpret_cast<const uint8_t*>(h.data()), sizeof(h)});
    }
};

TEST(blake2f, eip152_twelve_rounds_are_blake2b) {
    EXPECT_EQ(AbcBlock{}.run(12, true),
              "0xba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d17d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4"
              "009923");
}

TEST(blake2f, eip152_zero_rounds) {
    EXPECT_EQ(AbcBlock{}.run(0, true),
              "0x08c9bcf367e6096a3ba7ca8485ae67bb2bf894fe72f36e3cf1361d5f3af54fa5d282e6ad7f520e511f6c3e2b8c68059b9442be0454267ce079217e1319"
              "cde05b");
}

TEST(blake2f, eip152_one_round) {
    EXPECT_EQ(AbcBlock{}.run(1, true),
              "0xb63a380cb2897d521994a85234ee2c181b5f844d2c624c002677e9703449d2fba551b3a8333bcdf5f2f7e08993d53923de3d64fcc68c034e717b9293fe"
              "d7a421");
}

TEST(blake2f, eip152_not_the_last_block) {
    EXPECT_EQ(AbcBlock{}.run(12, false),
              "0x75ab69d3190a562c51aef8d88f1c2775876944407270c42c9844252c26d2875298743e7f6d5ea2f2d3e8d226039cd31b4e426ac4f2d3d666a610c2116f"
              "de4735");
}

}  // namespace
}  // namespace weft::crypto
