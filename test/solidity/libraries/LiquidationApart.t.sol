// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LiquidationMath} from "../../../contracts/libraries/LiquidationMath.sol";
import {SourcePair} from "../../../contracts/libraries/SourcePair.sol";
import {BaseTest} from "../helpers/BaseTest.sol";
import {Growths} from "../helpers/Growths.sol";

/// @notice {LiquidationMath} where the two sources of the pledge that is taken are apart: it is seized at less than what the loan
/// is judged by, and the difference counts in the bonus. Over every listing that the book admits.
contract LiquidationApartTest is BaseTest {
    uint256 private constant PRICE_ONE = 1e36;
    uint256 private constant MIN_DEBT = 100e6;
    uint256 private constant LAST_BONUS = 0.01e18;

    /// @dev What a position is made of. The first pledge is the one that is taken.
    struct Loan {
        uint256 otherValue; // [asset]
        uint256 liquidationLtv; // [bps]
        uint256 maxDeviation; // [bps]
    }

    /// @dev The other pledge's. [bps]
    uint256 private constant OTHER_BORROW_LTV = 7_000;
    uint256 private constant OTHER_LIQUIDATION_LTV = 8_000;

    // -------------------------------------------------------------------------------------------------------- Bonus

    /// @dev Never more than the equity left, but then 1 %.
    function testFuzz_Bonus_isWithinEquity(uint256[8] memory seeds, uint256 depth, uint256 dead) public pure {
        (LiquidationMath.Position memory p, ) = positionOf(seeds, depth);
        p.seizableValue = p.value - bound(dead, 0, p.value);
        uint256 equity = p.seizableValue > p.debt ? ((p.seizableValue - p.debt) * WAD) / p.debt : 0;
        assertLe(LiquidationMath.bonus(p), equity > LAST_BONUS ? equity : LAST_BONUS);
    }

    /// @dev (1 + hard) × price / seizing price - 1, capped, to within the rounding of hard: a WAD's unit, grown by the ratio.
    function testFuzz_Bonus_countsTheDifference(uint256[8] memory seeds, uint256 depth) public pure {
        (LiquidationMath.Position memory p, Loan memory loan) = positionOf(seeds, depth);
        uint256 hard = hardBonus(p);
        uint256 whole = ((WAD + hard) * BPS) / (BPS - loan.maxDeviation) - WAD;
        uint256 equity = p.seizableValue > p.debt ? ((p.seizableValue - p.debt) * WAD) / p.debt : 0;
        uint256 ceiling = equity > LAST_BONUS ? equity : LAST_BONUS;
        uint256 beta = LiquidationMath.bonus(p);
        assertLe(beta, whole); // the price it is seized at is rounded up
        uint256 expected = whole < ceiling ? whole : ceiling;
        // The seizing price has 24 digits or more after its discount: what its rounding takes is nothing beside a WAD's unit.
        assertApproxEqAbs(beta, expected, 2);
    }

    /// @dev At the price at which it is seized the liquidator has the hard bonus at most, like anybody.
    function testFuzz_Fill_hardBonusAtSeizingPrice(uint256[8] memory seeds, uint256 depth, uint256 pays) public pure {
        (LiquidationMath.Position memory p, ) = positionOf(seeds, depth);
        (uint256 repaid, uint256 seized, ) = LiquidationMath.fill(p, bound(pays, 1, p.debt * 2), MIN_DEBT);
        uint256 worth = (seized * p.seizurePrice) / PRICE_ONE;
        assertLe(worth * WAD, repaid * (WAD + hardBonus(p)));
    }

    // ------------------------------------------------------------------------------------------------------- Divisor

    /// @dev t (1 + β) < 1, and l (1 + β) at most 0.95, for every listing that is admitted and every depth.
    function testFuzz_Divisor_isPositive(uint256[8] memory seeds, uint256 depth) public pure {
        (LiquidationMath.Position memory p, Loan memory loan) = positionOf(seeds, depth);
        p.seizableValue = p.debt * 1_000; // so that equity caps nothing
        uint256 beta = LiquidationMath.bonus(p);
        assertLe(loan.liquidationLtv * (WAD + beta), 9_500 * WAD);
        assertLt(p.targetLtv * (WAD + beta), 9_500 * WAD);
        assertGt(LiquidationMath.repayLimit(p, beta, MIN_DEBT), 0);
    }

    /// @dev The same without a line to measure the depth by, where the bonus is the greatest.
    function testFuzz_Divisor_isPositiveWithoutLine(uint256[8] memory seeds) public pure {
        (LiquidationMath.Position memory p, Loan memory loan) = positionOf(seeds, 0);
        p.liquidationLine = 0;
        p.seizableValue = p.debt * 1_000;
        uint256 beta = LiquidationMath.bonus(p);
        assertApproxEqAbs(beta, ((BPS + p.maxBonus) * WAD) / (BPS - loan.maxDeviation) - WAD, 1);
        assertLe(loan.liquidationLtv * (WAD + beta), 9_500 * WAD);
    }

    // -------------------------------------------------------------------------------------------------------- INV-06

    /// @dev Never more than the limit, nor than the pledge is worth without β.
    function testFuzz_Fill_repaysWithinLimits(uint256[8] memory seeds, uint256 depth, uint256 pays) public pure {
        (LiquidationMath.Position memory p, ) = positionOf(seeds, depth);
        uint256 maxRepay = bound(pays, 1, p.debt * 2);
        uint256 beta = LiquidationMath.bonus(p);
        (uint256 repaid, uint256 seized, ) = LiquidationMath.fill(p, maxRepay, MIN_DEBT);
        assertLe(repaid, maxRepay);
        assertLe(repaid, LiquidationMath.repayLimit(p, beta, MIN_DEBT));
        assertLe(repaid, ceilDiv(ceilDiv(p.pledged * p.price, PRICE_ONE) * WAD, WAD + beta));
        assertLe(seized, p.pledged);
        assertLe(((seized * p.price) / PRICE_ONE) * WAD, repaid * (WAD + beta));
    }

    /// @dev What the debt exceeds the liquidation line by shrinks.
    function testFuzz_Fill_shrinksTheExcess(uint256[8] memory seeds, uint256 depth, uint256 pays) public pure {
        (LiquidationMath.Position memory p, Loan memory loan) = positionOf(seeds, depth);
        uint256 maxRepay = bound(pays, 1_000 * unitOf(p), p.debt * 2); // a twentieth of it, or more, is shrunk
        (uint256 repaid, uint256 seized, ) = LiquidationMath.fill(p, maxRepay, MIN_DEBT);
        uint256 line = lineOf(p, loan, p.pledged - seized, loan.liquidationLtv, OTHER_LIQUIDATION_LTV);
        assertLt(p.debt - retiredBy(p, repaid) + p.liquidationLine, p.debt + line);
    }

    /// @dev While the pledges are worth 1.01 times the debt, at the third column, what remains is no worse covered.
    function testFuzz_Fill_leavesCoverNoWorse(uint256[8] memory seeds, uint256 depth, uint256 pays) public pure {
        (LiquidationMath.Position memory p, Loan memory loan) = positionOf(seeds, depth % 12_000);
        if (p.value * 100 < p.debt * 101) p.debt = (p.value * 100) / 101;
        (uint256 repaid, uint256 seized, ) = LiquidationMath.fill(p, bound(pays, 1, p.debt * 2), MIN_DEBT);
        uint256 left = ((p.pledged - seized) * p.price) / PRICE_ONE + loan.otherValue;
        if (left == 0) return assertLt((p.pledged - seized) * p.price, PRICE_ONE);
        // A wei for the value that was rounded down, and for a whole pledge the unit that its price may fail to retire.
        uint256 debt = p.debt - retiredBy(p, repaid);
        uint256 unit = seized == p.pledged ? unitOf(p) : 0;
        assertLe((debt > unit ? debt - unit : 0) * p.value, p.debt * (left + 1));
    }

    /// @dev All that may be paid brings the loan to its borrow limit at the third column, not above and not far below.
    function testFuzz_Fill_bringsBackToBorrowLimit(uint256[8] memory seeds, uint256 depth) public pure {
        (LiquidationMath.Position memory p, Loan memory loan) = positionOf(seeds, depth);
        (uint256 repaid, uint256 seized, ) = LiquidationMath.fill(p, type(uint256).max, MIN_DEBT);
        if (repaid == p.debt || seized == p.pledged) return assertLe(repaid, p.debt); // nothing is left to be above
        uint256 debt = p.debt - retiredBy(p, repaid);
        uint256 limit = lineOf(p, loan, p.pledged - seized, p.targetLtv, OTHER_BORROW_LTV);
        assertLe(debt, limit + unitOf(p) + 2, "the loan is still above its borrow limit");
        uint256 grain = ((p.price / PRICE_ONE + 1) * p.targetLtv) / BPS;
        assertGe(debt + grain + repaid / 1e12 + 4, limit, "too much was sold");
        assertGe(debt, MIN_DEBT);
    }

    // ----------------------------------------------------------------------------------------------------- Positions

    /// @dev A loan above its liquidation line, by `depth` basis points of the line (0…15,000) and a wei, on a listing with any
    /// terms that are admitted, whose sources are apart.
    function positionOf(
        uint256[8] memory seeds,
        uint256 depth
    ) private pure returns (LiquidationMath.Position memory p, Loan memory loan) {
        p.maxBonus = bound(seeds[0], 0, 4_000);
        p.bonusSlope = bound(seeds[1], 0, 60_000);
        loan.maxDeviation = bound(seeds[7] >> 8, 1, 4_000);
        // liquidation LTV × (1 + maximum bonus) / (1 - maximum deviation), rounded up, is at most 0.95
        uint256 highest = (9_500 * (BPS - loan.maxDeviation)) / (BPS + p.maxBonus);
        loan.liquidationLtv = seeds[2] % 4 == 0 ? highest : bound(seeds[2], 1_000, highest);
        assertLe(ceilDiv(loan.liquidationLtv * (BPS + p.maxBonus), BPS - loan.maxDeviation), 9_500);
        p.targetLtv =
            seeds[3] % 4 == 0
                ? loan.liquidationLtv - 2
                : bound(seeds[3], loan.liquidationLtv / 2, loan.liquidationLtv - 2);
        uint256 worth = bound(seeds[4], 1_000e6, 1_000_000_000e6);
        p.price = bound(seeds[5], 1e24, 1e26) * 10 ** (bound(seeds[6], 0, 16));
        p.seizurePrice = SourcePair.discounted(p.price, loan.maxDeviation);
        p.pledged = (worth * PRICE_ONE) / p.price + 1;
        loan.otherValue = seeds[7] % 3 == 0 ? 0 : bound(seeds[7], 1e6, 1_000_000_000e6);

        p.growth = Growths.any(seeds[7] >> 128);
        p.value = (p.pledged * p.price) / PRICE_ONE + loan.otherValue;
        p.seizableValue = p.value;
        p.target = lineOf(p, loan, p.pledged, p.targetLtv, OTHER_BORROW_LTV);
        p.liquidationLine = lineOf(p, loan, p.pledged, loan.liquidationLtv, OTHER_LIQUIDATION_LTV);
        p.debt = p.liquidationLine + (p.liquidationLine * bound(depth, 0, 15_000)) / BPS + 1;
    }

    /// @dev min(maxBonus, slope × (D / L - 1)). [WAD], rounded up.
    function hardBonus(LiquidationMath.Position memory p) private pure returns (uint256) {
        uint256 max = (p.maxBonus * WAD) / BPS;
        uint256 steep = ceilDiv(p.bonusSlope * (p.debt - p.liquidationLine) * WAD, p.liquidationLine * BPS);
        return steep < max ? steep : max;
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

    function lineOf(
        LiquidationMath.Position memory p,
        Loan memory loan,
        uint256 tokens,
        uint256 ltv,
        uint256 otherLtv
    ) private pure returns (uint256) {
        return (((tokens * p.price) / PRICE_ONE) * ltv) / BPS + (loan.otherValue * otherLtv) / BPS;
    }

    function ceilDiv(uint256 a, uint256 b) private pure returns (uint256) {
        return a == 0 ? 0 : (a - 1) / b + 1;
    }
}
