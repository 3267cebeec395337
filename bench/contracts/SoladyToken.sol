// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ERC20} from "solady/src/tokens/ERC20.sol";

/// A token of Solady's make, written in assembly, that anybody may mint.
contract SoladyToken is ERC20 {
    function name() public pure override returns (string memory) {
        return "Solady";
    }

    function symbol() public pure override returns (string memory) {
        return "SOL";
    }

    function mint(address holder, uint256 amount) external {
        _mint(holder, amount);
    }
}
