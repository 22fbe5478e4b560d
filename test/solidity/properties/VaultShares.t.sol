// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Errors} from "@openzeppelin/contracts/interfaces/draft-IERC6093.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";

import {ILenderVault} from "../../../contracts/interfaces/ILenderVault.sol";
import {Kind, Past, VaultFixture} from "./VaultFixture.sol";
import {Price} from "./VaultMeasures.sol";

/// @notice Shares are an ERC-20 with permits: who may move them, who may cash them for another, and where to.
/// hardhat-config: isolate = true
contract VaultSharesTest is VaultFixture {
    bytes32 private constant PERMIT = keccak256(
        "Permit(address owner,address spender,uint256 value,uint256 nonce,uint256 deadline)"
    );

    /// @dev A vault where the lender has shares.
    function arrangeHolder(Past memory past) private returns (uint256 shares) {
        arrange(past);
        if (vault.balanceOf(lender) == 0) lend(lender, 1_000 * whole());
        return vault.balanceOf(lender);
    }

    // ----------------------------------------------------------------------------------------------------- Transfers

    /// @notice A transfer moves shares with all they are worth, changes nothing else, and its receiver may cash them.
    function testFuzz_Transfer_movesTheClaim(Past memory past, uint256 amount) public {
        uint256 shares = arrangeHolder(past);
        amount = spread(amount, 0, shares);
        Price memory p = price();
        uint256 supply = vault.totalSupply();
        uint256 claims = vault.convertToAssets(amount);
        vm.prank(lender);
        assertTrue(vault.transfer(heir, amount));
        assertEq(vault.balanceOf(lender), shares - amount);
        assertEq(vault.balanceOf(heir), amount);
        assertEq(vault.totalSupply(), supply);
        assertPriceKept(p);
        assertEq(vault.convertToAssets(amount), claims);
        uint256 max = vault.maxRedeem(heir);
        vm.prank(heir);
        vault.redeem(max, heir, heir);
        assertEq(vault.balanceOf(heir), amount - max);
    }

    /// @notice More shares than one has are not moved.
    function testFuzz_Transfer_moreThanOwnedIsRefused(Past memory past, uint256 more) public {
        uint256 shares = arrangeHolder(past);
        more = shares + spread(more, 1, MAX_UINT104);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InsufficientBalance.selector, lender, shares, more));
        vm.prank(lender);
        vault.transfer(heir, more);
    }

    /// @notice A third party moves no more than its allowance, and each move spends it.
    function testFuzz_TransferFrom_spendsTheAllowance(Past memory past, uint256 allowed, uint256 amount) public {
        uint256 shares = arrangeHolder(past);
        allowed = spread(allowed, 1, shares);
        amount = spread(amount, 1, allowed);
        vm.prank(lender);
        vault.approve(operator, allowed);
        vm.startPrank(operator);
        vault.transferFrom(lender, heir, amount);
        assertEq(vault.allowance(lender, operator), allowed - amount);
        vm.expectRevert(
            abi.encodeWithSelector(
                IERC20Errors.ERC20InsufficientAllowance.selector,
                operator,
                allowed - amount,
                allowed - amount + 1
            )
        );
        vault.transferFrom(lender, heir, allowed - amount + 1);
        vm.stopPrank();
        assertEq(vault.balanceOf(heir), amount);
        assertEq(vault.balanceOf(lender), shares - amount);
    }

    // ------------------------------------------------------------------------------------------------ Third parties

    /// @notice Nobody cashes another's shares with one share of allowance too little, by either call.
    function testFuzz_Exit_needsTheAllowance(Past memory past, uint256 amount, bool withdrawing) public {
        arrangeHolder(past);
        uint256 max = withdrawing ? vault.maxWithdraw(lender) : vault.maxRedeem(lender);
        if (max == 0) {
            lend(heir, 1_000 * whole()); // cash to be paid from
            max = withdrawing ? vault.maxWithdraw(lender) : vault.maxRedeem(lender);
        }
        if (max == 0) return; // all that the shares were worth is lost
        amount = spread(amount, 1, max);
        uint256 shares = withdrawing ? vault.previewWithdraw(amount) : amount;
        vm.prank(lender);
        vault.approve(operator, shares - 1);
        vm.expectRevert(
            abi.encodeWithSelector(IERC20Errors.ERC20InsufficientAllowance.selector, operator, shares - 1, shares)
        );
        vm.prank(operator);
        if (withdrawing) vault.withdraw(amount, operator, lender);
        else vault.redeem(amount, operator, lender);
    }

    /// @notice An endless allowance stays; an owner needs none and spends none.
    function testFuzz_Exit_keepsAnEndlessAllowance(Past memory past, uint256 amount) public {
        arrangeHolder(past);
        vm.startPrank(lender);
        vault.approve(operator, type(uint256).max);
        vault.approve(lender, 1);
        vm.stopPrank();
        uint256 part = spread(amount, 0, vault.maxRedeem(lender));
        vm.prank(operator);
        vault.redeem(part / 2, heir, lender);
        vm.prank(lender);
        vault.redeem(part - part / 2, heir, lender);
        assertEq(vault.allowance(lender, operator), type(uint256).max);
        assertEq(vault.allowance(lender, lender), 1);
    }

    /// @notice Assets are not paid to where they would be lost: the zero address, the vault, the book.
    function testFuzz_Exit_refusesReceiversThatLose(Past memory past, uint256 which, bool withdrawing) public {
        arrangeHolder(past);
        address receiver = [address(0), address(vault), address(book)][which % 3];
        vm.expectRevert(abi.encodeWithSelector(ILenderVault.InvalidReceiver.selector, receiver));
        vm.prank(lender);
        if (withdrawing) vault.withdraw(0, receiver, lender);
        else vault.redeem(0, receiver, lender);
    }

    /// @notice Shares are not minted to the zero address.
    function testFuzz_Entry_refusesTheZeroAddress(Past memory past, bool minting) public {
        arrange(past);
        vm.expectRevert(abi.encodeWithSelector(IERC20Errors.ERC20InvalidReceiver.selector, address(0)));
        vm.prank(operator);
        if (minting) vault.mint(0, address(0));
        else vault.deposit(0, address(0));
    }

    /// @notice Deposits are pulled from the caller and nobody else, whatever others have approved.
    function testFuzz_Entry_takesOnlyFromTheCaller(Past memory past, uint256 amount, bool minting) public {
        past.kind = uint256(Kind.Lent);
        arrange(past);
        amount = spread(amount, 1, MOST_LENT);
        fund(lender, amount * 2);
        fund(operator, amount - 1);
        uint256 shares = vault.previewDeposit(amount) + 1; // costs at least `amount`
        vm.startPrank(operator);
        (bool ok, bytes memory reason) = address(vault).call(
            minting ? abi.encodeCall(vault.mint, (shares, lender)) : abi.encodeCall(vault.deposit, (amount, lender))
        );
        vm.stopPrank();
        assertFalse(ok);
        assertEq(selectorOf(reason), IERC20Errors.ERC20InsufficientBalance.selector);
        assertEq(asset.balanceOf(lender), amount * 2);
    }

    // ------------------------------------------------------------------------------------------------------ Permits

    function sign(
        uint256 key,
        uint256 value,
        uint256 nonce,
        uint256 deadline
    ) private view returns (uint8 v, bytes32 r, bytes32 s) {
        bytes32 message = keccak256(abi.encode(PERMIT, lender, operator, value, nonce, deadline));
        bytes32 domain = IERC20Permit(address(vault)).DOMAIN_SEPARATOR();
        return vm.sign(key, keccak256(abi.encodePacked(hex"1901", domain, message)));
    }

    function keyOf(string memory actor) private pure returns (uint256) {
        return uint256(keccak256(bytes(actor)));
    }

    /// @notice A holder's signature is an approval, brought by anybody, with which a third party cashes his shares, once.
    function testFuzz_Permit_letsAThirdPartyExit(Past memory past, uint256 amount, uint256 time) public {
        arrangeHolder(past);
        amount = spread(amount, 0, vault.maxRedeem(lender));
        uint256 deadline = spread(time, clock(), type(uint256).max);
        IERC20Permit permits = IERC20Permit(address(vault));
        uint256 nonce = permits.nonces(lender);
        (uint8 v, bytes32 r, bytes32 s) = sign(keyOf("lender"), amount, nonce, deadline);
        vm.prank(stranger);
        permits.permit(lender, operator, amount, deadline, v, r, s);
        assertEq(vault.allowance(lender, operator), amount);
        assertEq(permits.nonces(lender), nonce + 1);
        vm.prank(operator);
        vault.redeem(amount, operator, lender);
        assertEq(vault.allowance(lender, operator), 0);

        vm.expectPartialRevert(ERC20Permit.ERC2612InvalidSigner.selector); // the nonce is spent
        permits.permit(lender, operator, amount, deadline, v, r, s);
    }

    /// @notice A signature of anybody else, for another market's vault, or past its deadline approves nothing.
    function testFuzz_Permit_refusesWhatWasNotSigned(Past memory past, uint256 amount, uint256 time) public {
        arrangeHolder(past);
        uint256 deadline = clock() + spread(time, 0, LONGEST);
        IERC20Permit permits = IERC20Permit(address(vault));
        (uint8 v, bytes32 r, bytes32 s) = sign(keyOf("stranger"), amount, 0, deadline);
        vm.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612InvalidSigner.selector, stranger, lender));
        permits.permit(lender, operator, amount, deadline, v, r, s);

        (v, r, s) = sign(keyOf("lender"), amount, 0, deadline);
        select((past.decimals % 4) + 1);
        assertNotEq(address(vault), address(permits));
        vm.expectPartialRevert(ERC20Permit.ERC2612InvalidSigner.selector);
        IERC20Permit(address(vault)).permit(lender, operator, amount, deadline, v, r, s);

        vm.warp(deadline + 1);
        vm.expectRevert(abi.encodeWithSelector(ERC20Permit.ERC2612ExpiredSignature.selector, deadline));
        permits.permit(lender, operator, amount, deadline, v, r, s);
        assertEq(vault.allowance(lender, operator), 0);
    }
}
