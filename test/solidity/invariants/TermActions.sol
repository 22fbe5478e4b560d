// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILenderVault} from "../../../contracts/interfaces/ILenderVault.sol";
import {ILoanBook} from "../../../contracts/interfaces/ILoanBook.sol";
import {TermQuote} from "../../../contracts/libraries/TermQuote.sol";
import {BorrowerActions} from "./BorrowerActions.sol";

/// @title TermActions
/// @notice Fixed terms: opened, refinanced in every direction, rolled.
abstract contract TermActions is BorrowerActions {
    uint256 private constant MIN_DURATION = 7 days;
    uint256 private constant MAX_DURATION = 365 days;

    /// @dev A loan as a refinancing should leave it, and what that takes.
    struct Refinanced {
        uint256 debt; // before
        uint256 fee;
        uint256 more; // debt that is added
        uint256 base; // afterwards
        uint256 debtAfter;
        bool toFixed;
        uint256 rate; // as quoted
        bool isOffered; // the term
    }

    function openTerm(uint256 which, uint256 what, uint256 amount) external action("openTerm") {
        Plan memory plan = _plan(which, what, amount);
        if (plan.id == 0) return;
        if (plan.isEasy) plan.amount = _withinTerms(plan.amount);
        ILoanBook.Term memory term = _term(_mix(what, 7));
        (uint256 rate, bool isOffered) = _quote(plan.amount, plan.amount, term.duration);
        if (what % 16 == 0 && isOffered) term.maxRate = rate - 1;
        bool expected = plan.fits && isOffered && rate <= term.maxRate && plan.amount <= plan.limit;
        expected = expected && _canDraw(plan.amount);
        vm.prank(_owner(plan.id));
        try book.openTerm(plan.id, plan.pledges, plan.amount, term, _owner(plan.id)) returns (uint256 charged) {
            assertTrue(expected, "openTerm should have been refused");
            assertEq(charged, rate, "as quoted");
            pledgeOf[plan.id] = plan.amounts;
            _startTerm(plan.id, rate, term.duration);
            _grown(plan.id, plan.amount, "openTerm");
        } catch (bytes memory reason) {
            assertFalse(expected, string.concat("openTerm was refused: ", vm.toString(reason)));
            _refused(reason, bytes.concat(_borrowErrors(), _termErrors()));
        }
    }

    /// @dev Of any loan, to open or to fixed terms; with more debt or none; the fee added, or paid, or more than is accepted.
    function refinance(uint256 which, uint256 kind, uint256 amount) external action("refinance") {
        uint256 id = which % 8 == 0 ? _pickLoan(which, true) : _pickDebt(which);
        if (which % 8 != 0 && kind % 3 == 0) id = _pickFixed(which - (which % 4)); // there is a term to end
        if (id == 0) return;
        if (which % 4 != 0) _heal();
        ILoanBook.Refinancing memory order;
        if (kind % 3 != 0) order.term = _term(_mix(kind, 7));
        order.addFee = (kind / 3) % 2 == 0;
        order.receiver = _owner(id);
        if ((kind / 6) % 2 == 0) order.amount = _amountMore(id, amount);
        order.maxFee = _fee(id);
        if (kind % 16 == 0 && order.maxFee != 0) order.maxFee--;
        Refinanced memory r = _refinanced(id, order);
        if (kind % 16 == 1 && r.isOffered && r.toFixed) order.term.maxRate = r.rate - 1;
        _refinance(id, order, r);
    }

    /// @dev Anyone rolls, once the loan has matured and not before; now and then that is awaited.
    function roll(uint256 which, uint256 who, uint256) external action("roll") {
        uint256 id = _pickFixed(which);
        if (id == 0) return;
        if (which % 4 == 1 && clock() < accounts[id].maturity) vm.warp(accounts[id].maturity);
        bool isMature = clock() >= accounts[id].maturity;
        vm.prank(_anyone(who));
        try book.roll(id) {
            assertTrue(isMature, "roll should have been refused");
            dust += _dustOf(id);
            uint256 scaled = _scaledUp(_debt(id));
            _endTerm(id);
            accounts[id].base = scaled;
            dust += _dustOf(id);
            _reviewCall(id, false);
            _checkHealth(id);
            _succeeded();
        } catch (bytes memory reason) {
            assertFalse(isMature, "roll was refused");
            _refused(reason, abi.encodePacked(ILoanBook.NotMatured.selector));
        }
    }

    /// @dev Anyone repays a part of a fixed-term loan, mature or not.
    function repayTerm(uint256 which, uint256 who, uint256 amount) external action("repayTerm") {
        uint256 id = _pickFixed(which - (which % 4));
        if (id != 0) _repay(id, _anyone(who), bound(amount, 1, _debt(id)));
    }

    // ---------------------------------------------------------------------------------------------------- Internal

    function _refinance(uint256 id, ILoanBook.Refinancing memory order, Refinanced memory r) private {
        bool expected = _mayRefinance(id, order, r);
        ILenderVault.State memory before = vault.accruedState();
        uint256 paid = order.addFee ? 0 : r.fee;
        asset.mint(_owner(id), paid);
        vm.prank(_owner(id));
        try book.refinance(id, order) returns (uint256 rate, uint256 fee) {
            assertTrue(expected, "refinance should have been refused");
            assertEq(rate, r.rate, "as quoted");
            assertEq(fee, r.fee);
            ILenderVault.State memory now_ = vault.state();
            assertEq(now_.reserves, before.reserves + fee, "the fee goes to reserves");
            assertEq(now_.cash + order.amount, before.cash + paid);
            dust += _dustOf(id);
            if (r.toFixed) _startTerm(id, rate, order.term.duration);
            else _endTerm(id);
            _count(order, r);
            accounts[id].base = r.base;
            dust += _dustOf(id);
            _reviewCall(id, false);
            _checkHealth(id);
            if (r.more != 0) _checkWithinLimit(id, LISTINGS, "refinance");
            _succeeded();
        } catch (bytes memory reason) {
            assertFalse(expected, string.concat("refinance was refused: ", vm.toString(reason)));
            bytes memory others = abi.encodePacked(
                ILoanBook.BreakFeeAboveMax.selector,
                ILoanBook.NoDebt.selector,
                ILoanBook.NotFixedTerm.selector
            );
            _refused(reason, bytes.concat(_borrowErrors(), _termErrors(), others));
        }
    }

    /// @dev What a refinancing should come to.
    function _refinanced(uint256 id, ILoanBook.Refinancing memory order) private view returns (Refinanced memory r) {
        (r.debt, r.fee, r.toFixed) = (_debt(id), _fee(id), order.term.duration != 0);
        r.more = order.amount + (order.addFee ? r.fee : 0);
        r.debtAfter = r.debt + r.more;
        if (r.toFixed) {
            uint256 termDebtAdded = _isFixed(id) ? r.more : r.debtAfter;
            (r.rate, r.isOffered) = _quote(r.more, termDebtAdded, order.term.duration);
            r.base = r.debtAfter;
        } else {
            r.base = _scaledUp(r.debtAfter);
            r.debtAfter = _ceilDiv(r.base * vault.debtIndex(), WAD);
        }
    }

    /// @dev Without more debt neither a price nor a pause can stand in the way.
    function _mayRefinance(
        uint256 id,
        ILoanBook.Refinancing memory order,
        Refinanced memory r
    ) private view returns (bool) {
        if (r.fee > order.maxFee || r.debtAfter == 0) return false;
        if (r.toFixed ? !r.isOffered || r.rate > order.term.maxRate : !_isFixed(id)) return false;
        if (r.more == 0) return true;
        bool isWithin = r.debtAfter >= minDebt && r.debtAfter <= _sums(pledgeOf[id]).borrowLimit;
        return isWithin && _canDraw(order.amount);
    }

    /// @dev The market's quote, and whether the term must be offered: of a duration within bounds, where fixed terms leave room.
    function _quote(
        uint256 debtAdded,
        uint256 termDebtAdded,
        uint256 duration
    ) private view returns (uint256 rate, bool isOffered) {
        uint256 max = _maxTermDebt();
        isOffered = duration >= MIN_DURATION && duration <= MAX_DURATION && max != 0;
        isOffered = isOffered && vault.termDebt() + termDebtAdded <= max;
        try vault.quoteTerm(debtAdded, termDebtAdded, duration) returns (uint256 quoted) {
            assertTrue(isOffered, "a quote for a term that is not offered");
            assertGe(quoted, 0.02e9);
            assertLe(quoted, 1.03e9);
            rate = quoted;
        } catch {
            assertFalse(isOffered, "a term without a quote");
        }
    }

    /// @dev 30 % of the lesser of total assets and averaged supply, without what fixed terms owe. The average is stored as 42 bits
    /// of digits and 6 of a binary exponent.
    function _maxTermDebt() private view returns (uint256) {
        uint256 packed = vault.accruedState().averagedSupply;
        return (_min(vault.totalAssets(), (packed / 64) << (packed % 64)) * 3) / 10;
    }

    /// @dev An amount, or what fixed terms leave of it.
    function _withinTerms(uint256 amount) private view returns (uint256) {
        (uint256 owed, uint256 max) = (vault.termDebt(), _maxTermDebt());
        return _max(_min(amount, owed < max ? max - owed : 0), minDebt);
    }

    /// @dev Mostly within the bounds, and at any rate.
    function _term(uint256 seed) private pure returns (ILoanBook.Term memory) {
        uint256 duration = bound(seed, MIN_DURATION, MAX_DURATION);
        if (seed % 16 == 0) duration = MIN_DURATION - 1 - (seed % 1 days);
        if (seed % 16 == 1) duration = MAX_DURATION + 1 + (seed % 1 days);
        return ILoanBook.Term(duration, type(uint256).max);
    }

    /// @dev What may be drawn in addition, and now and then a little more.
    function _amountMore(uint256 id, uint256 seed) private view returns (uint256) {
        uint256 limit = _sums(pledgeOf[id]).borrowLimit;
        uint256 owed = _debt(id) + _fee(id);
        uint256 room = _min(limit > owed ? limit - owed : 0, vault.state().cash);
        return seed % 16 == 0 ? room + 2 : bound(seed, 1, room + 1);
    }

    function _startTerm(uint256 id, uint256 rate, uint256 duration) private {
        Account storage a = accounts[id];
        (a.since, a.maturity, a.rate) = (clock(), clock() + duration, rate);
    }

    function _endTerm(uint256 id) private {
        Account storage a = accounts[id];
        (a.since, a.maturity, a.rate) = (0, 0, 0);
    }

    function _count(ILoanBook.Refinancing memory order, Refinanced memory r) private {
        if (r.fee != 0) counts[order.addFee ? "fee added" : "fee paid"]++;
        if (order.amount != 0) counts["refinanced with more"]++;
        counts[r.toFixed ? "refinanced to fixed" : "refinanced to open"]++;
    }

    function _pickFixed(uint256 seed) private view returns (uint256) {
        for (uint256 i = 0; i < ids.length; i++) {
            uint256 id = _idAt(seed, i);
            if (_isFixed(id) && (seed % 4 < 2 || clock() >= accounts[id].maturity)) return id;
        }
        return 0;
    }

    function _termErrors() private pure returns (bytes memory) {
        return
            abi.encodePacked(
                TermQuote.TermDurationOutOfRange.selector,
                TermQuote.TermShareExceeded.selector,
                ILoanBook.RateAboveMax.selector
            );
    }
}
