// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Votes} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Votes.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {Accounts} from "./Accounts.sol";

/// A token whose holders vote.
contract VoteToken is ERC20, ERC20Votes {
    constructor() ERC20("Vote", "VOTE") EIP712("Vote", "1") {}

    /// To the accounts number `first` to `first + count - 1`, each of which votes for itself.
    function mint(uint256 first, uint256 count, uint256 amount) external {
        for (uint256 i = first; i < first + count; ++i) {
            _mint(Accounts.at(i), amount);
            _delegate(Accounts.at(i), Accounts.at(i));
        }
    }

    function _update(address from, address to, uint256 amount) internal override(ERC20, ERC20Votes) {
        super._update(from, to, amount);
    }
}
