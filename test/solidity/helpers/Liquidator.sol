// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILiquidationCallback} from "../../../contracts/interfaces/ILiquidationCallback.sol";
import {ILoanBook} from "../../../contracts/interfaces/ILoanBook.sol";
import {TestToken} from "../../../contracts/mocks/TestToken.sol";

/// @title Liquidator
/// @notice Liquidates with tokens it holds, or with none: then it gets them in the callback, as one would who sells the
/// collateral there. It never leaves the book an allowance.
contract Liquidator is ILiquidationCallback {
    ILoanBook private immutable BOOK;
    TestToken private immutable ASSET;

    /// @notice How often the book called back.
    uint256 public callbacks;

    error OnlyBook();

    constructor(ILoanBook book, TestToken asset) {
        (BOOK, ASSET) = (book, asset);
    }

    function liquidate(ILoanBook.Order calldata order, bool late) external returns (uint256 repaid, uint256 seized) {
        if (late) return BOOK.liquidate(order, "late");
        _getReady(type(uint128).max);
        (repaid, seized) = BOOK.liquidate(order, "");
        ASSET.approve(address(BOOK), 0);
    }

    function liquidateBatch(
        ILoanBook.Order[] calldata orders,
        bool late
    ) external returns (uint256 repaid, uint256 filled) {
        if (late) return BOOK.liquidateBatch(orders, "late");
        _getReady(type(uint128).max);
        (repaid, filled) = BOOK.liquidateBatch(orders, "");
        ASSET.approve(address(BOOK), 0);
    }

    function writeOff(uint256 id) external returns (uint256) {
        return BOOK.writeOff(id);
    }

    function onLiquidation(uint256 repaid, bytes calldata) external {
        if (msg.sender != address(BOOK)) revert OnlyBook();
        callbacks++;
        _getReady(repaid);
    }

    function _getReady(uint256 amount) private {
        ASSET.mint(address(this), amount);
        ASSET.approve(address(BOOK), amount);
    }
}
