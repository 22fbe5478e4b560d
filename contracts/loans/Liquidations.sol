// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/interfaces/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ILiquidationCallback} from "../interfaces/ILiquidationCallback.sol";
import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {HealthMath} from "../libraries/HealthMath.sol";
import {LiquidationMath} from "../libraries/LiquidationMath.sol";
import {StoredListing} from "../libraries/ListingRegistry.sol";
import {MAX_SET, PledgeSet} from "../libraries/PledgeSet.sol";
import {Loans} from "./Loans.sol";

/// @title Liquidations
/// @notice What happens to a loan above its liquidation line: enough of a pledge is sold to bring it back to its borrow
/// limit, for a bonus that is nothing at the line and grows with the depth. See {LiquidationMath} for the formulas.
/// @dev Every call goes the same way: book interest, read each price once, write each loan, tell the vault once, send the
/// collateral, call back, pull the payment.
abstract contract Liquidations is Loans {
    using PledgeSet for uint40;
    using SafeERC20 for IERC20;

    /// @dev Pledges worth less than MIN_DEBT / 20 beside a larger debt may be written off.
    uint256 private constant WORTHLESS_DIVISOR = 20;

    /// @dev What the orders of one call come to.
    struct Totals {
        uint256 repaid; // [asset]
        uint256 scaledRepaid; // [asset / index]
        uint256 scaledLost; // [asset / index]
        uint256[MAX_SET] seized; // [token]
        uint40 seizedFrom; // [bitmap] listings
    }

    // ------------------------------------------------------------------------------------------------- Liquidation

    /// @inheritdoc ILoanBook
    function liquidate(Order calldata order, bytes calldata data) external returns (uint256 repaid, uint256 seized) {
        (uint256 index, PriceBoard memory board) = _begin();
        Totals memory totals;
        bytes memory refusal = _fill(order, index, board, totals);
        if (refusal.length != 0) LowLevelCall.bubbleRevert(refusal);
        _settle(totals, data);
        return (totals.repaid, totals.seized[order.listing]);
    }

    /// @inheritdoc ILoanBook
    function liquidateBatch(
        Order[] calldata orders,
        bytes calldata data
    ) external returns (uint256 repaid, uint256 filled) {
        (uint256 index, PriceBoard memory board) = _begin();
        Totals memory totals;
        for (uint256 i = 0; i < orders.length; i++) {
            if (_fill(orders[i], index, board, totals).length == 0) filled++;
        }
        require(filled != 0, NothingLiquidated(orders.length));
        _settle(totals, data);
        repaid = totals.repaid;
    }

    /// @inheritdoc ILoanBook
    function writeOff(uint256 id) external returns (uint256 debt) {
        (uint256 index, PriceBoard memory board) = _begin();
        Loan memory loan_ = _loans[id];
        require(loan_.scaledDebt != 0, NoDebt(id));
        debt = HealthMath.debtUp(loan_.scaledDebt, index);
        uint256 limit = Math.min(debt, _worthless());
        Lines memory lines = _lines(id, loan_.pledged, board);
        require(lines.value < limit, NotWorthless(id, lines.value, limit));
        uint40 dead = loan_.pledged & ~board.seizable;
        if (dead != 0) {
            (uint256 first, ) = dead.pop();
            revert FeedNotLive(first);
        }

        delete _loans[id];
        Totals memory totals;
        totals.scaledLost = loan_.scaledDebt;
        totals.seizedFrom = loan_.pledged;
        uint256[] memory amounts = _takePledges(id, loan_.pledged);
        uint256 listing;
        for (uint256 i = 0; i < amounts.length; i++) {
            (listing, loan_.pledged) = loan_.pledged.pop();
            totals.seized[listing] = amounts[i];
        }
        emit WrittenOff(id, msg.sender, debt);
        _settle(totals, "");
    }

    // ----------------------------------------------------------------------------------------------------- Internal

    /// @dev Books interest and prepares the board, which needs a price of the loan asset.
    function _begin() private returns (uint256 index, PriceBoard memory board) {
        index = _accrue();
        board = _priceBoard();
        require(board.loanAsset != 0, LoanAssetFeedNotLive(_loanAssetFeed()));
    }

    /// @dev Fills one order in the book and adds it to the totals, or says why it cannot be filled and changes nothing.
    /// @return refusal The encoded error; empty if the order was filled.
    function _fill(
        Order calldata order,
        uint256 index,
        PriceBoard memory board,
        Totals memory totals
    ) private returns (bytes memory refusal) {
        Loan memory loan_ = _loans[order.id];
        if (!loan_.pledged.contains(order.listing)) {
            return abi.encodeWithSelector(NotPledged.selector, order.id, order.listing);
        }
        Lines memory lines = _lines(order.id, loan_.pledged, board);
        LiquidationMath.Position memory p = _position(order, loan_, lines, index, board);
        if (p.debt <= p.liquidationLine) {
            return abi.encodeWithSelector(NotLiquidatable.selector, order.id, p.debt, p.liquidationLine);
        }
        if (!board.seizable.contains(order.listing)) {
            return abi.encodeWithSelector(FeedNotLive.selector, order.listing);
        }
        if (order.maxRepay == 0) return abi.encodeWithSelector(ZeroAmount.selector);
        (uint256 repaid, uint256 seized) = LiquidationMath.fill(p, order.maxRepay, MIN_DEBT);
        uint256 minSeized = Math.max(order.minSeized, 1); // nobody pays for nothing
        if (seized < minSeized) return abi.encodeWithSelector(SeizedBelowMin.selector, seized, minSeized);
        if (seized < p.pledged && repaid < p.debt) {
            uint256 valueLeft = Math.saturatingSub(p.value, HealthMath.valueUp(seized, p.price));
            refusal = _refuseRemainder(p.debt - repaid, valueLeft);
            if (refusal.length != 0) return refusal;
        }
        _write(order, loan_, p, repaid, seized, totals);
    }

    /// @dev What a liquidation may not leave unless it takes its pledge whole: a debt too small to be a loan, or pledges too
    /// small to be worth taking.
    function _refuseRemainder(uint256 debt, uint256 value) private view returns (bytes memory refusal) {
        if (debt < MIN_DEBT) return abi.encodeWithSelector(DebtBelowMin.selector, debt, MIN_DEBT);
        if (value < _worthless() && value < debt) {
            return abi.encodeWithSelector(RemainderTooSmall.selector, value, _worthless());
        }
    }

    /// @dev Writes a filled order: the debt and the pledge shrink, and what is left of the debt is lost with the last pledge.
    function _write(
        Order calldata order,
        Loan memory loan_,
        LiquidationMath.Position memory p,
        uint256 repaid,
        uint256 seized,
        Totals memory totals
    ) private {
        uint256 scaledRepaid = repaid == p.debt ? loan_.scaledDebt : HealthMath.scaledDown(repaid, p.index);
        loan_.scaledDebt -= uint104(scaledRepaid); // at most the loan's
        loan_.pledged = _takePledge(order.id, loan_.pledged, order.listing, seized);
        uint256 lost = 0;
        if (loan_.pledged == 0 && loan_.scaledDebt != 0) {
            lost = HealthMath.debtUp(loan_.scaledDebt, p.index);
            totals.scaledLost += loan_.scaledDebt;
            loan_.scaledDebt = 0;
        }
        _loans[order.id] = loan_;

        totals.repaid += repaid;
        totals.scaledRepaid += scaledRepaid;
        totals.seized[order.listing] += seized;
        totals.seizedFrom = totals.seizedFrom.add(order.listing);
        emit Liquidated(order.id, order.listing, msg.sender, repaid, seized, lost);
    }

    /// @dev Tells the vault, sends the collateral, calls back, pulls the payment. Every loan is written by then.
    function _settle(Totals memory totals, bytes memory data) private {
        VAULT.repaid(totals.repaid, totals.scaledRepaid, totals.scaledLost);
        uint40 rest = totals.seizedFrom;
        while (rest != 0) {
            uint256 listing;
            (listing, rest) = rest.pop();
            IERC20(_listing(listing).token).safeTransfer(msg.sender, totals.seized[listing]);
        }
        if (data.length != 0) ILiquidationCallback(msg.sender).onLiquidation(totals.repaid, data);
        if (totals.repaid != 0) IERC20(LOAN_ASSET).safeTransferFrom(msg.sender, address(VAULT), totals.repaid);
    }

    function _position(
        Order calldata order,
        Loan memory loan_,
        Lines memory lines,
        uint256 index,
        PriceBoard memory board
    ) private view returns (LiquidationMath.Position memory) {
        StoredListing storage stored = _listing(order.listing);
        return
            LiquidationMath.Position({
                debt: HealthMath.debtUp(loan_.scaledDebt, index),
                index: index,
                borrowLimit: lines.borrowLimit,
                liquidationLine: lines.liquidationLine,
                value: lines.value,
                seizableValue: lines.seizableValue,
                pledged: _pledges[order.id][order.listing],
                price: board.prices[order.listing],
                seizurePrice: _priceForSeizure(order.listing, board),
                borrowLtv: stored.borrowLtv,
                maxBonus: stored.maxBonus,
                bonusSlope: stored.bonusSlope
            });
    }

    /// @dev Below this the pledges of a loan that owes more are worth too little to be liquidated. [asset], rounded down.
    function _worthless() private view returns (uint256) {
        return MIN_DEBT / WORTHLESS_DIVISOR;
    }
}
