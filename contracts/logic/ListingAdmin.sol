// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/interfaces/IERC20Metadata.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {AggregatorV3Interface} from "@chainlink/contracts/src/v0.8/shared/interfaces/AggregatorV3Interface.sol";

import {STANDARD_DELAY} from "../governance/Proposals.sol";
import {IBookActions} from "../interfaces/IBookActions.sol";
import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {IProposals} from "../interfaces/IProposals.sol";
import {Amounts} from "../libraries/Amounts.sol";
import {BookPrices} from "../libraries/BookPrices.sol";
import {HealthMath} from "../libraries/HealthMath.sol";
import {PriceFrame, Registry, StoredListing} from "../libraries/ListingRegistry.sol";
import {ListingTerms} from "../libraries/ListingTerms.sol";
import {MAX_SET} from "../libraries/PledgeSet.sol";
import {FeedSource, PriceFeeds} from "../libraries/PriceFeeds.sol";
import {SourcePair} from "../libraries/SourcePair.sol";

/// @title ListingAdmin
/// @notice Everything about listings and feeds that is rare: adding them, checking them, replacing their feeds.
/// @dev Linked to the book and called by delegatecall: it works on the book's storage and speaks in its errors and events.
///
/// A price is `answer × 10^exponent / loan asset's answer`, with the exponent `36 + loan feed's decimals + loan asset's
/// decimals - feed's decimals - token's decimals`, fixed with the feed. The checks here see to it that no price the bounds
/// allow makes one base unit worth more than a hundredth of the minimum debt: a coarser token could not be liquidated in
/// parts. So a price has at most 218 bits, and a value of 96-bit amounts at most 195.
library ListingAdmin {
    /// @dev How long new feeds wait. [s]
    uint256 private constant DELAY_IF_DEAD = 3 days; // the old ones were dead then and are dead now
    uint256 private constant DELAY_IF_AGREED = 14 days; // old and new agree
    uint256 private constant DELAY_ANYHOW = 30 days;

    /// @dev How far the old and the new feed of the loan asset may differ and agree. [bps]
    uint256 private constant LOAN_ASSET_MAX_DEVIATION = 200;

    /// @dev Liquidation LTV × (1 + maximum bonus) / (1 - maximum deviation) must not exceed this. [bps]
    uint256 private constant MAX_SEIZED_SHARE = 9_500;
    uint256 private constant BPS = 1e4;

    /// @dev One base unit of a token may be worth at most the minimum debt divided by this.
    uint256 private constant UNITS_IN_MIN_DEBT = 100;

    /// @dev The lowest price must have this many units, so that rounding it to a whole one does not matter. [price]
    uint256 private constant MIN_PRICE = 1e6;

    uint256 private constant MAX_EXPONENT = 77;

    // ------------------------------------------------------------------------------------------------------- Set-up

    /// @notice Adds a listing.
    function addListing(Registry storage registry, ILoanBook.ListingConfig memory config) public {
        (FeedSource source, FeedSource second) = _checkedListing(registry, config);
        uint256 listing = registry.count;
        StoredListing storage stored = registry.listings[listing];
        stored.token = config.token;
        stored.terms = ListingTerms.pack(config.terms);
        stored.cap = Amounts.toUint96(config.cap);
        registry.count = listing + 1;
        _joinRing(registry, stored, listing);
        emit ILoanBook.ListingAdded(listing, config.token, config.terms);
        emit ILoanBook.CapChanged(listing, config.cap);
        _setFeeds(registry, listing, source, second);
    }

    /// @notice Sets the loan asset's feed for the first time.
    function setLoanAssetFeed(Registry storage registry, ILoanBook.FeedConfig memory feed) external {
        registry.loanAsset = _checkedLoanAssetSource(registry.frame, feed);
        emit ILoanBook.LoanAssetFeedSet(feed, registry.frame.peg);
    }

    /// @notice Sets the sequencer's feed for the first time.
    function setSequencerFeed(Registry storage registry, address feed) external {
        _checkSequencerFeed(feed);
        registry.loanAsset = registry.loanAsset.with(PriceFeeds.SEQUENCER);
        _setSequencerFeed(registry, feed);
    }

    // ---------------------------------------------------------------------------------------------------- Sequencer

    /// @notice See {BookPrices-requireSequencer}. Most chains have no sequencer, and no book should carry the code for it.
    function requireSequencer(Registry storage registry) external view {
        BookPrices.requireSequencer(registry);
    }

    // ------------------------------------------------------------------------------------------------------ Actions

    /// @notice Reverts unless `action` is one of {IBookActions} and could be carried out as things stand.
    /// @param action Has a selector.
    /// @return note Which feeds it would replace and how they are dead; 0 if it replaces none, or live ones.
    function check(Registry storage registry, bytes calldata action) external view returns (uint216 note) {
        bytes4 selector = bytes4(action);
        bytes calldata arguments = action[4:];
        if (selector == IBookActions.addListing.selector) {
            _checkedListing(registry, abi.decode(arguments, (ILoanBook.ListingConfig)));
        } else if (selector == IBookActions.raiseCap.selector) {
            _raisedCap(registry, arguments);
        } else if (selector == IBookActions.replaceFeeds.selector) {
            (uint256 listing, , ) = _newFeeds(registry, arguments);
            return _noteOf(registry.listings[listing]);
        } else if (selector == IBookActions.replaceLoanAssetFeed.selector) {
            _checkedLoanAssetSource(registry.frame, abi.decode(arguments, (ILoanBook.FeedConfig)));
            return _noteOf(registry.loanAsset);
        } else if (selector == IBookActions.replaceSequencerFeed.selector) {
            require(registry.sequencerFeed != address(0), ILoanBook.NoSequencer());
            _checkSequencerFeed(abi.decode(arguments, (address)));
            (PriceFeeds.Status status, , ) = PriceFeeds.inspectSequencer(registry.sequencerFeed);
            return _noteOf(registry.sequencerFeed, status);
        } else {
            revert IProposals.InvalidAction(selector);
        }
    }

    /// @notice Carries out an action that was proposed, and so is one of {IBookActions}.
    /// @param age Of the proposal. [s]
    /// @param note What {check} returned at its beginning.
    function execute(Registry storage registry, bytes calldata action, uint256 age, uint216 note) external {
        bytes4 selector = bytes4(action);
        bytes calldata arguments = action[4:];
        if (selector == IBookActions.addListing.selector) {
            _requireAge(age, STANDARD_DELAY);
            addListing(registry, abi.decode(arguments, (ILoanBook.ListingConfig)));
        } else if (selector == IBookActions.raiseCap.selector) {
            _requireAge(age, STANDARD_DELAY);
            (uint256 listing, uint96 cap) = _raisedCap(registry, arguments);
            StoredListing storage stored = registry.listings[listing];
            uint256 proposedAt = block.timestamp - age;
            require(proposedAt > stored.capLoweredAt, IProposals.LoweredSince(stored.capLoweredAt, proposedAt));
            stored.cap = cap;
            emit ILoanBook.CapChanged(listing, cap);
        } else if (selector == IBookActions.replaceFeeds.selector) {
            _replaceFeeds(registry, arguments, age, note);
        } else if (selector == IBookActions.replaceLoanAssetFeed.selector) {
            _replaceLoanAssetFeed(registry, abi.decode(arguments, (ILoanBook.FeedConfig)), age, note);
        } else {
            _replaceSequencerFeed(registry, abi.decode(arguments, (address)), age, note);
        }
    }

    function _replaceFeeds(Registry storage registry, bytes calldata arguments, uint256 age, uint216 note) private {
        (uint256 listing, FeedSource source, FeedSource second) = _newFeeds(registry, arguments);
        StoredListing storage stored = registry.listings[listing];
        _requireFeedAge(
            age,
            note,
            _noteOf(stored),
            _agree(registry.loanAsset, registry.frame.peg, stored, source, second)
        );
        if (stored.source.has(PriceFeeds.RETIRED)) source = source.with(PriceFeeds.RETIRED);
        _setFeeds(registry, listing, source, second);
    }

    function _replaceLoanAssetFeed(
        Registry storage registry,
        ILoanBook.FeedConfig memory feed,
        uint256 age,
        uint216 note
    ) private {
        FeedSource old = registry.loanAsset;
        FeedSource source = _checkedLoanAssetSource(registry.frame, feed);
        (uint256 oldAnswer, bool isLive) = old.observe();
        (uint256 answer, ) = source.observe();
        bool agreed = isLive && SourcePair.agree(oldAnswer, answer, LOAN_ASSET_MAX_DEVIATION);
        _requireFeedAge(age, note, _noteOf(old), agreed);
        if (old.has(PriceFeeds.SEQUENCER)) source = source.with(PriceFeeds.SEQUENCER);
        _setReplacedLoanAsset(registry, source);
        emit ILoanBook.LoanAssetFeedSet(feed, registry.frame.peg);
    }

    function _replaceSequencerFeed(Registry storage registry, address feed, uint256 age, uint216 note) private {
        bool isUp = _checkSequencerFeed(feed);
        (PriceFeeds.Status status, bool wasUp, ) = PriceFeeds.inspectSequencer(registry.sequencerFeed);
        bool agreed = status == PriceFeeds.Status.Live && isUp == wasUp;
        _requireFeedAge(age, note, _noteOf(registry.sequencerFeed, status), agreed);
        _setSequencerFeed(registry, feed);
    }

    // ------------------------------------------------------------------------------------------------------- Delays

    /// @dev A feed that was dead at its proposal and is dead the same way now may be replaced early: broken both times, or
    /// too old both times without an update in between. A moment's silence is not death.
    function _requireFeedAge(uint256 age, uint216 note, uint216 noteNow, bool agreed) private pure {
        bool dead = note != 0 && note == noteNow;
        _requireAge(
            age,
            dead
                ? DELAY_IF_DEAD
                : agreed
                    ? DELAY_IF_AGREED
                    : DELAY_ANYHOW
        );
    }

    function _requireAge(uint256 age, uint256 delay) private pure {
        require(age >= delay, IProposals.ProposalNotReady(age, delay));
    }

    /// @dev All sources of a listing must be dead for the listing's to count as dead.
    function _noteOf(StoredListing storage stored) private view returns (uint216 note) {
        FeedSource source = stored.source;
        note = _noteOf(source);
        if (note == 0 || !source.has(PriceFeeds.SECOND)) return note;
        uint216 second = _noteOf(stored.secondSource);
        return second == 0 ? 0 : _fingerprint(abi.encode(note, second));
    }

    /// @dev 0 for a live source; else which it is, with its limits, and whether it is broken or when it was last updated: a source
    /// that took another's place since was not dead when that one was.
    function _noteOf(FeedSource source) private view returns (uint216) {
        (, PriceFeeds.Status status, uint256 updatedAt) = source.inspect();
        if (status == PriceFeeds.Status.Live) return 0;
        if (status == PriceFeeds.Status.Broken) updatedAt = 0; // of one that is too old it is never 0
        return _fingerprint(abi.encode(source.unpack(), updatedAt));
    }

    /// @dev The same of a sequencer's feed, which is never too old.
    function _noteOf(address sequencerFeed, PriceFeeds.Status status) private pure returns (uint216) {
        return status == PriceFeeds.Status.Live ? 0 : _fingerprint(abi.encode(sequencerFeed));
    }

    function _fingerprint(bytes memory data) private pure returns (uint216) {
        return uint216(uint256(keccak256(data))); // the lower bits tell as much
    }

    /// @dev True if the old and the new feeds of a listing are live and put it at prices within its maximum deviation.
    function _agree(
        FeedSource loanAsset,
        uint256 peg,
        StoredListing storage stored,
        FeedSource source,
        FeedSource second
    ) private view returns (bool) {
        uint256 maxDeviation = stored.terms.maxDeviation();
        // Both prices are against the same loan asset, so any price of it will do.
        (uint256 unit, ) = loanAsset.observe();
        if (peg != 0) unit = peg;
        (uint256 oldPrice, bool isLive) = _price(stored.source, stored.secondSource, maxDeviation, unit);
        (uint256 price, ) = _price(source, second, maxDeviation, unit);
        return isLive && SourcePair.agree(oldPrice, price, maxDeviation);
    }

    function _price(
        FeedSource source,
        FeedSource second,
        uint256 maxDeviation,
        uint256 loanAsset
    ) private view returns (uint256 price, bool live) {
        (price, live) = source.priceUp(loanAsset);
        if (!source.has(PriceFeeds.SECOND)) return (price, live);
        (uint256 secondPrice, bool secondLive) = second.priceUp(loanAsset);
        (price, live, ) = SourcePair.forLiquidation(price, live, secondPrice, secondLive, maxDeviation);
    }

    // ------------------------------------------------------------------------------------------------------- Checks

    /// @dev The listing and the cap that it is raised to.
    function _raisedCap(
        Registry storage registry,
        bytes calldata arguments
    ) private view returns (uint256 listing, uint96 cap) {
        uint256 value;
        (listing, value) = abi.decode(arguments, (uint256, uint256));
        cap = Amounts.toUint96(value);
        uint256 current = registry.existing(listing).cap;
        require(cap > current, ILoanBook.CapNotHigher(listing, cap, current));
    }

    /// @dev The listing and the sources that it would get.
    function _newFeeds(
        Registry storage registry,
        bytes calldata arguments
    ) private view returns (uint256 listing, FeedSource source, FeedSource second) {
        ILoanBook.FeedConfig memory feed;
        ILoanBook.FeedConfig memory secondFeed;
        (listing, feed, secondFeed) = abi.decode(arguments, (uint256, ILoanBook.FeedConfig, ILoanBook.FeedConfig));
        (source, second) = _checkedSources(registry.frame, registry.existing(listing).token, feed, secondFeed);
    }

    function _checkedListing(
        Registry storage registry,
        ILoanBook.ListingConfig memory config
    ) private view returns (FeedSource source, FeedSource second) {
        require(registry.count < MAX_SET, ILoanBook.TooManyListings(MAX_SET));
        address token = config.token;
        require(token != registry.frame.loanAsset && token.code.length != 0, ILoanBook.InvalidToken(token));
        _checkTerms(config.terms);
        Amounts.toUint96(config.cap);
        return _checkedSources(registry.frame, token, config.feed, config.secondFeed);
    }

    function _checkTerms(ILoanBook.Terms memory terms) private pure {
        require(
            0 < terms.borrowLtv && terms.borrowLtv < terms.callLtv && terms.callLtv < terms.liquidationLtv,
            ILoanBook.InvalidTerms(terms.borrowLtv, terms.callLtv, terms.liquidationLtv)
        );
        uint256 maxDeviation = terms.maxDeviation;
        require(0 < maxDeviation && maxDeviation < BPS, ILoanBook.InvalidDeviation(maxDeviation));
        uint256 seized = terms.liquidationLtv * (BPS + terms.maxBonus);
        uint256 seizedShare = Math.ceilDiv(seized, BPS - maxDeviation); // up: the stricter
        require(seizedShare <= MAX_SEIZED_SHARE, ILoanBook.LiquidationTooTight(seizedShare, MAX_SEIZED_SHARE));
    }

    function _checkedSources(
        PriceFrame storage frame,
        address token,
        ILoanBook.FeedConfig memory feed,
        ILoanBook.FeedConfig memory secondFeed
    ) private view returns (FeedSource source, FeedSource second) {
        source = _checkedSource(feed, _exponent(frame, token, feed));
        if (secondFeed.feed == address(0)) return (source, second);
        require(secondFeed.feed != feed.feed, ILoanBook.InvalidFeed(secondFeed.feed));
        second = _checkedSource(secondFeed, _exponent(frame, token, secondFeed));
        source = source.with(PriceFeeds.SECOND);
    }

    function _checkedLoanAssetSource(
        PriceFrame storage frame,
        ILoanBook.FeedConfig memory feed
    ) private view returns (FeedSource) {
        _checkBounds(feed);
        uint256 exponent = 36 + _decimals(frame.loanAsset, feed.feed);
        require(exponent == frame.exponent, ILoanBook.PriceScaleOutOfRange(int256(exponent))); // below 600
        bool within = frame.lowest <= feed.minAnswer && feed.maxAnswer <= frame.highest;
        bool holdsPeg = frame.peg == 0 || (feed.minAnswer <= frame.peg && frame.peg <= feed.maxAnswer);
        require(within && holdsPeg, ILoanBook.InvalidBounds(feed.minAnswer, feed.maxAnswer));
        return _checkedSource(feed, 0);
    }

    function _exponent(
        PriceFrame storage frame,
        address token,
        ILoanBook.FeedConfig memory feed
    ) private view returns (uint8) {
        _checkBounds(feed);
        int256 exponent = int256(frame.exponent) - int256(_decimals(token, feed.feed)); // both below 600
        require(0 <= exponent && exponent <= int256(MAX_EXPONENT), ILoanBook.PriceScaleOutOfRange(exponent));
        uint256 scale = 10 ** uint256(exponent); // not negative
        uint256 lowest = Amounts.mulDivDown(feed.minAnswer, scale, frame.highest);
        (uint256 high, ) = Math.mul512(feed.maxAnswer, scale);
        require(lowest >= MIN_PRICE && high < frame.lowest, ILoanBook.PriceScaleOutOfRange(exponent));
        uint256 highest = Amounts.mulDivUp(feed.maxAnswer, scale, frame.lowest);
        uint256 unit = HealthMath.valueUp(1, highest);
        uint256 maxUnit = frame.minDebt / UNITS_IN_MIN_DEBT; // down: the stricter
        require(unit <= maxUnit, ILoanBook.UnitTooValuable(unit, maxUnit));
        return uint8(uint256(exponent)); // at most 77
    }

    function _checkBounds(ILoanBook.FeedConfig memory feed) private pure {
        bool ordered = 0 < feed.minAnswer && feed.minAnswer < feed.maxAnswer;
        require(ordered, ILoanBook.InvalidBounds(feed.minAnswer, feed.maxAnswer));
    }

    /// @dev The decimals of a token and of its feed, together.
    function _decimals(address token, address feed) private view returns (uint256) {
        require(feed.code.length != 0, ILoanBook.InvalidFeed(feed));
        return uint256(IERC20Metadata(token).decimals()) + AggregatorV3Interface(feed).decimals();
    }

    /// @dev A source whose feed answers, live.
    function _checkedSource(ILoanBook.FeedConfig memory feed, uint8 exponent) private view returns (FeedSource source) {
        source = PriceFeeds.pack(feed, exponent);
        (, bool live) = source.observe();
        require(live, ILoanBook.InvalidFeed(feed.feed));
    }

    function _checkSequencerFeed(address feed) private view returns (bool isUp) {
        PriceFeeds.Status status;
        (status, isUp, ) = PriceFeeds.inspectSequencer(feed);
        require(status == PriceFeeds.Status.Live, ILoanBook.InvalidFeed(feed));
    }

    // ------------------------------------------------------------------------------------------------------ Writing

    /// @dev Puts a new listing into the ring of those of its token, so that what all of them pledge can be summed up.
    function _joinRing(Registry storage registry, StoredListing storage stored, uint256 listing) private {
        for (uint256 n = 0; n < listing; n++) {
            StoredListing storage other = registry.listings[n];
            if (other.token != stored.token) continue;
            stored.next = other.next == 0 ? uint8(n + 1) : other.next; // at most 40
            other.next = uint8(listing + 1); // likewise
            return;
        }
    }

    /// @dev Writes a listing's sources. The first one says whether the loan asset's has been replaced.
    function _setFeeds(Registry storage registry, uint256 listing, FeedSource source, FeedSource second) private {
        if (registry.loanAsset.has(PriceFeeds.REPLACED)) source = source.with(PriceFeeds.REPLACED);
        StoredListing storage stored = registry.listings[listing];
        stored.source = source;
        stored.secondSource = second;
        emit ILoanBook.FeedsSet(listing, source.unpack(), source.exponentOf(), second.unpack(), second.exponentOf());
    }

    /// @dev Writes the loan asset's source where it is not the first, and says so in every listing: the book has the first in its code.
    function _setReplacedLoanAsset(Registry storage registry, FeedSource source) private {
        registry.loanAsset = source.with(PriceFeeds.REPLACED);
        uint256 count = registry.count;
        for (uint256 n = 0; n < count; n++) {
            StoredListing storage stored = registry.listings[n];
            stored.source = stored.source.with(PriceFeeds.REPLACED);
        }
    }

    function _setSequencerFeed(Registry storage registry, address feed) private {
        registry.sequencerFeed = feed;
        emit ILoanBook.SequencerFeedSet(feed);
    }
}
