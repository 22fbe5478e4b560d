// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/interfaces/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ILenderVault} from "../interfaces/ILenderVault.sol";
import {ILiquidationCallback} from "../interfaces/ILiquidationCallback.sol";
import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {LiquidationLogic} from "../logic/LiquidationLogic.sol";
import {BookPrices} from "../libraries/BookPrices.sol";
import {JudgedLoan} from "../libraries/JudgedLoan.sol";
import {Ledger} from "../libraries/Ledger.sol";
import {LiquidationMath} from "../libraries/LiquidationMath.sol";
import {Growth, LoanDebt} from "../libraries/LoanDebt.sol";
import {PledgeLedger} from "../libraries/PledgeLedger.sol";
import {PledgeSet} from "../libraries/PledgeSet.sol";
import {StoredLoan} from "../libraries/StoredLoans.sol";
import {MarginCalls} from "./MarginCalls.sol";

/// @title Liquidations
/// @notice What is sold out of a loan that is above its line. The plain case is here; what is rarer is in {LiquidationLogic}.
abstract contract Liquidations is MarginCalls {
    using LiquidationMath for LiquidationMath.Position;
    using LoanDebt for *;
    using JudgedLoan for Ledger;
    using PledgeLedger for Ledger;
    using PledgeSet for uint40;
    using SafeERC20 for IERC20;

    /// @inheritdoc ILoanBook
    /// @dev Whatever is not plain, or is to be refused, goes to {LiquidationLogic}, which judges it anew.
    function liquidate(Order calldata order, bytes calldata data) external returns (uint256 repaid, uint256 seized) {
        (repaid, seized) = _liquidatePlainly(order);
        if (seized == 0) return LiquidationLogic.liquidate(_ledger, _bookFrame(), order, data);
        if (data.length != 0) ILiquidationCallback(msg.sender).onLiquidation(repaid, data);
        IERC20(LOAN_ASSET).safeTransferFrom(msg.sender, address(VAULT), repaid);
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

    /// @dev Fills an order for a loan above its liquidation line, without a margin call and with nothing to write off: nearly every
    /// liquidation that was not announced. The collateral is sent; the payment is still to be pulled. As in {LiquidationLogic}, every
    /// price is read once, and the book and the vault are written before a token moves.
    /// @return repaid What is to be pulled. [asset]
    /// @return seized What was sent; 0 if the order is another one, or one to be refused: then only interest was booked. [token]
    function _liquidatePlainly(Order calldata order) private returns (uint256 repaid, uint256 seized) {
        (uint256 id, uint256 listing) = (order.id, order.listing);
        StoredLoan loan_ = _ledger.loans[id];
        if (loan_.isCalled() || !loan_.pledged().contains(listing)) return (0, 0);
        uint256 base = loan_.base();
        Growth growth = loan_.growthOf(_accrue());
        uint256 debt = growth.debtUp(base);
        uint256 loanAsset = BookPrices.loanAssetForLiquidation(_loanAssetSource(loan_), PEG);
        if (loanAsset == 0) return (0, 0);
        LiquidationMath.Position memory p = _ledger.judge(id, loan_, loanAsset, listing);
        if (debt <= p.liquidationLine || p.seizurePrice == 0) return (0, 0);
        (p.growth, p.debt) = (growth, debt);
        uint256 beta = p.withinEquity(p.hardBonus());
        (repaid, seized) = p.fillFor(beta, order.maxRepay, MIN_DEBT);
        if (seized < Math.max(order.minSeized, 1)) return (0, 0);
        uint256 retired = base;
        if (repaid != debt) {
            bool isRefused =
                seized == p.pledged
                    ? loan_.pledged().count() == 1 // the rest of the debt is lost
                    : p.refusesRemainder(debt - repaid, seized, MIN_DEBT);
            if (isRefused) return (0, 0);
            retired = growth.baseDown(repaid);
        }
        ILenderVault.Debts memory debts = loan_.debtsOf(retired);
        loan_ = _ledger.take(id, loan_, listing, seized).withBase(base - retired);
        _ledger.loans[id] = base == retired ? loan_.withoutTerm() : loan_;
        emit Liquidated(id, listing, msg.sender, repaid, seized, 0, false);
        VAULT.retire(debts, repaid, 0);
        IERC20(_ledger.letGo(listing, seized)).safeTransfer(msg.sender, seized);
    }
}
