// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

/// What somebody would send to make parallel execution slow.
contract Contention {
    uint256 public constant CELLS = 64;

    uint256 public hot = 1;
    uint256 public seen;
    mapping(uint256 => uint256) public cells;

    /// Reads first what everybody writes last, with long work between.
    function churn(uint256 rounds) external {
        hot = work(hot, rounds);
    }

    /// Where it looks and what it writes depends on what it found so far, so that nobody can tell it beforehand.
    function wander(uint256 steps, uint256 seed) external {
        uint256 at = hot ^ seed;
        for (uint256 i = 0; i < steps; ++i) {
            uint256 place = at % CELLS;
            at = uint256(keccak256(abi.encode(at, cells[place])));
            if (i % 4 == 3) cells[place] = at;
        }
    }

    /// Works for nothing, unless the hot value happens to be right.
    function spoil(uint256 rounds) external {
        require(work(hot, rounds) == 0, "spoilt");
    }

    /// Looks at the account that all fees go to.
    function watch(uint256 rounds) external {
        seen = work(block.coinbase.balance, rounds);
    }

    /// Writes everything that others read.
    function sweep(uint256 seed) external {
        for (uint256 i = 0; i < CELLS; i += 2) cells[i] = seed ^ i;
    }

    function work(uint256 value, uint256 rounds) private pure returns (uint256) {
        for (uint256 i = 0; i < rounds; ++i) value = uint256(keccak256(abi.encode(value, i)));
        return value;
    }
}
