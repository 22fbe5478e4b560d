// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC3156FlashBorrower} from "@openzeppelin/contracts/interfaces/IERC3156FlashBorrower.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";

import {ILiquidationCallback} from "../interfaces/ILiquidationCallback.sol";
import {ITokenHook} from "./HookToken.sol";

/// @title CallbackActor
/// @notice A party that is a contract: it does what it is told to, and when it is called back it runs a plan made before.
/// For tests only.
contract CallbackActor is ILiquidationCallback, IERC3156FlashBorrower, ITokenHook {
    /// @dev One call of a plan, and how it ended.
    struct Step {
        address target;
        bytes data;
    }

    struct Outcome {
        bool success;
        bytes result;
    }

    Step[] private _plan;
    Outcome[] private _outcomes;

    /// @notice How many callbacks arrived, with or without a plan.
    uint256 public callbacks;

    /// @notice What the last liquidation callback said is pulled next.
    uint256 public repaidInCallback;

    /// @notice Runs `plan` at the next callback, once.
    function prepare(Step[] calldata plan) external {
        delete _plan;
        delete _outcomes;
        for (uint256 i = 0; i < plan.length; i++) _plan.push(plan[i]);
    }

    /// @notice Calls now, and reverts as the callee does.
    function run(address target, bytes calldata data) external returns (bytes memory result) {
        bool success;
        (success, result) = target.call(data);
        if (!success) LowLevelCall.bubbleRevert(result);
    }

    /// @notice How the steps of the plan ended; a step that reverted did not stop the others.
    function outcomes() external view returns (Outcome[] memory) {
        return _outcomes;
    }

    function onLiquidation(uint256 repaid, bytes calldata) external {
        repaidInCallback = repaid;
        _runPlan();
    }

    function onFlashLoan(address, address, uint256, uint256, bytes calldata) external returns (bytes32) {
        _runPlan();
        return keccak256("ERC3156FlashBorrower.onFlashLoan");
    }

    function onTokenSent(address, uint256) external {
        _runPlan();
    }

    function onTokenReceived(address, uint256) external {
        _runPlan();
    }

    function _runPlan() private {
        callbacks++;
        Step[] memory plan = _plan;
        delete _plan; // first: the steps may lead back here
        for (uint256 i = 0; i < plan.length; i++) {
            (bool success, bytes memory result) = plan[i].target.call(plan[i].data);
            _outcomes.push(Outcome(success, result));
        }
    }
}
