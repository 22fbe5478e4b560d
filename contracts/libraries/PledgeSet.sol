// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LibBit} from "solady/src/utils/LibBit.sol";

/// @dev How many listings a {PledgeSet} can tell apart.
uint256 constant MAX_SET = 40;

/// @title PledgeSet
/// @notice The listings that a loan has pledged, as a bitmap: bit n is set when the loan holds a pledge of listing n.
/// @dev Listings are numbered 0…39, so a set fits the 40 bits that the loan's slot has for it.
library PledgeSet {
    /// @notice True if listing `listing` is in the set.
    function contains(uint40 set, uint256 listing) internal pure returns (bool) {
        return (uint256(set) >> listing) & 1 == 1;
    }

    /// @notice The set with `listing` in it.
    function add(uint40 set, uint256 listing) internal pure returns (uint40) {
        return uint40(set | (1 << listing)); // a listing's number is below 40
    }

    /// @notice The set without `listing`.
    function remove(uint40 set, uint256 listing) internal pure returns (uint40) {
        return uint40(set & ~(1 << listing)); // only clears a bit
    }

    /// @notice Takes the lowest listing out of a set that is not empty.
    function pop(uint40 set) internal pure returns (uint256 listing, uint40 rest) {
        listing = LibBit.ffs(set);
        rest = set & (set - 1);
    }

    /// @notice How many listings are in the set.
    function count(uint40 set) internal pure returns (uint256 n) {
        for (; set != 0; set &= set - 1) n++;
    }
}
