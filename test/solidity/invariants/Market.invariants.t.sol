// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILenderVault} from "../../../contracts/interfaces/ILenderVault.sol";
import {TestFeed} from "../../../contracts/mocks/TestFeed.sol";
import {Market, MarketFixture} from "../helpers/MarketFixture.sol";
import {CureActions} from "./CureActions.sol";
import {FlashActions} from "./FlashActions.sol";
import {HandlerBase} from "./HandlerBase.sol";
import {KeeperActions} from "./KeeperActions.sol";
import {LenderActions} from "./LenderActions.sol";
import {LoanModel} from "./LoanModel.sol";
import {OperatorActions} from "./OperatorActions.sol";
import {TermActions} from "./TermActions.sol";
import {WorldActions} from "./WorldActions.sol";

/// @title MarketHandler
/// @notice Everything that can happen to a market, as actions of three random numbers each.
/// @dev In the file of its test, because the runner knows the contracts of the files that it was asked to run.
contract MarketHandler is
    LenderActions,
    TermActions,
    OperatorActions,
    FlashActions,
    CureActions,
    KeeperActions,
    WorldActions
{
    constructor(Market memory market, TestFeed sequencerFeed_) HandlerBase(market, sequencerFeed_) {}

    /// @notice The actions, for a test to aim at.
    function selectors() external pure returns (bytes4[] memory list) {
        list = new bytes4[](44);
        list[0] = this.deposit.selector;
        list[1] = this.mint.selector;
        list[2] = this.withdraw.selector;
        list[3] = this.redeem.selector;
        list[4] = this.flashLoan.selector;
        list[5] = this.open.selector;
        list[6] = this.borrow.selector;
        list[7] = this.pledge.selector;
        list[8] = this.release.selector;
        list[9] = this.repay.selector;
        list[10] = this.close.selector;
        list[11] = this.openTerm.selector;
        list[12] = this.refinance.selector;
        list[13] = this.roll.selector;
        list[14] = this.callMargin.selector;
        list[15] = this.callMarginBatch.selector;
        list[16] = this.clearMarginCall.selector;
        list[17] = this.claimCredit.selector;
        list[18] = this.liquidate.selector;
        list[19] = this.liquidateBatch.selector;
        list[20] = this.letFallDue.selector;
        list[21] = this.liquidateDue.selector;
        list[22] = this.writeOff.selector;
        list[23] = this.accrue.selector;
        list[24] = this.sweepReserves.selector;
        list[25] = this.warp.selector;
        list[26] = this.waitForCall.selector;
        list[27] = this.movePrice.selector;
        list[28] = this.depeg.selector;
        list[29] = this.breakFeed.selector;
        list[30] = this.healFeeds.selector;
        list[31] = this.pullApart.selector;
        list[32] = this.toggleSequencer.selector;
        list[33] = this.donate.selector;
        list[34] = this.lowerCap.selector;
        list[35] = this.raiseCap.selector;
        list[36] = this.changeDepositCap.selector;
        list[37] = this.pause.selector;
        list[38] = this.retire.selector;
        list[39] = this.setAuthorization.selector;
        list[40] = this.signAuthorization.selector;
        list[41] = this.revokeSignatures.selector;
        list[42] = this.cure.selector;
        list[43] = this.repayTerm.selector;
    }
}

