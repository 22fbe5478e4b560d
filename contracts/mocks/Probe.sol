// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";

/// @title Probe
/// @notice A party that does what it is told to, and can try many plans from the same state: what a plan does is undone before the
/// next one. One read tells what hundreds of transactions would. For tests only.
contract Probe {
    /// @dev One call of a plan.
    struct Step {
        address target;
        bytes data;
    }

    /// @dev How a plan ended: what each step returned, or what the one reverted with that failed.
    error Undone(bool success, bytes[] results);

    /// @notice Calls, and returns or reverts as the callee does.
    function relay(address target, bytes calldata data) external {
        (bool success, bytes memory result) = target.call(data);
        if (!success) LowLevelCall.bubbleRevert(result);
        assembly ("memory-safe") {
            return(add(result, 32), mload(result))
        }
    }

    /// @notice Takes all steps, or none: reverts as the first does that fails.
    function perform(Step[] calldata plan) public returns (bytes[] memory results) {
        results = new bytes[](plan.length);
        for (uint256 i = 0; i < plan.length; i++) {
            bool success;
            (success, results[i]) = plan[i].target.call(plan[i].data);
            if (!success) LowLevelCall.bubbleRevert(results[i]);
        }
    }

    /// @notice Takes the steps of `setting`, and from there tries each plan.
    /// @return ends How each plan ended, as an encoded {Undone}.
    function attempt(Step[] calldata setting, Step[][] calldata plans) external returns (bytes[] memory ends) {
        perform(setting);
        ends = new bytes[](plans.length);
        for (uint256 i = 0; i < plans.length; i++) {
            try this.rehearse(plans[i]) {} catch (bytes memory end) {
                ends[i] = end;
            }
        }
    }

    /// @notice Takes all steps, says how that ended, and undoes them: always reverts.
    function rehearse(Step[] calldata plan) external {
        try this.perform(plan) returns (bytes[] memory results) {
            revert Undone(true, results);
        } catch (bytes memory reason) {
            bytes[] memory results = new bytes[](1);
            results[0] = reason;
            revert Undone(false, results);
        }
    }
}
