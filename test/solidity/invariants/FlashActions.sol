// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC3156FlashBorrower} from "@openzeppelin/contracts/interfaces/IERC3156FlashBorrower.sol";

import {ILenderVault} from "../../../contracts/interfaces/ILenderVault.sol";
import {BorrowerActions} from "./BorrowerActions.sol";

/// @title FlashActions
/// @notice Flash loans of the vault's cash: the handler receives them, and lends or repays before it pays them back.
abstract contract FlashActions is BorrowerActions, IERC3156FlashBorrower {
    /// @dev What the receiver does with what it is lent.
    enum Use {
        Nothing,
        Deposit, // and leaves it there
        RoundTrip, // deposits, and redeems
        Repay, // a loan
        Reject // answers wrongly
    }

    bytes32 private constant ACCEPTED = keccak256("ERC3156FlashBorrower.onFlashLoan");

    constructor() {
        _actor(address(this));
    }

    function flashLoan(uint256 which, uint256 kind, uint256 amount) external action("flashLoan") {
        uint256 cash = vault.state().cash;
        amount = amount % 8 == 0 ? cash + 1 : bound(amount, 0, cash);
        Use use = Use(kind % 5);
        bool isOpen = vault.pausedUntil(ILenderVault.Activity.FlashLoan) == 0;
        bool expected = isOpen && amount <= cash && use != Use.Reject;
        assertEq(vault.maxFlashLoan(address(asset)), isOpen ? cash : 0);
        try vault.flashLoan(this, address(asset), amount, abi.encode(use, which)) returns (bool accepted) {
            assertTrue(expected && accepted, "flashLoan should have been refused");
            counts["flash loan"]++;
            _succeeded();
        } catch (bytes memory reason) {
            assertFalse(expected, string.concat("flashLoan was refused: ", vm.toString(reason)));
            _refused(
                reason,
                abi.encodePacked(
                    ILenderVault.Paused.selector,
                    ILenderVault.InsufficientCash.selector,
                    ILenderVault.FlashLoanNotAccepted.selector
                )
            );
        }
    }

    function onFlashLoan(
        address initiator,
        address token,
        uint256 amount,
        uint256 fee,
        bytes calldata data
    ) external returns (bytes32) {
        (Use use, uint256 which) = abi.decode(data, (Use, uint256));
        assertEq(msg.sender, address(vault));
        assertEq(initiator, address(this));
        assertEq(token, address(asset));
        assertEq(fee, 0);
        if (use == Use.Deposit || use == Use.RoundTrip) _lendBack(amount, use == Use.RoundTrip);
        if (use == Use.Repay && amount != 0 && _pickDebt(which) != 0) _repay(_pickDebt(which), address(this), amount);
        asset.mint(address(this), amount); // whatever became of it
        return use == Use.Reject ? bytes32(0) : ACCEPTED;
    }

    /// @dev A round trip gains nothing.
    function _lendBack(uint256 amount, bool isRoundTrip) private {
        if (amount > vault.maxDeposit(address(this)) || vault.totalSupply() > MANY_SHARES) return;
        uint256 shares = vault.deposit(amount, address(this));
        if (isRoundTrip) assertLe(vault.redeem(shares, address(this), address(this)), amount, "a flash loan gained");
    }
}
