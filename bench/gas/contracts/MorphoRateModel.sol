// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title MorphoRateModel
/// @notice Stands in for Morpho's adaptive rate model, which is not on npm: a rate for each market, which grows with utilisation and
/// time and is kept for the next time. It costs less, as theirs moves the rate exponentially, averages it over the time and bends it by
/// a curve. For measurements only.
contract MorphoRateModel {
    /// @dev In the order of Morpho's `MarketParams`.
    struct MarketParams {
        address loanToken;
        address collateralToken;
        address oracle;
        address irm;
        uint256 lltv;
    }

    /// @dev In the order of Morpho's `Market`.
    struct Market {
        uint128 totalSupplyAssets;
        uint128 totalSupplyShares;
        uint128 totalBorrowAssets;
        uint128 totalBorrowShares;
        uint128 lastUpdate;
        uint128 fee;
    }

    uint256 private constant ONE = 1e18;
    /// @dev 4 % a year. [1e-18 per second]
    uint256 private constant FIRST_RATE = 0.04e18 / uint256(365 days);
    /// @dev How fast it grows at the target, and how much of the lent that is. [1e-18 per second] [1e-18]
    uint256 private constant SPEED = 50e18 / uint256(365 days);
    uint256 private constant TARGET = 0.9e18;

    mapping(bytes32 market => uint256 rate) public rateOf;

    event RateMoved(bytes32 indexed market, uint256 utilisation, uint256 rate);

    /// @notice What Morpho asks at each accrual. [1e-18 per second]
    function borrowRate(MarketParams memory params, Market memory market) external returns (uint256 rate) {
        bytes32 id = keccak256(abi.encode(params));
        uint256 utilisation =
            market.totalSupplyAssets == 0 ? 0 : (uint256(market.totalBorrowAssets) * ONE) / market.totalSupplyAssets;
        uint256 factor = (SPEED * (block.timestamp - market.lastUpdate) * utilisation) / TARGET;
        rate = rateOf[id];
        rate = rate == 0 ? FIRST_RATE : rate + (rate * factor) / ONE;
        rateOf[id] = rate;
        emit RateMoved(id, utilisation, rate);
    }
}
