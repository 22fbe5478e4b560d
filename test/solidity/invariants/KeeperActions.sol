// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILenderVault} from "../../../contracts/interfaces/ILenderVault.sol";
import {ILoanBook} from "../../../contracts/interfaces/ILoanBook.sol";
import {LiquidationTrials} from "./LiquidationTrials.sol";

/// @title KeeperActions
/// @notice What keepers do: they liquidate, above the liquidation line and where a margin call is due, and write off.
abstract contract KeeperActions is LiquidationTrials {
    // ------------------------------------------------------------------------------------------------- Liquidation

    /// @dev A loan above its liquidation line. If there is none, prices fall until an indebted one is (three times in four),
    /// or it is tried as it is.
    function liquidate(uint256 which, uint256 what, uint256 amount) external action("liquidate") {
        uint256 id = _pickLiquidatable(which);
        if (id != 0) _liquidate(id, what, amount);
    }

    /// @dev Up to five orders, the same loan twice among them now and then.
    function liquidateBatch(uint256 which, uint256 what, uint256 amount) external action("liquidateBatch") {
        uint256 id = _pickLiquidatable(which);
        if (id != 0) _liquidateBatch(id, which, what, amount);
    }

    /// @dev A loan whose margin call is due, by itself or with others; mostly one is brought there if there is none.
    function liquidateDue(uint256 which, uint256 what, uint256 amount) external {
        if (_pickDue(which) == 0 && which % 4 != 0) letFallDue(which, what, amount);
        _liquidateDue(which, what, amount);
    }

    /// @dev Prices move until a loan is between its lines, or nearly; its margin is called, unless it is already; and time goes on to
    /// about the deadline, or about the lapse.
    function letFallDue(uint256 which, uint256 who, uint256 time) public action("letFallDue") {
        uint256 id = _pickDebt(which);
        if (id == 0) return;
        _heal();
        _sink(id, bound(_mix(who, 1), 9_990, 10_800));
        if (!_callOf(id).isAlive) {
            if (!_isCallable(id)) return;
            address caller = _anyone(who);
            vm.prank(caller);
            book.callMargin(id);
            _called(id, caller);
        }
        vm.warp(_max(clock(), _callOf(id).deadline + bound(time, 1, 16 hours) - 4 hours));
        _heal();
        _checkHealth(id);
        _succeeded();
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

    // -------------------------------------------------------------------------------------------------------- Vault

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

    // ---------------------------------------------------------------------------------------------------- Internal

    function _liquidateDue(uint256 which, uint256 what, uint256 amount) private action("liquidateDue") {
        uint256 id = _pickDue(which);
        if (id == 0) return;
        if (what % 4 == 0) _liquidateBatch(id, which, what, amount);
        else _liquidate(id, what, amount);
    }

    function _liquidate(uint256 id, uint256 what, uint256 amount) private {
        ILoanBook.Order memory order = _order(id, what, amount);
        bool isSeizable = _prices(order.listing).live;
        bytes4 refusal = _refusalOf(id);
        if (refusal == 0 && !isSeizable) refusal = ILoanBook.FeedNotLive.selector;
        uint256 taken = pledgeOf[id][order.listing] + credited[order.listing];
        vm.recordLogs();
        try keeper.liquidate(order, what % 2 == 0) returns (uint256 repaid, uint256 seized) {
            assertTrue(isSeizable, "a pledge without a price was seized");
            assertEq(_enterLiquidations(), 1);
            assertEq(taken - pledgeOf[id][order.listing] - credited[order.listing], seized);
            assertLe(repaid, order.maxRepay);
            assertGe(seized, order.minSeized);
            _checkHealth(id);
            _succeeded();
        } catch (bytes memory reason) {
            if (refusal != 0) assertEq(selectorOf(reason), refusal, "refusal");
            _refused(reason, abi.encodePacked(refusal, _orderErrors()));
        }
    }

    function _liquidateBatch(uint256 first, uint256 which, uint256 what, uint256 amount) private {
        ILoanBook.Order[] memory orders = new ILoanBook.Order[](2 + (what % 4));
        for (uint256 i = 0; i < orders.length; i++) {
            uint256 id = i == 0 ? first : _pickLoan(_mix(which, i), true);
            orders[i] = _order(id, _mix(what, i), _mix(amount, i));
        }
        vm.recordLogs();
        try keeper.liquidateBatch(orders, what % 2 == 0) returns (uint256, uint256 filled) {
            assertGt(filled, 0);
            assertEq(_enterLiquidations(), filled);
            for (uint256 i = 0; i < orders.length; i++) _checkHealth(orders[i].id);
            _succeeded();
        } catch (bytes memory reason) {
            _refused(reason, abi.encodePacked(ILoanBook.NothingLiquidated.selector));
        }
    }

    // ------------------------------------------------------------------------------------------------------ Picking

    function _pickLiquidatable(uint256 seed) private returns (uint256) {
        for (uint256 i = 0; i < ids.length; i++) {
            uint256 id = _idAt(seed, i);
            if (_debt(id) > _sums(pledgeOf[id]).liquidationLine) return id;
        }
        uint256 chosen = _pickDebt(seed);
        if (chosen == 0 || seed % 4 == 0) return chosen;
        uint256 share = bound(_mix(seed, 1), 6_000, 9_990);
        if (seed % 3 != 0) share = bound(share, 9_000, 9_990); // mostly not far: then a part is enough
        _sink(chosen, share);
        return chosen;
    }

    /// @dev A loan above its call line whose call is due; 0 if there is none.
    function _pickDue(uint256 seed) private view returns (uint256) {
        for (uint256 i = 0; i < ids.length; i++) {
            uint256 id = _idAt(seed, i);
            if (_callOf(id).isDue && _isAboveCallLine(id)) return id;
        }
        return 0;
    }

    /// @dev Lets the prices of what a loan pledges move together until its liquidation line is this share of its debt. [bps]
    function _sink(uint256 id, uint256 share) private {
        uint256 line = _sums(pledgeOf[id]).liquidationLine;
        if (line == 0) return;
        for (uint256 n = 0; n < LISTINGS; n++) {
            int256 lowest = int256([uint256(1e6), 1e7, 1e15][n]);
            if (pledgeOf[id][n] == 0 || feeds[n].answer() <= lowest) continue;
            int256 answer = (feeds[n].answer() * int256(_debt(id) * share)) / int256(line * BPS);
            if (answer > firstAnswers[n] * 4) answer = firstAnswers[n] * 4;
            _setPrice(n, answer < lowest ? lowest : answer);
        }
    }

    /// @dev A worthless loan if there is one, else the loan with the smallest debt.
    function _pickWorthless(uint256 seed) private view returns (uint256 smallest) {
        for (uint256 i = 0; i < ids.length; i++) {
            uint256 id = _idAt(seed, i);
            if (accounts[id].base == 0) continue;
            if (_isWorthless(id)) return id;
            if (smallest == 0 || _debt(id) < _debt(smallest)) smallest = id;
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

    /// @dev What only the order is to blame for.
    function _orderErrors() private pure returns (bytes memory) {
        return
            abi.encodePacked(
                ILoanBook.DebtBelowMin.selector,
                ILoanBook.RemainderTooSmall.selector,
                ILoanBook.SeizedBelowMin.selector
            );
    }
}
