// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILoanBook} from "../../../contracts/interfaces/ILoanBook.sol";
import {HandlerBase} from "./HandlerBase.sol";

/// @title MarginActions
/// @notice What monitors do: they call margin, tidy up, and claim what their calls earned.
abstract contract MarginActions is HandlerBase {
    /// @dev Three times in four a loan that can be called, if there is one.
    function callMargin(uint256 which, uint256 who, uint256) external action("callMargin") {
        uint256 id = _pickDebt(which);
        if (id == 0) return;
        for (uint256 i = 0; which % 4 != 0 && i < ids.length && !_isCallable(id); i++) id = _idAt(which, i);
        bool expected = _isCallable(id);
        bool isAlive = _callOf(id).isAlive;
        address caller = _anyone(who);
        vm.prank(caller);
        try book.callMargin(id) returns (uint256 deadline) {
            assertTrue(expected, "callMargin should have been refused");
            assertEq(deadline, clock() + CURE_PERIOD);
            _called(id, caller);
            _checkHealth(id);
            _succeeded();
        } catch (bytes memory reason) {
            assertFalse(expected, string.concat("callMargin was refused: ", vm.toString(reason)));
            assertEq(selectorOf(reason) == ILoanBook.AlreadyCalled.selector, isAlive);
            _refused(reason, abi.encodePacked(ILoanBook.AlreadyCalled.selector, ILoanBook.NotCallable.selector));
        }
    }

    /// @dev Up to five loans, some of them twice.
    function callMarginBatch(uint256 which, uint256 who, uint256 count) external action("callMarginBatch") {
        uint256[] memory batch = new uint256[](1 + (count % 5));
        uint256 expected = 0;
        for (uint256 i = 0; i < batch.length; i++) {
            batch[i] = ids[_mix(which, i) % ids.length];
            bool isRepeated = false;
            for (uint256 j = 0; j < i; j++) if (batch[j] == batch[i]) isRepeated = true;
            if (!isRepeated && _isCallable(batch[i])) expected++;
        }
        address caller = _anyone(who);
        vm.prank(caller);
        try book.callMarginBatch(batch) returns (uint256 called) {
            assertEq(called, expected);
            for (uint256 i = 0; i < batch.length; i++) if (_isCallable(batch[i])) _called(batch[i], caller);
            for (uint256 i = 0; i < batch.length; i++) _checkLoan(batch[i]);
            _succeeded();
        } catch (bytes memory reason) {
            assertEq(expected, 0, string.concat("callMarginBatch was refused: ", vm.toString(reason)));
            _refused(reason, abi.encodePacked(ILoanBook.NothingCalled.selector));
        }
    }

    /// @dev Anyone clears a call that has lapsed, or whose loan is back at its borrow limit.
    function clearMarginCall(uint256 which, uint256 who, uint256) external action("clearMarginCall") {
        uint256 id = _pickCalled(which);
        if (id == 0) return;
        bool isBack = _debt(id) <= _sums(pledgeOf[id]).target;
        bool expected = isBack || !_callOf(id).isAlive;
        vm.prank(_anyone(who));
        try book.clearMarginCall(id) {
            assertTrue(expected, "clearMarginCall should have been refused");
            _clearCall(id);
            _checkHealth(id);
            _succeeded();
        } catch (bytes memory reason) {
            assertFalse(expected, string.concat("clearMarginCall was refused: ", vm.toString(reason)));
            _refused(reason, abi.encodePacked(ILoanBook.MarginCallStands.selector));
        }
    }

    function claimCredit(uint256 who, uint256 what, uint256) external action("claimCredit") {
        (address caller, uint256 n) = _pickCredit(who, what);
        uint256 credit = creditOf[caller][n];
        uint256 balance = tokens[n].balanceOf(caller);
        vm.prank(caller);
        try book.claimCredit(n, caller) returns (uint256 amount) {
            assertEq(amount, credit);
            assertEq(tokens[n].balanceOf(caller), balance + credit);
            creditOf[caller][n] = 0;
            credited[n] -= credit;
            _succeeded();
        } catch (bytes memory reason) {
            assertEq(credit, 0, "claimCredit was refused");
            _refused(reason, abi.encodePacked(ILoanBook.NoCredit.selector));
        }
    }

    /// @notice Reverts unless the book owes everybody the credits of the ledger.
    function checkCredits() external view {
        for (uint256 i = 0; i < ACTORS; i++) {
            for (uint256 n = 0; n < LISTINGS; n++) {
                assertEq(book.creditOf(_anyone(i), n), creditOf[_anyone(i)][n], "credit");
            }
        }
    }

    // ---------------------------------------------------------------------------------------------------- Internal

    function _called(uint256 id, address caller) internal {
        (accounts[id].caller, accounts[id].calledAt) = (caller, clock());
    }

    /// @dev Above its call line, and not called, or with a call that has lapsed.
    function _isCallable(uint256 id) internal view returns (bool) {
        return !_callOf(id).isAlive && _isAboveCallLine(id);
    }

    /// @dev Somebody's credit, three times in four if there is one.
    function _pickCredit(uint256 who, uint256 what) private view returns (address caller, uint256 n) {
        for (uint256 i = 0; i < ACTORS * LISTINGS; i++) {
            (caller, n) = (_anyone(((who % ACTORS) + i / LISTINGS) % ACTORS), ((what % LISTINGS) + i) % LISTINGS);
            if (what % 4 == 0 || creditOf[caller][n] != 0) break;
        }
    }

    /// @dev A loan whose call stands, lapsed or not; 0 if there is none.
    function _pickCalled(uint256 seed) internal view returns (uint256) {
        for (uint256 i = 0; i < ids.length; i++) {
            if (accounts[_idAt(seed, i)].caller != address(0)) return _idAt(seed, i);
        }
        return 0;
    }
}
