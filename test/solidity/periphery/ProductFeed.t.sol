// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV3Interface.sol";

import {TestFeed} from "../../../contracts/mocks/TestFeed.sol";
import {ProductFeed} from "../../../contracts/periphery/feeds/ProductFeed.sol";
import {BaseTest} from "../helpers/BaseTest.sol";

/// @notice {ProductFeed} over feeds of any decimals, answers and times, against the definition of a rounded product.
contract ProductFeedTest is BaseTest {
    int256 private constant MAX_ANSWER = type(int128).max;
    uint256 private constant NOW = 1_800_000_000;

    function setUp() public {
        vm.warp(NOW);
    }

    // -------------------------------------------------------------------------------------------------- The answer

    function test_Answer_ofEightAndEighteenDecimals() public {
        // 1.2 × 2,500 dollars, in every pair of decimals.
        assertAnswer(8, 1.2e8, 8, 2_500e8, 3_000e8);
        assertAnswer(8, 1.2e8, 18, 2_500e18, 3_000e18);
        assertAnswer(18, 1.2e18, 8, 2_500e8, 3_000e8);
        assertAnswer(18, 1.2e18, 18, 2_500e18, 3_000e18);
        assertAnswer(0, 3, 8, 2_500e8, 7_500e8);
        assertAnswer(18, 1.2e18, 0, 2_500, 3_000);
    }

    function test_Answer_roundsDown() public {
        assertAnswer(18, 1.234567890123456789e18, 8, 2_345.67891234e8, 289_589_986_571);
        assertAnswer(8, 0.99999999e8, 8, 1, 0);
        assertAnswer(8, 1, 8, 99_999_999, 0);
        assertAnswer(8, 1, 8, 100_000_000, 1);
    }

    /// @dev The product is the largest answer that is not above rate × price: an inequality, no division.
    function testFuzz_Answer_isTheRoundedProduct(
        uint256 rateDecimals,
        uint256 priceDecimals,
        int256 rate,
        int256 price
    ) public {
        rateDecimals = bound(rateDecimals, 0, 18);
        rate = bound(rate, 1, MAX_ANSWER);
        price = bound(price, 1, MAX_ANSWER);
        ProductFeed feed = productOf(rateDecimals, rate, bound(priceDecimals, 0, 18), price);
        (, int256 answer, , , ) = feed.latestRoundData();
        uint256 product = uint256(rate) * uint256(price); // at most 254 bits
        uint256 one = 10 ** rateDecimals;
        assertGe(answer, 0);
        assertLe(uint256(answer) * one, product);
        assertLt(product - uint256(answer) * one, one);
    }

    function testFuzz_Answer_isZeroWhereASourceIsNotPositive(int256 rate, int256 price, bool isRateDead) public {
        if (isRateDead) rate = bound(rate, type(int256).min, 0);
        else price = bound(price, type(int256).min, 0);
        (, int256 answer, , , ) = productOf(18, rate, 8, price).latestRoundData();
        assertEq(answer, 0);
    }

    function test_Answer_atTheExtremes() public {
        assertAnswer(0, MAX_ANSWER, 0, MAX_ANSWER, MAX_ANSWER * MAX_ANSWER);
        assertAnswer(18, MAX_ANSWER, 18, MAX_ANSWER, (MAX_ANSWER * MAX_ANSWER) / 1e18);
        assertAnswer(18, type(int256).min, 8, type(int256).min, 0);
        assertAnswer(18, type(int256).max, 8, 0, 0);
        assertAnswer(18, 0, 8, type(int256).max, 0);
    }

    function testFuzz_Answer_revertsRatherThanOverflow(int256 rate, int256 price, bool isRateHuge) public {
        rate = isRateHuge ? bound(rate, MAX_ANSWER + 1, type(int256).max) : bound(rate, 1, type(int256).max);
        price = isRateHuge ? bound(price, 1, type(int256).max) : bound(price, MAX_ANSWER + 1, type(int256).max);
        ProductFeed feed = productOf(18, rate, 8, price);
        vm.expectRevert(abi.encodeWithSelector(ProductFeed.AnswerTooLarge.selector, rate, price, MAX_ANSWER));
        feed.latestRoundData();
    }

    // ----------------------------------------------------------------------------------------------------- Its time

    /// @dev Not later than either source unless one of them is in the future; then in the future too.
    function testFuzz_Time_isThatOfTheOlderSource(uint256 rateTime, uint256 priceTime, bool isPast) public {
        if (isPast) (rateTime, priceTime) = (bound(rateTime, 0, NOW), bound(priceTime, 0, NOW));
        TestFeed rateFeed = new TestFeed(18, 1.2e18);
        TestFeed priceFeed = new TestFeed(8, 2_500e8);
        rateFeed.setAt(1.2e18, rateTime);
        priceFeed.setAt(2_500e8, priceTime);
        (, , uint256 startedAt, uint256 updatedAt, ) = new ProductFeed(rateFeed, priceFeed).latestRoundData();
        uint256 older = rateTime < priceTime ? rateTime : priceTime;
        assertEq(startedAt, older);
        if (rateTime <= NOW && priceTime <= NOW) assertEq(updatedAt, older);
        else assertGt(updatedAt, NOW);
    }

    // --------------------------------------------------------------------------------------------------- Construction

    function testFuzz_Constructor_refusesManyDecimals(uint256 rateDecimals, uint256 priceDecimals) public {
        rateDecimals = bound(rateDecimals, 0, 255);
        priceDecimals = bound(priceDecimals, 0, 255);
        TestFeed rateFeed = new TestFeed(uint8(rateDecimals), 1);
        TestFeed priceFeed = new TestFeed(uint8(priceDecimals), 1);
        if (rateDecimals > 18) {
            vm.expectRevert(
                abi.encodeWithSelector(ProductFeed.TooManyDecimals.selector, rateFeed, rateDecimals, uint256(18))
            );
        } else if (priceDecimals > 18) {
            vm.expectRevert(
                abi.encodeWithSelector(ProductFeed.TooManyDecimals.selector, priceFeed, priceDecimals, uint256(18))
            );
        }
        ProductFeed feed = new ProductFeed(rateFeed, priceFeed);
        if (address(feed).code.length != 0) assertEq(feed.decimals(), priceDecimals);
    }

    // -------------------------------------------------------------------------------------------------------- Helpers

    function assertAnswer(
        uint256 rateDecimals,
        int256 rate,
        uint256 priceDecimals,
        int256 price,
        int256 expected
    ) private {
        ProductFeed feed = productOf(rateDecimals, rate, priceDecimals, price);
        (, int256 answer, , , ) = feed.latestRoundData();
        assertEq(answer, expected);
        assertEq(feed.decimals(), priceDecimals);
    }

    function productOf(
        uint256 rateDecimals,
        int256 rate,
        uint256 priceDecimals,
        int256 price
    ) private returns (ProductFeed) {
        AggregatorV3Interface rateFeed = new TestFeed(uint8(rateDecimals), rate);
        return new ProductFeed(rateFeed, new TestFeed(uint8(priceDecimals), price));
    }
}
