// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILenderVault} from "../../../contracts/interfaces/ILenderVault.sol";
import {TestFeed} from "../../../contracts/mocks/TestFeed.sol";
import {HandlerBase} from "./HandlerBase.sol";

/// @title WorldActions
/// @notice What happens to a market: time, prices, broken feeds, donations, and its curator.
abstract contract WorldActions is HandlerBase {
    // --------------------------------------------------------------------------------------------------------- Time

    /// @dev Seconds, hours, days or months. The feeds mostly keep up; one time in eight all of them stay behind.
    function warp(uint256 kind, uint256 time, uint256 stale) external action("warp") {
        uint256 longest = [uint256(1 minutes), 1 days, 30 days, 180 days][kind % 4];
        vm.warp(clock() + bound(time, 1, longest));
        if (stale % 8 != 0) _heal();
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
        feeds[n].setMode(TestFeed.Mode.Answer);
        feeds[n].set(answer);
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
        TestFeed feed = which % 4 == 3 ? assetFeed : feeds[which % 4];
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

    // ------------------------------------------------------------------------------------------------------ Curator

    /// @dev A cap below, around or above what is pledged.
    function setCap(uint256 which, uint256 to, uint256 lift) external action("setCap") {
        uint256 n = which % LISTINGS;
        uint256 cap = lift % 2 == 0 ? type(uint104).max : bound(to, 0, book.listings(n).pledged * 3);
        vm.prank(curator);
        book.setCap(n, cap);
        _succeeded();
    }

    /// @dev Lowers the deposit cap to somewhere above what is there, proposes a higher one, or accepts it.
    function changeDepositCap(uint256 kind, uint256 to, uint256) external action("changeDepositCap") {
        (, uint256 acceptableAt) = vault.proposedDepositCap();
        if (acceptableAt != 0) return _acceptDepositCap(acceptableAt);
        uint256 cap = vault.depositCap();
        vm.prank(curator);
        if (kind % 4 != 0 && cap < type(uint104).max) vault.proposeDepositCap(type(uint104).max);
        else if (cap != 0) vault.lowerDepositCap(bound(to, 0, cap - 1));
        _succeeded();
    }

    function _acceptDepositCap(uint256 acceptableAt) private {
        vm.prank(curator);
        try vault.acceptDepositCap() {
            assertGe(clock(), acceptableAt);
            _succeeded();
        } catch (bytes memory reason) {
            assertLt(clock(), acceptableAt);
            _refused(reason, abi.encodePacked(ILenderVault.DepositCapNotYetAcceptable.selector));
        }
    }
}
