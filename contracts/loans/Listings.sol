// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Ownable, Ownable2Step} from "@openzeppelin/contracts/access/Ownable2Step.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/interfaces/IERC20Metadata.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV3Interface.sol";

import {ILenderVault} from "../interfaces/ILenderVault.sol";
import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {Amounts} from "../libraries/Amounts.sol";
import {HealthMath} from "../libraries/HealthMath.sol";
import {MAX_SET, PledgeSet} from "../libraries/PledgeSet.sol";
import {PriceFeeds} from "../libraries/PriceFeeds.sol";

/// @title Listings
/// @notice The assets that a book accepts, their terms, and their prices.
/// @dev A price is `answer × 10^exponent / loan asset's answer`, with the exponent `36 + loan feed's decimals + loan asset's
/// decimals - feed's decimals - token's decimals`, fixed at listing. Listing also checks that the highest price the bounds
/// allow makes one base unit worth at most a hundredth of the minimum debt: a coarser token could not be liquidated in parts. So a
/// price has at most 218 bits, and a value of 104-bit amounts at most 203.
abstract contract Listings is ILoanBook, Ownable2Step {
    using PledgeSet for uint40;
    using PriceFeeds for PriceFeeds.Source;

    /// @dev Three slots; the first two are all that a borrow reads.
    struct StoredListing {
        address token; // slot 0: what never changes
        Terms terms;
        PriceFeeds.Source source; // slot 1
        uint104 cap; // slot 2 [token]
        uint104 pledged; // [token]
    }

    /// @dev Prices for liquidation, each read once in a call.
    struct PriceBoard {
        uint256 loanAsset; // [feed decimals] min(feed, peg); the peg if the feed is not live
        uint256[MAX_SET] prices; // [price]
        uint40 known; // [bitmap] which are read
        uint40 seizable; // [bitmap] of these, whose feed is live
    }

    uint256 public constant MAX_LISTINGS = MAX_SET;

    /// @dev Liquidation LTV × (1 + maximum bonus) must not exceed this. [bps]
    uint256 private constant MAX_SEIZED_SHARE = 9_500;
    uint256 private constant BPS = 1e4;

    /// @dev One base unit of a token may be worth at most MIN_DEBT divided by this.
    uint256 private constant UNITS_IN_MIN_DEBT = 100;

    /// @dev The lowest price must have this many units, so that rounding it to a whole one does not matter. [price]
    uint256 private constant MIN_PRICE = 1e6;

    int256 private constant MAX_EXPONENT = 77;

    ILenderVault public immutable VAULT;
    address public immutable LOAN_ASSET;
    uint256 public immutable PEG;
    uint256 public immutable MIN_DEBT;

    /// @dev 36 + decimals of the loan asset's feed + decimals of the loan asset: what a listing's exponent starts from.
    int256 private immutable LOAN_ASSET_EXPONENT;

    /// @dev The lowest and the highest price of the loan asset that can count. [feed decimals]
    uint256 private immutable LOWEST_LOAN_ASSET_PRICE;
    uint256 private immutable HIGHEST_LOAN_ASSET_PRICE;

    PriceFeeds.Source private _loanAssetSource;
    mapping(uint256 listing => StoredListing) internal _listings;
    uint256 private _listingCount;

    constructor(
        ILenderVault vault,
        address owner_,
        uint256 minDebt,
        FeedConfig memory feed,
        uint256 peg
    ) Ownable(owner_) {
        require(vault.BOOK() == address(this), InvalidVault(address(vault), address(this)));
        _checkBounds(feed.minAnswer, feed.maxAnswer);
        require(
            peg == 0 || (feed.minAnswer <= peg && peg <= feed.maxAnswer),
            InvalidBounds(feed.minAnswer, feed.maxAnswer)
        );
        VAULT = vault;
        LOAN_ASSET = vault.asset();
        PEG = peg;
        MIN_DEBT = Amounts.toUint104(minDebt);
        LOAN_ASSET_EXPONENT = 36 + _decimals(LOAN_ASSET, feed.feed);
        LOWEST_LOAN_ASSET_PRICE = feed.minAnswer;
        HIGHEST_LOAN_ASSET_PRICE = feed.maxAnswer;
        _loanAssetSource = _checkedSource(feed, 0);
        emit LoanAssetFeedSet(feed, peg);
    }

    // ----------------------------------------------------------------------------------------------- Administration

    /// @inheritdoc ILoanBook
    function addListing(
        address token,
        Terms calldata terms,
        FeedConfig calldata feed,
        uint256 cap
    ) external onlyOwner returns (uint256 listing) {
        listing = _listingCount;
        require(listing < MAX_LISTINGS, TooManyListings(MAX_LISTINGS));
        require(token != LOAN_ASSET && token.code.length != 0, InvalidToken(token));
        _checkTerms(terms);
        _checkBounds(feed.minAnswer, feed.maxAnswer);
        uint8 exponent = _exponent(token, feed);
        StoredListing storage stored = _listings[listing];
        stored.token = token;
        stored.terms = terms;
        stored.source = _checkedSource(feed, exponent);
        stored.cap = Amounts.toUint104(cap);
        _listingCount = listing + 1;
        emit ListingAdded(listing, token, terms, feed, exponent);
        emit CapChanged(listing, cap);
    }

    /// @inheritdoc ILoanBook
    function setCap(uint256 listing, uint256 cap) external onlyOwner {
        _existing(listing).cap = Amounts.toUint104(cap);
        emit CapChanged(listing, cap);
    }

    // -------------------------------------------------------------------------------------------------------- Views

    /// @inheritdoc ILoanBook
    function listingCount() external view returns (uint256) {
        return _listingCount;
    }

    /// @inheritdoc ILoanBook
    function listings(uint256 number) external view returns (Listing memory) {
        StoredListing memory stored = _existing(number);
        return Listing(stored.token, stored.terms, _config(stored.source), stored.cap, stored.pledged);
    }

    /// @inheritdoc ILoanBook
    function loanAssetFeed() external view returns (FeedConfig memory) {
        return _config(_loanAssetSource);
    }

    /// @inheritdoc ILoanBook
    function pricesOf(uint256 number) external view returns (Prices memory prices) {
        _existing(number);
        (uint256 loanAsset, bool live) = _loanAssetForBorrowing();
        if (live) prices.forBorrowing = _priceForBorrowing(number, loanAsset);
        PriceBoard memory board = _priceBoard();
        if (board.loanAsset == 0) return prices;
        (prices.forLiquidation, prices.isSeizable) = _priceForLiquidation(number, board);
    }

    // ------------------------------------------------------------------------------------------------------- Prices

    /// @dev The loan asset as it counts for borrowing: the higher of feed and peg, so that a depeg lets nobody borrow more.
    function _loanAssetForBorrowing() internal view returns (uint256 loanAsset, bool live) {
        (loanAsset, live) = _loanAssetSource.observe();
        loanAsset = Math.max(loanAsset, PEG);
    }

    /// @dev A listing's price for borrowing, rounded down; 0 if its feed is not live.
    function _priceForBorrowing(uint256 listing, uint256 loanAsset) internal view returns (uint256) {
        PriceFeeds.Source memory source = _listings[listing].source;
        (uint256 answer, bool live) = source.observe();
        return live ? Amounts.mulDivDown(answer, 10 ** source.exponent, loanAsset) : 0;
    }

    /// @dev A board with the loan asset as it counts for calls and liquidation: the lower of feed and peg, so that a minute
    /// at 1.03 liquidates nobody; the peg if the feed is not live; 0 if there is no peg either.
    function _priceBoard() internal view returns (PriceBoard memory board) {
        (uint256 answer, bool live) = _loanAssetSource.observe();
        if (!live) board.loanAsset = PEG;
        else board.loanAsset = PEG == 0 ? answer : Math.min(answer, PEG);
    }

    /// @dev A listing's price for liquidation, rounded up, in the borrower's favour. Read once, then kept on the board.
    function _priceForLiquidation(
        uint256 listing,
        PriceBoard memory board
    ) internal view returns (uint256 price, bool seizable) {
        if (board.known.contains(listing)) return (board.prices[listing], board.seizable.contains(listing));
        PriceFeeds.Source memory source = _listings[listing].source;
        uint256 answer;
        (answer, seizable) = source.observe();
        price = Amounts.mulDivUp(answer, 10 ** source.exponent, board.loanAsset);
        board.prices[listing] = price;
        board.known = board.known.add(listing);
        if (seizable) board.seizable = board.seizable.add(listing);
    }

    /// @dev Reverts unless a listing's feed is live.
    function _requireLive(uint256 listing) internal view {
        (, bool live) = _listings[listing].source.observe();
        require(live, FeedNotLive(listing));
    }

    function _loanAssetFeed() internal view returns (address) {
        return address(_loanAssetSource.feed);
    }

    // ------------------------------------------------------------------------------------------------------- Checks

    /// @dev The listing with this number, which must exist.
    function _existing(uint256 listing) internal view returns (StoredListing storage stored) {
        stored = _listings[listing];
        require(stored.token != address(0), ListingNotFound(listing, _listingCount));
    }

    function _checkTerms(Terms calldata terms) private pure {
        require(
            0 < terms.borrowLtv && terms.borrowLtv < terms.callLtv && terms.callLtv < terms.liquidationLtv,
            InvalidTerms(terms.borrowLtv, terms.callLtv, terms.liquidationLtv)
        );
        uint256 seizedShare = Math.ceilDiv(terms.liquidationLtv * (BPS + terms.maxBonus), BPS); // up: the stricter
        require(seizedShare <= MAX_SEIZED_SHARE, LiquidationTooTight(seizedShare, MAX_SEIZED_SHARE));
    }

    function _checkBounds(uint256 minAnswer, uint256 maxAnswer) private pure {
        require(0 < minAnswer && minAnswer < maxAnswer, InvalidBounds(minAnswer, maxAnswer));
    }

    function _exponent(address token, FeedConfig calldata feed) private view returns (uint8) {
        int256 exponent = LOAN_ASSET_EXPONENT - _decimals(token, feed.feed);
        require(0 <= exponent && exponent <= MAX_EXPONENT, PriceScaleOutOfRange(exponent));
        uint256 scale = 10 ** uint256(exponent); // not negative
        uint256 lowest = Amounts.mulDivDown(feed.minAnswer, scale, HIGHEST_LOAN_ASSET_PRICE);
        (uint256 high, ) = Math.mul512(feed.maxAnswer, scale);
        require(lowest >= MIN_PRICE && high < LOWEST_LOAN_ASSET_PRICE, PriceScaleOutOfRange(exponent));
        uint256 highest = Amounts.mulDivUp(feed.maxAnswer, scale, LOWEST_LOAN_ASSET_PRICE);
        uint256 unit = HealthMath.valueUp(1, highest);
        require(unit <= MIN_DEBT / UNITS_IN_MIN_DEBT, UnitTooValuable(unit, MIN_DEBT / UNITS_IN_MIN_DEBT));
        return uint8(uint256(exponent)); // at most 77
    }

    /// @dev The decimals of a token and of its feed, together.
    function _decimals(address token, address feed) private view returns (int256) {
        require(feed.code.length != 0, InvalidFeed(feed));
        return int256(uint256(IERC20Metadata(token).decimals()) + AggregatorV3Interface(feed).decimals()); // two uint8
    }

    function _checkedSource(
        FeedConfig memory feed,
        uint8 exponent
    ) private view returns (PriceFeeds.Source memory source) {
        source = PriceFeeds.Source({
            feed: AggregatorV3Interface(feed.feed),
            flags: 0,
            maxAge: feed.maxAge,
            minAnswer: PriceFeeds.packBound(feed.minAnswer),
            maxAnswer: PriceFeeds.packBound(feed.maxAnswer),
            exponent: exponent
        });
        (, bool live) = source.observe();
        require(live, InvalidFeed(feed.feed));
    }

    function _config(PriceFeeds.Source memory source) private pure returns (FeedConfig memory) {
        return
            FeedConfig(
                address(source.feed),
                source.maxAge,
                PriceFeeds.unpackBound(source.minAnswer),
                PriceFeeds.unpackBound(source.maxAnswer)
            );
    }
}
