// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/interfaces/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ILenderVault} from "../interfaces/ILenderVault.sol";
import {ILiquidationCallback} from "../interfaces/ILiquidationCallback.sol";
import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {BookPrices} from "../libraries/BookPrices.sol";
import {BookFrame, Ledger} from "../libraries/Ledger.sol";
import {LiquidationMath} from "../libraries/LiquidationMath.sol";
import {Registry} from "../libraries/ListingRegistry.sol";
import {StoredTerms} from "../libraries/ListingTerms.sol";
import {Growth, LoanDebt} from "../libraries/LoanDebt.sol";
import {LoanLines} from "../libraries/LoanLines.sol";
import {MarginCallRecord} from "../libraries/MarginCallRecord.sol";
import {PledgeLedger} from "../libraries/PledgeLedger.sol";
import {MemoryTable, MemoryTables} from "../libraries/MemoryTables.sol";
import {PledgeSet} from "../libraries/PledgeSet.sol";
import {NO_LOAN, StoredLoan} from "../libraries/StoredLoans.sol";

/// @title LiquidationLogic
/// @notice What happens to a loan above its liquidation line, or above its call line when its margin call is due: enough of a
/// pledge is sold to bring it back. See {LiquidationMath} for the formulas.
/// @dev Linked to the book and called by delegatecall. Every call goes the same way: book interest, read each price once, write each
/// loan, tell the vault once, send the collateral, call back, pull the payment.
library LiquidationLogic {
    using BookPrices for Registry;
    using LoanDebt for *;
    using LoanLines for *;
    using MarginCallRecord for *;
    using PledgeLedger for Ledger;
    using PledgeSet for uint40;
    using SafeERC20 for IERC20;

    /// @dev What one call works with. What orders need one after another is made once, and written anew for each.
    struct Run {
        uint256 index; // [WAD] the vault's
        BookPrices.Board board;
        LoanLines.Lines lines; // of the loan at hand
        LiquidationMath.Position position; // of the order at hand
        ILoanBook.MarginCall noCall; // all zero
        // what the orders come to
        uint256 repaid; // [asset]
        ILenderVault.Debts retired;
        ILenderVault.Debts lost;
        uint40 seizedFrom; // [bitmap] listings
        MemoryTable seized; // [token] of each of them, without credits
    }

    // ----------------------------------------------------------------------------------------------------- External

    /// @notice See {ILoanBook-liquidate}.
    function liquidate(
        Ledger storage ledger,
        BookFrame calldata frame,
        ILoanBook.Order calldata order,
        bytes calldata data
    ) external returns (uint256 repaid, uint256 seized) {
        Run memory run;
        _begin(ledger, frame, run);
        bytes memory refusal = _fill(ledger, frame, run, order);
        if (refusal.length != 0) LowLevelCall.bubbleRevert(refusal);
        _settle(ledger, frame, run, data);
        return (run.repaid, run.seized.get(order.listing));
    }

    /// @notice See {ILoanBook-liquidateBatch}.
    function liquidateBatch(
        Ledger storage ledger,
        BookFrame calldata frame,
        ILoanBook.Order[] calldata orders,
        bytes calldata data
    ) external returns (uint256 repaid, uint256 filled) {
        Run memory run;
        _begin(ledger, frame, run);
        for (uint256 i = 0; i < orders.length; i++) {
            if (_fill(ledger, frame, run, orders[i]).length == 0) filled++;
        }
        require(filled != 0, ILoanBook.NothingLiquidated(orders.length));
        _settle(ledger, frame, run, data);
        repaid = run.repaid;
    }

    /// @notice See {ILoanBook-writeOff}.
    function writeOff(Ledger storage ledger, BookFrame calldata frame, uint256 id) external returns (uint256 debt) {
        Run memory run;
        _begin(ledger, frame, run);
        StoredLoan loan = ledger.loans[id];
        uint256 base = loan.base();
        require(base != 0, ILoanBook.NoDebt(id));
        debt = loan.growthOf(run.index).debtUp(base);
        uint256 limit = Math.min(debt, LiquidationMath.worthless(frame.minDebt));
        LoanLines.Lines memory lines = ledger.lines(id, loan, run.board);
        require(lines.value < limit, ILoanBook.NotWorthless(id, lines.value, limit));
        uint40 dead = loan.pledged() & ~run.board.seizable;
        if (dead != 0) {
            (uint256 first, ) = dead.pop();
            revert ILoanBook.FeedNotLive(first);
        }

        ledger.loans[id] = NO_LOAN;
        ledger.clear(id, loan);
        run.lost.accumulate(loan, base);
        run.seizedFrom = loan.pledged();
        while (loan.pledged() != 0) {
            (uint256 listing, ) = loan.pledged().pop();
            uint256 amount = ledger.amountOf(id, loan, listing);
            run.seized.set(listing, amount);
            loan = ledger.take(id, loan, listing, amount);
        }
        emit ILoanBook.WrittenOff(id, msg.sender, debt);
        _settle(ledger, frame, run, msg.data[:0]);
    }

    // ----------------------------------------------------------------------------------------------------- Internal

    /// @dev Books interest and prepares the board, which needs a price of the loan asset.
    function _begin(Ledger storage ledger, BookFrame calldata frame, Run memory run) private {
        run.seized = MemoryTables.create();
        BookPrices.prepare(run.board);
        run.index = frame.vault.accrueDebt();
        run.board.loanAsset = BookPrices.requireLoanAssetForLiquidation(ledger.registry.loanAsset, frame.peg);
    }

    /// @dev Fills one order in the book and adds it to the run, or says why it cannot be filled and changes nothing.
    /// @return refusal The encoded error; empty if the order was filled.
    function _fill(
        Ledger storage ledger,
        BookFrame calldata frame,
        Run memory run,
        ILoanBook.Order calldata order
    ) private returns (bytes memory refusal) {
        StoredLoan loan = ledger.loans[order.id];
        if (!loan.pledged().contains(order.listing)) {
            return abi.encodeWithSelector(ILoanBook.NotPledged.selector, order.id, order.listing);
        }
        ILoanBook.MarginCall memory call = run.noCall;
        if (loan.isCalled()) call = ledger.read(order.id, loan, run.board);
        LiquidationMath.Position memory p = run.position;
        _place(ledger, run, order, loan, call);
        refusal = _refuse(ledger, run, order, p, call);
        if (refusal.length != 0) return refusal;

        (uint256 repaid, uint256 seized, uint256 beta) = LiquidationMath.fill(p, order.maxRepay, frame.minDebt);
        uint256 credit = call.earnsCredit() ? LiquidationMath.credit(seized, beta) : 0;
        unchecked {
            uint256 net = seized - credit; // a credit is a part
            uint256 minSeized = order.minSeized == 0 ? 1 : order.minSeized; // nobody pays for nothing
            if (net < minSeized) return abi.encodeWithSelector(ILoanBook.SeizedBelowMin.selector, net, minSeized);
            if (seized < p.pledged && repaid < p.debt) {
                refusal = _refuseRemainder(frame, p.debt - repaid, LiquidationMath.valueLeft(p, seized));
                if (refusal.length != 0) return refusal;
            }
            _write(ledger, run, order, loan, repaid, seized);
            run.repaid += repaid; // parts of debts that the vault's sums hold
            uint256 sum = run.seizedFrom.contains(order.listing) ? run.seized.get(order.listing) : 0;
            run.seized.set(order.listing, sum + net); // part of what the book holds
        }
        run.seizedFrom = run.seizedFrom.add(order.listing);
        if (credit != 0) {
            ledger.credits[call.caller][order.listing] += credit; // the book goes on holding it
            emit ILoanBook.Credited(order.id, order.listing, call.caller, credit);
        }
    }

    /// @dev Why nobody may take this pledge of this loan; empty if somebody may.
    function _refuse(
        Ledger storage ledger,
        Run memory run,
        ILoanBook.Order calldata order,
        LiquidationMath.Position memory p,
        ILoanBook.MarginCall memory call
    ) private view returns (bytes memory) {
        if (p.debt <= p.liquidationLine) {
            if (p.debt <= p.callLine || call.caller == address(0)) {
                return abi.encodeWithSelector(ILoanBook.NotLiquidatable.selector, order.id, p.debt, p.liquidationLine);
            }
            if (!call.isAlive()) {
                return abi.encodeWithSelector(ILoanBook.MarginCallLapsed.selector, order.id, call.lapse);
            }
            (bool isReady, uint256 upSince) = ledger.registry.sequencer(run.board);
            if (!isReady) {
                return abi.encodeWithSelector(ILoanBook.SequencerNotReady.selector, upSince, BookPrices.GRACE);
            }
            if (p.overdue == 0) {
                return abi.encodeWithSelector(ILoanBook.InCurePeriod.selector, order.id, call.deadline);
            }
        }
        if (!run.board.seizable.contains(order.listing)) {
            return abi.encodeWithSelector(ILoanBook.FeedNotLive.selector, order.listing);
        }
        if (order.maxRepay == 0) return abi.encodeWithSelector(ILoanBook.ZeroAmount.selector);
        return "";
    }

    /// @dev What a liquidation may not leave unless it takes its pledge whole: a debt too small to be a loan, or pledges too
    /// small to be worth taking.
    function _refuseRemainder(
        BookFrame calldata frame,
        uint256 debt,
        uint256 value
    ) private pure returns (bytes memory refusal) {
        if (debt < frame.minDebt) {
            return abi.encodeWithSelector(ILoanBook.DebtBelowMin.selector, debt, frame.minDebt);
        }
        uint256 worthless = LiquidationMath.worthless(frame.minDebt);
        if (value < worthless && value < debt) {
            return abi.encodeWithSelector(ILoanBook.RemainderTooSmall.selector, value, worthless);
        }
    }

    /// @dev Writes a filled order: the debt and the pledge shrink, what is left of the debt is lost with the last pledge, and a
    /// margin call is over if the loan is back at its borrow limit.
    function _write(
        Ledger storage ledger,
        Run memory run,
        ILoanBook.Order calldata order,
        StoredLoan loan,
        uint256 repaid,
        uint256 seized
    ) private {
        (Growth growth, uint256 debt) = (run.position.growth, run.position.debt);
        uint256 base = loan.base();
        uint256 retired = repaid == debt ? base : growth.baseDown(repaid);
        run.retired.accumulate(loan, retired);
        unchecked {
            base -= retired; // at most the base
        }
        loan = ledger.take(order.id, loan, order.listing, seized);
        uint256 lost = 0;
        if (base != 0 && loan.pledged() == 0) {
            lost = growth.debtUp(base);
            run.lost.accumulate(loan, base);
            base = 0;
        }
        loan = loan.withBase(base);
        if (loan.isCalled()) loan = _review(ledger, run, order.id, loan, growth);
        ledger.loans[order.id] = base == 0 ? loan.withoutTerm() : loan;
        bool isSoft = debt <= run.position.liquidationLine;
        emit ILoanBook.Liquidated(order.id, order.listing, msg.sender, repaid, seized, lost, isSoft);
    }

    /// @dev Clears a call if the loan, as it stands after the liquidation, is at or below its borrow limit.
    function _review(
        Ledger storage ledger,
        Run memory run,
        uint256 id,
        StoredLoan loan,
        Growth growth
    ) private returns (StoredLoan) {
        uint256 debt = growth.debtUp(loan.base());
        bool isOver = debt == 0 || debt <= ledger.lines(id, loan, run.board).borrowLimit;
        return isOver ? ledger.clear(id, loan) : loan;
    }

    /// @dev Tells the vault, sends the collateral, calls back, pulls the payment. Every loan is written by then.
    function _settle(Ledger storage ledger, BookFrame calldata frame, Run memory run, bytes calldata data) private {
        if (run.repaid != 0) frame.vault.retire(run.retired, run.repaid, 0);
        if (run.lost.scaled != 0 || run.lost.principal != 0) frame.vault.writeOff(run.lost);
        uint256 listing;
        for (uint40 rest = run.seizedFrom; rest != 0;) {
            (listing, rest) = rest.pop();
            ledger.letGo(listing, run.seized.get(listing));
        }
        for (uint40 rest = run.seizedFrom; rest != 0;) {
            (listing, rest) = rest.pop();
            IERC20(ledger.registry.listings[listing].token).safeTransfer(msg.sender, run.seized.get(listing));
        }
        if (data.length != 0) ILiquidationCallback(msg.sender).onLiquidation(run.repaid, data);
        if (run.repaid != 0) {
            IERC20(frame.loanAsset).safeTransferFrom(msg.sender, address(frame.vault), run.repaid);
        }
    }

    /// @dev Puts a loan and the pledge that an order names into the run, at prices for liquidation.
    function _place(
        Ledger storage ledger,
        Run memory run,
        ILoanBook.Order calldata order,
        StoredLoan loan,
        ILoanBook.MarginCall memory call
    ) private view {
        LiquidationMath.Position memory p = run.position;
        LoanLines.Lines memory lines = run.lines;
        (lines.value, lines.seizableValue, lines.borrowLimit, lines.callLine, lines.liquidationLine) = (0, 0, 0, 0, 0);
        lines.addUp(ledger, order.id, loan, run.board);
        StoredTerms terms = BookPrices.termsOf(run.board, order.listing);
        p.growth = loan.growthOf(run.index);
        p.debt = p.growth.debtUp(loan.base());
        bool isHard = p.debt > lines.liquidationLine;
        p.target = isHard ? lines.borrowLimit : lines.callLine;
        p.targetLtv = isHard ? terms.borrowLtv() : terms.callLtv();
        p.callLine = lines.callLine;
        p.liquidationLine = lines.liquidationLine;
        p.value = lines.value;
        p.seizableValue = lines.seizableValue;
        p.pledged = ledger.amountOf(order.id, loan, order.listing);
        p.price = run.board.prices.get(order.listing);
        p.seizurePrice = BookPrices.priceForSeizure(p.price, run.board.apart.contains(order.listing), terms);
        p.maxBonus = terms.maxBonus();
        p.bonusSlope = terms.bonusSlope();
        p.overdue = 0;
        if (call.caller != address(0)) {
            (bool isReady, ) = ledger.registry.sequencer(run.board);
            if (isReady) p.overdue = call.overdue();
        }
    }
}
