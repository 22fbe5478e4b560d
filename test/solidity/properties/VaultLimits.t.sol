// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {VaultFixture} from "./VaultFixture.sol";

/// @notice Two total losses make a share worth so little that a deposit within the cap is more shares than 256 bits hold.
/// The maxima must know: a hundred tokens of 18 decimals, lost twice, are enough.
contract VaultLimitsTest is VaultFixture {
    uint256 private constant EIGHTEEN_DECIMALS = 3;

    function setUp() public override {
        super.setUp();
        select(EIGHTEEN_DECIMALS);
        for (uint256 i = 0; i < 2; i++) {
            lend(lender, 100e18);
            lose(lendOut(LOST, 100e18));
        }
        assertEq(vault.totalAssets(), 0);
        lend(saver, 1);
    }

    /// @notice Even then all of maxDeposit can be deposited.
    function test_MaxDeposit_holdsAfterTotalLosses() public {
        uint256 max = vault.maxDeposit(stranger);
        lend(stranger, max);
        assertLe(vault.totalAssets(), vault.depositCap());
    }

    /// @notice Even then all of maxMint can be minted, and the vault goes on answering and paying out.
    function test_MaxMint_locksNobodyAfterTotalLosses() public {
        uint256 max = vault.maxMint(stranger);
        fund(stranger, MAX_UINT104);
        vm.prank(stranger);
        vault.mint(max, stranger);
        assertEq(vault.balanceOf(stranger), max);
        assertGt(vault.maxRedeem(saver), 0);
        cashOut(saver);
        assertEq(vault.balanceOf(saver), 0);
    }

    /// @notice Even then the maxima answer, for everybody.
    function test_Max_answersAfterTotalLosses() public view {
        assertGt(vault.maxDeposit(stranger), 0);
        assertGt(vault.maxMint(stranger), 0);
        assertEq(vault.maxRedeem(saver), vault.balanceOf(saver));
        assertEq(vault.maxWithdraw(saver), vault.previewRedeem(vault.balanceOf(saver)));
    }
}
