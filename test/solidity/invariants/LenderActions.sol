// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {HandlerBase} from "./HandlerBase.sol";

/// @title LenderActions
/// @notice What lenders do. Each action takes three random numbers.
abstract contract LenderActions is HandlerBase {
    /// @dev OpenZeppelin's errors, which its interface does not have.
    bytes4 private constant EXCEEDED_MAX_WITHDRAW = bytes4(
        keccak256("ERC4626ExceededMaxWithdraw(address,uint256,uint256)")
    );
    bytes4 private constant EXCEEDED_MAX_REDEEM = bytes4(
        keccak256("ERC4626ExceededMaxRedeem(address,uint256,uint256)")
    );

    function deposit(uint256 who, uint256 amount, uint256) external action("deposit") {
        address lender = _lender(who);
        uint256 max = vault.maxDeposit(lender);
        amount = bound(amount, 1, 500_000e6);
        if (amount > max) amount = max;
        if (amount == 0 || vault.totalSupply() > MANY_SHARES) return;
        uint256 expected = vault.previewDeposit(amount);
        asset.mint(lender, amount);
        vm.prank(lender);
        assertEq(vault.deposit(amount, lender), expected);
        _succeeded();
    }

    function mint(uint256 who, uint256 amount, uint256) external action("mint") {
        address lender = _lender(who);
        if (vault.totalSupply() > MANY_SHARES) return;
        uint256 shares = vault.convertToShares(bound(amount, 1, 500_000e6));
        uint256 max = vault.maxMint(lender);
        if (shares > max) shares = max;
        if (shares == 0) return;
        uint256 expected = vault.previewMint(shares);
        asset.mint(lender, expected);
        vm.prank(lender);
        assertEq(vault.mint(shares, lender), expected);
        _succeeded();
    }

    /// @dev Mostly within the maximum, which must succeed; one time in eight a wei more, which must not.
    function withdraw(uint256 who, uint256 amount, uint256 beyond) external action("withdraw") {
        address lender = _lender(who);
        uint256 max = vault.maxWithdraw(lender);
        amount = beyond % 8 == 0 ? max + 1 : bound(amount, 0, max);
        if (amount == 0) return;
        uint256 expected = vault.previewWithdraw(amount);
        vm.prank(lender);
        try vault.withdraw(amount, lender, lender) returns (uint256 shares) {
            assertLe(amount, max);
            assertEq(shares, expected);
            _succeeded();
        } catch (bytes memory reason) {
            assertGt(amount, max, "a withdrawal within the maximum was refused");
            _refused(reason, abi.encodePacked(EXCEEDED_MAX_WITHDRAW));
        }
    }

    function redeem(uint256 who, uint256 shares, uint256 beyond) external action("redeem") {
        address lender = _lender(who);
        uint256 max = vault.maxRedeem(lender);
        shares = beyond % 8 == 0 ? max + 1 : bound(shares, 0, max);
        if (shares == 0) return;
        uint256 expected = vault.previewRedeem(shares);
        vm.prank(lender);
        try vault.redeem(shares, lender, lender) returns (uint256 assets) {
            assertLe(shares, max);
            assertEq(assets, expected);
            _succeeded();
        } catch (bytes memory reason) {
            assertGt(shares, max, "a redemption within the maximum was refused");
            _refused(reason, abi.encodePacked(EXCEEDED_MAX_REDEEM));
        }
    }
}
