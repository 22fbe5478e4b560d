// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILoanBook} from "../../../contracts/interfaces/ILoanBook.sol";
import {NO_LOAN, StoredLoan} from "../../../contracts/libraries/StoredLoans.sol";
import {BaseTest} from "../helpers/BaseTest.sol";

/// @notice {StoredLoan} against a struct that the compiler packs.
contract StoredLoansTest is BaseTest {
    uint256 private constant LISTINGS = 40;
    uint8 private constant CALLED = 1;
    uint8 private constant FIXED_TERM = 2;

    /// @dev From the lowest bits up. An own pledge's amount stands in the three fields of the term.
    struct Fields {
        uint104 base;
        uint40 pledged;
        uint32 since;
        uint32 maturity;
        uint32 rate;
        uint8 flags;
        uint8 own;
    }

    /// @dev The one slot in which words become fields, and fields words.
    Fields private slot;

    // --------------------------------------------------------------------------------------------------- Accessors

    function testFuzz_Accessors_readTheirFields(uint256 word) public {
        StoredLoan loan = StoredLoan.wrap(word);
        Fields memory f = fieldsOf(loan);
        assertEq(loan.base(), f.base);
        assertEq(loan.pledged(), f.pledged);
        assertEq(loan.since(), f.since);
        assertEq(loan.maturity(), f.maturity);
        assertEq(loan.rate(), f.rate);
        assertEq(loan.isCalled(), f.flags & CALLED != 0);
        assertEq(loan.isFixedTerm(), f.flags & FIXED_TERM != 0);
        assertEq(loan.hasRoom(), f.flags & FIXED_TERM == 0 && f.own == 0);
        assertEq(loan.ownAmount(), amountOf(f));
    }

    function testFuzz_Owns_oneListingOrNone(uint256 word) public {
        StoredLoan loan = StoredLoan.wrap(word);
        uint256 own = fieldsOf(loan).own;
        for (uint256 listing = 0; listing < LISTINGS; listing++) assertEq(loan.owns(listing), own == listing + 1);
        if (own != 0) assertEq(loan.ownListing(), own - 1);
    }

    // ----------------------------------------------------------------------------------------------------- Setters

    function testFuzz_WithBase_changesTheBaseOnly(uint256 word, uint104 base) public {
        StoredLoan loan = StoredLoan.wrap(word);
        Fields memory f = fieldsOf(loan);
        f.base = base;
        assertLoan(loan.withBase(base), f);
    }

    function testFuzz_WithPledged_changesTheSetOnly(uint256 word, uint40 pledged) public {
        StoredLoan loan = StoredLoan.wrap(word);
        Fields memory f = fieldsOf(loan);
        f.pledged = pledged;
        assertLoan(loan.withPledged(pledged), f);
    }

    function testFuzz_Call_changesItsFlagOnly(uint256 word) public {
        StoredLoan loan = StoredLoan.wrap(word);
        Fields memory f = fieldsOf(loan);
        f.flags |= CALLED;
        assertLoan(loan.withCall(), f);
        f.flags ^= CALLED;
        assertLoan(loan.withoutCall(), f);
    }

    /// @dev Whatever stood in its place: another own pledge, or nothing.
    function testFuzz_Own_changesThePledgeOnly(uint256 word, uint256 listing, uint96 amount) public {
        StoredLoan loan = StoredLoan.wrap(word).withoutTerm();
        listing = bound(listing, 0, LISTINGS - 1);
        Fields memory f = fieldsOf(loan);
        setAmount(f, amount);
        f.own = uint8(listing + 1);
        assertLoan(loan.withOwn(listing, amount), f);
        setAmount(f, 0);
        f.own = 0;
        assertLoan(loan.withoutOwn(), f);
    }

    /// @dev Whatever stood in its place: another term, or nothing.
    function testFuzz_Term_changesTheTermOnly(uint256 word, uint32 since, uint32 maturity, uint32 rate) public {
        Fields memory f = fieldsOf(StoredLoan.wrap(word));
        f.own = 0;
        StoredLoan loan = loanOf(f);
        (f.since, f.maturity, f.rate) = (since, maturity, rate);
        f.flags |= FIXED_TERM;
        assertLoan(loan.withTerm(since, maturity, rate), f);
        (f.since, f.maturity, f.rate) = (0, 0, 0);
        f.flags ^= FIXED_TERM;
        assertLoan(loan.withTerm(since, maturity, rate).withoutTerm(), f);
    }

    /// @dev Without a term there is none to end: what is in its place stays.
    function testFuzz_WithoutTerm_leavesAnOpenTermLoan(uint256 word) public {
        Fields memory f = fieldsOf(StoredLoan.wrap(word));
        f.flags &= ~FIXED_TERM;
        assertLoan(loanOf(f).withoutTerm(), f);
    }

    // ------------------------------------------------------------------------------------------------ One place for two

    /// @dev There is room for an own pledge where there is neither one nor a term, and only there.
    function testFuzz_HasRoom_forOneOfTwo(uint104 base, uint40 pledged, uint256 listing, uint96 amount) public pure {
        listing = bound(listing, 0, LISTINGS - 1);
        StoredLoan loan = NO_LOAN.withBase(base).withPledged(pledged).withCall();
        assertTrue(loan.hasRoom());
        StoredLoan owning = loan.withOwn(listing, amount);
        assertFalse(owning.hasRoom());
        assertFalse(owning.isFixedTerm());
        assertWord(owning.withoutOwn(), loan);
        StoredLoan fixed_ = owning.withoutOwn().withTerm(1, 2, 3);
        assertFalse(fixed_.hasRoom());
        for (uint256 n = 0; n < LISTINGS; n++) assertFalse(fixed_.owns(n));
        assertWord(fixed_.withoutTerm(), loan);
        assertWord(fixed_.withoutTerm().withOwn(listing, amount), owning);
    }

    // -------------------------------------------------------------------------------------------------- All pledges

    /// @dev Each once; the own pledge before the others, which come from the lowest to the highest.
    function testFuzz_NextPledge_visitsEachOnceOwnFirst(uint256 word, uint256 own, bool hasOwn) public pure {
        StoredLoan loan = StoredLoan.wrap(word).withoutTerm().withoutOwn();
        own = bound(own, 0, LISTINGS - 1);
        if (hasOwn) loan = loan.withPledged(uint40(loan.pledged() | (1 << own))).withOwn(own, 1);
        uint40 left = loan.pledged();
        uint40 rest = left;
        uint256 listing;
        uint256 lowest = 0;
        for (bool isFirst = true; rest != 0; isFirst = false) {
            (listing, rest) = loan.nextPledge(rest);
            assertEq((left >> listing) & 1, 1, "visited twice, or not pledged");
            left ^= uint40(1 << listing);
            assertEq(rest, left);
            assertEq(hasOwn && isFirst, hasOwn && listing == own, "not the own first");
            if (hasOwn && isFirst) continue;
            assertGe(listing, lowest);
            lowest = listing;
        }
        assertEq(left, 0);
    }

    // -------------------------------------------------------------------------------------------------- Interface

    /// @dev An own pledge's amount is no term.
    function testFuzz_Unpack_hidesTheOwnPledge(uint256 word) public {
        StoredLoan loan = StoredLoan.wrap(word);
        Fields memory f = fieldsOf(loan);
        ILoanBook.Loan memory expected = ILoanBook.Loan(f.base, f.pledged, 0, 0, 0, f.flags & CALLED);
        if (f.flags & FIXED_TERM != 0)
            (expected.since, expected.maturity, expected.rate) = (f.since, f.maturity, f.rate);
        assertEq(abi.encode(loan.unpack()), abi.encode(expected));
    }

    // ------------------------------------------------------------------------------------------------------ Helpers

    function fieldsOf(StoredLoan loan) private returns (Fields memory) {
        assembly ("memory-safe") {
            sstore(slot.slot, loan)
        }
        return slot;
    }

    function loanOf(Fields memory fields) private returns (StoredLoan loan) {
        slot = fields;
        assembly ("memory-safe") {
            loan := sload(slot.slot)
        }
    }

    function amountOf(Fields memory f) private pure returns (uint256) {
        return uint256(f.rate) * 2 ** 64 + uint256(f.maturity) * 2 ** 32 + f.since;
    }

    function setAmount(Fields memory f, uint256 amount) private pure {
        f.rate = uint32(amount / 2 ** 64);
        f.maturity = uint32((amount / 2 ** 32) % 2 ** 32);
        f.since = uint32(amount % 2 ** 32);
    }

    function assertLoan(StoredLoan loan, Fields memory expected) private {
        assertWord(loan, loanOf(expected));
    }

    function assertWord(StoredLoan loan, StoredLoan expected) private pure {
        assertEq(StoredLoan.unwrap(loan), StoredLoan.unwrap(expected));
    }
}
