// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {SourcePair} from "../../../contracts/libraries/SourcePair.sol";
import {BaseTest} from "../helpers/BaseTest.sol";

/// @notice {SourcePair} against the table of the design, written down a second time: by the lower price's share of the higher
/// instead of the difference's.
contract SourcePairTest is BaseTest {
    /// @dev A price has at most this many bits, see ListingAdmin.
    uint256 private constant MAX_PRICE = 2 ** 218 - 1;

    /// @dev Two prices and how they stand.
    struct Pair {
        uint256 first;
        bool firstLive;
        uint256 second;
        bool secondLive;
        uint256 maxDeviation;
        uint256 lower;
        uint256 higher;
        bool within; // the lower is at least 1 - maxDeviation of the higher
    }

    // ----------------------------------------------------------------------------------------------------- Agreement

    function testFuzz_Agree_isShareOfHigher(uint256[2] memory prices, uint256 deviation, uint256 nearness) public pure {
        Pair memory pair = pairOf(prices, 3, deviation, nearness);
        assertEq(SourcePair.agree(pair.first, pair.second, pair.maxDeviation), pair.within);
        assertEq(SourcePair.agree(pair.second, pair.first, pair.maxDeviation), pair.within);
    }

    /// @dev To the unit: the lowest price that agrees with a higher one does, and one less does not.
    function testFuzz_Agree_endsAtOneUnit(uint256 price, uint256 deviation) public pure {
        uint256 higher = bound(price, 1e6, MAX_PRICE / BPS) * BPS; // so that its parts are whole
        uint256 maxDeviation = bound(deviation, 1, BPS - 1);
        uint256 lowest = (higher / BPS) * (BPS - maxDeviation);
        assertTrue(SourcePair.agree(lowest, higher, maxDeviation));
        assertTrue(SourcePair.agree(higher, lowest, maxDeviation));
        assertFalse(SourcePair.agree(lowest - 1, higher, maxDeviation));
        assertFalse(SourcePair.agree(higher, lowest - 1, maxDeviation));
    }

    function testFuzz_Agree_withItself(uint256 price, uint256 deviation) public pure {
        price = bound(price, 0, MAX_PRICE);
        assertTrue(SourcePair.agree(price, price, bound(deviation, 0, BPS)));
    }

    // --------------------------------------------------------------------------------------------------------- Table

    function testFuzz_ForBorrowing_isTheTable(
        uint256[2] memory prices,
        uint256 live,
        uint256 deviation,
        uint256 nearness
    ) public pure {
        Pair memory pair = pairOf(prices, live, deviation, nearness);
        uint256 expected = pair.firstLive && pair.secondLive && pair.within ? pair.lower : 0;
        assertEq(forBorrowing(pair), expected);
    }

    function testFuzz_ForLiquidation_isTheTable(
        uint256[2] memory prices,
        uint256 live,
        uint256 deviation,
        uint256 nearness
    ) public pure {
        Pair memory pair = pairOf(prices, live, deviation, nearness);
        (uint256 price, bool isLive, bool apart) = forLiquidation(pair);
        if (pair.firstLive && pair.secondLive) {
            assertEq(price, pair.higher);
            assertTrue(isLive);
            assertEq(apart, !pair.within);
        } else if (pair.firstLive || pair.secondLive) {
            assertEq(price, pair.firstLive ? pair.first : pair.second);
            assertTrue(isLive);
            assertFalse(apart);
        } else {
            assertEq(price, pair.higher);
            assertFalse(isLive);
            assertFalse(apart);
        }
    }

    /// @dev Whatever the sources say, money goes out at no more than a pledge is seized at, and that is no more than what the
    /// loan is judged by.
    function testFuzz_Columns_areInOrder(
        uint256[2] memory prices,
        uint256 live,
        uint256 deviation,
        uint256 nearness
    ) public pure {
        Pair memory pair = pairOf(prices, live, deviation, nearness);
        (uint256 price, bool isLive, bool apart) = forLiquidation(pair);
        if (!isLive) return assertEq(forBorrowing(pair), 0);
        uint256 seized = apart ? SourcePair.discounted(price, pair.maxDeviation) : price;
        assertLe(forBorrowing(pair), seized);
        assertLe(seized, price);
    }

    /// @dev Which source is called the first makes no difference.
    function testFuzz_Columns_areSymmetric(
        uint256[2] memory prices,
        uint256 live,
        uint256 deviation,
        uint256 nearness
    ) public pure {
        Pair memory pair = pairOf(prices, live, deviation, nearness);
        uint256 borrowing = forBorrowing(pair);
        (uint256 price, bool isLive, bool apart) = forLiquidation(pair);
        (pair.first, pair.second) = (pair.second, pair.first);
        (pair.firstLive, pair.secondLive) = (pair.secondLive, pair.firstLive);
        assertEq(forBorrowing(pair), borrowing);
        (uint256 price2, bool isLive2, bool apart2) = forLiquidation(pair);
        assertEq(price2, price);
        assertEq(isLive2, isLive);
        assertEq(apart2, apart);
    }

    // ------------------------------------------------------------------------------------------------------ Discount

    /// @dev The higher less `maxDeviation`, rounded up by less than a unit, and never more than the higher.
    function testFuzz_Discounted_isRoundedUp(uint256 price, uint256 deviation) public pure {
        price = bound(price, 1, MAX_PRICE);
        uint256 maxDeviation = bound(deviation, 1, BPS - 1);
        uint256 seized = SourcePair.discounted(price, maxDeviation);
        uint256 exact = price * (BPS - maxDeviation); // × 1e4
        assertGe(seized * BPS, exact);
        assertLt((seized - 1) * BPS, exact);
        assertLe(seized, price);
        assertGt(seized, 0);
    }

    /// @dev max(lower, higher × (1 - maxDeviation)) of the design: of two that are apart the lower never is the larger.
    function testFuzz_Discounted_isAboveLowerOfTwoApart(
        uint256[2] memory prices,
        uint256 deviation,
        uint256 nearness
    ) public pure {
        Pair memory pair = pairOf(prices, 3, deviation, nearness);
        if (pair.within) pair.lower = (pair.higher * (BPS - pair.maxDeviation) - 1) / BPS;
        (uint256 price, , bool apart) = SourcePair.forLiquidation(
            pair.lower,
            true,
            pair.higher,
            true,
            pair.maxDeviation
        );
        assertEq(price, pair.higher);
        assertTrue(apart);
        assertGt(SourcePair.discounted(price, pair.maxDeviation), pair.lower);
    }

    function testFuzz_Discounted_risesWithPrice(uint256 price, uint256 more, uint256 deviation) public pure {
        price = bound(price, 1, MAX_PRICE);
        more = bound(more, price, MAX_PRICE);
        uint256 maxDeviation = bound(deviation, 1, BPS - 1);
        assertLe(SourcePair.discounted(price, maxDeviation), SourcePair.discounted(more, maxDeviation));
        assertGe(SourcePair.discounted(price, maxDeviation), SourcePair.discounted(price, BPS - 1));
    }

    // ------------------------------------------------------------------------------------------------------ Internal

    function forBorrowing(Pair memory pair) private pure returns (uint256) {
        return SourcePair.forBorrowing(pair.first, pair.firstLive, pair.second, pair.secondLive, pair.maxDeviation);
    }

    function forLiquidation(Pair memory pair) private pure returns (uint256 price, bool isLive, bool apart) {
        return SourcePair.forLiquidation(pair.first, pair.firstLive, pair.second, pair.secondLive, pair.maxDeviation);
    }

    /// @dev Any two prices, or, two times out of three, two that are about as far apart as may be.
    /// @param live Its two lowest bits say which are.
    function pairOf(
        uint256[2] memory prices,
        uint256 live,
        uint256 deviation,
        uint256 nearness
    ) private pure returns (Pair memory pair) {
        pair.maxDeviation = bound(deviation, 1, BPS - 1);
        pair.higher = bound(prices[0], 1e6, MAX_PRICE);
        pair.lower = bound(prices[1], 0, pair.higher);
        if (nearness % 3 != 0) {
            uint256 edge = (pair.higher * (BPS - pair.maxDeviation)) / BPS + (nearness % 5); // from 2 below it to 2 above
            pair.lower = edge < 2 ? 0 : edge - 2;
        }
        if (pair.lower > pair.higher) pair.lower = pair.higher;
        pair.within = pair.lower * BPS >= pair.higher * (BPS - pair.maxDeviation);
        (pair.first, pair.second) = prices[1] % 2 == 0 ? (pair.lower, pair.higher) : (pair.higher, pair.lower);
        (pair.firstLive, pair.secondLive) = (live & 1 == 1, live & 2 == 2);
    }
}
