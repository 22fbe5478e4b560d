// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ILenderVault} from "../interfaces/ILenderVault.sol";
import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {Amounts} from "./Amounts.sol";
import {TermDebt} from "./TermDebt.sol";

/// @title LoanDebt
/// @notice What a loan owes, of either kind: debt = base × index / unit.
/// @dev An open-term loan's base is its scaled debt, its index the vault's. A fixed-term loan's base is its principal, and its index is
/// unit + rate × time since it began: simple interest. The base never moves by itself.
library LoanDebt {
    uint256 private constant WAD = 1e18;

    /// @notice What one unit of a loan's base has grown to, as a fraction.
    struct Growth {
        uint256 index; // the numerator
        uint256 unit; // the denominator
        uint256 breakFee; // what ending a term now adds to the numerator; 0 for open terms, and after maturity
    }

    /// @notice True for a fixed-term loan, before its maturity and after.
    function isFixedTerm(ILoanBook.Loan memory loan) internal pure returns (bool) {
        return loan.maturity != 0;
    }

    /// @notice A loan's growth up to now.
    /// @param debtIndex The vault's. [WAD]
    function growthOf(ILoanBook.Loan memory loan, uint256 debtIndex) internal view returns (Growth memory growth) {
        if (!isFixedTerm(loan)) return Growth(debtIndex, WAD, 0);
        growth.index = TermDebt.UNIT + loan.rate * (block.timestamp - loan.since);
        growth.unit = TermDebt.UNIT;
        growth.breakFee = loan.rate * Math.min(TermDebt.BREAK_TIME, Math.saturatingSub(loan.maturity, block.timestamp));
    }

    /// @notice What a base amounts to. [asset], rounded up: the borrower bears the wei.
    function debtUp(Growth memory growth, uint256 base) internal pure returns (uint256) {
        return Amounts.mulDivUp(base, growth.index, growth.unit);
    }

    /// @notice The fee for retiring a base before its maturity. [asset], rounded up: the borrower bears the wei.
    function feeUp(Growth memory growth, uint256 base) internal pure returns (uint256) {
        return Amounts.mulDivUp(base, growth.breakFee, growth.unit);
    }

    /// @notice The part of a payment that is the fee. [asset], rounded down: the rest is the lenders'.
    function feeDown(Growth memory growth, uint256 base) internal pure returns (uint256) {
        return Amounts.mulDivDown(base, growth.breakFee, growth.unit);
    }

    /// @notice The base that a drawn amount adds to an open-term loan. [asset / index], rounded up: the borrower bears the wei.
    /// @param debtIndex The vault's. [WAD]
    function scaledUp(uint256 amount, uint256 debtIndex) internal pure returns (uint256) {
        return Amounts.mulDivUp(amount, WAD, debtIndex);
    }

    /// @notice The base that a payment retires where no fee is due. Rounded down: the borrower bears the wei.
    function baseDown(Growth memory growth, uint256 amount) internal pure returns (uint256) {
        return Amounts.mulDivDown(amount, growth.unit, growth.index);
    }

    /// @notice The base that a payment retires, with the base's interest and fee. Rounded down: the borrower bears the wei.
    function baseWithFeeDown(Growth memory growth, uint256 amount) internal pure returns (uint256) {
        return Amounts.mulDivDown(amount, growth.unit, growth.index + growth.breakFee);
    }

    /// @notice What a payment takes off a debt for certain, whatever the debt is, where no fee is due. [asset], rounded down.
    function retiredDown(Growth memory growth, uint256 amount) internal pure returns (uint256) {
        return Amounts.mulDivDown(baseDown(growth, amount), growth.index, growth.unit);
    }

    /// @notice Makes a loan without debt an open-term one.
    function endTerm(ILoanBook.Loan memory loan) internal pure {
        (loan.since, loan.maturity, loan.rate) = (0, 0, 0);
    }

    /// @notice What a part of a loan's base contributes to the vault's sums.
    function debtsOf(ILoanBook.Loan memory loan, uint256 base) internal pure returns (ILenderVault.Debts memory debts) {
        if (!isFixedTerm(loan)) {
            debts.scaled = base;
        } else {
            debts.principal = base;
            debts.weighted = base * loan.rate;
            debts.dated = debts.weighted * loan.since;
        }
    }

    /// @notice Adds one contribution to another.
    function accumulate(ILenderVault.Debts memory sum, ILenderVault.Debts memory debts) internal pure {
        sum.scaled += debts.scaled;
        sum.principal += debts.principal;
        sum.weighted += debts.weighted;
        sum.dated += debts.dated;
    }
}
