// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/interfaces/IERC20Metadata.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV3Interface.sol";

import {Proposals} from "../governance/Proposals.sol";
import {ILenderVault} from "../interfaces/ILenderVault.sol";
import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {Amounts} from "../libraries/Amounts.sol";
import {ListingAdmin} from "../libraries/ListingAdmin.sol";
import {configOf, PriceFrame, Registry, StoredListing, termsOf} from "../libraries/ListingRegistry.sol";
import {MAX_SET, PledgeSet} from "../libraries/PledgeSet.sol";
import {PriceFeeds} from "../libraries/PriceFeeds.sol";
import {SourcePair} from "../libraries/SourcePair.sol";

/// @title Listings
/// @notice The assets that a book accepts, their terms, and their prices. What is rare is in {ListingAdmin}.
abstract contract Listings is ILoanBook, Proposals {
    using PledgeSet for uint40;
    using PriceFeeds for PriceFeeds.Source;

    /// @dev Prices for liquidation, each read once in a call.
    struct PriceBoard {
        uint256 loanAsset; // [feed decimals] min(feed, peg); the peg if the feed is not live
        uint256[MAX_SET] prices; // [price]
        uint40 known; // [bitmap] which are read
        uint40 seizable; // [bitmap] of these, which have a live source
        uint40 apart; // [bitmap] of these, whose two live sources differ too much
    }

    uint256 public constant MAX_LISTINGS = MAX_SET;
    uint256 public constant SEQUENCER_GRACE = 1 hours;

    /// @dev Stands for no listing.
    uint256 internal constant NONE = type(uint256).max;

    ILenderVault public immutable VAULT;
    address public immutable LOAN_ASSET;
    uint256 public immutable PEG;
    uint256 public immutable MIN_DEBT;

    /// @dev See {PriceFrame}.
    uint256 private immutable EXPONENT;
    uint256 private immutable LOWEST_LOAN_ASSET_PRICE;
    uint256 private immutable HIGHEST_LOAN_ASSET_PRICE;

    Registry private _registry;

    constructor(BookConfig memory config, ListingConfig[] memory listings_) AccessManaged(config.authority) {
        ILenderVault vault = config.vault;
        require(vault.BOOK() == address(this), InvalidVault(address(vault), address(this)));
        FeedConfig memory feed = config.loanAssetFeed;
        require(feed.feed.code.length != 0, InvalidFeed(feed.feed));
        VAULT = vault;
        LOAN_ASSET = vault.asset();
        PEG = config.peg;
        MIN_DEBT = Amounts.toUint104(config.minDebt);
        EXPONENT = 36 + uint256(IERC20Metadata(LOAN_ASSET).decimals()) + AggregatorV3Interface(feed.feed).decimals();
        LOWEST_LOAN_ASSET_PRICE = feed.minAnswer;
        HIGHEST_LOAN_ASSET_PRICE = feed.maxAnswer;
        ListingAdmin.setLoanAssetFeed(_registry, _frame(), feed);
        if (config.sequencerFeed != address(0)) ListingAdmin.setSequencerFeed(_registry, config.sequencerFeed);
        for (uint256 i = 0; i < listings_.length; i++) ListingAdmin.addListing(_registry, _frame(), listings_[i]);
    }

    // ----------------------------------------------------------------------------------------------- Administration

    /// @inheritdoc ILoanBook
    function lowerCap(uint256 listing, uint256 cap) external restricted {
        StoredListing storage stored = _existing(listing);
        require(cap < stored.cap, CapNotLower(listing, cap, stored.cap));
        stored.cap = uint104(cap); // below a uint104
        stored.capLoweredAt = uint40(block.timestamp); // 40 bits last 34,000 years
        emit CapChanged(listing, cap);
    }

    /// @inheritdoc ILoanBook
    function retire(uint256 listing) external restricted {
        StoredListing storage stored = _existing(listing);
        require(!stored.source.has(PriceFeeds.RETIRED), ListingRetired(listing));
        stored.source.flags |= PriceFeeds.RETIRED;
        emit Retired(listing);
    }

    // -------------------------------------------------------------------------------------------------------- Views

    /// @inheritdoc ILoanBook
    function listingCount() external view returns (uint256) {
        return _registry.count;
    }

    /// @inheritdoc ILoanBook
    function listings(uint256 number) external view returns (Listing memory) {
        StoredListing storage stored = _existing(number);
        return
            Listing({
                token: stored.token,
                terms: termsOf(stored),
                feed: configOf(stored.source),
                secondFeed: configOf(stored.secondSource),
                cap: stored.cap,
                pledged: stored.pledged,
                isRetired: stored.source.has(PriceFeeds.RETIRED)
            });
    }

    /// @inheritdoc ILoanBook
    function loanAssetFeed() external view returns (FeedConfig memory) {
        return configOf(_registry.loanAsset);
    }

    /// @inheritdoc ILoanBook
    function sequencerFeed() external view returns (address) {
        return _registry.sequencerFeed;
    }

    /// @inheritdoc ILoanBook
    function pricesOf(uint256 number) external view returns (Prices memory prices) {
        _existing(number);
        (uint256 loanAsset, bool live) = _loanAssetForBorrowing();
        if (live) (prices.forBorrowing, ) = _priceForBorrowing(number, loanAsset);
        PriceBoard memory board = _priceBoard();
        if (board.loanAsset == 0) return prices;
        (prices.forLiquidation, live) = _priceForLiquidation(number, board);
        if (live) prices.forSeizure = _priceForSeizure(number, board);
    }

    // ------------------------------------------------------------------------------------------------------- Prices

    /// @dev The loan asset as it counts for borrowing: the higher of feed and peg, so that a depeg lets nobody borrow more.
    function _loanAssetForBorrowing() internal view returns (uint256 loanAsset, bool live) {
        PriceFeeds.Source memory source = _registry.loanAsset;
        (loanAsset, live) = source.observe();
        loanAsset = Math.max(loanAsset, PEG);
    }

    /// @dev The same where it decides: the feed must be live, and so must the chain, if it depends on a sequencer.
    function _requireLoanAssetForBorrowing() internal view returns (uint256 loanAsset) {
        PriceFeeds.Source memory source = _registry.loanAsset;
        if (source.has(PriceFeeds.SEQUENCER)) _requireSequencer();
        bool live;
        (loanAsset, live) = source.observe();
        require(live, LoanAssetFeedNotLive(address(source.feed)));
        return Math.max(loanAsset, PEG);
    }

    /// @dev A listing's price for borrowing, retirement aside, rounded down.
    /// @return price 0 if it is uncertain.
    /// @return retired Whether the listing is.
    function _priceForBorrowing(
        uint256 listing,
        uint256 loanAsset
    ) internal view returns (uint256 price, bool retired) {
        StoredListing storage stored = _registry.listings[listing];
        PriceFeeds.Source memory source = stored.source;
        retired = source.has(PriceFeeds.RETIRED);
        bool live;
        (price, live) = source.priceDown(loanAsset);
        if (!source.has(PriceFeeds.SECOND)) return (price, retired);
        (uint256 second, bool secondLive) = _second(stored).priceDown(loanAsset);
        price = SourcePair.forBorrowing(price, live, second, secondLive, stored.maxDeviation);
    }

    /// @dev A board with the loan asset as it counts for calls and liquidation: the lower of feed and peg, so that a minute
    /// at 1.03 liquidates nobody; the peg if the feed is not live; 0 if there is no peg either.
    function _priceBoard() internal view returns (PriceBoard memory board) {
        PriceFeeds.Source memory source = _registry.loanAsset;
        (uint256 answer, bool live) = source.observe();
        if (!live) board.loanAsset = PEG;
        else board.loanAsset = PEG == 0 ? answer : Math.min(answer, PEG);
    }

    /// @dev A listing's price for liquidation, rounded up, in the borrower's favour. Read once, then kept on the board.
    function _priceForLiquidation(
        uint256 listing,
        PriceBoard memory board
    ) internal view returns (uint256 price, bool seizable) {
        if (board.known.contains(listing)) return (board.prices[listing], board.seizable.contains(listing));
        StoredListing storage stored = _registry.listings[listing];
        PriceFeeds.Source memory source = stored.source;
        (price, seizable) = source.priceUp(board.loanAsset);
        if (source.has(PriceFeeds.SECOND)) {
            (uint256 second, bool secondLive) = _second(stored).priceUp(board.loanAsset);
            uint256 maxDeviation = stored.maxDeviation;
            bool apart;
            (price, seizable, apart) = SourcePair.forLiquidation(price, seizable, second, secondLive, maxDeviation);
            if (apart) board.apart = board.apart.add(listing);
        }
        board.prices[listing] = price;
        board.known = board.known.add(listing);
        if (seizable) board.seizable = board.seizable.add(listing);
    }

    /// @dev At what price a liquidator gets a listing that is on the board and can be seized. Rounded up.
    function _priceForSeizure(uint256 listing, PriceBoard memory board) internal view returns (uint256 price) {
        price = board.prices[listing];
        if (!board.apart.contains(listing)) return price;
        return SourcePair.discounted(price, _registry.listings[listing].maxDeviation);
    }

    /// @dev Reverts unless a loan may start to pledge a listing, whose feeds are read for it. What the loan asset counts does
    /// not matter: whether sources are live and agree is the same at any price of it.
    function _requirePledgeable(uint256 listing) internal view {
        (uint256 price, bool retired) = _priceForBorrowing(listing, HIGHEST_LOAN_ASSET_PRICE);
        _requirePledgeable(listing, price, retired);
    }

    /// @dev The same where they have been read: a listing whose price is uncertain would shelter a loan behind whichever source
    /// says more.
    function _requirePledgeable(uint256 listing, uint256 priceForBorrowing, bool retired) internal pure {
        require(!retired, ListingRetired(listing));
        require(priceForBorrowing != 0, FeedNotLive(listing));
    }

    function _loanAssetFeed() internal view returns (address) {
        return address(_registry.loanAsset.feed);
    }

    // ----------------------------------------------------------------------------------------------------- Internal

    function _listing(uint256 listing) internal view returns (StoredListing storage) {
        return _registry.listings[listing];
    }

    /// @dev The listing with this number, which must exist.
    function _existing(uint256 listing) internal view returns (StoredListing storage stored) {
        stored = _registry.listings[listing];
        require(stored.token != address(0), ListingNotFound(listing, _registry.count));
    }

    function _requireSequencer() private view {
        (, bool isUp, uint256 since) = PriceFeeds.inspectSequencer(_registry.sequencerFeed);
        bool ready = isUp && block.timestamp - since >= SEQUENCER_GRACE; // since is not in the future
        require(ready, SequencerNotReady(isUp ? since : 0, SEQUENCER_GRACE));
    }

    /// @inheritdoc Proposals
    function _checkAction(bytes calldata action) internal view override returns (uint216 note) {
        return ListingAdmin.check(_registry, _frame(), action);
    }

    /// @inheritdoc Proposals
    function _execute(bytes calldata action, uint256 age, uint216 note) internal override {
        ListingAdmin.execute(_registry, _frame(), action, age, note);
    }

    function _frame() private view returns (PriceFrame memory) {
        return
            PriceFrame({
                loanAsset: LOAN_ASSET,
                minDebt: MIN_DEBT,
                peg: PEG,
                exponent: EXPONENT,
                lowest: LOWEST_LOAN_ASSET_PRICE,
                highest: HIGHEST_LOAN_ASSET_PRICE
            });
    }

    function _second(StoredListing storage stored) private view returns (PriceFeeds.Source memory) {
        return stored.secondSource;
    }
}
