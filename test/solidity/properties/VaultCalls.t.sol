// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";

import {Past, VaultFixture} from "./VaultFixture.sol";

/// @notice ERC-4626: the four calls do what their previews said in the same block, and move exactly that: for a caller, a
/// receiver and an owner who are three people, however long ago interest was booked.
contract VaultCallsTest is VaultFixture {
    /// @dev What a call may move.
    struct Balances {
        uint256 supply;
        uint256 totalAssets;
        uint256 cash;
        uint256 vaultAsset;
        uint256 callerAsset;
        uint256 heirAsset;
        uint256 heirShares;
        uint256 lenderShares;
    }

    function balances() private view returns (Balances memory) {
        return
            Balances(
                vault.totalSupply(),
                vault.totalAssets(),
                vault.accruedState().cash,
                asset.balanceOf(address(vault)),
                asset.balanceOf(operator),
                asset.balanceOf(heir),
                vault.balanceOf(heir),
                vault.balanceOf(lender)
            );
    }

    /// @dev The caller paid, the receiver has the shares, nobody else noticed.
    function assertEntered(Balances memory before, uint256 assets, uint256 shares) private view {
        Balances memory now_ = balances();
        assertEq(now_.supply, before.supply + shares, "supply");
        assertEq(now_.totalAssets, before.totalAssets + assets, "total assets");
        assertEq(now_.cash, before.cash + assets, "cash");
        assertEq(now_.vaultAsset, before.vaultAsset + assets, "the vault's balance");
        assertEq(now_.callerAsset, before.callerAsset - assets, "the caller's balance");
        assertEq(now_.heirAsset, before.heirAsset, "the receiver's balance");
        assertEq(now_.heirShares, before.heirShares + shares, "the receiver's shares");
        assertEq(now_.lenderShares, before.lenderShares, "another's shares");
        assertEq(vault.balanceOf(operator), 0, "the caller's shares");
    }

    /// @dev The owner's shares are gone, the receiver was paid, the caller got nothing.
    function assertLeft(Balances memory before, uint256 assets, uint256 shares) private view {
        Balances memory now_ = balances();
        assertEq(now_.supply, before.supply - shares, "supply");
        assertEq(now_.totalAssets, before.totalAssets - assets, "total assets");
        assertEq(now_.cash, before.cash - assets, "cash");
        assertEq(now_.vaultAsset, before.vaultAsset - assets, "the vault's balance");
        assertEq(now_.callerAsset, before.callerAsset, "the caller's balance");
        assertEq(now_.heirAsset, before.heirAsset + assets, "the receiver's balance");
        assertEq(now_.heirShares, before.heirShares, "the receiver's shares");
        assertEq(now_.lenderShares, before.lenderShares - shares, "the owner's shares");
        assertEq(vault.balanceOf(operator), 0, "the caller's shares");
    }

    function approveOperator(uint256 shares) private {
        vm.prank(lender);
        vault.approve(operator, shares);
    }

    // ------------------------------------------------------------------------------------------------- The four calls

    /// @notice deposit takes exactly `assets` and mints what previewDeposit said.
    function testFuzz_Deposit_isAsPreviewed(Past memory past, uint256 assets) public {
        arrange(past);
        fund(operator, MAX_UINT104);
        assets = spread(assets, 0, vault.maxDeposit(heir));
        uint256 expected = vault.previewDeposit(assets);
        Balances memory before = balances();
        vm.expectEmit(address(vault));
        emit IERC4626.Deposit(operator, heir, assets, expected);
        vm.prank(operator);
        assertEq(vault.deposit(assets, heir), expected);
        assertEntered(before, assets, expected);
    }

    /// @notice mint mints exactly `shares` and takes what previewMint said.
    function testFuzz_Mint_isAsPreviewed(Past memory past, uint256 shares) public {
        arrange(past);
        fund(operator, MAX_UINT104);
        shares = spread(shares, 0, vault.maxMint(heir));
        uint256 expected = vault.previewMint(shares);
        Balances memory before = balances();
        vm.expectEmit(address(vault));
        emit IERC4626.Deposit(operator, heir, expected, shares);
        vm.prank(operator);
        assertEq(vault.mint(shares, heir), expected);
        assertEntered(before, expected, shares);
    }

    /// @notice withdraw pays exactly `assets` and burns what previewWithdraw said; a third party needs just that allowance.
    function testFuzz_Withdraw_isAsPreviewed(Past memory past, uint256 assets) public {
        arrange(past);
        assets = spread(assets, 0, vault.maxWithdraw(lender));
        uint256 expected = vault.previewWithdraw(assets);
        approveOperator(expected);
        Balances memory before = balances();
        vm.expectEmit(address(vault));
        emit IERC4626.Withdraw(operator, heir, lender, assets, expected);
        vm.prank(operator);
        assertEq(vault.withdraw(assets, heir, lender), expected);
        assertLeft(before, assets, expected);
        assertEq(vault.allowance(lender, operator), 0, "allowance");
    }

    /// @notice redeem burns exactly `shares` and pays what previewRedeem said; a third party needs just that allowance.
    function testFuzz_Redeem_isAsPreviewed(Past memory past, uint256 shares) public {
        arrange(past);
        shares = spread(shares, 0, vault.maxRedeem(lender));
        uint256 expected = vault.previewRedeem(shares);
        approveOperator(shares);
        Balances memory before = balances();
        vm.expectEmit(address(vault));
        emit IERC4626.Withdraw(operator, heir, lender, expected, shares);
        vm.prank(operator);
        assertEq(vault.redeem(shares, heir, lender), expected);
        assertLeft(before, expected, shares);
        assertEq(vault.allowance(lender, operator), 0, "allowance");
    }

    // --------------------------------------------------------------------------------------------------------- Zero

    /// @notice Nothing can be deposited, minted, withdrawn and redeemed, in any state, under any cap, by anybody, and
    /// nothing happens.
    function testFuzz_Zero_changesNothing(Past memory past, uint256 cap) public {
        arrangeCapped(past, cap);
        Balances memory before = balances();
        vm.startPrank(operator);
        assertEq(vault.deposit(0, heir), 0);
        assertEq(vault.mint(0, heir), 0);
        assertEq(vault.withdraw(0, heir, lender), 0);
        assertEq(vault.redeem(0, heir, lender), 0);
        vm.stopPrank();
        assertEntered(before, 0, 0);
        assertEq(vault.convertToShares(0) + vault.convertToAssets(0), 0);
        assertEq(vault.previewDeposit(0) + vault.previewMint(0), 0);
        assertEq(vault.previewWithdraw(0) + vault.previewRedeem(0), 0);
    }

    /// @notice Shares are never free: a mint of any costs at least a unit, a withdrawal of any burns at least a share.
    function testFuzz_Entry_isNeverFree(Past memory past, uint256 shares, uint256 assets) public {
        arrange(past);
        assertGt(vault.previewMint(spread(shares, 1, vault.totalSupply() + VIRTUAL_SHARES)), 0);
        assertGt(vault.previewWithdraw(spread(assets, 1, MAX_UINT104)), 0);
    }
}
