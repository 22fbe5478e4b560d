// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/interfaces/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {ILenderVault} from "../interfaces/ILenderVault.sol";
import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {Amounts} from "../libraries/Amounts.sol";
import {BookPrices} from "../libraries/BookPrices.sol";
import {BookFrame, Ledger} from "../libraries/Ledger.sol";
import {Growth, LoanDebt} from "../libraries/LoanDebt.sol";
import {LoanLines} from "../libraries/LoanLines.sol";
import {MarginCallRecord} from "../libraries/MarginCallRecord.sol";
import {PledgeLedger} from "../libraries/PledgeLedger.sol";
import {FeedSource, PriceFeeds} from "../libraries/PriceFeeds.sol";
import {StoredLoan} from "../libraries/StoredLoans.sol";

/// @title TermLogic
/// @notice From one kind of loan to another: refinancing, and rolling what has matured. See {TermDebt} for what a term owes.
/// @dev Linked to the book and called by delegatecall.
library TermLogic {
    using LoanDebt for *;
    using LoanLines for Ledger;
    using MarginCallRecord for Ledger;
    using PledgeLedger for Ledger;
    using SafeERC20 for IERC20;

    /// @notice See {ILoanBook-refinance}.
    function refinance(
        Ledger storage ledger,
        BookFrame calldata frame,
        uint256 id,
        ILoanBook.Refinancing calldata order
    ) external returns (uint256 rate, uint256 fee) {
        uint256 index = frame.vault.accrueDebt();
        StoredLoan loan = ledger.loans[id];
        bool wasFixedTerm = loan.isFixedTerm();
        require(wasFixedTerm || order.term.duration != 0, ILoanBook.NotFixedTerm(id));
        Growth growth = loan.growthOf(index);
        uint256 debt = growth.debtUp(loan.base());
        fee = growth.feeUp(loan.base());
        require(fee <= order.maxFee, ILoanBook.BreakFeeAboveMax(fee, order.maxFee));
        uint256 more = Amounts.toUint104(order.amount) + (order.addFee ? fee : 0);
        require(debt + more != 0, ILoanBook.NoDebt(id));

        ILenderVault.Debts memory removed = loan.debtsOf(loan.base());
        uint256 debtAfter = debt + more;
        if (order.term.duration == 0) {
            loan = loan.withoutTerm().withBase(Amounts.toUint104(LoanDebt.scaledUp(debtAfter, index)));
            debtAfter = loan.growthOf(index).debtUp(loan.base()); // rounded up twice
        } else {
            loan = ledger.freeTerm(id, loan);
            loan = startTerm(frame.vault, loan, debtAfter, more, wasFixedTerm ? more : debtAfter, order.term);
            rate = loan.rate();
        }
        if (more != 0) loan = ledger.clear(id, loan); // the check below is the stricter
        ledger.loans[id] = loan;
        if (more != 0) {
            require(debtAfter >= frame.minDebt, ILoanBook.DebtBelowMin(debtAfter, frame.minDebt));
            FeedSource source = ledger.registry.loanAsset;
            if (source.has(PriceFeeds.SEQUENCER)) BookPrices.requireSequencer(ledger.registry);
            ledger.requireWithinLimit(source, frame.peg, id, loan, debtAfter, 0, LoanLines.NONE);
        } else if (loan.isCalled()) {
            ledger.review(frame.peg, id, debt, debtAfter, 0, 0);
        }
        _tell(frame, id, order, removed, loan, fee);
    }

    /// @notice See {ILoanBook-roll}.
    function roll(Ledger storage ledger, BookFrame calldata frame, uint256 id) external {
        uint256 index = frame.vault.accrueDebt();
        StoredLoan loan = ledger.loans[id];
        require(loan.isFixedTerm(), ILoanBook.NotFixedTerm(id));
        require(block.timestamp >= loan.maturity(), ILoanBook.NotMatured(id, loan.maturity()));
        ILenderVault.Debts memory removed = loan.debtsOf(loan.base());
        uint256 debt = loan.growthOf(index).debtUp(loan.base());
        loan = loan.withoutTerm().withBase(Amounts.toUint104(LoanDebt.scaledUp(debt, index)));
        ledger.loans[id] = loan;
        if (loan.isCalled()) {
            ledger.review(frame.peg, id, debt, loan.growthOf(index).debtUp(loan.base()), 0, 0);
        }
        emit ILoanBook.Rolled(id, msg.sender);
        frame.vault.refinanced(removed, loan.debtsOf(loan.base()), 0, 0, 0, address(0));
    }

    /// @notice A loan, without a pledge of its own, as a fixed-term one from now on, at today's quote.
    /// @param principal What it will owe. [asset]
    /// @param debtAdded By how much all debt grows. [asset]
    /// @param termDebtAdded By how much the debt of fixed terms grows. [asset]
    function startTerm(
        ILenderVault vault,
        StoredLoan loan,
        uint256 principal,
        uint256 debtAdded,
        uint256 termDebtAdded,
        ILoanBook.Term calldata term
    ) internal view returns (StoredLoan) {
        uint256 rate = vault.quoteTerm(debtAdded, termDebtAdded, term.duration);
        require(rate <= term.maxRate, ILoanBook.RateAboveMax(rate, term.maxRate));
        // Both times fit 32 bits until 2105, a term being a year at most. The rate is at most 1.03e9, see TermQuote.
        uint256 maturity = block.timestamp + term.duration;
        return loan.withBase(Amounts.toUint104(principal)).withTerm(block.timestamp, maturity, rate);
    }

    /// @dev Tells the vault, which sends what is drawn, and pulls a fee that is paid. The loan is written by then.
    function _tell(
        BookFrame calldata frame,
        uint256 id,
        ILoanBook.Refinancing calldata order,
        ILenderVault.Debts memory removed,
        StoredLoan loan,
        uint256 fee
    ) private {
        emit ILoanBook.Refinanced(
            id,
            msg.sender,
            order.receiver,
            order.amount,
            fee,
            order.addFee,
            loan.rate(),
            loan.maturity()
        );
        uint256 paid = order.addFee ? 0 : fee;
        frame.vault.refinanced(removed, loan.debtsOf(loan.base()), order.amount, fee, paid, order.receiver);
        if (paid != 0) IERC20(frame.loanAsset).safeTransferFrom(msg.sender, address(frame.vault), paid);
    }
}
