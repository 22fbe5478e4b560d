// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILenderVault} from "../../../contracts/interfaces/ILenderVault.sol";
import {ILoanBook} from "../../../contracts/interfaces/ILoanBook.sol";
import {Growth, LoanDebt} from "../../../contracts/libraries/LoanDebt.sol";
import {NO_LOAN, StoredLoan} from "../../../contracts/libraries/StoredLoans.sol";
import {BaseTest} from "../helpers/BaseTest.sol";
import {Growths} from "../helpers/Growths.sol";

/// @notice {LoanDebt} against the definitions of its roundings, for both kinds of loans.
contract LoanDebtTest is BaseTest {
    using LoanDebt for *;

    uint256 private constant YEAR = Growths.YEAR;
    uint256 private constant MAX_BASE = type(uint104).max;
    uint256 private constant START = 1_800_000_000;

    // ------------------------------------------------------------------------------------------------------ Growth

    /// @dev An open-term loan grows with the vault's index, whatever else is in its word, and has no fee.
    function testFuzz_Growth_ofOpenTermIsTheIndex(uint80 index, uint256 listing, uint96 pledged) public view {
        StoredLoan loan = NO_LOAN.withOwn(bound(listing, 0, 39), pledged);
        assertGrowth(loan.growthOf(index), index, WAD, 0);
    }

    /// @dev The same of a loan as the interface speaks of it, whatever is left in its other fields.
    function testFuzz_Growth_ofUnpackedOpenTermIsTheIndex(uint80 index, uint32 since, uint32 rate) public view {
        ILoanBook.Loan memory loan;
        (loan.since, loan.rate) = (since, rate);
        assertFalse(loan.isFixedTerm());
        assertGrowth(loan.growthOf(index), index, WAD, 0);
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
        rate = bound(rate, 0.02e9, 1.03e9);
        StoredLoan loan = fixedLoan(rate, duration);
        vm.warp(START + elapsed);
        uint256 left = elapsed < duration ? duration - elapsed : 0;
        uint256 breakFee = rate * (left < 7 days ? left : 7 days);
        assertGrowth(loan.growthOf(index), YEAR + rate * elapsed, YEAR, breakFee);
        assertTrue(loan.unpack().isFixedTerm());
        assertGrowth(loan.unpack().growthOf(index), YEAR + rate * elapsed, YEAR, breakFee);
    }

    /// @dev 10,000 dollars at 7.3 % for 100 days cost 2 dollars a day: 60 after 30, a week of it to end the term, a day's on the last.
    function test_Growth_ofFixedTermExample() public {
        StoredLoan loan = fixedLoan(0.073e9, 100 days);
        vm.warp(START + 30 days);
        Growth growth = loan.growthOf(WAD);
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
        Growth growth = Growths.any(seed);
        base = bound(base, 0, MAX_BASE);
        assertCeil(growth.debtUp(base), base * growth.indexOf(), growth.unitOf());
        assertCeil(growth.feeUp(base), base * growth.breakFeeOf(), growth.unitOf());
        assertFloor(growth.feeDown(base), base * growth.breakFeeOf(), growth.unitOf());
        assertFloor(growth.baseDown(base), base * growth.unitOf(), growth.indexOf());
        assertFloor(growth.baseWithFeeDown(base), base * growth.unitOf(), growth.indexOf() + growth.breakFeeOf());
    }

    // ------------------------------------------------------------------------------------------------- Round trips

    /// @dev Drawing and paying back at once costs at least what was drawn, and at most one unit of scaled debt more.
    function testFuzz_ScaledUp_roundTripCostsAtMostOneUnit(uint256 seed, uint256 amount) public pure {
        Growth growth = Growths.openTerm(seed);
        amount = bound(amount, 0, MAX_BASE);
        uint256 debt = growth.debtUp(LoanDebt.scaledUp(amount, growth.indexOf()));
        assertGe(debt, amount);
        assertLe(debt, amount + growth.indexOf() / WAD + 1);
    }

    /// @dev A fixed-term loan that has just begun owes what was drawn, to the unit.
    function testFuzz_DebtUp_isThePrincipalAtTheBeginning(uint256 base, uint256 rate) public {
        base = bound(base, 0, MAX_BASE);
        StoredLoan loan = fixedLoan(bound(rate, 0.02e9, 1.03e9), 30 days);
        vm.warp(START);
        assertEq(loan.growthOf(WAD).debtUp(base), base);
    }

    // ---------------------------------------------------------------------------------------------------- Payments

    /// @dev Without a fee, what a payment takes off a debt is never more than the payment, and at most one unit of base less.
    function testFuzz_BaseDown_takesOffAtMostThePayment(uint256 seed, uint256 base, uint256 amount) public pure {
        Growth growth = Growths.any(seed);
        base = bound(base, 1, MAX_BASE);
        uint256 debt = growth.debtUp(base);
        amount = bound(amount, 0, debt - 1);
        uint256 left = growth.debtUp(base - growth.baseDown(amount));
        assertGe(left, debt - amount);
        assertLe(left, debt - amount + growth.indexOf() / growth.unitOf() + 1);
    }

    /// @dev With a fee, a payment covers what it takes off the debt and the fee of that, and loses at most one unit of base with its fee.
    function testFuzz_BaseWithFeeDown_paysForDebtAndFee(uint256 seed, uint256 base, uint256 amount) public pure {
        Growth growth = Growths.fixedTerm(seed);
        base = bound(base, 1, MAX_BASE);
        uint256 debt = growth.debtUp(base);
        amount = bound(amount, 0, debt + growth.feeUp(base) - 1);
        uint256 retired = growth.baseWithFeeDown(amount);
        uint256 shrunk = debt - growth.debtUp(base - retired);
        uint256 fee = growth.feeDown(retired);
        assertLe(shrunk + fee, amount);
        assertLe(amount, shrunk + fee + (growth.indexOf() + growth.breakFeeOf()) / growth.unitOf() + 2);
        // What the vault books: the lenders' part pays for the exact debt of what is retired.
        assertLe(retired * growth.indexOf(), (amount - fee) * growth.unitOf());
    }

    /// @dev Who pays debt and fee retires the whole base, with no more than a unit of each to spare; who pays a unit less retires no more
    /// than that.
    function testFuzz_BaseDown_ofAllIsAll(uint256 seed, uint256 base) public pure {
        Growth growth = Growths.any(seed);
        base = bound(base, 1, MAX_BASE);
        uint256 debt = growth.debtUp(base);
        uint256 fee = growth.feeUp(base);
        assertGe(growth.baseDown(debt), base);
        assertGe(growth.baseWithFeeDown(debt + fee), base);
        assertLe(growth.baseDown(debt - 1), base);
        assertLe(growth.baseWithFeeDown(debt + fee - 1), base);
        assertLt((debt + fee) * growth.unitOf(), base * (growth.indexOf() + growth.breakFeeOf()) + 2 * growth.unitOf());
    }

    /// @dev The fee is no more than a week's interest at 103 %, and debt and fee no more than what would be owed at maturity, but for a
    /// unit.
    function testFuzz_FeeUp_isAtMostAWeek(uint256 base, uint256 rate, uint256 duration, uint256 elapsed) public {
        base = bound(base, 1, MAX_BASE);
        duration = bound(duration, 7 days, 365 days);
        elapsed = bound(elapsed, 0, 2 * duration);
        StoredLoan loan = fixedLoan(bound(rate, 0.02e9, 1.03e9), duration);
        vm.warp(START + elapsed);
        Growth growth = loan.growthOf(WAD);
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
        Growth growth = Growths.any(seed);
        base = bound(base, 1, MAX_BASE);
        uint256 exact = base * (growth.indexOf() + growth.breakFeeOf()); // [asset × unit]
        uint256 atOnce = growth.debtUp(base) + growth.feeUp(base);
        uint256 paid = 0;
        for (uint256 i = 0; i < parts.length && base != 0; i++) {
            uint256 owed = growth.debtUp(base) + growth.feeUp(base);
            uint256 part = bound(parts[i] >> 8, 0, owed - 1) >> (parts[i] % 128); // all sizes
            base -= growth.baseWithFeeDown(part);
            paid += part;
        }
        paid += growth.debtUp(base) + growth.feeUp(base);
        assertGe(paid * growth.unitOf(), exact);
        assertGe(paid + (growth.breakFeeOf() == 0 ? 0 : parts.length), atOnce);
    }

    /// @dev What a liquidation counts as taken off is taken off, whatever the debt is.
    function testFuzz_RetiredDown_isCertain(uint256 seed, uint256 base, uint256 amount) public pure {
        Growth growth = Growths.any(seed);
        base = bound(base, 1, MAX_BASE);
        uint256 debt = growth.debtUp(base);
        amount = bound(amount, 0, debt - 1);
        uint256 retired = growth.retiredDown(amount);
        assertLe(retired, amount);
        assertLe(growth.debtUp(base - growth.baseDown(amount)) + retired, debt);
        assertLe(amount, retired + growth.indexOf() / growth.unitOf() + 1);
    }

    // ---------------------------------------------------------------------------------------------------- The sums

    /// @dev Each kind contributes to its own sums, and two parts of a loan as much as the whole.
    function testFuzz_DebtsOf_addUp(uint256 base, uint256 part, uint32 rate, uint32 since, bool isFixed) public pure {
        base = bound(base, 0, MAX_BASE);
        part = bound(part, 0, base);
        StoredLoan loan = isFixed ? NO_LOAN.withTerm(since, 1, rate) : NO_LOAN.withOwn(0, since);
        ILenderVault.Debts memory whole =
            isFixed ? ILenderVault.Debts(0, base, base * rate, base * rate * since) : ILenderVault.Debts(base, 0, 0, 0);
        assertEq(abi.encode(loan.debtsOf(base)), abi.encode(whole));
        ILenderVault.Debts memory sum = loan.debtsOf(part);
        sum.accumulate(loan, base - part);
        assertEq(abi.encode(sum), abi.encode(whole));
    }

    // -------------------------------------------------------------------------------------------------------------

    function fixedLoan(uint256 rate, uint256 duration) private pure returns (StoredLoan) {
        return NO_LOAN.withTerm(START, START + duration, rate);
    }

    function assertGrowth(Growth growth, uint256 index, uint256 unit, uint256 breakFee) private pure {
        assertEq(growth.indexOf(), index);
        assertEq(growth.unitOf(), unit);
        assertEq(growth.breakFeeOf(), breakFee);
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
