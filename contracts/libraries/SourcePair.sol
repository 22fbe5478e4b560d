// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

/// @title SourcePair
/// @notice What two sources of one asset's price mean together: caution where money goes out, and the borrower's benefit where
/// a loan is judged.
/// @dev | sources | for borrowing | for liquidation | seized at |
/// | --- | --- | --- | --- |
/// | both live, within `maxDeviation` | the lower | the higher | the higher |
/// | both live, apart | 0 | the higher | the higher less `maxDeviation` (the lower is below it) |
/// | one live | 0 | the live one | the live one |
/// | none live | 0 | the higher of both, as far as they answer | cannot be seized |
library SourcePair {
    uint256 private constant BPS = 1e4;

    /// @notice True if two prices differ by at most `maxDeviation` of the higher one. [bps]
    function agree(uint256 a, uint256 b, uint256 maxDeviation) internal pure returns (bool) {
        (uint256 lower, uint256 higher) = (Math.min(a, b), Math.max(a, b));
        return (higher - lower) * BPS <= higher * maxDeviation; // prices have at most 218 bits
    }

    /// @notice The price for borrowing; 0 where it is uncertain. [price]
    function forBorrowing(
        uint256 first,
        bool firstLive,
        uint256 second,
        bool secondLive,
        uint256 maxDeviation
    ) internal pure returns (uint256) {
        return firstLive && secondLive && agree(first, second, maxDeviation) ? Math.min(first, second) : 0;
    }

    /// @notice The price for calls, cures and liquidation. [price]
    /// @return price At which pledges count.
    /// @return live True if pledges can be seized.
    /// @return apart True if they are seized at {discounted}.
    function forLiquidation(
        uint256 first,
        bool firstLive,
        uint256 second,
        bool secondLive,
        uint256 maxDeviation
    ) internal pure returns (uint256 price, bool live, bool apart) {
        if (firstLive != secondLive) return (firstLive ? first : second, true, false);
        live = firstLive;
        apart = live && !agree(first, second, maxDeviation);
        price = Math.max(first, second);
    }

    /// @notice The price at which a pledge is seized whose sources are apart. [price], rounded up.
    function discounted(uint256 price, uint256 maxDeviation) internal pure returns (uint256) {
        return Math.ceilDiv(price * (BPS - maxDeviation), BPS); // at most 218 + 14 bits
    }
}
