// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include <dlfcn.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <cstring>

/// CRC-32C of what RocksDB writes to its log. Distributions build the library for the first x86-64 processors, so that it reckons by
/// tables, which is about a tenth of what writing a block takes; all processors of the last fifteen years have an instruction for it
/// (SSE4.2). Like the allocator, this stands in for a function of a shared library by having its name. A version of the library that does
/// not ask for it by that name goes on as before. (One that was built for newer processors does three stretches side by side, which is
/// faster.)
namespace rocksdb::crc32c {

namespace {

using Function = uint32_t(uint32_t crc, const char* data, size_t size);

/// What the library has.
Function* library_extend() noexcept {
    void* const found = ::dlsym(RTLD_NEXT, "_ZN7rocksdb6crc32c6ExtendEjPKcm");
    if (found == nullptr) std::abort();
    return reinterpret_cast<Function*>(found);
}

[[gnu::target("sse4.2")]] uint32_t extend_sse42(uint32_t crc, const char* data, size_t size) noexcept {
    uint64_t state = ~crc;
    for (; size >= sizeof(uint64_t); data += sizeof(uint64_t), size -= sizeof(uint64_t)) {
        uint64_t word = 0;
        std::memcpy(&word, data, sizeof(word));
        state = __builtin_ia32_crc32di(state, word);
    }
    for (; size != 0; ++data, --size) state = __builtin_ia32_crc32qi(static_cast<uint32_t>(state), static_cast<unsigned char>(*data));
    return ~static_cast<uint32_t>(state);
}

}  // namespace

uint32_t Extend(uint32_t crc, const char* data, size_t size);  // the library's headers are not installed

uint32_t Extend(uint32_t crc, const char* data, size_t size) {
    static Function* const extend = __builtin_cpu_supports("sse4.2") ? extend_sse42 : library_extend();
    return extend(crc, data, size);
}

}  // namespace rocksdb::crc32c
