// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Amounts} from "./Amounts.sol";
import {HealthMath} from "./HealthMath.sol";
import {Growth} from "./LoanDebt.sol";

/// @title LiquidationMath
/// @notice How much of a loan is liquidated, and for what bonus.
/// @dev Debts have at most 117 bits, values and lines 198 (see {ListingAdmin}), ratios 16, bonuses 72: what is not checked fits.
///
/// With debt D, target T, and a pledge of ratio t seized at bonus β, repaying x takes x (1 + β) of value and so t x (1 + β) of
/// the target's sum. The loan is back at it when D - x = T - t x (1 + β), hence x = (D - T) / (1 - t (1 + β)). Above the
/// liquidation line the target is the borrow limit; between the lines, past the deadline of a margin call, it is the call line.
/// Listings keep the liquidation LTV at or below 0.95 with the largest bonus, so the divisor is positive; a soft liquidation's t
/// is below that, and its bonus at most 1.5 %, and what two sources apart add.
library LiquidationMath {
    uint256 internal constant WAD = 1e18;
    uint256 private constant BPS = 1e4;

    /// @notice The bonus that is paid however little equity is left: without it nobody would touch the loan. [WAD]
    uint256 internal constant LAST_BONUS = 0.01e18;

    /// @notice The most that a soft liquidation gives. [WAD]
    uint256 internal constant SOFT_BONUS = 0.015e18;

    /// @notice How long after a margin call's deadline the soft bonus is whole. [s]
    uint256 internal constant SOFT_RAMP = 2 hours;

    /// @notice The margin call's caller gets the bonus's part of what is seized divided by this.
    uint256 internal constant CREDIT_DIVISOR = 10;

    /// @dev See {worthless}.
    uint256 private constant WORTHLESS_DIVISOR = 20;

    /// @notice A loan and the pledge that is taken from it, at prices for liquidation.
    struct Position {
        Growth growth; // of the debt
        uint256 debt; // [asset] D
        uint256 target; // [asset] T
        uint256 callLine; // [asset] C
        uint256 liquidationLine; // [asset] L
        uint256 value; // [asset] V, of all pledges
        uint256 seizableValue; // [asset] V', of those that have a live source
        uint256 overdue; // [s] since the deadline of a margin call that has not lapsed; 0 if there is none
        uint256 pledged; // [token] of the pledge that is taken
        uint256 price; // [price] of it, by which the loan is judged
        uint256 seizurePrice; // [price] at which it is seized: lower than `price` if its two sources are apart
        uint256 targetLtv; // [bps] its ratio in the target: t
        uint256 maxBonus; // [bps] of it
        uint256 bonusSlope; // [bps] of it
    }

    /// @notice The liquidator's bonus β, all it gets above what it pays at `price`: the larger of {hardBonus} and {softBonus},
    /// {withinEquity}. [WAD], rounded down.
    function bonus(Position memory p) internal pure returns (uint256) {
        return withinEquity(p, Math.max(hardBonus(p), softBonus(p)));
    }

    /// @notice The bonus β that comes of one at the seizure price: what a lower seizure price adds, but never more than the equity that
    /// is left (or {LAST_BONUS}, if that is more). [WAD], rounded down.
    /// @param beta The bonus at the seizure price. [WAD]
    function withinEquity(Position memory p, uint256 beta) internal pure returns (uint256) {
        if (p.seizurePrice != p.price) beta = Amounts.mulDivDown(WAD + beta, p.price, p.seizurePrice) - WAD;
        uint256 equity = Math.saturatingSub(Amounts.mulDivDown(p.seizableValue, WAD, p.debt), WAD);
        return Math.min(beta, Math.max(LAST_BONUS, equity));
    }

    /// @notice `slope × (D / L - 1)`, at most the listing's maximum: nothing up to the liquidation line. [WAD], rounded down.
    function hardBonus(Position memory p) internal pure returns (uint256) {
        unchecked {
            (uint256 debt, uint256 line) = (p.debt, p.liquidationLine);
            if (debt <= line) return 0;
            uint256 max = p.maxBonus * (WAD / BPS);
            if (line == 0) return max;
            return Math.min(max, (p.bonusSlope * (WAD / BPS) * (debt - line)) / line); // 63 bits and 117
        }
    }

    /// @notice What a due margin call gives: it grows with the time past the deadline and with the way from the call line to the
    /// liquidation line. [WAD], rounded down twice.
    function softBonus(Position memory p) internal pure returns (uint256 beta) {
        unchecked {
            (uint256 debt, uint256 overdue) = (p.debt, p.overdue);
            if (overdue == 0 || debt <= p.callLine) return 0;
            beta = (SOFT_BONUS * Math.min(overdue, SOFT_RAMP)) / SOFT_RAMP;
            if (debt < p.liquidationLine) beta = (beta * (debt - p.callLine)) / (p.liquidationLine - p.callLine); // 54 bits and 117
        }
    }

    /// @notice What of a seizure is the margin call's caller's. [token], rounded down.
    function credit(uint256 seized, uint256 beta) internal pure returns (uint256) {
        return Amounts.mulDivDown(seized, beta, (WAD + beta) * CREDIT_DIVISOR);
    }

    /// @notice The most that may be repaid. [asset], rounded up.
    /// @dev All of it if the loan is worth less than 1.01 times its debt, or if less than `minDebt` would remain.
    function repayLimit(Position memory p, uint256 beta, uint256 minDebt) internal pure returns (uint256) {
        unchecked {
            uint256 debt = p.debt;
            if (p.value * 100 < debt * 101) return debt;
            uint256 target = p.target;
            uint256 above = debt > target ? debt - target : 0;
            uint256 divisor = WAD - (p.targetLtv * (WAD + beta) + BPS - 1) / BPS; // down, so that the limit is up
            uint256 limit = (above * WAD + divisor - 1) / divisor; // up: 117 bits and 60
            return limit >= debt || debt - limit < minDebt ? debt : limit;
        }
    }

    /// @notice What a liquidator who pays at most `maxRepay` pays and gets, for the bonus of {bonus}.
    /// @return repaid See {fillFor}, as for the next. [asset]
    /// @return seized [token]
    /// @return beta The bonus. [WAD]
    function fill(
        Position memory p,
        uint256 maxRepay,
        uint256 minDebt
    ) internal pure returns (uint256 repaid, uint256 seized, uint256 beta) {
        beta = bonus(p);
        (repaid, seized) = fillFor(p, beta, maxRepay, minDebt);
    }

    /// @notice The same for a bonus β that is known.
    /// @return repaid At most {repayLimit}, and at most what the pledge is worth without the bonus, rounded up. [asset]
    /// @return seized The pledge whole if it is paid for, else `retired × (1 + β)` worth of it, rounded down, where `retired`
    /// is what the payment takes off the debt for certain: at most a unit of it is lost in scaling, and a liquidation in
    /// crumbs must not take collateral for units that retire nothing. [token]
    function fillFor(
        Position memory p,
        uint256 beta,
        uint256 maxRepay,
        uint256 minDebt
    ) internal pure returns (uint256 repaid, uint256 seized) {
        (uint256 pledged, uint256 price) = (p.pledged, p.price);
        uint256 value = HealthMath.valueUp(pledged, price) * WAD;
        repaid = Math.min(maxRepay, repayLimit(p, beta, minDebt));
        unchecked {
            // The pledge without the bonus costs value / (1 + β), rounded up. No division where it is not paid for.
            if (repaid * (WAD + beta) >= value) return (Math.ceilDiv(value, WAD + beta), pledged);
            uint256 retired = repaid == p.debt ? repaid : p.growth.retiredDown(repaid);
            // retired × (1 + β) / price, in one division: [asset] × [WAD] × 1e36 / 1e18 / [price]
            seized = (retired * (WAD + beta) * (HealthMath.PRICE_ONE / WAD)) / price; // 117 bits, 72 and 60
            seized = Math.min(seized, pledged); // the pledge's value was rounded up
        }
    }

    /// @notice What the pledges are worth that a liquidation leaves. [asset], rounded down.
    function valueLeft(Position memory p, uint256 seized) internal pure returns (uint256) {
        return Math.saturatingSub(p.value, HealthMath.valueUp(seized, p.price));
    }

    /// @notice Pledges worth less than this, beside a larger debt, are worth too little to be liquidated. [asset], rounded down.
    function worthless(uint256 minDebt) internal pure returns (uint256) {
        return minDebt / WORTHLESS_DIVISOR;
    }

    /// @notice True for a remainder that a liquidation may leave only if it takes its pledge whole: a debt too small to be a loan, or
    /// pledges too small to be worth taking.
    /// @param debtLeft What would still be owed; not 0. [asset]
    function refusesRemainder(
        Position memory p,
        uint256 debtLeft,
        uint256 seized,
        uint256 minDebt
    ) internal pure returns (bool) {
        return debtLeft < minDebt || valueLeft(p, seized) < worthless(minDebt); // which is less than the debt left
    }
}
