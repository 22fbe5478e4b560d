// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {MarginCallLogic} from "../logic/MarginCallLogic.sol";
import {Terms} from "./Terms.sol";

/// @title MarginCalls
/// @notice Notice, and time to cure, before anything is sold. The work is done in {MarginCallLogic}.
abstract contract MarginCalls is Terms {
    /// @inheritdoc ILoanBook
    function callMargin(uint256 id) external returns (uint256 deadline) {
        return MarginCallLogic.callMargin(_ledger, _bookFrame(), id);
    }

    /// @inheritdoc ILoanBook
    function callMarginBatch(uint256[] calldata ids) external returns (uint256 called) {
        return MarginCallLogic.callMarginBatch(_ledger, _bookFrame(), ids);
    }

    /// @inheritdoc ILoanBook
    function clearMarginCall(uint256 id) external {
        MarginCallLogic.clearMarginCall(_ledger, _bookFrame(), id);
    }

    /// @inheritdoc ILoanBook
    function claimCredit(uint256 listing, address receiver) external returns (uint256 amount) {
        _requireReceiver(receiver);
        return MarginCallLogic.claimCredit(_ledger, listing, receiver);
    }

    /// @inheritdoc ILoanBook
    function marginCallOf(uint256 id) external view returns (MarginCall memory) {
        return MarginCallLogic.marginCallOf(_ledger, id);
    }

    /// @inheritdoc ILoanBook
    function creditOf(address caller, uint256 listing) external view returns (uint256) {
        return _ledger.credits[caller][listing];
    }
}
