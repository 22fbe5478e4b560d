// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title TurncoatFeed
/// @notice A feed that answers 15 dollars with eight decimals, until it says something else of its decimals. For tests only.
contract TurncoatFeed {
    uint256 public decimals = 8;

    function setDecimals(uint256 decimals_) external {
        decimals = decimals_;
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return (1, 15e8, block.timestamp, block.timestamp, 1);
    }
}
