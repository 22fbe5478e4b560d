// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

/// @title Amounts
/// @notice Division with its rounding in the name, and the two narrowings that money goes through.
/// @dev Amounts of the loan asset have at most 104 bits (2.0e31 base units: 20 trillion tokens of 18 decimals), those of a listing's token 96
/// (7.9e28: 79 billion).
library Amounts {
    /// @notice An amount that a caller brought does not fit the field it is stored in.
    /// @param value The amount, in base units of its token.
    /// @param max The largest amount that fits.
    error AmountTooLarge(uint256 value, uint256 max);

    /// @notice `a * b / denominator` over a 512-bit product, rounded down.
    function mulDivDown(uint256 a, uint256 b, uint256 denominator) internal pure returns (uint256) {
        return FixedPointMathLib.fullMulDiv(a, b, denominator);
    }

    /// @notice `a * b / denominator` over a 512-bit product, rounded up.
    function mulDivUp(uint256 a, uint256 b, uint256 denominator) internal pure returns (uint256) {
        uint256 down = mulDivDown(a, b, denominator);
        return mulmod(a, b, denominator) == 0 ? down : down + 1;
    }

    /// @notice Narrows an amount that a caller brings; reverts with {AmountTooLarge} where it does not fit.
    function toUint104(uint256 value) internal pure returns (uint104) {
        require(value <= type(uint104).max, AmountTooLarge(value, type(uint104).max));
        return uint104(value); // checked one line above
    }

    /// @notice The same for what a book holds of a token, which stands beside the token's address.
    function toUint96(uint256 value) internal pure returns (uint96) {
        require(value <= type(uint96).max, AmountTooLarge(value, type(uint96).max));
        return uint96(value); // checked one line above
    }
}
