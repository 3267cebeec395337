// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// The external accounts of a workload, which it numbers.
library Accounts {
    function at(uint256 i) internal pure returns (address) {
        return address(uint160(uint256(keccak256(abi.encode(i)))));
    }
}
