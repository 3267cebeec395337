// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.20;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

/// Anyone mints the next number; the counter is a slot that every mint changes.
contract ExampleCollectible is ERC721 {
    uint256 public minted;

    constructor() ERC721("Example Collectible", "EXC") {}

    function mint() external {
        _mint(msg.sender, minted++);
    }
}
