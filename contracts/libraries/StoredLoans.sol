// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {PledgeSet} from "./PledgeSet.sol";

/// @dev A loan as stored: one word. An open-term loan needs no place for a term, and keeps a pledge there, its own: most loans have one
/// pledge, and so take one slot.
/// ```
/// 255    248 247   240 239                           144 143      104 103                0
/// |   own   | flags  |  term, or amount of own pledge  |  pledged   |        base        |
/// term:  95       64 63         32 31         0
///        |   rate   |  maturity   |   since   |
/// ```
/// base, pledged, since, maturity, rate: see {ILoanBook-Loan}. own: 1 + the listing whose pledge is here; 0 if none is.
type StoredLoan is uint256;

using StoredLoans for StoredLoan global;

/// @dev What is stored where there is no loan.
StoredLoan constant NO_LOAN = StoredLoan.wrap(0);

/// @dev Flag of a loan: a margin call stands, though it may have lapsed.
uint256 constant MARGIN_CALL = 1;

/// @title StoredLoans
/// @notice Reads and changes the fields of a loan in its one word, so that no call copies a loan into memory and back.
/// @dev Each setter takes a value that fits its field; who calls it says why it does.
library StoredLoans {
    uint256 private constant PLEDGED = 104;
    uint256 private constant TERM = 144;
    uint256 private constant MATURITY = TERM + 32;
    uint256 private constant RATE = TERM + 64;
    uint256 private constant FLAGS = 240;
    uint256 private constant OWN = 248;

    uint256 private constant BASE_MASK = type(uint104).max;
    uint256 private constant PLEDGED_MASK = uint256(type(uint40).max) << PLEDGED;
    uint256 private constant TERM_MASK = uint256(type(uint96).max) << TERM;
    uint256 private constant OWN_MASK = uint256(type(uint8).max) << OWN;
    uint256 private constant CALLED = MARGIN_CALL << FLAGS;
    uint256 private constant FIXED_TERM = 2 << FLAGS;

    /// @notice Scaled debt of an open-term loan, principal of a fixed-term one. 104 bits.
    function base(StoredLoan loan) internal pure returns (uint256) {
        return StoredLoan.unwrap(loan) & BASE_MASK;
    }

    /// @notice The listings that it pledges, see {PledgeSet}.
    function pledged(StoredLoan loan) internal pure returns (uint40) {
        return uint40(StoredLoan.unwrap(loan) >> PLEDGED); // without what is above it
    }

    /// @notice True for a fixed-term loan, before its maturity and after.
    function isFixedTerm(StoredLoan loan) internal pure returns (bool) {
        return StoredLoan.unwrap(loan) & FIXED_TERM != 0;
    }

    /// @notice From when on a fixed-term loan's interest runs. [s] 32 bits.
    function since(StoredLoan loan) internal pure returns (uint256) {
        return uint32(StoredLoan.unwrap(loan) >> TERM); // likewise
    }

    /// @notice From when on anybody may roll a fixed-term loan. [s] 32 bits.
    function maturity(StoredLoan loan) internal pure returns (uint256) {
        return uint32(StoredLoan.unwrap(loan) >> MATURITY); // likewise
    }

    /// @notice A fixed-term loan's rate. [1e-9/year] 32 bits.
    function rate(StoredLoan loan) internal pure returns (uint256) {
        return uint32(StoredLoan.unwrap(loan) >> RATE); // likewise
    }

    /// @notice True if a margin call was made and not cleared; it may have lapsed.
    function isCalled(StoredLoan loan) internal pure returns (bool) {
        return StoredLoan.unwrap(loan) & CALLED != 0;
    }

    /// @notice True if there is room for a pledge of its own: it has no term, and no own pledge yet.
    function hasRoom(StoredLoan loan) internal pure returns (bool) {
        return StoredLoan.unwrap(loan) & (FIXED_TERM | OWN_MASK) == 0;
    }

    /// @notice True if the pledge of a listing is its own.
    /// @param listing Below {MAX_SET}.
    function owns(StoredLoan loan, uint256 listing) internal pure returns (bool) {
        unchecked {
            return StoredLoan.unwrap(loan) >> OWN == listing + 1; // never 0, which is none
        }
    }

    /// @notice The listing of its own pledge, of which there must be one.
    function ownListing(StoredLoan loan) internal pure returns (uint256) {
        return (StoredLoan.unwrap(loan) >> OWN) - 1;
    }

    /// @notice Takes a listing out of a set of those that it pledges, which is not empty: its own first, which costs no search.
    function nextPledge(StoredLoan loan, uint40 rest) internal pure returns (uint256, uint40) {
        uint256 own = StoredLoan.unwrap(loan) >> OWN;
        if (own == 0) return PledgeSet.pop(rest);
        unchecked {
            uint40 others = PledgeSet.remove(rest, own - 1);
            return others == rest ? PledgeSet.pop(rest) : (own - 1, others);
        }
    }

    /// @notice The amount of its own pledge. [token] 96 bits.
    function ownAmount(StoredLoan loan) internal pure returns (uint256) {
        return uint96(StoredLoan.unwrap(loan) >> TERM); // without what is above it
    }

    /// @notice The loan with another base.
    function withBase(StoredLoan loan, uint256 base_) internal pure returns (StoredLoan) {
        return StoredLoan.wrap((StoredLoan.unwrap(loan) & ~BASE_MASK) | base_);
    }

    /// @notice The loan with another set of pledged listings.
    function withPledged(StoredLoan loan, uint40 pledged_) internal pure returns (StoredLoan) {
        return StoredLoan.wrap((StoredLoan.unwrap(loan) & ~PLEDGED_MASK) | (uint256(pledged_) << PLEDGED));
    }

    /// @notice The loan, without a term, with a pledge of its own.
    function withOwn(StoredLoan loan, uint256 listing, uint256 amount) internal pure returns (StoredLoan) {
        uint256 own = (amount << TERM) | ((listing + 1) << OWN);
        return StoredLoan.wrap((StoredLoan.unwrap(loan) & ~(TERM_MASK | OWN_MASK)) | own);
    }

    /// @notice The loan without the pledge of its own that it has.
    function withoutOwn(StoredLoan loan) internal pure returns (StoredLoan) {
        return StoredLoan.wrap(StoredLoan.unwrap(loan) & ~(TERM_MASK | OWN_MASK));
    }

    /// @notice The loan, without a pledge of its own, with a term.
    function withTerm(
        StoredLoan loan,
        uint256 since_,
        uint256 maturity_,
        uint256 rate_
    ) internal pure returns (StoredLoan) {
        uint256 term = (since_ << TERM) | (maturity_ << MATURITY) | (rate_ << RATE);
        return StoredLoan.wrap((StoredLoan.unwrap(loan) & ~TERM_MASK) | term | FIXED_TERM);
    }

    /// @notice The loan as an open-term one.
    function withoutTerm(StoredLoan loan) internal pure returns (StoredLoan) {
        return isFixedTerm(loan) ? StoredLoan.wrap(StoredLoan.unwrap(loan) & ~(TERM_MASK | FIXED_TERM)) : loan;
    }

    /// @notice The loan with the flag of a margin call.
    function withCall(StoredLoan loan) internal pure returns (StoredLoan) {
        return StoredLoan.wrap(StoredLoan.unwrap(loan) | CALLED);
    }

    /// @notice The loan without it.
    function withoutCall(StoredLoan loan) internal pure returns (StoredLoan) {
        return StoredLoan.wrap(StoredLoan.unwrap(loan) & ~CALLED);
    }

    /// @notice The loan as the interface speaks of it.
    function unpack(StoredLoan loan) internal pure returns (ILoanBook.Loan memory unpacked) {
        unpacked.base = uint104(base(loan)); // each as wide as its field
        unpacked.pledged = pledged(loan);
        if (isFixedTerm(loan)) {
            unpacked.since = uint32(since(loan));
            unpacked.maturity = uint32(maturity(loan));
            unpacked.rate = uint32(rate(loan));
        }
        if (isCalled(loan)) unpacked.flags = uint16(MARGIN_CALL);
    }
}
