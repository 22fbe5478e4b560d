// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/interfaces/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ILenderVault} from "../interfaces/ILenderVault.sol";
import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {Amounts} from "../libraries/Amounts.sol";
import {BookPrices} from "../libraries/BookPrices.sol";
import {Ledger} from "../libraries/Ledger.sol";
import {Registry, StoredListing} from "../libraries/ListingRegistry.sol";
import {Growth, LoanDebt} from "../libraries/LoanDebt.sol";
import {LoanLines} from "../libraries/LoanLines.sol";
import {MarginCallRecord} from "../libraries/MarginCallRecord.sol";
import {PledgeLedger} from "../libraries/PledgeLedger.sol";
import {MAX_SET, PledgeSet} from "../libraries/PledgeSet.sol";
import {FeedSource, PriceFeeds} from "../libraries/PriceFeeds.sol";
import {NO_LOAN, StoredLoan} from "../libraries/StoredLoans.sol";
import {ListingAdmin} from "../logic/ListingAdmin.sol";
import {MarginCallLogic} from "../logic/MarginCallLogic.sol";
import {Operators} from "./Operators.sol";

/// @title Loans
/// @notice The life of a loan in its owner's hands: open, pledge, release, borrow, repay, close.
/// @dev Every call goes the same way: check the caller, book interest if the debt changes, compute, write the loan, check
/// health, tell the vault, move tokens. The loan is final before any token moves.
abstract contract Loans is Operators {
    using BookPrices for Registry;
    using LoanDebt for *;
    using LoanLines for Ledger;
    using MarginCallRecord for Ledger;
    using PledgeLedger for Ledger;
    using PledgeSet for uint40;
    using SafeERC20 for IERC20;

    uint256 public constant MAX_PLEDGES = PledgeLedger.MAX_PLEDGES;

    // -------------------------------------------------------------------------------------------------------- Loans

    /// @inheritdoc ILoanBook
    function open(
        uint256 id,
        Pledge[] calldata pledges,
        uint256 amount,
        address receiver
    ) external onlyOwnerOrOperator(id) {
        StoredLoan loan_ = _pledgeNew(id, pledges);
        _borrow(id, loan_, amount, receiver, loan_.pledged());
        _pullPledges(pledges);
    }

    /// @inheritdoc ILoanBook
    function pledge(uint256 id, uint256 listing, uint256 amount) external returns (uint256 pledged) {
        StoredLoan loan_ = _ledger.loans[id];
        uint256 room = _room(listing);
        if (!loan_.pledged().contains(listing)) {
            _requireOwnerOrOperator(id);
            _requirePledgeable(listing);
        }
        if (!loan_.isCalled() && amount <= room) {
            pledged = amount;
            _ledger.loans[id] = _ledger.add(id, loan_, listing, amount);
        } else {
            pledged = MarginCallLogic.pledge(_ledger, _bookFrame(), id, listing, amount);
        }
        _pullPledge(listing, pledged);
        _requireHeld(listing);
    }

    /// @inheritdoc ILoanBook
    function release(
        uint256 id,
        uint256 listing,
        uint256 amount,
        address receiver
    ) external onlyOwnerOrOperator(id) returns (uint256 released) {
        _requireReceiver(receiver);
        StoredLoan loan_ = _ledger.loans[id];
        require(loan_.pledged().contains(listing), NotPledged(id, listing));
        uint256 pledged = _ledger.amountOf(id, loan_, listing);
        released = amount == type(uint256).max ? pledged : amount;
        require(released != 0, ZeroAmount());
        require(released <= pledged, PledgeTooSmall(released, pledged));
        loan_ = _ledger.clear(id, _ledger.take(id, loan_, listing, released)); // see _lend
        _ledger.loans[id] = loan_;
        address token = _ledger.letGo(listing, released);
        if (loan_.base() != 0) _requireWithinLimit(id, loan_, _debt(loan_), 0, listing);
        emit Released(id, listing, receiver, released);
        IERC20(token).safeTransfer(receiver, released);
    }

    /// @inheritdoc ILoanBook
    function borrow(uint256 id, uint256 amount, address receiver) external onlyOwnerOrOperator(id) {
        _borrow(id, _ledger.loans[id], amount, receiver, 0);
    }

    /// @inheritdoc ILoanBook
    function repay(uint256 id, uint256 maxAmount) external returns (uint256 repaid) {
        uint256 index = _accrue();
        StoredLoan loan_ = _ledger.loans[id];
        uint256 base = loan_.base();
        uint256 retired = base;
        require(retired != 0, NoDebt(id));
        require(maxAmount != 0, ZeroAmount());
        Growth growth = loan_.growthOf(index);
        uint256 debt = growth.debtUp(retired);
        uint256 fee = growth.feeUp(retired);
        uint256 left = 0;
        repaid = Math.min(maxAmount, debt + fee);
        if (repaid < debt + fee) {
            retired = growth.baseWithFeeDown(repaid);
            fee = growth.feeDown(retired);
            left = growth.debtUp(base - retired);
            require(left >= MIN_DEBT, DebtBelowMin(left, MIN_DEBT));
        }
        ILenderVault.Debts memory debts = loan_.debtsOf(retired);
        loan_ = retired == base ? _ledger.clear(id, loan_.withoutTerm().withBase(0)) : loan_.withBase(base - retired);
        _ledger.loans[id] = loan_;
        if (loan_.isCalled()) MarginCallLogic.review(_ledger, PEG, id, debt, left);
        _pay(id, repaid, fee, debts);
    }

    /// @inheritdoc ILoanBook
    function close(
        uint256 id,
        uint256 maxAmount,
        address receiver
    ) external onlyOwnerOrOperator(id) returns (uint256 repaid) {
        _requireReceiver(receiver);
        StoredLoan loan_ = _ledger.loans[id];
        uint40 pledged = loan_.pledged();
        require(pledged != 0, NoLoan(id));
        _ledger.loans[id] = NO_LOAN;
        _ledger.clear(id, loan_);
        uint256[] memory amounts = _ledger.takeAll(id, loan_);
        uint256 base = loan_.base();
        if (base != 0) {
            Growth growth = loan_.growthOf(_accrue());
            uint256 fee = growth.feeUp(base);
            repaid = growth.debtUp(base) + fee;
            require(repaid <= maxAmount, DebtAboveMax(repaid, maxAmount));
            _pay(id, repaid, fee, loan_.debtsOf(base));
        }
        uint256 listing;
        for (uint256 i = 0; i < amounts.length; i++) {
            (listing, pledged) = pledged.pop();
            _sendOrKeep(id, listing, amounts[i], receiver);
        }
    }

    // -------------------------------------------------------------------------------------------------------- Views

    /// @inheritdoc ILoanBook
    function loan(uint256 id) external view returns (Loan memory) {
        return _ledger.loans[id].unpack();
    }

    /// @inheritdoc ILoanBook
    function pledgeOf(uint256 id, uint256 listing) external view returns (uint256) {
        return listing < MAX_SET ? _ledger.amountOf(id, _ledger.loans[id], listing) : 0;
    }

    /// @inheritdoc ILoanBook
    function debtOf(uint256 id) external view returns (uint256) {
        return _debt(_ledger.loans[id]);
    }

    /// @inheritdoc ILoanBook
    function healthOf(uint256 id) external view returns (Health memory) {
        return MarginCallLogic.healthOf(_ledger, _bookFrame(), id);
    }

    // ------------------------------------------------------------------------------------------------------ Pledges

    /// @dev A new loan with its pledges, in the book only: they are pulled later, by {_pullPledges}.
    function _pledgeNew(uint256 id, Pledge[] calldata pledges) internal returns (StoredLoan loan_) {
        loan_ = _ledger.loans[id];
        require(loan_.pledged() == 0 && loan_.base() == 0, LoanExists(id));
        for (uint256 i = 0; i < pledges.length; i++) {
            (uint256 listing, uint256 amount) = (pledges[i].listing, pledges[i].amount);
            StoredListing storage stored = _existing(listing);
            bool fits = amount <= Math.saturatingSub(stored.cap, stored.held);
            require(fits, CapExceeded(listing, Math.saturatingAdd(stored.held, amount), stored.cap));
            loan_ = _ledger.add(id, loan_, listing, amount);
        }
    }

    /// @dev Pulls what {_pledgeNew} wrote.
    function _pullPledges(Pledge[] calldata pledges) internal {
        for (uint256 i = 0; i < pledges.length; i++) _pullPledge(pledges[i].listing, pledges[i].amount);
        for (uint256 i = 0; i < pledges.length; i++) _requireHeld(pledges[i].listing);
    }

    /// @dev Pulls a pledge from the caller, after everything is written.
    function _pullPledge(uint256 listing, uint256 amount) private {
        IERC20(_listing(listing).token).safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @dev Reverts unless the book holds what it should of a listing's token, whichever listing it is held by: a token that keeps a
    /// part of what it moves, or has taken some away since, shows here.
    function _requireHeld(uint256 listing) private view {
        StoredListing storage stored = _listing(listing);
        uint256 held = stored.held;
        for (uint256 next = stored.next; next != 0 && next != listing + 1;) {
            StoredListing storage other = _listing(next - 1); // a ring, see StoredListing
            held += other.held;
            next = other.next;
        }
        uint256 balance = IERC20(stored.token).balanceOf(address(this));
        require(balance >= held, TokenShort(listing, balance, held));
    }

    /// @dev Sends a pledge that was taken out of a closed loan; what cannot be sent is put back, onto whatever the loan is by
    /// then, since a token that moved before may have called back and opened it again.
    function _sendOrKeep(uint256 id, uint256 listing, uint256 amount, address receiver) private {
        StoredListing storage stored = _listing(listing);
        if (IERC20(stored.token).trySafeTransfer(receiver, amount)) {
            emit Released(id, listing, receiver, amount);
        } else {
            _ledger.loans[id] = _ledger.put(id, _ledger.loans[id], listing, amount);
            emit ReleaseFailed(id, listing, amount);
        }
    }

    /// @dev What a listing's cap leaves. [token]
    function _room(uint256 listing) private view returns (uint256) {
        StoredListing storage stored = _existing(listing);
        return Math.saturatingSub(stored.cap, stored.held);
    }

    // --------------------------------------------------------------------------------------------------------- Debt

    function _accrue() internal returns (uint256 index) {
        return VAULT.accrueDebt();
    }

    /// @dev What a loan owes now. [asset], rounded up.
    function _debt(StoredLoan loan_) private view returns (uint256) {
        return loan_.growthOf(VAULT.debtIndex()).debtUp(loan_.base());
    }

    /// @dev Adds debt to an open-term loan, and draws it.
    /// @param firstPledges The assets that the loan pledges for the first time in this call.
    function _borrow(uint256 id, StoredLoan loan_, uint256 amount, address receiver, uint40 firstPledges) private {
        require(!loan_.isFixedTerm(), NotOpenTerm(id));
        require(amount != 0, ZeroAmount());
        uint256 index = _accrue();
        uint256 scaledDebt = LoanDebt.scaledUp(Amounts.toUint104(amount), index);
        uint256 base = Amounts.toUint104(loan_.base() + scaledDebt);
        loan_ = loan_.withBase(base);
        uint256 debt = loan_.growthOf(index).debtUp(base);
        _lend(id, loan_, debt, amount, loan_.debtsOf(scaledDebt), receiver, firstPledges);
    }

    /// @dev Writes a loan that grew, checks it, and draws what it grew by. Whatever ends within its borrow limit at prices for
    /// borrowing does so at those for liquidation, none of which is lower, so that a margin call is over.
    function _lend(
        uint256 id,
        StoredLoan loan_,
        uint256 debt,
        uint256 amount,
        ILenderVault.Debts memory added,
        address receiver,
        uint40 firstPledges
    ) internal {
        _ledger.loans[id] = _ledger.clear(id, loan_);
        require(debt >= MIN_DEBT, DebtBelowMin(debt, MIN_DEBT));
        _requireWithinLimit(id, loan_, debt, firstPledges, LoanLines.NONE);
        emit Borrowed(id, msg.sender, receiver, amount);
        VAULT.draw(receiver, amount, added);
    }

    /// @dev Books a payment and pulls it from the caller, straight to the vault. The loan is written by then.
    function _pay(uint256 id, uint256 amount, uint256 fee, ILenderVault.Debts memory retired) private {
        emit Repaid(id, msg.sender, amount);
        VAULT.retire(retired, amount, fee);
        IERC20(LOAN_ASSET).safeTransferFrom(msg.sender, address(VAULT), amount);
    }

    /// @dev See {LoanLines-requireWithinLimit}.
    function _requireWithinLimit(
        uint256 id,
        StoredLoan loan_,
        uint256 debt,
        uint40 firstPledges,
        uint256 released
    ) private view {
        FeedSource source = _loanAssetSource(loan_);
        if (source.has(PriceFeeds.SEQUENCER)) ListingAdmin.requireSequencer(_ledger.registry);
        _ledger.requireWithinLimit(source, PEG, id, loan_, debt, firstPledges, released);
    }

    function _requireReceiver(address receiver) internal view {
        bool keeps = receiver != address(0) && receiver != address(this) && receiver != address(VAULT);
        require(keeps, InvalidReceiver(receiver));
    }
}
