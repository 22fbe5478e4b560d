// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ILenderVault} from "../interfaces/ILenderVault.sol";
import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {StoredLoan} from "./StoredLoans.sol";
import {TermDebt} from "./TermDebt.sol";

/// @dev What one unit of a loan's base has grown to, as a fraction: index / unit; and what ending a term now adds to the numerator, which
/// is 0 for open terms, and after maturity.
/// ```
/// 255      160 159       80 79       0
/// | breakFee  |    unit    |  index  |
/// ```
type Growth is uint256;

using LoanDebt for Growth global;

/// @title LoanDebt
/// @notice What a loan owes, of either kind: debt = base × index / unit.
/// @dev An open-term loan's base is its scaled debt, its index the vault's. A fixed-term loan's base is its principal, and its index is
/// unit + rate × time since it began: simple interest. The base never moves by itself.
library LoanDebt {
    uint256 private constant WAD = 1e18;

    /// @notice True for a fixed-term loan, before its maturity and after.
    function isFixedTerm(ILoanBook.Loan memory loan) internal pure returns (bool) {
        return loan.maturity != 0;
    }

    /// @notice A loan's growth up to now.
    /// @param debtIndex The vault's. [WAD]
    function growthOf(StoredLoan loan, uint256 debtIndex) internal view returns (Growth) {
        if (!loan.isFixedTerm()) return toGrowth(debtIndex, WAD, 0);
        return _termGrowth(loan.since(), loan.maturity(), loan.rate());
    }

    /// @notice The same of a loan as the interface speaks of it.
    function growthOf(ILoanBook.Loan memory loan, uint256 debtIndex) internal view returns (Growth) {
        if (!isFixedTerm(loan)) return toGrowth(debtIndex, WAD, 0);
        return _termGrowth(loan.since, loan.maturity, loan.rate);
    }

    /// @notice A growth from its parts, none of which has more than 80 bits.
    function toGrowth(uint256 index, uint256 unit, uint256 breakFee) internal pure returns (Growth) {
        return Growth.wrap(index | (unit << 80) | (breakFee << 160));
    }

    /// @notice The numerator: the vault's index, or a term's unit and its interest so far.
    function indexOf(Growth growth) internal pure returns (uint256) {
        return uint80(Growth.unwrap(growth)); // the lower 80 bits
    }

    /// @notice The denominator.
    function unitOf(Growth growth) internal pure returns (uint256) {
        return uint80(Growth.unwrap(growth) >> 80); // the middle 80 bits
    }

    /// @notice What ending a term now adds to the numerator.
    function breakFeeOf(Growth growth) internal pure returns (uint256) {
        return Growth.unwrap(growth) >> 160;
    }

    /// @notice What a base amounts to. [asset], rounded up: the borrower bears the wei.
    function debtUp(Growth growth, uint256 base) internal pure returns (uint256) {
        return _mulDivUp(base, indexOf(growth), unitOf(growth));
    }

    /// @notice The fee for retiring a base before its maturity. [asset], rounded up: the borrower bears the wei.
    function feeUp(Growth growth, uint256 base) internal pure returns (uint256) {
        return _mulDivUp(base, breakFeeOf(growth), unitOf(growth));
    }

    /// @notice The part of a payment that is the fee. [asset], rounded down: the rest is the lenders'.
    function feeDown(Growth growth, uint256 base) internal pure returns (uint256) {
        return _mulDivDown(base, breakFeeOf(growth), unitOf(growth));
    }

    /// @notice The base that a drawn amount adds to an open-term loan. [asset / index], rounded up: the borrower bears the wei.
    /// @param debtIndex The vault's. [WAD]
    function scaledUp(uint256 amount, uint256 debtIndex) internal pure returns (uint256) {
        return _mulDivUp(amount, WAD, debtIndex);
    }

    /// @notice The base that a payment retires where no fee is due. Rounded down: the borrower bears the wei.
    function baseDown(Growth growth, uint256 amount) internal pure returns (uint256) {
        return _mulDivDown(amount, unitOf(growth), indexOf(growth));
    }

    /// @notice The base that a payment retires, with the base's interest and fee. Rounded down: the borrower bears the wei.
    function baseWithFeeDown(Growth growth, uint256 amount) internal pure returns (uint256) {
        return _mulDivDown(amount, unitOf(growth), indexOf(growth) + breakFeeOf(growth));
    }

    /// @notice What a payment takes off a debt for certain, whatever the debt is, where no fee is due. [asset], rounded down.
    function retiredDown(Growth growth, uint256 amount) internal pure returns (uint256) {
        return _mulDivDown(baseDown(growth, amount), indexOf(growth), unitOf(growth));
    }

    /// @notice What a part of a loan's base contributes to the vault's sums.
    function debtsOf(StoredLoan loan, uint256 base) internal pure returns (ILenderVault.Debts memory debts) {
        accumulate(debts, loan, base);
    }

    /// @notice Adds what a part of a loan's base contributes to a sum of such parts.
    function accumulate(ILenderVault.Debts memory sum, StoredLoan loan, uint256 base) internal pure {
        // 104 bits, 32 and 32, and fewer parts than 2^64 in one call
        unchecked {
            if (!loan.isFixedTerm()) {
                sum.scaled += base;
            } else {
                uint256 weighted = base * loan.rate();
                sum.principal += base;
                sum.weighted += weighted;
                sum.dated += weighted * loan.since();
            }
        }
    }

    /// @dev Simple interest from `since` on; the fee is that of {TermDebt-BREAK_TIME}, or of the time left if that is less.
    function _termGrowth(uint256 since, uint256 maturity, uint256 rate) private view returns (Growth) {
        uint256 left = Math.saturatingSub(maturity, block.timestamp);
        uint256 index = TermDebt.UNIT + rate * (block.timestamp - since);
        return toGrowth(index, TermDebt.UNIT, rate * Math.min(TermDebt.BREAK_TIME, left));
    }

    /// @dev Rounded down. A base or an amount has at most 128 bits, and what it is multiplied by 80.
    function _mulDivDown(uint256 a, uint256 b, uint256 denominator) private pure returns (uint256) {
        unchecked {
            return (a * b) / denominator;
        }
    }

    /// @dev Rounded up. Likewise.
    function _mulDivUp(uint256 a, uint256 b, uint256 denominator) private pure returns (uint256) {
        unchecked {
            return (a * b + denominator - 1) / denominator;
        }
    }
}
