// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestToken} from "./TestToken.sol";

/// @title BlockingToken
/// @notice An ERC-20 whose issuer can block accounts, as USDC's can. A blocked transfer reverts or, if the token is quiet,
/// returns false. For tests only.
contract BlockingToken is TestToken {
    mapping(address account => bool) public isBlocked;
    bool public isQuiet;

    error Blocked(address account);

    constructor(string memory name_, string memory symbol_, uint8 decimals_) TestToken(name_, symbol_, decimals_) {}

    function setBlocked(address account, bool blocked) external {
        isBlocked[account] = blocked;
    }

    /// @notice Makes blocked transfers return false instead of reverting.
    function setQuiet(bool quiet) external {
        isQuiet = quiet;
    }

    function transfer(address to, uint256 amount) public override returns (bool) {
        if (isBlocked[to] && isQuiet) return false;
        return super.transfer(to, amount);
    }

    function transferFrom(address from, address to, uint256 amount) public override returns (bool) {
        if ((isBlocked[from] || isBlocked[to]) && isQuiet) return false;
        return super.transferFrom(from, to, amount);
    }

    function _update(address from, address to, uint256 amount) internal override {
        if (isBlocked[from]) revert Blocked(from);
        if (isBlocked[to]) revert Blocked(to);
        super._update(from, to, amount);
    }
}
