// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {PledgeSet} from "../../../contracts/libraries/PledgeSet.sol";
import {BaseTest} from "../helpers/BaseTest.sol";

/// @notice {PledgeSet} against forty booleans.
contract PledgeSetTest is BaseTest {
    uint256 private constant SIZE = 40;

    function testFuzz_Contains_matchesBooleans(uint40 set) public pure {
        bool[SIZE] memory members = membersOf(set);
        for (uint256 i = 0; i < SIZE; i++) assertEq(PledgeSet.contains(set, i), members[i]);
    }

    /// @dev A listing that cannot exist is in no set.
    function testFuzz_Contains_isFalseBeyondTheSet(uint40 set, uint256 listing) public pure {
        assertFalse(PledgeSet.contains(set, bound(listing, SIZE, type(uint256).max)));
    }

    function testFuzz_Add_changesOneMember(uint40 set, uint256 listing) public pure {
        listing = bound(listing, 0, SIZE - 1);
        bool[SIZE] memory expected = membersOf(set);
        expected[listing] = true;
        assertMembers(PledgeSet.add(set, listing), expected);
    }

    function testFuzz_Remove_changesOneMember(uint40 set, uint256 listing) public pure {
        listing = bound(listing, 0, SIZE - 1);
        bool[SIZE] memory expected = membersOf(set);
        expected[listing] = false;
        assertMembers(PledgeSet.remove(set, listing), expected);
    }

    function testFuzz_Count_countsMembers(uint40 set) public pure {
        bool[SIZE] memory members = membersOf(set);
        uint256 expected = 0;
        for (uint256 i = 0; i < SIZE; i++) if (members[i]) expected++;
        assertEq(PledgeSet.count(set), expected);
    }

    /// @dev Popping visits every member once, from the lowest to the highest.
    function testFuzz_Pop_visitsMembersInOrder(uint40 set) public pure {
        bool[SIZE] memory members = membersOf(set);
        for (uint256 i = 0; i < SIZE; i++) {
            if (!members[i]) continue;
            uint256 listing;
            (listing, set) = PledgeSet.pop(set);
            assertEq(listing, i);
        }
        assertEq(set, 0);
    }

    function assertMembers(uint40 set, bool[SIZE] memory expected) private pure {
        bool[SIZE] memory members = membersOf(set);
        for (uint256 i = 0; i < SIZE; i++) assertEq(members[i], expected[i]);
    }

    function membersOf(uint40 set) private pure returns (bool[SIZE] memory members) {
        for (uint256 i = 0; i < SIZE; i++) members[i] = (set / 2 ** i) % 2 == 1;
    }
}
