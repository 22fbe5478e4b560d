// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {Amounts} from "./Amounts.sol";
import {Ledger} from "./Ledger.sol";
import {StoredListing} from "./ListingRegistry.sol";
import {PledgeSet} from "./PledgeSet.sol";
import {StoredLoan} from "./StoredLoans.sol";

/// @title PledgeLedger
/// @notice What loans pledge, in the book only: tokens move elsewhere.
library PledgeLedger {
    using PledgeSet for uint40;

    /// @notice The most assets that one loan may pledge.
    uint256 internal constant MAX_PLEDGES = 4;

    /// @notice What a loan pledges of a listing. [token]
    /// @param listing Below {MAX_SET}.
    function amountOf(
        Ledger storage ledger,
        uint256 id,
        StoredLoan loan,
        uint256 listing
    ) internal view returns (uint256) {
        return loan.owns(listing) ? loan.ownAmount() : ledger.pledges[id][listing];
    }

    /// @notice Adds to a pledge. The caller writes the loan.
    function add(
        Ledger storage ledger,
        uint256 id,
        StoredLoan loan,
        uint256 listing,
        uint256 amount
    ) internal returns (StoredLoan) {
        require(amount != 0, ILoanBook.ZeroAmount());
        uint40 pledged = loan.pledged();
        bool hasRoom = pledged.contains(listing) || pledged.count() < MAX_PLEDGES;
        require(hasRoom, ILoanBook.TooManyPledges(id, MAX_PLEDGES));
        emit ILoanBook.Pledged(id, listing, msg.sender, amount);
        return put(ledger, id, loan, listing, amount);
    }

    /// @notice Puts tokens into a loan that they come from, or that may have them. The caller writes the loan.
    function put(
        Ledger storage ledger,
        uint256 id,
        StoredLoan loan,
        uint256 listing,
        uint256 amount
    ) internal returns (StoredLoan) {
        StoredListing storage stored = ledger.registry.listings[listing];
        stored.held = Amounts.toUint96(stored.held + amount); // so each pledge fits too
        uint40 pledged = loan.pledged();
        if (!pledged.contains(listing)) {
            loan = loan.withPledged(pledged.add(listing));
            if (loan.hasRoom()) return loan.withOwn(listing, amount);
        }
        if (loan.owns(listing)) return loan.withOwn(listing, loan.ownAmount() + amount);
        ledger.pledges[id][listing] += amount;
        return loan;
    }

    /// @notice Takes from a pledge. The caller writes the loan.
    /// @dev What the book holds of the listing shrinks with {letGo}.
    function take(
        Ledger storage ledger,
        uint256 id,
        StoredLoan loan,
        uint256 listing,
        uint256 amount
    ) internal returns (StoredLoan) {
        uint256 left = amountOf(ledger, id, loan, listing) - amount;
        if (left == 0) loan = loan.withPledged(loan.pledged().remove(listing));
        if (loan.owns(listing)) return left == 0 ? loan.withoutOwn() : loan.withOwn(listing, left);
        ledger.pledges[id][listing] = left;
        return loan;
    }

    /// @notice Takes all pledges of a loan that is gone, and out of what the book holds. Returns their amounts in the set's order. [token]
    function takeAll(Ledger storage ledger, uint256 id, StoredLoan loan) internal returns (uint256[] memory amounts) {
        uint40 pledged = loan.pledged();
        amounts = new uint256[](pledged.count());
        uint256 listing;
        for (uint256 i = 0; i < amounts.length; i++) {
            (listing, pledged) = pledged.pop();
            amounts[i] = amountOf(ledger, id, loan, listing);
            if (!loan.owns(listing)) delete ledger.pledges[id][listing];
            letGo(ledger, listing, amounts[i]);
        }
    }

    /// @notice Moves a loan's own pledge to where others are, so that there is a place for a term. The caller writes the loan.
    function freeTerm(Ledger storage ledger, uint256 id, StoredLoan loan) internal returns (StoredLoan) {
        if (loan.isFixedTerm() || loan.hasRoom()) return loan;
        ledger.pledges[id][loan.ownListing()] = loan.ownAmount();
        return loan.withoutOwn();
    }

    /// @notice Books that the book holds less of a listing. Returns the listing's token.
    /// @param amount At most what it holds. [token]
    function letGo(Ledger storage ledger, uint256 listing, uint256 amount) internal returns (address token) {
        StoredListing storage stored = ledger.registry.listings[listing];
        token = stored.token;
        stored.held -= uint96(amount); // part of it
    }
}
