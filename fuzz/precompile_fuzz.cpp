// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
#include "weft/evm/precompiles/precompiles.hpp"

/// The first two bytes choose contract and revision; the rest is its input. What 30,000,000 gas pays for runs.
extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
    using namespace weft;
    if (size < 2) return 0;
    const auto contracts = evm::all_precompiles();
    const evm::Precompile& contract = contracts[data[0] % contracts.size()];
    const auto revision = static_cast<types::Revision>(data[1] % types::kRevisionCount);
    if (revision < contract.since) return 0;
    const bytes_view input{data + 2, size - 2};
    if (contract.gas(input, revision) > 30'000'000) return 0;
    bytes output;
    static_cast<void>(contract.run(input, output));
    return 0;
}
