// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/interfaces/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";

import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {BookPrices} from "../libraries/BookPrices.sol";
import {HealthMath} from "../libraries/HealthMath.sol";
import {BookFrame, Ledger, MARGIN_CALL, StoredCall} from "../libraries/Ledger.sol";
import {Registry, StoredListing} from "../libraries/ListingRegistry.sol";
import {LoanDebt} from "../libraries/LoanDebt.sol";
import {LoanLines} from "../libraries/LoanLines.sol";
import {MarginCallRecord} from "../libraries/MarginCallRecord.sol";
import {PledgeSet} from "../libraries/PledgeSet.sol";

/// @title MarginCallLogic
/// @notice Notice before anything is sold: calling margin, clearing calls, and what they earn. See {MarginCallRecord} for the times.
/// @dev Linked to the book and called by delegatecall.
library MarginCallLogic {
    using BookPrices for Registry;
    using LoanDebt for *;
    using LoanLines for Ledger;
    using MarginCallRecord for *;
    using PledgeSet for uint40;
    using SafeERC20 for IERC20;

    // --------------------------------------------------------------------------------------------------------- Calls

    /// @notice See {ILoanBook-callMargin}.
    function callMargin(Ledger storage ledger, BookFrame memory frame, uint256 id) external returns (uint256 deadline) {
        BookPrices.Board memory board = ledger.registry.requireBoard(frame.peg);
        bytes memory refusal = _call(ledger, frame.vault.debtIndex(), board, id);
        if (refusal.length != 0) LowLevelCall.bubbleRevert(refusal);
        deadline = ledger.calls[id].deadline;
    }

    /// @notice See {ILoanBook-callMarginBatch}.
    function callMarginBatch(
        Ledger storage ledger,
        BookFrame memory frame,
        uint256[] calldata ids
    ) external returns (uint256 called) {
        BookPrices.Board memory board = ledger.registry.requireBoard(frame.peg);
        uint256 index = frame.vault.debtIndex();
        for (uint256 i = 0; i < ids.length; i++) {
            if (_call(ledger, index, board, ids[i]).length == 0) called++;
        }
        require(called != 0, ILoanBook.NothingCalled(ids.length));
    }

    /// @notice See {ILoanBook-clearMarginCall}.
    function clearMarginCall(Ledger storage ledger, BookFrame memory frame, uint256 id) external {
        ILoanBook.Loan memory loan = ledger.loans[id];
        require(loan.flags & MARGIN_CALL != 0, ILoanBook.NoMarginCall(id));
        BookPrices.Board memory board = ledger.registry.board(frame.peg);
        if (ledger.read(id, loan.flags, board).isAlive()) {
            require(board.loanAsset != 0, ILoanBook.LoanAssetFeedNotLive(address(ledger.registry.loanAsset.feed)));
            uint256 debt = _debt(loan, frame.vault.debtIndex());
            uint256 limit = ledger.lines(id, loan.pledged, board).borrowLimit;
            require(debt <= limit, ILoanBook.MarginCallStands(id, debt, limit));
        }
        ledger.loans[id].flags = ledger.clear(id, loan.flags);
    }

    /// @notice Clears a loan's call if it is cured, see {MarginCallRecord-review}.
    function review(
        Ledger storage ledger,
        uint256 peg,
        uint256 id,
        uint256 debtBefore,
        uint256 debt,
        uint256 listing,
        uint256 added
    ) external {
        ledger.review(peg, id, debtBefore, debt, listing, added);
    }

    /// @notice See {ILoanBook-marginCallOf}.
    function marginCallOf(Ledger storage ledger, uint256 id) external view returns (ILoanBook.MarginCall memory) {
        BookPrices.Board memory board; // only for the sequencer
        return ledger.read(id, ledger.loans[id].flags, board);
    }

    // --------------------------------------------------------------------------------------------------------- Cures

    /// @notice How much of a listing a loan above its call line must add to be cured; 0 if it needs no cure, or if the listing has
    /// no live source or two that are apart: a price that nobody gives, or that another denies, must not lift a cap. [token],
    /// rounded up.
    function tokensToCure(
        Ledger storage ledger,
        BookFrame memory frame,
        uint256 id,
        uint256 listing
    ) external view returns (uint256) {
        BookPrices.Board memory board = ledger.registry.board(frame.peg);
        if (board.loanAsset == 0) return 0;
        ILoanBook.Loan memory loan = ledger.loans[id];
        uint256 debt = _debt(loan, frame.vault.debtIndex());
        uint256 callLine = ledger.lines(id, loan.pledged, board).callLine;
        if (debt <= callLine) return 0;
        (uint256 price, bool live) = ledger.registry.priceForLiquidation(listing, board);
        if (!live || board.apart.contains(listing)) return 0;
        return HealthMath.tokensToCure(debt, callLine, ledger.registry.listings[listing].callLtv, price);
    }

    // ------------------------------------------------------------------------------------------------------- Credits

    /// @notice See {ILoanBook-claimCredit}.
    function claimCredit(Ledger storage ledger, uint256 listing, address receiver) external returns (uint256 amount) {
        amount = ledger.credits[msg.sender][listing];
        require(amount != 0, ILoanBook.NoCredit(msg.sender, listing));
        delete ledger.credits[msg.sender][listing];
        StoredListing storage stored = ledger.registry.listings[listing];
        stored.held -= uint104(amount); // part of it
        emit ILoanBook.CreditClaimed(msg.sender, listing, receiver, amount);
        IERC20(stored.token).safeTransfer(receiver, amount);
    }

    // ----------------------------------------------------------------------------------------------------- Internal

    /// @dev Calls one loan, or says why it cannot be called and changes nothing.
    function _call(
        Ledger storage ledger,
        uint256 index,
        BookPrices.Board memory board,
        uint256 id
    ) private returns (bytes memory refusal) {
        ILoanBook.Loan memory loan = ledger.loans[id];
        ILoanBook.MarginCall memory standing = ledger.read(id, loan.flags, board);
        if (standing.isAlive()) {
            return abi.encodeWithSelector(ILoanBook.AlreadyCalled.selector, id, standing.deadline);
        }
        uint256 debt = _debt(loan, index);
        uint256 callLine = ledger.lines(id, loan.pledged, board).callLine;
        if (debt <= callLine) {
            return abi.encodeWithSelector(ILoanBook.NotCallable.selector, id, debt, callLine);
        }
        uint256 deadline = block.timestamp + MarginCallRecord.CURE_PERIOD;
        // 48 bits of seconds last 9 million years
        ledger.calls[id] = StoredCall(msg.sender, uint48(block.timestamp), uint48(deadline));
        ledger.loans[id].flags = loan.flags | MARGIN_CALL;
        emit ILoanBook.MarginCalled(id, msg.sender, deadline);
    }

    function _debt(ILoanBook.Loan memory loan, uint256 index) private view returns (uint256) {
        return loan.growthOf(index).debtUp(loan.base);
    }
}
