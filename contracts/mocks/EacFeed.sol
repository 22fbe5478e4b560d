// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {GuardedAggregator} from "./GuardedAggregator.sol";

/// @title EacFeed
/// @notice Reads the slots that Chainlink's EACAggregatorProxy reads: who controls the access, and the phase's aggregator, which
/// it asks. With {GuardedAggregator} a read costs what one of a real feed does. For measurements only.
contract EacFeed {
    /// @dev One slot.
    struct Phase {
        uint16 id;
        GuardedAggregator aggregator;
    }

    uint8 public constant decimals = 8;
    uint256 public constant version = 4;
    string public constant description = "mock";

    address public owner;
    address public accessController;
    Phase private _phase;

    /// @dev The refusal is a text, as Chainlink has it: it costs more.
    modifier onlyReaders() {
        require(accessController == address(0), "No access");
        _;
    }

    constructor(int192 answer) {
        GuardedAggregator aggregator = new GuardedAggregator(answer);
        aggregator.allow(address(this));
        _phase = Phase(5, aggregator);
        owner = msg.sender;
    }

    /// @notice Answers `answer` from now on, updated now.
    function set(int192 answer) external {
        _phase.aggregator.set(answer);
    }

    function latestAnswer() external view onlyReaders returns (int256) {
        return _phase.aggregator.latestAnswer();
    }

    function latestRoundData()
        external
        view
        onlyReaders
        returns (uint80 round, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredIn)
    {
        Phase memory phase = _phase;
        (round, answer, startedAt, updatedAt, answeredIn) = phase.aggregator.latestRoundData();
        uint80 prefix = uint80(phase.id) << 64;
        (round, answeredIn) = (prefix | round, prefix | answeredIn);
    }
}
