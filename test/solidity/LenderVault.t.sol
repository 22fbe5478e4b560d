// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILenderVault} from "../../contracts/interfaces/ILenderVault.sol";
import {IVaultActions} from "../../contracts/interfaces/IVaultActions.sol";
import {Amounts} from "../../contracts/libraries/Amounts.sol";
import {AveragedSupply} from "../../contracts/libraries/AveragedSupply.sol";
import {MarketFixture} from "./helpers/MarketFixture.sol";
import {Reference} from "./helpers/Reference.sol";

/// @notice The vault of a deployed market: shares, interest, losses.
contract LenderVaultTest is MarketFixture {
    uint256 private constant MOST = 1e24; // a quintillion dollars
    uint256 private constant MAX_INDEX = type(uint72).max;

    uint256 private loanId;

    /// @dev A market in the middle of its life: another lender's deposit, a loan, and interest for some time.
    function arrange(uint256 supply, uint256 utilisation, uint256 time) private {
        supply = bound(supply, 1_000e6, 1e21);
        lend(lender, supply);
        uint256 amount = (supply * bound(utilisation, 2_000, 10_000)) / BPS;
        feeds[WETH].set(1e13); // so that 96 bits are enough: 100,000 dollars
        loanId = openLoan(borrower, 0, WETH, amount * 2e7, amount); // 2 dollars of WETH for each
        vm.warp(clock() + bound(time, 0, 3 * 365 days));
    }

    // ------------------------------------------------------------------------------------------------ Round trips

    /// @dev INV-07: what goes in and comes out in one block is not more.
    function testFuzz_Deposit_redeemingAtOnceGainsNothing(uint256[3] memory past, uint256 assets) public {
        arrange(past[0], past[1], past[2]);
        assets = bound(assets, 1e3, MOST);
        fund(stranger, assets);
        vm.startPrank(stranger);
        uint256 shares = vault.deposit(assets, stranger);
        uint256 back = vault.redeem(shares, stranger, stranger);
        vm.stopPrank();
        assertLe(back, assets);
        assertGe(back + 2, assets); // and costs no more than the roundings
        assertEq(vault.balanceOf(stranger), 0);
    }

    function testFuzz_Mint_withdrawingAtOnceGainsNothing(uint256[3] memory past, uint256 assets) public {
        arrange(past[0], past[1], past[2]);
        uint256 shares = vault.convertToShares(bound(assets, 1e3, MOST));
        fund(stranger, MOST * 2);
        vm.startPrank(stranger);
        uint256 paid = vault.mint(shares, stranger);
        uint256 back = vault.maxWithdraw(stranger);
        uint256 burnt = vault.withdraw(back, stranger, stranger);
        vm.stopPrank();
        assertLe(back, paid);
        assertGe(back + 2, paid);
        assertLe(burnt, shares);
    }

    // --------------------------------------------------------------------------------------------------- Previews

    function testFuzz_Preview_isWhatHappens(uint256[3] memory past, uint256 amount) public {
        arrange(past[0], past[1], past[2]);
        amount = bound(amount, 1e6, MOST);
        fund(stranger, MOST * 8);
        vm.startPrank(stranger);
        uint256 expected = vault.previewDeposit(amount);
        assertEq(vault.deposit(amount, stranger), expected, "deposit");
        expected = vault.previewMint(expected);
        assertEq(
            vault.mint(vault.convertToShares(amount), stranger),
            vault.previewMint(vault.convertToShares(amount)),
            "mint"
        );
        uint256 part = bound(uint256(keccak256(abi.encode(amount))), 0, vault.maxWithdraw(stranger));
        expected = vault.previewWithdraw(part);
        assertEq(vault.withdraw(part, stranger, stranger), expected, "withdraw");
        uint256 shares = vault.maxRedeem(stranger);
        expected = vault.previewRedeem(shares);
        assertEq(vault.redeem(shares, stranger, stranger), expected, "redeem");
        vm.stopPrank();
    }

    // ---------------------------------------------------------------------------------------------------- Maxima

    function testFuzz_MaxWithdraw_holds(uint256[3] memory past) public {
        arrange(past[0], past[1], past[2]);
        uint256 max = vault.maxWithdraw(lender);
        assertLe(max, vault.accruedState().cash);
        vm.prank(lender);
        vm.expectRevert();
        vault.withdraw(max + 1, lender, lender);
        vm.prank(lender);
        vault.withdraw(max, lender, lender);
        assertEq(asset.balanceOf(lender), max);
    }

    function testFuzz_MaxRedeem_holds(uint256[3] memory past) public {
        arrange(past[0], past[1], past[2]);
        uint256 max = vault.maxRedeem(lender);
        vm.prank(lender);
        vm.expectRevert();
        vault.redeem(max + 1, lender, lender);
        uint256 cash = vault.accruedState().cash;
        vm.prank(lender);
        uint256 assets = vault.redeem(max, lender, lender);
        assertLe(assets, cash);
    }

    function testFuzz_MaxDeposit_holdsUnderAnyCap(uint256[3] memory past, uint256 cap, bool minting) public {
        arrange(past[0], past[1], past[2]);
        vm.prank(guardian);
        vault.lowerDepositCap(bound(cap, 0, MOST));
        uint256 max = vault.maxDeposit(stranger);
        assertEq(max, vault.depositCap() > vault.totalAssets() ? vault.depositCap() - vault.totalAssets() : 0);
        fund(stranger, max + 1);
        vm.startPrank(stranger);
        vm.expectRevert();
        vault.deposit(max + 1, stranger);
        if (minting) vault.mint(vault.maxMint(stranger), stranger);
        else vault.deposit(max, stranger);
        vm.stopPrank();
        assertLe(vault.totalAssets(), vault.depositCap() > MOST ? vault.depositCap() : type(uint256).max);
        assertGe(vault.balanceOf(stranger) + 1, max == 0 ? 1 : vault.convertToShares(max));
    }

    /// @dev The maxima answer at every time, with any share price, for anybody.
    function testFuzz_Max_neverReverts(uint256[3] memory past, address who, uint32 time, bool lost) public {
        arrange(past[0], past[1], past[2]);
        if (lost) loseAll();
        if (time > clock()) vm.warp(time);
        assertLe(vault.maxDeposit(who), MAX_UINT104);
        assertLe(vault.maxWithdraw(who), vault.accruedState().cash);
        assertLe(vault.maxRedeem(who), vault.balanceOf(who));
        assertGe(vault.maxMint(who), vault.previewDeposit(vault.maxDeposit(who)));
    }

    // --------------------------------------------------------------------------------------------------- Interest

    /// @dev One accrual against the curve, the drift and the exponential with 30 decimals: the rate is the average of the
    /// interval's start, middle (twice) and end.
    function testFuzz_Accrue_matchesReference(uint256 supply, uint256 utilisation, uint256 time) public {
        time = bound(time, 1, 60 days);
        arrange(supply, utilisation, 0);
        ILenderVault.State memory s = vault.state();
        uint256 debt = s.scaledDebt; // the index is 1
        uint256 u = (debt * WAD) / (s.cash + debt);
        uint256 middle = Reference.driftedRate(s.rateAtTarget, u, time / 2);
        if (time % 2 == 1) middle = (middle + Reference.driftedRate(s.rateAtTarget, u, time / 2 + 1)) / 2;
        uint256 end = Reference.driftedRate(s.rateAtTarget, u, time);
        uint256 rate = ((((s.rateAtTarget + 2 * middle + end) * 1e4) / 4) * Reference.curve(u)) / Reference.ONE;
        uint256 growth = Reference.exp((rate * time) / 365 days) - Reference.ONE; // [1e30]

        vm.warp(clock() + time);
        uint256 index = vault.accrue();
        assertApproxEqRel((index - WAD) * 1e12, growth, 1e15); // a thousandth: the series stops at the third order
        ILenderVault.State memory now_ = vault.state();
        assertApproxEqAbs(now_.rateAtTarget, end, 2);
        uint256 interest = (debt * index) / WAD - debt;
        assertEq(now_.reserves, interest / 10);
        assertEq(vault.totalAssets(), s.cash + debt + interest - interest / 10);
    }

    /// @dev Booking on the way changes what a loan owes only by compounding what the third order leaves out.
    function testFuzz_Accrue_oftenOrOnceIsTheSame(
        uint256 supply,
        uint256 utilisation,
        uint256 first,
        uint256 second
    ) public {
        arrange(supply, utilisation, 0);
        first = bound(first, 1, 3 days);
        second = bound(second, 1, 3 days);
        vm.warp(START + first + second);
        uint256 once = vault.debtIndex();
        vm.warp(START + first);
        vault.accrue();
        vm.warp(START + first + second);
        assertApproxEqRel(vault.accrue(), once, 1e14); // the drift's average is taken twice
    }

    /// @dev After a century the index stands at its end, and everything still answers; the loan can be repaid.
    function testFuzz_Accrue_saturatesAfterCenturies(uint256 supply, uint256 time) public {
        arrange(supply, 10_000, 0);
        vm.warp(bound(time, START + 60 * 365 days, type(uint32).max));
        assertEq(vault.accrue(), MAX_INDEX);
        assertEq(vault.accrue(), MAX_INDEX);
        assertEq(vault.state().rateAtTarget, 0.25e14);
        uint256 debt = book.debtOf(loanId);
        fund(borrower, debt);
        vm.prank(borrower);
        assertEq(book.repay(loanId, type(uint256).max), debt);
        assertEq(vault.totalDebt(), 0);
        assertGt(vault.maxWithdraw(lender), 0);
    }

    /// @dev The index ends at its last number; the average, of a debt that has outgrown it, a grain below the most it can hold, since e
    /// to whatever power keeps a last part of the way.
    function test_Accrue_yearByYearSaturates() public {
        lend(lender, 1e29);
        openLoan(borrower, 0, WBTC, 1e29 / 400, 1e29); // all there is, against 1.5 dollars for each
        for (uint256 i = 0; i < 78; i++) {
            vm.warp(clock() + 365 days);
            vault.accrue();
        }
        assertEq(vault.state().index, MAX_INDEX);
        assertGt(vault.totalDebt(), AveragedSupply.MAX);
        assertEq(vault.state().averagedSupply, type(uint48).max);
    }

    // ------------------------------------------------------------------------------------------------------ Losses

    /// @dev Reserves bear a loss first, lenders the rest, to the wei.
    function testFuzz_Loss_fallsOnReservesFirst(uint256[3] memory past, uint256 amount) public {
        arrange(past[0], past[1], past[2]);
        lend(lender, 1_000_000e6);
        refreshFeeds();
        // Another loan, small beside the reserves or large.
        amount = bound(amount, MIN_DEBT, 600_000e6);
        uint256 id = openLoan(stranger, 0, WBTC, amount / 300, amount);
        ILenderVault.State memory before = vault.accruedState();
        (uint256 assets, uint256 debt) = (vault.totalAssets(), vault.totalDebt());
        feeds[WBTC].set(1e7); // ten cents: what is pledged is worth less than 4 dollars
        vm.prank(keeper);
        book.writeOff(id);
        uint256 loss = debt - vault.totalDebt();
        assertApproxEqAbs(loss, amount, vault.debtIndex() / WAD + 1);
        uint256 fromReserves = loss < before.reserves ? loss : before.reserves;
        assertEq(vault.state().reserves, before.reserves - fromReserves);
        assertEq(vault.totalAssets(), assets - (loss - fromReserves));
    }

    // -------------------------------------------------------------------------------------------------- Donations

    function testFuzz_Donation_changesNothing(uint256[3] memory past, uint256 amount) public {
        arrange(past[0], past[1], past[2]);
        (uint256 assets, uint256 rate) = (vault.totalAssets(), vault.borrowRate());
        asset.mint(address(vault), bound(amount, 1, MOST));
        assertEq(vault.totalAssets(), assets);
        assertEq(vault.borrowRate(), rate);
    }

    // ------------------------------------------------------------------------------------------------------- Sizes

    function testFuzz_DepositCap_beyond104BitsIsTooLarge(uint256 cap) public {
        cap = bound(cap, MAX_UINT104 + 1, type(uint256).max);
        vm.prank(curator);
        vm.expectRevert(abi.encodeWithSelector(Amounts.AmountTooLarge.selector, cap, MAX_UINT104));
        vault.propose(abi.encodeCall(IVaultActions.raiseDepositCap, (cap)));
    }

    /// @dev The vault takes all that fits its slot, not a wei more, and gives it back.
    function test_Deposit_fillsTheSlot() public {
        assertEq(vault.maxDeposit(stranger), MAX_UINT104);
        uint256 shares = lend(stranger, MAX_UINT104);
        assertEq(vault.state().cash, MAX_UINT104);
        assertEq(vault.maxDeposit(stranger), 0);
        vm.warp(clock() + 365 days);
        vm.prank(stranger);
        assertEq(vault.redeem(shares, stranger, stranger), MAX_UINT104);
    }

    /// @dev Everything that is lent out is lost, and written off.
    function loseAll() private {
        refreshFeeds();
        feeds[WETH].set(1e6);
        uint256 tokens_ = book.pledgeOf(loanId, WETH);
        fund(keeper, tokens_); // more than it is worth
        vm.startPrank(keeper);
        if ((tokens_ * 1e6) / 1e20 < 5e6) book.writeOff(loanId);
        else book.liquidate(orderOf(loanId, WETH), "");
        vm.stopPrank();
        assertEq(vault.totalDebt(), 0);
    }
}
