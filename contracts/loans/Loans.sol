// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/interfaces/IERC20.sol";
import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";

import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {Amounts} from "../libraries/Amounts.sol";
import {HealthMath} from "../libraries/HealthMath.sol";
import {LoanId} from "../libraries/LoanId.sol";
import {StoredListing} from "../libraries/ListingRegistry.sol";
import {PledgeSet} from "../libraries/PledgeSet.sol";
import {Listings} from "./Listings.sol";

/// @title Loans
/// @notice The life of a loan in its owner's hands: open, pledge, release, borrow, repay, close.
/// @dev Every call goes the same way: check the caller, book interest if the debt changes, compute, write the loan, check
/// health, tell the vault, move tokens. The loan is final before any token moves.
abstract contract Loans is Listings, Multicall {
    using LoanId for uint256;
    using PledgeSet for uint40;
    using SafeERC20 for IERC20;

    /// @dev Sums over a loan's pledges at prices for liquidation. [asset], each part rounded down.
    struct Lines {
        uint256 value;
        uint256 seizableValue; // of the pledges whose feed is live
        uint256 borrowLimit;
        uint256 callLine;
        uint256 liquidationLine;
    }

    uint256 public constant MAX_PLEDGES = 4;

    mapping(uint256 id => Loan) internal _loans;

    /// @dev What each loan pledges of each listing. [token], at most 104 bits.
    mapping(uint256 id => mapping(uint256 listing => uint256)) internal _pledges;

    /// @dev Who may act on all loans of an owner.
    mapping(address owner => mapping(address operator => bool)) public isAuthorized;

    modifier onlyOwnerOrOperator(uint256 id) {
        _requireOwnerOrOperator(id);
        _;
    }

    // -------------------------------------------------------------------------------------------------------- Loans

    /// @inheritdoc ILoanBook
    function open(
        uint256 id,
        Pledge[] calldata pledges,
        uint256 amount,
        address receiver
    ) external onlyOwnerOrOperator(id) {
        Loan memory loan_ = _loans[id];
        require(loan_.pledged == 0 && loan_.scaledDebt == 0, LoanExists(id));
        for (uint256 i = 0; i < pledges.length; i++) {
            uint256 listing = pledges[i].listing;
            if (pledges[i].amount > _room(listing)) _revertCapExceeded(listing, pledges[i].amount);
            loan_.pledged = _addPledge(id, loan_.pledged, listing, pledges[i].amount);
        }
        _borrow(id, loan_, amount, receiver, loan_.pledged);
        for (uint256 i = 0; i < pledges.length; i++) _pullPledge(pledges[i].listing, pledges[i].amount);
        for (uint256 i = 0; i < pledges.length; i++) _requireHeld(pledges[i].listing);
    }

    /// @inheritdoc ILoanBook
    function pledge(uint256 id, uint256 listing, uint256 amount) external returns (uint256 pledged) {
        Loan memory loan_ = _loans[id];
        pledged = amount;
        uint256 room = _room(listing);
        if (!loan_.pledged.contains(listing)) {
            _requireOwnerOrOperator(id);
            _requirePledgeable(listing);
        }
        if (amount > room) {
            uint256 cure = _tokensToCure(id, loan_, listing);
            if (cure == 0) _revertCapExceeded(listing, amount);
            pledged = Math.min(amount, Math.max(room, cure));
        }
        _loans[id].pledged = _addPledge(id, loan_.pledged, listing, pledged);
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
        Loan memory loan_ = _loans[id];
        require(loan_.pledged.contains(listing), NotPledged(id, listing));
        uint256 pledged = _pledges[id][listing];
        released = amount == type(uint256).max ? pledged : amount;
        require(released != 0, ZeroAmount());
        require(released <= pledged, PledgeTooSmall(released, pledged));
        loan_.pledged = _takePledge(id, loan_.pledged, listing, released);
        _loans[id].pledged = loan_.pledged;
        if (loan_.scaledDebt != 0) _requireBorrowLimit(id, loan_.pledged, _debt(loan_), 0, listing);
        emit Released(id, listing, receiver, released);
        IERC20(_listing(listing).token).safeTransfer(receiver, released);
    }

    /// @inheritdoc ILoanBook
    function borrow(uint256 id, uint256 amount, address receiver) external onlyOwnerOrOperator(id) {
        _borrow(id, _loans[id], amount, receiver, 0);
    }

    /// @inheritdoc ILoanBook
    function repay(uint256 id, uint256 maxAmount) external returns (uint256 repaid) {
        uint256 index = _accrue();
        uint256 scaledDebt = _loans[id].scaledDebt;
        require(scaledDebt != 0, NoDebt(id));
        require(maxAmount != 0, ZeroAmount());
        uint256 debt = HealthMath.debtUp(scaledDebt, index);
        repaid = Math.min(maxAmount, debt);
        uint256 scaledRepaid = scaledDebt;
        if (repaid < debt) {
            scaledRepaid = HealthMath.scaledDown(repaid, index);
            uint256 left = HealthMath.debtUp(scaledDebt - scaledRepaid, index);
            require(left >= MIN_DEBT, DebtBelowMin(left, MIN_DEBT));
        }
        _loans[id].scaledDebt = uint104(scaledDebt - scaledRepaid); // below a uint104
        _repay(id, repaid, scaledRepaid);
    }

    /// @inheritdoc ILoanBook
    function close(
        uint256 id,
        uint256 maxAmount,
        address receiver
    ) external onlyOwnerOrOperator(id) returns (uint256 repaid) {
        _requireReceiver(receiver);
        Loan memory loan_ = _loans[id];
        require(loan_.pledged != 0, NoLoan(id));
        delete _loans[id];
        uint256[] memory amounts = _takePledges(id, loan_.pledged);
        if (loan_.scaledDebt != 0) {
            repaid = HealthMath.debtUp(loan_.scaledDebt, _accrue());
            require(repaid <= maxAmount, DebtAboveMax(repaid, maxAmount));
            _repay(id, repaid, loan_.scaledDebt);
        }
        uint256 listing;
        for (uint256 i = 0; i < amounts.length; i++) {
            (listing, loan_.pledged) = loan_.pledged.pop();
            _sendOrKeep(id, listing, amounts[i], receiver);
        }
    }

    // ---------------------------------------------------------------------------------------------------- Operators

    /// @inheritdoc ILoanBook
    function setAuthorization(address operator, bool authorized) external {
        isAuthorized[msg.sender][operator] = authorized;
        emit AuthorizationSet(msg.sender, operator, authorized);
    }

    /// @inheritdoc ILoanBook
    function permit(address token, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        LowLevelCall.callNoReturn(
            token,
            abi.encodeCall(IERC20Permit.permit, (msg.sender, address(this), value, deadline, v, r, s))
        );
    }

    // -------------------------------------------------------------------------------------------------------- Views

    /// @inheritdoc ILoanBook
    function loan(uint256 id) external view returns (Loan memory) {
        return _loans[id];
    }

    /// @inheritdoc ILoanBook
    function pledgeOf(uint256 id, uint256 listing) external view returns (uint256) {
        return _pledges[id][listing];
    }

    /// @inheritdoc ILoanBook
    function debtOf(uint256 id) external view returns (uint256) {
        return _debt(_loans[id]);
    }

    /// @inheritdoc ILoanBook
    function healthOf(uint256 id) external view returns (Health memory health) {
        Loan memory loan_ = _loans[id];
        health.debt = _debt(loan_);
        (uint256 loanAsset, bool live) = _loanAssetForBorrowing();
        if (live) health.borrowLimit = _borrowLimit(id, loan_.pledged, loanAsset, 0, NONE);
        PriceBoard memory board = _priceBoard();
        if (board.loanAsset == 0) {
            (health.callLine, health.liquidationLine) = (type(uint256).max, type(uint256).max);
        } else {
            Lines memory lines = _lines(id, loan_.pledged, board);
            (health.callLine, health.liquidationLine) = (lines.callLine, lines.liquidationLine);
        }
    }

    // ------------------------------------------------------------------------------------------------------- Health

    /// @dev Σ value × borrow LTV at prices for borrowing; a pledge that is uncertain or retired counts 0.
    /// @param firstPledges The assets that the loan starts to pledge in this call, which must be pledgeable.
    /// @param released The asset that is taken out in this call: it counts even if it is retired.
    function _borrowLimit(
        uint256 id,
        uint40 pledged,
        uint256 loanAsset,
        uint40 firstPledges,
        uint256 released
    ) private view returns (uint256 limit) {
        uint256 listing;
        while (pledged != 0) {
            (listing, pledged) = pledged.pop();
            (uint256 price, bool retired) = _priceForBorrowing(listing, loanAsset);
            if (firstPledges.contains(listing)) _requirePledgeable(listing, price, retired);
            else if (retired && listing != released) continue;
            uint256 value = HealthMath.valueDown(_pledges[id][listing], price);
            limit += HealthMath.shareDown(value, _listing(listing).borrowLtv);
        }
    }

    /// @dev All sums that calls and liquidations need. The board must have a price of the loan asset.
    function _lines(uint256 id, uint40 pledged, PriceBoard memory board) internal view returns (Lines memory lines) {
        uint256 listing;
        while (pledged != 0) {
            (listing, pledged) = pledged.pop();
            (uint256 price, bool seizable) = _priceForLiquidation(listing, board);
            uint256 value = HealthMath.valueDown(_pledges[id][listing], price);
            StoredListing storage stored = _listing(listing);
            lines.value += value;
            if (seizable) lines.seizableValue += value;
            lines.borrowLimit += HealthMath.shareDown(value, stored.borrowLtv);
            lines.callLine += HealthMath.shareDown(value, stored.callLtv);
            lines.liquidationLine += HealthMath.shareDown(value, stored.liquidationLtv);
        }
    }

    /// @dev Reverts if the loan owes more than it may borrow, or if there is no telling. See {_borrowLimit}.
    function _requireBorrowLimit(
        uint256 id,
        uint40 pledged,
        uint256 debt,
        uint40 firstPledges,
        uint256 released
    ) private view {
        uint256 limit = _borrowLimit(id, pledged, _requireLoanAssetForBorrowing(), firstPledges, released);
        require(debt <= limit, AboveBorrowLimit(debt, limit));
    }

    /// @dev How much of a listing a loan above its call line must add to be cured; 0 if it needs no cure, or if the listing has
    /// no live source or two that are apart: a price that nobody gives, or that another denies, must not lift a cap.
    function _tokensToCure(uint256 id, Loan memory loan_, uint256 listing) private view returns (uint256) {
        PriceBoard memory board = _priceBoard();
        if (board.loanAsset == 0) return 0;
        uint256 debt = _debt(loan_);
        uint256 callLine = _lines(id, loan_.pledged, board).callLine;
        if (debt <= callLine) return 0;
        (uint256 price, bool live) = _priceForLiquidation(listing, board);
        if (!live || board.apart.contains(listing)) return 0;
        return HealthMath.tokensToCure(debt, callLine, _listing(listing).callLtv, price);
    }

    // ------------------------------------------------------------------------------------------------------ Pledges

    /// @dev Adds to a pledge, in the book only. Returns the loan's new set of pledged listings.
    function _addPledge(uint256 id, uint40 pledged, uint256 listing, uint256 amount) private returns (uint40) {
        require(amount != 0, ZeroAmount());
        if (!pledged.contains(listing)) {
            require(pledged.count() < MAX_PLEDGES, TooManyPledges(id, MAX_PLEDGES));
            pledged = pledged.add(listing);
        }
        StoredListing storage stored = _listing(listing);
        stored.pledged = Amounts.toUint104(stored.pledged + amount); // so each pledge fits too
        _pledges[id][listing] += amount;
        emit Pledged(id, listing, msg.sender, amount);
        return pledged;
    }

    /// @dev Pulls a pledge from the caller, after everything is written.
    function _pullPledge(uint256 listing, uint256 amount) private {
        IERC20(_listing(listing).token).safeTransferFrom(msg.sender, address(this), amount);
    }

    /// @dev Reverts unless the book holds what all loans pledge of a listing's token, whichever listing they pledge it by: a token
    /// that keeps a part of what it moves, or has taken some away since, shows here.
    function _requireHeld(uint256 listing) private view {
        StoredListing storage stored = _listing(listing);
        uint256 pledged = stored.pledged;
        for (uint256 next = stored.next; next != 0 && next != listing + 1; next = _listing(next - 1).next) {
            pledged += _listing(next - 1).pledged; // a ring, see StoredListing
        }
        uint256 balance = IERC20(stored.token).balanceOf(address(this));
        require(balance >= pledged, TokenShort(listing, balance, pledged));
    }

    /// @dev Takes from a pledge, in the book only. Returns the loan's new set of pledged listings.
    function _takePledge(uint256 id, uint40 pledged, uint256 listing, uint256 amount) internal returns (uint40) {
        uint256 left = _pledges[id][listing] - amount;
        _pledges[id][listing] = left;
        _listing(listing).pledged -= uint104(amount); // at most the pledge
        return left == 0 ? pledged.remove(listing) : pledged;
    }

    /// @dev Takes all pledges of a loan that is gone, in the book only. Returns their amounts in the set's order. [token]
    function _takePledges(uint256 id, uint40 pledged) internal returns (uint256[] memory amounts) {
        amounts = new uint256[](pledged.count());
        uint256 listing;
        for (uint256 i = 0; i < amounts.length; i++) {
            (listing, pledged) = pledged.pop();
            amounts[i] = _pledges[id][listing];
            _takePledge(id, 0, listing, amounts[i]);
        }
    }

    /// @dev Sends a pledge that was taken out of a closed loan; what cannot be sent is put back, onto whatever the loan is by
    /// then, since a token that moved before may have called back and opened it again.
    function _sendOrKeep(uint256 id, uint256 listing, uint256 amount, address receiver) private {
        StoredListing storage stored = _listing(listing);
        if (IERC20(stored.token).trySafeTransfer(receiver, amount)) {
            emit Released(id, listing, receiver, amount);
        } else {
            _loans[id].pledged = _loans[id].pledged.add(listing);
            _pledges[id][listing] += amount;
            stored.pledged += uint104(amount); // it was part of it before
            emit ReleaseFailed(id, listing, amount);
        }
    }

    /// @dev What a listing's cap leaves. [token]
    function _room(uint256 listing) private view returns (uint256) {
        StoredListing storage stored = _existing(listing);
        return Math.saturatingSub(stored.cap, stored.pledged);
    }

    function _revertCapExceeded(uint256 listing, uint256 amount) private view {
        StoredListing storage stored = _listing(listing);
        revert CapExceeded(listing, Math.saturatingAdd(stored.pledged, amount), stored.cap);
    }

    // --------------------------------------------------------------------------------------------------------- Debt

    function _accrue() internal returns (uint256 index) {
        return VAULT.accrue();
    }

    /// @dev What a loan owes now. [asset], rounded up.
    function _debt(Loan memory loan_) private view returns (uint256) {
        return HealthMath.debtUp(loan_.scaledDebt, VAULT.debtIndex());
    }

    /// @dev Adds debt to a loan, checks it, and draws it from the vault.
    /// @param firstPledges The assets that the loan pledges for the first time in this call.
    function _borrow(uint256 id, Loan memory loan_, uint256 amount, address receiver, uint40 firstPledges) private {
        require(amount != 0, ZeroAmount());
        uint256 index = _accrue();
        uint256 scaledDebt = HealthMath.scaledUp(Amounts.toUint104(amount), index);
        loan_.scaledDebt = Amounts.toUint104(loan_.scaledDebt + scaledDebt);
        _loans[id] = loan_;
        uint256 debt = HealthMath.debtUp(loan_.scaledDebt, index);
        require(debt >= MIN_DEBT, DebtBelowMin(debt, MIN_DEBT));
        _requireBorrowLimit(id, loan_.pledged, debt, firstPledges, NONE);
        emit Borrowed(id, msg.sender, receiver, amount);
        VAULT.draw(amount, scaledDebt, receiver);
    }

    /// @dev Books a repayment and pulls it from the caller, straight to the vault. The loan is written by then.
    function _repay(uint256 id, uint256 amount, uint256 scaledRepaid) private {
        emit Repaid(id, msg.sender, amount);
        VAULT.repaid(amount, scaledRepaid, 0);
        IERC20(LOAN_ASSET).safeTransferFrom(msg.sender, address(VAULT), amount);
    }

    function _requireOwnerOrOperator(uint256 id) private view {
        address owner = id.ownerOf();
        require(msg.sender == owner || isAuthorized[owner][msg.sender], NotOwnerOrOperator(id, msg.sender));
    }

    function _requireReceiver(address receiver) private view {
        bool keeps = receiver != address(0) && receiver != address(this) && receiver != address(VAULT);
        require(keeps, InvalidReceiver(receiver));
    }
}
