// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LoanId} from "../../../contracts/libraries/LoanId.sol";
import {BaseTest} from "../helpers/BaseTest.sol";

contract LoanIdTest is BaseTest {
    function testFuzz_OwnerOf_isWhatStandsBeforeTheNumber(address owner, uint96 number) public pure {
        uint256 id = uint256(bytes32(abi.encodePacked(owner, number)));
        assertEq(LoanId.ownerOf(id), owner);
    }
}
