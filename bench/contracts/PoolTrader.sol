// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

interface IPool {
    function token0() external view returns (address);
    function token1() external view returns (address);
    function mint(address recipient, int24 lower, int24 upper, uint128 amount, bytes calldata data) external returns (uint256, uint256);
    function swap(address recipient, bool zeroForOne, int256 amount, uint160 limit, bytes calldata data) external returns (int256, int256);
}

/// The least that a Uniswap V3 pool wants between itself and a trader: somebody who pays when it calls back.
contract PoolTrader {
    uint160 private constant LOWEST = 4295128740;
    uint160 private constant HIGHEST = 1461446703485210103287273052203988822378723970341;

    /// Adds liquidity between two ticks, paid by the sender.
    function provide(IPool pool, int24 lower, int24 upper, uint128 amount) external {
        pool.mint(msg.sender, lower, upper, amount, abi.encode(msg.sender));
    }

    /// Sells that amount of one token of the pool for the other.
    function sell(IPool pool, bool zeroForOne, uint256 amount) external {
        pool.swap(msg.sender, zeroForOne, int256(amount), zeroForOne ? LOWEST : HIGHEST, abi.encode(msg.sender));
    }

    function uniswapV3MintCallback(uint256 amount0, uint256 amount1, bytes calldata data) external {
        pay(int256(amount0), int256(amount1), abi.decode(data, (address)));
    }

    function uniswapV3SwapCallback(int256 amount0, int256 amount1, bytes calldata data) external {
        pay(amount0, amount1, abi.decode(data, (address)));
    }

    function pay(int256 amount0, int256 amount1, address payer) private {
        if (amount0 > 0) IERC20(IPool(msg.sender).token0()).transferFrom(payer, msg.sender, uint256(amount0));
        if (amount1 > 0) IERC20(IPool(msg.sender).token1()).transferFrom(payer, msg.sender, uint256(amount1));
    }
}
