// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV3Interface.sol";

import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {Amounts} from "./Amounts.sol";

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
        uint8 flags; // [bits] what else its owner must look at: SECOND, RETIRED, SEQUENCER
        uint32 maxAge; // [s] an answer older than this is not live
        uint24 minAnswer; // [compact, see packBound] the lowest answer that counts
        uint24 maxAnswer; // [compact] the highest answer that counts
        uint8 exponent; // [power of ten] from the feeds' ratio to a price; fixed at listing
    }

    /// @notice How far an answer can be trusted.
    enum Status {
        Live, // positive, within the bounds, not too old
        Stale, // only too old
        Broken // none, not positive, outside the bounds, or without a time that can be
    }

    /// @notice Flag of a listing's first source: there is a second one.
    uint8 internal constant SECOND = 1;

    /// @notice Flag of a listing's first source: the listing is retired.
    uint8 internal constant RETIRED = 2;

    /// @notice Flag of the loan asset's source: the chain has a sequencer, and a feed that tells whether it is up.
    uint8 internal constant SEQUENCER = 4;

    /// @notice Gas that a feed may use. Chainlink's proxy and aggregator take about 15,000.
    uint256 internal constant GAS_BUDGET = 150_000;

    /// @dev What must be left before the call so that the budget is whole: a call may pass on 63/64 of the gas, and a cold
    /// account costs 2,600 first.
    uint256 private constant GAS_NEEDED = (GAS_BUDGET * 64) / 63 + 3_000;

    /// @notice Too little gas to give the feed its full budget.
    error InsufficientGas(uint256 available, uint256 needed);

    /// @notice True if the source carries the flag.
    function has(Source memory source, uint8 flag) internal pure returns (bool) {
        return source.flags & flag != 0;
    }

    /// @notice The price for money that goes out. [price], rounded down; see {ListingAdmin} for the scale.
    /// @param loanAsset What the loan asset counts. [its feed's decimals]
    /// @return price 0 if the feed is not live.
    /// @return live Whether it is.
    function priceDown(Source memory source, uint256 loanAsset) internal view returns (uint256 price, bool live) {
        uint256 answer;
        (answer, live) = observe(source);
        if (live) price = Amounts.mulDivDown(answer, 10 ** source.exponent, loanAsset);
    }

    /// @notice The price by which a loan is judged. [price], rounded up, in the borrower's favour.
    /// @param loanAsset What the loan asset counts. [its feed's decimals]
    /// @return price From the answer moved into the bounds if the feed is not live.
    /// @return live Whether it is.
    function priceUp(Source memory source, uint256 loanAsset) internal view returns (uint256 price, bool live) {
        uint256 answer;
        (answer, live) = observe(source);
        price = Amounts.mulDivUp(answer, 10 ** source.exponent, loanAsset);
    }

    /// @notice The feed's answer, moved to the nearer bound if it lies outside; the upper bound if there is none.
    /// @return answer Within the source's bounds. [feed decimals]
    /// @return live True if the feed answered, within the bounds, not longer than `maxAge` ago and not in the future.
    function observe(Source memory source) internal view returns (uint256 answer, bool live) {
        Status status;
        (answer, status, ) = inspect(source);
        live = status == Status.Live;
    }

    /// @notice The same, and why an answer is not live.
    /// @return answer Within the source's bounds. [feed decimals]
    /// @return status How far it can be trusted.
    /// @return updatedAt What the feed says; 0 if it gives no answer. [s]
    function inspect(Source memory source) internal view returns (uint256 answer, Status status, uint256 updatedAt) {
        uint256 lower = unpackBound(source.minAnswer);
        uint256 upper = unpackBound(source.maxAnswer);
        int256 raw;
        (, raw, , updatedAt) = _latestRoundData(address(source.feed));
        if (raw <= 0) return (upper, Status.Broken, updatedAt);
        answer = uint256(raw); // positive
        if (answer < lower) return (lower, Status.Broken, updatedAt);
        if (answer > upper) return (upper, Status.Broken, updatedAt);
        if (updatedAt == 0 || updatedAt > block.timestamp) return (answer, Status.Broken, updatedAt);
        status = block.timestamp - updatedAt > source.maxAge ? Status.Stale : Status.Live;
    }

    /// @notice What Chainlink's sequencer uptime feed says: an answer of 0 is up, 1 is down.
    /// @dev Such a feed speaks only when the sequencer goes down or comes up, so it is never too old.
    /// @return status Broken if it gives no answer, another answer, or no time that can be; else live.
    /// @return isUp True if it says so.
    /// @return since When it went up or down. [s]
    function inspectSequencer(address feed) internal view returns (Status status, bool isUp, uint256 since) {
        bool answered;
        int256 raw;
        (answered, raw, since, ) = _latestRoundData(feed);
        bool makesSense = answered && (raw == 0 || raw == 1) && since != 0 && since <= block.timestamp;
        return (makesSense ? Status.Live : Status.Broken, makesSense && raw == 0, since);
    }

    /// @notice The compact form of a bound: up to 16 bits of digits and 8 bits of a decimal exponent, exact.
    /// @dev 5,000,000,000 is stored as 5e9. Reverts with {ILoanBook-BoundNotRepresentable} rather than round.
    function packBound(uint256 bound) internal pure returns (uint24) {
        uint256 digits = bound;
        uint256 exponent = 0;
        while (digits != 0 && digits % 10 == 0) {
            digits /= 10; // exact: the last digit is 0
            exponent++;
        }
        require(digits <= type(uint16).max, ILoanBook.BoundNotRepresentable(bound));
        return uint24((exponent << 16) | digits); // an exponent of a uint256 is at most 77
    }

    /// @notice The bound that a compact form stands for.
    function unpackBound(uint24 packed) internal pure returns (uint256) {
        return uint256(uint16(packed)) * 10 ** (packed >> 16); // the lower 16 bits are the digits
    }

    /// @dev All zero without an answer. Assembly because Solidity offers no call with a bounded return size.
    function _latestRoundData(
        address feed
    ) private view returns (bool answered, int256 answer, uint256 startedAt, uint256 updatedAt) {
        require(gasleft() >= GAS_NEEDED, InsufficientGas(gasleft(), GAS_NEEDED));
        bytes4 selector = AggregatorV3Interface.latestRoundData.selector;
        assembly ("memory-safe") {
            let data := mload(0x40) // free memory, used as a scratch pad and not kept
            mstore(data, selector)
            answered := staticcall(GAS_BUDGET, feed, data, 4, data, 160)
            answered := and(answered, gt(returndatasize(), 159))
            if answered {
                answer := mload(add(data, 32))
                startedAt := mload(add(data, 64))
                updatedAt := mload(add(data, 96))
            }
        }
    }
}
