// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILenderVault} from "../../../contracts/interfaces/ILenderVault.sol";
import {Amounts} from "../../../contracts/libraries/Amounts.sol";
import {TermDebt} from "../../../contracts/libraries/TermDebt.sol";
import {BaseTest} from "../helpers/BaseTest.sol";

/// @notice {TermDebt} against the loans one by one.
contract TermDebtTest is BaseTest {
    using TermDebt for TermDebt.Sums;

    uint256 private constant LOANS = 12;
    uint256 private constant YEAR = 31_536_000 * 1e9; // in seconds, of a rate in 1e-9
    uint256 private constant MAX_UINT32 = type(uint32).max;
    uint256 private constant MAX_PRINCIPAL = type(uint104).max;

    /// @dev p, r, since.
    struct Loan {
        uint256 principal;
        uint256 rate;
        uint256 since;
    }

    // ------------------------------------------------------------------------------------------------------- Owed

    /// @dev The whole part of Σ p (1 + r × elapsed): not above what the loans owe one by one, each rounded up, and less by no more than
    /// a unit for each.
    function testFuzz_Owed_isTheExactSumRoundedDown(uint256[LOANS] memory seeds, uint256 time) public pure {
        TermDebt.Sums memory sums;
        Loan[LOANS] memory loans = loansOf(seeds);
        for (uint256 i = 0; i < LOANS; i++) sums.add(debtsOf(loans[i], loans[i].principal));
        time = bound(time, latest(loans), MAX_UINT32);
        uint256 owed = sums.owed(time);
        uint256 exact = 0; // [asset × YEAR]
        uint256 oneByOne = 0;
        for (uint256 i = 0; i < LOANS; i++) {
            uint256 debt = loans[i].principal * (YEAR + loans[i].rate * (time - loans[i].since));
            exact += debt;
            oneByOne += (debt + YEAR - 1) / YEAR;
        }
        assertEq(owed, exact / YEAR);
        assertLe(owed, oneByOne);
        assertGe(owed + LOANS, oneByOne);
    }

    /// @dev A million at 4 % and two at 10 %: after half a year 20,000 and 100,000 more.
    function test_Owed_example() public pure {
        TermDebt.Sums memory sums;
        sums.add(debtsOf(Loan(1_000_000e6, 0.04e9, 1_000), 1_000_000e6));
        sums.add(debtsOf(Loan(2_000_000e6, 0.1e9, 1_000), 2_000_000e6));
        assertEq(sums.owed(1_000), 3_000_000e6);
        assertEq(sums.owed(1_000 + 182.5 days), 3_120_000e6);
        sums.remove(debtsOf(Loan(2_000_000e6, 0.1e9, 1_000), 1_000_000e6));
        assertEq(sums.owed(1_000 + 182.5 days), 2_070_000e6);
    }

    /// @dev It grows with time, and never by more than the interest of all.
    function testFuzz_Owed_growsWithTime(uint256[LOANS] memory seeds, uint256 from, uint256 to) public pure {
        TermDebt.Sums memory sums;
        Loan[LOANS] memory loans = loansOf(seeds);
        for (uint256 i = 0; i < LOANS; i++) sums.add(debtsOf(loans[i], loans[i].principal));
        from = bound(from, latest(loans), MAX_UINT32);
        to = bound(to, from, MAX_UINT32);
        uint256 interest = sums.owed(to) - sums.owed(from);
        assertLe(interest, (uint256(sums.weighted) * (to - from)) / YEAR + 1);
        assertGe(interest, (uint256(sums.weighted) * (to - from)) / YEAR);
    }

    // ---------------------------------------------------------------------------------------------------- Inverse

    /// @dev What loans contributed can be taken off in any order and in parts: what remains is what the others contributed, and nothing
    /// when the last is gone.
    function testFuzz_Remove_isTheInverseOfAdd(uint256[LOANS] memory seeds, uint256 first, uint256 part) public pure {
        TermDebt.Sums memory sums;
        Loan[LOANS] memory loans = loansOf(seeds);
        for (uint256 i = 0; i < LOANS; i++) {
            bytes memory before = abi.encode(sums);
            sums.add(debtsOf(loans[i], loans[i].principal));
            sums.remove(debtsOf(loans[i], loans[i].principal));
            assertEq(abi.encode(sums), before);
            sums.add(debtsOf(loans[i], loans[i].principal));
        }
        for (uint256 i = 0; i < LOANS; i++) {
            Loan memory loan = loans[((first % LOANS) + i * 5) % LOANS]; // 5 has no factor in common with 12: each comes once
            uint256 retired = part % (loan.principal + 1);
            sums.remove(debtsOf(loan, retired));
            sums.remove(debtsOf(loan, loan.principal - retired));
        }
        assertEq(abi.encode(sums), abi.encode(TermDebt.Sums(0, 0, 0)));
    }

    // ----------------------------------------------------------------------------------------------------- Maxima

    /// @dev The largest principals at the largest rates, as late as can be, by one loan or by two: nothing is cut off, and what is
    /// owed is exact.
    function testFuzz_Add_fitsAtTheMaxima(uint256 first, uint256 time) public pure {
        first = bound(first, 0, MAX_PRINCIPAL);
        TermDebt.Sums memory sums;
        Loan memory loan = Loan(MAX_PRINCIPAL, MAX_UINT32, MAX_UINT32);
        sums.add(debtsOf(loan, first));
        sums.add(debtsOf(loan, MAX_PRINCIPAL - first));
        assertEq(sums.principal, MAX_PRINCIPAL);
        assertEq(sums.weighted, MAX_PRINCIPAL * MAX_UINT32);
        assertEq(sums.dated, MAX_PRINCIPAL * MAX_UINT32 * MAX_UINT32);
        assertEq(sums.owed(MAX_UINT32), MAX_PRINCIPAL);
        time = bound(time, MAX_UINT32, type(uint40).max);
        assertEq(sums.owed(time), (MAX_PRINCIPAL * (YEAR + MAX_UINT32 * (time - MAX_UINT32))) / YEAR);
    }

    /// @dev Principals that do not fit together are refused by name, and the sums stay.
    function testFuzz_Add_beyond104BitsIsTooLarge(uint256 first, uint256 second) public {
        first = bound(first, 1, MAX_PRINCIPAL);
        second = bound(second, MAX_PRINCIPAL - first + 1, MAX_PRINCIPAL);
        TermDebt.Sums memory sums;
        sums.add(debtsOf(Loan(first, 1, 1), first));
        vm.expectRevert(abi.encodeWithSelector(Amounts.AmountTooLarge.selector, first + second, MAX_PRINCIPAL));
        this.addTo(sums, debtsOf(Loan(second, 1, 1), second));
    }

    /// @dev An external call, so that its revert can be expected.
    function addTo(TermDebt.Sums memory sums, ILenderVault.Debts memory debts) external pure {
        sums.add(debts);
    }

    // ------------------------------------------------------------------------------------------------------ Loans

    /// @dev Small and large, at 2…103 %, all begun before 2036.
    function loansOf(uint256[LOANS] memory seeds) private pure returns (Loan[LOANS] memory loans) {
        for (uint256 i = 0; i < LOANS; i++) {
            uint256 seed = uint256(keccak256(abi.encode(seeds[i], i)));
            uint256 principal = 1 + ((seed % (MAX_PRINCIPAL / LOANS)) >> ((seed >> 128) % 100));
            loans[i] = Loan(principal, 0.02e9 + ((seed >> 140) % 1.01e9), 1_800_000_000 + ((seed >> 180) % 2 ** 28));
        }
    }

    function latest(Loan[LOANS] memory loans) private pure returns (uint256 since) {
        for (uint256 i = 0; i < LOANS; i++) if (loans[i].since > since) since = loans[i].since;
    }

    function debtsOf(Loan memory loan, uint256 principal) private pure returns (ILenderVault.Debts memory debts) {
        debts.principal = principal;
        debts.weighted = principal * loan.rate;
        debts.dated = principal * loan.rate * loan.since;
    }
}
