// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestToken} from "./TestToken.sol";

/// @notice What an account that asked for hooks is told about its tokens.
interface ITokenHook {
    /// @notice `amount` is about to leave the account.
    function onTokenSent(address to, uint256 amount) external;

    /// @notice `amount` has arrived at the account.
    function onTokenReceived(address from, uint256 amount) external;
}

/// @title HookToken
/// @notice An ERC-20 that calls sender and receiver back, as ERC-777 tokens do. It moves exactly what it is told to.
/// For tests only.
contract HookToken is TestToken {
    mapping(address account => bool) public isHooked;

    constructor(string memory name_, string memory symbol_, uint8 decimals_) TestToken(name_, symbol_, decimals_) {}

    /// @notice Turns the caller's hooks on or off.
    function setHooked(bool hooked) external {
        isHooked[msg.sender] = hooked;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (isHooked[from]) ITokenHook(from).onTokenSent(to, amount);
        super._update(from, to, amount);
        if (isHooked[to]) ITokenHook(to).onTokenReceived(from, amount);
    }
}
