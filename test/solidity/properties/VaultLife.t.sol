// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ILenderVault} from "../../../contracts/interfaces/ILenderVault.sol";
import {Past, VaultFixture} from "./VaultFixture.sol";
import {Price} from "./VaultMeasures.sol";

/// @notice Sequences of everything that lenders, borrowers, the curator and time do to a vault, from every state on: after
/// each step total assets have changed by what was paid in or out, or earned, or lost, and by nothing else.
/// hardhat-config: isolate = true
contract VaultLifeTest is VaultFixture {
    uint256 private constant STEPS = 16;

    address[3] private holders;

    // Of the step under way.
    uint256 private paidIn;
    uint256 private paidOut;
    uint256 private rounded; // how many debts changed
    bool private waited;
    bool private lost;

    uint256 private donated;

    function setUp() public override {
        super.setUp();
        holders = [lender, saver, heir];
    }

    /// @notice Total assets fall by withdrawals and losses only, rise by deposits and time only; the share price falls by
    /// losses only; claims stay covered and the maxima keep their promises: after each of sixteen steps.
    function testFuzz_Life_onlyLossesLowerTheSharePrice(Past memory past, uint256[STEPS] memory steps) public {
        arrange(past);
        for (uint256 i = 0; i < holders.length; i++) {
            fund(holders[i], MAX_UINT104);
            vm.prank(holders[i]);
            vault.approve(operator, type(uint256).max);
        }
        fund(operator, MAX_UINT104);
        for (uint256 i = 0; i < STEPS; i++) {
            (paidIn, paidOut, rounded, waited, lost) = (0, 0, 0, false, false);
            uint256 assets = vault.totalAssets();
            Price memory p = price();
            step(steps[i] % 12, mix(steps[i], 2 * i), mix(steps[i], 2 * i + 1));
            if (!lost) {
                assertPriceKept(p);
                uint256 now_ = vault.totalAssets();
                assertGe(now_, assets + paidIn - paidOut, "total assets fell");
                uint256 dust = rounded * (vault.debtIndex() / WAD + 1);
                if (!waited) assertLe(now_, assets + paidIn - paidOut + dust, "total assets rose");
            }
            check();
        }
    }

    // --------------------------------------------------------------------------------------------------------- Steps

    function step(uint256 kind, uint256 who, uint256 amount) private {
        address holder = holders[who % 3];
        if (kind < 4) trade(kind, who, amount);
        if (kind == 4) move(holder, holders[(who / 3) % 3], amount);
        if (kind == 5) tryBorrow(amount);
        if (kind == 6) tryRepay(who, amount);
        if (kind == 7) wait(amount);
        if (kind == 8) trySweep();
        if (kind == 9) donate(spread(amount, 0, MOST_LENT));
        if (kind == 10) tryLose(who);
        if (kind == 11) vault.accrue();
    }

    /// @dev A call of the vault, by a holder or by the operator in his name, for any of the holders.
    function trade(uint256 kind, uint256 who, uint256 amount) private {
        address owner = holders[who % 3];
        address receiver = holders[(who / 3) % 3];
        vm.startPrank((who / 9) % 2 == 0 ? owner : operator);
        if (kind == 0) {
            paidIn = spread(amount, 0, Math.min(vault.maxDeposit(receiver), MOST_LENT));
            vault.deposit(paidIn, receiver);
        } else if (kind == 1) {
            uint256 shares = vault.convertToShares(spread(amount, 0, MOST_LENT));
            paidIn = vault.mint(Math.min(shares, vault.maxMint(receiver)), receiver);
        } else if (kind == 2) {
            paidOut = spread(amount, 0, vault.maxWithdraw(owner));
            vault.withdraw(paidOut, receiver, owner);
        } else {
            paidOut = vault.redeem(spread(amount, 0, vault.maxRedeem(owner)), receiver, owner);
        }
        vm.stopPrank();
    }

    function move(address from, address to, uint256 amount) private {
        amount = spread(amount, 0, vault.balanceOf(from));
        vm.prank(operator);
        vault.transferFrom(from, to, amount);
    }

    function tryBorrow(uint256 amount) private {
        uint256 listing = amount % 2 == 0 ? KEPT : LOST;
        uint256 most = Math.min(vault.accruedState().cash, mostLent(listing));
        if (most < 100 * whole()) return;
        lendOut(listing, spread(amount, 100 * whole(), most));
        rounded = 1;
    }

    function tryRepay(uint256 which, uint256 amount) private {
        if (loans.length == 0) return;
        uint256 id = loans[which % loans.length];
        uint256 debt = book.debtOf(id);
        uint256 least = book.MIN_DEBT() + vault.debtIndex() / WAD + 1;
        if (debt == 0 || debt > MAX_UINT104 - vault.accruedState().cash) return;
        if (amount % 2 == 0 || debt <= least) {
            repayAll(id);
        } else {
            fund(stranger, debt);
            vm.prank(stranger);
            book.repay(id, spread(amount, 1, debt - least));
        }
        rounded = 2; // the debt, and the fee of a fixed term
    }

    function wait(uint256 time) private {
        waited = true;
        idle(spread(time, 0, 180 days));
    }

    function trySweep() private {
        ILenderVault.State memory s = vault.accruedState();
        if (s.reserves > (vault.totalDebt() * vault.RESERVE_TARGET()) / BPS + 1) sweep();
    }

    function donate(uint256 amount) private {
        asset.mint(address(vault), amount);
        donated += amount;
    }

    function tryLose(uint256 which) private {
        if (loans.length == 0) return;
        uint256 id = loans[which % loans.length];
        if (book.debtOf(id) == 0 || book.pledgeOf(id, LOST) == 0) return;
        lose(id);
        lost = true;
    }

    // -------------------------------------------------------------------------------------------------------- Checks

    function check() private view {
        ILenderVault.State memory s = vault.accruedState();
        uint256 assets = vault.totalAssets();
        uint256 claims = 0;
        uint256 shares = 0;
        for (uint256 i = 0; i < holders.length; i++) {
            uint256 balance = vault.balanceOf(holders[i]);
            shares += balance;
            claims += vault.convertToAssets(balance);
            assertLe(vault.previewRedeem(vault.maxRedeem(holders[i])), s.cash, "maxRedeem beyond cash");
            assertLe(vault.previewWithdraw(vault.maxWithdraw(holders[i])), balance, "maxWithdraw beyond shares");
        }
        assertEq(shares, vault.totalSupply(), "shares of nobody");
        assertLe(claims, assets, "claims beyond total assets");
        assertEq(assets, owned(), "total assets");
        assertLe(assets + s.reserves, s.cash + owed(), "claims beyond cash and debts");
        assertEq(asset.balanceOf(address(vault)), s.cash + donated, "cash is not there");
        assertLe(vault.previewMint(vault.maxMint(heir)), vault.maxDeposit(heir), "maxMint beyond maxDeposit");
    }
}
