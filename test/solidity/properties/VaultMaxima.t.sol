// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {
    ERC4626ExceededMaxDeposit,
    ERC4626ExceededMaxMint,
    ERC4626ExceededMaxRedeem,
    ERC4626ExceededMaxWithdraw,
    Kind,
    Past,
    VaultFixture
} from "./VaultFixture.sol";
import {Price} from "./VaultMeasures.sol";

/// @notice ERC-4626: what the vault says may go in or out goes, at once; a unit more does not; and the vault always says.
/// hardhat-config: isolate = true
contract VaultMaximaTest is VaultFixture {
    uint256 private constant EIGHTEEN_DECIMALS = 3; // the fourth market

    // ----------------------------------------------------------------------------------------------------- Deposits

    /// @notice maxDeposit is what the cap leaves above total assets, as far as cash has room for it.
    function testFuzz_MaxDeposit_isWhatTheCapLeaves(Past memory past, uint256 cap) public {
        arrangeCapped(past, cap);
        uint256 left = Math.saturatingSub(vault.depositCap(), owned());
        assertEq(vault.maxDeposit(heir), Math.min(left, MAX_UINT104 - vault.accruedState().cash));
    }

    /// @notice All of maxDeposit can be deposited, by and for anybody; then it is 0, and total assets are within the cap.
    function testFuzz_MaxDeposit_canBeDeposited(Past memory past, uint256 cap) public {
        arrangeCapped(past, cap);
        uint256 max = vault.maxDeposit(heir);
        fund(operator, max);
        vm.prank(operator);
        vault.deposit(max, heir);
        assertEq(asset.balanceOf(operator), 0);
        assertEq(vault.maxDeposit(heir), 0);
        if (max != 0) assertLe(vault.totalAssets(), vault.depositCap());
    }

    /// @notice More than maxDeposit is refused by the standard's error, whoever it is for.
    function testFuzz_MaxDeposit_moreIsRefused(Past memory past, uint256 cap, uint256 more) public {
        arrangeCapped(past, cap);
        uint256 max = vault.maxDeposit(heir);
        more = max + spread(more, 1, MAX_UINT104);
        fund(operator, more);
        vm.expectRevert(abi.encodeWithSelector(ERC4626ExceededMaxDeposit.selector, heir, more, max));
        vm.prank(operator);
        vault.deposit(more, heir);
    }

    /// @notice All of maxMint can be minted, for no more than maxDeposit, and it is as many as maxDeposit buys.
    function testFuzz_MaxMint_canBeMinted(Past memory past, uint256 cap) public {
        arrangeCapped(past, cap);
        uint256 max = vault.maxMint(heir);
        uint256 most = vault.maxDeposit(heir);
        assertEq(max, vault.previewDeposit(most));
        fund(operator, most);
        uint256 before = vault.balanceOf(heir);
        vm.prank(operator);
        assertLe(vault.mint(max, heir), most);
        assertEq(vault.balanceOf(heir), before + max);
        if (most != 0) assertLe(vault.totalAssets(), vault.depositCap());
    }

    /// @notice More than maxMint is refused by the standard's error, whoever it is for.
    function testFuzz_MaxMint_moreIsRefused(Past memory past, uint256 cap, uint256 more) public {
        arrangeCapped(past, cap);
        uint256 max = vault.maxMint(heir);
        more = max + spread(more, 1, MAX_UINT104);
        fund(operator, MAX_UINT104);
        vm.expectRevert(abi.encodeWithSelector(ERC4626ExceededMaxMint.selector, heir, more, max));
        vm.prank(operator);
        vault.mint(more, heir);
    }

    // --------------------------------------------------------------------------------------------------- Withdrawals

    /// @notice maxWithdraw is what the owner's shares are worth, or all cash if that is less.
    function testFuzz_MaxWithdraw_isOwnOrAllCash(Past memory past) public {
        arrange(past);
        uint256 own = vault.convertToAssets(vault.balanceOf(lender));
        assertEq(vault.maxWithdraw(lender), Math.min(own, vault.accruedState().cash));
        assertEq(vault.maxWithdraw(heir), 0);
        assertEq(vault.maxRedeem(heir), 0);
    }

    /// @notice All of maxWithdraw can be withdrawn; then the cash is gone, or the owner has no share worth a unit.
    function testFuzz_MaxWithdraw_canBeWithdrawn(Past memory past, uint256 cap) public {
        arrangeCapped(past, cap);
        uint256 max = vault.maxWithdraw(lender);
        vm.prank(lender);
        vault.withdraw(max, heir, lender);
        assertEq(asset.balanceOf(heir), max);
        Price memory p = price();
        uint256 rest = vault.maxWithdraw(lender);
        assertLe(rest, p.assets / p.shares + 1, "the price of the share that was rounded off");
        assertTrue(rest == 0 || vault.accruedState().cash != 0);
    }

    /// @notice More than maxWithdraw is refused by the standard's error, even with an allowance for everything.
    function testFuzz_MaxWithdraw_moreIsRefused(Past memory past, uint256 more) public {
        arrange(past);
        vm.prank(lender);
        vault.approve(operator, type(uint256).max);
        uint256 max = vault.maxWithdraw(lender);
        more = max + spread(more, 1, MAX_UINT104);
        vm.expectRevert(abi.encodeWithSelector(ERC4626ExceededMaxWithdraw.selector, lender, more, max));
        vm.prank(operator);
        vault.withdraw(more, heir, lender);
    }

    /// @notice maxRedeem is all shares while cash covers them, else as many as cash pays for: never fewer by more than one.
    function testFuzz_MaxRedeem_isOwnOrWhatCashPays(Past memory past) public {
        arrange(past);
        uint256 max = vault.maxRedeem(lender);
        uint256 shares = vault.balanceOf(lender);
        uint256 cash = vault.accruedState().cash;
        if (vault.convertToAssets(shares) <= cash) {
            assertEq(max, shares);
        } else {
            assertLe(max, shares);
            assertLe(vault.previewRedeem(max), cash);
            Price memory p = price();
            assertFloor(max, cash, p.shares, p.assets, "as many as cash pays for");
        }
    }

    /// @notice All of maxRedeem can be redeemed.
    function testFuzz_MaxRedeem_canBeRedeemed(Past memory past, uint256 cap) public {
        arrangeCapped(past, cap);
        uint256 max = vault.maxRedeem(lender);
        uint256 shares = vault.balanceOf(lender);
        uint256 cash = vault.accruedState().cash;
        vm.prank(lender);
        uint256 assets = vault.redeem(max, heir, lender);
        assertLe(assets, cash);
        assertEq(asset.balanceOf(heir), assets);
        assertEq(vault.balanceOf(lender), shares - max);
    }

    /// @notice More than maxRedeem is refused by the standard's error, even with an allowance for everything.
    function testFuzz_MaxRedeem_moreIsRefused(Past memory past, uint256 more) public {
        arrange(past);
        vm.prank(lender);
        vault.approve(operator, type(uint256).max);
        uint256 max = vault.maxRedeem(lender);
        more = max + spread(more, 1, MAX_UINT104);
        vm.expectRevert(abi.encodeWithSelector(ERC4626ExceededMaxRedeem.selector, lender, more, max));
        vm.prank(operator);
        vault.redeem(more, heir, lender);
    }

    // -------------------------------------------------------------------------------------------------------- Always

    /// @notice The maxima answer for anybody, at any time to the end of the clock, under any cap, and agree with each other.
    function testFuzz_Max_neverReverts(Past memory past, uint256 cap, address who, uint256 time) public {
        arrangeCapped(past, cap);
        vm.warp(spread(time, clock(), type(uint32).max));
        address[3] memory accounts = [who, lender, address(vault)];
        for (uint256 i = 0; i < accounts.length; i++) {
            assertLe(vault.maxDeposit(accounts[i]), MAX_UINT104);
            assertLe(vault.previewMint(vault.maxMint(accounts[i])), vault.maxDeposit(accounts[i]));
            assertLe(vault.previewRedeem(vault.maxRedeem(accounts[i])), vault.accruedState().cash);
            assertLe(vault.previewWithdraw(vault.maxWithdraw(accounts[i])), vault.balanceOf(accounts[i]));
        }
    }

    /// @notice While everything is lent out nobody can be paid, everybody may ask, and deposits are open.
    function testFuzz_Max_isZeroForLendersWhileAllIsLentOut(Past memory past) public {
        past.kind = uint256(Kind.LentOut);
        arrange(past);
        assertEq(vault.maxWithdraw(lender) + vault.maxWithdraw(saver), 0);
        assertEq(vault.maxRedeem(lender) + vault.maxRedeem(saver), 0);
        assertGt(vault.maxDeposit(lender), 0);
        lend(heir, 1_000 * whole());
        assertGt(vault.maxWithdraw(saver) + vault.maxWithdraw(lender), 0);
    }

    // ------------------------------------------------------------------------------------------------- Total losses

    /// @dev A hundred tokens of 18 decimals, all that there were, are lost twice: a share is worth so little that a deposit
    /// within the cap would be more shares than 256 bits hold.
    function arrangeTotalLosses() private {
        select(EIGHTEEN_DECIMALS);
        for (uint256 i = 0; i < 2; i++) {
            lend(lender, 100e18);
            lose(lendOut(LOST, 100e18));
        }
        assertEq(vault.totalAssets(), 0);
        lend(saver, 1);
    }

    /// @notice After two total losses all of maxDeposit can be deposited.
    function test_MaxDeposit_holdsAfterTotalLosses() public {
        arrangeTotalLosses();
        uint256 max = vault.maxDeposit(stranger);
        lend(stranger, max);
        assertLe(vault.totalAssets(), vault.depositCap());
    }

    /// @notice After two total losses all of maxMint can be minted, and the vault goes on answering and paying out.
    function test_MaxMint_locksNobodyAfterTotalLosses() public {
        arrangeTotalLosses();
        uint256 max = vault.maxMint(stranger);
        fund(stranger, MAX_UINT104);
        vm.prank(stranger);
        vault.mint(max, stranger);
        assertEq(vault.balanceOf(stranger), max);
        assertGt(vault.maxRedeem(saver), 0);
        cashOut(saver);
        assertEq(vault.balanceOf(saver), 0);
    }

    /// @notice After two total losses the maxima answer, for everybody.
    function test_Max_answersAfterTotalLosses() public {
        arrangeTotalLosses();
        assertLe(vault.previewMint(vault.maxMint(stranger)), vault.maxDeposit(stranger));
        assertEq(vault.maxRedeem(saver), vault.balanceOf(saver));
        assertEq(vault.maxWithdraw(saver), vault.previewRedeem(vault.balanceOf(saver)));
    }
}
