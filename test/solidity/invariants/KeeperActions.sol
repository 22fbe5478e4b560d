// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Vm} from "forge-std/Vm.sol";

import {ILenderVault} from "../../../contracts/interfaces/ILenderVault.sol";
import {ILoanBook} from "../../../contracts/interfaces/ILoanBook.sol";
import {HandlerBase} from "./HandlerBase.sol";

/// @title KeeperActions
/// @notice What keepers do. Each seizure, read from its event, is checked against the design's section 9 (INV-05, INV-06)
/// on the ledger's loan, and then entered into the ledger.
abstract contract KeeperActions is HandlerBase {
    uint256 private constant LAST_BONUS = 0.01e18;

    /// @notice How much was written off, so that a run can show that it came to losses.
    uint256 public writtenOff;

    // ------------------------------------------------------------------------------------------------- Liquidation

    function liquidate(uint256 which, uint256 what, uint256 amount) external action("liquidate") {
        uint256 id = _pickLiquidatable(which);
        if (id == 0) return;
        ILoanBook.Order memory order = _order(id, what, amount);
        bool seizable = _prices(order.listing).live;
        bool above = _debt(id) > _sums(pledgeOf[id]).liquidationLine;
        vm.recordLogs();
        try keeper.liquidate(order, what % 2 == 0) returns (uint256 repaid, uint256 seized) {
            assertTrue(seizable, "a pledge without a price was seized");
            uint256 before = pledgeOf[id][order.listing];
            assertEq(_enterLiquidations(), 1);
            assertEq(before - pledgeOf[id][order.listing], seized);
            assertLe(repaid, order.maxRepay);
            assertGe(seized, order.minSeized);
            _checkHealth(id);
            _succeeded();
        } catch (bytes memory reason) {
            bytes4 selector = selectorOf(reason);
            assertEq(selector == ILoanBook.NotLiquidatable.selector, !above, "liquidation line");
            if (above) assertEq(selector == ILoanBook.FeedNotLive.selector, !seizable, "seizable");
            _refused(reason, _liquidationErrors());
        }
    }

    /// @dev Up to five orders, the same loan twice among them now and then.
    function liquidateBatch(uint256 which, uint256 what, uint256 amount) external action("liquidateBatch") {
        uint256 first = _pickLiquidatable(which);
        if (first == 0) return;
        ILoanBook.Order[] memory orders = new ILoanBook.Order[](2 + (what % 4));
        for (uint256 i = 0; i < orders.length; i++) {
            uint256 id = i == 0 ? first : _pickLoan(_mix(which, i), true);
            orders[i] = _order(id, _mix(what, i), _mix(amount, i));
        }
        vm.recordLogs();
        try keeper.liquidateBatch(orders, what % 2 == 0) returns (uint256, uint256 filled) {
            assertGt(filled, 0);
            assertEq(_enterLiquidations(), filled);
            _succeeded();
        } catch (bytes memory reason) {
            _refused(reason, abi.encodePacked(ILoanBook.NothingLiquidated.selector));
        }
    }

    /// @dev If no loan is worthless, the pledges of the smallest one become so for the time of the call.
    function writeOff(uint256 which, uint256, uint256) external action("writeOff") {
        uint256 id = _pickWorthless(which);
        if (id == 0) return;
        bool crash = !_isWorthless(id);
        int256[LISTINGS] memory answers;
        for (uint256 n = 0; n < LISTINGS; n++) {
            answers[n] = feeds[n].answer();
            if (!crash || pledgeOf[id][n] == 0) continue;
            _setPrice(n, int256([uint256(1e6), 1e7, 1e15][n]));
        }
        (uint256 debt, bool expected) = (_debt(id), _isWorthless(id));
        try keeper.writeOff(id) returns (uint256 lost) {
            assertTrue(expected, "writeOff should have been refused");
            assertEq(lost, debt);
            _enterLoss(id, lost);
            delete pledgeOf[id];
            _checkHealth(id);
            _succeeded();
        } catch (bytes memory reason) {
            assertFalse(expected, string.concat("writeOff was refused: ", vm.toString(reason)));
            _refused(reason, abi.encodePacked(ILoanBook.NotWorthless.selector, ILoanBook.FeedNotLive.selector));
        }
        if (!crash) return;
        for (uint256 n = 0; n < LISTINGS; n++) _setPrice(n, answers[n]);
    }

    function accrue(uint256, uint256, uint256) external action("accrue") {
        uint256 index = vault.debtIndex();
        assertEq(vault.accrue(), index);
        assertEq(vault.state().index, index);
        assertEq(vault.state().lastAccrual, clock());
        _succeeded();
    }

    function sweepReserves(uint256, uint256, uint256) external action("sweepReserves") {
        ILenderVault.State memory before = vault.accruedState();
        vm.prank(officers.treasurer);
        try vault.sweepReserves() returns (uint256 amount) {
            ILenderVault.State memory now_ = vault.state();
            assertEq(before.reserves - now_.reserves, amount);
            assertEq(before.cash - now_.cash, amount);
            assertGe(uint256(now_.reserves) * 50, vault.totalDebt()); // a fiftieth of the debt stays
            _succeeded();
        } catch (bytes memory reason) {
            assertLe(uint256(before.reserves) * 50, vault.totalDebt() + 50);
            _refused(reason, abi.encodePacked(ILenderVault.NothingToSweep.selector));
        }
    }

    // --------------------------------------------------------------------------------------------- Entering events

    /// @dev Checks and enters the seizures that were logged, in their order.
    function _enterLiquidations() private returns (uint256 count) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        for (uint256 i = 0; i < logs.length; i++) {
            if (logs[i].topics[0] != ILoanBook.Liquidated.selector) continue;
            (uint256 repaid, uint256 seized, uint256 lost) = abi.decode(logs[i].data, (uint256, uint256, uint256));
            _enterLiquidation(uint256(logs[i].topics[1]), uint256(logs[i].topics[2]), repaid, seized, lost);
            count++;
        }
    }

    function _enterLiquidation(uint256 id, uint256 n, uint256 repaid, uint256 seized, uint256 lost) private {
        Sums memory before = _sums(pledgeOf[id]);
        uint256 debt = _debt(id);
        if (debt <= before.liquidationLine) _violated("INV-05", "a loan at or below its line was liquidated");
        if (repaid > _repayLimit(before, debt, n, pledgeOf[id][n])) _violated("INV-06", "more than x was repaid");

        scaledOf[id] -= repaid == debt ? scaledOf[id] : (repaid * WAD) / vault.debtIndex();
        pledgeOf[id][n] -= seized;
        debtChanges++;
        Sums memory left = _sums(pledgeOf[id]);
        uint256 debtLeft = _debt(id);
        bool isEmpty = _pledgedCount(id) == 0;
        assertEq(lost, isEmpty ? debtLeft : 0, "written off with the last pledge, and only then");
        if (isEmpty) {
            if (lost != 0) _enterLoss(id, lost);
            return;
        }
        if (debtLeft != 0) assertGe(debtLeft, pledgeOf[id][n] == 0 ? 0 : minDebt, "a debt too small to be a loan");
        // A wei for the value and one for the line, which are rounded down; and for a pledge that is taken whole a unit of
        // scaled debt, which its price may fail to take off.
        uint256 dust = 2 + (pledgeOf[id][n] == 0 ? vault.debtIndex() / WAD + 1 : 0);
        _checkCover(before, left, debt, debtLeft, dust);
    }

    /// @dev INV-06: the excess over the line shrinks; while V >= 1.01 D, debt / value does not rise.
    function _checkCover(Sums memory before, Sums memory left, uint256 debt, uint256 debtLeft, uint256 dust) private {
        if (debtLeft + before.liquidationLine > debt + left.liquidationLine + dust) {
            _violated("INV-06", "the excess over the liquidation line grew");
        }
        if (before.value * 100 < debt * 101) return;
        uint256 counted = debtLeft > dust ? debtLeft - dust : 0;
        if (counted * before.value > debt * (left.value + dust)) _violated("INV-06", "the loan is covered worse");
    }

    function _enterLoss(uint256 id, uint256 lost) private {
        scaledOf[id] = 0;
        debtChanges++;
        lossBooked = true;
        writtenOff += lost;
    }

    /// @dev x of the design's section 9: `min(D, (D - T) / (1 - t (1 + β)))`, rounded up, at most the pledge's value /
    /// (1 + β); all if less than the smallest debt would remain, or if V < 1.01 D.
    function _repayLimit(Sums memory s, uint256 debt, uint256 n, uint256 pledged) private view returns (uint256 limit) {
        uint256 beta = _bonus(s, debt, n);
        limit = _ceilDiv((debt - s.target) * WAD * BPS, WAD * BPS - terms[n].borrowLtv * (WAD + beta));
        limit += limit / 1e12 + 1; // the divisor has 18 decimals
        if (s.value * 100 < debt * 101 || limit + minDebt > debt) limit = debt;
        uint256 whole = _ceilDiv(_ceilDiv(pledged * _prices(n).forLiquidation, PRICE_ONE) * WAD, WAD + beta);
        return limit < whole ? limit : whole;
    }

    function _bonus(Sums memory s, uint256 debt, uint256 n) private view returns (uint256 beta) {
        beta = (uint256(terms[n].maxBonus) * WAD) / BPS;
        if (s.liquidationLine != 0) {
            uint256 steep = (terms[n].bonusSlope * (debt - s.liquidationLine) * (WAD / BPS)) / s.liquidationLine;
            if (steep < beta) beta = steep;
        }
        Prices memory p = _prices(n);
        beta = ((WAD + beta) * p.forLiquidation) / p.forSeizure - WAD;
        uint256 equity = s.seizableValue > debt ? ((s.seizableValue - debt) * WAD) / debt : 0;
        if (equity < LAST_BONUS) equity = LAST_BONUS;
        if (equity < beta) beta = equity;
    }

    // ------------------------------------------------------------------------------------------------------ Picking

    /// @dev A loan above its liquidation line. If there is none, prices fall until an indebted one is (three times in four),
    /// or it is tried as it is.
    function _pickLiquidatable(uint256 seed) private returns (uint256) {
        for (uint256 i = 0; i < ids.length; i++) {
            uint256 id = ids[((seed % ids.length) + i) % ids.length];
            if (scaledOf[id] != 0 && _debt(id) > _sums(pledgeOf[id]).liquidationLine) return id;
        }
        uint256 chosen = _pickDebt(seed);
        if (chosen != 0 && seed % 4 != 0) _sink(chosen, seed);
        return chosen;
    }

    /// @dev Lets the prices of what a loan pledges fall together until its line is 60 … 99.9 % of its debt.
    function _sink(uint256 id, uint256 seed) private {
        uint256 share = bound(_mix(seed, 1), 6_000, 9_990);
        if (seed % 3 != 0) share = bound(share, 9_000, 9_990); // mostly not far: then a part is enough
        uint256 line = _sums(pledgeOf[id]).liquidationLine;
        for (uint256 n = 0; n < LISTINGS; n++) {
            int256 lowest = int256([uint256(1e6), 1e7, 1e15][n]);
            if (pledgeOf[id][n] == 0 || feeds[n].answer() <= lowest) continue;
            int256 answer = (feeds[n].answer() * int256(_debt(id) * share)) / int256(line * BPS);
            _setPrice(n, answer < lowest ? lowest : answer);
        }
    }

    /// @dev A worthless loan if there is one, else the loan with the smallest debt.
    function _pickWorthless(uint256 seed) private view returns (uint256 smallest) {
        for (uint256 i = 0; i < ids.length; i++) {
            uint256 id = ids[((seed % ids.length) + i) % ids.length];
            if (scaledOf[id] == 0) continue;
            if (_isWorthless(id)) return id;
            if (smallest == 0 || scaledOf[id] < scaledOf[smallest]) smallest = id;
        }
    }

    /// @dev All pledges can be seized, and are worth less than the debt and less than a twentieth of the smallest debt.
    function _isWorthless(uint256 id) private view returns (bool) {
        for (uint256 n = 0; n < LISTINGS; n++) {
            if (pledgeOf[id][n] != 0 && !_prices(n).live) return false;
        }
        uint256 value = _sums(pledgeOf[id]).value;
        return value < _debt(id) && value < minDebt / 20;
    }

    /// @dev All, a part, next to nothing, or at a price that may not be had.
    function _order(uint256 id, uint256 what, uint256 amount) private view returns (ILoanBook.Order memory order) {
        order.id = id;
        order.listing = _pickPledge(id, what);
        uint256 debt = _debt(id);
        uint256 kind = amount % 8;
        order.maxRepay = kind < 4 ? type(uint256).max : bound(amount, 1, kind == 7 ? 1_000 : debt + 1);
        if (kind == 3) order.minSeized = pledgeOf[id][order.listing] / 2;
    }

    function _liquidationErrors() private pure returns (bytes memory) {
        return
            abi.encodePacked(
                ILoanBook.NotLiquidatable.selector,
                ILoanBook.FeedNotLive.selector,
                ILoanBook.DebtBelowMin.selector,
                ILoanBook.RemainderTooSmall.selector,
                ILoanBook.SeizedBelowMin.selector
            );
    }
}
