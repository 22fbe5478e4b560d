// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BookPrices} from "./BookPrices.sol";
import {HealthMath} from "./HealthMath.sol";
import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {Ledger} from "./Ledger.sol";
import {Registry, StoredListing} from "./ListingRegistry.sol";
import {PledgeSet} from "./PledgeSet.sol";

/// @title LoanLines
/// @notice The sums over a loan's pledges that its debt is compared with.
library LoanLines {
    using BookPrices for Registry;
    using PledgeSet for uint40;

    /// @notice Sums at prices for liquidation. [asset], each part rounded down.
    struct Lines {
        uint256 value;
        uint256 seizableValue; // of the pledges that have a live source
        uint256 borrowLimit;
        uint256 callLine;
        uint256 liquidationLine;
    }

    /// @dev Stands for no listing.
    uint256 internal constant NONE = type(uint256).max;

    /// @notice Σ value × borrow LTV at prices for borrowing; a pledge that is uncertain or retired counts 0. [asset]
    /// @param firstPledges The assets that the loan starts to pledge in this call, which must be pledgeable.
    /// @param released The asset that is taken out in this call: it counts even if it is retired.
    function borrowLimit(
        Ledger storage ledger,
        uint256 id,
        uint40 pledged,
        uint256 loanAsset,
        uint40 firstPledges,
        uint256 released
    ) internal view returns (uint256 limit) {
        uint256 listing;
        while (pledged != 0) {
            (listing, pledged) = pledged.pop();
            (uint256 price, bool retired) = ledger.registry.priceForBorrowing(listing, loanAsset);
            if (firstPledges.contains(listing)) BookPrices.requirePledgeable(listing, price, retired);
            else if (retired && listing != released) continue;
            uint256 value = HealthMath.valueDown(ledger.pledges[id][listing], price);
            limit += HealthMath.shareDown(value, ledger.registry.listings[listing].borrowLtv);
        }
    }

    /// @notice Reverts if the loan owes more than it may borrow, or if there is no telling. See {borrowLimit}.
    function requireWithinLimit(
        Ledger storage ledger,
        uint256 peg,
        uint256 id,
        uint40 pledged,
        uint256 debt,
        uint40 firstPledges,
        uint256 released
    ) internal view {
        uint256 loanAsset = ledger.registry.requireLoanAssetForBorrowing(peg);
        uint256 limit = borrowLimit(ledger, id, pledged, loanAsset, firstPledges, released);
        require(debt <= limit, ILoanBook.AboveBorrowLimit(debt, limit));
    }

    /// @notice All sums that calls and liquidations need. The board must have a price of the loan asset.
    function lines(
        Ledger storage ledger,
        uint256 id,
        uint40 pledged,
        BookPrices.Board memory board
    ) internal view returns (Lines memory sums) {
        uint256 listing;
        while (pledged != 0) {
            (listing, pledged) = pledged.pop();
            (uint256 price, bool seizable) = ledger.registry.priceForLiquidation(listing, board);
            uint256 value = HealthMath.valueDown(ledger.pledges[id][listing], price);
            StoredListing storage stored = ledger.registry.listings[listing];
            sums.value += value;
            if (seizable) sums.seizableValue += value;
            sums.borrowLimit += HealthMath.shareDown(value, stored.borrowLtv);
            sums.callLine += HealthMath.shareDown(value, stored.callLtv);
            sums.liquidationLine += HealthMath.shareDown(value, stored.liquidationLtv);
        }
    }
}
