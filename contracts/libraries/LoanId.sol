// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title LoanId
/// @notice A loan's id is `owner << 96 | number`: the owner needs no storage and cannot change, so a loan cannot be moved
/// to another key to dodge a liquidation, and a wallet may have 2^96 loans.
library LoanId {
    /// @notice The wallet that owns the loan.
    function ownerOf(uint256 id) internal pure returns (address) {
        return address(uint160(id >> 96)); // the upper 160 bits are the owner
    }
}
