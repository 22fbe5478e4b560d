// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Amounts} from "./Amounts.sol";

/// @title HealthMath
/// @notice From tokens and prices to values and lines.
/// @dev [asset] × 1e36 / [token] = [price]; shares are in [bps].
library HealthMath {
    uint256 internal constant PRICE_ONE = 1e36;
    uint256 private constant BPS = 1e4;

    /// @notice What tokens are worth. [asset], rounded down.
    function valueDown(uint256 tokens, uint256 price) internal pure returns (uint256) {
        return Amounts.mulDivDown(tokens, price, PRICE_ONE);
    }

    /// @notice What tokens are worth. [asset], rounded up.
    function valueUp(uint256 tokens, uint256 price) internal pure returns (uint256) {
        return Amounts.mulDivUp(tokens, price, PRICE_ONE);
    }

    /// @notice A share of a value, as a pledge's part of a line. [asset], rounded down.
    function shareDown(uint256 value, uint256 share) internal pure returns (uint256) {
        unchecked {
            return (value * share) / BPS; // a value has at most 195 bits, see {ListingAdmin}, and a share 16
        }
    }

    /// @notice How much more of a pledge brings a debt down to the call line. [token], rounded up.
    function tokensToCure(
        uint256 debt,
        uint256 callLine,
        uint256 callLtv,
        uint256 price
    ) internal pure returns (uint256) {
        uint256 value = Amounts.mulDivUp(debt - callLine, BPS, callLtv);
        return Amounts.mulDivUp(value, PRICE_ONE, price);
    }
}
