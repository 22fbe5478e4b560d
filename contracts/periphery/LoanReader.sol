// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {BookPrices} from "../libraries/BookPrices.sol";
import {HealthMath} from "../libraries/HealthMath.sol";
import {Growth, LoanDebt} from "../libraries/LoanDebt.sol";
import {PledgeSet} from "../libraries/PledgeSet.sol";
import {PriceFeeds} from "../libraries/PriceFeeds.sol";

/// @title LoanReader
/// @notice A market and its loans in memory, each getter of the book called once, and the sums that the book makes of them.
library LoanReader {
    using LoanDebt for *;
    using LoanReader for LoanReader.Market;
    using PledgeSet for uint40;

    /// @notice A market, with those of its listings that were asked for.
    struct Market {
        ILoanBook book;
        uint256 index; // [WAD] of open-term debts, now
        uint256 loanAsset; // [feed decimals] what the loan asset counts for calls and liquidation; 0 if it has no price
        bool isLoanAssetLive;
        uint40 known; // [bitmap] which listings are read
        Asset[] assets; // by number
    }

    /// @notice A listing.
    struct Asset {
        ILoanBook.Terms terms;
        ILoanBook.Prices prices;
        bool isRetired;
    }

    /// @notice A pledge of a loan, with its listing.
    struct Holding {
        uint256 listing;
        uint256 amount; // [token]
        Asset asset;
    }

    /// @notice A loan.
    struct Position {
        uint256 id;
        ILoanBook.Loan loan; // as stored
        Growth growth; // of its base, up to now
        uint256 debt; // [asset] rounded up, without the fee for ending a term
        Holding[] holdings; // by the listing's number
    }

    /// @notice One of the sums that a debt is compared with.
    enum Line {
        Borrow,
        Call,
        Liquidation
    }

    // ------------------------------------------------------------------------------------------------------ Reading

    /// @notice A market whose listings are still to be read.
    function open(ILoanBook book) internal view returns (Market memory market) {
        market.book = book;
        market.index = book.VAULT().debtIndex();
        uint256 answer;
        // Bounds that were packed once are packed again without loss.
        (answer, market.isLoanAssetLive) = PriceFeeds.pack(book.loanAssetFeed(), 0).observe();
        uint256 peg = book.PEG();
        if (!market.isLoanAssetLive) market.loanAsset = peg;
        else market.loanAsset = peg == 0 ? answer : Math.min(answer, peg);
        market.assets = new Asset[](book.listingCount());
    }

    /// @notice One of its listings, which is read the first time.
    function assetOf(Market memory market, uint256 listing) internal view returns (Asset memory asset) {
        asset = market.assets[listing];
        if (market.known.contains(listing)) return asset;
        market.known = market.known.add(listing);
        ILoanBook.Listing memory stored = market.book.listings(listing);
        asset.terms = stored.terms;
        asset.isRetired = stored.isRetired;
        asset.prices = market.book.pricesOf(listing);
    }

    /// @notice One of its loans.
    function read(Market memory market, uint256 id) internal view returns (Position memory position) {
        position.id = id;
        position.loan = market.book.loan(id);
        position.growth = position.loan.growthOf(market.index);
        position.debt = position.growth.debtUp(position.loan.base);
        uint40 rest = position.loan.pledged;
        position.holdings = new Holding[](rest.count());
        for (uint256 i = 0; i < position.holdings.length; i++) {
            Holding memory holding = position.holdings[i];
            (holding.listing, rest) = rest.pop();
            holding.amount = market.book.pledgeOf(id, holding.listing);
            holding.asset = market.assetOf(holding.listing);
        }
    }

    /// @notice Whether the chain is ready for borrowing, releases and soft liquidations: it has no sequencer, or one that is up for
    /// long enough.
    function isChainReady(ILoanBook book) internal view returns (bool) {
        if (book.sequencerFeed() == address(0)) return true;
        (uint256 upSince, uint256 grace) = sequencerOf(book);
        return upSince != 0 && block.timestamp - upSince >= grace; // not in the future
    }

    /// @notice What the error of a chain that is not ready says.
    /// @return upSince When its sequencer came up; 0 if it is not known to be up. [s]
    /// @return grace How long it must have been up. [s]
    function sequencerOf(ILoanBook book) internal view returns (uint256 upSince, uint256 grace) {
        (, bool isUp, uint256 since) = PriceFeeds.inspectSequencer(book.sequencerFeed());
        return (isUp ? since : 0, BookPrices.GRACE);
    }

    // --------------------------------------------------------------------------------------------------------- Sums

    /// @notice A loan's debt and lines, as the book tells them.
    function healthOf(
        Market memory market,
        Position memory position
    ) internal pure returns (ILoanBook.Health memory health) {
        health.debt = position.debt;
        health.borrowLimit = borrowLimit(position);
        bool hasPrice = market.loanAsset != 0;
        health.callLine = hasPrice ? lineOf(position, Line.Call) : type(uint256).max;
        health.liquidationLine = hasPrice ? lineOf(position, Line.Liquidation) : type(uint256).max;
    }

    /// @notice Σ value × borrow LTV at prices for borrowing; a pledge that is uncertain or retired counts 0. [asset]
    function borrowLimit(Position memory position) internal pure returns (uint256 limit) {
        for (uint256 i = 0; i < position.holdings.length; i++) limit += limitPart(position.holdings[i]);
    }

    /// @notice What one pledge adds to the borrow limit. [asset], rounded down.
    function limitPart(Holding memory holding) internal pure returns (uint256) {
        Asset memory asset = holding.asset;
        if (asset.isRetired) return 0;
        return part(holding.amount, asset.prices.forBorrowing, asset.terms.borrowLtv);
    }

    /// @notice Σ value × LTV at prices for liquidation. [asset]
    function lineOf(Position memory position, Line line) internal pure returns (uint256 sum) {
        for (uint256 i = 0; i < position.holdings.length; i++) sum += linePart(position.holdings[i], line);
    }

    /// @notice What one pledge adds to it. [asset], rounded down.
    function linePart(Holding memory holding, Line line) internal pure returns (uint256) {
        return part(holding.amount, holding.asset.prices.forLiquidation, ltvOf(holding.asset, line));
    }

    /// @notice A share of the value of tokens at a price. [asset], rounded down twice.
    function part(uint256 tokens, uint256 price, uint256 ltv) internal pure returns (uint256) {
        return HealthMath.shareDown(HealthMath.valueDown(tokens, price), ltv);
    }

    /// @notice A listing's ratio for a line. [bps]
    function ltvOf(Asset memory asset, Line line) internal pure returns (uint256) {
        if (line == Line.Borrow) return asset.terms.borrowLtv;
        return line == Line.Call ? asset.terms.callLtv : asset.terms.liquidationLtv;
    }
}
