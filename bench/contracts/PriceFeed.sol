// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// The price of one asset, as an oracle's network reports it.
contract PriceFeed {
    int256 public latestAnswer;

    constructor(int256 price) {
        latestAnswer = price;
    }

    function report(int256 price) external {
        latestAnswer = price;
    }
}
