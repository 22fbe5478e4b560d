// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title Reference
/// @notice The mathematics that the libraries are compared with: slow, with 30 decimals, and nothing of theirs.
library Reference {
    uint256 internal constant ONE = 1e30;

    /// @notice e^-x. [1e30], off by less than 1e-25.
    /// @param x At most 100. [WAD]
    function expNegative(uint256 x) internal pure returns (uint256 result) {
        uint256 small = (x * 1e12) / 4096; // e^-x = (e^-(x / 4096))^4096
        uint256 term = ONE;
        result = ONE;
        for (uint256 i = 1; i < 20; i++) {
            term = (term * small) / (ONE * i);
            result = i % 2 == 1 ? result - term : result + term;
        }
        for (uint256 i = 0; i < 12; i++) result = (result * result) / ONE;
    }

    /// @notice e^x. [1e30], off by less than 1e-20 of it.
    /// @param x At most 10. [WAD]
    function exp(uint256 x) internal pure returns (uint256) {
        return (ONE * ONE) / expNegative(x);
    }

    /// @notice The multiple of rateAtTarget that is paid at a utilisation: 1/4 at 0, 1 at 90 %, 4 at 100 %. [1e30]
    function curve(uint256 utilisation) internal pure returns (uint256) {
        if (utilisation <= 0.9e18) return ONE / 4 + (0.75e30 * utilisation) / 0.9e18;
        return ONE + (3e30 * (utilisation - 0.9e18)) / 0.1e18;
    }

    /// @notice Where rateAtTarget ends after `elapsed` seconds at a utilisation: × e^(50/year × distance × time), between
    /// 0.5 % and 25 %. [1e-14/year]
    function driftedRate(
        uint256 rateAtTarget,
        uint256 utilisation,
        uint256 elapsed
    ) internal pure returns (uint256 end) {
        bool rises = utilisation > 0.9e18;
        // The distance from the target as a share of its side, then the exponent. [WAD]
        uint256 distance = rises ? (utilisation - 0.9e18) * 10 : ((0.9e18 - utilisation) * 10) / 9;
        uint256 exponent = (50 * distance * elapsed) / 365 days;
        if (exponent > 8e18) exponent = 8e18; // more than the whole way from one bound to the other
        end = rises ? (rateAtTarget * exp(exponent)) / ONE : (rateAtTarget * expNegative(exponent)) / ONE;
        if (end < 0.005e14) end = 0.005e14;
        if (end > 0.25e14) end = 0.25e14;
    }

    /// @notice `a * b` as two words.
    function fullProduct(uint256 a, uint256 b) internal pure returns (uint256 high, uint256 low) {
        unchecked {
            (uint256 a1, uint256 a0) = (a >> 128, a & type(uint128).max);
            (uint256 b1, uint256 b0) = (b >> 128, b & type(uint128).max);
            uint256 middle = a1 * b0 + ((a0 * b0) >> 128);
            uint256 cross = a0 * b1 + (middle & type(uint128).max);
            low = a * b;
            high = a1 * b1 + (middle >> 128) + (cross >> 128);
        }
    }

    /// @notice True if `a * b <= c * d`.
    function productAtMost(uint256 a, uint256 b, uint256 c, uint256 d) internal pure returns (bool) {
        (uint256 high1, uint256 low1) = fullProduct(a, b);
        (uint256 high2, uint256 low2) = fullProduct(c, d);
        return high1 < high2 || (high1 == high2 && low1 <= low2);
    }
}
