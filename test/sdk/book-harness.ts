/** The book's libraries behind functions that anybody can call, and a book that says what it is told to say. */
export const BOOK_LIBRARIES = `
// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILoanBook} from "contracts/interfaces/ILoanBook.sol";
import {BookPrices} from "contracts/libraries/BookPrices.sol";
import {HealthMath} from "contracts/libraries/HealthMath.sol";
import {LiquidationMath} from "contracts/libraries/LiquidationMath.sol";
import {Registry} from "contracts/libraries/ListingRegistry.sol";
import {ListingTerms, StoredTerms} from "contracts/libraries/ListingTerms.sol";
import {LoanDebt} from "contracts/libraries/LoanDebt.sol";
import {MarginCallRecord} from "contracts/libraries/MarginCallRecord.sol";
import {FeedSource, PriceFeeds} from "contracts/libraries/PriceFeeds.sol";
import {SourcePair} from "contracts/libraries/SourcePair.sol";

contract Feed {
    bool private _answers;
    int256 private _answer;
    uint256 private _startedAt;
    uint256 private _updatedAt;

    function set(Harness.Round calldata round) external {
        (_answers, _answer, _startedAt, _updatedAt) = (round.answers, round.answer, round.startedAt, round.updatedAt);
    }

    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80) {
        require(_answers);
        return (1, _answer, _startedAt, _updatedAt, 1);
    }
}

contract Harness {
    struct Round {
        bool answers;
        int256 answer;
        uint256 startedAt;
        uint256 updatedAt;
    }

    struct Source {
        uint32 maxAge;
        uint256 minAnswer;
        uint256 maxAnswer;
        uint8 exponent;
        Round round;
    }

    struct GrowthParts {
        uint256 index;
        uint256 unit;
        uint256 breakFee;
    }

    /// As LiquidationMath.Position, but for the growth's parts.
    struct Position {
        GrowthParts growth;
        uint256 debt;
        uint256 target;
        uint256 callLine;
        uint256 liquidationLine;
        uint256 value;
        uint256 seizableValue;
        uint256 overdue;
        uint256 pledged;
        uint256 price;
        uint256 seizurePrice;
        uint256 targetLtv;
        uint256 maxBonus;
        uint256 bonusSlope;
    }

    Feed[3] private _feeds = [new Feed(), new Feed(), new Feed()];
    Registry private _registry;
    /// What this pretends to be, by the hash of the call.
    mapping(bytes32 call => bytes result) private _told;

    function valueDown(uint256 tokens, uint256 price) external pure returns (uint256) {
        return HealthMath.valueDown(tokens, price);
    }

    function valueUp(uint256 tokens, uint256 price) external pure returns (uint256) {
        return HealthMath.valueUp(tokens, price);
    }

    function shareDown(uint256 value, uint256 share) external pure returns (uint256) {
        return HealthMath.shareDown(value, share);
    }

    function tokensToCure(uint256 debt, uint256 line, uint256 ltv, uint256 price) external pure returns (uint256) {
        return HealthMath.tokensToCure(debt, line, ltv, price);
    }

    function forBorrowing(uint256 a, bool aLive, uint256 b, bool bLive, uint256 most) external pure returns (uint256) {
        return SourcePair.forBorrowing(a, aLive, b, bLive, most);
    }

    function forLiquidation(
        uint256 a,
        bool aLive,
        uint256 b,
        bool bLive,
        uint256 most
    ) external pure returns (uint256, bool, bool) {
        return SourcePair.forLiquidation(a, aLive, b, bLive, most);
    }

    function discounted(uint256 price, uint256 maxDeviation) external pure returns (uint256) {
        return SourcePair.discounted(price, maxDeviation);
    }

    function inspect(Source calldata source) external returns (uint256, PriceFeeds.Status, uint256) {
        return PriceFeeds.inspect(_set(source, 0));
    }

    function priceDown(Source calldata source, uint256 loanAsset) external returns (uint256, bool) {
        return PriceFeeds.priceDown(_set(source, 0), loanAsset);
    }

    function priceUp(Source calldata source, uint256 loanAsset) external returns (uint256, bool) {
        return PriceFeeds.priceUp(_set(source, 0), loanAsset);
    }

    function inspectSequencer(Round calldata round) external returns (PriceFeeds.Status, bool, uint256) {
        _feeds[0].set(round);
        return PriceFeeds.inspectSequencer(address(_feeds[0]));
    }

    /// As Listings.pricesOf.
    function pricesOf(
        Source calldata loanAssetSource,
        uint256 peg,
        Source[] calldata sources,
        uint16 maxDeviation
    ) external returns (ILoanBook.Prices memory prices) {
        _registry.loanAsset = _set(loanAssetSource, 0);
        _registry.listings[0].source = _set(sources[0], 1);
        StoredTerms terms = ListingTerms.pack(ILoanBook.Terms(0, 0, 0, 0, 0, maxDeviation));
        _registry.listings[0].terms = terms;
        if (sources.length == 2) {
            _registry.listings[0].source = _registry.listings[0].source.with(PriceFeeds.SECOND);
            _registry.listings[0].secondSource = _set(sources[1], 2);
        }
        (uint256 loanAsset, bool live) = BookPrices.loanAssetForBorrowing(_registry.loanAsset, peg);
        if (live) (prices.forBorrowing, ) = BookPrices.priceForBorrowing(_registry, 0, terms, loanAsset);
        loanAsset = BookPrices.loanAssetForLiquidation(_registry.loanAsset, peg);
        if (loanAsset == 0) return prices;
        bool apart;
        (prices.forLiquidation, live, apart, ) = BookPrices.readForLiquidation(_registry, 0, loanAsset);
        if (live) prices.forSeizure = BookPrices.priceForSeizure(prices.forLiquidation, apart, terms);
    }

    function asOf(
        address caller,
        uint256 calledAt,
        uint256 deadline,
        uint256 upSince
    ) external pure returns (ILoanBook.MarginCall memory) {
        return MarginCallRecord.asOf(caller, calledAt, deadline, upSince);
    }

    function isAlive(ILoanBook.MarginCall memory call) external view returns (bool) {
        return MarginCallRecord.isAlive(call);
    }

    function overdue(ILoanBook.MarginCall memory call) external view returns (uint256) {
        return MarginCallRecord.overdue(call);
    }

    function earnsCredit(ILoanBook.MarginCall memory call) external view returns (bool) {
        return MarginCallRecord.earnsCredit(call);
    }

    function bonus(Position memory p) external pure returns (uint256) {
        return LiquidationMath.bonus(_position(p));
    }

    function hardBonus(Position memory p) external pure returns (uint256) {
        return LiquidationMath.hardBonus(_position(p));
    }

    function softBonus(Position memory p) external pure returns (uint256) {
        return LiquidationMath.softBonus(_position(p));
    }

    function credit(uint256 seized, uint256 beta) external pure returns (uint256) {
        return LiquidationMath.credit(seized, beta);
    }

    function repayLimit(
        Position memory p,
        uint256 beta,
        uint256 minDebt
    ) external pure returns (uint256) {
        return LiquidationMath.repayLimit(_position(p), beta, minDebt);
    }

    function fill(
        Position memory p,
        uint256 maxRepay,
        uint256 minDebt
    ) external pure returns (uint256, uint256, uint256) {
        return LiquidationMath.fill(_position(p), maxRepay, minDebt);
    }

    /// Pretends to be a book with its vault and its loan asset's feed, and asks another contract what it makes of that.
    function consult(
        bytes[] calldata calls,
        bytes[] calldata results,
        Round[] calldata sequencer,
        address asked,
        bytes calldata question
    ) external returns (bytes memory answer) {
        for (uint256 i = 0; i < calls.length; i++) _told[keccak256(calls[i])] = results[i];
        if (sequencer.length != 0) _feeds[0].set(sequencer[0]);
        address uptimeFeed = sequencer.length == 0 ? address(0) : address(_feeds[0]);
        _told[keccak256(abi.encodeCall(ILoanBook.sequencerFeed, ()))] = abi.encode(uptimeFeed);
        bool success;
        (success, answer) = asked.staticcall(question);
        require(success);
    }

    fallback(bytes calldata call) external returns (bytes memory result) {
        result = _told[keccak256(call)];
        require(result.length != 0);
    }

    function _set(Source calldata from, uint256 feed) private returns (FeedSource) {
        _feeds[feed].set(from.round);
        address at = address(_feeds[feed]);
        return PriceFeeds.pack(ILoanBook.FeedConfig(at, from.maxAge, from.minAnswer, from.maxAnswer), from.exponent);
    }

    function _position(Position memory p) private pure returns (LiquidationMath.Position memory) {
        return
            LiquidationMath.Position({
                growth: LoanDebt.toGrowth(p.growth.index, p.growth.unit, p.growth.breakFee),
                debt: p.debt,
                target: p.target,
                callLine: p.callLine,
                liquidationLine: p.liquidationLine,
                value: p.value,
                seizableValue: p.seizableValue,
                overdue: p.overdue,
                pledged: p.pledged,
                price: p.price,
                seizurePrice: p.seizurePrice,
                targetLtv: p.targetLtv,
                maxBonus: p.maxBonus,
                bonusSlope: p.bonusSlope
            });
    }
}
`;
