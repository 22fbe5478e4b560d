// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestToken} from "./TestToken.sol";

/// @title PausableToken
/// @notice An ERC-20 whose issuer can stop all transfers, as that of USDC or WBTC can. For tests only.
contract PausableToken is TestToken {
    bool public isPaused;

    error TransfersPaused();

    constructor(string memory name_, string memory symbol_, uint8 decimals_) TestToken(name_, symbol_, decimals_) {}

    function setPaused(bool paused) external {
        isPaused = paused;
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (isPaused) revert TransfersPaused();
        super._update(from, to, amount);
    }
}
