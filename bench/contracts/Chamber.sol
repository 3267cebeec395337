// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Governor} from "@openzeppelin/contracts/governance/Governor.sol";
import {GovernorCountingSimple} from "@openzeppelin/contracts/governance/extensions/GovernorCountingSimple.sol";
import {GovernorVotes} from "@openzeppelin/contracts/governance/extensions/GovernorVotes.sol";
import {IVotes} from "@openzeppelin/contracts/governance/utils/IVotes.sol";

/// A governor whose proposals can be voted on from the second block after the one that makes them.
contract Chamber is Governor, GovernorCountingSimple, GovernorVotes {
    constructor(IVotes token) Governor("Chamber") GovernorVotes(token) {}

    function votingDelay() public pure override returns (uint256) {
        return 1;
    }

    function votingPeriod() public pure override returns (uint256) {
        return 50_400;
    }

    function quorum(uint256) public pure override returns (uint256) {
        return 1;
    }

    /// A proposal that calls this contract with no data, and is told from others by its text.
    function proposeText(string calldata text) external returns (uint256) {
        address[] memory targets = new address[](1);
        targets[0] = address(this);
        return propose(targets, new uint256[](1), new bytes[](1), text);
    }
}
