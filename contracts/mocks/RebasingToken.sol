// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestToken} from "./TestToken.sol";

/// @title RebasingToken
/// @notice An ERC-20 whose balances all shrink or grow together without a transfer, as those of AMPL and stETH do. What it
/// moves is rounded down to its inner shares, so that a receiver may get a unit less. For tests only.
contract RebasingToken is TestToken {
    uint256 private constant WAD = 1e18;

    /// @notice What one inner share is worth now. [WAD]
    uint256 public factor = WAD;

    constructor(string memory name_, string memory symbol_, uint8 decimals_) TestToken(name_, symbol_, decimals_) {}

    /// @notice Everybody has `factor_` times their inner shares from now on.
    function rebase(uint256 factor_) external {
        factor = factor_;
    }

    function balanceOf(address account) public view override returns (uint256) {
        return (super.balanceOf(account) * factor) / WAD;
    }

    function _update(address from, address to, uint256 amount) internal override {
        super._update(from, to, (amount * WAD) / factor);
    }
}
