// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include <string_view>

namespace weft::test {

/// A case of the archive that `weft t8n` does not run, and why.
struct LeftOut {
    std::string_view name;
    std::string_view reason;
};

/// Folders and files of geth/evm-t8n.
inline constexpr LeftOut kLeftOutOfGeth[] = {
    {.name = "2", .reason = "gives an input, and no output that is expected"},
    {.name = "15", .reason = "a case of t9n, which validates transactions alone"},
    {.name = "16", .reason = "a case of t9n, which validates transactions alone"},
    {.name = "17", .reason = "a case of t9n, which validates transactions alone"},
    {.name = "18", .reason = "a case of t9n, which validates transactions alone"},
    {.name = "20", .reason = "a case of b11r, which puts blocks together"},
    {.name = "21", .reason = "a case of b11r, which puts blocks together"},
    {.name = "22", .reason = "a case of b11r, which puts blocks together"},
    {.name = "27", .reason = "a case of b11r, which puts blocks together"},
    {.name = "32", .reason = "traces with call frames: weft's tracer does not report a SELFDESTRUCT as a frame with its balance"},
    {.name = "evmrun", .reason = "a case of `evm run`"},
    {.name = "statetest.json", .reason = "a state test, for `weft statetest`"},
};

/// Files of besu/evmtool/t8n.
inline constexpr LeftOut kLeftOutOfBesu[] = {
    {.name = "shanghai-withdrawals-overflow.json",
     .reason = "a withdrawal lifts a balance above 2^256 - 1, which no chain can reach; besu adds a field with the name of its exception"},
};

}  // namespace weft::test
