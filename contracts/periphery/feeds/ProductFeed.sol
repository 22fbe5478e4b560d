// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV3Interface.sol";

import {Amounts} from "../../libraries/Amounts.sol";

/// @title ProductFeed
/// @notice The price of a token that has a rate into another token, as one feed: rate × price. With it a book can list
/// wstETH (wstETH / stETH × ETH / USD), weETH (weETH / eETH × ETH / USD) or cbBTC (cbBTC / BTC × BTC / USD).
///
/// Units: the answer has the decimals of the price feed: answer = rate × price / 10^(decimals of the rate feed), rounded down,
/// by less than one unit of the answer: the product is never above what its sources say.
///
/// Age: the answer is as old as the older of its sources. A rate that is published once a day therefore makes the whole pair
/// look daily: a book has to accept the age of the slower source, and then cannot tell that the faster one has stopped until
/// it is that old too. Who lists such a pair should bear that in mind when choosing LTVs and bounds.
///
/// Errors: when a source reverts, so does this feed, and when the answer of a source is 0 or less, this feed answers 0: a book
/// counts both as not live. Answers too large to be multiplied revert with {AnswerTooLarge}; nothing overflows in silence.
///
/// Trust: none beyond the two sources. There is no owner, no state and no limit of its own. That leaves to the sources:
/// - An exchange rate (what the wrapper redeems for) knows nothing of a market on which the redeemed token trades below par:
///   the pair prices wstETH as if 1 stETH were always 1 ETH. A market rate does, but may be pushed about in a thin market.
/// - A rate feed must come from a price network or a fixed on-chain rule that nobody moves within a block; a rate read from the
///   balances of a pool or a vault is one that a flash loan or a donation can move.
/// - A jump of the rate moves the price at once, and liquidates: there is no smoothing, and no cap on growth. A cap would keep a
///   false jump out, but one that is set wrong makes the price wrong by itself: on 10 March 2026 an adapter with such a cap,
///   whose reference rate and time had come apart, priced wstETH 2.85 % too low, and sound loans of 27 million dollars were
///   liquidated on another protocol. Bounds on the listing are the cap here: wide, and they stop liquidation rather than cause it.
contract ProductFeed is AggregatorV3Interface {
    /// @notice Most decimals that either source may have, as no feed of Chainlink has more.
    uint256 public constant MAX_DECIMALS = 18;

    /// @notice The largest answer of either source that is multiplied: two of them fit the product's 255 bits.
    /// @dev 1.7e38, so 1.7e20 whole units with 18 decimals.
    int256 public constant MAX_ANSWER = type(int128).max;

    /// @notice How many units of the other token one token is worth, e.g. wstETH / stETH.
    AggregatorV3Interface public immutable RATE_FEED;

    /// @notice What the other token is worth, e.g. ETH / USD.
    AggregatorV3Interface public immutable PRICE_FEED;

    /// @dev Of the answer and of the price feed.
    uint8 private immutable DECIMALS;

    /// @dev 1 as the rate feed writes it. [rate feed decimals]
    uint256 private immutable RATE_ONE;

    /// @notice The answers of the sources are too large for their product.
    /// @param rate [rate feed decimals]
    /// @param price [price feed decimals]
    /// @param max The largest answer that either may give, {MAX_ANSWER}.
    error AnswerTooLarge(int256 rate, int256 price, int256 max);

    /// @notice No contract stands at the address of a source.
    error InvalidFeed(address feed);

    /// @notice A product has no history: its sources publish at different times.
    error RoundsNotKept(uint80 roundId);

    /// @notice A source with more decimals than a feed should have.
    error TooManyDecimals(address feed, uint256 decimals, uint256 max);

    /// @param rateFeed The rate. At most 18 decimals.
    /// @param priceFeed The price. At most 18 decimals; the product has the same.
    constructor(AggregatorV3Interface rateFeed, AggregatorV3Interface priceFeed) {
        RATE_ONE = 10 ** _checkedDecimals(rateFeed);
        DECIMALS = _checkedDecimals(priceFeed);
        RATE_FEED = rateFeed;
        PRICE_FEED = priceFeed;
    }

    /// @notice Rate × price now.
    /// @dev Costs a call of each source and about 1,000 gas: some 42,000 with two proxies of Chainlink in cold storage, of the
    /// 150,000 that a book grants. Reverts if a source does, and with {AnswerTooLarge}.
    /// @return roundId The price feed's round. It does not change with the rate and so does not tell products apart; it is passed
    /// on because the price is the source that publishes often, for readers who compare it with `answeredInRound`.
    /// @return answer rate × price / 10^(decimals of the rate feed), rounded down; 0 if either is 0 or less.
    /// [price feed decimals]
    /// @return startedAt The older of both. [unix time, s]
    /// @return updatedAt The older of both; but if either lies in the future, that one, so that the reader refuses the product as
    /// it would refuse the source. [unix time, s]
    /// @return answeredInRound The price feed's.
    function latestRoundData()
        external
        view
        returns (uint80 roundId, int256 answer, uint256 startedAt, uint256 updatedAt, uint80 answeredInRound)
    {
        (, int256 rate, uint256 rateStartedAt, uint256 rateUpdatedAt, ) = RATE_FEED.latestRoundData();
        int256 price;
        (roundId, price, startedAt, updatedAt, answeredInRound) = PRICE_FEED.latestRoundData();
        answer = _product(rate, price);
        if (rateStartedAt < startedAt) startedAt = rateStartedAt;
        (uint256 older, uint256 newer) = rateUpdatedAt < updatedAt
            ? (rateUpdatedAt, updatedAt)
            : (updatedAt, rateUpdatedAt);
        updatedAt = newer > block.timestamp ? newer : older;
    }

    /// @notice Always reverts with {RoundsNotKept}.
    function getRoundData(uint80 roundId) external pure returns (uint80, int256, uint256, uint256, uint80) {
        revert RoundsNotKept(roundId);
    }

    /// @notice Decimals of the answer: those of the price feed.
    function decimals() external view returns (uint8) {
        return DECIMALS;
    }

    /// @notice What the sources call themselves, e.g. "wstETH / stETH x ETH / USD".
    /// @dev Taken from the sources, so that it cannot claim what they are not.
    function description() external view returns (string memory) {
        return string.concat(RATE_FEED.description(), " x ", PRICE_FEED.description());
    }

    /// @notice The version of this code.
    function version() external pure returns (uint256) {
        return 1;
    }

    /// @dev Rounded down; 0 if either factor is 0 or less.
    function _product(int256 rate, int256 price) private view returns (int256) {
        if (rate <= 0 || price <= 0) return 0;
        require(rate <= MAX_ANSWER && price <= MAX_ANSWER, AnswerTooLarge(rate, price, MAX_ANSWER));
        // Both are positive and have at most 127 bits, so the product has at most 254.
        return int256(Amounts.mulDivDown(uint256(rate), uint256(price), RATE_ONE));
    }

    function _checkedDecimals(AggregatorV3Interface feed) private view returns (uint8 feedDecimals) {
        require(address(feed).code.length != 0, InvalidFeed(address(feed)));
        feedDecimals = feed.decimals();
        require(feedDecimals <= MAX_DECIMALS, TooManyDecimals(address(feed), feedDecimals, MAX_DECIMALS));
    }
}
