// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {Accounts} from "./Accounts.sol";

/// An ERC-20 token that anybody may mint.
contract Token is ERC20 {
    constructor() ERC20("Token", "TOK") {}

    /// To the accounts number `first` to `first + count - 1`, the same amount each.
    function mint(uint256 first, uint256 count, uint256 amount) external {
        for (uint256 i = first; i < first + count; ++i) _mint(Accounts.at(i), amount);
    }

    function mintTo(address holder, uint256 amount) external {
        _mint(holder, amount);
    }
}
