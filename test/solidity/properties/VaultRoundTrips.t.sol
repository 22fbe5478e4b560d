// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Past, VaultFixture} from "./VaultFixture.sol";
import {Price} from "./VaultMeasures.sol";

/// @notice INV-07 for lenders: whoever goes in and out, or out and in, within a block ends with nothing more, and takes
/// nothing from the others; what he loses are roundings.
/// @dev The actor is a lender who has shares from before in most states, so that a trip may burn more than it minted.
/// hardhat-config: isolate = true
contract VaultRoundTripsTest is VaultFixture {
    /// @dev What the actor, the others and the share price were before the trip.
    struct Before {
        uint256 assets;
        uint256 shares;
        uint256 worth;
        uint256 other;
        Price price;
    }

    function start(Past memory past) private returns (Before memory) {
        arrange(past);
        fund(lender, MAX_UINT104);
        return
            Before(
                asset.balanceOf(lender),
                vault.balanceOf(lender),
                worth(lender),
                vault.convertToAssets(vault.balanceOf(saver)),
                price()
            );
    }

    /// @dev After `calls` calls: no gain, no harm to others, and no loss but a unit or a share for each call.
    function finish(Before memory before, uint256 calls) private view {
        uint256 assets = asset.balanceOf(lender);
        uint256 shares = vault.balanceOf(lender);
        assertFalse(assets > before.assets && shares >= before.shares, "assets from nothing");
        assertFalse(assets >= before.assets && shares > before.shares, "shares from nothing");
        assertLe(worth(lender), before.worth, "worth more");
        assertPriceKept(before.price);
        assertGe(vault.convertToAssets(vault.balanceOf(saver)), before.other, "another is worth less");
        Price memory p = price();
        assertGe(worth(lender) + calls * (p.assets / p.shares + 1) + 1, before.worth, "more than roundings");
    }

    function anyAssets(uint256 seed) private view returns (uint256) {
        return spread(seed, 0, vault.maxDeposit(lender));
    }

    function anyMint(uint256 seed) private view returns (uint256) {
        return spread(seed, 0, vault.maxMint(lender));
    }

    function deposit(uint256 assets) private returns (uint256) {
        vm.prank(lender);
        return vault.deposit(assets, lender);
    }

    function mint(uint256 shares) private returns (uint256) {
        vm.prank(lender);
        return vault.mint(shares, lender);
    }

    function withdraw(uint256 assets) private returns (uint256) {
        vm.prank(lender);
        return vault.withdraw(assets, lender, lender);
    }

    function redeem(uint256 shares) private returns (uint256) {
        vm.prank(lender);
        return vault.redeem(shares, lender, lender);
    }

    // -------------------------------------------------------------------------------------------------- In, then out

    /// @notice The shares of a deposit redeem for no more than was deposited.
    function testFuzz_RoundTrip_depositThenRedeem(Past memory past, uint256 amount) public {
        Before memory before = start(past);
        uint256 assets = anyAssets(amount);
        assertLe(redeem(deposit(assets)), assets);
        finish(before, 2);
    }

    /// @notice Withdrawing what was deposited burns no fewer shares than it minted.
    function testFuzz_RoundTrip_depositThenWithdraw(Past memory past, uint256 amount) public {
        Before memory before = start(past);
        uint256 assets = anyAssets(amount);
        uint256 shares = deposit(assets);
        uint256 back = Math.min(assets, vault.maxWithdraw(lender));
        uint256 burnt = withdraw(back);
        if (back == assets) assertGe(burnt, shares);
        finish(before, 2);
    }

    /// @notice Minted shares redeem for no more than they cost.
    function testFuzz_RoundTrip_mintThenRedeem(Past memory past, uint256 amount) public {
        Before memory before = start(past);
        uint256 shares = anyMint(amount);
        uint256 paid = mint(shares);
        assertLe(redeem(shares), paid);
        finish(before, 2);
    }

    /// @notice Withdrawing what a mint cost burns no fewer shares than were minted.
    function testFuzz_RoundTrip_mintThenWithdraw(Past memory past, uint256 amount) public {
        Before memory before = start(past);
        uint256 shares = anyMint(amount);
        uint256 paid = mint(shares);
        uint256 back = Math.min(paid, vault.maxWithdraw(lender));
        uint256 burnt = withdraw(back);
        if (back == paid) assertGe(burnt, shares);
        finish(before, 2);
    }

    // -------------------------------------------------------------------------------------------------- Out, then in

    /// @notice What redeemed shares paid buys no more shares than were redeemed.
    function testFuzz_RoundTrip_redeemThenDeposit(Past memory past, uint256 amount) public {
        Before memory before = start(past);
        uint256 shares = spread(amount, 0, vault.maxRedeem(lender));
        assertLe(deposit(Math.min(redeem(shares), vault.maxDeposit(lender))), shares);
        finish(before, 2);
    }

    /// @notice Minting redeemed shares again costs no less than they paid.
    function testFuzz_RoundTrip_redeemThenMint(Past memory past, uint256 amount) public {
        Before memory before = start(past);
        uint256 shares = spread(amount, 0, vault.maxRedeem(lender));
        uint256 got = redeem(shares);
        uint256 again = Math.min(shares, vault.maxMint(lender));
        uint256 paid = mint(again);
        if (again == shares) assertGe(paid, got);
        finish(before, 2);
    }

    /// @notice What was withdrawn buys no more shares than it burnt.
    function testFuzz_RoundTrip_withdrawThenDeposit(Past memory past, uint256 amount) public {
        Before memory before = start(past);
        uint256 assets = spread(amount, 0, vault.maxWithdraw(lender));
        uint256 burnt = withdraw(assets);
        assertLe(deposit(Math.min(assets, vault.maxDeposit(lender))), burnt);
        finish(before, 2);
    }

    /// @notice Minting the shares that a withdrawal burnt costs no less than it paid.
    function testFuzz_RoundTrip_withdrawThenMint(Past memory past, uint256 amount) public {
        Before memory before = start(past);
        uint256 assets = spread(amount, 0, vault.maxWithdraw(lender));
        uint256 burnt = withdraw(assets);
        uint256 again = Math.min(burnt, vault.maxMint(lender));
        uint256 paid = mint(again);
        if (again == burnt) assertGe(paid, assets);
        finish(before, 2);
    }

    // ----------------------------------------------------------------------------------------------------- Any path

    /// @notice Eight calls in any order and of any size gain nothing either: splitting or mixing roundings does not pay.
    function testFuzz_RoundTrip_anyPathInOneBlock(Past memory past, uint256[8] memory steps) public {
        Before memory before = start(past);
        for (uint256 i = 0; i < steps.length; i++) {
            uint256 seed = mix(steps[i], i);
            Price memory p = price();
            if (steps[i] % 4 == 0) deposit(anyAssets(seed));
            if (steps[i] % 4 == 1) mint(anyMint(seed));
            if (steps[i] % 4 == 2) withdraw(spread(seed, 0, vault.maxWithdraw(lender)));
            if (steps[i] % 4 == 3) redeem(spread(seed, 0, vault.maxRedeem(lender)));
            assertPriceKept(p);
            assertLe(worth(lender), before.worth);
        }
        finish(before, steps.length);
    }
}
