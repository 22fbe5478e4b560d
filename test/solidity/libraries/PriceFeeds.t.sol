// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILoanBook} from "../../../contracts/interfaces/ILoanBook.sol";
import {FeedSource, PriceFeeds} from "../../../contracts/libraries/PriceFeeds.sol";
import {TestFeed} from "../../../contracts/mocks/TestFeed.sol";
import {BaseTest} from "../helpers/BaseTest.sol";

/// @notice Calls {PriceFeeds} from outside, with a gas limit of one's choice.
contract PriceFeedsHarness {
    function observe(FeedSource source) external view returns (uint256 answer, bool live) {
        return PriceFeeds.observe(source);
    }

    function packBound(uint256 bound) external pure returns (uint24) {
        return PriceFeeds.packBound(bound);
    }
}

/// @notice {PriceFeeds} with every feed that a reader may meet.
contract PriceFeedsTest is BaseTest {
    uint256 private constant LOWER = 100e8;
    uint256 private constant UPPER = 10_000e8;
    uint32 private constant MAX_AGE = 1 hours;

    PriceFeedsHarness private harness;
    TestFeed private feed;

    function setUp() public {
        vm.warp(1_800_000_000);
        harness = new PriceFeedsHarness();
        feed = new TestFeed(8, 2_000e8);
    }

    // ----------------------------------------------------------------------------------------------------- Bounds

    /// @dev A bound is stored exactly or refused. Which of them, an independent count of its digits tells.
    function testFuzz_PackBound_roundTripsOrReverts(uint256 seed, uint256 zeros) public {
        zeros = bound(zeros, 0, 71);
        uint256 value = bound(seed, 0, 999_999) * 10 ** zeros; // about a fifteenth has at most 65,535 digits
        (bool fits, uint256 digits) = (value == 0, value);
        for (uint256 i = 0; i < 78 && !fits; i++) {
            fits = digits <= 65_535;
            if (digits % 10 != 0) break;
            digits /= 10;
        }
        if (fits) {
            assertEq(PriceFeeds.unpackBound(harness.packBound(value)), value);
        } else {
            vm.expectRevert(abi.encodeWithSelector(ILoanBook.BoundNotRepresentable.selector, value));
            harness.packBound(value);
        }
    }

    function testFuzz_PackBound_keepsFiveDigits(uint256 digits, uint256 zeros) public view {
        uint256 value = bound(digits, 0, type(uint16).max) * 10 ** bound(zeros, 0, 72);
        assertEq(PriceFeeds.unpackBound(harness.packBound(value)), value);
    }

    function testFuzz_PackBound_neverRounds(uint256 value) public view {
        try harness.packBound(value) returns (uint24 packed) {
            assertEq(PriceFeeds.unpackBound(packed), value);
        } catch (bytes memory reason) {
            assertEq(reason, abi.encodeWithSelector(ILoanBook.BoundNotRepresentable.selector, value));
        }
    }

    // ---------------------------------------------------------------------------------------------------- Answers

    /// @dev Any answer at any time, against the rules of the design: in the bounds as it is, outside at the nearer bound,
    /// the upper bound if it is not positive; live only in the bounds and neither too old, nor without time, nor future.
    function testFuzz_Observe_movesAnswerIntoBounds(
        int256 raw,
        uint256 updatedAt,
        bool nearBounds,
        bool recent
    ) public {
        if (nearBounds) raw = bound(raw, -1, int256(UPPER) * 2);
        if (recent) updatedAt = bound(updatedAt, clock() - 2 * MAX_AGE, clock() + 60);
        feed.setAt(raw, updatedAt);
        uint256 expected =
            raw <= 0
                ? UPPER
                : raw < int256(LOWER)
                    ? LOWER
                    : raw > int256(UPPER)
                        ? UPPER
                        : uint256(raw);
        bool inBounds = raw >= int256(LOWER) && raw <= int256(UPPER);
        bool inTime = updatedAt > clock() - MAX_AGE - 1 && updatedAt < clock() + 1;
        assertObserved(expected, inBounds && inTime);
    }

    function test_Observe_atBounds() public {
        feed.set(int256(LOWER));
        assertObserved(LOWER, true);
        feed.set(int256(LOWER) - 1);
        assertObserved(LOWER, false);
        feed.set(int256(UPPER));
        assertObserved(UPPER, true);
        feed.set(int256(UPPER) + 1);
        assertObserved(UPPER, false);
        feed.set(1);
        assertObserved(LOWER, false);
        feed.set(0);
        assertObserved(UPPER, false);
        feed.set(-1);
        assertObserved(UPPER, false);
        feed.set(type(int256).min);
        assertObserved(UPPER, false);
        feed.set(type(int256).max);
        assertObserved(UPPER, false);
    }

    function test_Observe_atAges() public {
        feed.setAt(2_000e8, clock() - MAX_AGE);
        assertObserved(2_000e8, true);
        feed.setAt(2_000e8, clock() - MAX_AGE - 1);
        assertObserved(2_000e8, false); // it keeps its answer, however old
        feed.setAt(2_000e8, clock() + 1);
        assertObserved(2_000e8, false);
        feed.setAt(2_000e8, 0);
        assertObserved(2_000e8, false);
        feed.setAt(2_000e8, type(uint256).max);
        assertObserved(2_000e8, false);
    }

    /// @dev No time is "not live" even where the maximum age would reach back to 1970.
    function test_Observe_zeroTimeIsNeverLive() public {
        vm.warp(1 hours);
        feed.setAt(2_000e8, 0);
        assertObserved(2_000e8, false);
        feed.setAt(2_000e8, 1);
        assertObserved(2_000e8, true);
    }

    // --------------------------------------------------------------------------------------------- Misbehaviour

    function testFuzz_Observe_misbehavingFeedIsDead(uint8 mode) public {
        feed.setMode(TestFeed.Mode(bound(mode, uint256(TestFeed.Mode.Revert), uint256(TestFeed.Mode.ReturnLong))));
        assertObserved(UPPER, false);
    }

    /// @dev What a feed returns beyond its five words is not copied: reading costs the caller what the feed burned.
    function test_Observe_longAnswerCostsNoMemory() public {
        feed.setMode(TestFeed.Mode.ReturnLong);
        uint256 before = gasleft();
        harness.observe(source(address(feed)));
        assertLt(before - gasleft(), 60_000);
    }

    function test_Observe_addressWithoutCodeIsDead() public {
        feed = TestFeed(address(0xfeed));
        assertObserved(UPPER, false);
        feed = TestFeed(address(0));
        assertObserved(UPPER, false);
        feed = TestFeed(address(4)); // the identity precompile: it answers with what it was asked
        assertObserved(UPPER, false);
    }

    /// @dev However little gas a caller brings, a live feed is never seen as dead: the call reverts.
    function testFuzz_Observe_starvingDoesNotKillAFeed(uint256 gasLimit) public view {
        gasLimit = bound(gasLimit, 0, 300_000);
        try harness.observe{gas: gasLimit}(source(address(feed))) returns (uint256 answer, bool live) {
            assertTrue(live);
            assertEq(answer, 2_000e8);
        } catch (bytes memory reason) {
            bytes4 selector = selectorOf(reason); // none: too little gas even for the check
            assertTrue(selector == PriceFeeds.InsufficientGas.selector || reason.length == 0);
        }
    }

    function test_Observe_tooLittleGasReverts() public {
        FeedSource source_ = source(address(feed));
        vm.expectPartialRevert(PriceFeeds.InsufficientGas.selector);
        harness.observe{gas: 150_000}(source_);
        (, bool live) = harness.observe{gas: 170_000}(source_);
        assertTrue(live);
    }

    /// @dev A feed that burns its whole budget leaves the caller the rest.
    function test_Observe_burningFeedLeavesTheRest() public {
        feed.setMode(TestFeed.Mode.BurnGas);
        uint256 before = gasleft();
        assertObserved(UPPER, false);
        assertLt(before - gasleft(), 175_000);
    }

    // ---------------------------------------------------------------------------------------------------- Internal

    function assertObserved(uint256 expected, bool expectedLive) private view {
        (uint256 answer, bool live) = harness.observe(source(address(feed)));
        assertEq(answer, expected);
        assertEq(live, expectedLive);
    }

    function source(address feed_) private pure returns (FeedSource) {
        return PriceFeeds.pack(ILoanBook.FeedConfig(feed_, MAX_AGE, LOWER, UPPER), 0);
    }
}
