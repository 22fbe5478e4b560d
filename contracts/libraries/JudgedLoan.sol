// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {BookPrices} from "./BookPrices.sol";
import {HealthMath} from "./HealthMath.sol";
import {Ledger} from "./Ledger.sol";
import {StoredTerms} from "./ListingTerms.sol";
import {LiquidationMath} from "./LiquidationMath.sol";
import {PledgeLedger} from "./PledgeLedger.sol";
import {StoredLoan} from "./StoredLoans.sol";

/// @title JudgedLoan
/// @notice One loan at prices for liquidation, each read once. Where there are many, a {BookPrices-Board} keeps what was read.
library JudgedLoan {
    /// @notice A loan's sums for a hard liquidation, and the pledge of a listing. Growth and debt are the caller's to write.
    /// @param loanAsset See {BookPrices-loanAssetForLiquidation}.
    /// @param listing The pledge that is taken.
    /// @return p Its seizure price is 0 if the pledge has no live source.
    function judge(
        Ledger storage ledger,
        uint256 id,
        StoredLoan loan,
        uint256 loanAsset,
        uint256 listing
    ) internal view returns (LiquidationMath.Position memory p) {
        uint256 next;
        for (uint40 rest = loan.pledged(); rest != 0;) {
            (next, rest) = loan.nextPledge(rest);
            (uint256 price, bool seizable, bool apart, StoredTerms terms) = BookPrices.readForLiquidation(
                ledger.registry,
                next,
                loanAsset
            );
            uint256 amount = PledgeLedger.amountOf(ledger, id, loan, next);
            uint256 value = HealthMath.valueDown(amount, price);
            unchecked {
                p.value += value; // see {LoanLines-lines}
                if (seizable) p.seizableValue += value;
                p.target += HealthMath.shareDown(value, terms.borrowLtv());
                p.liquidationLine += HealthMath.shareDown(value, terms.liquidationLtv());
            }
            if (next != listing) continue;
            (p.pledged, p.price, p.targetLtv) = (amount, price, terms.borrowLtv());
            (p.maxBonus, p.bonusSlope) = (terms.maxBonus(), terms.bonusSlope());
            if (seizable) p.seizurePrice = BookPrices.priceForSeizure(price, apart, terms);
        }
    }
}
