// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MemoryTable, MemoryTables} from "../../../contracts/libraries/MemoryTables.sol";
import {BaseTest} from "../helpers/BaseTest.sol";

/// @notice {MemoryTable} against arrays.
contract MemoryTablesTest is BaseTest {
    uint256 private constant SIZE = 40;

    /// @dev Two tables with numbers written in any order, with memory of others before, between and after them: each keeps its own.
    function testFuzz_Set_changesOneNumberOfOneTable(uint256 seed, uint256[64] memory steps) public pure {
        bytes memory before = filled(seed, 100);
        MemoryTable first = MemoryTables.create();
        bytes memory between = filled(seed, 33);
        MemoryTable second = MemoryTables.create();
        bytes memory after_ = filled(seed, 1_000);
        uint256[SIZE] memory firstNumbers;
        uint256[SIZE] memory secondNumbers;
        for (uint256 n = 0; n < SIZE; n++) {
            first.set(n, 0);
            second.set(n, 0);
        }
        for (uint256 i = 0; i < steps.length; i++) {
            uint256 n = (steps[i] / 2) % SIZE;
            bool isFirst = steps[i] % 2 == 0;
            (isFirst ? first : second).set(n, steps[i]);
            (isFirst ? firstNumbers : secondNumbers)[n] = steps[i];
        }
        for (uint256 n = 0; n < SIZE; n++) {
            assertEq(first.get(n), firstNumbers[n]);
            assertEq(second.get(n), secondNumbers[n]);
        }
        assertEq(before, filled(seed, 100));
        assertEq(between, filled(seed, 33));
        assertEq(after_, filled(seed, 1_000));
    }

    /// @dev Its ends: the first and the last number touch neither what was there before nor what comes after.
    function test_Set_staysWithinItsEnds() public pure {
        uint256[] memory before = new uint256[](1);
        MemoryTable table = MemoryTables.create();
        uint256[] memory after_ = new uint256[](1);
        before[0] = 1;
        after_[0] = 2;
        table.set(0, type(uint256).max);
        table.set(SIZE - 1, type(uint256).max - 1);
        assertEq(before[0], 1);
        assertEq(after_.length, 1);
        assertEq(after_[0], 2);
        assertEq(table.get(0), type(uint256).max);
        assertEq(table.get(SIZE - 1), type(uint256).max - 1);
    }

    /// @dev On memory that others have used, a number is what was written all the same; and the rest is what was there, not zero.
    function testFuzz_Get_onDirtyMemory(uint256 dirt, uint256 listing, uint256 value) public pure {
        listing = bound(listing, 0, SIZE - 1);
        assembly ("memory-safe") {
            let free := mload(0x40)
            for {
                let n := 0
            } lt(n, 64) {
                n := add(n, 1)
            } {
                mstore(add(free, shl(5, n)), dirt)
            }
        }
        MemoryTable table = MemoryTables.create();
        table.set(listing, value);
        for (uint256 n = 0; n < SIZE; n++) assertEq(table.get(n), n == listing ? value : dirt);
    }

    function filled(uint256 seed, uint256 length) private pure returns (bytes memory data) {
        data = new bytes(length);
        for (uint256 i = 0; i < length; i++) data[i] = bytes1(uint8(seed >> (i % 249)));
    }
}
