// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/interfaces/IERC20Metadata.sol";
import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV3Interface.sol";

import {Proposals} from "../governance/Proposals.sol";
import {ILenderVault} from "../interfaces/ILenderVault.sol";
import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {Amounts} from "../libraries/Amounts.sol";
import {BookPrices} from "../libraries/BookPrices.sol";
import {BookFrame, Ledger} from "../libraries/Ledger.sol";
import {PriceFrame, Registry, StoredListing} from "../libraries/ListingRegistry.sol";
import {StoredTerms} from "../libraries/ListingTerms.sol";
import {MAX_SET} from "../libraries/PledgeSet.sol";
import {FeedSource, PriceFeeds} from "../libraries/PriceFeeds.sol";
import {StoredLoan} from "../libraries/StoredLoans.sol";
import {ListingAdmin} from "../logic/ListingAdmin.sol";

/// @title Listings
/// @notice The assets that a book accepts, their terms, and their prices. What is rare is in {ListingAdmin}.
abstract contract Listings is ILoanBook, Proposals {
    using BookPrices for Registry;

    uint256 public constant MAX_LISTINGS = MAX_SET;
    uint256 public constant SEQUENCER_GRACE = BookPrices.GRACE;

    ILenderVault public immutable VAULT;
    address public immutable LOAN_ASSET;
    uint256 public immutable PEG;
    uint256 public immutable MIN_DEBT;

    /// @dev See {PriceFrame}.
    uint256 private immutable HIGHEST_LOAN_ASSET_PRICE;

    /// @dev The loan asset's source as it was at first, see {_loanAssetSource}.
    FeedSource private immutable FIRST_LOAN_ASSET_SOURCE;

    /// @dev All that the book writes, but for authorizations.
    Ledger internal _ledger;

    constructor(BookConfig memory config, ListingConfig[] memory listings_) AccessManaged(config.authority) {
        ILenderVault vault = config.vault;
        require(vault.BOOK() == address(this), InvalidVault(address(vault), address(this)));
        FeedConfig memory feed = config.loanAssetFeed;
        require(feed.feed.code.length != 0, InvalidFeed(feed.feed));
        VAULT = vault;
        LOAN_ASSET = vault.asset();
        PEG = config.peg;
        MIN_DEBT = Amounts.toUint104(config.minDebt);
        HIGHEST_LOAN_ASSET_PRICE = feed.maxAnswer;
        uint256 decimals = uint256(IERC20Metadata(LOAN_ASSET).decimals()) + AggregatorV3Interface(feed.feed).decimals();
        _ledger.registry.frame = PriceFrame({
            loanAsset: LOAN_ASSET,
            minDebt: MIN_DEBT,
            peg: PEG,
            exponent: 36 + decimals,
            lowest: feed.minAnswer,
            highest: feed.maxAnswer
        });
        ListingAdmin.setLoanAssetFeed(_ledger.registry, feed);
        if (config.sequencerFeed != address(0)) ListingAdmin.setSequencerFeed(_ledger.registry, config.sequencerFeed);
        FIRST_LOAN_ASSET_SOURCE = _ledger.registry.loanAsset;
        for (uint256 i = 0; i < listings_.length; i++) ListingAdmin.addListing(_ledger.registry, listings_[i]);
    }

    // ----------------------------------------------------------------------------------------------- Administration

    /// @inheritdoc ILoanBook
    function lowerCap(uint256 listing, uint256 cap) external restricted {
        StoredListing storage stored = _existing(listing);
        require(cap < stored.cap, CapNotLower(listing, cap, stored.cap));
        stored.cap = uint96(cap); // below a uint96
        stored.capLoweredAt = uint40(block.timestamp); // 40 bits last 34,000 years
        emit CapChanged(listing, cap);
    }

    /// @inheritdoc ILoanBook
    function retire(uint256 listing) external restricted {
        StoredListing storage stored = _existing(listing);
        require(!stored.source.has(PriceFeeds.RETIRED), ListingRetired(listing));
        stored.source = stored.source.with(PriceFeeds.RETIRED);
        emit Retired(listing);
    }

    // -------------------------------------------------------------------------------------------------------- Views

    /// @inheritdoc ILoanBook
    function listingCount() external view returns (uint256) {
        return _ledger.registry.count;
    }

    /// @inheritdoc ILoanBook
    function listings(uint256 number) external view returns (Listing memory) {
        StoredListing storage stored = _existing(number);
        return
            Listing({
                token: stored.token,
                terms: stored.terms.unpack(),
                feed: stored.source.unpack(),
                exponent: stored.source.exponentOf(),
                secondFeed: stored.secondSource.unpack(),
                secondExponent: stored.secondSource.exponentOf(),
                cap: stored.cap,
                held: stored.held,
                isRetired: stored.source.has(PriceFeeds.RETIRED)
            });
    }

    /// @inheritdoc ILoanBook
    function loanAssetFeed() external view returns (FeedConfig memory) {
        return _ledger.registry.loanAsset.unpack();
    }

    /// @inheritdoc ILoanBook
    function sequencerFeed() external view returns (address) {
        return _ledger.registry.sequencerFeed;
    }

    /// @inheritdoc ILoanBook
    function pricesOf(uint256 number) external view returns (Prices memory prices) {
        StoredTerms terms = _existing(number).terms;
        Registry storage registry = _ledger.registry;
        (uint256 loanAsset, bool live) = BookPrices.loanAssetForBorrowing(registry.loanAsset, PEG);
        if (live) (prices.forBorrowing, ) = registry.priceForBorrowing(number, terms, loanAsset);
        loanAsset = BookPrices.loanAssetForLiquidation(registry.loanAsset, PEG);
        if (loanAsset == 0) return prices;
        bool apart;
        (prices.forLiquidation, live, apart, ) = registry.readForLiquidation(number, loanAsset);
        if (live) prices.forSeizure = BookPrices.priceForSeizure(prices.forLiquidation, apart, terms);
    }

    // ----------------------------------------------------------------------------------------------------- Internal

    /// @dev Reverts unless a loan may start to pledge a listing, whose feeds are read for it. What the loan asset counts does
    /// not matter: whether sources are live and agree is the same at any price of it.
    function _requirePledgeable(uint256 listing) internal view {
        StoredTerms terms = _listing(listing).terms;
        (uint256 price, bool retired) = _ledger.registry.priceForBorrowing(listing, terms, HIGHEST_LOAN_ASSET_PRICE);
        BookPrices.requirePledgeable(listing, price, retired);
    }

    /// @dev The loan asset's source, which is in the code while it is the first one: that saves a slot. Once it is replaced each listing
    /// says so, in a slot that is read anyway.
    function _loanAssetSource(StoredLoan loan) internal view returns (FeedSource) {
        uint40 pledged = loan.pledged();
        if (pledged == 0) return _ledger.registry.loanAsset;
        (uint256 listing, ) = loan.nextPledge(pledged);
        bool isReplaced = _listing(listing).source.has(PriceFeeds.REPLACED);
        return isReplaced ? _ledger.registry.loanAsset : FIRST_LOAN_ASSET_SOURCE;
    }

    function _listing(uint256 listing) internal view returns (StoredListing storage) {
        return _ledger.registry.listings[listing];
    }

    /// @dev The listing with this number, which must exist.
    function _existing(uint256 listing) internal view returns (StoredListing storage) {
        return _ledger.registry.existing(listing);
    }

    /// @inheritdoc Proposals
    function _checkAction(bytes calldata action) internal view override returns (uint216 note) {
        return ListingAdmin.check(_ledger.registry, action);
    }

    /// @inheritdoc Proposals
    function _execute(bytes calldata action, uint256 age, uint216 note) internal override {
        ListingAdmin.execute(_ledger.registry, action, age, note);
    }

    /// @dev What linked libraries need of the book's immutables.
    function _bookFrame() internal view returns (BookFrame memory) {
        return BookFrame({vault: VAULT, loanAsset: LOAN_ASSET, minDebt: MIN_DEBT, peg: PEG});
    }
}
