// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {Amounts} from "../libraries/Amounts.sol";
import {Ledger} from "../libraries/Ledger.sol";
import {LoanDebt} from "../libraries/LoanDebt.sol";
import {PledgeLedger} from "../libraries/PledgeLedger.sol";
import {StoredLoan} from "../libraries/StoredLoans.sol";
import {TermLogic} from "../logic/TermLogic.sol";
import {Loans} from "./Loans.sol";

/// @title Terms
/// @notice Loans whose rate is fixed for a term. What is rare is in {TermLogic}.
abstract contract Terms is Loans {
    using LoanDebt for *;
    using PledgeLedger for Ledger;

    /// @inheritdoc ILoanBook
    function openTerm(
        uint256 id,
        Pledge[] calldata pledges,
        uint256 amount,
        Term calldata term,
        address receiver
    ) external onlyOwnerOrOperator(id) returns (uint256 rate) {
        StoredLoan loan_ = _pledgeNew(id, pledges);
        require(amount != 0, ZeroAmount());
        uint256 principal = Amounts.toUint104(amount);
        _accrue();
        loan_ = TermLogic.startTerm(VAULT, _ledger.freeTerm(id, loan_), principal, principal, principal, term);
        rate = loan_.rate();
        emit TermStarted(id, rate, loan_.maturity());
        _lend(id, loan_, principal, principal, loan_.debtsOf(principal), receiver, loan_.pledged());
        _pullPledges(pledges);
    }

    /// @inheritdoc ILoanBook
    function refinance(
        uint256 id,
        Refinancing calldata order
    ) external onlyOwnerOrOperator(id) returns (uint256 rate, uint256 fee) {
        return TermLogic.refinance(_ledger, _bookFrame(), id, order);
    }

    /// @inheritdoc ILoanBook
    function roll(uint256 id) external {
        TermLogic.roll(_ledger, _bookFrame(), id);
    }
}
