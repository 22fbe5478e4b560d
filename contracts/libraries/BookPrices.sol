// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {Registry, StoredListing} from "./ListingRegistry.sol";
import {StoredTerms} from "./ListingTerms.sol";
import {MemoryTable, MemoryTables} from "./MemoryTables.sol";
import {PledgeSet} from "./PledgeSet.sol";
import {FeedSource, PriceFeeds} from "./PriceFeeds.sol";
import {SourcePair} from "./SourcePair.sol";

/// @title BookPrices
/// @notice What a book's assets count: with caution where money goes out, and to the borrower's benefit where a loan is judged.
library BookPrices {
    using PledgeSet for uint40;

    /// @notice Prices for calls, cures and liquidation, each read once in a call.
    struct Board {
        uint256 loanAsset; // [feed decimals] see {loanAssetForLiquidation}
        MemoryTable prices; // [price] of those that are known
        MemoryTable terms; // {StoredTerms} of these
        uint40 known; // [bitmap] which are read
        uint40 seizable; // [bitmap] of these, which have a live source
        uint40 apart; // [bitmap] of these, whose two live sources differ too much
        bool isSequencerKnown;
        bool isSequencerReady; // see {sequencer}
        uint256 sequencerUpSince; // [s]
    }

    /// @notice How long a sequencer must have been up. [s]
    uint256 internal constant GRACE = 1 hours;

    // ---------------------------------------------------------------------------------------------------- Borrowing

    /// @notice The loan asset as it counts for borrowing: the higher of feed and peg, so that a depeg lets nobody borrow more.
    /// @param source The loan asset's.
    function loanAssetForBorrowing(
        FeedSource source,
        uint256 peg
    ) internal view returns (uint256 loanAsset, bool live) {
        (loanAsset, live) = source.observe();
        loanAsset = Math.max(loanAsset, peg);
    }

    /// @notice The same where it decides: the feed must be live.
    function requireLoanAssetForBorrowing(FeedSource source, uint256 peg) internal view returns (uint256 loanAsset) {
        bool live;
        (loanAsset, live) = loanAssetForBorrowing(source, peg);
        require(live, ILoanBook.LoanAssetFeedNotLive(source.feedOf()));
    }

    /// @notice A listing's price for borrowing, retirement aside. [price], rounded down.
    /// @param terms The listing's.
    /// @return price 0 if it is uncertain.
    /// @return retired Whether the listing is.
    function priceForBorrowing(
        Registry storage registry,
        uint256 listing,
        StoredTerms terms,
        uint256 loanAsset
    ) internal view returns (uint256 price, bool retired) {
        StoredListing storage stored = registry.listings[listing];
        FeedSource source = stored.source;
        retired = source.has(PriceFeeds.RETIRED);
        bool live;
        (price, live) = source.priceDown(loanAsset);
        if (!source.has(PriceFeeds.SECOND)) return (price, retired);
        (uint256 second, bool secondLive) = stored.secondSource.priceDown(loanAsset);
        price = SourcePair.forBorrowing(price, live, second, secondLive, terms.maxDeviation());
    }

    /// @notice Reverts unless a loan may start to pledge a listing whose feeds have been read: one whose price is uncertain would
    /// shelter a loan behind whichever source says more.
    function requirePledgeable(uint256 listing, uint256 forBorrowing, bool retired) internal pure {
        require(!retired, ILoanBook.ListingRetired(listing));
        require(forBorrowing != 0, ILoanBook.FeedNotLive(listing));
    }

    // -------------------------------------------------------------------------------------------------- Liquidation

    /// @notice Makes the tables of a board on which nothing is known.
    function prepare(Board memory board_) internal pure {
        board_.prices = MemoryTables.create();
        board_.terms = MemoryTables.create();
    }

    /// @notice A board on which nothing is known.
    function newBoard() internal pure returns (Board memory board_) {
        prepare(board_);
    }

    /// @notice The loan asset as it counts for calls and liquidation: the lower of feed and peg, so that a minute at 1.03 liquidates
    /// nobody; the peg if the feed is not live; 0 if there is none either.
    /// @param source The loan asset's.
    function loanAssetForLiquidation(FeedSource source, uint256 peg) internal view returns (uint256) {
        (uint256 answer, bool live) = source.observe();
        if (!live) return peg;
        return peg == 0 || answer < peg ? answer : peg;
    }

    /// @notice The same where nothing can be done without a price.
    function requireLoanAssetForLiquidation(FeedSource source, uint256 peg) internal view returns (uint256 loanAsset) {
        loanAsset = loanAssetForLiquidation(source, peg);
        require(loanAsset != 0, ILoanBook.LoanAssetFeedNotLive(source.feedOf()));
    }

    /// @notice A listing's terms, and its price for liquidation, read from its feeds.
    /// @param loanAsset See {loanAssetForLiquidation}.
    /// @return price Rounded up, in the borrower's favour. [price]
    /// @return seizable Whether it has a live source.
    /// @return apart Whether its two live sources differ too much.
    /// @return terms The listing's.
    function readForLiquidation(
        Registry storage registry,
        uint256 listing,
        uint256 loanAsset
    ) internal view returns (uint256 price, bool seizable, bool apart, StoredTerms terms) {
        StoredListing storage stored = registry.listings[listing];
        terms = stored.terms;
        FeedSource source = stored.source;
        (price, seizable) = source.priceUp(loanAsset);
        if (source.has(PriceFeeds.SECOND)) {
            (uint256 second, bool secondLive) = stored.secondSource.priceUp(loanAsset);
            (price, seizable, apart) = SourcePair.forLiquidation(
                price,
                seizable,
                second,
                secondLive,
                terms.maxDeviation()
            );
        }
    }

    /// @notice The same, read once and then kept on the board.
    function priceForLiquidation(
        Registry storage registry,
        uint256 listing,
        Board memory board_
    ) internal view returns (uint256 price, bool seizable, StoredTerms terms) {
        if (board_.known.contains(listing)) {
            return (board_.prices.get(listing), board_.seizable.contains(listing), termsOf(board_, listing));
        }
        bool apart;
        (price, seizable, apart, terms) = readForLiquidation(registry, listing, board_.loanAsset);
        board_.prices.set(listing, price);
        board_.terms.set(listing, StoredTerms.unwrap(terms));
        board_.known = board_.known.add(listing);
        if (seizable) board_.seizable = board_.seizable.add(listing);
        if (apart) board_.apart = board_.apart.add(listing);
    }

    /// @notice At what price a liquidator gets a listing that can be seized. [price], rounded up.
    /// @param price Its price for liquidation.
    /// @param apart Whether its two live sources differ too much.
    function priceForSeizure(uint256 price, bool apart, StoredTerms terms) internal pure returns (uint256) {
        return apart ? SourcePair.discounted(price, terms.maxDeviation()) : price;
    }

    /// @notice The terms of a listing that is on the board.
    function termsOf(Board memory board_, uint256 listing) internal pure returns (StoredTerms) {
        return StoredTerms.wrap(uint96(board_.terms.get(listing))); // they have 96 bits
    }

    /// @notice What a chain's sequencer allows; without one, everything. Read once, then kept.
    /// @return isReady True if it is up for {GRACE}.
    /// @return upSince 0 if it is not known to be up, or if there is none. [s]
    function sequencer(
        Registry storage registry,
        Board memory board_
    ) internal view returns (bool isReady, uint256 upSince) {
        if (!board_.isSequencerKnown) {
            board_.isSequencerKnown = true;
            address feed = registry.sequencerFeed;
            (board_.isSequencerReady, board_.sequencerUpSince) = feed == address(0) ? (true, 0) : _inspect(feed);
        }
        return (board_.isSequencerReady, board_.sequencerUpSince);
    }

    /// @notice Reverts unless the chain's sequencer is up for {GRACE}. Where money goes out, if the loan asset's source says that there
    /// is one.
    function requireSequencer(Registry storage registry) internal view {
        (bool isReady, uint256 upSince) = _inspect(registry.sequencerFeed);
        require(isReady, ILoanBook.SequencerNotReady(upSince, GRACE));
    }

    // ----------------------------------------------------------------------------------------------------- Internal

    function _inspect(address feed) private view returns (bool isReady, uint256 upSince) {
        (, bool isUp, uint256 since) = PriceFeeds.inspectSequencer(feed);
        if (isUp) (isReady, upSince) = (block.timestamp - since >= GRACE, since); // since is not in the future
    }
}
