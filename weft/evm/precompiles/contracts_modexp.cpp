// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/base/uint256.hpp"
#include "weft/crypto/modexp.hpp"
#include "weft/evm/precompiles/contracts.hpp"
#include "weft/evm/precompiles/precompiles.hpp"

#include <optional>

namespace weft::evm::precompiles {
namespace {

using uint128 = unsigned __int128;

constexpr size_t kHeaderSize = 96;
/// EIP-7823: the longest base, exponent or modulus.
constexpr uint64_t kMaxLengthOsaka = 1024;
/// A base or modulus this long costs more than 2^64 in every revision.
constexpr uint64_t kUnpayableLength = uint64_t{1} << 40;

/// The lengths that open the input, in bytes (EIP-198).
struct Lengths {
    uint256 base;
    uint256 exponent;
    uint256 modulus;

    [[nodiscard]] const uint256& longest_factor() const noexcept { return base < modulus ? modulus : base; }
};

Lengths read_lengths(bytes_view input) noexcept {
    const auto header = padded<kHeaderSize>(input);
    return {load_be(header.data()), load_be(header.data() + 32), load_be(header.data() + 64)};
}

/// The bytes from `offset` on; none when the input ends before.
bytes_view tail(bytes_view input, const uint256& offset) noexcept {
    if (!(offset < uint256{input.size()})) return {};
    return input.subspan(offset.low64());
}

/// The first 32 bytes of the exponent, or all if it is shorter, as a number.
uint256 exponent_head(bytes_view input, const Lengths& lengths) noexcept {
    const auto start = checked_add(uint256{kHeaderSize}, lengths.base);
    if (start.overflow) return {};
    const auto head = padded<32>(tail(input, start.value));
    const size_t size = lengths.exponent < uint256{32} ? lengths.exponent.low64() : 32;
    return from_be(bytes_view{head}.first(size));
}

/// adjusted_exponent_length of EIP-198, at least 1; `factor` multiplies the bytes beyond the first 32 (8; 16 by
/// EIP-7883). Saturates at 2^64 - 1.
uint64_t iteration_count(bytes_view input, const Lengths& lengths, uint64_t factor) noexcept {
    if (!lengths.exponent.fits_u64()) return kUnpayableGas;
    const uint64_t length = lengths.exponent.low64();
    const uint256 head = exponent_head(input, lengths);
    const uint64_t head_bits = head.is_zero() ? 0 : 255 - count_leading_zeros(head);
    const uint128 count = static_cast<uint128>(length > 32 ? length - 32 : 0) * factor + head_bits;
    if (count > kUnpayableGas) return kUnpayableGas;
    return std::max<uint64_t>(static_cast<uint64_t>(count), 1);
}

/// mult_complexity of EIP-198 for x < 2^40.
uint128 complexity_eip198(uint128 x) noexcept {
    if (x <= 64) return x * x;
    if (x <= 1024) return x * x / 4 + 96 * x - 3072;
    return x * x / 16 + 480 * x - 199680;
}

/// mult_complexity of EIP-2565.
uint128 complexity_eip2565(uint128 x) noexcept {
    const uint128 eights = (x + 7) / 8;
    return eights * eights;
}

/// The multiplication complexity of EIP-7883.
uint128 complexity_eip7883(uint128 x) noexcept { return x <= 32 ? 16 : 2 * complexity_eip2565(x); }

/// The rules of one revision.
struct Pricing {
    uint128 (*complexity)(uint128 longest_factor) noexcept;
    uint64_t long_exponent_factor;
    uint64_t divisor;
    uint64_t minimum;
    bool bounded_lengths;
};

constexpr Pricing kByzantiumPricing = {
    .complexity = complexity_eip198, .long_exponent_factor = 8, .divisor = 20, .minimum = 0, .bounded_lengths = false};
constexpr Pricing kBerlinPricing = {
    .complexity = complexity_eip2565, .long_exponent_factor = 8, .divisor = 3, .minimum = 200, .bounded_lengths = false};
constexpr Pricing kOsakaPricing = {
    .complexity = complexity_eip7883, .long_exponent_factor = 16, .divisor = 1, .minimum = 500, .bounded_lengths = true};

const Pricing& pricing_of(Revision revision) noexcept {
    if (revision >= Revision::Osaka) return kOsakaPricing;
    return revision >= Revision::Berlin ? kBerlinPricing : kByzantiumPricing;
}

/// `size` bytes from `offset` on, with zeros after the end of the input; `storage` holds them where they reach beyond.
bytes_view take(bytes_view input, uint64_t offset, uint64_t size, bytes& storage) {
    const bytes_view present = tail(input, offset);
    if (present.size() >= size) return present.first(size);
    storage.assign(present.begin(), present.end());
    storage.resize(size);
    return storage;
}

}  // namespace

uint64_t modexp_gas(bytes_view input, Revision revision) noexcept {
    const Pricing& pricing = pricing_of(revision);
    const Lengths lengths = read_lengths(input);
    if (pricing.bounded_lengths) {
        constexpr uint256 kLimit = kMaxLengthOsaka;
        if (lengths.base > kLimit || lengths.exponent > kLimit || lengths.modulus > kLimit) return kUnpayableGas;
    }
    const uint256& longest = lengths.longest_factor();
    if (longest >= uint256{kUnpayableLength}) return kUnpayableGas;
    const uint128 complexity = pricing.complexity(longest.low64());
    // Two empty factors cost the minimum under any exponent, even one of 2^256 - 1 bytes.
    if (complexity == 0) return pricing.minimum;
    const uint64_t iterations = iteration_count(input, lengths, pricing.long_exponent_factor);
    if (complexity > kUnpayableGas || iterations == kUnpayableGas) return kUnpayableGas;
    const uint128 gas = complexity * iterations / pricing.divisor;
    if (gas > kUnpayableGas) return kUnpayableGas;
    return std::max(static_cast<uint64_t>(gas), pricing.minimum);
}

bool modexp_run(bytes_view input, bytes& output) {
    const Lengths lengths = read_lengths(input);
    output.clear();
    if (lengths.modulus.is_zero()) return true;
    // Under a modulus every length has been paid for: nobody can pay for 4 GiB.
    constexpr uint256 kLimit = uint64_t{0xffffffff};
    if (lengths.base > kLimit || lengths.exponent > kLimit || lengths.modulus > kLimit) return false;
    const uint64_t base_size = lengths.base.low64();
    const uint64_t exponent_size = lengths.exponent.low64();
    const uint64_t modulus_size = lengths.modulus.low64();

    bytes modulus_storage;
    const bytes_view modulus = take(input, kHeaderSize + base_size + exponent_size, modulus_size, modulus_storage);
    const bool at_most_one = modulus.back() <= 1 && std::ranges::all_of(modulus.first(modulus_size - 1), [](uint8_t b) { return b == 0; });
    if (at_most_one) {  // everything is zero modulo one, and by definition modulo zero
        output.assign(modulus_size, 0);
        return true;
    }
    bytes base_storage;
    bytes exponent_storage;
    output = crypto::modexp(take(input, kHeaderSize, base_size, base_storage),
                            take(input, kHeaderSize + base_size, exponent_size, exponent_storage), modulus);
    return true;
}

}  // namespace weft::evm::precompiles