/// @title MarketInvariantsTest
/// @notice The design's invariants after every action of {MarketHandler}, whatever their order.
contract MarketInvariantsTest is MarketFixture {
    MarketHandler private handler;

    function setUp() public override {
        vm.warp(START);
        sequencerFeed = new TestFeed(0, 0);
        super.setUp();
        handler = new MarketHandler(market(), sequencerFeed);
        // So that there is something to lend, for terms too, which need a market of some age, and somebody who owes from the start. (At
        // open terms: all this is one transaction, and what it deposits counts in no quote.)
        for (uint256 i = 1; i <= 4; i++) handler.deposit(i, 500_000e6, 0);
        vm.warp(START + 30 days);
        vault.accrue();
        for (uint256 i = 1; i <= 4; i++) handler.open(4 * i + 1, uint256(keccak256(abi.encode(i))), i);
        targetContract(address(handler));
        targetSelector(FuzzSelector(address(handler), handler.selectors()));
    }

    /// @notice INV-01 and INV-02.
    function invariant_INV01_INV02_booksAreCovered() public view {
        _checkBalances();
        _checkClaims();
    }

    /// @dev INV-01: the vault holds its cash, and the book its pledges and the credits that nobody has claimed. Here to the wei:
    /// nothing but donations is more.
    function _checkBalances() private view {
        assertEq(asset.balanceOf(address(vault)), vault.state().cash + handler.donated());
        for (uint256 n = 0; n < tokens.length; n++) {
            uint256 held = book.listings(n).held;
            assertEq(held, handler.ledgerPledged(n) + handler.credited(n));
            assertEq(tokens[n].balanceOf(address(book)), held + handler.donatedTokens(n));
        }
        handler.checkCredits();
    }

    /// @dev INV-02: cash and what each loan would pay cover what lenders and reserves claim. The loans' bases add up to the
    /// vault's sums, so the gap is at most a wei for each loan; and what fixed terms owe together is exact but for the last division.
    function _checkClaims() private view {
        ILenderVault.State memory s = vault.accruedState();
        LoanModel.Totals memory sum = handler.totals();
        handler.checkBook();
        assertEq(s.scaledDebt, sum.scaled);
        assertEq(vault.termDebt(), sum.principal + sum.interest / (365 days * 1e9));
        assertEq(s.flags >> 7, sum.termLoans == 0 ? 0 : 1);
        (uint256 owed, uint256 owedByTerms) = (0, 0);
        for (uint256 i = 0; i < handler.loanCount(); i++) {
            uint256 debt = book.debtOf(handler.ids(i));
            owed += debt;
            if (book.loan(handler.ids(i)).maturity != 0) owedByTerms += debt;
        }
        assertLe(vault.termDebt(), owedByTerms); // 0 if there is none
        assertLe(owedByTerms, vault.termDebt() + sum.termLoans);
        uint256 claimed = vault.totalAssets() + s.reserves;
        assertGe(s.cash + owed, claimed);
        assertLe(s.cash + owed, claimed + sum.openLoans + sum.termLoans);

        uint256 redeemable = 0;
        for (uint256 i = 0; i < 3; i++) redeemable += vault.convertToAssets(vault.balanceOf(handler.lenderAt(i)));
        assertLe(redeemable, vault.totalAssets());
    }

    /// @notice INV-03, INV-04: a share's price falls only by a write-off, after reserves are gone, and steps up by dust at most; no action
    /// that adds debt or removes pledges leaves debt above the borrow limit; and only those act for an owner whom it lets.
    function invariant_INV03_INV04_actionsKeepTheirRules() public view {
        handler.checkOperators();
        assertEq(handler.violation("INV-03"), "");
        assertEq(handler.violation("INV-04"), "");
    }

    /// @notice INV-05, INV-06: a loan above its liquidation line can be liquidated, with the same figures whether or not its margin was
    /// called; one above its call line only while a call is due; no more than x is repaid; the loan ends up covered better.
    function invariant_INV05_INV06_liquidationsKeepTheirRules() public {
        handler.checkLiquidations();
        assertEq(handler.violation("INV-05"), "");
        assertEq(handler.violation("INV-06"), "");
    }

    /// @dev The same handler over a fixed sequence: a handler whose actions never succeed would prove nothing. Each is a transaction of
    /// its own, as in the campaign.
    /// hardhat-config: isolate = true
    function test_Handler_everyActionSucceeds() public {
        bytes4[] memory selectors = handler.selectors();
        for (uint256 i = 0; i < 2_000; i++) {
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
            invariant_INV01_INV02_booksAreCovered();
            invariant_INV05_INV06_liquidationsKeepTheirRules();
        }
        invariant_INV03_INV04_actionsKeepTheirRules();
        assertEq(handler.actionCount(), selectors.length);
        for (uint256 i = 0; i < selectors.length; i++) {
            string memory action = handler.actions(i);
            // Reserves above their target take a quiet time: the next test has one.
            if (keccak256(bytes(action)) != keccak256("sweepReserves"))
                assertGt(handler.outcomes(action, 2), 0, action);
        }
        assertGt(handler.writtenOff(), 0);
        string[15] memory happened = [
            "soft",
            "hard",
            "hard although called",
            "spared in time to cure",
            "spared after the lapse",
            "cured",
            "back at the limit",
            "credit",
            "fixed-term liquidated",
            "fee paid",
            "fee paid for a part",
            "fee added",
            "refinanced to fixed",
            "refinanced to open",
            "refinanced with more"
        ];
        for (uint256 i = 0; i < happened.length; i++) assertGt(handler.counts(happened[i]), 0, happened[i]);
    }

    /// @dev Half a year of interest, and no debt: then all reserves are above their target.
    function test_Handler_sweepsReserves() public {
        handler.warp(3, 180 days, 1);
        for (uint256 i = 0; i < 9; i++) handler.close(i, 1, 0);
        handler.sweepReserves(0, 0, 0);
        assertEq(handler.outcomes("sweepReserves", 2), 1);
        assertEq(vault.state().reserves, 0);
    }
}
