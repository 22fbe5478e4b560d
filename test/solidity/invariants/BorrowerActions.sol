// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILoanBook} from "../../../contracts/interfaces/ILoanBook.sol";
import {LoanPlans} from "./LoanPlans.sol";

/// @title BorrowerActions
/// @notice What borrowers do, and who repays or pledges for them. Whether an action must succeed is worked out here, from
/// the ledger and the feeds, before it is tried.
abstract contract BorrowerActions is LoanPlans {
    function open(uint256 which, uint256 what, uint256 amount) external action("open") {
        Plan memory plan = _plan(which, what, amount);
        if (plan.id == 0) return;
        uint256 scaled = _scaledUp(plan.amount);
        bool expected = plan.fits && _debtOf(plan.id, scaled) <= plan.limit && _canDraw(plan.amount);
        vm.prank(_owner(plan.id));
        try book.open(plan.id, plan.pledges, plan.amount, _owner(plan.id)) {
            assertTrue(expected, "open should have been refused");
            pledgeOf[plan.id] = plan.amounts;
            _grown(plan.id, scaled, "open");
        } catch (bytes memory reason) {
            assertFalse(expected, string.concat("open was refused: ", vm.toString(reason)));
            _refused(reason, _borrowErrors());
        }
    }

    /// @dev More is drawn on open-term loans only.
    function borrow(uint256 which, uint256 amount, uint256 who) external action("borrow") {
        uint256 id = _pickLoan(which, true);
        if (id == 0) return;
        uint256 limit = _sums(pledgeOf[id]).borrowLimit;
        uint256 room = limit > _debt(id) ? limit - _debt(id) : 0;
        amount = amount % 16 == 0 ? room + 1 : bound(amount, 1, room + 1);
        uint256 scaled = accounts[id].base + _scaledUp(amount);
        uint256 debt = _debtOf(id, scaled);
        (address agent, bool isAllowed) = _agent(id, who);
        bool expected = isAllowed && !_isFixed(id) && debt <= limit && debt >= minDebt && _canDraw(amount);
        vm.prank(agent);
        try book.borrow(id, amount, _owner(id)) {
            assertTrue(expected, "borrow should have been refused");
            _grown(id, scaled, "borrow");
        } catch (bytes memory reason) {
            assertFalse(expected, string.concat("borrow was refused: ", vm.toString(reason)));
            _checkAgent(reason, isAllowed);
            assertEq(selectorOf(reason) == ILoanBook.NotOpenTerm.selector, isAllowed && _isFixed(id), "open term");
            _refused(reason, _borrowErrors());
        }
    }

    /// @dev Anyone adds to what is pledged; the owner and its operators may also add another asset, if its feed is live.
    function pledge(uint256 which, uint256 what, uint256 amount) external action("pledge") {
        uint256 id = _pickLoan(which, true);
        if (id == 0) return;
        uint256 n = what % LISTINGS;
        _pledge(id, n, _anyone(what / 8), _tokensWorth(n, bound(amount, 1e6, 50_000e6)));
    }

    function release(uint256 which, uint256 what, uint256 amount) external action("release") {
        uint256 id = _pickLoan(which, true);
        if (id == 0) return;
        uint256 n = _pickPledge(id, what);
        uint256 pledged = pledgeOf[id][n];
        amount = bound(amount, 1, amount % 4 == 0 ? pledged : pledged / 10 + 1);
        uint256[LISTINGS] memory left = pledgeOf[id];
        left[n] -= amount;
        (address agent, bool isAllowed) = _agent(id, _mix(what, 1));
        bool isWithin = accounts[id].base == 0 || (_canJudge() && _debt(id) <= _sums(left, n).borrowLimit);
        bool expected = isAllowed && isWithin;
        vm.prank(agent);
        try book.release(id, n, amount, _owner(id)) returns (uint256 released) {
            assertTrue(expected, "release should have been refused");
            assertEq(released, amount);
            pledgeOf[id][n] -= amount;
            _reviewCall(id, false);
            _checkWithinLimit(id, n, "release");
            _succeeded();
        } catch (bytes memory reason) {
            assertFalse(expected, string.concat("release was refused: ", vm.toString(reason)));
            _checkAgent(reason, isAllowed);
            _refused(reason, _judgementErrors());
        }
    }

    /// @dev Anyone repays: all, or a part.
    function repay(uint256 which, uint256 who, uint256 amount) external action("repay") {
        uint256 id = _pickDebt(which);
        if (id == 0) return;
        _repay(id, _anyone(who), amount % 3 == 0 ? type(uint256).max : bound(amount, 1, _debt(id)));
    }

    /// @dev Closing fails only for who brings too little.
    function close(uint256 which, uint256 short, uint256) external action("close") {
        uint256 id = _pickLoan(which, true);
        if (id == 0) return;
        (uint256 fee, uint256 reserves) = (_fee(id), vault.accruedState().reserves);
        uint256 owed = _debt(id) + fee;
        uint256 max = short % 8 == 0 && owed != 0 ? owed - 1 : owed;
        asset.mint(_owner(id), owed);
        vm.prank(_owner(id));
        try book.close(id, max, _owner(id)) returns (uint256 repaid) {
            assertEq(repaid, owed);
            assertEq(max, owed, "close should have been refused");
            assertEq(vault.accruedState().reserves, reserves + fee, "the fee goes to reserves");
            if (fee != 0) counts["fee paid"]++;
            dust += _dustOf(id) + 1;
            delete pledgeOf[id];
            _setBase(id, 0);
            _checkHealth(id);
            _succeeded();
        } catch (bytes memory reason) {
            assertLt(max, owed, "close was refused");
            _refused(reason, abi.encodePacked(ILoanBook.DebtAboveMax.selector));
        }
    }

    // ---------------------------------------------------------------------------------------------------- Internal

    function _pledge(uint256 id, uint256 n, address payer, uint256 amount) internal {
        bool mayPledge = pledgeOf[id][n] != 0 || (_mayActFor(id, payer) && _isPledgeable(n));
        bool wasAbove = _isAboveCallLine(id);
        bool fits = amount <= _room(n);
        if (!fits && wasAbove) fits = _prices(n).live && !_prices(n).apart; // no price, no cure past a cap
        bool isWhole = amount <= _room(n);
        tokens[n].mint(payer, amount);
        vm.prank(payer);
        try book.pledge(id, n, amount) returns (uint256 pledged) {
            assertTrue(mayPledge && fits, "pledge should have been refused");
            assertLe(pledged, amount);
            if (isWhole) assertEq(pledged, amount);
            pledgeOf[id][n] += pledged;
            // Past its cap only as far as the cure goes, which is a token less than what cures.
            if (pledged < amount && pledged > 1) assertFalse(_isAboveCallLine(id), "cure");
            _reviewCall(id, wasAbove);
            _checkHealth(id);
            _succeeded();
        } catch (bytes memory reason) {
            assertFalse(mayPledge && fits, string.concat("pledge was refused: ", vm.toString(reason)));
            bytes memory expected = abi.encodePacked(ILoanBook.NotOwnerOrOperator.selector);
            _refused(reason, bytes.concat(expected, _pledgeErrors()));
        }
    }

    /// @dev A part that leaves less than the smallest debt is refused, nothing else is. A part of a fixed-term loan retires
    /// principal with its interest and its fee, and moves nothing else of the loan.
    function _repay(uint256 id, address payer, uint256 amount) internal {
        uint256 base = accounts[id].base;
        (uint256 retired, uint256 fee, uint256 paid) = (base, _fee(id), _debt(id) + _fee(id));
        if (amount < paid) {
            (uint256 index, uint256 unit) = _growth(id);
            retired = (amount * unit) / (index + _breakFee(id));
            (fee, paid) = ((retired * _breakFee(id)) / TERM_UNIT, amount);
        }
        bool expected = paid > amount || retired == base || _debtOf(id, base - retired) >= minDebt;
        bool wasAbove = _isAboveCallLine(id);
        uint256 reserves = vault.accruedState().reserves;
        asset.mint(payer, paid);
        vm.prank(payer);
        try book.repay(id, amount) returns (uint256 repaid) {
            assertTrue(expected, "repay should have been refused");
            assertEq(repaid, paid);
            assertEq(vault.state().reserves, reserves + fee, "the fee goes to reserves");
            if (fee != 0) counts[retired == base ? "fee paid" : "fee paid for a part"]++;
            dust += _dustOf(id) + 1;
            _setBase(id, base - retired);
            _reviewCall(id, wasAbove);
            _checkHealth(id);
            _succeeded();
        } catch (bytes memory reason) {
            assertFalse(expected, string.concat("repay was refused: ", vm.toString(reason)));
            _refused(reason, abi.encodePacked(ILoanBook.DebtBelowMin.selector));
        }
    }

    /// @dev Who may not act is told so, and nobody else is.
    function _checkAgent(bytes memory reason, bool isAllowed) private pure {
        assertEq(selectorOf(reason) != ILoanBook.NotOwnerOrOperator.selector, isAllowed, "agent");
    }

    /// @dev Enters a debt that grew into the ledger. INV-04.
    function _grown(uint256 id, uint256 base, string memory name) internal {
        accounts[id].base = base;
        dust += _dustOf(id);
        _reviewCall(id, false);
        _checkWithinLimit(id, LISTINGS, name);
        _succeeded();
    }

    /// @dev INV-04, with the borrow limit computed here.
    function _checkWithinLimit(uint256 id, uint256 released, string memory name) internal {
        _checkHealth(id);
        if (accounts[id].base == 0) return;
        uint256 limit = _sums(pledgeOf[id], released).borrowLimit;
        if (_debt(id) > limit) _violated("INV-04", string.concat("debt above the borrow limit after ", name));
    }
}
