// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LiquidationMath} from "../../../contracts/libraries/LiquidationMath.sol";
import {BaseTest} from "../helpers/BaseTest.sol";
import {Growths} from "../helpers/Growths.sol";

/// @notice {LiquidationMath} between the lines, past the deadline of a margin call: what it pays, whom it pays, and that it sells no
/// more than brings the loan back to its call line. Loans of two pledges, of both kinds.
contract LiquidationSoftTest is BaseTest {
    uint256 private constant PRICE_ONE = 1e36;
    uint256 private constant MIN_DEBT = 100e6;
    uint256 private constant WHOLE = 0.015e18; // the soft bonus two hours past the deadline, at the liquidation line

    /// @dev The first pledge is the one that is taken.
    struct Loan {
        uint256 callLtv; // [bps]
        uint256 liquidationLtv; // [bps]
        uint256 otherValue; // [asset]
        uint256 otherCallLtv; // [bps]
        uint256 otherLiquidationLtv; // [bps]
    }

    // ------------------------------------------------------------------------------------------------------- Bonus

    /// @dev Half-way between the lines: nothing at the deadline, half of it after an hour, no more after two.
    function test_SoftBonus_example() public pure {
        LiquidationMath.Position memory p;
        (p.callLine, p.debt, p.liquidationLine) = (8_000e6, 8_300e6, 8_600e6);
        assertEq(LiquidationMath.softBonus(p), 0);
        p.overdue = 1 hours;
        assertEq(LiquidationMath.softBonus(p), 0.00375e18);
        p.overdue = 2 hours;
        assertEq(LiquidationMath.softBonus(p), 0.0075e18);
        p.overdue = 12 hours - 1;
        assertEq(LiquidationMath.softBonus(p), 0.0075e18);
        p.debt = 8_600e6;
        assertEq(LiquidationMath.softBonus(p), WHOLE);
        p.debt = 20_000e6;
        assertEq(LiquidationMath.softBonus(p), WHOLE);
        p.debt = 8_000e6;
        assertEq(LiquidationMath.softBonus(p), 0);
    }

    /// @dev softBonus × min(time / 2 h, 1) × min((D - C) / (L - C), 1), rounded down by two units at most.
    function testFuzz_SoftBonus_isTheFormula(uint256 call, uint256 width, uint256 above, uint256 overdue) public pure {
        LiquidationMath.Position memory p;
        p.callLine = bound(call, 0, 2 ** 120);
        width = bound(width, 1, 2 ** 120);
        p.liquidationLine = p.callLine + width;
        p.debt = p.callLine + (above % 2 == 0 ? bound(above, 0, width) : bound(above, 0, 2 ** 120));
        p.overdue = bound(overdue, 0, 12 hours);
        uint256 time = p.overdue < 2 hours ? p.overdue : 2 hours;
        uint256 way = p.debt - p.callLine < width ? p.debt - p.callLine : width;
        uint256 beta = LiquidationMath.softBonus(p);
        uint256 numerator = WHOLE * time * way;
        assertLe(beta * 2 hours * width, numerator);
        assertGt((beta + 2) * 2 hours * width, numerator);
    }

    /// @dev If the liquidation line is not above the call line (a pledge that only lately counts), the way is all of it.
    function testFuzz_SoftBonus_withoutWayIsWhole(
        uint256 call,
        uint256 below,
        uint256 above,
        uint256 overdue
    ) public pure {
        LiquidationMath.Position memory p;
        p.callLine = bound(call, 0, 2 ** 120);
        p.liquidationLine = p.callLine - bound(below, 0, p.callLine);
        p.debt = p.callLine + bound(above, 1, 2 ** 120);
        p.overdue = bound(overdue, 2 hours, 12 hours);
        assertEq(LiquidationMath.softBonus(p), WHOLE);
    }

    /// @dev Time and debt only raise it, up to the whole.
    function testFuzz_SoftBonus_rises(uint256[8] memory seeds, uint256 depth, uint256 time, uint256 debt) public pure {
        (LiquidationMath.Position memory p, ) = positionOf(seeds, depth);
        uint256 beta = LiquidationMath.softBonus(p);
        p.overdue += bound(time, 0, 12 hours);
        p.debt += bound(debt, 0, p.debt);
        assertGe(LiquidationMath.softBonus(p), beta);
        assertLe(LiquidationMath.softBonus(p), WHOLE);
    }

    /// @dev The larger of the soft and the hard bonus, within equity. Below the liquidation line there is no hard one; above it a call
    /// past its deadline still pays, where the hard bonus is less.
    function testFuzz_Bonus_isTheLarger(uint256[8] memory seeds, uint256 depth, uint256 above) public pure {
        (LiquidationMath.Position memory p, ) = positionOf(seeds, depth);
        uint256 soft = LiquidationMath.softBonus(p);
        assertEq(LiquidationMath.hardBonus(p), 0);
        assertEq(LiquidationMath.bonus(p), atMostEquity(p, soft));

        p.debt = p.liquidationLine + bound(above, 1, p.liquidationLine / 10 + 1);
        soft = (WHOLE * (p.overdue < 2 hours ? p.overdue : 2 hours)) / 2 hours;
        uint256 hard = (p.bonusSlope * WAD * (p.debt - p.liquidationLine)) / (p.liquidationLine * BPS);
        if (hard > (p.maxBonus * WAD) / BPS) hard = (p.maxBonus * WAD) / BPS;
        assertEq(LiquidationMath.bonus(p), atMostEquity(p, soft > hard ? soft : hard));
    }

    /// @dev Above the liquidation line a call changes nothing, unless it is past its deadline and its bonus is the larger.
    function testFuzz_Fill_aboveTheLiquidationLineIsTheSame(
        uint256[8] memory seeds,
        uint256 above,
        uint256 overdue
    ) public pure {
        (LiquidationMath.Position memory p, ) = positionOf(seeds, BPS);
        p.debt = p.liquidationLine + bound(above, 1, p.liquidationLine);
        (p.target, p.overdue) = (p.callLine / 2, 0);
        (uint256 repaid, uint256 seized, uint256 beta) = LiquidationMath.fill(p, type(uint256).max, MIN_DEBT);
        assertEq(LiquidationMath.softBonus(p), 0);
        assertEq(beta, atMostEquity(p, LiquidationMath.hardBonus(p)));

        p.overdue = bound(overdue, 1, 12 hours);
        (uint256 repaidDue, uint256 seizedDue, uint256 betaDue) = LiquidationMath.fill(p, type(uint256).max, MIN_DEBT);
        assertGe(betaDue, beta);
        if (LiquidationMath.softBonus(p) > LiquidationMath.hardBonus(p)) return assertLe(betaDue, WHOLE);
        assertEq(betaDue, beta);
        assertEq(repaidDue, repaid);
        assertEq(seizedDue, seized);
    }

    // ------------------------------------------------------------------------------------------------------ Credit

    /// @dev 1,010 seized at a bonus of 1 %: 10 of it are the bonus's, and 1 of those the caller's.
    function test_Credit_example() public pure {
        assertEq(LiquidationMath.credit(1_010e18, 0.01e18), 1e18);
        assertEq(LiquidationMath.credit(1_010e18, 0), 0);
    }

    /// @dev A tenth of β's part of what is seized, rounded down; so the liquidator keeps what he paid for and nine tenths.
    function testFuzz_Credit_isATenthOfTheBonus(uint256 seized, uint256 beta) public pure {
        seized = bound(seized, 0, type(uint104).max);
        beta = bound(beta, 0, 1e18);
        uint256 credit = LiquidationMath.credit(seized, beta);
        assertLe(credit * 10 * (WAD + beta), seized * beta);
        assertGt((credit + 1) * 10 * (WAD + beta), seized * beta);
        assertGe((seized - credit) * (WAD + beta), seized * (WAD + (beta * 9) / 10));
    }

    /// @dev β as {LiquidationMath-fill} returns it is the bonus.
    function testFuzz_Fill_returnsTheBonus(uint256[8] memory seeds, uint256 depth, uint256 pays) public pure {
        (LiquidationMath.Position memory p, ) = positionOf(seeds, depth);
        (, , uint256 beta) = LiquidationMath.fill(p, bound(pays, 1, p.debt * 2), MIN_DEBT);
        assertEq(beta, LiquidationMath.bonus(p));
    }

    // -------------------------------------------------------------------------------------------------------- Fill

    /// @dev INV-06. Never more than x = (D - C) / (1 - c (1 + β)), rounded up, of the debt; all where too little would remain.
    function testFuzz_Fill_repaysAtMostX(uint256[8] memory seeds, uint256 depth, uint256 pays) public pure {
        (LiquidationMath.Position memory p, ) = positionOf(seeds, depth);
        pays = bound(pays, 1, p.debt * 2);
        (uint256 repaid, uint256 seized, uint256 beta) = LiquidationMath.fill(p, pays, MIN_DEBT);
        uint256 x = limitOf(p, beta);
        assertLe(repaid, pays);
        assertLe(repaid, p.debt);
        if (p.value * 100 >= p.debt * 101 && p.debt >= MIN_DEBT + x + x / 1e12 + 1) {
            assertLe(repaid, x + x / 1e12 + 1); // the divisor is rounded to 18 decimals
        }
        assertLe(seized, p.pledged);
        assertLe(((seized * p.price) / PRICE_ONE) * WAD, repaid * (WAD + beta));
    }

    /// @dev Who pays all he may brings the loan to its call line: not above it, but for the unit of its base that a payment may lose,
    /// and not further below than a unit of the token that is taken.
    function testFuzz_Fill_bringsBackToCallLine(uint256[8] memory seeds, uint256 depth) public pure {
        (LiquidationMath.Position memory p, Loan memory loan) = positionOf(seeds, depth);
        (uint256 repaid, uint256 seized, uint256 beta) = LiquidationMath.fill(p, type(uint256).max, MIN_DEBT);
        if (repaid == p.debt) return assertLe(p.debt, limitOf(p, beta) + MIN_DEBT + repaid / 1e12 + 1);
        if (seized == p.pledged) return assertLe(repaid, limitOf(p, beta) + repaid / 1e12 + 1); // it may not suffice
        uint256 debt = p.debt - retiredBy(p, repaid);
        uint256 line = callLineOf(p, loan, p.pledged - seized);
        assertLe(debt, line + unitOf(p) + 2, "the loan is still above its call line");
        uint256 grain = ((p.price / PRICE_ONE + 1) * p.targetLtv) / BPS;
        assertGe(debt + grain + repaid / 1e12 + 4, line, "too much was sold");
        assertGe(debt, MIN_DEBT);
    }

    /// @dev INV-06. A soft liquidation, too, shrinks what the debt exceeds the liquidation line by (or falls further below it).
    function testFuzz_Fill_shrinksTheExcess(uint256[8] memory seeds, uint256 depth, uint256 pays) public pure {
        (LiquidationMath.Position memory p, Loan memory loan) = positionOf(seeds, depth);
        pays = bound(pays, 1_000 * unitOf(p), p.debt * 2);
        (uint256 repaid, uint256 seized, ) = LiquidationMath.fill(p, pays, MIN_DEBT);
        if (repaid < 1_000 * unitOf(p)) return assertEq(repaid, repayMost(p)); // a hair above the call line
        uint256 line = liquidationLineOf(p, loan, p.pledged - seized);
        assertLt(p.debt - retiredBy(p, repaid) + p.liquidationLine, p.debt + line);
    }

    /// @dev INV-06. What remains is no worse covered: below the liquidation line the bonus is always less than the equity.
    function testFuzz_Fill_leavesCoverNoWorse(uint256[8] memory seeds, uint256 depth, uint256 pays) public pure {
        (LiquidationMath.Position memory p, Loan memory loan) = positionOf(seeds, depth);
        (uint256 repaid, uint256 seized, ) = LiquidationMath.fill(p, bound(pays, 1, p.debt * 2), MIN_DEBT);
        uint256 left = ((p.pledged - seized) * p.price) / PRICE_ONE + loan.otherValue;
        if (left == 0) return assertLt((p.pledged - seized) * p.price, PRICE_ONE);
        // A wei for the value that was rounded down, and for a whole pledge the unit that its price may fail to retire.
        uint256 debt = p.debt - retiredBy(p, repaid);
        uint256 unit = seized == p.pledged ? unitOf(p) : 0;
        assertLe((debt > unit ? debt - unit : 0) * p.value, p.debt * (left + 1));
    }

    // --------------------------------------------------------------------------------------------------- Positions

    /// @dev A loan between its lines, `depth` of the way (in 10,000ths) and a wei above its call line, 0…12 h past the deadline.
    function positionOf(
        uint256[8] memory seeds,
        uint256 depth
    ) private pure returns (LiquidationMath.Position memory p, Loan memory loan) {
        p.maxBonus = bound(seeds[0] >> 8, 0, 2_000);
        p.bonusSlope = bound(seeds[1], 0, 60_000);
        loan.liquidationLtv = bound(seeds[2], 1_000, (9_499 * BPS) / (BPS + p.maxBonus));
        loan.callLtv = bound(seeds[3], loan.liquidationLtv / 2, loan.liquidationLtv - 1);
        (loan.otherCallLtv, loan.otherLiquidationLtv) = (7_500, 8_000);
        loan.otherValue = seeds[7] % 3 == 0 ? 0 : bound(seeds[7], 1e6, 1_000_000_000e6);
        uint256 worth = bound(seeds[4], 1_000e6, 1_000_000_000e6);
        p.price = bound(seeds[5], 1e24, 1e26) * 10 ** (bound(seeds[6], 0, 16));
        p.seizurePrice = p.price;
        p.pledged = (worth * PRICE_ONE) / p.price + 1;
        p.value = (p.pledged * p.price) / PRICE_ONE + loan.otherValue;
        p.seizableValue = p.value;
        p.targetLtv = loan.callLtv;
        p.callLine = callLineOf(p, loan, p.pledged);
        p.target = p.callLine;
        p.liquidationLine = liquidationLineOf(p, loan, p.pledged);
        uint256 way = p.liquidationLine - p.callLine; // at least 0.01 % of a thousand dollars
        p.debt = p.callLine + 1 + ((way - 1) * bound(depth, 0, BPS)) / BPS;
        p.overdue = bound(seeds[0], 0, 12 hours);
        p.growth = Growths.any(seeds[7] >> 128);
    }

    function callLineOf(
        LiquidationMath.Position memory p,
        Loan memory loan,
        uint256 tokens
    ) private pure returns (uint256) {
        return lineOf(p, loan, tokens, loan.callLtv, loan.otherCallLtv);
    }

    function liquidationLineOf(
        LiquidationMath.Position memory p,
        Loan memory loan,
        uint256 tokens
    ) private pure returns (uint256) {
        return lineOf(p, loan, tokens, loan.liquidationLtv, loan.otherLiquidationLtv);
    }

    function lineOf(
        LiquidationMath.Position memory p,
        Loan memory loan,
        uint256 tokens,
        uint256 ltv,
        uint256 otherLtv
    ) private pure returns (uint256) {
        return (((tokens * p.price) / PRICE_ONE) * ltv) / BPS + (loan.otherValue * otherLtv) / BPS;
    }

    /// @dev min(β, max(1 %, V' / D - 1)).
    function atMostEquity(LiquidationMath.Position memory p, uint256 beta) private pure returns (uint256) {
        uint256 equity = p.seizableValue > p.debt ? ((p.seizableValue - p.debt) * WAD) / p.debt : 0;
        if (equity < 0.01e18) equity = 0.01e18;
        return beta < equity ? beta : equity;
    }

    /// @dev x = (D - C) / (1 - c (1 + β)), rounded up.
    function limitOf(LiquidationMath.Position memory p, uint256 beta) private pure returns (uint256) {
        return ceilDiv((p.debt - p.callLine) * WAD * BPS, WAD * BPS - p.targetLtv * (WAD + beta));
    }

    function repayMost(LiquidationMath.Position memory p) private pure returns (uint256) {
        return LiquidationMath.repayLimit(p, LiquidationMath.bonus(p), MIN_DEBT);
    }

    /// @dev What a payment takes off a debt for certain: whole units of its base, unless it pays all.
    function retiredBy(LiquidationMath.Position memory p, uint256 repaid) private pure returns (uint256) {
        if (repaid == p.debt) return repaid;
        return (((repaid * p.growth.unitOf()) / p.growth.indexOf()) * p.growth.indexOf()) / p.growth.unitOf();
    }

    /// @dev What a unit of the debt's base amounts to. [asset], rounded up
    function unitOf(LiquidationMath.Position memory p) private pure returns (uint256) {
        return p.growth.indexOf() / p.growth.unitOf() + 1;
    }

    function ceilDiv(uint256 a, uint256 b) private pure returns (uint256) {
        return a == 0 ? 0 : (a - 1) / b + 1;
    }
}
