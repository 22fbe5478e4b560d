// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILenderVault} from "../../../contracts/interfaces/ILenderVault.sol";
import {ILoanBook} from "../../../contracts/interfaces/ILoanBook.sol";
import {TestFeed} from "../../../contracts/mocks/TestFeed.sol";
import {TestToken} from "../../../contracts/mocks/TestToken.sol";
import {Cheats} from "../helpers/BaseTest.sol";
import {Liquidator} from "../helpers/Liquidator.sol";
import {Market, Officers} from "../helpers/MarketFixture.sol";

/// @title HandlerBase
/// @notice What every action of the handler stands on: the actors, the ledger that is kept beside the market, prices and
/// lines computed from the feeds alone, and the measuring of the share price around each action.
abstract contract HandlerBase is Cheats {
    uint256 internal constant LISTINGS = 3;
    uint256 internal constant PRICE_ONE = 1e36;
    uint256 internal constant VIRTUAL_SHARES = 1e6;

    /// @dev Beyond this many shares, total losses have made a share worth next to nothing; no more deposits then, so that
    /// the products of shares and assets stay within 256 bits.
    uint256 internal constant MANY_SHARES = 1e36;

    /// @dev How an action ended.
    enum Outcome {
        Skipped, // there was nothing to do it with
        Refused, // an error that the state of the market explains
        Succeeded
    }

    /// @dev The share price is `assets / shares`.
    struct Snapshot {
        uint256 assets; // total assets + 1
        uint256 shares; // total supply + virtual shares
        uint256 time;
    }

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
    Officers internal officers;
    Liquidator internal immutable keeper;
    uint256 internal immutable minDebt;
    TestToken[] internal tokens;
    TestFeed[] internal feeds;
    ILoanBook.Terms[] internal terms;
    int256[] internal firstAnswers;

    address[] internal lenders;
    address[] internal borrowers;

    /// @notice All loans that can exist: three of each borrower.
    uint256[] public ids;

    /// @dev Which listings the guardian has retired.
    bool[LISTINGS] internal isRetired;

    // The ledger.
    uint256 public donated; // loan asset, to the vault
    uint256[LISTINGS] public donatedTokens; // to the book
    mapping(uint256 id => uint256[LISTINGS]) internal pledgeOf;
    mapping(uint256 id => uint256) internal scaledOf;

    /// @notice What broke an invariant, and in which action; empty if nothing has.
    mapping(string invariantId => string) public violation;

    /// @notice How often each action ended how.
    mapping(string action => uint256[3]) public outcomes;
    string[] public actions;

    // Of the action under way.
    Outcome private _outcome;
    uint256 internal debtChanges;
    bool internal lossBooked;

    /// @dev Every action is measured: INV-03 is about what happens around one.
    modifier action(string memory name) {
        Snapshot memory before = _snapshot();
        (_outcome, debtChanges, lossBooked) = (Outcome.Skipped, 0, false);
        _;
        _compare(name, before);
        if (outcomes[name][0] + outcomes[name][1] + outcomes[name][2] == 0) actions.push(name);
        outcomes[name][uint256(_outcome)]++;
    }

    constructor(Market memory market) {
        (vault, book, asset, assetFeed) = (market.vault, market.book, market.asset, market.assetFeed);
        (secondFeed, officers, minDebt) = (market.secondFeed, market.officers, market.book.MIN_DEBT());
        keeper = new Liquidator(book, asset);
        for (uint256 n = 0; n < LISTINGS; n++) {
            tokens.push(market.tokens[n]);
            feeds.push(market.feeds[n]);
            firstAnswers.push(market.feeds[n].answer());
            terms.push(book.listings(n).terms);
        }
        for (uint160 i = 1; i <= 3; i++) {
            lenders.push(_actor(address(0xA000 + i)));
            borrowers.push(_actor(address(0xB000 + i)));
            for (uint96 number = 0; number < 3; number++) {
                ids.push(uint256(uint160(borrowers[i - 1])) * 2 ** 96 + number);
            }
        }
    }

    // -------------------------------------------------------------------------------------------------- The ledger

    /// @notice The ledger's sum of scaled debts, and how many loans owe something.
    function ledgerDebt() external view returns (uint256 scaled, uint256 indebted) {
        for (uint256 i = 0; i < ids.length; i++) {
            scaled += scaledOf[ids[i]];
            if (scaledOf[ids[i]] != 0) indebted++;
        }
    }

    /// @notice The ledger's sum of a listing's pledges.
    function ledgerPledged(uint256 listing) external view returns (uint256 sum) {
        for (uint256 i = 0; i < ids.length; i++) sum += pledgeOf[ids[i]][listing];
    }

    /// @notice True if the book has every loan as the ledger has it.
    function isLedgerOfBook() external view returns (bool) {
        for (uint256 i = 0; i < ids.length; i++) {
            ILoanBook.Loan memory loan = book.loan(ids[i]);
            if (loan.scaledDebt != scaledOf[ids[i]]) return false;
            for (uint256 n = 0; n < LISTINGS; n++) {
                uint256 amount = pledgeOf[ids[i]][n];
                if (book.pledgeOf(ids[i], n) != amount) return false;
                if ((amount != 0) != ((loan.pledged >> n) % 2 == 1)) return false;
            }
        }
        return true;
    }

    function loanCount() external view returns (uint256) {
        return ids.length;
    }

    function actionCount() external view returns (uint256) {
        return actions.length;
    }

    function lenderAt(uint256 i) external view returns (address) {
        return lenders[i];
    }

    // ------------------------------------------------------------------------------------------------------ Results

    function _succeeded() internal {
        _outcome = Outcome.Succeeded;
    }

    /// @dev An error that the action may end with; any other, a panic above all, fails the test.
    /// @param expected The selectors of the errors that are expected, one after the other.
    function _refused(bytes memory reason, bytes memory expected) internal {
        bytes4 selector = selectorOf(reason);
        bool found = false;
        for (uint256 i = 0; i < expected.length; i += 4) {
            bytes4 one =
                bytes4(expected[i]) |
                    (bytes4(expected[i + 1]) >> 8) |
                    (bytes4(expected[i + 2]) >> 16) |
                    (bytes4(expected[i + 3]) >> 24);
            if (one == selector) found = true;
        }
        if (!found) {
            assembly ("memory-safe") {
                revert(add(reason, 32), mload(reason))
            }
        }
        _outcome = Outcome.Refused;
    }

    function _violated(string memory invariantId, string memory what) internal {
        if (bytes(violation[invariantId]).length == 0) violation[invariantId] = what;
    }

    // ------------------------------------------------------------------------------------------------- Share price

    function _snapshot() private view returns (Snapshot memory) {
        return Snapshot(vault.totalAssets() + 1, vault.totalSupply() + VIRTUAL_SHARES, clock());
    }

    /// @dev INV-03, by cross multiplication. A price that falls must come with a loss, and then reserves are gone: they are
    /// first to bear it. It may rise with time; within a call by what roundings leave: a unit of scaled debt for each change
    /// of a debt, a wei, and the part of a share that was rounded off.
    function _compare(string memory name, Snapshot memory before) private {
        Snapshot memory now_ = _snapshot();
        uint256 was = before.assets * now_.shares;
        uint256 is_ = now_.assets * before.shares;
        if (is_ < was && !lossBooked) _violated("INV-03", string.concat("the share price fell in ", name));
        if (is_ < was && lossBooked && vault.accruedState().reserves != 0) {
            _violated("INV-03", string.concat("lenders bore a loss before reserves in ", name));
        }
        if (now_.time != before.time) return;
        uint256 dust = debtChanges * (vault.debtIndex() / WAD + 1) + before.assets / before.shares + 1;
        if (is_ > was + dust * before.shares)
            _violated("INV-03", string.concat("the share price stepped up in ", name));
    }

    // ------------------------------------------------------------------------------------------ Prices and lines

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

    /// @dev The debt that the ledger's scaled debt stands for.
    function _debt(uint256 id) internal view returns (uint256) {
        return _ceilDiv(scaledOf[id] * vault.debtIndex(), WAD);
    }

    /// @dev The book's view of a loan is the one computed here.
    function _checkHealth(uint256 id) internal view returns (Sums memory s) {
        s = _sums(pledgeOf[id]);
        ILoanBook.Health memory health = book.healthOf(id);
        assertEq(health.debt, _debt(id), "debt");
        assertEq(health.borrowLimit, s.borrowLimit, "borrow limit");
        assertEq(health.callLine, s.callLine, "call line");
        assertEq(health.liquidationLine, s.liquidationLine, "liquidation line");
    }

    /// @dev All feeds answer again, now; one that was out of its bounds about where it began.
    function _heal() internal {
        assetFeed.setMode(TestFeed.Mode.Answer);
        int256 dollar = assetFeed.answer();
        assetFeed.set(dollar < 6e7 || dollar > 13e7 ? int256(1e8) : dollar);
        for (uint256 n = 0; n < LISTINGS; n++) {
            int256 answer = feeds[n].answer();
            bool isSane = answer >= firstAnswers[n] / 100 && answer <= firstAnswers[n] * 4;
            _setPrice(n, isSane ? answer : firstAnswers[n]);
        }
    }

    /// @dev Both sources of a listing answer this, now.
    function _setPrice(uint256 n, int256 answer) internal {
        feeds[n].setMode(TestFeed.Mode.Answer);
        feeds[n].set(answer);
        if (n != LISTINGS - 1) return;
        secondFeed.setMode(TestFeed.Mode.Answer);
        secondFeed.set(answer / 1e10); // 8 decimals for 18
    }

    // ------------------------------------------------------------------------------------------------------- Picking

    function _lender(uint256 seed) internal view returns (address) {
        return lenders[seed % lenders.length];
    }

    /// @dev A lender or a borrower.
    function _anyone(uint256 seed) internal view returns (address) {
        return seed % 2 == 0 ? _lender(seed / 2) : borrowers[(seed / 2) % borrowers.length];
    }

    function _owner(uint256 id) internal pure returns (address) {
        return address(uint160(id >> 96));
    }

    /// @dev A loan that pledges something, or no loan as `wanted` says; 0 if there is none.
    function _pickLoan(uint256 seed, bool wanted) internal view returns (uint256) {
        for (uint256 i = 0; i < ids.length; i++) {
            uint256 id = ids[((seed % ids.length) + i) % ids.length];
            if ((_pledgedCount(id) != 0) == wanted) return id;
        }
        return 0;
    }

    /// @dev A loan that owes something; 0 if there is none.
    function _pickDebt(uint256 seed) internal view returns (uint256) {
        for (uint256 i = 0; i < ids.length; i++) {
            uint256 id = ids[((seed % ids.length) + i) % ids.length];
            if (scaledOf[id] != 0) return id;
        }
        return 0;
    }

    /// @dev A listing that the loan pledges.
    function _pickPledge(uint256 id, uint256 seed) internal view returns (uint256 n) {
        for (n = seed % LISTINGS; pledgeOf[id][n] == 0; n = (n + 1) % LISTINGS) {}
    }

    function _pledgedCount(uint256 id) internal view returns (uint256 count) {
        for (uint256 n = 0; n < LISTINGS; n++) if (pledgeOf[id][n] != 0) count++;
    }

    /// @dev How many tokens of a listing are worth an amount.
    function _tokensWorth(uint256 n, uint256 value) internal view returns (uint256) {
        return (value * PRICE_ONE) / _prices(n).forLiquidation + 1;
    }

    /// @dev One random number from another.
    function _mix(uint256 seed, uint256 salt) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, salt)));
    }

    function _min(uint256 a, uint256 b) private pure returns (uint256) {
        return a < b ? a : b;
    }

    function _ceilDiv(uint256 a, uint256 b) internal pure returns (uint256) {
        return a == 0 ? 0 : (a - 1) / b + 1;
    }

    /// @dev An actor with approvals for whatever it will do.
    function _actor(address who) private returns (address) {
        vm.startPrank(who);
        asset.approve(address(vault), type(uint256).max);
        asset.approve(address(book), type(uint256).max);
        for (uint256 n = 0; n < LISTINGS; n++) tokens[n].approve(address(book), type(uint256).max);
        vm.stopPrank();
        return who;
    }
}
