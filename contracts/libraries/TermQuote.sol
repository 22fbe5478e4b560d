// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Amounts} from "./Amounts.sol";
import {RateCurve} from "./RateCurve.sol";

/// @title TermQuote
/// @notice What a fixed term costs: a borrower may fix the rate of a loan for 7…365 days, at the open-term rate of a market at
/// target or above, and a premium for the time.
/// @dev rate = max(MIN_RATE, rateAtTarget × curve(max(target, q)) + PREMIUM × duration), with
/// q = min(1, debt after / min(cash + debt, averaged supply)): what is lent out afterwards, of a supply that no deposit of
/// today enlarges, so that a flash deposit lowers no quote. A quote below target would sell the certainty too cheaply: the
/// open-term rate can drift up from there, the fixed one cannot.
///
/// All term debt together is at most a share of min(total assets, averaged supply): lenders can leave only as loans are
/// repaid, and a new market, whose average starts at 0, sells no terms.
///
/// A rate is a whole number of 1e-9 a year and the number that is charged. It rounds up, from the exact value of the formula
/// above with q rounded up to 1e-18. It is at least 2 % and at most 25 % × 4 + 3 % = 103 %, so it fits 32 bits.
library TermQuote {
    /// @notice The shortest and the longest term. [s]
    uint256 internal constant MIN_DURATION = 7 days;
    uint256 internal constant MAX_DURATION = 365 days;

    /// @notice The lowest fixed rate. [1e-9/year]
    uint256 internal constant MIN_RATE = 0.02e9;

    /// @notice What a stored rate is a whole number of, as a part of 1.
    uint256 internal constant RATE_UNIT = 1e9;

    /// @notice What a year of certainty costs above the open-term rate. [WAD/year per year of duration]
    uint256 internal constant PREMIUM = 0.03e18;

    /// @notice The most of the lenders' assets that may be lent for fixed terms. [bps]
    uint256 internal constant MAX_SHARE = 3_000;

    uint256 private constant WAD = 1e18;
    uint256 private constant BPS = 1e4;

    /// @dev From [WAD × 1e18] to [1e-9].
    uint256 private constant FINE_TO_RATE = 1e27;

    /// @notice A market as a quote sees it, with the new term in it. [asset] unless noted.
    /// @dev Drawing moves cash into debt, so `supply` and `totalAssets` are the same before and after.
    struct Market {
        uint256 debtAfter; // all debt, open-term and fixed-term
        uint256 termDebtAfter; // of it, that of fixed terms
        uint256 supply; // cash + debt
        uint256 totalAssets; // what the lenders own
        uint256 averagedSupply; // in [asset], rounded down
        uint256 rateAtTarget; // [1e-14/year]
    }

    /// @notice A term is 7…365 days long. [s]
    error TermDurationOutOfRange(uint256 duration, uint256 min, uint256 max);

    /// @notice Fixed terms would take more of the market than they may; or it has no supply of any age yet. [asset]
    error TermShareExceeded(uint256 termDebt, uint256 max);

    /// @notice The rate of a new term. [1e-9/year], rounded up: the borrower bears the unit.
    /// @dev Every amount has at most 118 bits, rateAtTarget at most 48.
    /// @param duration How long the rate is fixed. [s]
    function rate(Market memory market, uint256 duration) internal pure returns (uint256) {
        bool inRange = MIN_DURATION <= duration && duration <= MAX_DURATION;
        require(inRange, TermDurationOutOfRange(duration, MIN_DURATION, MAX_DURATION));
        uint256 max = maxTermDebt(market.totalAssets, market.averagedSupply);
        require(max != 0 && market.termDebtAfter <= max, TermShareExceeded(market.termDebtAfter, max));

        // Not 0: `max` is not, and total assets are part of the supply.
        uint256 supply = Math.min(market.supply, market.averagedSupply);
        uint256 used = Math.min(WAD, Amounts.mulDivUp(market.debtAfter, WAD, supply)); // up: borrower
        // With a height 1e18 times finer the curve's division leaves no rest: this sum is exact but for the premium's up.
        uint256 fine = RateCurve.rate(market.rateAtTarget * WAD, Math.max(RateCurve.TARGET, used));
        fine += Amounts.mulDivUp(PREMIUM * WAD, duration, 365 days);
        return Math.max(MIN_RATE, Math.ceilDiv(fine, FINE_TO_RATE));
    }

    /// @notice The most that fixed terms may owe together. [asset], rounded down.
    /// @param totalAssets What the lenders own. [asset]
    /// @param averagedSupply The averaged supply in [asset], rounded down.
    function maxTermDebt(uint256 totalAssets, uint256 averagedSupply) internal pure returns (uint256) {
        return Amounts.mulDivDown(Math.min(totalAssets, averagedSupply), MAX_SHARE, BPS);
    }
}
