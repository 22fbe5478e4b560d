// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

/// @title AveragedSupply
/// @notice An exponential average of a market's supply (cash + debt) that rises slowly and falls fast. It starts at 0.
/// @dev Money parked for a day moves it by 1 - e^(-1/7) = 13.3 % of the gap; a flash deposit does not move it at all.
/// The unit is a hundredth of a whole token, so that 48 bits hold 2.8 trillion tokens.
library AveragedSupply {
    uint256 internal constant RISING = 7 days;
    uint256 internal constant FALLING = 12 hours;

    uint256 private constant WAD = 1e18;

    /// @dev e^-41 is below 1e-17: from there on the average has arrived.
    uint256 private constant MAX_EXPONENT = 41e18;

    /// @notice The average after `elapsed` seconds during which the supply stood at `supply`.
    /// @param average The average before. [1/100 token]
    /// @param supply The supply. [1/100 token]
    /// @return The average now. [1/100 token], rounded down, at most 2^48 - 1.
    function next(uint256 average, uint256 supply, uint256 elapsed) internal pure returns (uint256) {
        bool rises = supply > average;
        uint256 exponent = Math.min((elapsed * WAD) / (rises ? RISING : FALLING), MAX_EXPONENT);
        uint256 kept = uint256(FixedPointMathLib.expWad(-int256(exponent))); // e^-x is between 0 and 1 [WAD]
        uint256 result =
            rises ? average + ((supply - average) * (WAD - kept)) / WAD : supply + ((average - supply) * kept) / WAD;
        return Math.min(result, type(uint48).max);
    }
}
