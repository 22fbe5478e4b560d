// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title SimpleFeed
/// @notice The cheapest feed there can be: answer and time in one slot. For measurements only.
/// @dev It offers what feeds offer and no more: each function more would change what finding the others costs.
contract SimpleFeed {
    uint8 public constant decimals = 8;
    uint256 public constant version = 1;
    string public constant description = "mock";

    int192 public answer;
    uint64 public updatedAt;

    constructor(int192 answer_) {
        _set(answer_);
    }

    /// @notice Answers `answer_` from now on, updated now.
    function set(int192 answer_) external {
        _set(answer_);
    }

    function latestAnswer() external view returns (int256) {
        return answer;
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        return (1, answer, updatedAt, updatedAt, 1);
    }

    function _set(int192 answer_) private {
        (answer, updatedAt) = (answer_, uint64(block.timestamp));
    }
}
