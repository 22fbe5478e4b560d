// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TermQuote} from "../../../contracts/libraries/TermQuote.sol";
import {BaseTest} from "../helpers/BaseTest.sol";

/// @notice {TermQuote} against its formula in whole numbers that never round.
contract TermQuoteTest is BaseTest {
    uint256 private constant LOWEST_HEIGHT = 0.005e14; // of the curve [1e-14/year]
    uint256 private constant HIGHEST_HEIGHT = 0.25e14;
    uint256 private constant MAX_AMOUNT = 2 ** 104;

    // --------------------------------------------------------------------------------------------------- Examples

    /// @dev Up to the target: 4 % and 3 % a year of duration.
    function test_Rate_belowTarget() public pure {
        assertEq(TermQuote.rate(market(450_000, 1_000_000), 365 days), 0.07e9);
        assertEq(TermQuote.rate(market(450_000, 1_000_000), 73 days), 0.046e9);
        // 0.04 + 0.03 × 7 / 365 = 0.04057534246…
        assertEq(TermQuote.rate(market(450_000, 1_000_000), 7 days), 40_575_343);
        assertEq(TermQuote.rate(market(900_000, 1_000_000), 365 days), 0.07e9);
        assertEq(TermQuote.rate(market(0, 1_000_000), 365 days), 0.07e9);
    }

    /// @dev Above it the curve rises to four times as much at 100 %.
    function test_Rate_aboveTarget() public pure {
        assertEq(TermQuote.rate(market(950_000, 1_000_000), 365 days), 0.13e9);
        assertEq(TermQuote.rate(market(1_000_000, 1_000_000), 365 days), 0.19e9);
        assertEq(TermQuote.rate(market(3_000_000, 1_000_000), 365 days), 0.19e9); // q is at most 1
    }

    function test_Rate_atItsEnds() public pure {
        TermQuote.Market memory m = market(0, 1_000_000);
        m.rateAtTarget = LOWEST_HEIGHT;
        assertEq(TermQuote.rate(m, 7 days), 0.02e9); // 0.5 % + 0.06 % would be less
        assertEq(TermQuote.rate(m, 365 days), 0.035e9);
        m.debtAfter = 1_000_000;
        m.rateAtTarget = HIGHEST_HEIGHT;
        assertEq(TermQuote.rate(m, 365 days), 1.03e9);
    }

    /// @dev 9,000,000,000,000,001 of 10^16 lent out is 1e-16 above target: 30 × 4 % × 1e-16 more, and a whole unit of 1e-9.
    function test_Rate_roundsUpTheLeastExcess() public pure {
        TermQuote.Market memory m = market(9e15, 1e16);
        assertEq(TermQuote.rate(m, 365 days), 0.07e9);
        m.debtAfter += 1;
        assertEq(TermQuote.rate(m, 365 days), 0.07e9 + 1);
    }

    // ---------------------------------------------------------------------------------------------------- Formula

    /// @dev The least number of 1e-9 that is not below the formula:
    /// height × (1 + 30 × (q - 0.9)) + 0.03 × duration / 365 days, multiplied by 1e32 × 365 days.
    function testFuzz_Rate_isTheLeastNotBelowTheFormula(
        uint256 debt,
        uint256 supply,
        uint256 height,
        uint256 duration
    ) public pure {
        supply = bound(supply, 1e6, MAX_AMOUNT);
        debt = bound(debt, 0, supply + supply / 4);
        height = bound(height, LOWEST_HEIGHT, HIGHEST_HEIGHT);
        duration = bound(duration, 7 days, 365 days);
        TermQuote.Market memory m = market(debt, supply);
        m.rateAtTarget = height;
        uint256 rate = TermQuote.rate(m, duration);

        uint256 q = (debt * WAD + supply - 1) / supply;
        if (q > WAD) q = WAD;
        uint256 curve = q <= 0.9e18 ? WAD : WAD + 30 * (q - 0.9e18);
        uint256 exact = height * curve * 365 days + 0.03e32 * duration;
        assertGe(rate * 1e23 * 365 days, exact);
        if (rate != 0.02e9) assertLt((rate - 1) * 1e23 * 365 days, exact);
        assertGe(rate, 0.02e9);
        assertLe(rate, 1.03e9);
    }

    function testFuzz_Rate_risesWithDebtAndDuration(
        uint256 supply,
        uint256 lower,
        uint256 higher,
        uint256 shorter,
        uint256 longer
    ) public pure {
        supply = bound(supply, 1e6, MAX_AMOUNT);
        higher = bound(higher, 0, supply);
        lower = bound(lower, 0, higher);
        longer = bound(longer, 7 days, 365 days);
        shorter = bound(shorter, 7 days, longer);
        uint256 rate = TermQuote.rate(market(lower, supply), shorter);
        assertLe(rate, TermQuote.rate(market(higher, supply), shorter));
        assertLe(rate, TermQuote.rate(market(lower, supply), longer));
    }

    /// @dev What is parked for the moment enlarges the supply and the lenders' assets, and not their average.
    function testFuzz_Rate_isNotLoweredByAFlashDeposit(uint256 supply, uint256 debt, uint256 parked) public pure {
        supply = bound(supply, 1e6, MAX_AMOUNT);
        debt = bound(debt, 0, supply);
        parked = bound(parked, 0, MAX_AMOUNT);
        TermQuote.Market memory m = market(debt, supply);
        uint256 rate = TermQuote.rate(m, 30 days);
        m.supply += parked;
        m.totalAssets += parked;
        assertEq(TermQuote.rate(m, 30 days), rate);
        assertEq(TermQuote.maxTermDebt(m.totalAssets, m.averagedSupply), TermQuote.maxTermDebt(supply, supply));
    }

    /// @dev Nor is what left a moment ago counted as if it were still there.
    function testFuzz_Rate_followsTheSupplyDown(uint256 supply, uint256 debt, uint256 left) public pure {
        supply = bound(supply, 1e6, MAX_AMOUNT);
        left = bound(left, 0, supply - 1e3);
        debt = bound(debt, 0, supply - left);
        TermQuote.Market memory m = market(debt, supply);
        m.supply -= left;
        m.totalAssets -= left;
        assertEq(TermQuote.rate(m, 30 days), TermQuote.rate(market(debt, supply - left), 30 days));
    }

    // --------------------------------------------------------------------------------------------------- Refusals

    function testFuzz_Rate_refusesOtherDurations(uint256 duration) public {
        duration = bound(duration, 0, type(uint256).max - 1);
        if (7 days <= duration && duration <= 365 days) duration += 365 days;
        vm.expectRevert(abi.encodeWithSelector(TermQuote.TermDurationOutOfRange.selector, duration, 7 days, 365 days));
        this.rateOf(market(0, 1_000_000), duration);
    }

    /// @dev 30 % of the smaller of assets and average is lent for terms, and no unit more.
    function testFuzz_Rate_keepsTermsToTheirShare(uint256 totalAssets, uint256 averagedSupply) public {
        totalAssets = bound(totalAssets, 4, MAX_AMOUNT);
        averagedSupply = bound(averagedSupply, 4, MAX_AMOUNT);
        uint256 base = totalAssets < averagedSupply ? totalAssets : averagedSupply;
        uint256 max = TermQuote.maxTermDebt(totalAssets, averagedSupply);
        assertLe(max * 10, base * 3);
        assertGt((max + 1) * 10, base * 3);

        TermQuote.Market memory m = market(0, totalAssets);
        m.averagedSupply = averagedSupply;
        m.termDebtAfter = max;
        assertGt(TermQuote.rate(m, 30 days), 0);
        m.termDebtAfter = max + 1;
        vm.expectRevert(abi.encodeWithSelector(TermQuote.TermShareExceeded.selector, max + 1, max));
        this.rateOf(m, 30 days);
    }

    /// @dev No terms without supply or without an average, however little is asked for: nothing is divided by 0.
    function test_Rate_refusesAnEmptyMarket() public {
        TermQuote.Market memory m = market(0, 0);
        vm.expectRevert(abi.encodeWithSelector(TermQuote.TermShareExceeded.selector, 0, 0));
        this.rateOf(m, 30 days);
        m = market(0, 1_000_000);
        m.averagedSupply = 0;
        m.termDebtAfter = 1;
        vm.expectRevert(abi.encodeWithSelector(TermQuote.TermShareExceeded.selector, 1, 0));
        this.rateOf(m, 30 days);
    }

    /// @dev An external call, so that its revert can be expected.
    function rateOf(TermQuote.Market calldata m, uint256 duration) external pure returns (uint256) {
        return TermQuote.rate(m, duration);
    }

    /// @dev A market of long standing without reserves, whose curve is 4 % high.
    function market(uint256 debt, uint256 supply) private pure returns (TermQuote.Market memory) {
        return
            TermQuote.Market({
                debtAfter: debt,
                termDebtAfter: 0,
                supply: supply,
                totalAssets: supply,
                averagedSupply: supply,
                rateAtTarget: 0.04e14
            });
    }
}
