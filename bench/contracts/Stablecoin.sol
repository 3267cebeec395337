// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {Accounts} from "./Accounts.sol";

/// A stablecoin as its issuers build them: to be called through a proxy, can be paused, keeps a list of blocked holders, and
/// lets licensed minters issue and redeem up to an allowance.
contract Stablecoin is ERC20 {
    address public issuer;
    bool public paused;
    mapping(address => bool) public blocked;
    mapping(address => uint256) public mintAllowance;

    constructor() ERC20("Stablecoin", "STB") {}

    modifier onlyIssuer() {
        require(msg.sender == issuer, "issuer");
        _;
    }

    /// In place of a constructor, once for each proxy.
    function initialize(address firstIssuer) external {
        require(issuer == address(0), "initialized");
        issuer = firstIssuer;
    }

    function license(uint256 first, uint256 count, uint256 allowance) external onlyIssuer {
        for (uint256 i = first; i < first + count; ++i) mintAllowance[Accounts.at(i)] = allowance;
    }

    function setBlocked(address holder, bool value) external onlyIssuer {
        blocked[holder] = value;
    }

    function setPaused(bool value) external onlyIssuer {
        paused = value;
    }

    function distribute(uint256 first, uint256 count, uint256 amount) external onlyIssuer {
        for (uint256 i = first; i < first + count; ++i) _mint(Accounts.at(i), amount);
    }

    function mint(address to, uint256 amount) external {
        mintAllowance[msg.sender] -= amount;
        _mint(to, amount);
    }

    function burn(uint256 amount) external {
        _burn(msg.sender, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        require(!paused, "paused");
        require(!blocked[from] && !blocked[to], "blocked");
        super._update(from, to, amount);
    }
}
