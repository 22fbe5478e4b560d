// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";

import {IProposals} from "../interfaces/IProposals.sol";

/// @dev How long an action waits unless it has a delay of its own. [s]
uint256 constant STANDARD_DELAY = 7 days;

/// @title Proposals
/// @notice Delays of the contract's own, whatever the AccessManager's are. See {IProposals}.
abstract contract Proposals is IProposals, AccessManaged {
    /// @dev One slot:
    /// ```
    /// 255                                                    40 39          0
    /// |                          note                          | proposedAt |
    /// ```
    struct Proposal {
        uint40 proposedAt; // [s]
        uint216 note; // what the action wants to know of that moment
    }

    uint256 public constant PROPOSAL_DELAY = STANDARD_DELAY;
    uint256 public constant PROPOSAL_LIFETIME = 37 days;

    /// @dev Proposals made before this are void. [s]
    uint40 private _voidBefore;

    mapping(bytes32 id => Proposal) private _proposals;

    /// @inheritdoc IProposals
    function propose(bytes calldata action) external restricted returns (bytes32 id) {
        require(action.length >= 4, InvalidAction(bytes4(action)));
        id = keccak256(action);
        _proposals[id] = Proposal(uint40(block.timestamp), _checkAction(action)); // 40 bits last 34,000 years
        emit Proposed(id, bytes4(action), action);
    }

    /// @inheritdoc IProposals
    function execute(bytes calldata action) external restricted {
        bytes32 id = keccak256(action);
        Proposal storage proposal = _standing(id);
        (uint256 made, uint216 note) = (proposal.proposedAt, proposal.note);
        uint256 age = block.timestamp - made;
        require(age < PROPOSAL_LIFETIME, ProposalLapsed(age, PROPOSAL_LIFETIME));
        delete _proposals[id];
        emit Executed(id);
        _execute(action, age, note);
    }

    /// @inheritdoc IProposals
    function cancel(bytes32 id) external restricted {
        _standing(id);
        delete _proposals[id];
        emit ProposalCancelled(id);
    }

    /// @inheritdoc IProposals
    function cancelAll() external restricted {
        _voidBefore = uint40(block.timestamp + 1); // 40 bits last 34,000 years
        emit AllProposalsCancelled();
    }

    /// @inheritdoc IProposals
    function proposedAt(bytes32 id) external view returns (uint256) {
        uint256 time = _proposals[id].proposedAt;
        return time < _voidBefore ? 0 : time;
    }

    /// @dev A proposal that was made and is not void.
    function _standing(bytes32 id) private view returns (Proposal storage proposal) {
        proposal = _proposals[id];
        require(proposal.proposedAt != 0 && proposal.proposedAt >= _voidBefore, NotProposed(id));
    }

    /// @dev Reverts unless `action`, which has a selector, is one and could be carried out as things stand.
    function _checkAction(bytes calldata action) internal view virtual returns (uint216 note);

    /// @dev Carries out an action, or reverts if its proposal is too young.
    /// @param age Of the proposal. [s]
    /// @param note What {_checkAction} noted then.
    function _execute(bytes calldata action, uint256 age, uint216 note) internal virtual;
}
