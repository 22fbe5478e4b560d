// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

interface IFeed {
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80);
}

/// @title MorphoOracle
/// @notice Stands in for Morpho's own oracle over Chainlink's feeds, which is not on npm: two feeds of eight decimals and a scale.
/// It costs less, as theirs also asks whether there are two more feeds and two vaults. For measurements only.
contract MorphoOracle {
    IFeed private immutable COLLATERAL_FEED;
    IFeed private immutable ASSET_FEED;
    uint256 private immutable SCALE;

    /// @param scale 1e36, times a unit of the loan asset, over a unit of the collateral.
    constructor(IFeed collateralFeed, IFeed assetFeed, uint256 scale) {
        (COLLATERAL_FEED, ASSET_FEED, SCALE) = (collateralFeed, assetFeed, scale);
    }

    /// @notice What Morpho asks: a unit of collateral in units of the loan asset. [1e36]
    function price() external view returns (uint256) {
        return (SCALE * _answer(COLLATERAL_FEED)) / _answer(ASSET_FEED);
    }

    function _answer(IFeed feed) private view returns (uint256) {
        (, int256 answer, , , ) = feed.latestRoundData();
        require(answer >= 0, "negative answer");
        return uint256(answer);
    }
}
