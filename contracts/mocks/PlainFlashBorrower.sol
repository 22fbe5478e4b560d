// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/interfaces/IERC20.sol";
import {IERC3156FlashBorrower} from "@openzeppelin/contracts/interfaces/IERC3156FlashBorrower.sol";

/// @title PlainFlashBorrower
/// @notice Borrows for a moment and does nothing with it: what a flash loan costs by itself. For measurements only.
contract PlainFlashBorrower is IERC3156FlashBorrower {
    constructor(IERC20 token, address lender) {
        token.approve(lender, type(uint256).max);
    }

    function onFlashLoan(address, address, uint256, uint256, bytes calldata) external pure returns (bytes32) {
        return keccak256("ERC3156FlashBorrower.onFlashLoan");
    }
}
