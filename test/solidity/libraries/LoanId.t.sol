// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LoanId} from "../../../contracts/libraries/LoanId.sol";
import {BaseTest} from "../helpers/BaseTest.sol";

contract LoanIdTest is BaseTest {
    function testFuzz_Pack_isOwnerThenNumber(address owner, uint96 number) public pure {
        uint256 id = LoanId.pack(owner, number);
        assertEq(abi.encodePacked(id), abi.encodePacked(owner, number));
        assertEq(LoanId.ownerOf(id), owner);
    }

    function testFuzz_OwnerOf_isDefinedForEveryId(uint256 id) public pure {
        address owner = LoanId.ownerOf(id);
        assertEq(LoanId.pack(owner, uint96(id)), id); // the lower 96 bits are the number
    }
}
