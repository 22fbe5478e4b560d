// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title IProposals
/// @notice What makes a market riskier is announced first. The curator proposes an action, and may execute the same action,
/// once, after a delay that is a constant of the contract. Until then lenders and borrowers may leave, and the guardian may
/// cancel it.
/// @dev An action is encoded like a call: a selector and arguments; {IBookActions} and {IVaultActions} say which there are. Who
/// is curator and guardian is the AccessManager's business; how long an action waits is not.
interface IProposals {
    /// @notice There is no such action.
    error InvalidAction(bytes4 selector);

    /// @notice The guardian has lowered the cap since its raise was proposed, or in the same second: it must be proposed anew. [s]
    error LoweredSince(uint256 loweredAt, uint256 proposedAt);

    /// @notice The action was not proposed, was cancelled, or was executed before.
    error NotProposed(bytes32 id);

    /// @notice The action was proposed too long ago. [s]
    error ProposalLapsed(uint256 age, uint256 lifetime);

    /// @notice The action was proposed too recently. [s]
    error ProposalNotReady(uint256 age, uint256 delay);

    /// @notice All proposals that were made until now were cancelled.
    event AllProposalsCancelled();

    /// @notice A proposed action was carried out.
    event Executed(bytes32 indexed id);

    /// @notice A proposal was cancelled.
    event ProposalCancelled(bytes32 indexed id);

    /// @notice An action was proposed; proposing it again starts its delay again.
    /// @param id keccak-256 of `action`.
    event Proposed(bytes32 indexed id, bytes4 indexed selector, bytes action);

    /// @notice How long a proposed action waits, unless {IBookActions} says otherwise. [s]
    function PROPOSAL_DELAY() external view returns (uint256);

    /// @notice From this age on a proposal is worth nothing. [s]
    function PROPOSAL_LIFETIME() external view returns (uint256);

    /// @notice When an action was proposed; 0 if it was not, was cancelled, or was executed. [s]
    /// @param id keccak-256 of the action.
    function proposedAt(bytes32 id) external view returns (uint256);

    /// @notice Proposes an action. Curator.
    /// @dev Reverts for what could not be carried out as things stand, so that a mistake shows today and not in a week.
    /// @return id keccak-256 of `action`.
    function propose(bytes calldata action) external returns (bytes32 id);

    /// @notice Carries out an action that has waited long enough. Curator.
    function execute(bytes calldata action) external;

    /// @notice Cancels a proposal. Guardian.
    function cancel(bytes32 id) external;

    /// @notice Cancels all proposals that were made until now, those of this second included: a curator who floods the contract
    /// with them gains nothing by their number. Guardian.
    function cancelAll() external;
}
