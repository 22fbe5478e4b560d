// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestToken} from "./TestToken.sol";

/// @title FalseToken
/// @notice An ERC-20 that never reverts: it returns false where a transfer is not covered, as the oldest tokens do. It can be
/// told to lie. For tests only.
contract FalseToken is TestToken {
    /// @dev How its answers differ from what it does.
    enum Mode {
        Honest,
        Denies, // moves, and returns false
        Feigns // moves nothing, and returns true
    }

    Mode public mode;

    constructor(string memory name_, string memory symbol_, uint8 decimals_) TestToken(name_, symbol_, decimals_) {}

    function setMode(Mode mode_) external {
        mode = mode_;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        if (mode == Mode.Feigns) return true;
        if (balanceOf(msg.sender) < amount) return false;
        _transfer(msg.sender, to, amount);
        return mode == Mode.Honest;
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        if (mode == Mode.Feigns) return true;
        if (balanceOf(from) < amount || allowance(from, msg.sender) < amount) return false;
        _spendAllowance(from, msg.sender, amount);
        _transfer(from, to, amount);
        return mode == Mode.Honest;
    }
}
