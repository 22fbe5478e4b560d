// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

/// @title RateCurve
/// @notice The open-term rate: a curve over utilisation whose height drifts with demand, so nobody governs it.
/// @dev rate = rateAtTarget × curve(u). The curve is 1/4 at utilisation 0, 1 at the 90 % target and 4 at 100 %, straight in
/// between. While utilisation is off target, rateAtTarget drifts by exp(50/year × distance × time), the distance being
/// that to the target as a share of the side it lies on (-1…1). The shape and the drift are those of Morpho's adaptive
/// curve; so is the average over an interval, taken from its start, middle and end with weights 1, 2, 1.
///
/// Units: rates are [WAD/year] in memory; rateAtTarget is stored in [1e-14/year].
library RateCurve {
    uint256 internal constant WAD = 1e18;

    /// @notice Utilisation at which the curve is 1. [WAD]
    uint256 internal constant TARGET = 0.9e18;

    /// @notice rateAtTarget of a new market and its bounds. [1e-14/year]
    uint256 internal constant START_RATE = 0.04e14;
    uint256 internal constant MIN_RATE = 0.005e14;
    uint256 internal constant MAX_RATE = 0.25e14;

    /// @dev From the stored unit to WAD.
    uint256 private constant STORED_TO_WAD = 1e4;

    /// @dev Drift at full distance. [1/year]
    int256 private constant SPEED = 50;

    /// @dev MAX_RATE / MIN_RATE is 50, and e^4 > 50: a longer drift ends at the same bound.
    int256 private constant MAX_HALF_DRIFT = 4e18;

    /// @notice Share of the supply that is lent out, 0 for an empty market. [WAD], rounded down.
    /// @param cash At most 104 bits. [asset]
    /// @param debt At most 192 bits. [asset]
    function utilisation(uint256 cash, uint256 debt) internal pure returns (uint256) {
        unchecked {
            return debt == 0 ? 0 : (debt * WAD) / (cash + debt); // 252 bits
        }
    }

    /// @notice The rate at a utilisation, for a stored rateAtTarget. [WAD/year], rounded down.
    function rate(uint256 rateAtTarget, uint256 utilisation_) internal pure returns (uint256) {
        return _onCurve(rateAtTarget * STORED_TO_WAD, _distance(utilisation_));
    }

    /// @notice What an interval at constant utilisation does.
    /// @param rateAtTarget The stored value at its start. [1e-14/year]
    /// @param utilisation_ Utilisation throughout. [WAD]
    /// @param elapsed Its length. [s]
    /// @return averageRate The average rate over it. [WAD/year], rounded down.
    /// @return nextRateAtTarget The value to store at its end. [1e-14/year], rounded down, within the bounds.
    function drift(
        uint256 rateAtTarget,
        uint256 utilisation_,
        uint256 elapsed
    ) internal pure returns (uint256 averageRate, uint256 nextRateAtTarget) {
        unchecked {
            int256 distance = _distance(utilisation_);
            int256 half = (SPEED * distance * int256(elapsed)) / (2 * 365 days); // toward zero; elapsed is below 2^32
            if (half > MAX_HALF_DRIFT) half = MAX_HALF_DRIFT;
            else if (half < -MAX_HALF_DRIFT) half = -MAX_HALF_DRIFT;
            uint256 factor = uint256(FixedPointMathLib.expWad(half)); // e^x is positive
            uint256 middle = (rateAtTarget * factor) / WAD; // down: in the borrowers' favour, by 1e-14 a year at most
            uint256 end = (rateAtTarget * factor * factor) / (WAD * WAD); // down, as above
            nextRateAtTarget = _bounded(end);
            uint256 average = (rateAtTarget + 2 * _bounded(middle) + nextRateAtTarget) * (STORED_TO_WAD / 4);
            averageRate = _onCurve(average, distance);
        }
    }

    /// @notice Relative growth of a debt that compounds every second: x + x²/2 + x³/6 with x = rate × time. [WAD], rounded
    /// down. The terms left out are below x⁴/24 × e^x.
    function growth(uint256 rate_, uint256 elapsed) internal pure returns (uint256) {
        unchecked {
            uint256 first = (rate_ * elapsed) / 365 days;
            uint256 second = (first * first) / (2 * WAD);
            uint256 third = (second * first) / (3 * WAD);
            return first + second + third;
        }
    }

    /// @notice An index after an interval at a rate. [WAD], rounded up, at the borrowers' expense; saturates.
    /// @param index Before. [WAD]
    /// @param rate_ The average over the interval. [WAD/year] at most 1e18
    /// @param elapsed Its length. [s] below 2^32
    function grown(uint256 index, uint256 rate_, uint256 elapsed) internal pure returns (uint72) {
        unchecked {
            uint256 next = index + (index * growth(rate_, elapsed) + WAD - 1) / WAD; // 72 bits and 79
            return next < type(uint72).max ? uint72(next) : type(uint72).max;
        }
    }

    /// @dev Distance from the target as a share of its side, -1…1. [WAD], toward zero.
    function _distance(uint256 utilisation_) private pure returns (int256) {
        unchecked {
            int256 difference = int256(utilisation_) - int256(TARGET); // both at most 1e18
            return (difference * int256(WAD)) / int256(utilisation_ > TARGET ? WAD - TARGET : TARGET);
        }
    }

    /// @dev `average` × curve: 1 - 3/4 × |distance| below the target, 1 + 3 × distance above it. Rounded down.
    function _onCurve(uint256 average, int256 distance) private pure returns (uint256) {
        unchecked {
            int256 slope = distance < 0 ? int256(0.75e18) : int256(3e18);
            uint256 curve = uint256(int256(WAD) + (slope * distance) / int256(WAD)); // at least 0.25e18
            return (average * curve) / WAD;
        }
    }

    function _bounded(uint256 rateAtTarget) private pure returns (uint256) {
        if (rateAtTarget > MAX_RATE) return MAX_RATE;
        return rateAtTarget < MIN_RATE ? MIN_RATE : rateAtTarget;
    }
}
