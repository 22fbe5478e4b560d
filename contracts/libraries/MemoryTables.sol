// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {MAX_SET} from "./PledgeSet.sol";

/// @dev A number for each listing, in memory: where it begins.
type MemoryTable is uint256;

using MemoryTables for MemoryTable global;

/// @title MemoryTables
/// @notice Tables that are not cleared when they are made: who reads a number must have written it, and know it.
/// @dev Solidity's own arrays are cleared, and every access is checked: in a liquidation some 2,000 gas. Assembly for the accesses.
library MemoryTables {
    /// @notice A new table. Its numbers are whatever the memory held.
    function create() internal pure returns (MemoryTable table) {
        uint256 size = 32 * MAX_SET; // a word for each
        assembly ("memory-safe") {
            table := mload(0x40) // free memory
            mstore(0x40, add(table, size))
        }
    }

    /// @notice The number of a listing.
    /// @param listing Below {MAX_SET}.
    function get(MemoryTable table, uint256 listing) internal pure returns (uint256 value) {
        assembly ("memory-safe") {
            value := mload(add(table, shl(5, listing)))
        }
    }

    /// @notice Writes the number of a listing.
    /// @param listing Below {MAX_SET}.
    function set(MemoryTable table, uint256 listing, uint256 value) internal pure {
        assembly ("memory-safe") {
            mstore(add(table, shl(5, listing)), value)
        }
    }
}
