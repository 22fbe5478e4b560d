// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILenderVault} from "../../../contracts/interfaces/ILenderVault.sol";
import {ILoanBook} from "../../../contracts/interfaces/ILoanBook.sol";
import {HandlerBase} from "./HandlerBase.sol";

/// @title BorrowerActions
/// @notice What borrowers do, and who repays or pledges for them. Whether an action must succeed is worked out here, from
/// the ledger and the feeds, before it is tried.
abstract contract BorrowerActions is HandlerBase {
    /// @dev Three times in four nothing stands in the way: the feeds answer, the caps and the cash suffice.
    function open(uint256 which, uint256 what, uint256 amount) external action("open") {
        uint256 id = _pickLoan(which, false);
        if (id == 0) return;
        bool easy = which % 4 != 0;
        if (easy) _heal();
        uint256[LISTINGS] memory amounts;
        ILoanBook.Pledge[] memory pledges = new ILoanBook.Pledge[](1 + (what % 3));
        bool fits = true;
        for (uint256 i = 0; i < pledges.length; i++) {
            uint256 n = (what / 3 + i) % LISTINGS;
            amounts[n] = _tokensWorth(n, bound(_mix(what, i), 300e6, 200_000e6));
            pledges[i] = ILoanBook.Pledge(n, amounts[n]);
            tokens[n].mint(_owner(id), amounts[n]);
            if (easy && amounts[n] > _room(n) && _room(n) != 0) pledges[i].amount = amounts[n] = _room(n);
            if (amounts[n] > _room(n) || !_isPledgeable(n)) fits = false;
        }
        uint256 limit = _sums(amounts).borrowLimit;
        amount = amount % 16 == 0 ? limit + 1 + (amount % 1e9) : bound(amount, limit / 2, limit);
        if (easy && amount > vault.accruedState().cash) amount = vault.accruedState().cash;
        if (amount < minDebt) amount = minDebt;
        bool expected = fits && _debtWith(id, amount) <= limit && _canDraw(amount);
        vm.prank(_owner(id));
        try book.open(id, pledges, amount, _owner(id)) {
            assertTrue(expected, "open should have been refused");
            pledgeOf[id] = amounts;
            _added(id, amount);
        } catch (bytes memory reason) {
            assertFalse(expected, string.concat("open was refused: ", vm.toString(reason)));
            _refused(reason, _borrowErrors());
        }
    }

    function borrow(uint256 which, uint256 amount, uint256) external action("borrow") {
        uint256 id = _pickLoan(which, true);
        if (id == 0) return;
        uint256 limit = _sums(pledgeOf[id]).borrowLimit;
        uint256 room = limit > _debt(id) ? limit - _debt(id) : 0;
        amount = amount % 16 == 0 ? room + 1 : bound(amount, 1, room + 1);
        uint256 debt = _debtWith(id, amount);
        bool expected = debt <= limit && debt >= minDebt && _canDraw(amount);
        vm.prank(_owner(id));
        try book.borrow(id, amount, _owner(id)) {
            assertTrue(expected, "borrow should have been refused");
            _added(id, amount);
        } catch (bytes memory reason) {
            assertFalse(expected, string.concat("borrow was refused: ", vm.toString(reason)));
            _refused(reason, _borrowErrors());
        }
    }

    /// @dev Anyone adds to what is pledged; the owner may also add another asset, if its feed is live.
    function pledge(uint256 which, uint256 what, uint256 amount) external action("pledge") {
        uint256 id = _pickLoan(which, true);
        if (id == 0) return;
        uint256 n = what % LISTINGS;
        address payer = _anyone(what / 8);
        bool mayPledge = pledgeOf[id][n] != 0 || (payer == _owner(id) && _isPledgeable(n));
        amount = _tokensWorth(n, bound(amount, 1e6, 50_000e6));
        bool needsCure = _debt(id) > _sums(pledgeOf[id]).callLine && _prices(n).live && !_prices(n).apart; // no price, no cure past a cap
        bool fits = amount <= _room(n);
        tokens[n].mint(payer, amount);
        vm.prank(payer);
        try book.pledge(id, n, amount) returns (uint256 pledged) {
            assertTrue(mayPledge && (fits || needsCure), "pledge should have been refused");
            assertLe(pledged, amount);
            if (fits) assertEq(pledged, amount);
            pledgeOf[id][n] += pledged;
            // Past its cap only as far as the cure goes, which is a token less than what cures.
            if (pledged < amount && pledged > 1) assertGe(_sums(pledgeOf[id]).callLine, _debt(id), "cure");
            _checkHealth(id);
            _succeeded();
        } catch (bytes memory reason) {
            assertFalse(mayPledge && (fits || needsCure), string.concat("pledge was refused: ", vm.toString(reason)));
            _refused(
                reason,
                abi.encodePacked(
                    ILoanBook.NotOwnerOrOperator.selector,
                    ILoanBook.FeedNotLive.selector,
                    ILoanBook.ListingRetired.selector,
                    ILoanBook.CapExceeded.selector
                )
            );
        }
    }

    function release(uint256 which, uint256 what, uint256 amount) external action("release") {
        uint256 id = _pickLoan(which, true);
        if (id == 0) return;
        uint256 n = _pickPledge(id, what);
        uint256 pledged = pledgeOf[id][n];
        amount = bound(amount, 1, amount % 4 == 0 ? pledged : pledged / 10 + 1);
        uint256[LISTINGS] memory left = pledgeOf[id];
        left[n] -= amount;
        (, bool live) = _assetPrice();
        bool expected = scaledOf[id] == 0 || (live && _debt(id) <= _sums(left, n).borrowLimit);
        vm.prank(_owner(id));
        try book.release(id, n, amount, _owner(id)) returns (uint256 released) {
            assertTrue(expected, "release should have been refused");
            assertEq(released, amount);
            pledgeOf[id][n] -= amount;
            _checkWithinLimit(id, n, "release");
            _succeeded();
        } catch (bytes memory reason) {
            assertFalse(expected, string.concat("release was refused: ", vm.toString(reason)));
            _refused(
                reason,
                abi.encodePacked(ILoanBook.AboveBorrowLimit.selector, ILoanBook.LoanAssetFeedNotLive.selector)
            );
        }
    }

    /// @dev Anyone repays: all, or a part. A part that leaves less than the smallest debt is refused, nothing else is.
    function repay(uint256 which, uint256 who, uint256 amount) external action("repay") {
        uint256 id = _pickDebt(which);
        if (id == 0) return;
        address payer = _anyone(who);
        uint256 debt = _debt(id);
        amount = amount % 3 == 0 ? type(uint256).max : bound(amount, 1, debt);
        uint256 paid = amount < debt ? amount : debt;
        uint256 scaled = scaledOf[id] - (paid == debt ? scaledOf[id] : (paid * WAD) / vault.debtIndex());
        bool expected = paid == debt || _ceilDiv(scaled * vault.debtIndex(), WAD) >= minDebt;
        asset.mint(payer, paid);
        vm.prank(payer);
        try book.repay(id, amount) returns (uint256 repaid) {
            assertTrue(expected, "repay should have been refused");
            assertEq(repaid, paid);
            scaledOf[id] = scaled;
            debtChanges = 1;
            _checkHealth(id);
            _succeeded();
        } catch (bytes memory reason) {
            assertFalse(expected, string.concat("repay was refused: ", vm.toString(reason)));
            _refused(reason, abi.encodePacked(ILoanBook.DebtBelowMin.selector));
        }
    }

    /// @dev Closing never fails.
    function close(uint256 which, uint256, uint256) external action("close") {
        uint256 id = _pickLoan(which, true);
        if (id == 0) return;
        uint256 debt = _debt(id);
        asset.mint(_owner(id), debt);
        vm.prank(_owner(id));
        assertEq(book.close(id, debt, _owner(id)), debt);
        delete pledgeOf[id];
        delete scaledOf[id];
        debtChanges = 1;
        _checkHealth(id);
        _succeeded();
    }

    // ---------------------------------------------------------------------------------------------------- Internal

    /// @dev Enters new debt into the ledger. INV-04.
    function _added(uint256 id, uint256 amount) private {
        scaledOf[id] += _scaledUp(amount);
        debtChanges = 1;
        _checkWithinLimit(id, LISTINGS, "borrow");
        _succeeded();
    }

    /// @dev INV-04, with the borrow limit computed here.
    function _checkWithinLimit(uint256 id, uint256 released, string memory name) private {
        _checkHealth(id);
        Sums memory s = _sums(pledgeOf[id], released);
        if (scaledOf[id] == 0) return;
        if (_debt(id) > s.borrowLimit) _violated("INV-04", string.concat("debt above the borrow limit after ", name));
    }

    /// @dev What a loan owes once it has drawn that much more: up to a unit of scaled debt more than the sum.
    function _debtWith(uint256 id, uint256 amount) private view returns (uint256) {
        return _ceilDiv((scaledOf[id] + _scaledUp(amount)) * vault.debtIndex(), WAD);
    }

    /// @dev Whether a loan may start to pledge it.
    function _isPledgeable(uint256 n) private view returns (bool) {
        return _prices(n).certain && !isRetired[n];
    }

    function _canDraw(uint256 amount) private view returns (bool) {
        (, bool live) = _assetPrice();
        bool open_ = vault.pausedUntil(ILenderVault.Activity.Borrow) == 0;
        return live && open_ && amount <= vault.accruedState().cash;
    }

    function _scaledUp(uint256 amount) private view returns (uint256) {
        return _ceilDiv(amount * WAD, vault.debtIndex());
    }

    /// @dev What the cap leaves.
    function _room(uint256 n) private view returns (uint256) {
        ILoanBook.Listing memory listing = book.listings(n);
        return listing.cap > listing.pledged ? listing.cap - listing.pledged : 0;
    }

    function _borrowErrors() private pure returns (bytes memory) {
        return
            abi.encodePacked(
                ILoanBook.AboveBorrowLimit.selector,
                ILoanBook.CapExceeded.selector,
                ILoanBook.DebtBelowMin.selector,
                ILoanBook.FeedNotLive.selector,
                ILoanBook.ListingRetired.selector,
                ILoanBook.LoanAssetFeedNotLive.selector,
                ILenderVault.Paused.selector,
                ILenderVault.InsufficientCash.selector
            );
    }
}
