// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV3Interface.sol";

/// @title PriceFeeds
/// @notice Reads a Chainlink feed so that nothing it does can hurt the reader.
/// @dev The call is static, with a fixed gas budget and a fixed return size: a feed that reverts, burns all its gas or
/// returns megabytes is a feed without an answer. Whoever brings too little gas for the budget is reverted, so nobody can
/// turn a live feed dead by starving it.
library PriceFeeds {
    /// @notice One feed and the limits within which its answer counts. One storage slot:
    /// ```
    /// 255        248 247     224 223     200 199      168 167 160 159                    0
    /// |   exponent   | maxAnswer | minAnswer |   maxAge   | flags |        feed          |
    /// ```
    struct Source {
        AggregatorV3Interface feed;
        uint8 flags; // [bits] none defined
        uint32 maxAge; // [s] an answer older than this is not live
        uint24 minAnswer; // [compact, see packBound] the lowest answer that counts
        uint24 maxAnswer; // [compact] the highest answer that counts
        uint8 exponent; // [power of ten] from the feeds' ratio to a price; fixed at listing
    }

    /// @notice Gas that a feed may use. Chainlink's proxy and aggregator take about 15,000.
    uint256 internal constant GAS_BUDGET = 150_000;

    /// @dev What must be left before the call so that the budget is whole: a call may pass on 63/64 of the gas, and a cold
    /// account costs 2,600 first.
    uint256 private constant GAS_NEEDED = (GAS_BUDGET * 64) / 63 + 3_000;

    /// @notice A bound with more significant digits than its compact form holds.
    error BoundNotRepresentable(uint256 bound);

    /// @notice Too little gas to give the feed its full budget.
    error InsufficientGas(uint256 available, uint256 needed);

    /// @notice The feed's answer, moved to the nearer bound if it lies outside; the upper bound if there is none.
    /// @return answer Within the source's bounds. [feed decimals]
    /// @return live True if the feed answered, within the bounds, not longer than `maxAge` ago and not in the future.
    function observe(Source memory source) internal view returns (uint256 answer, bool live) {
        uint256 lower = unpackBound(source.minAnswer);
        uint256 upper = unpackBound(source.maxAnswer);
        (bool answered, int256 raw, uint256 updatedAt) = _latestRoundData(address(source.feed));
        if (!answered || raw <= 0) return (upper, false);
        answer = uint256(raw); // positive
        bool fresh = updatedAt != 0 && updatedAt <= block.timestamp && block.timestamp - updatedAt <= source.maxAge;
        if (answer < lower) return (lower, false);
        if (answer > upper) return (upper, false);
        return (answer, fresh);
    }

    /// @notice The compact form of a bound: up to 16 bits of digits and 8 bits of a decimal exponent, exact.
    /// @dev 5,000,000,000 is stored as 5e9. Reverts with {BoundNotRepresentable} rather than round.
    function packBound(uint256 bound) internal pure returns (uint24) {
        uint256 digits = bound;
        uint256 exponent = 0;
        while (digits != 0 && digits % 10 == 0) {
            digits /= 10; // exact: the last digit is 0
            exponent++;
        }
        require(digits <= type(uint16).max, BoundNotRepresentable(bound));
        return uint24((exponent << 16) | digits); // an exponent of a uint256 is at most 77
    }

    /// @notice The bound that a compact form stands for.
    function unpackBound(uint24 packed) internal pure returns (uint256) {
        return uint256(uint16(packed)) * 10 ** (packed >> 16); // the lower 16 bits are the digits
    }

    /// @dev Assembly because Solidity offers no call with a bounded return size.
    function _latestRoundData(address feed) private view returns (bool answered, int256 answer, uint256 updatedAt) {
        require(gasleft() >= GAS_NEEDED, InsufficientGas(gasleft(), GAS_NEEDED));
        bytes4 selector = AggregatorV3Interface.latestRoundData.selector;
        assembly ("memory-safe") {
            let data := mload(0x40) // free memory, used as a scratch pad and not kept
            mstore(data, selector)
            answered := staticcall(GAS_BUDGET, feed, data, 4, data, 160)
            answered := and(answered, gt(returndatasize(), 159))
            if answered {
                answer := mload(add(data, 32))
                updatedAt := mload(add(data, 96))
            }
        }
    }
}
