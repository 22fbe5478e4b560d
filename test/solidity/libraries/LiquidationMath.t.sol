// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LiquidationMath} from "../../../contracts/libraries/LiquidationMath.sol";
import {BaseTest} from "../helpers/BaseTest.sol";
import {Growths} from "../helpers/Growths.sol";

/// @notice {LiquidationMath} against the formulas of the design, on loans of two pledges. INV-06 is checked here with the
/// exact amounts; what the debt's index adds to it, the invariant tests check on the deployed pair.
contract LiquidationMathTest is BaseTest {
    uint256 private constant PRICE_ONE = 1e36;
    uint256 private constant MIN_DEBT = 100e6;

    /// @dev What a position is made of. The first pledge is the one that is taken.
    struct Loan {
        uint256 pledged; // [token]
        uint256 price; // [price]
        uint256 otherValue; // [asset]
        uint256 otherBorrowLtv; // [bps]
        uint256 otherLiquidationLtv; // [bps]
        uint256 liquidationLtv; // [bps]
    }

    // ------------------------------------------------------------------------------------------------------ Bonus

    /// @dev β is the least of the maximum, the slope's line and the equity that is left, but not less than 1 % for the last.
    function testFuzz_Bonus_isLeastOfThree(uint256[8] memory seeds, uint256 depth, uint256 dead) public pure {
        (LiquidationMath.Position memory p, ) = positionOf(seeds, depth);
        p.seizableValue = p.value - bound(dead, 0, p.value);
        uint256 beta = LiquidationMath.bonus(p);
        assertLe(beta, (p.maxBonus * WAD) / BPS);
        assertLe(beta * p.liquidationLine, ((p.bonusSlope * WAD) / BPS) * (p.debt - p.liquidationLine));
        uint256 equity = p.seizableValue > p.debt ? ((p.seizableValue - p.debt) * WAD) / p.debt : 0;
        uint256 ceiling = equity > 0.01e18 ? equity : 0.01e18;
        assertLe(beta, ceiling);
        uint256 line = ((p.bonusSlope * (p.debt - p.liquidationLine)) * WAD) / (p.liquidationLine * BPS);
        uint256 least = (p.maxBonus * WAD) / BPS;
        if (line < least) least = line;
        if (ceiling < least) least = ceiling;
        assertApproxEqAbs(beta, least, 1);
    }

    function testFuzz_Bonus_isNothingAtTheLine(uint256[8] memory seeds) public pure {
        (LiquidationMath.Position memory p, ) = positionOf(seeds, 0);
        p.debt = p.liquidationLine;
        assertEq(LiquidationMath.bonus(p), 0);
    }

    /// @dev While there is equity enough, the deeper a loan is the more its liquidator gets.
    function testFuzz_Bonus_risesWithDebt(uint256[8] memory seeds, uint256 depth, uint256 more) public pure {
        (LiquidationMath.Position memory p, ) = positionOf(seeds, depth);
        p.seizableValue = p.value * 1_000;
        uint256 beta = LiquidationMath.bonus(p);
        p.debt += bound(more, 0, p.debt);
        assertGe(LiquidationMath.bonus(p), beta);
    }

    /// @dev Nothing to measure the depth by: the maximum, as far as equity goes.
    function testFuzz_Bonus_withoutLineIsMaximum(uint256[8] memory seeds, uint256 value) public pure {
        (LiquidationMath.Position memory p, ) = positionOf(seeds, 0);
        p.liquidationLine = 0;
        p.seizableValue = bound(value, p.debt * 2, p.debt * 3);
        assertEq(LiquidationMath.bonus(p), (p.maxBonus * WAD) / BPS);
    }

    // ---------------------------------------------------------------------------------------------------- Limits

    /// @dev x = (D - T) / (1 - t (1 + β)), rounded up; all if less than the smallest debt would remain or V < 1.01 D.
    function testFuzz_RepayLimit_isTheFormula(uint256[8] memory seeds, uint256 depth) public pure {
        (LiquidationMath.Position memory p, ) = positionOf(seeds, depth);
        uint256 beta = LiquidationMath.bonus(p);
        uint256 limit = LiquidationMath.repayLimit(p, beta, MIN_DEBT);
        uint256 x = limitOf(p, beta);
        if (p.value * 100 < p.debt * 101 || p.debt < MIN_DEBT + x) return assertEq(limit, p.debt);
        assertGe(limit, x);
        assertLe(limit, x + x / 1e12 + 1); // the divisor is rounded to 18 decimals
    }

    // ------------------------------------------------------------------------------------------------------- Fill

    /// @dev INV-06. Never more than the liquidator's bound, the limit, or the pledge without its bonus.
    function testFuzz_Fill_repaysWithinLimits(uint256[8] memory seeds, uint256 depth, uint256 maxRepay) public pure {
        (LiquidationMath.Position memory p, ) = positionOf(seeds, depth);
        maxRepay = bound(maxRepay, 1, p.debt * 2);
        uint256 beta = LiquidationMath.bonus(p);
        (uint256 repaid, uint256 seized, ) = LiquidationMath.fill(p, maxRepay, MIN_DEBT);
        assertLe(repaid, maxRepay);
        assertLe(repaid, p.debt);
        assertLe(repaid, LiquidationMath.repayLimit(p, beta, MIN_DEBT));
        uint256 value = ceilDiv(p.pledged * p.price, PRICE_ONE);
        uint256 whole = ceilDiv(value * WAD, WAD + beta);
        assertLe(repaid, whole);
        assertLe(seized, p.pledged);
        assertGt(repaid, 0);
        if (repaid == whole) assertEq(seized, p.pledged);
    }

    /// @dev The liquidator never gets more than β above what it pays, but for the rounding of the whole pledge's price.
    function testFuzz_Fill_bonusIsAtMostBeta(uint256[8] memory seeds, uint256 depth, uint256 maxRepay) public pure {
        (LiquidationMath.Position memory p, ) = positionOf(seeds, depth);
        maxRepay = bound(maxRepay, 1, p.debt * 2);
        uint256 beta = LiquidationMath.bonus(p);
        (uint256 repaid, uint256 seized, ) = LiquidationMath.fill(p, maxRepay, MIN_DEBT);
        assertLe(((seized * p.price) / PRICE_ONE) * WAD, repaid * (WAD + beta));
        // And not less than that by more than one token unit and a wei.
        uint256 owed = (retiredBy(p, repaid) * (WAD + beta)) / WAD;
        if (seized != p.pledged) assertGe((seized * p.price) / PRICE_ONE + p.price / PRICE_ONE + 2, owed);
    }

    /// @dev A liquidator who pays all he may brings the loan back to its borrow limit: not above it, but for the unit of scaled
    /// debt that a payment may lose, and not further below than a unit of the token that is taken.
    function testFuzz_Fill_bringsBackToBorrowLimit(uint256[8] memory seeds, uint256 depth) public pure {
        (LiquidationMath.Position memory p, Loan memory loan) = positionOf(seeds, depth);
        (uint256 repaid, uint256 seized, ) = LiquidationMath.fill(p, type(uint256).max, MIN_DEBT);
        if (repaid == p.debt) return assertLe(repaid, p.debt); // all is repaid: there is no limit to be above
        if (seized == p.pledged) return assertLt(repaid, limitOf(p, LiquidationMath.bonus(p)) + 2); // it does not suffice
        uint256 debt = p.debt - retiredBy(p, repaid);
        uint256 limit = borrowLimitOf(loan, p.pledged - seized, p.targetLtv);
        assertLe(debt, limit + unitOf(p) + 2, "the loan is still above its borrow limit");
        assertGe(
            debt + ((p.price / PRICE_ONE + 1) * p.targetLtv) / BPS + repaid / 1e12 + 4,
            limit,
            "too much was sold"
        );
        assertGe(debt, MIN_DEBT);
    }

    /// @dev INV-06. A liquidation shrinks what the debt exceeds the liquidation line by. (Rounding: the pledges' values and
    /// lines are rounded down, each once.)
    function testFuzz_Fill_shrinksTheExcess(uint256[8] memory seeds, uint256 depth, uint256 maxRepay) public pure {
        (LiquidationMath.Position memory p, Loan memory loan) = positionOf(seeds, depth);
        maxRepay = bound(maxRepay, 1_000 * unitOf(p), p.debt * 2); // what is shrunk is a twentieth of it, or more
        (uint256 repaid, uint256 seized, ) = LiquidationMath.fill(p, maxRepay, MIN_DEBT);
        uint256 line = liquidationLineOf(loan, p.pledged - seized);
        // debt after - line after < debt before - line before
        assertLt(p.debt - retiredBy(p, repaid) + p.liquidationLine, p.debt + line);
    }

    /// @dev INV-06. While the pledges are worth 1.01 times the debt, what remains is no worse covered than before.
    function testFuzz_Fill_leavesCoverNoWorse(uint256[8] memory seeds, uint256 depth, uint256 maxRepay) public pure {
        (LiquidationMath.Position memory p, Loan memory loan) = positionOf(seeds, depth % 12_000);
        if (p.value * 100 < p.debt * 101) p.debt = (p.value * 100) / 101;
        maxRepay = bound(maxRepay, 1, p.debt * 2);
        (uint256 repaid, uint256 seized, ) = LiquidationMath.fill(p, maxRepay, MIN_DEBT);
        uint256 left = ((p.pledged - seized) * loan.price) / PRICE_ONE + loan.otherValue;
        // Every pledge was taken, but for what is worth less than a wei; the book takes that too or refuses.
        if (left == 0) return assertLt((p.pledged - seized) * p.price, PRICE_ONE);
        // debt after / value after <= debt before / value before; a wei for the value that was rounded down, and for a
        // pledge that is taken whole the unit of scaled debt that its price may fail to take off
        uint256 debt = p.debt - retiredBy(p, repaid);
        uint256 unit = seized == p.pledged ? unitOf(p) : 0;
        assertLe((debt > unit ? debt - unit : 0) * p.value, p.debt * (left + 1));
    }

    /// @dev A pledge that is taken whole is paid for in full: its value, without the bonus, rounded up.
    function testFuzz_Fill_wholePledgeIsPaidFor(uint256[8] memory seeds, uint256 depth) public pure {
        (LiquidationMath.Position memory p, ) = positionOf(seeds, depth);
        p.debt = p.value * 2; // so that the pledge does not suffice
        (uint256 repaid, uint256 seized, ) = LiquidationMath.fill(p, type(uint256).max, MIN_DEBT);
        uint256 beta = LiquidationMath.bonus(p);
        assertEq(seized, p.pledged);
        assertGe(repaid * (WAD + beta), ((p.pledged * p.price) / PRICE_ONE) * WAD);
        assertLe((repaid - 1) * (WAD + beta), ceilDiv(p.pledged * p.price, PRICE_ONE) * WAD);
        assertLe(beta, 0.01e18); // no equity is left
    }

    // -------------------------------------------------------------------------------------------------- Positions

    /// @dev A loan above its liquidation line, by `depth` basis points of the line (0…15,000) and a wei.
    function positionOf(
        uint256[8] memory seeds,
        uint256 depth
    ) private pure returns (LiquidationMath.Position memory p, Loan memory loan) {
        p.maxBonus = bound(seeds[0], 0, 2_000);
        p.bonusSlope = bound(seeds[1], 0, 60_000);
        loan.liquidationLtv = bound(seeds[2], 1_000, (9_499 * BPS) / (BPS + p.maxBonus));
        p.targetLtv = bound(seeds[3], loan.liquidationLtv / 2, loan.liquidationLtv - 2);
        uint256 worth = bound(seeds[4], 1_000e6, 1_000_000_000e6);
        // From 1e-12 to 1e6 units of the loan asset for a unit of the token: 18 decimals of a cheap coin … 0 of a dear one.
        loan.price = bound(seeds[5], 1e24, 1e26) * 10 ** (bound(seeds[6], 0, 16));
        loan.pledged = (worth * PRICE_ONE) / loan.price + 1;
        loan.otherValue = seeds[7] % 3 == 0 ? 0 : bound(seeds[7], 1e6, 1_000_000_000e6);
        loan.otherLiquidationLtv = 8_000;
        loan.otherBorrowLtv = 7_000;

        p.growth = Growths.any(seeds[7] >> 128);
        p.pledged = loan.pledged;
        p.price = loan.price;
        p.seizurePrice = loan.price;
        p.value = (loan.pledged * loan.price) / PRICE_ONE + loan.otherValue;
        p.seizableValue = p.value;
        p.target = borrowLimitOf(loan, loan.pledged, p.targetLtv);
        p.liquidationLine = liquidationLineOf(loan, loan.pledged);
        p.debt = p.liquidationLine + (p.liquidationLine * bound(depth, 0, 15_000)) / BPS + 1;
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

    function borrowLimitOf(Loan memory loan, uint256 tokens, uint256 borrowLtv) private pure returns (uint256) {
        uint256 value = (tokens * loan.price) / PRICE_ONE;
        return (value * borrowLtv) / BPS + (loan.otherValue * loan.otherBorrowLtv) / BPS;
    }

    function liquidationLineOf(Loan memory loan, uint256 tokens) private pure returns (uint256) {
        uint256 value = (tokens * loan.price) / PRICE_ONE;
        return (value * loan.liquidationLtv) / BPS + (loan.otherValue * loan.otherLiquidationLtv) / BPS;
    }

    /// @dev x = (D - T) / (1 - t (1 + β)), rounded up.
    function limitOf(LiquidationMath.Position memory p, uint256 beta) private pure returns (uint256) {
        return ceilDiv((p.debt - p.target) * WAD * BPS, WAD * BPS - p.targetLtv * (WAD + beta));
    }

    function ceilDiv(uint256 a, uint256 b) private pure returns (uint256) {
        return a == 0 ? 0 : (a - 1) / b + 1;
    }
}
