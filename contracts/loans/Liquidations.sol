// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {LiquidationLogic} from "../logic/LiquidationLogic.sol";
import {MarginCalls} from "./MarginCalls.sol";

/// @title Liquidations
/// @notice What is sold out of a loan that is above its line. The work is done in {LiquidationLogic}.
abstract contract Liquidations is MarginCalls {
    /// @inheritdoc ILoanBook
    function liquidate(Order calldata order, bytes calldata data) external returns (uint256 repaid, uint256 seized) {
        return LiquidationLogic.liquidate(_ledger, _bookFrame(), order, data);
    }

    /// @inheritdoc ILoanBook
    function liquidateBatch(
        Order[] calldata orders,
        bytes calldata data
    ) external returns (uint256 repaid, uint256 filled) {
        return LiquidationLogic.liquidateBatch(_ledger, _bookFrame(), orders, data);
    }

    /// @inheritdoc ILoanBook
    function writeOff(uint256 id) external returns (uint256 debt) {
        return LiquidationLogic.writeOff(_ledger, _bookFrame(), id);
    }
}
