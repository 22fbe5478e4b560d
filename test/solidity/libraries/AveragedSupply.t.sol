// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AveragedSupply} from "../../../contracts/libraries/AveragedSupply.sol";
import {BaseTest} from "../helpers/BaseTest.sol";
import {Reference} from "../helpers/Reference.sol";

/// @notice {AveragedSupply} against exponentials with 30 decimals.
contract AveragedSupplyTest is BaseTest {
    uint256 private constant MAX = type(uint48).max;

    function testFuzz_Next_liesBetweenAverageAndSupply(uint256 average, uint256 supply, uint256 elapsed) public pure {
        average = bound(average, 0, MAX);
        supply = bound(supply, 0, MAX);
        elapsed = bound(elapsed, 0, type(uint32).max);
        uint256 next = AveragedSupply.next(average, supply, elapsed);
        (uint256 low, uint256 high) = average < supply ? (average, supply) : (supply, average);
        assertGe(next, low);
        assertLe(next, high);
    }

    /// @dev Seven days' time constant up, twelve hours' down; rounded down, off by no more than that.
    function testFuzz_Next_isExponential(uint256 average, uint256 supply, uint256 elapsed) public pure {
        average = bound(average, 0, MAX);
        supply = bound(supply, 0, MAX);
        bool rises = supply > average;
        elapsed = bound(elapsed, 0, rises ? 120 days : 10 days);
        uint256 kept = Reference.expNegative((elapsed * WAD) / (rises ? 7 days : 12 hours));
        uint256 exact =
            rises // [1e30]
                ? supply * Reference.ONE - (supply - average) * kept
                : supply * Reference.ONE + (average - supply) * kept;
        uint256 next = AveragedSupply.next(average, supply, elapsed) * Reference.ONE;
        assertLe(next, exact + Reference.ONE / 1000); // the gap × 1e-18 is the rounding of the exponential
        assertGe(next + Reference.ONE + Reference.ONE / 1000, exact);
    }

    /// @dev Money parked for a day moves the average by at most 14 % of the gap.
    function testFuzz_Next_dayMovesAtMost14Percent(uint256 average, uint256 supply, uint256 elapsed) public pure {
        supply = bound(supply, 0, MAX);
        average = bound(average, 0, supply);
        elapsed = bound(elapsed, 0, 1 days);
        uint256 moved = AveragedSupply.next(average, supply, elapsed) - average;
        assertLe(moved * 100, (supply - average) * 14);
    }

    /// @dev Two bookings move the average as far as one, but for the rounding.
    function testFuzz_Next_doesNotDependOnSteps(
        uint256 average,
        uint256 supply,
        uint256 first,
        uint256 second
    ) public pure {
        average = bound(average, 0, MAX);
        supply = bound(supply, 0, MAX);
        first = bound(first, 0, 30 days);
        second = bound(second, 0, 30 days);
        uint256 once = AveragedSupply.next(average, supply, first + second);
        uint256 twice = AveragedSupply.next(AveragedSupply.next(average, supply, first), supply, second);
        assertApproxEqAbs(twice, once, 2);
    }

    function testFuzz_Next_standsStillWithoutTime(uint256 average, uint256 supply) public pure {
        average = bound(average, 0, MAX);
        supply = bound(supply, 0, MAX);
        assertEq(AveragedSupply.next(average, supply, 0), average);
    }

    function testFuzz_Next_arrives(uint256 average, uint256 supply, uint256 elapsed) public pure {
        average = bound(average, 0, MAX);
        supply = bound(supply, 0, MAX);
        elapsed = bound(elapsed, 365 days, type(uint32).max);
        uint256 next = AveragedSupply.next(average, supply, elapsed);
        assertApproxEqAbs(next, supply, 1);
    }

    /// @dev 104 bits of cash, 176 - 60 of debt, times a hundred, of a token without decimals.
    function testFuzz_Next_saturates(uint256 average, uint256 supply, uint256 elapsed) public pure {
        average = bound(average, 0, MAX);
        supply = bound(supply, MAX + 1, 2 ** 124);
        elapsed = bound(elapsed, 0, type(uint32).max);
        uint256 next = AveragedSupply.next(average, supply, elapsed);
        assertGe(next, average);
        assertLe(next, MAX);
        assertEq(AveragedSupply.next(average, 2 ** 124, 365 days), MAX);
    }
}
