// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";

/// @title DaiToken
/// @notice A token whose `permit` is not ERC-2612's but DAI's: all or nothing, with the nonce in the call. For tests only.
contract DaiToken is ERC20 {
    uint8 private immutable DECIMALS;

    /// @notice How many permits arrived.
    uint256 public permits;

    constructor(string memory name_, string memory symbol_, uint8 decimals_) ERC20(name_, symbol_) {
        DECIMALS = decimals_;
    }

    function mint(address to, uint256 amount) external {
        _mint(to, amount);
    }

    function permit(address holder, address spender, uint256, uint256, bool allowed, uint8, bytes32, bytes32) external {
        permits++;
        _approve(holder, spender, allowed ? type(uint256).max : 0);
    }

    function decimals() public view override returns (uint8) {
        return DECIMALS;
    }
}
