// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";

/// A staking vault: its shares gain what is paid into it as yield, little by little over time.
contract Vault is ERC4626 {
    uint256 public constant PERIOD = 7 days;

    uint256 public yield;
    uint256 public yieldStart;

    constructor(IERC20 asset) ERC20("Staked Token", "sTOK") ERC4626(asset) {}

    /// Begins to pay out `amount`, and what was left of the yield before.
    function addYield(uint256 amount) external {
        IERC20(asset()).transferFrom(msg.sender, address(this), amount);
        yield = unpaid() + amount;
        yieldStart = block.timestamp;
    }

    /// The part of the yield that belongs to nobody yet.
    function unpaid() public view returns (uint256) {
        uint256 passed = block.timestamp - yieldStart;
        return passed >= PERIOD ? 0 : yield * (PERIOD - passed) / PERIOD;
    }

    function totalAssets() public view override returns (uint256) {
        return super.totalAssets() - unpaid();
    }
}
