// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Amounts} from "./Amounts.sol";

/// @title HealthMath
/// @notice From tokens and prices to values, lines and debts.
/// @dev [asset] × 1e36 / [token] = [price]; [asset] × 1e18 / index = [asset / index]; shares are in [bps].
library HealthMath {
    uint256 internal constant PRICE_ONE = 1e36;
    uint256 private constant WAD = 1e18;
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
        return (value * share) / BPS; // a value has at most 203 bits, see Listings
    }

    /// @notice What a scaled debt amounts to. [asset], rounded up: the borrower bears the wei.
    function debtUp(uint256 scaledDebt, uint256 index) internal pure returns (uint256) {
        return Amounts.mulDivUp(scaledDebt, index, WAD);
    }

    /// @notice The scaled debt that a drawn amount adds. [asset / index], rounded up: the borrower bears the wei.
    function scaledUp(uint256 amount, uint256 index) internal pure returns (uint256) {
        return Amounts.mulDivUp(amount, WAD, index);
    }

    /// @notice The scaled debt that a repaid amount takes off. [asset / index], rounded down: the borrower bears the wei.
    function scaledDown(uint256 amount, uint256 index) internal pure returns (uint256) {
        return Amounts.mulDivDown(amount, WAD, index);
    }

    /// @notice What a part payment takes off a debt for certain, whatever the debt is. [asset], rounded down.
    function retiredDown(uint256 amount, uint256 index) internal pure returns (uint256) {
        return Amounts.mulDivDown(scaledDown(amount, index), index, WAD);
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
