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
        ReturnLong,
        ReturnPadded, // its round, and 100,000 bytes more
        ReturnRaw, // what setRaw says
        AnswerLate // its round, when nearly all gas is gone
    }

    uint8 public immutable decimals;
    string public description = "TEST / USD";
    uint256 public constant version = 1;

    int256 public answer;
    uint256 public startedAt;
    uint256 public updatedAt;
    Mode public mode;
    bytes public raw;

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
        setRound(answer_, updatedAt_, updatedAt_);
    }

    /// @notice Answers `answer_` from now on, with any times: what an uptime feed says changed at `startedAt_`.
    function setRound(int256 answer_, uint256 startedAt_, uint256 updatedAt_) public {
        (answer, startedAt, updatedAt) = (answer_, startedAt_, updatedAt_);
    }

    /// @notice Returns these bytes from now on, whatever they are.
    function setRaw(bytes calldata raw_) external {
        (raw, mode) = (raw_, Mode.ReturnRaw);
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
        if (mode == Mode.ReturnLong) _return(new bytes(100_000));
        if (mode == Mode.AnswerLate) {
            while (gasleft() > 10_000) {} // its round is read from three slots
        }
        if (mode == Mode.ReturnPadded) _return(bytes.concat(_round(), new bytes(100_000)));
        if (mode == Mode.ReturnRaw) _return(raw);
        return (1, answer, startedAt, updatedAt, 1);
    }

    function getRoundData(uint80) external view returns (uint80, int256, uint256, uint256, uint80) {
        return (1, answer, startedAt, updatedAt, 1);
    }

    function _round() private view returns (bytes memory) {
        return abi.encode(1, answer, startedAt, updatedAt, 1);
    }

    /// @dev Ends the call with these bytes, as they are.
    function _return(bytes memory data) private pure {
        assembly ("memory-safe") {
            return(add(data, 32), mload(data))
        }
    }
}
