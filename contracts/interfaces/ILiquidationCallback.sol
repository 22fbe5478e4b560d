// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title ILiquidationCallback
/// @notice What a liquidator implements to be handed the collateral before it pays.
interface ILiquidationCallback {
    /// @notice Called after the collateral has arrived and before `repaid` is pulled from the callee.
    /// @dev The books stand as if it were paid. The callee must have approved the book for `repaid` when it returns.
    /// @param repaid The loan asset that is pulled next, over all loans of the call. [asset]
    /// @param data What the liquidator passed.
    function onLiquidation(uint256 repaid, bytes calldata data) external;
}
