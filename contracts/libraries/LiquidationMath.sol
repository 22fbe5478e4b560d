// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Amounts} from "./Amounts.sol";
import {HealthMath} from "./HealthMath.sol";

/// @title LiquidationMath
/// @notice How much of a loan is liquidated, and for what bonus.
/// @dev With debt D, borrow limit T, and a pledge of borrow LTV t seized at bonus β, repaying x takes x (1 + β) of value and
/// so t x (1 + β) of borrow limit. The loan is back at its limit when D - x = T - t x (1 + β), hence
/// x = (D - T) / (1 - t (1 + β)). Listings keep t (1 + β) at or below 0.95, so the divisor is positive.
library LiquidationMath {
    uint256 internal constant WAD = 1e18;
    uint256 private constant BPS = 1e4;

    /// @notice The bonus that is paid however little equity is left: without it nobody would touch the loan. [WAD]
    uint256 internal constant LAST_BONUS = 0.01e18;

    /// @notice A loan and the pledge that is taken from it, at prices for liquidation.
    struct Position {
        uint256 debt; // [asset] D, above the liquidation line
        uint256 index; // [WAD] of the debt
        uint256 borrowLimit; // [asset] T
        uint256 liquidationLine; // [asset] L
        uint256 value; // [asset] V, of all pledges
        uint256 seizableValue; // [asset] V', of those whose feed is live
        uint256 pledged; // [token] of the pledge that is taken
        uint256 price; // [price] of it, by which the loan is judged
        uint256 seizurePrice; // [price] at which it is seized: lower than `price` if its two sources are apart
        uint256 borrowLtv; // [bps] of it: t
        uint256 maxBonus; // [bps] of it
        uint256 bonusSlope; // [bps] of it
    }

    /// @notice The liquidator's bonus β, all it gets above what it pays at `price`: `slope × (D / L - 1)`, at most the listing's
    /// maximum, and what a lower seizure price adds; but never more than the equity that is left (or {LAST_BONUS}, if that is
    /// more). [WAD], rounded down.
    function bonus(Position memory p) internal pure returns (uint256 beta) {
        uint256 max = p.maxBonus * (WAD / BPS);
        uint256 steep =
            p.liquidationLine == 0
                ? max
                : Amounts.mulDivDown(p.bonusSlope * (WAD / BPS), p.debt - p.liquidationLine, p.liquidationLine);
        beta = Math.min(max, steep);
        if (p.seizurePrice != p.price) beta = Amounts.mulDivDown(WAD + beta, p.price, p.seizurePrice) - WAD;
        uint256 equity = Math.saturatingSub(Amounts.mulDivDown(p.seizableValue, WAD, p.debt), WAD);
        return Math.min(beta, Math.max(LAST_BONUS, equity));
    }

    /// @notice The most that may be repaid. [asset], rounded up.
    /// @dev All of it if the loan is worth less than 1.01 times its debt, or if less than `minDebt` would remain.
    function repayLimit(Position memory p, uint256 beta, uint256 minDebt) internal pure returns (uint256) {
        if (p.value * 100 < p.debt * 101) return p.debt;
        uint256 divisor = WAD - Math.ceilDiv(p.borrowLtv * (WAD + beta), BPS); // smaller: the limit rounds up
        uint256 limit = Amounts.mulDivUp(Math.saturatingSub(p.debt, p.borrowLimit), WAD, divisor);
        return limit >= p.debt || p.debt - limit < minDebt ? p.debt : limit;
    }

    /// @notice What a liquidator who pays at most `maxRepay` pays and gets.
    /// @return repaid At most {repayLimit}, and at most what the pledge is worth without the bonus, rounded up. [asset]
    /// @return seized The pledge whole if it is paid for, else `retired × (1 + β)` worth of it, rounded down, where `retired`
    /// is what the payment takes off the debt for certain: at most a unit of it is lost in scaling, and a liquidation in
    /// crumbs must not take collateral for units that retire nothing. [token]
    function fill(
        Position memory p,
        uint256 maxRepay,
        uint256 minDebt
    ) internal pure returns (uint256 repaid, uint256 seized) {
        uint256 beta = bonus(p);
        uint256 wholePrice = Amounts.mulDivUp(HealthMath.valueUp(p.pledged, p.price), WAD, WAD + beta);
        repaid = Math.min(maxRepay, repayLimit(p, beta, minDebt));
        if (repaid >= wholePrice) return (wholePrice, p.pledged);
        uint256 retired = repaid == p.debt ? repaid : HealthMath.retiredDown(repaid, p.index);
        // retired × (1 + β) / price, in one division: [asset] × [WAD] × 1e36 / 1e18 / [price]
        seized = Amounts.mulDivDown(retired * (WAD + beta), HealthMath.PRICE_ONE / WAD, p.price);
        seized = Math.min(seized, p.pledged); // the pledge's value was rounded up
    }
}
