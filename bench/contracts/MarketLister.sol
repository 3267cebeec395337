// Copyright The weft authors
// SPDX-License-Identifier: Apache-2.0
pragma solidity 0.8.30;

import {IPoolConfigurator} from "@aave/core-v3/contracts/interfaces/IPoolConfigurator.sol";
import {ConfiguratorInputTypes} from "@aave/core-v3/contracts/protocol/libraries/types/ConfiguratorInputTypes.sol";

/// Lists assets in an Aave V3 market, of which it has to be an administrator.
contract MarketLister {
    struct Implementations {
        address aToken;
        address stableDebt;
        address variableDebt;
        address interestRates;
    }

    IPoolConfigurator private immutable configurator;
    Implementations private implementations;

    constructor(IPoolConfigurator target, address aToken, address stableDebt, address variableDebt, address interestRates) {
        configurator = target;
        implementations = Implementations(aToken, stableDebt, variableDebt, interestRates);
    }

    /// An asset with 18 decimals that can be borrowed, and deposited as collateral with these ratios, in basis points.
    function list(address asset, uint256 loanToValue, uint256 threshold, uint256 bonus) external {
        ConfiguratorInputTypes.InitReserveInput[] memory inputs = new ConfiguratorInputTypes.InitReserveInput[](1);
        inputs[0] = ConfiguratorInputTypes.InitReserveInput({
            aTokenImpl: implementations.aToken,
            stableDebtTokenImpl: implementations.stableDebt,
            variableDebtTokenImpl: implementations.variableDebt,
            underlyingAssetDecimals: 18,
            interestRateStrategyAddress: implementations.interestRates,
            underlyingAsset: asset,
            treasury: msg.sender,
            incentivesController: address(0),
            aTokenName: "deposit",
            aTokenSymbol: "D",
            variableDebtTokenName: "variable debt",
            variableDebtTokenSymbol: "V",
            stableDebtTokenName: "stable debt",
            stableDebtTokenSymbol: "S",
            params: ""
        });
        configurator.initReserves(inputs);
        configurator.configureReserveAsCollateral(asset, loanToValue, threshold, bonus);
        configurator.setReserveBorrowing(asset, true);
    }
}
