// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {ERC721} from "@openzeppelin/contracts/token/ERC721/ERC721.sol";

/// A collection that is sold at a fixed price, a few pieces to each buyer.
contract Collectible is ERC721 {
    uint256 public constant PRICE = 0.01 ether;
    uint256 public constant MOST_PER_BUYER = 20;

    uint256 public sold;
    mapping(address => uint256) public bought;

    constructor() ERC721("Collectible", "COL") {}

    function mint() external payable {
        require(msg.value == PRICE, "price");
        require(++bought[msg.sender] <= MOST_PER_BUYER, "limit");
        _mint(msg.sender, ++sold);
    }
}
