// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AveragedSupply} from "../../../contracts/libraries/AveragedSupply.sol";
import {BaseTest} from "../helpers/BaseTest.sol";
import {Reference} from "../helpers/Reference.sol";

/// @notice {AveragedSupply} against exponentials with 30 decimals, and its packed form against powers of two.
contract AveragedSupplyTest is BaseTest {
    uint256 private constant MAX = 2 ** 105 - 2 ** 63; // 42 ones, then 63 zeros

    // ---------------------------------------------------------------------------------------------------- Packed form

    function test_Pack_atCorners() public pure {
        assertEq(AveragedSupply.MAX, MAX);
        assertEq(AveragedSupply.pack(0), 0);
        assertEq(AveragedSupply.pack(1), 1 << 6);
        assertEq(AveragedSupply.pack(2 ** 42 - 1), (2 ** 42 - 1) << 6);
        assertEq(AveragedSupply.pack(2 ** 42), ((2 ** 41) << 6) + 1);
        assertEq(AveragedSupply.pack(2 ** 42 + 1), ((2 ** 41) << 6) + 1); // the first number that is cut off
        assertEq(AveragedSupply.pack(MAX), type(uint48).max);
        assertEq(AveragedSupply.unpack(type(uint48).max), MAX);
    }

    /// @dev Rounded down, to 42 significant bits: exact below 2^42, else short by less than a 2^41st.
    function testFuzz_Pack_roundsDownTo42Bits(uint256 seed) public pure {
        uint256 amount = amountOf(seed);
        uint256 packed = AveragedSupply.unpack(AveragedSupply.pack(amount));
        assertLe(packed, amount);
        if (amount < 2 ** 42) assertEq(packed, amount);
        else assertLt((amount - packed) << 41, amount);
    }

    /// @dev What was packed once is packed again without loss.
    function testFuzz_Pack_isExactForWhatWasPacked(uint256 seed) public pure {
        uint48 packed = AveragedSupply.pack(amountOf(seed));
        assertEq(AveragedSupply.pack(AveragedSupply.unpack(packed)), packed);
    }

    /// @dev More is never packed as less, neighbours and powers of two included.
    function testFuzz_Pack_isMonotone(uint256 seed, uint256 more, bool neighbour) public pure {
        uint256 amount = amountOf(seed);
        uint256 larger = neighbour ? amount + 1 : amount + amountOf(more);
        if (larger > MAX) larger = MAX;
        assertLe(
            AveragedSupply.unpack(AveragedSupply.pack(amount)),
            AveragedSupply.unpack(AveragedSupply.pack(larger))
        );
    }

    // -------------------------------------------------------------------------------------------------------- Next

    function testFuzz_Next_liesBetweenAverageAndSupply(uint256 average, uint256 supply, uint256 elapsed) public pure {
        average = packedOf(average);
        supply = amountOf(supply);
        uint256 next = nextOf(average, supply, bound(elapsed, 0, type(uint32).max));
        assertGe(next, average < supply ? average : supply - grainOf(supply));
        assertLe(next, average < supply ? supply : average);
    }

    /// @dev Seven days' time constant up, twelve hours' down; rounded down, off by no more than the grain and the exponential's last
    /// decimal.
    function testFuzz_Next_isExponential(uint256 average, uint256 supply, uint256 elapsed) public pure {
        average = packedOf(average);
        supply = amountOf(supply);
        bool rises = supply > average;
        elapsed = bound(elapsed, 0, rises ? 120 days : 10 days);
        uint256 kept = Reference.expNegative((elapsed * WAD) / (rises ? 7 days : 12 hours));
        uint256 gap = rises ? supply - average : average - supply;
        uint256 exact = rises ? supply * Reference.ONE - gap * kept : supply * Reference.ONE + gap * kept; // [1e30]
        uint256 slack = gap * 1e12 * 2; // two units of 1e-18
        uint256 next = nextOf(average, supply, elapsed);
        assertLe(next * Reference.ONE, exact + slack);
        assertGe((next + 1 + grainOf(next)) * Reference.ONE + slack, exact);
    }

    /// @dev Money parked for a day moves the average by at most 14 % of the gap.
    function testFuzz_Next_dayMovesAtMost14Percent(uint256 average, uint256 supply, uint256 elapsed) public pure {
        supply = amountOf(supply);
        average = AveragedSupply.unpack(AveragedSupply.pack(bound(average, 0, supply)));
        uint256 moved = nextOf(average, supply, bound(elapsed, 0, 1 days)) - average;
        assertLe(moved * 100, (supply - average) * 14);
    }

    /// @dev Two bookings move the average as far as one, but for the roundings.
    function testFuzz_Next_doesNotDependOnSteps(
        uint256 average,
        uint256 supply,
        uint256 first,
        uint256 second
    ) public pure {
        average = packedOf(average);
        supply = amountOf(supply);
        first = bound(first, 0, 30 days);
        second = bound(second, 0, 30 days);
        uint256 once = nextOf(average, supply, first + second);
        uint256 middle = nextOf(average, supply, first);
        uint256 slack = 2 + 2 * grainOf(middle) + grainOf(once) + (average + supply) / 1e17;
        assertApproxEqAbs(nextOf(middle, supply, second), once, slack);
    }

    /// @dev A larger supply never ends in a smaller average, nor does a larger average before.
    function testFuzz_Next_isMonotone(
        uint256 average,
        uint256 supply,
        uint256[2] memory more,
        uint256 elapsed
    ) public pure {
        average = packedOf(average);
        supply = amountOf(supply);
        elapsed = bound(elapsed, 0, 60 days);
        uint256 next = nextOf(average, supply, elapsed);
        assertLe(next, nextOf(average, supply + amountOf(more[0]), elapsed));
        uint256 higher = average + amountOf(more[1]);
        if (higher <= MAX) assertLe(next, nextOf(higher, supply, elapsed));
    }

    function testFuzz_Next_standsStillWithoutTime(uint256 average, uint256 supply) public pure {
        average = packedOf(average);
        assertEq(nextOf(average, amountOf(supply), 0), average);
    }

    /// @dev After a year it is there, but for the grain in which it is stored.
    function testFuzz_Next_arrives(uint256 average, uint256 supply, uint256 elapsed) public pure {
        average = packedOf(average);
        supply = amountOf(supply);
        uint256 next = nextOf(average, supply, bound(elapsed, 365 days, type(uint32).max));
        assertEq(next, AveragedSupply.unpack(AveragedSupply.pack(supply)));
    }

    /// @dev Whatever the supply, the average ends at what it can hold.
    function testFuzz_Next_saturates(uint256 average, uint256 supply, uint256 elapsed) public pure {
        average = packedOf(average);
        supply = bound(supply, MAX + 1, 2 ** 124);
        uint256 next = nextOf(average, supply, bound(elapsed, 0, type(uint32).max));
        assertGe(next, average);
        assertLe(next, MAX);
        assertEq(nextOf(MAX, 2 ** 124, 365 days), MAX);
        assertApproxEqAbs(nextOf(average, 2 ** 124, 365 days), MAX, grainOf(MAX) + MAX / 1e17);
    }

    // ---------------------------------------------------------------------------------------------------- No stall

    /// @dev Called every second it rises all the same, until it is within 0.6 units for each grain of it (6e5 units of a token, or three
    /// ten-millionths of the supply): a second closes a 604,800th of the gap.
    function testFuzz_Next_risesEverySecond(uint256 average, uint256 supply) public pure {
        average = packedOf(average) / 4;
        average = AveragedSupply.unpack(AveragedSupply.pack(average));
        uint256 least = average + 604_801 * (1 + grainOf(average));
        supply = bound(supply, least, MAX);
        assertGt(nextOf(average, supply, 1), average);
    }

    /// @dev A market of a thousand dollars of 6 decimals: an hour of calls every second moves its average from nothing to 5.93 dollars, as
    /// one call does. In hundredths of a token no such call would have moved it at all.
    function test_Next_smallMarketRisesUnderCallsEverySecond() public pure {
        uint48 average = 0;
        for (uint256 i = 0; i < 3_600; i++) average = AveragedSupply.next(average, 1_000e6, 1);
        uint256 once = AveragedSupply.unpack(AveragedSupply.next(0, 1_000e6, 3_600));
        assertEq(once, 5_934_700); // 1,000 × (1 - e^(-1/168)) = 5.9347006…
        assertApproxEqAbs(AveragedSupply.unpack(average), once, 3_600); // each call rounds a unit down
        assertLe(AveragedSupply.unpack(average), once);
    }

    /// @dev The same for ten billion dollars of 18 decimals, of which a grain is 0.002 dollars.
    function test_Next_largeMarketRisesUnderCallsEverySecond() public pure {
        uint48 average = 0;
        for (uint256 i = 0; i < 3_600; i++) average = AveragedSupply.next(average, 1e28, 1);
        uint256 once = AveragedSupply.unpack(AveragedSupply.next(0, 1e28, 3_600));
        assertLe(AveragedSupply.unpack(average), once);
        assertApproxEqRel(AveragedSupply.unpack(average), once, 1e11); // 3,600 grains of at most 4.6e-13: not 1e-7
    }

    // ----------------------------------------------------------------------------------------------------- Numbers

    /// @dev Of every size: 0…105 bits.
    function amountOf(uint256 seed) private pure returns (uint256) {
        return bound(seed >> 8, 0, MAX) >> ((seed % 256) % 106);
    }

    /// @dev One that can be stored.
    function packedOf(uint256 seed) private pure returns (uint256) {
        return AveragedSupply.unpack(AveragedSupply.pack(amountOf(seed)));
    }

    /// @dev What packing an amount may take off it, at most.
    function grainOf(uint256 amount) private pure returns (uint256) {
        return amount >> 41;
    }

    function nextOf(uint256 average, uint256 supply, uint256 elapsed) private pure returns (uint256) {
        return AveragedSupply.unpack(AveragedSupply.next(AveragedSupply.pack(average), supply, elapsed));
    }
}
