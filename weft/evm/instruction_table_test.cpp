// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/evm/instruction_table.hpp"

#include "weft/evm/rules.hpp"

#include <gtest/gtest.h>

namespace weft::evm {
namespace {

constexpr unsigned kByte = 256;

/// The first revision with an opcode, or one past the last: written from the EIPs' lists, independently of the table.
constexpr unsigned first_revision(unsigned op) {
    const auto r = [](Revision revision) { return static_cast<unsigned>(revision); };
    constexpr unsigned kNever = types::kRevisionCount;
    switch (op) {
        case 0xf4:
            return r(Revision::Homestead);  // EIP-7
        case 0x3d:
        case 0x3e:  // EIP-211
        case 0xfa:  // EIP-214
        case 0xfd:  // EIP-140
            return r(Revision::Byzantium);
        case 0x1b:
        case 0x1c:
        case 0x1d:  // EIP-145
        case 0x3f:  // EIP-1052
        case 0xf5:  // EIP-1014
            return r(Revision::Constantinople);
        case 0x46:  // EIP-1344
        case 0x47:  // EIP-1884
            return r(Revision::Istanbul);
        case 0x48:
            return r(Revision::London);  // EIP-3198
        case 0x5f:
            return r(Revision::Shanghai);  // EIP-3855
        case 0x49:                         // EIP-4844
        case 0x4a:                         // EIP-7516
        case 0x5c:
        case 0x5d:  // EIP-1153
        case 0x5e:  // EIP-5656
            return r(Revision::Cancun);
        case 0x1e:
            return r(Revision::Osaka);  // EIP-7939
        default:
            break;
    }
    // The ranges of the Yellow Paper, appendix H.
    const bool original = op <= 0x0b || (op >= 0x10 && op <= 0x1a) || op == 0x20 || (op >= 0x30 && op <= 0x3c) ||
                          (op >= 0x40 && op <= 0x45) || (op >= 0x50 && op <= 0x5b) || (op >= 0x60 && op <= 0xa4) ||
                          (op >= 0xf0 && op <= 0xf3) || op >= 0xfe;
    return original ? 0 : kNever;
}

/// Stack items removed and added (Yellow Paper, appendix H: delta and alpha).
struct StackUse {
    int in;
    int out;
    constexpr bool operator==(const StackUse&) const = default;
};
constexpr StackUse stack_use(unsigned op) {
    if (op >= 0x5f && op <= 0x7f) return {0, 1};
    if (op >= 0x80 && op <= 0x8f) return {static_cast<int>(op - 0x7f), static_cast<int>(op - 0x7e)};
    if (op >= 0x90 && op <= 0x9f) return {static_cast<int>(op - 0x8e), static_cast<int>(op - 0x8e)};
    if (op >= 0xa0 && op <= 0xa4) return {static_cast<int>(op - 0x9e), 0};
    switch (op) {
        case 0x00:
        case 0x5b:
        case 0xfe:
            return {0, 0};
        case 0x08:
        case 0x09:
            return {3, 1};
        case 0x15:
        case 0x19:
        case 0x1e:
        case 0x31:
        case 0x35:
        case 0x3b:
        case 0x3f:
        case 0x40:
        case 0x49:
        case 0x51:
        case 0x54:
        case 0x5c:
            return {1, 1};
        case 0x37:
        case 0x39:
        case 0x3e:
        case 0x5e:
            return {3, 0};
        case 0x3c:
            return {4, 0};
        case 0x50:
        case 0x56:
        case 0xff:
            return {1, 0};
        case 0x52:
        case 0x53:
        case 0x55:
        case 0x57:
        case 0x5d:
        case 0xf3:
        case 0xfd:
            return {2, 0};
        case 0xf0:
            return {3, 1};
        case 0xf5:
            return {4, 1};
        case 0xf1:
        case 0xf2:
            return {7, 1};
        case 0xf4:
        case 0xfa:
            return {6, 1};
        default:
            break;
    }
    if (op <= 0x20) return {2, 1};
    return {0, 1};
}

/// Gas by the schedule of each revision, without what depends on operands, and with every account and slot warm.
constexpr int base_gas(unsigned op, Revision revision) {
    const bool tangerine = revision >= Revision::TangerineWhistle;
    const bool istanbul = revision >= Revision::Istanbul;
    const bool berlin = revision >= Revision::Berlin;
    if (op >= 0x60 && op <= 0x9f) return 3;                                        // G_verylow
    if (op >= 0xa0 && op <= 0xa4) return 375 + 375 * static_cast<int>(op - 0xa0);  // G_log, G_logtopic
    switch (op) {
        case 0x00:
        case 0x55:
        case 0xf3:
        case 0xfd:
        case 0xfe:
            return 0;
        case 0x5b:
            return 1;
        case 0x30:
        case 0x32:
        case 0x33:
        case 0x34:
        case 0x36:
        case 0x38:
        case 0x3a:
        case 0x3d:
        case 0x41:
        case 0x42:
        case 0x43:
        case 0x44:
        case 0x45:
        case 0x46:
        case 0x48:
        case 0x4a:
        case 0x50:
        case 0x58:
        case 0x59:
        case 0x5a:
        case 0x5f:
            return 2;  // G_base
        case 0x02:
        case 0x04:
        case 0x05:
        case 0x06:
        case 0x07:
        case 0x0b:
        case 0x1e:
        case 0x47:
            return 5;  // G_low
        case 0x08:
        case 0x09:
        case 0x56:
            return 8;  // G_mid
        case 0x0a:
        case 0x57:
            return 10;  // G_high, G_exp
        case 0x20:
            return 30;
        case 0x40:
            return 20;
        case 0x5c:
        case 0x5d:
            return 100;
        case 0xf0:
        case 0xf5:
            return 32000;
        case 0xff:
            return tangerine ? 5000 : 0;
        case 0x31:
            return berlin ? 100 : istanbul ? 700 : tangerine ? 400 : 20;
        case 0x3b:
        case 0x3c:
            return berlin ? 100 : tangerine ? 700 : 20;
        case 0x3f:
            return berlin ? 100 : istanbul ? 700 : 400;
        case 0x54:
            return berlin ? 100 : istanbul ? 800 : tangerine ? 200 : 50;
        case 0xf1:
        case 0xf2:
        case 0xf4:
        case 0xfa:
            return berlin ? 100 : tangerine ? 700 : 40;
        default:
            return 3;
    }
}

constexpr bool rows_are_in_order() {
    for (size_t i = 1; i < std::size(kInstructionRows); ++i)
        if (kInstructionRows[i - 1].opcode >= kInstructionRows[i].opcode) return false;
    return true;
}
static_assert(rows_are_in_order());

constexpr bool existence_matches() {
    for (unsigned op = 0; op < kByte; ++op) {
        const unsigned since = first_revision(op);
        if (kInstructions[op].mnemonic.empty() != (since == types::kRevisionCount)) return false;
        if (!kInstructions[op].mnemonic.empty() && static_cast<unsigned>(kInstructions[op].since) != since) return false;
        for (unsigned r = 0; r < types::kRevisionCount; ++r) {
            const bool defined = kRevisionTables[r][op].handler != Handler::invalid;
            if (defined != (r >= since && op != 0xfe)) return false;
        }
    }
    return true;
}
static_assert(existence_matches());

constexpr bool stack_use_matches() {
    for (unsigned op = 0; op < kByte; ++op)
        if (!kInstructions[op].mnemonic.empty() && stack_use(op) != StackUse{kInstructions[op].stack_in, kInstructions[op].stack_out})
            return false;
    return true;
}
static_assert(stack_use_matches());

constexpr bool immediates_match() {
    for (unsigned op = 0; op < kByte; ++op)
        if (kInstructions[op].immediate != (op >= 0x60 && op <= 0x7f ? op - 0x5f : 0)) return false;
    return true;
}
static_assert(immediates_match());

TEST(InstructionTable, base_gas_of_every_opcode_in_every_revision) {
    for (unsigned r = 0; r < types::kRevisionCount; ++r) {
        const auto revision = static_cast<Revision>(r);
        for (unsigned op = 0; op < kByte; ++op) {
            const int expected = r >= first_revision(op) ? base_gas(op, revision) : 0;
            EXPECT_EQ(revision_table(revision)[op].gas, expected) << types::to_string(revision) << " " << kInstructions[op].mnemonic;
        }
    }
}

TEST(InstructionTable, sstore_variant_of_every_revision) {
    const auto handler = [](Revision revision) { return revision_table(revision)[0x55].handler; };
    EXPECT_EQ(handler(Revision::Frontier), Handler::sstore_frontier);
    EXPECT_EQ(handler(Revision::Byzantium), Handler::sstore_frontier);
    EXPECT_EQ(handler(Revision::Constantinople), Handler::sstore_eip1283);
    EXPECT_EQ(handler(Revision::Petersburg), Handler::sstore_frontier);
    EXPECT_EQ(handler(Revision::Istanbul), Handler::sstore_eip2200);
    EXPECT_EQ(handler(Revision::Berlin), Handler::sstore_eip2929);
    EXPECT_EQ(handler(Revision::London), Handler::sstore_eip3529);
    EXPECT_EQ(handler(Revision::Osaka), Handler::sstore_eip3529);
}

TEST(Rules, begin_with_their_revision) {
    EXPECT_TRUE(rules_of(Revision::Frontier).creation_survives_unpaid_deposit);
    EXPECT_FALSE(rules_of(Revision::Homestead).creation_survives_unpaid_deposit);
    EXPECT_FALSE(rules_of(Revision::Homestead).keeps_one_64th);
    EXPECT_TRUE(rules_of(Revision::TangerineWhistle).keeps_one_64th);
    EXPECT_EQ(rules_of(Revision::TangerineWhistle).exp_byte, 10);
    EXPECT_EQ(rules_of(Revision::SpuriousDragon).exp_byte, 50);
    EXPECT_EQ(rules_of(Revision::Istanbul).has_access_lists, false);
    EXPECT_EQ(rules_of(Revision::Berlin).has_access_lists, true);
    EXPECT_EQ(rules_of(Revision::Paris).max_initcode_size, UINT64_MAX);
    EXPECT_EQ(rules_of(Revision::Osaka).max_initcode_size, 49152U);
    EXPECT_EQ(rules_of(Revision::Cancun).has_delegation, false);
    EXPECT_EQ(rules_of(Revision::Osaka).has_delegation, true);
    EXPECT_EQ(rules_of(Revision::Osaka).revision, Revision::Osaka);
}

}  // namespace
}  // namespace weft::evm
