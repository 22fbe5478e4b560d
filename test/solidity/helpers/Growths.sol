// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Growth, LoanDebt} from "../../../contracts/libraries/LoanDebt.sol";

/// @title Growths
/// @notice What a loan of either kind may have grown to.
library Growths {
    uint256 internal constant WAD = 1e18;
    uint256 internal constant MAX_INDEX = type(uint72).max;

    /// @dev A year in the units of a fixed rate: interest is principal × rate × time / YEAR.
    uint256 internal constant YEAR = 31_536_000 * 1e9;

    /// @notice That of an open-term loan or of a fixed-term one, without a fee or with one.
    function any(uint256 seed) internal pure returns (Growth) {
        return seed % 2 == 0 ? openTerm(seed / 2) : fixedTerm(seed / 2);
    }

    /// @notice An index of the vault: 1 at the beginning, 4,722 at its end.
    function openTerm(uint256 seed) internal pure returns (Growth) {
        return LoanDebt.toGrowth(WAD + ((seed >> 1) % (seed % 2 == 0 ? WAD : MAX_INDEX - WAD + 1)), WAD, 0);
    }

    /// @notice 2…103 % a year, for a term that may have matured long ago, or be in its last week.
    function fixedTerm(uint256 seed) internal pure returns (Growth) {
        uint256 rate = 0.02e9 + (seed % 1.01e9);
        uint256 elapsed = (seed >> 32) % (seed % 4 == 0 ? 20 * 365 days : 365 days);
        uint256 feeTime = (seed >> 64) % 3 == 0 ? 7 days : (seed >> 72) % 7 days;
        return LoanDebt.toGrowth(YEAR + rate * elapsed, YEAR, rate * feeTime);
    }
}
