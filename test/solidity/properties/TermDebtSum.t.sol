// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILenderVault} from "../../../contracts/interfaces/ILenderVault.sol";
import {ILoanBook} from "../../../contracts/interfaces/ILoanBook.sol";
import {TermFixture} from "./TermFixture.sol";

/// @notice The vault knows no loan: what it says that all fixed terms owe comes from three sums. Here it is compared with the loans, one
/// by one, through hundreds of them and everything that can happen to one.
/// hardhat-config: isolate = true
contract TermDebtSumTest is TermFixture {
    uint256 private constant STEPS = 640;

    /// @dev Where the sums are; pinned by the test of the storage layout.
    uint256 private constant TERMS_SLOT = 12;

    uint8 private constant HAS_TERMS = 1 << 7;

    /// @dev Over the loans that exist.
    struct Sums {
        uint256 scaled; // of open-term loans
        uint256 principal; // of fixed-term loans: P
        uint256 weighted; // W = Σ principal × rate
        uint256 dated; // Z = Σ principal × rate × since
        uint256 exact; // [asset × YEAR] what fixed terms owe, before any rounding
        uint256 termsOwe; // [asset] the same, each rounded up
        uint256 allOwe; // [asset] every loan, each rounded up
        uint256 terms; // how many
    }

    /// @notice After each of 640 operations the vault's term debt is the sum of what the loans owe at the rates in their contracts, exact
    /// to the last division: never above what they owe one by one, and below it by less than a unit for each. When the last is gone
    /// nothing is left, in no sum, at any later time.
    /// hardhat-config: fuzz.runs = 4
    function testFuzz_TermDebt_isTheSumOfTheLoans(uint256 seed) public {
        for (uint256 i = 0; i < STEPS; i++) {
            this.step(mix(seed, i));
            this.checkDebts();
            if (i % 64 == 63) this.checkBalances();
        }
        checkCounts();
        while (ids.length != 0) {
            this.close(seed);
            this.checkDebts();
        }
        this.checkBalances();
        assertEq(vault.termDebt(), 0);
        assertEq(vault.state().flags & HAS_TERMS, 0);
        idle(365 days);
        assertEq(vault.termDebt(), 0);
        assertEq(vm.load(address(vault), bytes32(TERMS_SLOT)), 0);
        assertEq(vm.load(address(vault), bytes32(TERMS_SLOT + 1)), 0);
    }

    /// @dev A loan at a time, opened and closed in the same second and a year later: nothing is left in between either.
    function testFuzz_TermDebt_isNothingWithoutLoans(uint256[8] memory seeds) public {
        for (uint256 i = 0; i < seeds.length; i++) {
            open(seeds[i], true);
            this.checkDebts();
            idle(bound(seeds[i], 0, 365 days));
            this.checkDebts();
            this.close(0);
            this.checkDebts();
            assertEq(vault.termDebt(), 0);
        }
    }

    // ------------------------------------------------------------------------------------------------------ Steps
    // External, here and below, so that each gives its memory back: together they would need too much.

    /// @dev Openings outweigh endings, so that loans become many.
    function step(uint256 seed) external {
        uint256 kind = (seed >> 128) % 32;
        if (kind < 12) open(seed, true);
        else if (kind < 14) open(seed, false);
        else if (kind < 18) repayPart(seed);
        else if (kind < 19) repayAll(seed);
        else if (kind < 20) this.close(seed);
        else if (kind < 24) refinance(seed);
        else if (kind < 26) roll(seed);
        else if (kind < 27) liquidateHard(seed);
        else if (kind < 28) liquidateSoft(seed);
        else if (kind < 29) lose(seed);
        else if (kind < 30) sway(seed);
        else idle(bound(mix(seed, 1), 1, 40 days));
    }

    // -------------------------------------------------------------------------------------------------------- Checks

    function checkDebts() external view {
        ILenderVault.State memory s = vault.accruedState();
        Sums memory sums = sumUp(s.index);
        assertEq(s.scaledDebt, sums.scaled, "scaled debt");
        checkStoredSums(sums);
        uint256 termDebt = vault.termDebt();
        assertEq(termDebt, sums.exact / YEAR, "not the exact sum");
        assertLe(termDebt, sums.termsOwe, "more than the loans owe");
        assertGe(termDebt + sums.terms, sums.termsOwe, "less by more than a unit for each");
        assertEq(s.flags & HAS_TERMS, sums.terms == 0 ? 0 : HAS_TERMS);

        // INV-02, and how small the gap is: a unit for each loan, and one for the sum of open terms
        uint256 claimed = vault.totalAssets() + s.reserves;
        assertGe(s.cash + sums.allOwe, claimed, "claims are not covered");
        assertLe(s.cash + sums.allOwe, claimed + ids.length + 3, "claims are less than there is");
    }

    function sumUp(uint256 index) private view returns (Sums memory sums) {
        addTo(sums, index, largest);
        for (uint256 i = 0; i < ids.length; i++) addTo(sums, index, ids[i]);
    }

    function addTo(Sums memory sums, uint256 index, uint256 id) private view {
        ILoanBook.Loan memory loan = book.loan(id);
        (uint256 base, uint256 rate) = (loan.base, loan.rate);
        if (loan.maturity == 0) {
            sums.scaled += base;
            sums.allOwe += (base * index + WAD - 1) / WAD;
            return;
        }
        sums.principal += base;
        sums.weighted += base * rate;
        sums.dated += base * rate * loan.since;
        uint256 exact = base * (YEAR + rate * (clock() - loan.since));
        sums.exact += exact;
        sums.termsOwe += (exact + YEAR - 1) / YEAR;
        sums.allOwe += (exact + YEAR - 1) / YEAR;
        sums.terms++;
    }

    /// @dev As drawn at {TermDebt-Sums}: an error in Z would not show in any view for a while.
    function checkStoredSums(Sums memory sums) private view {
        uint256 first = uint256(vm.load(address(vault), bytes32(TERMS_SLOT)));
        uint256 second = uint256(vm.load(address(vault), bytes32(TERMS_SLOT + 1)));
        assertEq(uint104(first), sums.principal, "P");
        assertEq(first >> 104, sums.weighted, "W");
        assertEq(second, sums.dated, "Z");
    }

    /// @dev INV-01, to the unit, since nobody donates anything; and the book says of each loan what was added up.
    function checkBalances() external view {
        assertEq(asset.balanceOf(address(vault)), vault.state().cash, "the vault's cash");
        for (uint256 n = 0; n < tokens.length; n++) {
            uint256 held = book.pledgeOf(largest, n) + book.creditOf(treasurer, n);
            for (uint256 i = 0; i < ids.length; i++) held += book.pledgeOf(ids[i], n);
            assertEq(book.listings(n).held, held, "pledges and credits");
            assertEq(tokens[n].balanceOf(address(book)), held, "the book's tokens");
        }
        Sums memory sums = sumUp(vault.debtIndex());
        uint256 owed = book.debtOf(largest);
        for (uint256 i = 0; i < ids.length; i++) owed += book.debtOf(ids[i]);
        assertEq(owed, sums.allOwe, "what the book says");
    }

    /// @dev A life in which nothing happens would prove nothing.
    function checkCounts() private view {
        assertGe(counts["term opened"], 200);
        string[14] memory happened = [
            "open-term opened",
            "part repaid",
            "all repaid",
            "closed",
            "fee added",
            "fee paid",
            "to open terms",
            "to another term",
            "to a term",
            "rolled",
            "liquidated",
            "softly liquidated",
            "written off",
            "lost"
        ];
        for (uint256 i = 0; i < happened.length; i++) assertGt(counts[happened[i]], 0, happened[i]);
    }
}
