// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestToken} from "./TestToken.sol";

/// @title FeeToken
/// @notice An ERC-20 that keeps a part of what it moves: the receiver gets less than the sender loses. The fee can be switched
/// on at any time, as that of USDT can. For tests only.
contract FeeToken is TestToken {
    uint256 private constant BPS = 1e4;

    /// @notice Share of each transfer that the token keeps. [bps], rounded down.
    uint256 public fee;

    constructor(string memory name_, string memory symbol_, uint8 decimals_) TestToken(name_, symbol_, decimals_) {}

    function setFee(uint256 fee_) external {
        fee = fee_;
    }

    function _update(address from, address to, uint256 amount) internal override {
        uint256 kept = from == address(0) || to == address(0) ? 0 : (amount * fee) / BPS; // minted and burned whole
        if (kept != 0) super._update(from, address(this), kept);
        super._update(from, to, amount - kept);
    }
}
