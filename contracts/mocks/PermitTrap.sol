// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title PermitTrap
/// @notice Not a token: whoever asks it for a permit finds it calling wherever it was told to, once. For tests only.
contract PermitTrap {
    address private _target;
    bytes private _data;

    /// @notice How often the call went through.
    uint256 public successes;

    /// @notice How often it was asked.
    uint256 public permits;

    /// @notice What to call at the next permit.
    function prepare(address target, bytes calldata data) external {
        (_target, _data) = (target, data);
    }

    function permit(address, address, uint256, uint256, uint8, bytes32, bytes32) external {
        permits++;
        (bool success, ) = _target.call(_data);
        if (success) successes++;
    }
}
