// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILenderVault} from "../../../contracts/interfaces/ILenderVault.sol";
import {Market, MarketFixture} from "../helpers/MarketFixture.sol";
import {BorrowerActions} from "./BorrowerActions.sol";
import {HandlerBase} from "./HandlerBase.sol";
import {KeeperActions} from "./KeeperActions.sol";
import {LenderActions} from "./LenderActions.sol";
import {WorldActions} from "./WorldActions.sol";

/// @title MarketHandler
/// @notice Everything that can happen to a market, as actions of three random numbers each.
/// @dev In the file of its test, because the runner knows the contracts of the files that it was asked to run.
contract MarketHandler is LenderActions, BorrowerActions, KeeperActions, WorldActions {
    constructor(Market memory market) HandlerBase(market) {}

    /// @notice The actions, for a test to aim at.
    function selectors() external pure returns (bytes4[] memory list) {
        list = new bytes4[](27);
        list[0] = this.deposit.selector;
        list[1] = this.mint.selector;
        list[2] = this.withdraw.selector;
        list[3] = this.redeem.selector;
        list[4] = this.open.selector;
        list[5] = this.borrow.selector;
        list[6] = this.pledge.selector;
        list[7] = this.release.selector;
        list[8] = this.repay.selector;
        list[9] = this.close.selector;
        list[10] = this.liquidate.selector;
        list[11] = this.liquidateBatch.selector;
        list[12] = this.writeOff.selector;
        list[13] = this.accrue.selector;
        list[14] = this.sweepReserves.selector;
        list[15] = this.warp.selector;
        list[16] = this.movePrice.selector;
        list[17] = this.depeg.selector;
        list[18] = this.breakFeed.selector;
        list[19] = this.donate.selector;
        list[20] = this.lowerCap.selector;
        list[21] = this.changeDepositCap.selector;
        list[22] = this.healFeeds.selector;
        list[23] = this.raiseCap.selector;
        list[24] = this.pause.selector;
        list[25] = this.retire.selector;
        list[26] = this.pullApart.selector;
    }
}

/// @title MarketInvariantsTest
/// @notice The design's invariants after every action of {MarketHandler}, whatever their order.
contract MarketInvariantsTest is MarketFixture {
    MarketHandler private handler;

    function setUp() public override {
        super.setUp();
        handler = new MarketHandler(market());
        // So that there is something to lend and somebody who owes from the start.
        for (uint256 i = 1; i <= 4; i++) handler.deposit(i, 500_000e6, 0);
        for (uint256 i = 1; i <= 6; i++) handler.open(4 * i + 1, uint256(keccak256(abi.encode(i))), i);
        targetContract(address(handler));
        targetSelector(FuzzSelector(address(handler), handler.selectors()));
    }

    /// @notice INV-01: the vault holds its cash and the book its pledges. Here to the wei: nothing but donations is more.
    function invariant_INV01_balancesCoverTheBooks() public view {
        assertEq(asset.balanceOf(address(vault)), vault.state().cash + handler.donated());
        for (uint256 n = 0; n < tokens.length; n++) {
            uint256 pledged = book.listings(n).pledged;
            assertEq(pledged, handler.ledgerPledged(n));
            assertEq(tokens[n].balanceOf(address(book)), pledged + handler.donatedTokens(n));
        }
    }

    /// @notice INV-02: cash and what each loan would pay cover what lenders and reserves claim. The loans' scaled debts add
    /// up to the vault's, so the gap is less than a wei for each loan and one for their sum.
    function invariant_INV02_debtsCoverTheClaims() public view {
        ILenderVault.State memory s = vault.accruedState();
        (uint256 scaled, uint256 indebted) = handler.ledgerDebt();
        assertEq(s.scaledDebt, scaled);
        assertTrue(handler.isLedgerOfBook());
        uint256 owned = s.cash;
        for (uint256 i = 0; i < handler.loanCount(); i++) owned += book.debtOf(handler.ids(i));
        uint256 claimed = vault.totalAssets() + s.reserves;
        assertGe(owned, claimed);
        assertLe(owned, claimed + indebted + 1);

        uint256 redeemable = 0;
        for (uint256 i = 0; i < 3; i++) redeemable += vault.convertToAssets(vault.balanceOf(handler.lenderAt(i)));
        assertLe(redeemable, vault.totalAssets());
    }

    /// @notice INV-03: a share's price falls only by a write-off, after reserves are gone, and steps up by dust at most.
    function invariant_INV03_sharePriceFallsOnlyByWriteOff() public view {
        assertEq(handler.violation("INV-03"), "");
    }

    /// @notice INV-04: no action that adds debt or removes pledges leaves debt above the borrow limit.
    function invariant_INV04_noActionLeavesDebtAboveTheLimit() public view {
        assertEq(handler.violation("INV-04"), "");
    }

    /// @notice INV-05, INV-06: only a loan above its line is liquidated; no more than x is repaid; it ends up covered better.
    function invariant_INV05_INV06_liquidationsKeepTheirRules() public view {
        assertEq(handler.violation("INV-05"), "");
        assertEq(handler.violation("INV-06"), "");
    }

    /// @dev The same handler over a fixed sequence: a handler whose actions never succeed would prove nothing.
    function test_Handler_everyActionSucceeds() public {
        bytes4[] memory selectors = handler.selectors();
        for (uint256 i = 0; i < 1_000; i++) {
            uint256 seed = uint256(keccak256(abi.encode("Ballast", i)));
            bytes4 selector = selectors[seed % selectors.length];
            (bool ok, bytes memory reason) = address(handler).call(
                abi.encodeWithSelector(
                    selector,
                    seed >> 8,
                    uint256(keccak256(abi.encode(seed, 1))),
                    uint256(keccak256(abi.encode(seed, 2)))
                )
            );
            if (!ok) {
                assembly ("memory-safe") {
                    revert(add(reason, 32), mload(reason))
                }
            }
            invariant_INV01_balancesCoverTheBooks();
            invariant_INV02_debtsCoverTheClaims();
        }
        invariant_INV03_sharePriceFallsOnlyByWriteOff();
        invariant_INV04_noActionLeavesDebtAboveTheLimit();
        invariant_INV05_INV06_liquidationsKeepTheirRules();
        assertEq(handler.actionCount(), selectors.length);
        for (uint256 i = 0; i < selectors.length; i++) {
            string memory action = handler.actions(i);
            // Reserves above their target take a quiet time: the next test has one.
            if (keccak256(bytes(action)) != keccak256("sweepReserves"))
                assertGt(handler.outcomes(action, 2), 0, action);
        }
        assertGt(handler.writtenOff(), 0);
    }

    /// @dev Half a year of interest, and no debt: then all reserves are above their target.
    function test_Handler_sweepsReserves() public {
        handler.warp(3, 180 days, 1);
        for (uint256 i = 0; i < 9; i++) handler.close(i, 0, 0);
        handler.sweepReserves(0, 0, 0);
        assertEq(handler.outcomes("sweepReserves", 2), 1);
        assertEq(vault.state().reserves, 0);
    }
}
