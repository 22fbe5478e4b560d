// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV3Interface.sol";

/// @title TestFeed
/// @notice A price feed that says what it is told to, with any time, and misbehaves on demand. For tests only.
contract TestFeed is AggregatorV3Interface {
    /// @dev How the feed answers.
    enum Mode {
        Answer,
        Revert,
        BurnGas,
        ReturnShort,
        ReturnLong
    }

    uint8 public immutable decimals;
    string public description = "TEST / USD";
    uint256 public constant version = 1;

    int256 public answer;
    uint256 public updatedAt;
    Mode public mode;

    error Dead();

    constructor(uint8 decimals_, int256 answer_) {
        decimals = decimals_;
        set(answer_);
    }

    /// @notice Answers `answer_` from now on, updated now.
    function set(int256 answer_) public {
        setAt(answer_, block.timestamp);
    }

    /// @notice Answers `answer_` from now on, updated at any time.
    function setAt(int256 answer_, uint256 updatedAt_) public {
        (answer, updatedAt) = (answer_, updatedAt_);
    }

    function setMode(Mode mode_) external {
        mode = mode_;
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        if (mode == Mode.Revert) revert Dead();
        if (mode == Mode.BurnGas) {
            for (uint256 i = 0; ; i++) {} // until the gas is gone
        }
        if (mode == Mode.ReturnShort) {
            assembly ("memory-safe") {
                return(0, 64)
            }
        }
        if (mode == Mode.ReturnLong) {
            bytes memory long = new bytes(100_000);
            assembly ("memory-safe") {
                return(add(long, 32), mload(long))
            }
        }
        return (1, answer, updatedAt, updatedAt, 1);
    }

    function getRoundData(uint80) external view returns (uint80, int256, uint256, uint256, uint80) {
        return (1, answer, updatedAt, updatedAt, 1);
    }
}
