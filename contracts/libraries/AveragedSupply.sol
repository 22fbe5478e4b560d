// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";
import {LibBit} from "solady/src/utils/LibBit.sol";

/// @title AveragedSupply
/// @notice An exponential average of a market's supply (cash + debt) that rises slowly and falls fast. It starts at 0.
/// @dev Money parked for a day moves it by 1 - e^(-1/7) = 13.3 % of the gap; a flash deposit does not move it at all.
///
/// It is stored in 48 bits: 42 of digits and 6 of a binary exponent, so its grain is 2^-41 of itself. A fixed grain would
/// keep a small market's average from rising at all while somebody calls every second: a second closes 1.65e-6 of the gap, and what
/// is less than a grain is lost.
library AveragedSupply {
    uint256 internal constant RISING = 7 days;
    uint256 internal constant FALLING = 12 hours;

    /// @dev The largest average that can be stored: 42 bits of digits, and an exponent of 63.
    uint256 internal constant MAX = (2 ** DIGITS - 1) << 63;

    uint256 private constant DIGITS = 42;
    uint256 private constant WAD = 1e18;

    /// @dev e^-42 is below half of 1e-18: from there on the average has arrived.
    uint256 private constant MAX_EXPONENT = 42e18;

    /// @notice The average after `elapsed` seconds during which the supply stood at `supply`.
    /// @param average The average before. [packed]
    /// @param supply The supply; more than {MAX} counts as that. [asset]
    /// @return The average now. [packed], rounded down.
    function next(uint48 average, uint256 supply, uint256 elapsed) internal pure returns (uint48) {
        unchecked {
            uint256 before = unpack(average);
            if (supply > MAX) supply = MAX;
            bool rises = supply > before;
            uint256 exponent = (elapsed * WAD) / (rises ? RISING : FALLING);
            if (exponent > MAX_EXPONENT) exponent = MAX_EXPONENT;
            uint256 kept = uint256(FixedPointMathLib.expWad(-int256(exponent))); // e^-x is between 0 and 1 [WAD]
            // Both are at most MAX, 105 bits, and a share of it 165.
            return
                pack(
                    rises
                        ? before + ((supply - before) * (WAD - kept)) / WAD
                        : supply + ((before - supply) * kept) / WAD
                );
        }
    }

    /// @notice The average that a stored one stands for. [asset]
    function unpack(uint48 packed) internal pure returns (uint256) {
        return uint256(packed >> 6) << (packed & 63); // the lower six bits are the exponent
    }

    /// @notice The stored form of an average of at most {MAX}. Rounded down to 42 significant bits.
    function pack(uint256 average) internal pure returns (uint48) {
        uint256 bits = LibBit.fls(average | 1); // the place of the highest
        uint256 exponent = bits < DIGITS ? 0 : bits - (DIGITS - 1);
        return uint48(((average >> exponent) << 6) | exponent); // 42 bits and 6: the exponent is at most 63
    }
}
