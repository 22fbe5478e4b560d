// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC3156FlashBorrower} from "@openzeppelin/contracts/interfaces/IERC3156FlashBorrower.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";

import {ILiquidationCallback} from "../interfaces/ILiquidationCallback.sol";

/// @title FlashActor
/// @notice Borrows for the length of a call: a callback's data is the plan of what to do with the money, step by step. A step that
/// reverts stops all. For tests only: anyone may use it.
contract FlashActor is IERC3156FlashBorrower, ILiquidationCallback {
    struct Step {
        address target;
        bytes data;
    }

    /// @notice What it answers a lender.
    bytes32 public answer = keccak256("ERC3156FlashBorrower.onFlashLoan");

    /// @notice A lender called back.
    event CalledBack(address indexed lender, address initiator, address token, uint256 amount, uint256 fee, bytes data);

    function setAnswer(bytes32 answer_) external {
        answer = answer_;
    }

    /// @notice Carries out a plan now.
    function run(Step[] calldata plan) external {
        _run(plan);
    }

    /// @inheritdoc IERC3156FlashBorrower
    function onFlashLoan(
        address initiator,
        address token,
        uint256 amount,
        uint256 fee,
        bytes calldata data
    ) external returns (bytes32) {
        emit CalledBack(msg.sender, initiator, token, amount, fee, data);
        if (data.length != 0) _run(abi.decode(data, (Step[])));
        return answer;
    }

    /// @inheritdoc ILiquidationCallback
    function onLiquidation(uint256, bytes calldata data) external {
        _run(abi.decode(data, (Step[])));
    }

    function _run(Step[] memory plan) private {
        for (uint256 i = 0; i < plan.length; i++) {
            (bool success, bytes memory result) = plan[i].target.call(plan[i].data);
            if (!success) LowLevelCall.bubbleRevert(result);
        }
    }
}
