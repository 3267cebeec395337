// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/crypto/bls12_381.hpp"
#include "weft/evm/precompiles/contracts.hpp"

namespace weft::evm::precompiles {
namespace {

constexpr uint64_t kG1AddGas = 375;
constexpr uint64_t kG1MulGas = 12'000;
constexpr uint64_t kG2AddGas = 600;
constexpr uint64_t kG2MulGas = 22'500;
constexpr uint64_t kPairingBaseGas = 37'700;
constexpr uint64_t kPairingPairGas = 32'600;
constexpr uint64_t kMapFpToG1Gas = 5'500;
constexpr uint64_t kMapFp2ToG2Gas = 23'800;

using Discounts = std::array<uint16_t, 128>;

/// EIP-2537, "G1/G2 MSM": the price of one of k multiplications, in thousandths, for k = 1 to 128.
constexpr Discounts kG1Discounts = {
    1000, 949, 848, 797, 764, 750, 738, 728, 719, 712, 705, 698, 692, 687, 682, 677, 673, 669, 665, 661, 658, 654, 651, 648, 645, 642,
    640,  637, 635, 632, 630, 627, 625, 623, 621, 619, 617, 615, 613, 611, 609, 608, 606, 604, 603, 601, 599, 598, 596, 595, 593, 592,
    591,  589, 588, 586, 585, 584, 582, 581, 580, 579, 577, 576, 575, 574, 573, 572, 570, 569, 568, 567, 566, 565, 564, 563, 562, 561,
    560,  559, 558, 557, 556, 555, 554, 553, 552, 551, 550, 549, 548, 547, 547, 546, 545, 544, 543, 542, 541, 540, 540, 539, 538, 537,
    536,  536, 535, 534, 533, 532, 532, 531, 530, 529, 528, 528, 527, 526, 525, 525, 524, 523, 522, 522, 521, 520, 520, 519};
constexpr Discounts kG2Discounts = {
    1000, 1000, 923, 884, 855, 832, 812, 796, 782, 770, 759, 749, 740, 732, 724, 717, 711, 704, 699, 693, 688, 683, 679, 674, 670, 666,
    663,  659,  655, 652, 649, 646, 643, 640, 637, 634, 632, 629, 627, 624, 622, 620, 618, 615, 613, 611, 609, 607, 606, 604, 602, 600,
    598,  597,  595, 593, 592, 590, 589, 587, 586, 584, 583, 582, 580, 579, 578, 576, 575, 574, 573, 571, 570, 569, 568, 567, 566, 565,
    563,  562,  561, 560, 559, 558, 557, 556, 555, 554, 553, 552, 552, 551, 550, 549, 548, 547, 546, 545, 545, 544, 543, 542, 541, 541,
    540,  539,  538, 537, 537, 536, 535, 535, 534, 533, 532, 532, 531, 530, 530, 529, 528, 528, 527, 526, 526, 525, 524, 524};
static_assert(kG1Discounts.back() == 519 && kG2Discounts.back() == 524, "EIP-2537: max_discount");

uint64_t msm_gas(uint64_t count, uint64_t multiplication_gas, const Discounts& discounts) noexcept {
    if (count == 0) return 0;
    return count * multiplication_gas * discounts[std::min<uint64_t>(count, discounts.size()) - 1] / 1000;
}

template <typename Point>
bool put(const std::expected<Point, crypto::Bls12Error>& point, bytes& output) {
    if (!point) return false;
    output.assign(point->begin(), point->end());
    return true;
}

}  // namespace

uint64_t bls12_g1_add_gas(bytes_view /*input*/, Revision /*revision*/) noexcept { return kG1AddGas; }
uint64_t bls12_g2_add_gas(bytes_view /*input*/, Revision /*revision*/) noexcept { return kG2AddGas; }
uint64_t bls12_map_fp_to_g1_gas(bytes_view /*input*/, Revision /*revision*/) noexcept { return kMapFpToG1Gas; }
uint64_t bls12_map_fp2_to_g2_gas(bytes_view /*input*/, Revision /*revision*/) noexcept { return kMapFp2ToG2Gas; }

// A length that is no multiple of an item's size is priced by the whole items; run then fails.
uint64_t bls12_g1_msm_gas(bytes_view input, Revision /*revision*/) noexcept {
    return msm_gas(input.size() / crypto::kBls12G1MsmItemSize, kG1MulGas, kG1Discounts);
}
uint64_t bls12_g2_msm_gas(bytes_view input, Revision /*revision*/) noexcept {
    return msm_gas(input.size() / crypto::kBls12G2MsmItemSize, kG2MulGas, kG2Discounts);
}
uint64_t bls12_pairing_gas(bytes_view input, Revision /*revision*/) noexcept {
    return kPairingBaseGas + kPairingPairGas * (input.size() / crypto::kBls12PairSize);
}

bool bls12_g1_add_run(bytes_view input, bytes& output) { return put(crypto::bls12_g1_add(input), output); }
bool bls12_g1_msm_run(bytes_view input, bytes& output) { return put(crypto::bls12_g1_msm(input), output); }
bool bls12_g2_add_run(bytes_view input, bytes& output) { return put(crypto::bls12_g2_add(input), output); }
bool bls12_g2_msm_run(bytes_view input, bytes& output) { return put(crypto::bls12_g2_msm(input), output); }
bool bls12_map_fp_to_g1_run(bytes_view input, bytes& output) { return put(crypto::bls12_map_fp_to_g1(input), output); }
bool bls12_map_fp2_to_g2_run(bytes_view input, bytes& output) { return put(crypto::bls12_map_fp2_to_g2(input), output); }

bool bls12_pairing_run(bytes_view input, bytes& output) {
    const auto is_one = crypto::bls12_pairing_check(input);
    if (!is_one) return false;
    put_flag(output, *is_one);
    return true;
}

}  // namespace weft::evm::precompiles
