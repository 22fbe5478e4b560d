// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILenderVault} from "../../../contracts/interfaces/ILenderVault.sol";
import {ILoanBook} from "../../../contracts/interfaces/ILoanBook.sol";
import {TestFeed} from "../../../contracts/mocks/TestFeed.sol";
import {TestToken} from "../../../contracts/mocks/TestToken.sol";
import {Cheats} from "../helpers/BaseTest.sol";
import {Market} from "../helpers/MarketFixture.sol";

/// @title PriceModel
/// @notice What the market's assets should count, worked out from the feeds and the design's section 7 alone; and how feeds are set.
abstract contract PriceModel is Cheats {
    uint256 internal constant LISTINGS = 3;
    uint256 internal constant PRICE_ONE = 1e36;

    /// @dev A loan's sums at prices for liquidation, and its borrow limit at prices for borrowing. [asset]
    struct Sums {
        uint256 value;
        uint256 seizableValue;
        uint256 target; // Σ value × borrow LTV
        uint256 callLine;
        uint256 liquidationLine;
        uint256 borrowLimit;
    }

    /// @dev A listing's prices as they should count.
    struct Prices {
        uint256 forBorrowing;
        uint256 forLiquidation;
        uint256 forSeizure;
        bool live; // any source
        bool apart; // two live ones
        bool certain; // all live, and not apart
    }

    ILenderVault internal immutable vault;
    ILoanBook internal immutable book;
    TestToken internal immutable asset;
    TestFeed internal immutable assetFeed;
    TestFeed internal immutable secondFeed;
    TestFeed internal immutable sequencerFeed;
    uint256 internal immutable minDebt;
    TestToken[] internal tokens;
    TestFeed[] internal feeds;
    ILoanBook.Terms[] internal terms;
    int256[] internal firstAnswers;

    /// @dev Which listings the guardian has retired.
    bool[LISTINGS] internal isRetired;

    constructor(Market memory market, TestFeed sequencerFeed_) {
        (vault, book, asset, assetFeed) = (market.vault, market.book, market.asset, market.assetFeed);
        (secondFeed, sequencerFeed, minDebt) = (market.secondFeed, sequencerFeed_, market.book.MIN_DEBT());
        for (uint256 n = 0; n < LISTINGS; n++) {
            tokens.push(market.tokens[n]);
            feeds.push(market.feeds[n]);
            firstAnswers.push(market.feeds[n].answer());
            terms.push(book.listings(n).terms);
        }
    }

    // ------------------------------------------------------------------------------------------------------- Prices

    /// @dev What a feed's answer counts as, by the rules of the design.
    function _observed(TestFeed feed, uint256 lower, uint256 upper) private view returns (uint256 answer, bool live) {
        int256 raw = feed.answer();
        if (feed.mode() != TestFeed.Mode.Answer || raw <= 0) return (upper, false);
        if (uint256(raw) < lower) return (lower, false);
        if (uint256(raw) > upper) return (upper, false);
        uint256 updatedAt = feed.updatedAt();
        live = updatedAt != 0 && updatedAt <= clock() && clock() <= updatedAt + 1 days;
        return (uint256(raw), live);
    }

    function _assetPrice() internal view returns (uint256 answer, bool live) {
        return _observed(assetFeed, 5e7, 2e8);
    }

    /// @dev A listing's prices by the design's table, from its feeds and their decimals.
    function _prices(uint256 n) internal view returns (Prices memory p) {
        uint256 upper = [uint256(1e13), 1e14, 5e19][n];
        uint256 lower = [uint256(1e6), 1e7, 1e15][n];
        (p.forBorrowing, p.forLiquidation, p.live) = _priceBy(n, feeds[n], lower, upper);
        p.forSeizure = p.forLiquidation;
        p.certain = p.live;
        if (n != LISTINGS - 1) return p;
        (uint256 down, uint256 up, bool live) = _priceBy(n, secondFeed, 1e5, 5e9);
        if (p.live != live) {
            p.forBorrowing = 0;
            if (live) p.forLiquidation = up;
            p.forSeizure = p.forLiquidation;
            p.live = true;
            p.certain = false;
            return p;
        }
        uint256 maxDeviation = terms[n].maxDeviation;
        p.forBorrowing = _within(p.forBorrowing, down, maxDeviation) ? _min(p.forBorrowing, down) : 0;
        p.apart = live && !_within(p.forLiquidation, up, maxDeviation);
        p.certain = live && !p.apart;
        if (up > p.forLiquidation) p.forLiquidation = up;
        p.forSeizure = p.apart ? _ceilDiv(p.forLiquidation * (BPS - maxDeviation), BPS) : p.forLiquidation;
    }

    /// @dev What one source makes of a listing. 36 + 6 decimals of the loan asset + 8 of its feed - those of token and feed.
    function _priceBy(
        uint256 n,
        TestFeed feed,
        uint256 lower,
        uint256 upper
    ) private view returns (uint256 down, uint256 up, bool live) {
        uint256 answer;
        (answer, live) = _observed(feed, lower, upper);
        (uint256 dollar, bool dollarLive) = _assetPrice();
        uint256 scaled = answer * 10 ** (50 - uint256(tokens[n].decimals()) - feed.decimals());
        if (dollarLive && live) down = scaled / (dollar > 1e8 ? dollar : 1e8);
        up = _ceilDiv(scaled, dollarLive && dollar < 1e8 ? dollar : 1e8);
    }

    function _within(uint256 a, uint256 b, uint256 maxDeviation) private pure returns (bool) {
        (uint256 low, uint256 high) = a < b ? (a, b) : (b, a);
        return (high - low) * BPS <= high * maxDeviation;
    }

    // -------------------------------------------------------------------------------------------------------- Feeds

    /// @dev All feeds answer again, now; one that was out of its bounds about where it began. A sequencer that was down came up an
    /// hour ago.
    function _heal() internal {
        assetFeed.setMode(TestFeed.Mode.Answer);
        int256 dollar = assetFeed.answer();
        assetFeed.set(dollar < 6e7 || dollar > 13e7 ? int256(1e8) : dollar);
        for (uint256 n = 0; n < LISTINGS; n++) {
            int256 answer = feeds[n].answer();
            bool isSane = answer >= firstAnswers[n] / 100 && answer <= firstAnswers[n] * 4;
            _setPrice(n, isSane ? answer : firstAnswers[n]);
        }
        if (_upSince() != 0) return;
        sequencerFeed.setMode(TestFeed.Mode.Answer);
        sequencerFeed.setAt(0, clock() - 1 hours);
    }

    /// @dev Both sources of a listing answer this, now.
    function _setPrice(uint256 n, int256 answer) internal {
        feeds[n].setMode(TestFeed.Mode.Answer);
        feeds[n].set(answer);
        if (n != LISTINGS - 1) return;
        secondFeed.setMode(TestFeed.Mode.Answer);
        secondFeed.set(answer / 1e10); // 8 decimals for 18
    }

    // -------------------------------------------------------------------------------------------------------- Lines

    function _sums(uint256[LISTINGS] memory amounts) internal view returns (Sums memory) {
        return _sums(amounts, LISTINGS);
    }

    /// @param released Counts for borrowing even if it is retired.
    function _sums(uint256[LISTINGS] memory amounts, uint256 released) internal view returns (Sums memory s) {
        for (uint256 n = 0; n < LISTINGS; n++) {
            if (amounts[n] == 0) continue;
            Prices memory p = _prices(n);
            uint256 value = (amounts[n] * p.forLiquidation) / PRICE_ONE;
            s.value += value;
            if (p.live) s.seizableValue += value;
            s.target += (value * terms[n].borrowLtv) / BPS;
            s.callLine += (value * terms[n].callLtv) / BPS;
            s.liquidationLine += (value * terms[n].liquidationLtv) / BPS;
            if (isRetired[n] && n != released) continue;
            s.borrowLimit += (((amounts[n] * p.forBorrowing) / PRICE_ONE) * terms[n].borrowLtv) / BPS;
        }
    }

    /// @dev How many tokens of a listing are worth an amount.
    function _tokensWorth(uint256 n, uint256 value) internal view returns (uint256) {
        return (value * PRICE_ONE) / _prices(n).forLiquidation + 1;
    }

    // ---------------------------------------------------------------------------------------------------- Sequencer

    /// @dev When the sequencer came up; 0 if it is not known to be up.
    function _upSince() internal view returns (uint256) {
        bool isUp = sequencerFeed.mode() == TestFeed.Mode.Answer && sequencerFeed.answer() == 0;
        return isUp ? sequencerFeed.startedAt() : 0;
    }

    /// @dev Whether it has been up for an hour.
    function _isSequencerReady() internal view returns (bool) {
        return _upSince() != 0 && clock() >= _upSince() + 1 hours;
    }

    // ----------------------------------------------------------------------------------------------------- Internal

    function _min(uint256 a, uint256 b) internal pure returns (uint256) {
        return a < b ? a : b;
    }

    function _max(uint256 a, uint256 b) internal pure returns (uint256) {
        return a < b ? b : a;
    }

    function _ceilDiv(uint256 a, uint256 b) internal pure returns (uint256) {
        return a == 0 ? 0 : (a - 1) / b + 1;
    }
}
