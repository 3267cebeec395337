// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/crypto/bn254.hpp"

#include "weft/crypto/bn254_pairing.hpp"

#include <vector>

namespace weft::crypto::bn254 {
namespace {

constexpr size_t kPairSize = 192;

std::optional<Fp2> decode_fp2(const uint8_t* data) noexcept {
    const std::optional<Fp> c1 = decode_field(data);
    const std::optional<Fp> c0 = decode_field(data + 32);
    if (!c0 || !c1) return std::nullopt;
    return Fp2{*c0, *c1};
}

template <typename Field>
std::optional<AffinePoint<Field>> checked_point(const std::optional<Field>& x, const std::optional<Field>& y) noexcept {
    if (!x || !y) return std::nullopt;
    const AffinePoint<Field> point{*x, *y};
    if (!point.is_infinity() && !is_on_curve(point)) return std::nullopt;
    return point;
}

std::optional<G1Affine> decode_g1(const uint8_t* data) noexcept { return checked_point(decode_field(data), decode_field(data + 32)); }

std::optional<G2Affine> decode_g2(const uint8_t* data) noexcept { return checked_point(decode_fp2(data), decode_fp2(data + 64)); }

void encode_g1(uint8_t* out, const G1Affine& point) noexcept {
    encode_field(out, point.x);
    encode_field(out + 32, point.y);
}

/// a + b by the slope, with one inversion.
G1Affine add_affine(const G1Affine& a, const G1Affine& b) noexcept {
    if (a.is_infinity()) return b;
    if (b.is_infinity()) return a;
    Fp numerator = b.y - a.y;
    Fp denominator = b.x - a.x;
    if (denominator.is_zero()) {
        if (a.y != b.y) return {};
        // No point has y = 0: the group's order is odd.
        const Fp xx = square(a.x);
        numerator = doubled(xx) + xx;
        denominator = doubled(a.y);
    }
    const Fp slope = numerator * inverse(denominator);
    const Fp x = square(slope) - a.x - b.x;
    return {x, slope * (a.x - x) - a.y};
}

}  // namespace

bool add(std::span<uint8_t, 64> out, std::span<const uint8_t, 128> in) noexcept {
    const auto a = decode_g1(in.data());
    const auto b = decode_g1(in.data() + 64);
    if (!a || !b) return false;
    encode_g1(out.data(), add_affine(*a, *b));
    return true;
}

bool mul(std::span<uint8_t, 64> out, std::span<const uint8_t, 96> in) noexcept {
    const auto point = decode_g1(in.data());
    if (!point) return false;
    encode_g1(out.data(), to_affine(multiply(*point, load_be(in.data() + 64))));
    return true;
}

std::optional<bool> pairing_check(bytes_view in) {
    if (in.size() % kPairSize != 0) return std::nullopt;
    std::vector<PairingInput> inputs;
    inputs.reserve(in.size() / kPairSize);
    for (size_t offset = 0; offset < in.size(); offset += kPairSize) {
        const auto p = decode_g1(in.data() + offset);
        const auto q = decode_g2(in.data() + offset + 64);
        if (!p || !q) return std::nullopt;
        inputs.push_back({*p, *q});
    }
    const std::optional<Fp12> f = miller_loop(inputs);
    if (!f) return std::nullopt;
    return final_exponentiation(*f) == kOneFp12;
}

}  // namespace weft::crypto::bn254
