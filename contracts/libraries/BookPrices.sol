// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {Registry, StoredListing} from "./ListingRegistry.sol";
import {MAX_SET, PledgeSet} from "./PledgeSet.sol";
import {PriceFeeds} from "./PriceFeeds.sol";
import {SourcePair} from "./SourcePair.sol";

/// @title BookPrices
/// @notice What a book's assets count: with caution where money goes out, and to the borrower's benefit where a loan is judged.
library BookPrices {
    using PledgeSet for uint40;
    using PriceFeeds for PriceFeeds.Source;

    /// @notice Prices for calls, cures and liquidation, each read once in a call.
    struct Board {
        uint256 loanAsset; // [feed decimals] min(feed, peg); the peg if the feed is not live; 0 if there is none either
        uint256[MAX_SET] prices; // [price]
        uint40 known; // [bitmap] which are read
        uint40 seizable; // [bitmap] of these, which have a live source
        uint40 apart; // [bitmap] of these, whose two live sources differ too much
        bool isSequencerKnown;
        Sequencer sequencer;
    }

    /// @notice What a chain's sequencer allows. Without one: everything.
    struct Sequencer {
        bool isReady; // up for {GRACE}
        uint256 upSince; // [s] 0 if it is not known to be up, or if there is none
    }

    /// @notice How long a sequencer must have been up. [s]
    uint256 internal constant GRACE = 1 hours;

    // ---------------------------------------------------------------------------------------------------- Borrowing

    /// @notice The loan asset as it counts for borrowing: the higher of feed and peg, so that a depeg lets nobody borrow more.
    function loanAssetForBorrowing(
        Registry storage registry,
        uint256 peg
    ) internal view returns (uint256 loanAsset, bool live) {
        PriceFeeds.Source memory source = registry.loanAsset;
        (loanAsset, live) = source.observe();
        loanAsset = Math.max(loanAsset, peg);
    }

    /// @notice The same where it decides: the feed must be live, and so must the chain, if it depends on a sequencer.
    function requireLoanAssetForBorrowing(
        Registry storage registry,
        uint256 peg
    ) internal view returns (uint256 loanAsset) {
        PriceFeeds.Source memory source = registry.loanAsset;
        if (source.has(PriceFeeds.SEQUENCER)) {
            Sequencer memory found = _inspect(registry.sequencerFeed);
            require(found.isReady, ILoanBook.SequencerNotReady(found.upSince, GRACE));
        }
        bool live;
        (loanAsset, live) = source.observe();
        require(live, ILoanBook.LoanAssetFeedNotLive(address(source.feed)));
        return Math.max(loanAsset, peg);
    }

    /// @notice A listing's price for borrowing, retirement aside. [price], rounded down.
    /// @return price 0 if it is uncertain.
    /// @return retired Whether the listing is.
    function priceForBorrowing(
        Registry storage registry,
        uint256 listing,
        uint256 loanAsset
    ) internal view returns (uint256 price, bool retired) {
        StoredListing storage stored = registry.listings[listing];
        PriceFeeds.Source memory source = stored.source;
        retired = source.has(PriceFeeds.RETIRED);
        bool live;
        (price, live) = source.priceDown(loanAsset);
        if (!source.has(PriceFeeds.SECOND)) return (price, retired);
        (uint256 second, bool secondLive) = _second(stored).priceDown(loanAsset);
        price = SourcePair.forBorrowing(price, live, second, secondLive, stored.maxDeviation);
    }

    /// @notice Reverts unless a loan may start to pledge a listing whose feeds have been read: one whose price is uncertain would
    /// shelter a loan behind whichever source says more.
    function requirePledgeable(uint256 listing, uint256 forBorrowing, bool retired) internal pure {
        require(!retired, ILoanBook.ListingRetired(listing));
        require(forBorrowing != 0, ILoanBook.FeedNotLive(listing));
    }

    // -------------------------------------------------------------------------------------------------- Liquidation

    /// @notice A board with the loan asset as it counts for calls and liquidation: the lower of feed and peg, so that a minute
    /// at 1.03 liquidates nobody.
    function board(Registry storage registry, uint256 peg) internal view returns (Board memory board_) {
        PriceFeeds.Source memory source = registry.loanAsset;
        (uint256 answer, bool live) = source.observe();
        if (!live) board_.loanAsset = peg;
        else board_.loanAsset = peg == 0 ? answer : Math.min(answer, peg);
    }

    /// @notice The same where nothing can be done without a price.
    function requireBoard(Registry storage registry, uint256 peg) internal view returns (Board memory board_) {
        board_ = board(registry, peg);
        require(board_.loanAsset != 0, ILoanBook.LoanAssetFeedNotLive(address(registry.loanAsset.feed)));
    }

    /// @notice A listing's price for liquidation. [price], rounded up, in the borrower's favour. Read once, then kept.
    function priceForLiquidation(
        Registry storage registry,
        uint256 listing,
        Board memory board_
    ) internal view returns (uint256 price, bool seizable) {
        if (board_.known.contains(listing)) return (board_.prices[listing], board_.seizable.contains(listing));
        StoredListing storage stored = registry.listings[listing];
        PriceFeeds.Source memory source = stored.source;
        (price, seizable) = source.priceUp(board_.loanAsset);
        if (source.has(PriceFeeds.SECOND)) {
            (uint256 second, bool secondLive) = _second(stored).priceUp(board_.loanAsset);
            uint256 maxDeviation = stored.maxDeviation;
            bool apart;
            (price, seizable, apart) = SourcePair.forLiquidation(price, seizable, second, secondLive, maxDeviation);
            if (apart) board_.apart = board_.apart.add(listing);
        }
        board_.prices[listing] = price;
        board_.known = board_.known.add(listing);
        if (seizable) board_.seizable = board_.seizable.add(listing);
    }

    /// @notice At what price a liquidator gets a listing that is on the board and can be seized. [price], rounded up.
    function priceForSeizure(
        Registry storage registry,
        uint256 listing,
        Board memory board_
    ) internal view returns (uint256 price) {
        price = board_.prices[listing];
        if (!board_.apart.contains(listing)) return price;
        return SourcePair.discounted(price, registry.listings[listing].maxDeviation);
    }

    /// @notice The sequencer as it stands. Read once, then kept.
    function sequencer(Registry storage registry, Board memory board_) internal view returns (Sequencer memory) {
        if (!board_.isSequencerKnown) {
            board_.isSequencerKnown = true;
            address feed = registry.sequencerFeed;
            board_.sequencer = feed == address(0) ? Sequencer(true, 0) : _inspect(feed);
        }
        return board_.sequencer;
    }

    // ----------------------------------------------------------------------------------------------------- Internal

    function _inspect(address feed) private view returns (Sequencer memory found) {
        (, bool isUp, uint256 since) = PriceFeeds.inspectSequencer(feed);
        if (isUp) found = Sequencer(block.timestamp - since >= GRACE, since); // since is not in the future
    }

    function _second(StoredListing storage stored) private view returns (PriceFeeds.Source memory) {
        return stored.secondSource;
    }
}
