// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IVaultActions
/// @notice What can be proposed to a {LenderVault}. This is not a function of the vault: it is encoded like a call of this
/// interface, proposed, and executed by {IProposals-execute}.
interface IVaultActions {
    /// @notice Raises the deposit cap, after {IProposals-PROPOSAL_DELAY}. [asset]
    function raiseDepositCap(uint256 cap) external;
}
