// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILoanBook} from "../../../contracts/interfaces/ILoanBook.sol";
import {ListingTerms, StoredTerms} from "../../../contracts/libraries/ListingTerms.sol";
import {BaseTest} from "../helpers/BaseTest.sol";

/// @notice {StoredTerms} against the terms of the interface.
contract ListingTermsTest is BaseTest {
    function testFuzz_Accessors_readWhatWasPacked(ILoanBook.Terms memory terms) public pure {
        StoredTerms stored = ListingTerms.pack(terms);
        assertEq(stored.borrowLtv(), terms.borrowLtv);
        assertEq(stored.callLtv(), terms.callLtv);
        assertEq(stored.liquidationLtv(), terms.liquidationLtv);
        assertEq(stored.maxBonus(), terms.maxBonus);
        assertEq(stored.bonusSlope(), terms.bonusSlope);
        assertEq(stored.maxDeviation(), terms.maxDeviation);
    }

    function testFuzz_Unpack_isTheInverseOfPack(ILoanBook.Terms memory terms) public pure {
        assertEq(abi.encode(ListingTerms.pack(terms).unpack()), abi.encode(terms));
    }

    /// @dev Every one of the 96 bits is in some field.
    function testFuzz_Pack_isTheInverseOfUnpack(uint96 word) public pure {
        assertEq(StoredTerms.unwrap(ListingTerms.pack(StoredTerms.wrap(word).unpack())), word);
    }

    /// @dev The first is in the lowest bits.
    function test_Pack_isDrawnAsItIs() public pure {
        StoredTerms stored = ListingTerms.pack(ILoanBook.Terms(1, 2, 3, 4, 5, 6));
        assertEq(StoredTerms.unwrap(stored), 0x000600050004000300020001);
    }
}
