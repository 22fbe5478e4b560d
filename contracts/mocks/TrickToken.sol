// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestToken} from "./TestToken.sol";

/// @title TrickToken
/// @notice An ERC-20 that turns against those who hold it: it begins to keep a part of what it moves, to say no though it
/// has moved, or to burn all gas. For tests only.
contract TrickToken is TestToken {
    enum Trick {
        None,
        KeepTenth, // a tenth of what is moved stays with the token
        DenyTransfer, // `transfer` moves and returns false
        BurnGas // a transfer uses up all gas
    }

    Trick public trick;

    constructor(string memory name_, string memory symbol_, uint8 decimals_) TestToken(name_, symbol_, decimals_) {}

    function play(Trick trick_) external {
        trick = trick_;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        super.transfer(to, amount);
        return trick != Trick.DenyTransfer;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (trick == Trick.BurnGas) {
            for (uint256 i = 0; ; i++) {} // until the gas is gone
        }
        uint256 kept = trick == Trick.KeepTenth && from != address(0) ? amount / 10 : 0; // rounded down
        if (kept != 0) super._update(from, address(this), kept);
        super._update(from, to, amount - kept);
    }
}
