// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ILenderVault} from "../../../contracts/interfaces/ILenderVault.sol";
import {Kind, Past, VaultFixture} from "./VaultFixture.sol";
import {Price} from "./VaultMeasures.sol";

/// @notice What lenders own together: that it is there, that nobody can take it or move it but by paying in and out, and
/// that only a loss lowers it.
/// hardhat-config: isolate = true
contract VaultValueTest is VaultFixture {
    // -------------------------------------------------------------------------------------------------- The fixture

    /// @notice The states are what their names say, for every loan asset: no property below is about an empty vault only.
    function testFuzz_Fixture_statesAreWhatTheySay(Past memory past) public {
        Kind kind = arrange(past);
        ILenderVault.State memory s = vault.accruedState();
        assertEq(vault.totalSupply() == 0, kind == Kind.Empty || kind == Kind.Left);
        bool owes = kind == Kind.Lent || kind == Kind.LentOut || kind == Kind.Swept || kind == Kind.PartLost;
        assertEq(vault.totalDebt() != 0, owes || kind == Kind.Termed);
        assertEq(vault.termDebt() != 0, kind == Kind.Termed);
        assertEq(s.cash == 0 && owes, kind == Kind.LentOut);
        if (kind == Kind.Empty) assertEq(s.cash + s.reserves, 0);
        if (kind == Kind.AllLost || kind == Kind.Refilled) assertEq(s.reserves, 0);
        if (kind == Kind.AllLost) assertLe(vault.totalAssets(), vault.totalSupply() / 1e12 + 1); // a millionth
        if (kind == Kind.Refilled) assertGt(vault.convertToShares(1), VIRTUAL_SHARES * 1e3);
    }

    // ------------------------------------------------------------------------------------------------------ Coverage

    /// @notice Total assets are cash and debt but for reserves; cash and what borrowers would pay cover both, with a unit of
    /// rounding for each loan; and the cash is there.
    function testFuzz_TotalAssets_areCovered(Past memory past) public {
        arrange(past);
        ILenderVault.State memory s = vault.accruedState();
        assertEq(vault.totalAssets(), owned());
        assertLe(vault.totalAssets() + s.reserves, s.cash + owed());
        assertGe(vault.totalAssets() + s.reserves + loans.length + 1, s.cash + owed());
        assertEq(asset.balanceOf(address(vault)), s.cash);
    }

    /// @notice What all lenders could redeem together never exceeds total assets.
    function testFuzz_Redeemable_isNeverMoreThanTotalAssets(Past memory past, uint256[3] memory parts) public {
        arrange(past);
        address[5] memory holders = [lender, saver, heir, operator, stranger];
        for (uint256 i = 0; i < parts.length; i++) {
            // Shares in odd parts, a single one as often as many.
            uint256 part = spread(parts[i], 0, vault.balanceOf(lender));
            vm.prank(lender);
            vault.transfer(holders[i + 2], part);
        }
        uint256 sum = 0;
        uint256 shares = 0;
        for (uint256 i = 0; i < holders.length; i++) {
            sum += vault.convertToAssets(vault.balanceOf(holders[i]));
            shares += vault.balanceOf(holders[i]);
        }
        assertEq(shares, vault.totalSupply());
        assertLe(sum, vault.totalAssets());
    }

    /// @notice Once borrowers have paid, every lender is paid in full, in any order, the last as the first.
    function testFuzz_Exit_everybodyIsPaidInFull(Past memory past, bool reverseOrder) public {
        arrange(past);
        for (uint256 i = 0; i < loans.length; i++) if (book.debtOf(loans[i]) != 0) repayAll(loans[i]);
        (address first, address second) = reverseOrder ? (saver, lender) : (lender, saver);
        uint256 assets = vault.totalAssets();
        uint256 expected = vault.convertToAssets(vault.balanceOf(first));
        uint256 expectedNext = vault.convertToAssets(vault.balanceOf(second));
        uint256 had = asset.balanceOf(first);
        cashOut(first);
        assertEq(asset.balanceOf(first) - had, expected);
        had = asset.balanceOf(second);
        cashOut(second);
        assertGe(asset.balanceOf(second) - had, expectedNext);
        assertEq(vault.totalSupply(), 0);
        assertLe(expected + expectedNext, assets);
    }

    // --------------------------------------------------------------------------------------------------------- Time

    /// @notice Time lowers neither total assets nor the share price, a second as a century, booked on the way or not.
    function testFuzz_Time_lowersNothing(Past memory past, uint256[3] memory times, bool booking) public {
        arrange(past);
        for (uint256 i = 0; i < times.length; i++) {
            uint256 assets = vault.totalAssets();
            Price memory p = price();
            vm.warp(spread(times[i], clock(), clock() + (type(uint32).max - clock()) / 2));
            assertGe(vault.totalAssets(), assets);
            assertPriceKept(p);
            if (booking) vault.accrue();
        }
    }

    /// @notice Nor does it where debt grows to the end of what the index holds.
    function testFuzz_Time_lowersNothingAtTheEndOfTheIndex(Past memory past, uint256[3] memory times) public {
        past.kind = uint256(Kind.LentOut);
        arrange(past);
        for (uint256 i = 0; i < times.length; i++) {
            uint256 assets = vault.totalAssets();
            vm.warp(bound(times[i], clock(), type(uint32).max));
            assertGe(vault.totalAssets(), assets);
        }
    }

    // ------------------------------------------------------------------------------------------------------- Losses

    /// @notice A loss lowers total assets by what reserves do not bear of it, and a share's price with them: not at all
    /// while reserves suffice.
    function testFuzz_Loss_isWhatReservesDoNotBear(Past memory past, uint256 amount) public {
        past.kind = uint256([Kind.Lent, Kind.Repaid, Kind.Termed][past.kind % 3]);
        arrange(past);
        lend(heir, 100 * whole() + spread(amount, 0, MOST_LENT));
        uint256 cash = vault.accruedState().cash;
        uint256 lost = lendOut(LOST, spread(mix(amount, 1), 100 * whole(), Math.min(cash, mostLent(LOST))));
        ILenderVault.State memory before = vault.accruedState();
        uint256 assets = vault.totalAssets();
        uint256 debt = vault.totalDebt();
        Price memory p = price();
        lose(lost);
        ILenderVault.State memory after_ = vault.accruedState();
        uint256 paid = after_.cash - before.cash; // for the pledges, where they are worth something
        uint256 dust = paid == 0 ? 0 : vault.debtIndex() / WAD + 1; // what it paid beyond what it retired
        uint256 loss = debt - vault.totalDebt() - paid;
        uint256 borne = loss < before.reserves ? loss : before.reserves;
        assertApproxEqAbs(after_.reserves, before.reserves - borne, dust);
        assertApproxEqAbs(vault.totalAssets(), assets - (loss - borne), dust);
        assertGe(after_.cash, before.cash);
        if (loss + dust <= before.reserves) assertPriceKept(p);
        if (loss > before.reserves + dust) assertLt(vault.totalAssets(), assets);
    }

    // ---------------------------------------------------------------------------------------------------- Donations

    /// @notice Loan asset sent to the vault is nobody's: no amount, rate or maximum changes.
    function testFuzz_Donation_changesNothing(Past memory past, uint256 donation, uint256 amount) public {
        arrange(past);
        amount = spread(amount, 1, MAX_UINT104);
        bytes memory before = everything(amount);
        asset.mint(address(vault), spread(donation, 1, MAX_UINT104));
        assertEq(everything(amount), before);
        vault.accrue();
        assertEq(everything(amount), before);
    }

    function everything(uint256 amount) private view returns (bytes memory) {
        return
            bytes.concat(
                abi.encode(vault.totalAssets(), vault.totalDebt(), vault.utilisation(), vault.borrowRate()),
                abi.encode(vault.convertToShares(amount), vault.convertToAssets(amount), vault.lendRate()),
                abi.encode(vault.previewDeposit(amount), vault.previewMint(amount)),
                abi.encode(vault.previewWithdraw(amount), vault.previewRedeem(amount)),
                abi.encode(vault.maxDeposit(heir), vault.maxMint(heir)),
                abi.encode(vault.maxWithdraw(lender), vault.maxRedeem(lender))
            );
    }

    // -------------------------------------------------------------------------------------------------- First comers

    /// @notice Whoever comes first and bends the share price, by odd amounts and donations, ends with no more than he
    /// brought, and has lost a million units for each that the next lender lost beyond his own roundings.
    function testFuzz_FirstComer_losesAMillionTimesWhatHeTakes(
        uint256 decimals,
        uint256[6] memory steps,
        uint256 donation,
        uint256 amount
    ) public {
        select(decimals);
        fund(stranger, MOST_LENT);
        for (uint256 i = 0; i < steps.length; i++) {
            uint256 seed = mix(steps[i], i);
            vm.startPrank(stranger);
            if (steps[i] % 3 == 0) vault.mint(spread(seed, 1, 1e7), stranger);
            if (steps[i] % 3 == 1) vault.deposit(spread(seed, 0, MOST_LENT / 16), stranger);
            if (steps[i] % 3 == 2) vault.redeem(spread(seed, 0, vault.balanceOf(stranger)), stranger, stranger);
            vm.stopPrank();
        }
        donation = spread(donation, 0, asset.balanceOf(stranger));
        vm.prank(stranger);
        asset.transfer(address(vault), donation);

        amount = spread(amount, 1, MOST_LENT);
        lend(lender, amount);
        cashOut(stranger);
        cashOut(lender);
        assertLe(asset.balanceOf(stranger) + donation, MOST_LENT);
        assertLe(asset.balanceOf(lender), amount);
        uint256 cost = MOST_LENT - asset.balanceOf(stranger);
        uint256 taken = amount - asset.balanceOf(lender);
        assertLe(taken, (cost - donation + 2) / (VIRTUAL_SHARES - 1) + 2);
    }
}
