// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {Accounts} from "./Accounts.sol";

/// Follows goods from hand to hand. Everything that happens to an item is an event, and their hashes form a chain whose end is
/// stored; goods travel in containers, whose condition counts for all of them.
contract SupplyChain {
    struct Item {
        address holder;
        uint32 container; // 0: none
        uint32 steps;
        bytes32 history;
    }
    struct Container {
        address carrier;
        uint32 readings;
        int32 warmest; // thousandths of a degree
        bytes32 history;
    }

    mapping(uint256 => Item) public items;
    mapping(uint32 => Container) public containers;
    mapping(address => bool) public certified;

    event Step(uint256 indexed item, address indexed by, bytes32 what);
    event Reading(uint32 indexed container, int32 temperature);

    /// Items number `first` to `first + count - 1`, each in the hands of the account with its number modulo `holders`, in one of
    /// `boxes` containers.
    function produce(uint256 first, uint256 count, uint256 holders, uint32 boxes) external {
        for (uint256 i = first; i < first + count; ++i) {
            address holder = Accounts.at(i % holders);
            certified[holder] = true;
            items[i] = Item(holder, 1 + uint32(i % boxes), 1, keccak256(abi.encode(i)));
        }
    }

    function assign(uint32 first, uint32 count, uint256 carriers) external {
        for (uint32 i = first; i < first + count; ++i) containers[i].carrier = Accounts.at(i % carriers);
    }

    function handOver(uint256 id, address to) external {
        Item storage item = items[id];
        require(item.holder == msg.sender, "not yours");
        require(certified[to], "not certified");
        item.holder = to;
        note(id, item, bytes32(uint256(uint160(to))));
    }

    /// The holder says what was done to an item.
    function inspect(uint256 id, bytes32 finding) external {
        Item storage item = items[id];
        require(item.holder == msg.sender, "not yours");
        note(id, item, finding);
    }

    /// The carrier of a container reports its temperature.
    function report(uint32 id, int32 temperature) external {
        Container storage box = containers[id];
        require(box.carrier == msg.sender, "not the carrier");
        ++box.readings;
        if (temperature > box.warmest) box.warmest = temperature;
        box.history = keccak256(abi.encode(box.history, temperature, block.timestamp));
        emit Reading(id, temperature);
    }

    /// Adds a step, in which the condition of the item's container is part of the history.
    function note(uint256 id, Item storage item, bytes32 what) private {
        ++item.steps;
        bytes32 condition = containers[item.container].history;
        item.history = keccak256(abi.encode(item.history, condition, msg.sender, what, block.timestamp));
        emit Step(id, msg.sender, what);
    }
}
