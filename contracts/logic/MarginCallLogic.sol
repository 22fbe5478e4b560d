// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/interfaces/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {BookPrices} from "../libraries/BookPrices.sol";
import {HealthMath} from "../libraries/HealthMath.sol";
import {BookFrame, Ledger, StoredCall} from "../libraries/Ledger.sol";
import {Registry, StoredListing} from "../libraries/ListingRegistry.sol";
import {StoredTerms} from "../libraries/ListingTerms.sol";
import {LoanDebt} from "../libraries/LoanDebt.sol";
import {LoanLines} from "../libraries/LoanLines.sol";
import {MarginCallRecord} from "../libraries/MarginCallRecord.sol";
import {PledgeLedger} from "../libraries/PledgeLedger.sol";
import {PledgeSet} from "../libraries/PledgeSet.sol";
import {StoredLoan} from "../libraries/StoredLoans.sol";

/// @title MarginCallLogic
/// @notice Notice before anything is sold: calling margin, clearing calls, and what they earn. See {MarginCallRecord} for the times.
/// @dev Linked to the book and called by delegatecall.
library MarginCallLogic {
    using BookPrices for Registry;
    using LoanDebt for *;
    using LoanLines for Ledger;
    using MarginCallRecord for *;
    using PledgeLedger for Ledger;
    using PledgeSet for uint40;
    using SafeERC20 for IERC20;

    // --------------------------------------------------------------------------------------------------------- Calls

    /// @notice See {ILoanBook-callMargin}.
    function callMargin(
        Ledger storage ledger,
        BookFrame calldata frame,
        uint256 id
    ) external returns (uint256 deadline) {
        BookPrices.Board memory board = BookPrices.newBoard();
        board.loanAsset = BookPrices.requireLoanAssetForLiquidation(ledger.registry.loanAsset, frame.peg);
        bytes memory refusal = _call(ledger, frame.vault.debtIndex(), board, id);
        if (refusal.length != 0) LowLevelCall.bubbleRevert(refusal);
        deadline = ledger.calls[id].deadline;
    }

    /// @notice See {ILoanBook-callMarginBatch}.
    function callMarginBatch(
        Ledger storage ledger,
        BookFrame calldata frame,
        uint256[] calldata ids
    ) external returns (uint256 called) {
        BookPrices.Board memory board = BookPrices.newBoard();
        board.loanAsset = BookPrices.requireLoanAssetForLiquidation(ledger.registry.loanAsset, frame.peg);
        uint256 index = frame.vault.debtIndex();
        for (uint256 i = 0; i < ids.length; i++) {
            if (_call(ledger, index, board, ids[i]).length == 0) called++;
        }
        require(called != 0, ILoanBook.NothingCalled(ids.length));
    }

    /// @notice See {ILoanBook-clearMarginCall}.
    function clearMarginCall(Ledger storage ledger, BookFrame calldata frame, uint256 id) external {
        StoredLoan loan = ledger.loans[id];
        require(loan.isCalled(), ILoanBook.NoMarginCall(id));
        BookPrices.Board memory board = BookPrices.newBoard();
        board.loanAsset = BookPrices.loanAssetForLiquidation(ledger.registry.loanAsset, frame.peg);
        if (ledger.read(id, loan, board).isAlive()) {
            require(board.loanAsset != 0, ILoanBook.LoanAssetFeedNotLive(ledger.registry.loanAsset.feedOf()));
            uint256 debt = _debt(loan, frame.vault.debtIndex());
            uint256 limit = ledger.lines(id, loan, board).borrowLimit;
            require(debt <= limit, ILoanBook.MarginCallStands(id, debt, limit));
        }
        ledger.loans[id] = ledger.clear(id, loan);
    }

    /// @notice Clears a loan's call if a payment cured it, see {MarginCallRecord-review}.
    function review(Ledger storage ledger, uint256 peg, uint256 id, uint256 debtBefore, uint256 debt) external {
        ledger.review(peg, id, debtBefore, debt, 0, 0);
    }

    /// @notice See {ILoanBook-marginCallOf}.
    function marginCallOf(Ledger storage ledger, uint256 id) external view returns (ILoanBook.MarginCall memory) {
        BookPrices.Board memory board = BookPrices.newBoard(); // only for the sequencer
        return ledger.read(id, ledger.loans[id], board);
    }

    /// @notice See {ILoanBook-healthOf}.
    function healthOf(
        Ledger storage ledger,
        BookFrame calldata frame,
        uint256 id
    ) external view returns (ILoanBook.Health memory health) {
        StoredLoan loan = ledger.loans[id];
        health.debt = _debt(loan, frame.vault.debtIndex());
        (uint256 loanAsset, bool live) = BookPrices.loanAssetForBorrowing(ledger.registry.loanAsset, frame.peg);
        if (live) health.borrowLimit = ledger.borrowLimit(id, loan, loanAsset, 0, LoanLines.NONE);
        BookPrices.Board memory board = BookPrices.newBoard();
        board.loanAsset = BookPrices.loanAssetForLiquidation(ledger.registry.loanAsset, frame.peg);
        if (board.loanAsset == 0) {
            (health.callLine, health.liquidationLine) = (type(uint256).max, type(uint256).max);
        } else {
            LoanLines.Lines memory lines = ledger.lines(id, loan, board);
            (health.callLine, health.liquidationLine) = (lines.callLine, lines.liquidationLine);
        }
    }

    // --------------------------------------------------------------------------------------------------------- Cures

    /// @notice Adds to a pledge, in the book only, where a cap is in the way or a margin call stands. A loan above its call line may
    /// pledge beyond a cap what cures it.
    /// @return pledged At most `amount`. [token]
    function pledge(
        Ledger storage ledger,
        BookFrame calldata frame,
        uint256 id,
        uint256 listing,
        uint256 amount
    ) external returns (uint256 pledged) {
        StoredLoan loan = ledger.loans[id];
        uint256 debt = _debt(loan, frame.vault.debtIndex());
        StoredListing storage stored = ledger.registry.existing(listing);
        uint256 room = Math.saturatingSub(stored.cap, stored.held);
        pledged = amount;
        if (amount > room) {
            uint256 cure = _tokensToCure(ledger, frame.peg, id, loan, debt, listing);
            require(cure != 0, ILoanBook.CapExceeded(listing, Math.saturatingAdd(stored.held, amount), stored.cap));
            pledged = Math.min(amount, Math.max(room, cure));
        }
        ledger.loans[id] = ledger.add(id, loan, listing, pledged);
        if (loan.isCalled()) ledger.review(frame.peg, id, debt, debt, listing, pledged);
    }

    /// @dev How much of a listing a loan above its call line must add to be cured; 0 if it needs no cure, or if the listing has
    /// no live source or two that are apart: a price that nobody gives, or that another denies, must not lift a cap. [token],
    /// rounded up.
    function _tokensToCure(
        Ledger storage ledger,
        uint256 peg,
        uint256 id,
        StoredLoan loan,
        uint256 debt,
        uint256 listing
    ) private view returns (uint256) {
        BookPrices.Board memory board = BookPrices.newBoard();
        board.loanAsset = BookPrices.loanAssetForLiquidation(ledger.registry.loanAsset, peg);
        if (board.loanAsset == 0) return 0;
        uint256 callLine = ledger.lines(id, loan, board).callLine;
        if (debt <= callLine) return 0;
        (uint256 price, bool live, StoredTerms terms) = ledger.registry.priceForLiquidation(listing, board);
        if (!live || board.apart.contains(listing)) return 0;
        return HealthMath.tokensToCure(debt, callLine, terms.callLtv(), price);
    }

    // ------------------------------------------------------------------------------------------------------- Credits

    /// @notice See {ILoanBook-claimCredit}.
    function claimCredit(Ledger storage ledger, uint256 listing, address receiver) external returns (uint256 amount) {
        amount = ledger.credits[msg.sender][listing];
        require(amount != 0, ILoanBook.NoCredit(msg.sender, listing));
        delete ledger.credits[msg.sender][listing];
        address token = ledger.letGo(listing, amount);
        emit ILoanBook.CreditClaimed(msg.sender, listing, receiver, amount);
        IERC20(token).safeTransfer(receiver, amount);
    }

    // ----------------------------------------------------------------------------------------------------- Internal

    /// @dev Calls one loan, or says why it cannot be called and changes nothing.
    function _call(
        Ledger storage ledger,
        uint256 index,
        BookPrices.Board memory board,
        uint256 id
    ) private returns (bytes memory refusal) {
        StoredLoan loan = ledger.loans[id];
        ILoanBook.MarginCall memory standing = ledger.read(id, loan, board);
        if (standing.isAlive()) {
            return abi.encodeWithSelector(ILoanBook.AlreadyCalled.selector, id, standing.deadline);
        }
        uint256 debt = _debt(loan, index);
        uint256 callLine = ledger.lines(id, loan, board).callLine;
        if (debt <= callLine) {
            return abi.encodeWithSelector(ILoanBook.NotCallable.selector, id, debt, callLine);
        }
        uint256 deadline = block.timestamp + MarginCallRecord.CURE_PERIOD;
        // 48 bits of seconds last 9 million years
        ledger.calls[id] = StoredCall(msg.sender, uint48(block.timestamp), uint48(deadline));
        ledger.loans[id] = loan.withCall();
        emit ILoanBook.MarginCalled(id, msg.sender, deadline);
    }

    function _debt(StoredLoan loan, uint256 index) private view returns (uint256) {
        return loan.growthOf(index).debtUp(loan.base());
    }
}
