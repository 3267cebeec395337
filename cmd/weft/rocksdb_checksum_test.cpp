// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>
#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>

namespace rocksdb::crc32c {
uint32_t Extend(uint32_t crc, const char* data, size_t size);
}

namespace weft::cli {
namespace {

using rocksdb::crc32c::Extend;

TEST(RocksdbChecksum, is_crc_32c) {
    // The check value of CRC-32C (RFC 3720 has it as its polynomial; the nine digits are the usual test of any CRC).
    EXPECT_EQ(Extend(0, "123456789", 9), 0xe3069283U);
    EXPECT_EQ(Extend(0, "", 0), 0U);
}

TEST(RocksdbChecksum, is_what_the_library_reckons) {
    // The library's own, behind the one of this program.
    void* const found = ::dlsym(RTLD_NEXT, "_ZN7rocksdb6crc32c6ExtendEjPKcm");
    ASSERT_NE(found, nullptr);
    auto* const library = reinterpret_cast<decltype(&Extend)>(found);
    ASSERT_NE(library, &Extend);

    std::mt19937_64 random(1);
    std::string data(4096, '\0');
    for (char& byte : data) byte = static_cast<char>(random());
    for (size_t begin = 0; begin < 16; ++begin) {
        for (size_t size = 0; size < 200; ++size) {
            const auto crc = static_cast<uint32_t>(random());
            ASSERT_EQ(Extend(crc, data.data() + begin, size), library(crc, data.data() + begin, size)) << begin << ", " << size;
        }
    }
    EXPECT_EQ(Extend(7, data.data(), data.size()), library(7, data.data(), data.size()));
    EXPECT_EQ(Extend(Extend(0, data.data(), 1001), data.data() + 1001, data.size() - 1001), Extend(0, data.data(), data.size()));
}

}  // namespace
}  // namespace weft::cli
