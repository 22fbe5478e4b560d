// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";

import {Kind, Past, VaultFixture} from "./VaultFixture.sol";
import {Price} from "./VaultMeasures.sol";

/// @notice ERC-4626: what the vault says a share is worth, in every state and with interest that nobody has booked; and that
/// its four calls do what their previews said in the same block, and move exactly that: for a caller, a receiver and an owner
/// who are three people.
/// hardhat-config: isolate = true
contract VaultConversionsTest is VaultFixture {
    /// @dev Everything that an amount of assets and one of shares is said to come to.
    function quotes(uint256 assets, uint256 shares) private view returns (uint256[7] memory) {
        return
            [
                vault.totalAssets(),
                vault.convertToShares(assets),
                vault.convertToAssets(shares),
                vault.previewDeposit(assets),
                vault.previewMint(shares),
                vault.previewWithdraw(assets),
                vault.previewRedeem(shares)
            ];
    }

    /// @dev What the account may do.
    function maxima(address who) private view returns (uint256[4] memory) {
        return [vault.maxDeposit(who), vault.maxMint(who), vault.maxWithdraw(who), vault.maxRedeem(who)];
    }

    function assertSame(uint256[7] memory a, uint256[7] memory b) private pure {
        for (uint256 i = 0; i < a.length; i++) assertEq(a[i], b[i]);
    }

    function anyShares(uint256 seed) private view returns (uint256) {
        return spread(seed, 0, vault.totalSupply() * 4 + VIRTUAL_SHARES);
    }

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

    // -------------------------------------------------------------------------------------------------- Conversions

    /// @notice A conversion to shares is the exact quotient rounded down.
    function testFuzz_ConvertToShares_roundsDown(Past memory past, uint256 assets) public {
        arrange(past);
        Price memory p = price();
        assets = spread(assets, 0, MAX_UINT104);
        assertFloor(vault.convertToShares(assets), assets, p.shares, p.assets, "shares");
    }

    /// @notice A conversion to assets is the exact quotient rounded down.
    function testFuzz_ConvertToAssets_roundsDown(Past memory past, uint256 shares) public {
        arrange(past);
        Price memory p = price();
        shares = anyShares(shares);
        assertFloor(vault.convertToAssets(shares), shares, p.assets, p.shares, "assets");
    }

    /// @notice Converted there and back, neither assets nor shares have grown.
    function testFuzz_Convert_thereAndBackIsNotMore(Past memory past, uint256 assets, uint256 shares) public {
        arrange(past);
        assets = spread(assets, 0, MAX_UINT104);
        shares = anyShares(shares);
        assertLe(vault.convertToAssets(vault.convertToShares(assets)), assets);
        assertLe(vault.convertToShares(vault.convertToAssets(shares)), shares);
    }

    /// @notice More assets are never fewer shares, nor the other way round.
    function testFuzz_Convert_isMonotone(Past memory past, uint256 amount, uint256 more) public {
        arrange(past);
        uint256 assets = spread(amount, 0, MAX_UINT104);
        assertLe(vault.convertToShares(assets), vault.convertToShares(spread(more, assets, MAX_UINT104)));
        uint256 shares = anyShares(amount);
        assertLe(vault.convertToAssets(shares), vault.convertToAssets(shares + anyShares(more)));
    }

    // ----------------------------------------------------------------------------------------------------- Previews

    /// @notice Previews are exact quotients, rounded against the one who asks: what one gets down, what one pays up.
    function testFuzz_Preview_roundsAgainstTheCaller(Past memory past, uint256 assets, uint256 shares) public {
        arrange(past);
        Price memory p = price();
        assets = spread(assets, 0, MAX_UINT104);
        shares = anyShares(shares);
        assertFloor(vault.previewDeposit(assets), assets, p.shares, p.assets, "deposit");
        assertCeil(vault.previewMint(shares), shares, p.assets, p.shares, "mint");
        assertCeil(vault.previewWithdraw(assets), assets, p.shares, p.assets, "withdraw");
        assertFloor(vault.previewRedeem(shares), shares, p.assets, p.shares, "redeem");
    }

    /// @notice Conversions and previews are the same whoever asks, the vault's own parties included.
    function testFuzz_Quote_isTheSameForEverybody(Past memory past, address caller, uint256[2] memory amounts) public {
        arrange(past);
        uint256 assets = spread(amounts[0], 0, MAX_UINT104);
        uint256 shares = anyShares(amounts[1]);
        uint256[7] memory expected = quotes(assets, shares);
        address[6] memory callers = [caller, lender, address(book), address(vault), curator, address(0)];
        for (uint256 i = 0; i < callers.length; i++) {
            vm.startPrank(callers[i]);
            assertSame(quotes(assets, shares), expected);
            vm.stopPrank();
        }
    }

    /// @notice Previews look neither at the deposit cap nor at cash: a closed vault quotes as an open one.
    function testFuzz_Preview_ignoresCapAndCash(Past memory past, uint256[2] memory amounts, uint256 cap) public {
        arrange(past);
        uint256 assets = spread(amounts[0], 0, MAX_UINT104);
        uint256 shares = anyShares(amounts[1]);
        uint256[7] memory expected = quotes(assets, shares);
        lowerCap(spread(cap, 0, MAX_UINT104 - 1));
        assertSame(quotes(assets, shares), expected);

        Price memory p = price();
        uint256 beyond = uint256(vault.accruedState().cash) + 1 + assets;
        assertCeil(vault.previewWithdraw(beyond), beyond, p.shares, p.assets, "more than there is cash");
        if (vault.depositCap() != 0) lowerCap(0);
        assertEq(vault.maxDeposit(stranger), 0);
        assertEq(vault.maxMint(stranger), 0);
        assertSame(quotes(assets, shares), expected);
    }

    // ----------------------------------------------------------------------------------------------------- Interest

    /// @notice Every view answers, before interest is booked, what it answers after.
    function testFuzz_View_includesInterestUpToNow(Past memory past, uint256[2] memory amounts, uint256 time) public {
        arrange(past);
        idle(spread(time, 0, LONGEST));
        uint256 assets = spread(amounts[0], 0, MAX_UINT104);
        uint256 shares = anyShares(amounts[1]);
        uint256[7] memory expected = quotes(assets, shares);
        uint256[4] memory expectedMaxima = maxima(lender);
        vault.accrue();
        assertEq(vault.state().lastAccrual, clock());
        assertSame(quotes(assets, shares), expected);
        uint256[4] memory found = maxima(lender);
        for (uint256 i = 0; i < found.length; i++) assertEq(found[i], expectedMaxima[i]);
    }

    /// @notice Interest accrues to lenders: a year after, a lent-out vault's total assets are what the stored state says plus
    /// nine tenths of what borrowers came to owe.
    function testFuzz_TotalAssets_growByInterestLessReserves(Past memory past, uint256 time) public {
        past.kind = uint256([Kind.Lent, Kind.LentOut, Kind.Termed][past.kind % 3]);
        arrange(past);
        vault.accrue();
        (uint256 assets, uint256 debt) = (vault.totalAssets(), vault.totalDebt());
        idle(spread(time, 1, LONGEST));
        uint256 interest = vault.totalDebt() - debt;
        assertEq(vault.totalAssets(), assets + interest - interest / 10);
        assertApproxEqAbs(owed() - debt, interest, loans.length);
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

    // ----------------------------------------------------------------------------------------------------- Metadata

    /// @notice The asset is the loan asset, and shares have six decimals more than it.
    function test_Metadata_isThatOfTheLoanAsset() public {
        uint8[4] memory decimals = [6, 8, 12, 24];
        for (uint256 i = 0; i < decimals.length; i++) {
            select(i);
            assertEq(vault.asset(), address(asset));
            assertEq(vault.decimals(), decimals[i]);
            assertEq(vault.decimals(), asset.decimals() + 6);
            assertEq(vault.convertToShares(whole()), 10 ** decimals[i], "one token is one share");
        }
    }
}
