// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {Amounts} from "./Amounts.sol";
import {Ledger} from "./Ledger.sol";
import {StoredListing} from "./ListingRegistry.sol";
import {PledgeSet} from "./PledgeSet.sol";

/// @title PledgeLedger
/// @notice What loans pledge, in the book only: tokens move elsewhere.
library PledgeLedger {
    using PledgeSet for uint40;

    /// @notice The most assets that one loan may pledge.
    uint256 internal constant MAX_PLEDGES = 4;

    /// @notice Adds to a pledge. Returns the loan's new set of pledged listings.
    function add(
        Ledger storage ledger,
        uint256 id,
        uint40 pledged,
        uint256 listing,
        uint256 amount
    ) internal returns (uint40) {
        require(amount != 0, ILoanBook.ZeroAmount());
        if (!pledged.contains(listing)) {
            require(pledged.count() < MAX_PLEDGES, ILoanBook.TooManyPledges(id, MAX_PLEDGES));
            pledged = pledged.add(listing);
        }
        StoredListing storage stored = ledger.registry.listings[listing];
        stored.held = Amounts.toUint104(stored.held + amount); // so each pledge fits too
        ledger.pledges[id][listing] += amount;
        emit ILoanBook.Pledged(id, listing, msg.sender, amount);
        return pledged;
    }

    /// @notice Takes from a pledge. Returns the loan's new set of pledged listings.
    function take(
        Ledger storage ledger,
        uint256 id,
        uint40 pledged,
        uint256 listing,
        uint256 amount
    ) internal returns (uint40) {
        uint256 left = ledger.pledges[id][listing] - amount;
        ledger.pledges[id][listing] = left;
        ledger.registry.listings[listing].held -= uint104(amount); // at most the pledge
        return left == 0 ? pledged.remove(listing) : pledged;
    }

    /// @notice Takes all pledges of a loan that is gone. Returns their amounts in the set's order. [token]
    function takeAll(Ledger storage ledger, uint256 id, uint40 pledged) internal returns (uint256[] memory amounts) {
        amounts = new uint256[](pledged.count());
        uint256 listing;
        for (uint256 i = 0; i < amounts.length; i++) {
            (listing, pledged) = pledged.pop();
            amounts[i] = ledger.pledges[id][listing];
            take(ledger, id, 0, listing, amounts[i]);
        }
    }
}
