// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILoanBook} from "../interfaces/ILoanBook.sol";

/// @dev A listing's terms as stored. They never change.
/// ```
/// 95          80 79        64 63       48 47            32 31      16 15         0
/// |maxDeviation | bonusSlope | maxBonus  | liquidationLtv | callLtv  | borrowLtv |
/// ```
type StoredTerms is uint96;

using ListingTerms for StoredTerms global;

/// @title ListingTerms
/// @notice The fields of {StoredTerms}. [bps], see {ILoanBook-Terms}.
library ListingTerms {
    function borrowLtv(StoredTerms terms) internal pure returns (uint256) {
        return uint16(StoredTerms.unwrap(terms)); // without the fields above it, as below
    }

    function callLtv(StoredTerms terms) internal pure returns (uint256) {
        return uint16(StoredTerms.unwrap(terms) >> 16);
    }

    function liquidationLtv(StoredTerms terms) internal pure returns (uint256) {
        return uint16(StoredTerms.unwrap(terms) >> 32);
    }

    function maxBonus(StoredTerms terms) internal pure returns (uint256) {
        return uint16(StoredTerms.unwrap(terms) >> 48);
    }

    function bonusSlope(StoredTerms terms) internal pure returns (uint256) {
        return uint16(StoredTerms.unwrap(terms) >> 64);
    }

    function maxDeviation(StoredTerms terms) internal pure returns (uint256) {
        return uint16(StoredTerms.unwrap(terms) >> 80);
    }

    function pack(ILoanBook.Terms memory terms) internal pure returns (StoredTerms) {
        return
            StoredTerms.wrap(
                uint96(terms.borrowLtv) |
                    (uint96(terms.callLtv) << 16) |
                    (uint96(terms.liquidationLtv) << 32) |
                    (uint96(terms.maxBonus) << 48) |
                    (uint96(terms.bonusSlope) << 64) |
                    (uint96(terms.maxDeviation) << 80)
            );
    }

    function unpack(StoredTerms terms) internal pure returns (ILoanBook.Terms memory) {
        return
            ILoanBook.Terms({
                borrowLtv: uint16(borrowLtv(terms)), // each has 16 bits
                callLtv: uint16(callLtv(terms)),
                liquidationLtv: uint16(liquidationLtv(terms)),
                maxBonus: uint16(maxBonus(terms)),
                bonusSlope: uint16(bonusSlope(terms)),
                maxDeviation: uint16(maxDeviation(terms))
            });
    }
}
