// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {LiquidationMath} from "../../../contracts/libraries/LiquidationMath.sol";
import {LoanDebt} from "../../../contracts/libraries/LoanDebt.sol";
import {SourcePair} from "../../../contracts/libraries/SourcePair.sol";
import {BaseTest} from "../helpers/BaseTest.sol";
import {Growths} from "../helpers/Growths.sol";

/// @notice What {LiquidationMath} computes without checks, against OpenZeppelin's 512-bit products: over all that a book can hold, small
/// numbers as often as large, and at the largest. Not whether it is right, which others test, but that nothing overflows.
contract LiquidationBoundsTest is BaseTest {
    uint256 private constant PRICE_ONE = 1e36;
    uint256 private constant DEBT_BITS = 117; // 2^104 × 2^72 / 1e18
    uint256 private constant VALUE_BITS = 196; // four pledges of 96 bits, at prices of 217 bits

    /// @dev A unit of a token is worth a hundredth of the minimum debt at most, which has 104 bits.
    uint256 private constant MAX_PRICE = (type(uint104).max / 100) * PRICE_ONE;
    uint256 private constant MIN_PRICE = 1e6;

    // ------------------------------------------------------------------------------------------------------ Bonuses

    function testFuzz_HardBonus_doesNotOverflow(uint256 debt, uint256 line, uint16 max, uint16 slope) public pure {
        assertHardBonus(sized(debt, 128), sized(line, 205), max, slope);
    }

    function test_HardBonus_atItsLargest() public pure {
        (uint256 most, uint16 max) = (type(uint128).max, type(uint16).max);
        assertHardBonus(most, 0, max, max);
        assertHardBonus(most, 1, max, max);
        assertHardBonus(most, most - 1, max, max);
        assertHardBonus(most, most / 2, max, max);
        assertHardBonus(most, 2 ** 205 - 1, max, max);
    }

    function assertHardBonus(uint256 debt, uint256 line, uint256 maxBonus, uint256 slope) private pure {
        LiquidationMath.Position memory p;
        (p.debt, p.liquidationLine, p.maxBonus, p.bonusSlope) = (debt, line, maxBonus, slope);
        assertEq(LiquidationMath.hardBonus(p), hardBonus(p));
    }

    function testFuzz_SoftBonus_doesNotOverflow(uint256 debt, uint256[2] memory lines, uint256 overdue) public pure {
        uint256 callLine = sized(lines[0], 204);
        assertSoftBonus(sized(debt, 128), callLine, callLine + sized(lines[1], 204), sized(overdue, 256));
    }

    function test_SoftBonus_atItsLargest() public pure {
        (uint256 most, uint256 line) = (type(uint128).max, 2 ** 205 - 1);
        assertSoftBonus(most, 0, line, type(uint256).max);
        assertSoftBonus(most, most - 1, line, 1);
        assertSoftBonus(most, 0, most + 1, 1 hours);
        assertSoftBonus(most, 0, 0, type(uint256).max);
        assertSoftBonus(most, line, line, 1 hours);
    }

    function assertSoftBonus(uint256 debt, uint256 callLine, uint256 liquidationLine, uint256 overdue) private pure {
        LiquidationMath.Position memory p;
        (p.debt, p.callLine, p.liquidationLine, p.overdue) = (debt, callLine, liquidationLine, overdue);
        assertEq(LiquidationMath.softBonus(p), softBonus(p));
    }

    // ------------------------------------------------------------------------------------------------- Limit and fill

    function testFuzz_Fill_doesNotOverflow(uint256[12] memory seeds, uint256 maxRepay, uint256 minDebt) public pure {
        assertFill(positionOf(seeds), sized(maxRepay, 256), sized(minDebt, 104));
    }

    /// @dev The largest debt, pledge, price and bonus that there can be at once: of a listing at 3 bps, the least there is, with two sources
    /// that are apart, a liquidator gets 3,147 times what he pays.
    function test_Fill_atItsLargest() public pure {
        LiquidationMath.Position memory p = largest();
        assertGt(LiquidationMath.bonus(p), 3_146e18);
        assertFill(p, type(uint256).max, type(uint104).max);
        assertFill(p, p.debt, 0);
        assertFill(p, p.debt - 1, 0);
        assertFill(p, p.debt / 2, 0);
    }

    /// @dev The same at the lowest price, where a payment buys the most tokens: more than 96 bits, but for the pledge's size.
    function test_Fill_atTheLowestPrice() public pure {
        LiquidationMath.Position memory p = largest();
        (p.price, p.seizurePrice) = (MIN_PRICE, SourcePair.discounted(MIN_PRICE, 9_976));
        for (uint256 maxRepay = 1; maxRepay < p.debt; maxRepay *= 1_000) assertFill(p, maxRepay, 0);
        assertFill(p, type(uint256).max, 0);
    }

    /// @dev Debts of 128 bits, too, with any ratio and bonus that leave the divisor positive; the least divisor among them.
    function testFuzz_RepayLimit_doesNotOverflow(uint256[4] memory seeds, uint256 ltv, uint256 beta) public pure {
        ltv = bound(ltv, 1, 9_999);
        uint256 most = ((WAD - 1) * BPS) / ltv - WAD; // so that a unit is left
        beta = beta % 4 == 0 ? most : sized(beta, 72) % (most + 1);
        uint256 debt = sized(seeds[0], 128);
        uint256 value = sized(seeds[1], 205);
        uint256 target = Math.saturatingSub(debt, sized(seeds[2], 128)); // near the debt, so that a part brings it back
        assertRepayLimit(debt, value, target, ltv, beta, sized(seeds[3], 104));
    }

    function test_RepayLimit_atItsLargest() public pure {
        (uint256 debt, uint256 value) = (type(uint128).max, 2 ** 205 - 1);
        assertRepayLimit(debt, value, 0, 9_999, 0.0001e18, 0); // nearly nothing is left to divide by
        assertRepayLimit(debt, value, 0, 1, 9_998e18, type(uint104).max);
        assertRepayLimit(debt, value, value, 9_500, 0, type(uint104).max);
        assertRepayLimit(debt, 0, 0, 9_500, 0, 0);
    }

    function assertRepayLimit(
        uint256 debt,
        uint256 value,
        uint256 target,
        uint256 targetLtv,
        uint256 beta,
        uint256 minDebt
    ) private pure {
        LiquidationMath.Position memory p;
        (p.debt, p.value, p.target, p.targetLtv) = (debt, value, target, targetLtv);
        assertEq(LiquidationMath.repayLimit(p, beta, minDebt), repayLimit(p, beta, minDebt));
    }

    function assertFill(LiquidationMath.Position memory p, uint256 maxRepay, uint256 minDebt) private pure {
        (uint256 repaid, uint256 seized, uint256 beta) = LiquidationMath.fill(p, maxRepay, minDebt);
        (uint256 expectedRepaid, uint256 expectedSeized, uint256 expectedBeta) = fill(p, maxRepay, minDebt);
        assertEq(beta, expectedBeta);
        assertEq(repaid, expectedRepaid);
        assertEq(seized, expectedSeized);
    }

    // ------------------------------------------------------------------------------------- The same, with 512 bits

    function hardBonus(LiquidationMath.Position memory p) private pure returns (uint256) {
        if (p.debt <= p.liquidationLine) return 0;
        uint256 max = p.maxBonus * 1e14;
        if (p.liquidationLine == 0) return max;
        return Math.min(max, Math.mulDiv(p.bonusSlope * 1e14, p.debt - p.liquidationLine, p.liquidationLine));
    }

    function softBonus(LiquidationMath.Position memory p) private pure returns (uint256) {
        if (p.debt <= p.callLine) return 0;
        uint256 whole = (0.015e18 * Math.min(p.overdue, 2 hours)) / 2 hours;
        if (p.debt >= p.liquidationLine) return whole;
        return Math.mulDiv(whole, p.debt - p.callLine, p.liquidationLine - p.callLine);
    }

    function repayLimit(
        LiquidationMath.Position memory p,
        uint256 beta,
        uint256 minDebt
    ) private pure returns (uint256 limit) {
        if (p.value * 100 < p.debt * 101) return p.debt;
        uint256 divisor = WAD - Math.mulDiv(p.targetLtv, WAD + beta, BPS, Math.Rounding.Ceil);
        uint256 above = p.debt > p.target ? p.debt - p.target : 0;
        limit = Math.mulDiv(above, WAD, divisor, Math.Rounding.Ceil);
        if (limit >= p.debt || p.debt - limit < minDebt) return p.debt;
    }

    function fill(
        LiquidationMath.Position memory p,
        uint256 maxRepay,
        uint256 minDebt
    ) private pure returns (uint256 repaid, uint256 seized, uint256 beta) {
        beta = Math.max(hardBonus(p), softBonus(p));
        if (p.seizurePrice != p.price) beta = Math.mulDiv(WAD + beta, p.price, p.seizurePrice) - WAD;
        uint256 worth = Math.mulDiv(p.seizableValue, WAD, p.debt);
        beta = Math.min(beta, Math.max(0.01e18, worth > WAD ? worth - WAD : 0));
        uint256 value = Math.mulDiv(p.pledged, p.price, PRICE_ONE, Math.Rounding.Ceil);
        uint256 whole = Math.mulDiv(value, WAD, WAD + beta, Math.Rounding.Ceil);
        repaid = Math.min(maxRepay, repayLimit(p, beta, minDebt));
        if (repaid >= whole) return (whole, p.pledged, beta);
        uint256 retired = repaid;
        if (repaid != p.debt) {
            (uint256 index, uint256 unit) = (p.growth.indexOf(), p.growth.unitOf());
            retired = Math.mulDiv(Math.mulDiv(repaid, unit, index), index, unit);
        }
        seized = Math.min(p.pledged, Math.mulDiv(retired * (WAD + beta), 1e18, p.price));
    }

    // ----------------------------------------------------------------------------------------------------- Positions

    /// @dev Any numbers, on any listing that the book admits.
    function positionOf(uint256[12] memory seeds) private pure returns (LiquidationMath.Position memory p) {
        p.debt = Math.max(1, sized(seeds[0], DEBT_BITS));
        p.value = sized(seeds[1], VALUE_BITS);
        p.seizableValue = sized(seeds[2], VALUE_BITS) % (p.value + 1);
        p.target = Math.saturatingSub(p.debt, sized(seeds[3], DEBT_BITS));
        p.callLine = sized(seeds[4], VALUE_BITS);
        p.liquidationLine = p.callLine + sized(seeds[5], VALUE_BITS);
        p.overdue = sized(seeds[6], 32);
        p.pledged = sized(seeds[7], 96);
        p.price = bound(sized(seeds[8], 218), MIN_PRICE, MAX_PRICE);
        p.maxBonus = sized(seeds[9], 16);
        p.bonusSlope = sized(seeds[10], 16);
        // Liquidation LTV × (1 + maximum bonus) / (1 - maximum deviation) is at most 0.95; the least LTV is 3 bps, of a target 2 bps.
        uint256 maxDeviation = bound(seeds[11] >> 16, 1, BPS - Math.ceilDiv(3 * (BPS + p.maxBonus), 9_500));
        uint256 liquidationLtv = (9_500 * (BPS - maxDeviation)) / (BPS + p.maxBonus);
        p.targetLtv = bound(seeds[11], 1, liquidationLtv - 1);
        p.seizurePrice = seeds[11] % 2 == 0 ? p.price : SourcePair.discounted(p.price, maxDeviation);
        p.growth = Growths.any(seeds[6] >> 32);
    }

    function largest() private pure returns (LiquidationMath.Position memory p) {
        p.growth = LoanDebt.toGrowth(type(uint72).max, WAD, 0);
        p.debt = p.growth.debtUp(type(uint104).max);
        (p.pledged, p.price) = (type(uint96).max, MAX_PRICE);
        p.seizurePrice = SourcePair.discounted(MAX_PRICE, 9_976);
        p.value = 4 * Math.mulDiv(p.pledged, p.price, PRICE_ONE);
        p.seizableValue = p.value;
        (p.maxBonus, p.bonusSlope) = (type(uint16).max, type(uint16).max);
        p.liquidationLine = 1;
        p.targetLtv = 2;
    }
}
