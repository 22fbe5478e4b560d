// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {RateCurve} from "../../../contracts/libraries/RateCurve.sol";
import {BaseTest} from "../helpers/BaseTest.sol";
import {Reference} from "../helpers/Reference.sol";

/// @notice {RateCurve} against straight lines and exponentials with 30 decimals.
contract RateCurveTest is BaseTest {
    uint256 private constant MIN_RATE = 0.005e14;
    uint256 private constant MAX_RATE = 0.25e14;
    uint256 private constant TARGET = 0.9e18;
    uint256 private constant STORED_TO_WAD = 1e4;

    // ------------------------------------------------------------------------------------------------ Utilisation

    function testFuzz_Utilisation_isShareLentOut(uint256 cash, uint256 debt) public pure {
        cash = bound(cash, 0, type(uint104).max);
        debt = bound(debt, 0, type(uint120).max);
        uint256 expected = debt == 0 ? 0 : (debt * WAD) / (cash + debt); // 180 bits
        assertEq(RateCurve.utilisation(cash, debt), expected);
    }

    // ------------------------------------------------------------------------------------------------------ Curve

    function test_Rate_atCorners() public pure {
        assertEq(RateCurve.rate(0.04e14, 0), 0.01e18);
        assertEq(RateCurve.rate(0.04e14, 0.45e18), 0.025e18);
        assertEq(RateCurve.rate(0.04e14, TARGET), 0.04e18);
        assertEq(RateCurve.rate(0.04e14, 0.95e18), 0.1e18);
        assertEq(RateCurve.rate(0.04e14, WAD), 0.16e18);
        assertEq(RateCurve.rate(MAX_RATE, WAD), 1e18); // the highest nominal rate there is
        assertEq(RateCurve.rate(MIN_RATE, 0), 0.00125e18); // the lowest
    }

    function testFuzz_Rate_liesOnStraightLines(uint256 rateAtTarget, uint256 utilisation) public pure {
        rateAtTarget = bound(rateAtTarget, MIN_RATE, MAX_RATE);
        utilisation = bound(utilisation, 0, WAD);
        uint256 expected = (rateAtTarget * STORED_TO_WAD * Reference.curve(utilisation)) / Reference.ONE;
        assertApproxEqAbs(RateCurve.rate(rateAtTarget, utilisation), expected, 2);
    }

    function testFuzz_Rate_rises(uint256 rateAtTarget, uint256 lower, uint256 higher) public pure {
        rateAtTarget = bound(rateAtTarget, MIN_RATE, MAX_RATE);
        higher = bound(higher, 0, WAD);
        lower = bound(lower, 0, higher);
        assertLe(RateCurve.rate(rateAtTarget, lower), RateCurve.rate(rateAtTarget, higher));
    }

    // ------------------------------------------------------------------------------------------------------ Drift

    function testFuzz_Drift_goesTowardDemandWithinBounds(
        uint256 rateAtTarget,
        uint256 utilisation,
        uint256 elapsed
    ) public pure {
        rateAtTarget = bound(rateAtTarget, MIN_RATE, MAX_RATE);
        utilisation = bound(utilisation, 0, WAD);
        elapsed = bound(elapsed, 0, type(uint32).max);
        (, uint256 next) = RateCurve.drift(rateAtTarget, utilisation, elapsed);
        assertGe(next, MIN_RATE);
        assertLe(next, MAX_RATE);
        if (utilisation >= TARGET) assertGe(next, rateAtTarget);
        if (utilisation <= TARGET) assertLe(next, rateAtTarget);
    }

    function testFuzz_Drift_isExponential(uint256 rateAtTarget, uint256 utilisation, uint256 elapsed) public pure {
        rateAtTarget = bound(rateAtTarget, MIN_RATE, MAX_RATE);
        utilisation = bound(utilisation, 0, WAD);
        elapsed = bound(elapsed, 0, 60 days);
        (, uint256 next) = RateCurve.drift(rateAtTarget, utilisation, elapsed);
        assertApproxEqAbs(next, Reference.driftedRate(rateAtTarget, utilisation, elapsed), 2);
    }

    /// @dev However often interest is booked, rateAtTarget ends at the same place.
    function testFuzz_Drift_doesNotDependOnSteps(
        uint256 rateAtTarget,
        uint256 utilisation,
        uint256 first,
        uint256 second
    ) public pure {
        rateAtTarget = bound(rateAtTarget, MIN_RATE, MAX_RATE);
        utilisation = bound(utilisation, 0, WAD);
        first = bound(first, 0, 30 days);
        second = bound(second, 0, 30 days);
        (, uint256 once) = RateCurve.drift(rateAtTarget, utilisation, first + second);
        (, uint256 next) = RateCurve.drift(rateAtTarget, utilisation, first);
        (, next) = RateCurve.drift(next, utilisation, second);
        assertApproxEqRel(next, once, 1e8); // a few units of 1e-14 in at least 5e11, grown with the rate
    }

    function testFuzz_Drift_averageLiesBetweenStartAndEnd(
        uint256 rateAtTarget,
        uint256 utilisation,
        uint256 elapsed
    ) public pure {
        rateAtTarget = bound(rateAtTarget, MIN_RATE, MAX_RATE);
        utilisation = bound(utilisation, 0, WAD);
        elapsed = bound(elapsed, 0, type(uint32).max);
        (uint256 average, uint256 next) = RateCurve.drift(rateAtTarget, utilisation, elapsed);
        uint256 multiple = Reference.curve(utilisation);
        uint256 start = (rateAtTarget * STORED_TO_WAD * multiple) / Reference.ONE;
        uint256 end = (next * STORED_TO_WAD * multiple) / Reference.ONE;
        (uint256 low, uint256 high) = start < end ? (start, end) : (end, start);
        assertGe(average + 2, low);
        assertLe(average, high + 2);
    }

    function testFuzz_Drift_standsStillAtTarget(uint256 rateAtTarget, uint256 elapsed) public pure {
        rateAtTarget = bound(rateAtTarget, MIN_RATE, MAX_RATE);
        elapsed = bound(elapsed, 0, type(uint32).max);
        (uint256 average, uint256 next) = RateCurve.drift(rateAtTarget, TARGET, elapsed);
        assertEq(next, rateAtTarget);
        assertEq(average, rateAtTarget * STORED_TO_WAD);
    }

    // ----------------------------------------------------------------------------------------------------- Growth

    /// @dev Never more than e^x - 1, and less by no more than the terms from x⁴/24 on, which are below x⁴/24 × e^x.
    function testFuzz_Growth_isJustBelowCompound(uint256 rate, uint256 elapsed) public pure {
        rate = bound(rate, 0, WAD);
        elapsed = bound(elapsed, 0, 365 days);
        uint256 growth = RateCurve.growth(rate, elapsed) * 1e12; // [1e30]
        uint256 x = (rate * elapsed) / 365 days; // [WAD]
        uint256 compound = Reference.exp(x);
        assertLe(growth, compound - Reference.ONE + 1e6); // 1e6: the reference's own error
        uint256 fourth = ((((x * x) / WAD) * x) / WAD) * x; // x⁴ [WAD²]
        uint256 leftOut = (((fourth / WAD) * 1e12 * compound) / Reference.ONE) / 24;
        assertGe(growth + leftOut + 10e12, compound - Reference.ONE); // 10e12: ten roundings in WAD
    }

    function testFuzz_Growth_isThirdOrderSeries(uint256 rate, uint256 elapsed) public pure {
        rate = bound(rate, 0, WAD);
        elapsed = bound(elapsed, 0, type(uint32).max);
        uint256 x = (rate * elapsed * 1e12) / 365 days; // [1e30], at most 137
        uint256 square = (x * x) / Reference.ONE;
        uint256 cube = (square * x) / Reference.ONE;
        uint256 expected = (x + square / 2 + cube / 6) / 1e12;
        uint256 growth = RateCurve.growth(rate, elapsed);
        assertLe(growth, expected);
        assertApproxEqAbs(growth, expected, 4 + expected / 1e15 + (square / Reference.ONE) * 2);
    }

    function testFuzz_Growth_rises(uint256 rate, uint256 shorter, uint256 longer) public pure {
        rate = bound(rate, 0, WAD);
        longer = bound(longer, 0, type(uint32).max);
        shorter = bound(shorter, 0, longer);
        assertLe(RateCurve.growth(rate, shorter), RateCurve.growth(rate, longer));
    }
}
