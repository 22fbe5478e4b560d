// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {BookPrices} from "./BookPrices.sol";
import {HealthMath} from "./HealthMath.sol";
import {Ledger, StoredCall} from "./Ledger.sol";
import {LoanLines} from "./LoanLines.sol";
import {PledgeLedger} from "./PledgeLedger.sol";
import {StoredLoan} from "./StoredLoans.sol";

/// @title MarginCallRecord
/// @notice When a margin call is due, when it lapses, and how it goes.
/// @dev A call stands from when it is made until it is cleared. From its deadline to its lapse the loan can be sold down to its
/// call line; a call that has lapsed does nothing, and may be replaced or cleared by anyone.
///
/// Where a sequencer came up after the call was made and before its lapse, its owner has at least {BookPrices-GRACE} and
/// {AFTER_GRACE} from then on, and the lapse moves with the deadline. This is reckoned from the stored deadline alone, so that
/// a call that has lapsed does not come back to life; except where the feed tells only after the lapse what happened before it.
library MarginCallRecord {
    /// @notice From a call to its deadline. [s]
    uint256 internal constant CURE_PERIOD = 24 hours;

    /// @notice From the deadline to the lapse. [s]
    uint256 internal constant LAPSE_PERIOD = 12 hours;

    /// @notice What an owner has at least, once the sequencer's grace is over. [s]
    uint256 internal constant AFTER_GRACE = 4 hours;

    /// @notice How old a call must be to earn its caller a credit: else every liquidator would call first. [s]
    uint256 internal constant CREDIT_AGE = 10 minutes;

    /// @notice A loan's call with its deadline as it counts now; all zero if none stands.
    function read(
        Ledger storage ledger,
        uint256 id,
        StoredLoan loan,
        BookPrices.Board memory board
    ) internal view returns (ILoanBook.MarginCall memory call) {
        if (!loan.isCalled()) return call;
        StoredCall memory stored = ledger.calls[id];
        (, uint256 upSince) = BookPrices.sequencer(ledger.registry, board);
        return asOf(stored.caller, stored.calledAt, stored.deadline, upSince);
    }

    /// @notice The same from what is stored.
    /// @param upSince When the sequencer came up last; 0 if there is none, or if it is not known to be up. [s]
    function asOf(
        address caller,
        uint256 calledAt,
        uint256 deadline,
        uint256 upSince
    ) internal pure returns (ILoanBook.MarginCall memory call) {
        if (calledAt < upSince && upSince < deadline + LAPSE_PERIOD) {
            deadline = Math.max(deadline, upSince + BookPrices.GRACE + AFTER_GRACE);
        }
        return ILoanBook.MarginCall(caller, calledAt, deadline, deadline + LAPSE_PERIOD);
    }

    /// @notice True if the call does something: it was made and has not lapsed.
    function isAlive(ILoanBook.MarginCall memory call) internal view returns (bool) {
        return block.timestamp < call.lapse; // 0 if there is none
    }

    /// @notice For how long a call has been due; 0 before its deadline, and once it has lapsed. [s]
    function overdue(ILoanBook.MarginCall memory call) internal view returns (uint256) {
        return isAlive(call) ? Math.saturatingSub(block.timestamp, call.deadline) : 0;
    }

    /// @notice True if the call's caller is credited a part of what is seized now.
    function earnsCredit(ILoanBook.MarginCall memory call) internal view returns (bool) {
        return isAlive(call) && block.timestamp >= call.calledAt + CREDIT_AGE;
    }

    /// @notice Clears a loan's call where what its owner did, or anybody for it, cured it: the loan was above its call line before and
    /// is not any more, or it is at or below its borrow limit. Without a price of the loan asset the call stands.
    /// @dev The loan and its pledges are written as they are now.
    /// @param debtBefore What it owed. [asset]
    /// @param debt What it owes. [asset]
    /// @param listing What was added to its pledge, and of which listing; 0 if nothing was. [token]
    function review(
        Ledger storage ledger,
        uint256 peg,
        uint256 id,
        uint256 debtBefore,
        uint256 debt,
        uint256 listing,
        uint256 added
    ) internal {
        StoredLoan loan = ledger.loans[id];
        BookPrices.Board memory board = BookPrices.newBoard();
        board.loanAsset = BookPrices.loanAssetForLiquidation(ledger.registry.loanAsset, peg);
        if (board.loanAsset == 0) return;
        LoanLines.Lines memory lines = LoanLines.lines(ledger, id, loan, board);
        uint256 callLineBefore = lines.callLine;
        if (added != 0) {
            uint256 callLtv = ledger.registry.listings[listing].terms.callLtv();
            uint256 amount = PledgeLedger.amountOf(ledger, id, loan, listing);
            uint256 price = board.prices.get(listing);
            callLineBefore -= HealthMath.shareDown(HealthMath.valueDown(amount, price), callLtv);
            callLineBefore += HealthMath.shareDown(HealthMath.valueDown(amount - added, price), callLtv);
        }
        bool isCured = debtBefore > callLineBefore && debt <= lines.callLine;
        if (isCured || debt <= lines.borrowLimit) ledger.loans[id] = clear(ledger, id, loan);
    }

    /// @notice Clears a loan's call, if one stands, in the ledger and in the loan, which the caller writes.
    /// @return The loan without a call.
    function clear(Ledger storage ledger, uint256 id, StoredLoan loan) internal returns (StoredLoan) {
        if (!loan.isCalled()) return loan;
        delete ledger.calls[id];
        emit ILoanBook.MarginCallCleared(id);
        return loan.withoutCall();
    }
}
