// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title GuardedAggregator
/// @notice Reads the slots that Chainlink's OCR aggregator reads: whether the caller may read, the latest round, and what was
/// transmitted in it. For measurements only; {EacFeed} stands in front.
contract GuardedAggregator {
    /// @dev One slot.
    struct HotState {
        bytes16 configDigest;
        uint40 epochAndRound;
        uint8 threshold;
        uint32 latestRound;
    }

    /// @dev One slot.
    struct Transmission {
        int192 answer;
        uint64 timestamp;
    }

    bool public checkEnabled = true;
    HotState private _hot;
    mapping(address reader => bool) private _mayRead;
    mapping(uint32 round => Transmission) private _transmissions;

    /// @dev A contract that may read costs one slot; `checkEnabled` is looked up only for the others. The refusals are texts, as
    /// Chainlink has them: they cost more.
    modifier onlyReaders() {
        // solhint-disable-next-line avoid-tx-origin
        require(_mayRead[msg.sender] || !checkEnabled || msg.sender == tx.origin, "No access");
        _;
    }

    constructor(int192 answer) {
        _transmit(answer);
    }

    function allow(address reader) external {
        _mayRead[reader] = true;
    }

    function set(int192 answer) external {
        _transmit(answer);
    }

    function latestAnswer() external view onlyReaders returns (int256) {
        return _transmissions[_hot.latestRound].answer;
    }

    function latestRoundData() external view onlyReaders returns (uint80, int256, uint256, uint256, uint80) {
        uint80 round = _hot.latestRound;
        require(round != 0, "No data present");
        Transmission memory latest = _transmissions[uint32(round)]; // it came from 32 bits
        return (round, latest.answer, latest.timestamp, latest.timestamp, round);
    }

    function _transmit(int192 answer) private {
        _transmissions[++_hot.latestRound] = Transmission(answer, uint64(block.timestamp));
    }
}
