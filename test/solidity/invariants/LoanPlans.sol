// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILenderVault} from "../../../contracts/interfaces/ILenderVault.sol";
import {ILoanBook} from "../../../contracts/interfaces/ILoanBook.sol";
import {HandlerBase} from "./HandlerBase.sol";

/// @title LoanPlans
/// @notice What a borrower may do, worked out from the ledger and the feeds; loans that are to be opened, and the errors that may stop
/// them.
abstract contract LoanPlans is HandlerBase {
    /// @dev A loan that is to be opened.
    struct Plan {
        uint256 id; // 0 if all loans are open
        ILoanBook.Pledge[] pledges;
        uint256[LISTINGS] amounts; // the same by listing
        bool isEasy; // nothing stands in the way
        bool fits; // what is pledged is pledgeable, and within the caps
        uint256 limit; // [asset] its borrow limit
        uint256 amount; // [asset] to draw
    }

    /// @dev Three times in four nothing stands in the way: the feeds answer, the caps and the cash suffice.
    function _plan(uint256 which, uint256 what, uint256 amount) internal returns (Plan memory plan) {
        plan.id = _pickLoan(which, false);
        if (plan.id == 0) return plan;
        plan.isEasy = which % 4 != 0;
        if (plan.isEasy) _heal();
        plan.pledges = new ILoanBook.Pledge[](_min(1 + (what % 3), plan.isEasy ? _usableCount() : LISTINGS));
        plan.fits = true;
        uint256 n = what / 3;
        for (uint256 i = 0; i < plan.pledges.length; i++) {
            n = (n + 1) % LISTINGS;
            while (plan.isEasy && !_isUsable(n)) n = (n + 1) % LISTINGS;
            uint256 tokens_ = _tokensWorth(n, bound(_mix(what, i), 300e6, 200_000e6));
            tokens[n].mint(_owner(plan.id), tokens_);
            if (plan.isEasy) tokens_ = _min(tokens_, _room(n));
            if (tokens_ > _room(n) || !_isPledgeable(n)) plan.fits = false;
            plan.pledges[i] = ILoanBook.Pledge(n, tokens_);
            plan.amounts[n] = tokens_;
        }
        plan.limit = _sums(plan.amounts).borrowLimit;
        amount = amount % 16 == 0 ? plan.limit + 1 + (amount % 1e9) : bound(amount, plan.limit / 2, plan.limit);
        if (plan.isEasy) amount = _min(amount, vault.state().cash);
        plan.amount = _max(amount, minDebt);
    }

    /// @dev Whether its officers let a loan start to pledge it.
    function _isUsable(uint256 n) private view returns (bool) {
        return !isRetired[n] && _room(n) != 0;
    }

    function _usableCount() private view returns (uint256 count) {
        for (uint256 n = 0; n < LISTINGS; n++) if (_isUsable(n)) count++;
    }

    /// @dev Whether a loan may start to pledge it.
    function _isPledgeable(uint256 n) internal view returns (bool) {
        return _prices(n).certain && !isRetired[n];
    }

    /// @dev Whether anything can be judged for borrowing.
    function _canJudge() internal view returns (bool live) {
        (, live) = _assetPrice();
        return live && _isSequencerReady();
    }

    function _canDraw(uint256 amount) internal view returns (bool) {
        bool isOpen = vault.pausedUntil(ILenderVault.Activity.Borrow) == 0;
        return _canJudge() && isOpen && amount <= vault.state().cash;
    }

    /// @dev What the cap leaves.
    function _room(uint256 n) internal view returns (uint256) {
        ILoanBook.Listing memory listing = book.listings(n);
        return listing.cap > listing.held ? listing.cap - listing.held : 0;
    }

    function _judgementErrors() internal pure returns (bytes memory) {
        return
            abi.encodePacked(
                ILoanBook.AboveBorrowLimit.selector,
                ILoanBook.LoanAssetFeedNotLive.selector,
                ILoanBook.NotOwnerOrOperator.selector,
                ILoanBook.SequencerNotReady.selector
            );
    }

    function _pledgeErrors() internal pure returns (bytes memory) {
        return
            abi.encodePacked(
                ILoanBook.CapExceeded.selector,
                ILoanBook.FeedNotLive.selector,
                ILoanBook.ListingRetired.selector
            );
    }

    function _borrowErrors() internal pure returns (bytes memory) {
        bytes memory others = abi.encodePacked(
            ILoanBook.DebtBelowMin.selector,
            ILoanBook.NotOpenTerm.selector,
            ILenderVault.Paused.selector,
            ILenderVault.InsufficientCash.selector
        );
        return bytes.concat(_judgementErrors(), _pledgeErrors(), others);
    }
}
