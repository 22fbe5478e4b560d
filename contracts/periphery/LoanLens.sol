// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/interfaces/IERC20Metadata.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ILenderVault} from "../interfaces/ILenderVault.sol";
import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {ILoanLens} from "../interfaces/ILoanLens.sol";
import {Amounts} from "../libraries/Amounts.sol";
import {HealthMath} from "../libraries/HealthMath.sol";
import {LiquidationMath} from "../libraries/LiquidationMath.sol";
import {Growth, LoanDebt} from "../libraries/LoanDebt.sol";
import {LoanId} from "../libraries/LoanId.sol";
import {MarginCallRecord} from "../libraries/MarginCallRecord.sol";
import {PledgeSet} from "../libraries/PledgeSet.sol";
import {MARGIN_CALL} from "../libraries/StoredLoans.sol";
import {LoanReader} from "./LoanReader.sol";

/// @title LoanLens
/// @notice The views of a market that nothing in it needs: see {ILoanLens}. One lens serves every market of a chain.
/// @dev It reads a market through its getters, each listing's prices once in a call, and reckons with the market's own libraries.
/// What it says is compared with what the contracts do, to the unit, in test/integration/lens-*.ts.
contract LoanLens is ILoanLens {
    using LoanDebt for *;
    using LoanId for uint256;
    using LoanReader for LoanReader.Market;
    using LoanReader for LoanReader.Position;
    using MarginCallRecord for ILoanBook.MarginCall;
    using PledgeSet for uint40;

    uint256 private constant WAD = 1e18;
    uint256 private constant BPS = 1e4;

    /// @dev Loans of an owner have the numbers below this.
    uint256 private constant NUMBERS = 2 ** 96;

    /// @dev As in the book: the largest power of ten between a feed and a price.
    uint256 private constant MAX_EXPONENT = 77;

    // -------------------------------------------------------------------------------------------------------- Loans

    /// @inheritdoc ILoanLens
    function loansOf(
        ILoanBook book,
        address owner,
        uint96 from,
        uint256 count
    ) external view returns (LoanSummary[] memory loans, uint256 next) {
        next = Math.min(Math.saturatingAdd(from, count), NUMBERS);
        uint256 firstId = uint256(uint160(owner)) << 96;
        uint256[] memory ids = new uint256[](next - from);
        uint256 n = 0;
        for (uint256 number = from; number < next; number++) {
            ILoanBook.Loan memory stored = book.loan(firstId | number);
            if (stored.pledged != 0 || stored.base != 0) ids[n++] = firstId | number;
        }
        loans = new LoanSummary[](n);
        LoanReader.Market memory market = LoanReader.open(book);
        for (uint256 i = 0; i < n; i++) loans[i] = _summaryOf(market, market.read(ids[i]));
    }

    /// @inheritdoc ILoanLens
    function loanDetails(ILoanBook book, uint256 id) external view returns (LoanDetails memory details) {
        LoanReader.Market memory market = LoanReader.open(book);
        LoanReader.Position memory position = market.read(id);
        details.owner = id.ownerOf();
        details.health = market.healthOf(position);
        (details.rate, details.maturity) = (position.loan.rate, position.loan.maturity);
        details.breakFee = position.growth.feeUp(position.loan.base);
        details.marginCall = book.marginCallOf(id);
        details.callState = _stateOf(details.marginCall);
        details.pledges = new PledgeDetails[](position.holdings.length);
        for (uint256 i = 0; i < details.pledges.length; i++) {
            LoanReader.Holding memory holding = position.holdings[i];
            ILoanBook.Prices memory prices = holding.asset.prices;
            details.pledges[i] = PledgeDetails({
                listing: holding.listing,
                amount: holding.amount,
                value: HealthMath.valueDown(holding.amount, prices.forLiquidation),
                prices: prices,
                isRetired: holding.asset.isRetired,
                isSeizable: prices.forSeizure != 0
            });
            details.value += details.pledges[i].value;
        }
    }

    // ---------------------------------------------------------------------------------------------- What it may do

    /// @inheritdoc ILoanLens
    function maxBorrow(ILoanBook book, uint256 id) external view returns (uint256 amount) {
        LoanReader.Market memory market = LoanReader.open(book);
        ILenderVault vault = book.VAULT();
        bool isPaused = vault.pausedUntil(ILenderVault.Activity.Borrow) != 0;
        if (isPaused || !market.isLoanAssetLive || !LoanReader.isChainReady(book)) return 0;

        LoanReader.Position memory position = market.read(id);
        if (position.loan.isFixedTerm()) return 0;
        ILenderVault.State memory state = vault.accruedState();
        uint256 limit = position.borrowLimit();
        uint256 underLimit = Amounts.mulDivDown(limit, WAD, market.index);
        uint256 ofLoan = Math.saturatingSub(Math.min(underLimit, type(uint104).max), position.loan.base);
        uint256 room = Math.min(ofLoan, type(uint104).max - state.scaledDebt);
        amount = Math.min(Amounts.mulDivDown(room, market.index, WAD), state.cash);

        uint256 scaledDebt = position.loan.base + LoanDebt.scaledUp(amount, market.index);
        if (position.growth.debtUp(scaledDebt) < book.MIN_DEBT()) amount = 0;
    }

    /// @inheritdoc ILoanLens
    function maxRelease(ILoanBook book, uint256 id, uint256 listing) external view returns (uint256 amount) {
        LoanReader.Market memory market = LoanReader.open(book);
        _requireListing(market, listing);
        LoanReader.Position memory position = market.read(id);
        LoanReader.Holding memory holding = _holdingOf(position, listing);
        if (position.debt == 0) return holding.amount;
        if (!market.isLoanAssetLive || !LoanReader.isChainReady(book)) return 0;

        // The listing itself counts even if it is retired: what must stay of it is reckoned from its price.
        uint256 others = position.borrowLimit() - LoanReader.limitPart(holding);
        if (position.debt <= others) return holding.amount;
        uint256 price = holding.asset.prices.forBorrowing;
        if (price == 0) return 0; // uncertain, and so needed whole
        uint256 kept = _least(position.debt - others, holding.asset.terms.borrowLtv, price);
        amount = Math.saturatingSub(holding.amount, kept);
    }

    /// @inheritdoc ILoanLens
    function quoteTerm(ILoanBook book, uint256 amount, uint256 duration) external view returns (uint256 rate) {
        return book.VAULT().quoteTerm(amount, amount, duration);
    }

    /// @inheritdoc ILoanLens
    function quoteRefinancing(
        ILoanBook book,
        uint256 id,
        uint256 duration,
        uint256 amount,
        bool addFee
    ) external view returns (uint256 rate, uint256 fee, uint256 debt) {
        ILenderVault vault = book.VAULT();
        ILoanBook.Loan memory loan = book.loan(id);
        Growth growth = loan.growthOf(vault.debtIndex());
        fee = growth.feeUp(loan.base);
        uint256 more = Amounts.toUint104(amount) + (addFee ? fee : 0);
        debt = growth.debtUp(loan.base) + more;
        if (duration != 0) rate = vault.quoteTerm(more, loan.isFixedTerm() ? more : debt, duration);
    }

    // ------------------------------------------------------------------------------------------------ Where it ends

    /// @inheritdoc ILoanLens
    function liquidationPrice(ILoanBook book, uint256 id, uint256 listing) external view returns (uint256 price) {
        LoanReader.Market memory market = LoanReader.open(book);
        _requireListing(market, listing);
        if (market.loanAsset == 0) return 0;
        LoanReader.Position memory position = market.read(id);
        LoanReader.Holding memory holding = _holdingOf(position, listing);
        uint256 others =
            position.lineOf(LoanReader.Line.Liquidation) - LoanReader.linePart(holding, LoanReader.Line.Liquidation);
        if (position.debt <= others) return 0;
        if (holding.amount == 0) return type(uint256).max;
        price = _least(position.debt - others, holding.asset.terms.liquidationLtv, holding.amount);
    }

    /// @inheritdoc ILoanLens
    function answersAt(
        ILoanBook book,
        uint256 listing,
        uint256 price
    ) external view returns (uint256 answer, uint256 secondAnswer) {
        LoanReader.Market memory market = LoanReader.open(book);
        _requireListing(market, listing);
        if (price == 0 || market.loanAsset == 0) return (0, 0);
        ILoanBook.Listing memory stored = book.listings(listing);
        answer = _answerAt(market, stored.token, stored.feed.feed, price);
        if (stored.secondFeed.feed != address(0)) {
            secondAnswer = _answerAt(market, stored.token, stored.secondFeed.feed, price);
        }
    }

    /// @inheritdoc ILoanLens
    function liquidationDrop(ILoanBook book, uint256 id) external view returns (uint256 drop) {
        LoanReader.Market memory market = LoanReader.open(book);
        LoanReader.Position memory position = market.read(id);
        if (position.debt == 0 || market.loanAsset == 0) return WAD;
        if (position.debt > _lineAfter(position, 0)) return 0;
        uint256 tooMuch = WAD; // at which nothing is worth anything
        while (tooMuch - drop > 1) {
            uint256 middle = Math.average(drop, tooMuch);
            if (position.debt > _lineAfter(position, middle)) tooMuch = middle;
            else drop = middle;
        }
    }

    /// @inheritdoc ILoanLens
    function amountToCure(ILoanBook book, uint256 id) external view returns (Cure memory cure) {
        LoanReader.Market memory market = LoanReader.open(book);
        LoanReader.Position memory position = market.read(id);
        cure.additions = new ILoanBook.Pledge[](position.holdings.length);
        uint256 callLine = position.lineOf(LoanReader.Line.Call);
        bool needsCure = market.loanAsset != 0 && position.debt > callLine;
        for (uint256 i = 0; i < cure.additions.length; i++) {
            LoanReader.Holding memory holding = position.holdings[i];
            cure.additions[i].listing = holding.listing;
            if (!needsCure) continue;
            uint256 others = callLine - LoanReader.linePart(holding, LoanReader.Line.Call);
            LoanReader.Asset memory asset = holding.asset;
            uint256 needed = _least(position.debt - others, asset.terms.callLtv, asset.prices.forLiquidation);
            cure.additions[i].amount = needed - holding.amount;
        }
        if (needsCure) cure.repayment = _repaymentTo(callLine, position, book.MIN_DEBT());
    }

    // -------------------------------------------------------------------------------------------------- For keepers

    /// @inheritdoc ILoanLens
    function previewLiquidation(
        ILoanBook book,
        ILoanBook.Order calldata order
    ) external view returns (LiquidationPreview memory preview) {
        LoanReader.Market memory market = LoanReader.open(book);
        if (market.loanAsset == 0) {
            preview.refusal = abi.encodeWithSelector(
                ILoanBook.LoanAssetFeedNotLive.selector,
                book.loanAssetFeed().feed
            );
            return preview;
        }
        LoanReader.Position memory position = market.read(order.id);
        ILoanBook.MarginCall memory call = book.marginCallOf(order.id);
        bool isReady = LoanReader.isChainReady(book);
        LiquidationMath.Position memory p = _liquidationOf(position, order.listing, isReady ? call.overdue() : 0);
        uint256 minDebt = book.MIN_DEBT();
        preview.isSoft = p.debt <= p.liquidationLine && p.debt > p.callLine && p.overdue != 0;
        preview.isLiquidatable = preview.isSoft || p.debt > p.liquidationLine;
        preview.refusal = _refusalBefore(book, order, p, call, isReady);
        if (preview.refusal.length != 0) return preview;
        (uint256 repaid, uint256 seized, uint256 beta) = LiquidationMath.fill(p, order.maxRepay, minDebt);
        uint256 credit = call.earnsCredit() ? LiquidationMath.credit(seized, beta) : 0;
        preview.refusal = _refusalAfter(order, p, repaid, seized, credit, minDebt);
        if (preview.refusal.length != 0) return preview;
        (preview.repaid, preview.seized, preview.credit, preview.bonus) = (repaid, seized - credit, credit, beta);
    }

    /// @inheritdoc ILoanLens
    function liquidatable(ILoanBook book, uint256[] calldata ids) external view returns (uint256[] memory found) {
        LoanReader.Market memory market = LoanReader.open(book);
        if (market.loanAsset == 0) return found;
        bool isReady = LoanReader.isChainReady(book);
        uint256 n = 0;
        found = new uint256[](ids.length);
        for (uint256 i = 0; i < ids.length; i++) {
            ILoanBook.Loan memory loan = book.loan(ids[i]);
            bool isDue = isReady && loan.flags & MARGIN_CALL != 0 && book.marginCallOf(ids[i]).overdue() != 0;
            LoanReader.Line line = isDue ? LoanReader.Line.Call : LoanReader.Line.Liquidation;
            if (_isAbove(market, ids[i], loan, line)) found[n++] = ids[i];
        }
        return _first(found, n);
    }

    /// @inheritdoc ILoanLens
    function callable(ILoanBook book, uint256[] calldata ids) external view returns (uint256[] memory found) {
        LoanReader.Market memory market = LoanReader.open(book);
        if (market.loanAsset == 0) return found;
        uint256 n = 0;
        found = new uint256[](ids.length);
        for (uint256 i = 0; i < ids.length; i++) {
            ILoanBook.Loan memory loan = book.loan(ids[i]);
            if (loan.flags & MARGIN_CALL != 0 && book.marginCallOf(ids[i]).isAlive()) continue;
            if (_isAbove(market, ids[i], loan, LoanReader.Line.Call)) found[n++] = ids[i];
        }
        return _first(found, n);
    }

    /// @inheritdoc ILoanLens
    function marginCallState(ILoanBook book, uint256 id) external view returns (MarginCallState) {
        return _stateOf(book.marginCallOf(id));
    }

    // ----------------------------------------------------------------------------------------------------- Internal

    function _requireListing(LoanReader.Market memory market, uint256 listing) private pure {
        uint256 count = market.assets.length;
        require(listing < count, ILoanBook.ListingNotFound(listing, count));
    }

    /// @dev What a loan pledges of a listing; all zero if it does not.
    function _holdingOf(
        LoanReader.Position memory position,
        uint256 listing
    ) private pure returns (LoanReader.Holding memory holding) {
        for (uint256 i = 0; i < position.holdings.length; i++) {
            if (position.holdings[i].listing == listing) return position.holdings[i];
        }
    }

    function _summaryOf(
        LoanReader.Market memory market,
        LoanReader.Position memory position
    ) private pure returns (LoanSummary memory summary) {
        summary.id = position.id;
        summary.health = market.healthOf(position);
        summary.pledges = new ILoanBook.Pledge[](position.holdings.length);
        for (uint256 i = 0; i < summary.pledges.length; i++) {
            LoanReader.Holding memory holding = position.holdings[i];
            summary.pledges[i] = ILoanBook.Pledge(holding.listing, holding.amount);
        }
    }

    /// @dev The least x with ⌊⌊x × other / 1e36⌋ × ltv / 1e4⌋ ≥ need: tokens at a price, or a price for tokens. The outer floor
    /// reaches `need` from a value of ⌈need × 1e4 / ltv⌉ on, the inner one that value from the result on. A need has at most 116
    /// bits and an LTV is at least 1, so the result has at most 250.
    function _least(uint256 need, uint256 ltv, uint256 other) private pure returns (uint256) {
        return Amounts.mulDivUp(Amounts.mulDivUp(need, BPS, ltv), HealthMath.PRICE_ONE, other);
    }

    /// @dev The least payment that the book accepts and that leaves at most `line` of a debt above it, the fee for ending a term
    /// included. [asset]
    function _repaymentTo(
        uint256 line,
        LoanReader.Position memory position,
        uint256 minDebt
    ) private pure returns (uint256 repayment) {
        uint256 base = position.loan.base;
        Growth growth = position.growth;
        uint256 kept = growth.baseDown(line); // below the base, or the debt were not above the line
        repayment = Amounts.mulDivUp(base - kept, growth.indexOf() + growth.breakFeeOf(), growth.unitOf());
        uint256 left = growth.debtUp(base - growth.baseWithFeeDown(repayment));
        if (left < minDebt) repayment = position.debt + growth.feeUp(base);
    }

    /// @dev The liquidation line after all prices fell by `drop`. [WAD]
    function _lineAfter(LoanReader.Position memory position, uint256 drop) private pure returns (uint256 line) {
        for (uint256 i = 0; i < position.holdings.length; i++) {
            LoanReader.Holding memory holding = position.holdings[i];
            uint256 price = Amounts.mulDivUp(holding.asset.prices.forLiquidation, WAD - drop, WAD);
            line += LoanReader.part(holding.amount, price, holding.asset.terms.liquidationLtv);
        }
    }

    /// @dev The lowest answer of a feed at which its listing's price for liquidation is at least `price`, which is not 0.
    function _answerAt(
        LoanReader.Market memory market,
        address token,
        address feed,
        uint256 price
    ) private view returns (uint256) {
        ILoanBook book = market.book;
        (bool isKnown, uint256 decimals) = _decimalsOf(token, feed);
        (bool isLoanKnown, uint256 loanDecimals) = _decimalsOf(book.LOAN_ASSET(), book.loanAssetFeed().feed);
        if (!isKnown || !isLoanKnown) return type(uint256).max;
        // 0…77, checked at listing; but a feed may say something else by now.
        if (decimals > 36 + loanDecimals || 36 + loanDecimals - decimals > MAX_EXPONENT) return type(uint256).max;
        uint256 scale = 10 ** (36 + loanDecimals - decimals);
        (uint256 high, ) = Math.mul512(price - 1, market.loanAsset);
        if (high >= scale) return type(uint256).max; // more than 256 bits
        return Math.saturatingAdd(Amounts.mulDivDown(price - 1, market.loanAsset, scale), 1);
    }

    /// @dev The decimals of a token and of its feed together, if both tell.
    function _decimalsOf(address token, address feed) private view returns (bool isKnown, uint256 decimals) {
        (bool isTokenKnown, uint256 ofToken) = _toldDecimals(token);
        (bool isFeedKnown, uint256 ofFeed) = _toldDecimals(feed);
        return (isTokenKnown && isFeedKnown, ofToken + ofFeed);
    }

    /// @dev What a contract says of its decimals, at most 255; a `try` would revert where there is no contract any more, or where it
    /// says more or nothing.
    function _toldDecimals(address source) private view returns (bool isKnown, uint256 decimals) {
        bytes memory call = abi.encodeCall(IERC20Metadata.decimals, ());
        (bool success, bytes32 word, ) = LowLevelCall.staticcallReturn64Bytes(source, call);
        isKnown = success && LowLevelCall.returnDataSize() >= 32 && uint256(word) <= type(uint8).max;
        if (isKnown) decimals = uint256(word);
    }

    /// @dev The loan and the pledge that an order names, as the book puts them before {LiquidationMath}.
    function _liquidationOf(
        LoanReader.Position memory position,
        uint256 listing,
        uint256 overdue
    ) private pure returns (LiquidationMath.Position memory p) {
        p.growth = position.growth;
        p.debt = position.debt;
        p.overdue = overdue;
        for (uint256 i = 0; i < position.holdings.length; i++) {
            LoanReader.Holding memory holding = position.holdings[i];
            uint256 value = HealthMath.valueDown(holding.amount, holding.asset.prices.forLiquidation);
            p.value += value;
            if (holding.asset.prices.forSeizure != 0) p.seizableValue += value;
        }
        p.callLine = position.lineOf(LoanReader.Line.Call);
        p.liquidationLine = position.lineOf(LoanReader.Line.Liquidation);
        bool isHard = p.debt > p.liquidationLine;
        p.target = isHard ? position.lineOf(LoanReader.Line.Borrow) : p.callLine;

        LoanReader.Holding memory taken = _holdingOf(position, listing);
        p.pledged = taken.amount;
        p.price = taken.asset.prices.forLiquidation;
        p.seizurePrice = taken.asset.prices.forSeizure;
        p.targetLtv = isHard ? taken.asset.terms.borrowLtv : taken.asset.terms.callLtv;
        p.maxBonus = taken.asset.terms.maxBonus;
        p.bonusSlope = taken.asset.terms.bonusSlope;
    }

    /// @dev Why the book refuses an order before it fills it; empty if it does not.
    function _refusalBefore(
        ILoanBook book,
        ILoanBook.Order calldata order,
        LiquidationMath.Position memory p,
        ILoanBook.MarginCall memory call,
        bool isReady
    ) private view returns (bytes memory) {
        if (p.pledged == 0) return abi.encodeWithSelector(ILoanBook.NotPledged.selector, order.id, order.listing);
        if (p.debt <= p.liquidationLine) {
            if (p.debt <= p.callLine || call.caller == address(0)) {
                return abi.encodeWithSelector(ILoanBook.NotLiquidatable.selector, order.id, p.debt, p.liquidationLine);
            }
            if (!call.isAlive()) {
                return abi.encodeWithSelector(ILoanBook.MarginCallLapsed.selector, order.id, call.lapse);
            }
            if (!isReady) {
                (uint256 upSince, uint256 grace) = LoanReader.sequencerOf(book);
                return abi.encodeWithSelector(ILoanBook.SequencerNotReady.selector, upSince, grace);
            }
            if (p.overdue == 0) {
                return abi.encodeWithSelector(ILoanBook.InCurePeriod.selector, order.id, call.deadline);
            }
        }
        if (p.seizurePrice == 0) return abi.encodeWithSelector(ILoanBook.FeedNotLive.selector, order.listing);
        if (order.maxRepay == 0) return abi.encodeWithSelector(ILoanBook.ZeroAmount.selector);
        return "";
    }

    /// @dev Why it refuses what the order comes to; empty if it does not.
    function _refusalAfter(
        ILoanBook.Order calldata order,
        LiquidationMath.Position memory p,
        uint256 repaid,
        uint256 seized,
        uint256 credit,
        uint256 minDebt
    ) private pure returns (bytes memory) {
        uint256 minSeized = Math.max(order.minSeized, 1);
        if (seized - credit < minSeized) {
            return abi.encodeWithSelector(ILoanBook.SeizedBelowMin.selector, seized - credit, minSeized);
        }
        if (seized == p.pledged || repaid == p.debt) return "";
        uint256 debt = p.debt - repaid;
        if (debt < minDebt) return abi.encodeWithSelector(ILoanBook.DebtBelowMin.selector, debt, minDebt);
        uint256 value = LiquidationMath.valueLeft(p, seized);
        uint256 worthless = LiquidationMath.worthless(minDebt);
        if (value >= worthless || value >= debt) return "";
        return abi.encodeWithSelector(ILoanBook.RemainderTooSmall.selector, value, worthless);
    }

    function _stateOf(ILoanBook.MarginCall memory call) private view returns (MarginCallState) {
        if (call.caller == address(0)) return MarginCallState.None;
        if (!call.isAlive()) return MarginCallState.Lapsed;
        return call.overdue() == 0 ? MarginCallState.Curing : MarginCallState.Due;
    }

    /// @dev The first `n` of a list.
    function _first(uint256[] memory list, uint256 n) private pure returns (uint256[] memory first) {
        first = new uint256[](n);
        for (uint256 i = 0; i < n; i++) first[i] = list[i];
    }

    /// @dev Whether a debt is above a line. Reads no more of a loan than it takes to tell: its pledges until they carry the debt.
    function _isAbove(
        LoanReader.Market memory market,
        uint256 id,
        ILoanBook.Loan memory loan,
        LoanReader.Line line
    ) private view returns (bool) {
        uint256 debt = loan.growthOf(market.index).debtUp(loan.base);
        uint256 sum = 0;
        uint40 rest = loan.pledged;
        while (rest != 0 && sum < debt) {
            uint256 listing;
            (listing, rest) = rest.pop();
            LoanReader.Asset memory asset = market.assetOf(listing);
            uint256 amount = market.book.pledgeOf(id, listing);
            sum += LoanReader.part(amount, asset.prices.forLiquidation, LoanReader.ltvOf(asset, line));
        }
        return debt > sum;
    }
}
