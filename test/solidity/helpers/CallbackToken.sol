// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestToken} from "../../../contracts/mocks/TestToken.sol";

/// @title ITokenReceiver
/// @notice Who is told of a {CallbackToken} that arrived.
interface ITokenReceiver {
    function onTokens(uint256 amount) external;
}

/// @title CallbackToken
/// @notice A token that moves exactly what it is told to and then tells a receiver that has registered, as ERC-777 does.
contract CallbackToken is TestToken {
    mapping(address receiver => bool) public isRegistered;

    constructor(uint8 decimals_) TestToken("Callback", "CALL", decimals_) {}

    function register() external {
        isRegistered[msg.sender] = true;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, amount);
        if (isRegistered[to]) ITokenReceiver(to).onTokens(amount);
    }
}
