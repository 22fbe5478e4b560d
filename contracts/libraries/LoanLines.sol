// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BookPrices} from "./BookPrices.sol";
import {HealthMath} from "./HealthMath.sol";
import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {Ledger} from "./Ledger.sol";
import {Registry} from "./ListingRegistry.sol";
import {StoredTerms} from "./ListingTerms.sol";
import {PledgeLedger} from "./PledgeLedger.sol";
import {PledgeSet} from "./PledgeSet.sol";
import {FeedSource} from "./PriceFeeds.sol";
import {StoredLoan} from "./StoredLoans.sol";

/// @title LoanLines
/// @notice The sums over a loan's pledges that its debt is compared with.
library LoanLines {
    using BookPrices for Registry;
    using PledgeLedger for Ledger;
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
        StoredLoan loan,
        uint256 loanAsset,
        uint40 firstPledges,
        uint256 released
    ) internal view returns (uint256 limit) {
        uint256 listing;
        for (uint40 rest = loan.pledged(); rest != 0;) {
            (listing, rest) = loan.nextPledge(rest);
            StoredTerms terms = ledger.registry.listings[listing].terms;
            (uint256 price, bool retired) = ledger.registry.priceForBorrowing(listing, terms, loanAsset);
            if (firstPledges.contains(listing)) BookPrices.requirePledgeable(listing, price, retired);
            else if (retired && listing != released) continue;
            uint256 value = HealthMath.valueDown(ledger.amountOf(id, loan, listing), price);
            limit += HealthMath.shareDown(value, terms.borrowLtv());
        }
    }

    /// @notice Reverts if the loan owes more than it may borrow, or if there is no telling. See {borrowLimit}.
    /// @param source The loan asset's.
    function requireWithinLimit(
        Ledger storage ledger,
        FeedSource source,
        uint256 peg,
        uint256 id,
        StoredLoan loan,
        uint256 debt,
        uint40 firstPledges,
        uint256 released
    ) internal view {
        uint256 loanAsset = BookPrices.requireLoanAssetForBorrowing(source, peg);
        uint256 limit = borrowLimit(ledger, id, loan, loanAsset, firstPledges, released);
        require(debt <= limit, ILoanBook.AboveBorrowLimit(debt, limit));
    }

    /// @notice All sums that calls and liquidations need. The board must have a price of the loan asset.
    /// @dev A value has at most 195 bits, see {ListingAdmin}, so that no sum of them comes near to a word.
    function lines(
        Ledger storage ledger,
        uint256 id,
        StoredLoan loan,
        BookPrices.Board memory board
    ) internal view returns (Lines memory sums) {
        addUp(sums, ledger, id, loan, board);
    }

    /// @notice The same into sums that are zero.
    function addUp(
        Lines memory sums,
        Ledger storage ledger,
        uint256 id,
        StoredLoan loan,
        BookPrices.Board memory board
    ) internal view {
        uint256 listing;
        for (uint40 rest = loan.pledged(); rest != 0;) {
            (listing, rest) = loan.nextPledge(rest);
            (uint256 price, bool seizable, StoredTerms terms) = ledger.registry.priceForLiquidation(listing, board);
            uint256 value = HealthMath.valueDown(ledger.amountOf(id, loan, listing), price);
            unchecked {
                sums.value += value;
                if (seizable) sums.seizableValue += value;
                sums.borrowLimit += HealthMath.shareDown(value, terms.borrowLtv());
                sums.callLine += HealthMath.shareDown(value, terms.callLtv());
                sums.liquidationLine += HealthMath.shareDown(value, terms.liquidationLtv());
            }
        }
    }
}
