// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBookActions} from "../../../contracts/interfaces/IBookActions.sol";
import {ILenderVault} from "../../../contracts/interfaces/ILenderVault.sol";
import {ILoanBook} from "../../../contracts/interfaces/ILoanBook.sol";
import {IProposals} from "../../../contracts/interfaces/IProposals.sol";
import {IVaultActions} from "../../../contracts/interfaces/IVaultActions.sol";
import {TestFeed} from "../../../contracts/mocks/TestFeed.sol";
import {MarginActions} from "./MarginActions.sol";

/// @title WorldActions
/// @notice What happens to a market: time, prices, broken feeds, an unsteady sequencer, donations, and its officers.
abstract contract WorldActions is MarginActions {
    // --------------------------------------------------------------------------------------------------------- Time

    /// @dev Seconds, hours, days or months. The feeds mostly keep up; one time in eight all of them stay behind.
    function warp(uint256 kind, uint256 time, uint256 stale) external action("warp") {
        uint256 longest = [uint256(1 minutes), 1 days, 30 days, 180 days][kind % 4];
        _warpTo(clock() + bound(time, 1, longest), stale);
    }

    /// @dev To when a margin call starts to earn a credit, is due, or lapses; to the second, or a little before or after.
    function waitForCall(uint256 which, uint256 kind, uint256 time) external action("waitForCall") {
        uint256 id = _pickCalled(which);
        if (id == 0) return;
        Call memory call = _callOf(id);
        uint256 moment = [accounts[id].calledAt + 10 minutes, call.deadline, call.lapse][kind % 3];
        _warpTo(_max(clock(), bound(time, moment - 1, moment + (kind % 2 == 0 ? 1 : 2 hours))), kind / 8);
    }

    function _warpTo(uint256 time, uint256 stale) private {
        vm.warp(time);
        if (stale % 8 != 0) _heal();
        _succeeded();
    }

    /// @dev The sequencer goes down, came up some time ago, or its feed says nothing.
    function toggleSequencer(uint256 kind, uint256 ago, uint256) external action("toggleSequencer") {
        sequencerFeed.setMode(kind % 4 == 0 ? TestFeed.Mode.Revert : TestFeed.Mode.Answer);
        if (kind % 4 == 1) sequencerFeed.set(1);
        else sequencerFeed.setAt(0, clock() - bound(ago, 0, kind % 4 == 2 ? 2 hours : 48 hours));
        _succeeded();
    }

    // ------------------------------------------------------------------------------------------------------- Prices

    /// @dev Up or down, a little or a lot, or back to about where it began; between a hundredth and four times that.
    function movePrice(uint256 which, uint256 kind, uint256 by) external action("movePrice") {
        uint256 n = which % LISTINGS;
        int256 answer = feeds[n].answer();
        kind = kind % 5;
        if (kind == 0) answer = (answer * int256(bound(by, 9_900, 10_100))) / 1e4;
        if (kind == 1) answer = (answer * int256(bound(by, 9_000, 11_000))) / 1e4;
        if (kind == 2) answer = (answer * int256(bound(by, 4_000, 9_000))) / 1e4;
        if (kind == 3) answer = (answer * int256(bound(by, 11_000, 30_000))) / 1e4;
        if (kind == 4) answer = (firstAnswers[n] * int256(bound(by, 8_000, 12_000))) / 1e4;
        if (answer < firstAnswers[n] / 100) answer = firstAnswers[n] / 100;
        if (answer > firstAnswers[n] * 4) answer = firstAnswers[n] * 4;
        _setPrice(n, answer);
        _succeeded();
    }

    /// @dev The loan asset between 0.6 and 1.3, or back at its peg.
    function depeg(uint256 kind, uint256 to, uint256) external action("depeg") {
        assetFeed.setMode(TestFeed.Mode.Answer);
        assetFeed.set(kind % 3 == 0 ? int256(bound(to, 6e7, 13e7)) : int256(1e8));
        _succeeded();
    }

    /// @dev A feed misbehaves in one of its ways, until it is healed by a move of its price or with time.
    function breakFeed(uint256 which, uint256 how, uint256 by) external action("breakFeed") {
        TestFeed feed = [feeds[0], feeds[1], feeds[2], secondFeed, assetFeed][which % 5];
        int256 answer = feed.answer();
        how = how % 10;
        if (how < 4)
            feed.setMode(TestFeed.Mode(how + 1)); // reverts, burns its gas, returns too little, too much
        else if (how == 4)
            feed.setAt(answer, clock() - 1 days - bound(by, 1, 30 days)); // stale
        else if (how == 5)
            feed.setAt(answer, clock() + bound(by, 1, 30 days)); // from the future
        else if (how == 6) feed.setAt(answer, 0);
        else if (how == 7) feed.set(-bound(int256(by % 1e18), 0, 1e18));
        else if (how == 8)
            feed.set(1); // below every bound
        else feed.set(1e30); // above every bound
        _succeeded();
    }

    /// @dev The two sources of the last listing part, by up to a tenth either way, or a little.
    function pullApart(uint256 kind, uint256 by, uint256) external action("pullApart") {
        int256 answer = feeds[LISTINGS - 1].answer();
        int256 share = int256(kind % 2 == 0 ? bound(by, 9_000, 11_000) : bound(by, 9_690, 10_310));
        secondFeed.set(((answer / 1e10) * share) / 1e4);
        _succeeded();
    }

    function healFeeds(uint256, uint256, uint256) external action("healFeeds") {
        _heal();
        _succeeded();
    }

    // ---------------------------------------------------------------------------------------------------- Donations

    /// @dev Tokens arrive that nobody asked for: at the vault, or at the book, collateral or loan asset.
    function donate(uint256 where, uint256 amount, uint256) external action("donate") {
        amount = bound(amount, 1, 1_000_000e6);
        if (where % 5 == 0) {
            asset.mint(address(book), amount);
        } else if (where % 5 == 1) {
            asset.mint(address(vault), amount);
            donated += amount;
        } else {
            tokens[(where % 5) - 2].mint(address(book), amount);
            donatedTokens[(where % 5) - 2] += amount;
        }
        _succeeded();
    }

    // ----------------------------------------------------------------------------------------------------- Officers

    /// @dev A cap below or around what is held.
    function lowerCap(uint256 which, uint256 to, uint256) external action("lowerCap") {
        uint256 n = which % LISTINGS;
        ILoanBook.Listing memory listing = book.listings(n);
        uint256 cap = bound(to, listing.held / 2, listing.held * 2 + _tokensWorth(n, 100_000e6));
        if (cap >= listing.cap) return;
        vm.prank(officers.guardian);
        book.lowerCap(n, cap);
        _succeeded();
    }

    /// @dev Proposes to lift a cap that was lowered, or lifts it once that has waited.
    function raiseCap(uint256 which, uint256, uint256) external action("raiseCap") {
        uint256 n = which % LISTINGS;
        if (book.listings(n).cap == type(uint96).max) return;
        _raise(book, abi.encodeCall(IBookActions.raiseCap, (n, type(uint96).max)));
    }

    /// @dev Lowers the deposit cap to somewhere above what is there, or lifts it like the others.
    function changeDepositCap(uint256 kind, uint256 to, uint256) external action("changeDepositCap") {
        uint256 cap = vault.depositCap();
        if (kind % 4 != 0 && cap < type(uint104).max) {
            return _raise(vault, abi.encodeCall(IVaultActions.raiseDepositCap, (type(uint104).max)));
        }
        if (cap == 0) return;
        vm.prank(officers.guardian);
        vault.lowerDepositCap(bound(to, 0, cap - 1));
        _succeeded();
    }

    /// @dev Borrowing, depositing or flash loans are paused, or go on.
    function pause(uint256 kind, uint256, uint256) external action("pause") {
        ILenderVault.Activity activity = ILenderVault.Activity(kind % 3);
        vm.startPrank(officers.guardian);
        if (vault.pausedUntil(activity) != 0) vault.unpause(activity);
        else if (kind % 12 < 3) vault.pause(activity);
        vm.stopPrank();
        _succeeded();
    }

    /// @dev Rarely, since it is for ever, and never the first, so that there is something to borrow against.
    function retire(uint256 which, uint256 chance, uint256) external action("retire") {
        uint256 n = 1 + (which % (LISTINGS - 1));
        if (chance % 16 != 0 || isRetired[n]) return;
        vm.prank(officers.guardian);
        book.retire(n);
        isRetired[n] = true;
        _succeeded();
    }

    function _raise(IProposals target, bytes memory action_) private {
        uint256 proposedAt = target.proposedAt(keccak256(action_));
        vm.startPrank(officers.curator);
        if (proposedAt == 0 || clock() >= proposedAt + 37 days) {
            target.propose(action_);
            _succeeded();
        } else {
            try target.execute(action_) {
                assertGe(clock(), proposedAt + 7 days);
                _succeeded();
            } catch (bytes memory reason) {
                bool isVoid = selectorOf(reason) == IProposals.LoweredSince.selector;
                assertEq(clock() < proposedAt + 7 days, !isVoid);
                _refused(
                    reason,
                    abi.encodePacked(IProposals.ProposalNotReady.selector, IProposals.LoweredSince.selector)
                );
                if (isVoid) target.propose(action_);
            }
        }
        vm.stopPrank();
    }
}
