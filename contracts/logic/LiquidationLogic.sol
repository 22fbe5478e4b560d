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
import {HealthMath} from "../libraries/HealthMath.sol";
import {BookFrame, Ledger, MARGIN_CALL} from "../libraries/Ledger.sol";
import {LiquidationMath} from "../libraries/LiquidationMath.sol";
import {Registry, StoredListing} from "../libraries/ListingRegistry.sol";
import {LoanDebt} from "../libraries/LoanDebt.sol";
import {LoanLines} from "../libraries/LoanLines.sol";
import {MarginCallRecord} from "../libraries/MarginCallRecord.sol";
import {PledgeLedger} from "../libraries/PledgeLedger.sol";
import {MAX_SET, PledgeSet} from "../libraries/PledgeSet.sol";

/// @title LiquidationLogic
/// @notice What happens to a loan above its liquidation line, or above its call line when its margin call is due: enough of a
/// pledge is sold to bring it back. See {LiquidationMath} for the formulas.
/// @dev Linked to the book and called by delegatecall. Every call goes the same way: book interest, read each price once, write each
/// loan, tell the vault once, send the collateral, call back, pull the payment.
library LiquidationLogic {
    using BookPrices for Registry;
    using LoanDebt for *;
    using LoanLines for Ledger;
    using MarginCallRecord for *;
    using PledgeLedger for Ledger;
    using PledgeSet for uint40;
    using SafeERC20 for IERC20;

    /// @dev Pledges worth less than the minimum debt divided by this, beside a larger debt, may be written off.
    uint256 private constant WORTHLESS_DIVISOR = 20;

    /// @dev What one call works with.
    struct Run {
        BookFrame frame;
        uint256 index; // [WAD] the vault's
        BookPrices.Board board;
        // what its orders come to
        uint256 repaid; // [asset]
        ILenderVault.Debts retired;
        ILenderVault.Debts lost;
        uint256[MAX_SET] seized; // [token] without credits
        uint40 seizedFrom; // [bitmap] listings
    }

    // ----------------------------------------------------------------------------------------------------- External

    /// @notice See {ILoanBook-liquidate}.
    function liquidate(
        Ledger storage ledger,
        BookFrame memory frame,
        ILoanBook.Order calldata order,
        bytes calldata data
    ) external returns (uint256 repaid, uint256 seized) {
        Run memory run = _begin(ledger, frame);
        bytes memory refusal = _fill(ledger, run, order);
        if (refusal.length != 0) LowLevelCall.bubbleRevert(refusal);
        _settle(ledger, run, data);
        return (run.repaid, run.seized[order.listing]);
    }

    /// @notice See {ILoanBook-liquidateBatch}.
    function liquidateBatch(
        Ledger storage ledger,
        BookFrame memory frame,
        ILoanBook.Order[] calldata orders,
        bytes calldata data
    ) external returns (uint256 repaid, uint256 filled) {
        Run memory run = _begin(ledger, frame);
        for (uint256 i = 0; i < orders.length; i++) {
            if (_fill(ledger, run, orders[i]).length == 0) filled++;
        }
        require(filled != 0, ILoanBook.NothingLiquidated(orders.length));
        _settle(ledger, run, data);
        repaid = run.repaid;
    }

    /// @notice See {ILoanBook-writeOff}.
    function writeOff(Ledger storage ledger, BookFrame memory frame, uint256 id) external returns (uint256 debt) {
        Run memory run = _begin(ledger, frame);
        ILoanBook.Loan memory loan = ledger.loans[id];
        require(loan.base != 0, ILoanBook.NoDebt(id));
        debt = loan.growthOf(run.index).debtUp(loan.base);
        uint256 limit = Math.min(debt, _worthless(frame));
        LoanLines.Lines memory lines = ledger.lines(id, loan.pledged, run.board);
        require(lines.value < limit, ILoanBook.NotWorthless(id, lines.value, limit));
        uint40 dead = loan.pledged & ~run.board.seizable;
        if (dead != 0) {
            (uint256 first, ) = dead.pop();
            revert ILoanBook.FeedNotLive(first);
        }

        delete ledger.loans[id];
        ledger.clear(id, loan.flags);
        run.lost = loan.debtsOf(loan.base);
        run.seizedFrom = loan.pledged;
        uint256[] memory amounts = ledger.takeAll(id, loan.pledged);
        uint256 listing;
        for (uint256 i = 0; i < amounts.length; i++) {
            (listing, loan.pledged) = loan.pledged.pop();
            run.seized[listing] = amounts[i];
        }
        emit ILoanBook.WrittenOff(id, msg.sender, debt);
        _settle(ledger, run, msg.data[:0]);
    }

    // ----------------------------------------------------------------------------------------------------- Internal

    /// @dev Books interest and prepares the board, which needs a price of the loan asset.
    function _begin(Ledger storage ledger, BookFrame memory frame) private returns (Run memory run) {
        run.frame = frame;
        run.index = frame.vault.accrue();
        run.board = ledger.registry.requireBoard(frame.peg);
    }

    /// @dev Fills one order in the book and adds it to the run, or says why it cannot be filled and changes nothing.
    /// @return refusal The encoded error; empty if the order was filled.
    function _fill(
        Ledger storage ledger,
        Run memory run,
        ILoanBook.Order calldata order
    ) private returns (bytes memory refusal) {
        ILoanBook.Loan memory loan = ledger.loans[order.id];
        if (!loan.pledged.contains(order.listing)) {
            return abi.encodeWithSelector(ILoanBook.NotPledged.selector, order.id, order.listing);
        }
        LoanLines.Lines memory lines = ledger.lines(order.id, loan.pledged, run.board);
        ILoanBook.MarginCall memory call = ledger.read(order.id, loan.flags, run.board);
        LiquidationMath.Position memory p = _position(ledger, run, order, loan, lines, call);
        refusal = _refuse(ledger, run, order, p, call);
        if (refusal.length != 0) return refusal;

        (uint256 repaid, uint256 seized, uint256 beta) = LiquidationMath.fill(p, order.maxRepay, run.frame.minDebt);
        uint256 credit = call.earnsCredit() ? LiquidationMath.credit(seized, beta) : 0;
        uint256 minSeized = Math.max(order.minSeized, 1); // nobody pays for nothing
        if (seized - credit < minSeized) {
            return abi.encodeWithSelector(ILoanBook.SeizedBelowMin.selector, seized - credit, minSeized);
        }
        if (seized < p.pledged && repaid < p.debt) {
            uint256 valueLeft = Math.saturatingSub(p.value, HealthMath.valueUp(seized, p.price));
            refusal = _refuseRemainder(run.frame, p.debt - repaid, valueLeft);
            if (refusal.length != 0) return refusal;
        }
        _write(ledger, run, order, loan, p, repaid, seized);
        _share(ledger, run, order, call.caller, seized, credit);
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
            BookPrices.Sequencer memory sequencer = ledger.registry.sequencer(run.board);
            if (!sequencer.isReady) {
                return
                    abi.encodeWithSelector(ILoanBook.SequencerNotReady.selector, sequencer.upSince, BookPrices.GRACE);
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
        BookFrame memory frame,
        uint256 debt,
        uint256 value
    ) private pure returns (bytes memory refusal) {
        if (debt < frame.minDebt) {
            return abi.encodeWithSelector(ILoanBook.DebtBelowMin.selector, debt, frame.minDebt);
        }
        uint256 worthless = _worthless(frame);
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
        ILoanBook.Loan memory loan,
        LiquidationMath.Position memory p,
        uint256 repaid,
        uint256 seized
    ) private {
        uint256 retired = repaid == p.debt ? loan.base : p.growth.baseDown(repaid);
        run.retired.accumulate(loan.debtsOf(retired));
        loan.base -= uint104(retired); // at most the loan's
        loan.pledged = ledger.take(order.id, loan.pledged, order.listing, seized);
        uint256 lost = 0;
        if (loan.pledged == 0 && loan.base != 0) {
            lost = p.growth.debtUp(loan.base);
            run.lost.accumulate(loan.debtsOf(loan.base));
            loan.base = 0;
        }
        if (loan.flags & MARGIN_CALL != 0) _review(ledger, run, order.id, loan, p.growth);
        if (loan.base == 0) loan.endTerm();
        ledger.loans[order.id] = loan;

        run.repaid += repaid;
        bool isSoft = p.debt <= p.liquidationLine;
        emit ILoanBook.Liquidated(order.id, order.listing, msg.sender, repaid, seized, lost, isSoft);
    }

    /// @dev Clears a call if the loan, as it stands after the liquidation, is at or below its borrow limit.
    function _review(
        Ledger storage ledger,
        Run memory run,
        uint256 id,
        ILoanBook.Loan memory loan,
        LoanDebt.Growth memory growth
    ) private {
        uint256 debt = growth.debtUp(loan.base);
        bool isOver = debt == 0 || debt <= ledger.lines(id, loan.pledged, run.board).borrowLimit;
        if (isOver) loan.flags = ledger.clear(id, loan.flags);
    }

    /// @dev Shares what was seized between the liquidator, who gets it at the end, and the margin call's caller, for whom the book
    /// keeps it.
    function _share(
        Ledger storage ledger,
        Run memory run,
        ILoanBook.Order calldata order,
        address caller,
        uint256 seized,
        uint256 credit
    ) private {
        run.seized[order.listing] += seized - credit;
        run.seizedFrom = run.seizedFrom.add(order.listing);
        if (credit == 0) return;
        ledger.credits[caller][order.listing] += credit;
        ledger.registry.listings[order.listing].held += uint104(credit); // it was part of it before
        emit ILoanBook.Credited(order.id, order.listing, caller, credit);
    }

    /// @dev Tells the vault, sends the collateral, calls back, pulls the payment. Every loan is written by then.
    function _settle(Ledger storage ledger, Run memory run, bytes calldata data) private {
        run.frame.vault.repaid(run.repaid, 0, run.retired, run.lost);
        uint40 rest = run.seizedFrom;
        while (rest != 0) {
            uint256 listing;
            (listing, rest) = rest.pop();
            IERC20(ledger.registry.listings[listing].token).safeTransfer(msg.sender, run.seized[listing]);
        }
        if (data.length != 0) ILiquidationCallback(msg.sender).onLiquidation(run.repaid, data);
        if (run.repaid != 0) {
            IERC20(run.frame.loanAsset).safeTransferFrom(msg.sender, address(run.frame.vault), run.repaid);
        }
    }

    /// @dev Below this the pledges of a loan that owes more are worth too little to be liquidated. [asset], rounded down.
    function _worthless(BookFrame memory frame) private pure returns (uint256) {
        return frame.minDebt / WORTHLESS_DIVISOR;
    }

    function _position(
        Ledger storage ledger,
        Run memory run,
        ILoanBook.Order calldata order,
        ILoanBook.Loan memory loan,
        LoanLines.Lines memory lines,
        ILoanBook.MarginCall memory call
    ) private view returns (LiquidationMath.Position memory p) {
        StoredListing storage stored = ledger.registry.listings[order.listing];
        p.growth = loan.growthOf(run.index);
        p.debt = p.growth.debtUp(loan.base);
        bool isHard = p.debt > lines.liquidationLine;
        p.target = isHard ? lines.borrowLimit : lines.callLine;
        p.targetLtv = isHard ? stored.borrowLtv : stored.callLtv;
        p.callLine = lines.callLine;
        p.liquidationLine = lines.liquidationLine;
        p.value = lines.value;
        p.seizableValue = lines.seizableValue;
        p.pledged = ledger.pledges[order.id][order.listing];
        p.price = run.board.prices[order.listing];
        p.seizurePrice = ledger.registry.priceForSeizure(order.listing, run.board);
        p.maxBonus = stored.maxBonus;
        p.bonusSlope = stored.bonusSlope;
        bool isReady = call.caller != address(0) && ledger.registry.sequencer(run.board).isReady;
        if (isReady) p.overdue = call.overdue();
    }
}
