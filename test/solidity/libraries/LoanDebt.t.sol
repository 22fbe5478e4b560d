// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILenderVault} from "../../../contracts/interfaces/ILenderVault.sol";
import {ILoanBook} from "../../../contracts/interfaces/ILoanBook.sol";
import {LoanDebt} from "../../../contracts/libraries/LoanDebt.sol";
import {BaseTest} from "../helpers/BaseTest.sol";
import {Growths} from "../helpers/Growths.sol";

/// @notice {LoanDebt} against the definitions of its roundings, for both kinds of loans.
contract LoanDebtTest is BaseTest {
    using LoanDebt for *;

    uint256 private constant YEAR = Growths.YEAR;
    uint256 private constant MAX_BASE = type(uint104).max;
    uint256 private constant START = 1_800_000_000;

    // ------------------------------------------------------------------------------------------------------ Growth

    /// @dev An open-term loan grows with the vault's index, whatever is left in its other fields, and has no fee.
    function testFuzz_Growth_ofOpenTermIsTheIndex(uint256 index, uint32 since, uint32 rate) public view {
        ILoanBook.Loan memory loan;
        (loan.since, loan.rate) = (since, rate);
        LoanDebt.Growth memory growth = loan.growthOf(index);
        assertFalse(loan.isFixedTerm());
        assertEq(abi.encode(growth), abi.encode(LoanDebt.Growth(index, WAD, 0)));
    }

    /// @dev A fixed-term loan grows by its rate from its beginning, past its maturity as before it. The fee is the interest of a
    /// week, or of the time to maturity if that is less.
    function testFuzz_Growth_ofFixedTermIsSimple(
        uint256 index,
        uint256 rate,
        uint256 duration,
        uint256 elapsed
    ) public {
        duration = bound(duration, 7 days, 365 days);
        elapsed = bound(elapsed, 0, 2 * duration);
        ILoanBook.Loan memory loan = fixedLoan(bound(rate, 0.02e9, 1.03e9), duration);
        vm.warp(START + elapsed);
        LoanDebt.Growth memory growth = loan.growthOf(index);
        uint256 left = elapsed < duration ? duration - elapsed : 0;
        assertTrue(loan.isFixedTerm());
        assertEq(growth.index, YEAR + loan.rate * elapsed);
        assertEq(growth.unit, YEAR);
        assertEq(growth.breakFee, loan.rate * (left < 7 days ? left : 7 days));
    }

    /// @dev 10,000 dollars at 7.3 % for 100 days cost 2 dollars a day: 60 after 30, a week of it to end the term, a day's on the last.
    function test_Growth_ofFixedTermExample() public {
        ILoanBook.Loan memory loan = fixedLoan(0.073e9, 100 days);
        vm.warp(START + 30 days);
        LoanDebt.Growth memory growth = loan.growthOf(WAD);
        assertEq(growth.debtUp(10_000e6), 10_060e6);
        assertEq(growth.feeUp(10_000e6), 14e6);
        assertEq(growth.baseWithFeeDown(10_074e6), 10_000e6);
        assertEq(growth.baseDown(10_060e6), 10_000e6);
        vm.warp(START + 99 days);
        assertEq(loan.growthOf(WAD).debtUp(10_000e6), 10_198e6);
        assertEq(loan.growthOf(WAD).feeUp(10_000e6), 2e6);
        vm.warp(START + 100 days);
        assertEq(loan.growthOf(WAD).feeUp(10_000e6), 0);
        vm.warp(START + 200 days);
        assertEq(loan.growthOf(WAD).debtUp(10_000e6), 10_400e6);
    }

    // --------------------------------------------------------------------------------------------------- Roundings

    /// @dev The least whole number that is not below base × index / unit, and the same of the fee; its part of a payment rounds down.
    function testFuzz_Roundings_areAsNamed(uint256 seed, uint256 base) public pure {
        LoanDebt.Growth memory growth = Growths.any(seed);
        base = bound(base, 0, MAX_BASE);
        assertCeil(growth.debtUp(base), base * growth.index, growth.unit);
        assertCeil(growth.feeUp(base), base * growth.breakFee, growth.unit);
        assertFloor(growth.feeDown(base), base * growth.breakFee, growth.unit);
        assertFloor(growth.baseDown(base), base * growth.unit, growth.index);
        assertFloor(growth.baseWithFeeDown(base), base * growth.unit, growth.index + growth.breakFee);
    }

    // ------------------------------------------------------------------------------------------------- Round trips

    /// @dev Drawing and paying back at once costs at least what was drawn, and at most one unit of scaled debt more.
    function testFuzz_ScaledUp_roundTripCostsAtMostOneUnit(uint256 seed, uint256 amount) public pure {
        LoanDebt.Growth memory growth = Growths.openTerm(seed);
        amount = bound(amount, 0, MAX_BASE);
        uint256 debt = growth.debtUp(LoanDebt.scaledUp(amount, growth.index));
        assertGe(debt, amount);
        assertLe(debt, amount + growth.index / WAD + 1);
    }

    /// @dev A fixed-term loan that has just begun owes what was drawn, to the unit.
    function testFuzz_DebtUp_isThePrincipalAtTheBeginning(uint256 base, uint256 rate) public {
        base = bound(base, 0, MAX_BASE);
        ILoanBook.Loan memory loan = fixedLoan(bound(rate, 0.02e9, 1.03e9), 30 days);
        vm.warp(START);
        assertEq(loan.growthOf(WAD).debtUp(base), base);
    }

    // ---------------------------------------------------------------------------------------------------- Payments

    /// @dev Without a fee, what a payment takes off a debt is never more than the payment, and at most one unit of base less.
    function testFuzz_BaseDown_takesOffAtMostThePayment(uint256 seed, uint256 base, uint256 amount) public pure {
        LoanDebt.Growth memory growth = Growths.any(seed);
        base = bound(base, 1, MAX_BASE);
        uint256 debt = growth.debtUp(base);
        amount = bound(amount, 0, debt - 1);
        uint256 left = growth.debtUp(base - growth.baseDown(amount));
        assertGe(left, debt - amount);
        assertLe(left, debt - amount + growth.index / growth.unit + 1);
    }

    /// @dev With a fee, a payment covers what it takes off the debt and the fee of that, and loses at most one unit of base with its fee.
    function testFuzz_BaseWithFeeDown_paysForDebtAndFee(uint256 seed, uint256 base, uint256 amount) public pure {
        LoanDebt.Growth memory growth = Growths.fixedTerm(seed);
        base = bound(base, 1, MAX_BASE);
        uint256 debt = growth.debtUp(base);
        amount = bound(amount, 0, debt + growth.feeUp(base) - 1);
        uint256 retired = growth.baseWithFeeDown(amount);
        uint256 shrunk = debt - growth.debtUp(base - retired);
        uint256 fee = growth.feeDown(retired);
        assertLe(shrunk + fee, amount);
        assertLe(amount, shrunk + fee + (growth.index + growth.breakFee) / growth.unit + 2);
        // What the vault books: the lenders' part pays for the exact debt of what is retired.
        assertLe(retired * growth.index, (amount - fee) * growth.unit);
    }

    /// @dev Who pays debt and fee retires the whole base, with no more than a unit of each to spare; who pays a unit less retires no more
    /// than that.
    function testFuzz_BaseDown_ofAllIsAll(uint256 seed, uint256 base) public pure {
        LoanDebt.Growth memory growth = Growths.any(seed);
        base = bound(base, 1, MAX_BASE);
        uint256 debt = growth.debtUp(base);
        uint256 fee = growth.feeUp(base);
        assertGe(growth.baseDown(debt), base);
        assertGe(growth.baseWithFeeDown(debt + fee), base);
        assertLe(growth.baseDown(debt - 1), base);
        assertLe(growth.baseWithFeeDown(debt + fee - 1), base);
        assertLt((debt + fee) * growth.unit, base * (growth.index + growth.breakFee) + 2 * growth.unit);
    }

    /// @dev The fee is no more than a week's interest at 103 %, and debt and fee no more than what would be owed at maturity, but for a
    /// unit.
    function testFuzz_FeeUp_isAtMostAWeek(uint256 base, uint256 rate, uint256 duration, uint256 elapsed) public {
        base = bound(base, 1, MAX_BASE);
        duration = bound(duration, 7 days, 365 days);
        elapsed = bound(elapsed, 0, 2 * duration);
        ILoanBook.Loan memory loan = fixedLoan(bound(rate, 0.02e9, 1.03e9), duration);
        vm.warp(START + elapsed);
        LoanDebt.Growth memory growth = loan.growthOf(WAD);
        uint256 fee = growth.feeUp(base);
        assertLe(fee, (base * 1.03e9 * 7 days) / YEAR + 1);
        if (elapsed >= duration) return assertEq(fee, 0);
        vm.warp(START + duration);
        uint256 atMaturity = loan.growthOf(WAD).debtUp(base);
        assertLe(growth.debtUp(base) + fee, atMaturity + 1);
        assertLe(fee - growth.feeDown(base), 1);
    }

    /// @dev No payments retire more than is owed: together they pay for debt and fee, to the last fraction of a unit; nor, where there
    /// is no fee, do they cost less than paying at once. (Where there is one, debt and fee round up apart, and a part payment can save
    /// the second of the two units.)
    function testFuzz_Payments_inPartsAreNotCheaper(uint256 seed, uint256 base, uint256[8] memory parts) public pure {
        LoanDebt.Growth memory growth = Growths.any(seed);
        base = bound(base, 1, MAX_BASE);
        uint256 exact = base * (growth.index + growth.breakFee); // [asset × unit]
        uint256 atOnce = growth.debtUp(base) + growth.feeUp(base);
        uint256 paid = 0;
        for (uint256 i = 0; i < parts.length && base != 0; i++) {
            uint256 owed = growth.debtUp(base) + growth.feeUp(base);
            uint256 part = bound(parts[i] >> 8, 0, owed - 1) >> (parts[i] % 128); // all sizes
            base -= growth.baseWithFeeDown(part);
            paid += part;
        }
        paid += growth.debtUp(base) + growth.feeUp(base);
        assertGe(paid * growth.unit, exact);
        assertGe(paid + (growth.breakFee == 0 ? 0 : parts.length), atOnce);
    }

    /// @dev What a liquidation counts as taken off is taken off, whatever the debt is.
    function testFuzz_RetiredDown_isCertain(uint256 seed, uint256 base, uint256 amount) public pure {
        LoanDebt.Growth memory growth = Growths.any(seed);
        base = bound(base, 1, MAX_BASE);
        uint256 debt = growth.debtUp(base);
        amount = bound(amount, 0, debt - 1);
        uint256 retired = growth.retiredDown(amount);
        assertLe(retired, amount);
        assertLe(growth.debtUp(base - growth.baseDown(amount)) + retired, debt);
        assertLe(amount, retired + growth.index / growth.unit + 1);
    }

    // ---------------------------------------------------------------------------------------------------- The sums

    /// @dev Each kind contributes to its own sums, and two parts of a loan as much as the whole.
    function testFuzz_DebtsOf_addUp(uint256 base, uint256 part, uint32 rate, uint32 since, bool isFixed) public pure {
        base = bound(base, 0, MAX_BASE);
        part = bound(part, 0, base);
        ILoanBook.Loan memory loan;
        (loan.rate, loan.since, loan.maturity) = (rate, since, isFixed ? 1 : 0);
        ILenderVault.Debts memory whole =
            isFixed ? ILenderVault.Debts(0, base, base * rate, base * rate * since) : ILenderVault.Debts(base, 0, 0, 0);
        assertEq(abi.encode(loan.debtsOf(base)), abi.encode(whole));
        ILenderVault.Debts memory sum = loan.debtsOf(part);
        sum.accumulate(loan.debtsOf(base - part));
        assertEq(abi.encode(sum), abi.encode(whole));
    }

    function testFuzz_EndTerm_makesAnOpenTermLoan(
        uint104 base,
        uint40 pledged,
        uint32[3] memory term,
        uint16 flags
    ) public pure {
        ILoanBook.Loan memory loan = ILoanBook.Loan(base, pledged, term[0], term[1], term[2], flags);
        loan.endTerm();
        assertEq(abi.encode(loan), abi.encode(ILoanBook.Loan(base, pledged, 0, 0, 0, flags)));
    }

    // -------------------------------------------------------------------------------------------------------------

    function fixedLoan(uint256 rate, uint256 duration) private pure returns (ILoanBook.Loan memory loan) {
        (loan.rate, loan.since, loan.maturity) = (uint32(rate), uint32(START), uint32(START + duration));
    }

    /// @dev `result` is `numerator / denominator` rounded up.
    function assertCeil(uint256 result, uint256 numerator, uint256 denominator) private pure {
        assertGe(result * denominator, numerator);
        if (result != 0) assertLt((result - 1) * denominator, numerator);
    }

    /// @dev `result` is `numerator / denominator` rounded down.
    function assertFloor(uint256 result, uint256 numerator, uint256 denominator) private pure {
        assertLe(result * denominator, numerator);
        assertGt((result + 1) * denominator, numerator);
    }
}
