// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILoanBook} from "../../../contracts/interfaces/ILoanBook.sol";
import {PriceModel} from "./PriceModel.sol";

/// @title LoanModel
/// @notice The ledger that is kept beside the market: every loan, margin call and credit as it should be, and what follows from
/// them by the design's sections 5 and 8.
abstract contract LoanModel is PriceModel {
    uint256 internal constant CURE_PERIOD = 24 hours;
    uint256 internal constant LAPSE_PERIOD = 12 hours;

    /// @dev A rate of 1e-9 a year, over a second.
    uint256 internal constant TERM_UNIT = 365 days * 1e9;

    /// @dev A loan but for its pledges, and its margin call.
    struct Account {
        uint256 base; // the scaled debt, or the principal
        uint256 since;
        uint256 maturity; // 0 for an open term
        uint256 rate;
        address caller; // of the margin call; 0 if none stands
        uint256 calledAt;
    }

    /// @dev A margin call as it counts now.
    struct Call {
        uint256 deadline;
        uint256 lapse;
        bool isAlive; // made, and not lapsed
        bool isDue; // and past its deadline
    }

    /// @dev The ledger's sums over all loans.
    struct Totals {
        uint256 scaled; // of open terms
        uint256 principal; // of fixed terms
        uint256 interest; // of fixed terms [asset × TERM_UNIT]
        uint256 openLoans; // with debt
        uint256 termLoans;
    }

    /// @notice All loans that can exist: three of each borrower.
    uint256[] public ids;

    mapping(uint256 id => Account) internal accounts;
    mapping(uint256 id => uint256[LISTINGS]) internal pledgeOf;
    mapping(address caller => uint256[LISTINGS]) internal creditOf;

    /// @notice Of each listing, what is credited to anybody.
    uint256[LISTINGS] public credited;

    /// @notice How often something happened that no action's name tells.
    mapping(string what => uint256) public counts;

    // ---------------------------------------------------------------------------------------------------- The whole

    function totals() public view returns (Totals memory sum) {
        for (uint256 i = 0; i < ids.length; i++) {
            Account memory a = accounts[ids[i]];
            if (a.maturity != 0) {
                sum.principal += a.base;
                sum.interest += a.base * a.rate * (clock() - a.since);
                sum.termLoans++;
            } else if (a.base != 0) {
                sum.scaled += a.base;
                sum.openLoans++;
            }
        }
    }

    /// @notice The ledger's sum of a listing's pledges.
    function ledgerPledged(uint256 listing) external view returns (uint256 sum) {
        for (uint256 i = 0; i < ids.length; i++) sum += pledgeOf[ids[i]][listing];
    }

    /// @notice Reverts unless the book has every loan, and every margin call, as the ledger has it.
    function checkBook() external view {
        for (uint256 i = 0; i < ids.length; i++) _checkLoan(ids[i]);
    }

    function loanCount() external view returns (uint256) {
        return ids.length;
    }

    // --------------------------------------------------------------------------------------------------------- Debt

    function _isFixed(uint256 id) internal view returns (bool) {
        return accounts[id].maturity != 0;
    }

    /// @dev What one unit of a loan's base has grown to, as a fraction.
    function _growth(uint256 id) internal view returns (uint256 index, uint256 unit) {
        Account storage a = accounts[id];
        if (a.maturity == 0) return (vault.debtIndex(), WAD);
        return (TERM_UNIT + a.rate * (clock() - a.since), TERM_UNIT);
    }

    /// @dev What ending a term costs per unit of principal: the interest of seven days, or of the time left. [TERM_UNIT]
    function _breakFee(uint256 id) internal view returns (uint256) {
        Account storage a = accounts[id];
        return clock() >= a.maturity ? 0 : a.rate * _min(7 days, a.maturity - clock());
    }

    function _debt(uint256 id) internal view returns (uint256) {
        return _debtOf(id, accounts[id].base);
    }

    /// @dev What a loan would owe if its base were another.
    function _debtOf(uint256 id, uint256 base) internal view returns (uint256) {
        (uint256 index, uint256 unit) = _growth(id);
        return _ceilDiv(base * index, unit);
    }

    /// @dev The fee for ending a whole term now.
    function _fee(uint256 id) internal view returns (uint256) {
        return _ceilDiv(accounts[id].base * _breakFee(id), TERM_UNIT);
    }

    /// @dev What a payment retires where no fee is due.
    function _retired(uint256 id, uint256 paid) internal view returns (uint256) {
        (uint256 index, uint256 unit) = _growth(id);
        return (paid * unit) / index;
    }

    /// @dev What an amount is in the vault's scaled debt.
    function _scaledUp(uint256 amount) internal view returns (uint256) {
        return _ceilDiv(amount * WAD, vault.debtIndex());
    }

    /// @dev The most that a change of a loan's debt may round off: what a unit of its base owes, and a wei.
    function _dustOf(uint256 id) internal view returns (uint256) {
        (uint256 index, uint256 unit) = _growth(id);
        return index / unit + 1;
    }

    /// @dev A loan without debt is an open-term one, and not called.
    function _setBase(uint256 id, uint256 base) internal {
        if (base == 0) delete accounts[id];
        else accounts[id].base = base;
    }

    // ------------------------------------------------------------------------------------------------- Margin calls

    /// @dev A sequencer that came up after the call and before its lapse leaves the owner five hours; the lapse moves too.
    function _callOf(uint256 id) internal view returns (Call memory call) {
        Account storage a = accounts[id];
        if (a.caller == address(0)) return call;
        call.deadline = a.calledAt + CURE_PERIOD;
        uint256 upSince = _upSince();
        if (a.calledAt < upSince && upSince < call.deadline + LAPSE_PERIOD) {
            call.deadline = _max(call.deadline, upSince + 5 hours);
        }
        call.lapse = call.deadline + LAPSE_PERIOD;
        call.isAlive = clock() < call.lapse;
        call.isDue = call.isAlive && clock() > call.deadline;
    }

    /// @dev After an action: a call is over if the loan is at or below its borrow limit at prices for liquidation; or, where a payment
    /// or a pledge brought it there, at or below its call line.
    function _reviewCall(uint256 id, bool wasAbove) internal {
        Account storage a = accounts[id];
        if (a.caller == address(0)) return;
        Sums memory s = _sums(pledgeOf[id]);
        uint256 debt = _debt(id);
        if (debt > s.target && !(wasAbove && debt <= s.callLine)) return;
        _clearCall(id);
        counts[wasAbove ? "cured" : "back at the limit"]++;
    }

    function _clearCall(uint256 id) internal {
        (accounts[id].caller, accounts[id].calledAt) = (address(0), 0);
    }

    function _isAboveCallLine(uint256 id) internal view returns (bool) {
        return _debt(id) > _sums(pledgeOf[id]).callLine;
    }

    // ----------------------------------------------------------------------------------------------------- Checking

    /// @dev The book has a loan, its pledges and its margin call as the ledger has them.
    function _checkLoan(uint256 id) internal view {
        Account memory a = accounts[id];
        ILoanBook.Loan memory loan = book.loan(id);
        assertEq(loan.base, a.base, "base");
        assertEq(loan.since, a.since, "since");
        assertEq(loan.maturity, a.maturity, "maturity");
        assertEq(loan.rate, a.rate, "rate");
        assertEq(loan.flags, a.caller == address(0) ? 0 : 1, "flags");
        for (uint256 n = 0; n < LISTINGS; n++) {
            uint256 amount = pledgeOf[id][n];
            assertEq(book.pledgeOf(id, n), amount, "pledge");
            assertEq((loan.pledged >> n) % 2 == 1, amount != 0, "pledged");
        }
        if (a.caller == address(0)) return;
        ILoanBook.MarginCall memory call = book.marginCallOf(id);
        Call memory expected = _callOf(id);
        assertEq(call.caller, a.caller, "caller");
        assertEq(call.calledAt, a.calledAt, "calledAt");
        assertEq(call.deadline, expected.deadline, "deadline");
        assertEq(call.lapse, expected.lapse, "lapse");
    }

    /// @dev And its view of a loan is the one computed here.
    function _checkHealth(uint256 id) internal view {
        Sums memory s = _sums(pledgeOf[id]);
        ILoanBook.Health memory health = book.healthOf(id);
        assertEq(health.debt, _debt(id), "debt");
        assertEq(health.borrowLimit, s.borrowLimit, "borrow limit");
        assertEq(health.callLine, s.callLine, "call line");
        assertEq(health.liquidationLine, s.liquidationLine, "liquidation line");
        _checkLoan(id);
    }
}
