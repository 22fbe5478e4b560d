// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV3Interface.sol";

import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {Amounts} from "./Amounts.sol";

/// @dev One feed and the limits within which its answer counts. One storage slot:
/// ```
/// 255        248 247     224 223     200 199      168 167 160 159                    0
/// |   exponent   | maxAnswer | minAnswer |   maxAge   | flags |        feed          |
/// ```
/// feed: AggregatorV3Interface; flags: what else its owner must look at, {SECOND}, {RETIRED}, {SEQUENCER}, {REPLACED}; maxAge: an answer older than
/// this is not live [s]; minAnswer, maxAnswer: the lowest and the highest answer that counts, in the form of {packBound}; exponent:
/// the power of ten from the feeds' ratio to a price, fixed at listing. 0 stands for no feed.
type FeedSource is uint256;

using PriceFeeds for FeedSource global;

/// @title PriceFeeds
/// @notice Reads a Chainlink feed so that nothing it does can hurt the reader.
/// @dev The call is static, with a fixed gas budget and a fixed return size: a feed that reverts, burns all its gas or
/// returns megabytes is a feed without an answer. Whoever brings too little gas for the budget is reverted, so nobody can
/// turn a live feed dead by starving it.
library PriceFeeds {
    /// @notice How far an answer can be trusted.
    enum Status {
        Live, // positive, within the bounds, not too old
        Stale, // only too old
        Broken // none, not positive, outside the bounds, or without a time that can be
    }

    /// @notice Flag of a listing's first source: there is a second one.
    uint256 internal constant SECOND = 1;

    /// @notice Flag of a listing's first source: the listing is retired.
    uint256 internal constant RETIRED = 2;

    /// @notice Flag of the loan asset's source: the chain has a sequencer, and a feed that tells whether it is up.
    uint256 internal constant SEQUENCER = 4;

    /// @notice Flag of the loan asset's source: it is not the first one, which the book has in its code. And of every listing's first
    /// source, so that whoever reads that one knows.
    uint256 internal constant REPLACED = 8;

    /// @notice Gas that a feed may use. Chainlink's proxy and aggregator take about 15,000.
    uint256 internal constant GAS_BUDGET = 150_000;

    /// @dev What must be left before the call so that the budget is whole: a call may pass on 63/64 of the gas, and a cold
    /// account costs 2,600 first.
    uint256 private constant GAS_NEEDED = (GAS_BUDGET * 64) / 63 + 3_000;

    uint256 private constant FLAGS = 160;
    uint256 private constant MAX_AGE = 168;
    uint256 private constant MIN_ANSWER = 200;
    uint256 private constant MAX_ANSWER = 224;
    uint256 private constant EXPONENT = 248;

    /// @notice Too little gas to give the feed its full budget.
    error InsufficientGas(uint256 available, uint256 needed);

    /// @notice True if the source carries the flag.
    function has(FeedSource source, uint256 flag) internal pure returns (bool) {
        return FeedSource.unwrap(source) & (flag << FLAGS) != 0;
    }

    /// @notice The source with the flag.
    function with(FeedSource source, uint256 flag) internal pure returns (FeedSource) {
        return FeedSource.wrap(FeedSource.unwrap(source) | (flag << FLAGS));
    }

    /// @notice A source without flags.
    /// @dev Reverts with {ILoanBook-BoundNotRepresentable}, see {packBound}.
    function pack(ILoanBook.FeedConfig memory config, uint8 exponent) internal pure returns (FeedSource) {
        uint256 word =
            uint160(config.feed) |
                (uint256(config.maxAge) << MAX_AGE) |
                (uint256(packBound(config.minAnswer)) << MIN_ANSWER) |
                (uint256(packBound(config.maxAnswer)) << MAX_ANSWER) |
                (uint256(exponent) << EXPONENT);
        return FeedSource.wrap(word);
    }

    /// @notice A source as the interface speaks of it; all zero if there is none.
    function unpack(FeedSource source) internal pure returns (ILoanBook.FeedConfig memory) {
        uint256 word = FeedSource.unwrap(source);
        return
            ILoanBook.FeedConfig({
                feed: feedOf(source),
                maxAge: uint32(word >> MAX_AGE), // without what is above it, as below
                minAnswer: unpackBound(uint24(word >> MIN_ANSWER)),
                maxAnswer: unpackBound(uint24(word >> MAX_ANSWER))
            });
    }

    /// @notice The source's feed; zero if there is none.
    function feedOf(FeedSource source) internal pure returns (address) {
        return address(uint160(FeedSource.unwrap(source)));
    }

    /// @notice The power of ten from the feeds' ratio to a price, at most 77.
    function exponentOf(FeedSource source) internal pure returns (uint8) {
        return uint8(FeedSource.unwrap(source) >> EXPONENT); // the upper eight bits
    }

    function _scaleOf(FeedSource source) private pure returns (uint256) {
        unchecked {
            return 10 ** exponentOf(source); // at most 10^77
        }
    }

    /// @notice The price for money that goes out. [price], rounded down; see {ListingAdmin} for the scale.
    /// @param loanAsset What the loan asset counts. [its feed's decimals]
    /// @return price 0 if the feed is not live.
    /// @return live Whether it is.
    function priceDown(FeedSource source, uint256 loanAsset) internal view returns (uint256 price, bool live) {
        uint256 answer;
        (answer, live) = observe(source);
        if (live) price = Amounts.mulDivDown(answer, _scaleOf(source), loanAsset);
    }

    /// @notice The price by which a loan is judged. [price], rounded up, in the borrower's favour.
    /// @param loanAsset What the loan asset counts. [its feed's decimals]
    /// @return price From the answer moved into the bounds if the feed is not live.
    /// @return live Whether it is.
    function priceUp(FeedSource source, uint256 loanAsset) internal view returns (uint256 price, bool live) {
        uint256 answer;
        (answer, live) = observe(source);
        price = Amounts.mulDivUp(answer, _scaleOf(source), loanAsset);
    }

    /// @notice The feed's answer, moved to the nearer bound if it lies outside; the upper bound if there is none.
    /// @return answer Within the source's bounds. [feed decimals]
    /// @return live True if the feed answered, within the bounds, not longer than `maxAge` ago and not in the future.
    function observe(FeedSource source) internal view returns (uint256 answer, bool live) {
        Status status;
        (answer, status, ) = inspect(source);
        live = status == Status.Live;
    }

    /// @notice The same, and why an answer is not live.
    /// @return answer Within the source's bounds. [feed decimals]
    /// @return status How far it can be trusted.
    /// @return updatedAt What the feed says; 0 if it gives no answer. [s]
    function inspect(FeedSource source) internal view returns (uint256 answer, Status status, uint256 updatedAt) {
        uint256 word = FeedSource.unwrap(source);
        uint256 lower = unpackBound(uint24(word >> MIN_ANSWER)); // without what is above it, as below
        uint256 upper = unpackBound(uint24(word >> MAX_ANSWER));
        int256 raw;
        (raw, , updatedAt) = _latestRoundData(feedOf(source));
        if (raw <= 0) return (upper, Status.Broken, updatedAt);
        answer = uint256(raw); // positive
        if (answer < lower) return (lower, Status.Broken, updatedAt);
        if (answer > upper) return (upper, Status.Broken, updatedAt);
        if (updatedAt == 0 || updatedAt > block.timestamp) return (answer, Status.Broken, updatedAt);
        unchecked {
            bool isOld = block.timestamp - updatedAt > uint32(word >> MAX_AGE); // not in the future, one line above
            status = isOld ? Status.Stale : Status.Live;
        }
    }

    /// @notice What Chainlink's sequencer uptime feed says: an answer of 0 is up, 1 is down.
    /// @dev Such a feed speaks only when the sequencer goes down or comes up, so it is never too old.
    /// @return status Broken if it gives no answer, another answer, or no time that can be; else live.
    /// @return isUp True if it says so.
    /// @return since When it went up or down. [s]
    function inspectSequencer(address feed) internal view returns (Status status, bool isUp, uint256 since) {
        int256 raw;
        (raw, since, ) = _latestRoundData(feed);
        bool makesSense = (raw == 0 || raw == 1) && since != 0 && since <= block.timestamp; // 0 without an answer
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
        unchecked {
            return uint256(uint16(packed)) * 10 ** (packed >> 16); // the lower 16 bits are the digits; it was a word when it was packed
        }
    }

    /// @dev All zero without an answer. Assembly because Solidity offers no call with a bounded return size.
    function _latestRoundData(address feed) private view returns (int256 answer, uint256 startedAt, uint256 updatedAt) {
        require(gasleft() >= GAS_NEEDED, InsufficientGas(gasleft(), GAS_NEEDED));
        bytes4 selector = AggregatorV3Interface.latestRoundData.selector;
        assembly ("memory-safe") {
            let data := mload(0x40) // free memory, used as a scratch pad and not kept
            mstore(data, selector)
            let succeeded := staticcall(GAS_BUDGET, feed, data, 4, data, 160)
            if and(succeeded, gt(returndatasize(), 159)) {
                answer := mload(add(data, 32))
                startedAt := mload(add(data, 64))
                updatedAt := mload(add(data, 96))
            }
        }
    }
}
