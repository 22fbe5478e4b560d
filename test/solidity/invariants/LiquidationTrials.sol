// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILoanBook} from "../../../contracts/interfaces/ILoanBook.sol";
import {LiquidationModel} from "./LiquidationModel.sol";

/// @title LiquidationTrials
/// @notice INV-05, tried on every loan that it says something about, and taken back: which loans can be liquidated, and that margin
/// calls change nothing for one above its liquidation line.
abstract contract LiquidationTrials is LiquidationModel {
    /// @dev Where the book keeps its loans; a test pins its storage.
    uint256 private constant LOANS_SLOT = 6;

    /// @dev What happens to a loan right before it is tried.
    enum Before {
        Nothing,
        Called, // its margin is called
        Uncalled // it is as if nobody had called, however long ago
    }

    /// @dev A trial's end: what was repaid and, the caller's credit included, seized.
    error Tried(uint256 repaid, uint256 seized);

    function checkLiquidations() external {
        for (uint256 i = 0; i < ids.length; i++) {
            Sums memory s = _sums(pledgeOf[ids[i]]);
            uint256 debt = _debt(ids[i]);
            if (debt > s.liquidationLine) _checkHard(ids[i], s, debt);
            else if (debt > s.callLine || accounts[ids[i]].caller != address(0)) _checkSoft(ids[i], s, debt);
        }
    }

    /// @notice Liquidates as much as one may, and takes it back.
    function tryLiquidation(uint256 id, uint256 n, Before before) external {
        if (before == Before.Called) book.callMargin(id);
        if (before == Before.Uncalled) {
            bytes32 slot = keccak256(abi.encode(id, LOANS_SLOT));
            vm.store(address(book), slot, (vm.load(address(book), slot) << 16) >> 16); // the flags are on top
        }
        (uint256 repaid, ) = keeper.liquidate(ILoanBook.Order(id, n, type(uint256).max, 0), false);
        revert Tried(repaid, pledgeOf[id][n] - book.pledgeOf(id, n));
    }

    /// @dev The error with which any liquidation of the loan must end; zero if there is none.
    function _refusalOf(uint256 id) internal view returns (bytes4) {
        Sums memory s = _sums(pledgeOf[id]);
        uint256 debt = _debt(id);
        if (debt > s.liquidationLine) return 0;
        if (debt <= s.callLine || accounts[id].caller == address(0)) return ILoanBook.NotLiquidatable.selector;
        Call memory call = _callOf(id);
        if (!call.isAlive) return ILoanBook.MarginCallLapsed.selector;
        if (!_isSequencerReady()) return ILoanBook.SequencerNotReady.selector;
        return call.isDue ? bytes4(0) : ILoanBook.InCurePeriod.selector;
    }

    /// @dev Above its liquidation line: by each pledge that has a price, with the same figures whether or not margin was called;
    /// only a call that is due may give more than the hard bonus.
    function _checkHard(uint256 id, Sums memory s, uint256 debt) private {
        bool isCallable = _isCallable(id);
        bool isCalled = accounts[id].caller != address(0);
        for (uint256 n = 0; n < LISTINGS; n++) {
            if (pledgeOf[id][n] == 0 || !_canBeSeized(n, debt)) continue;
            bytes memory figures = _try(id, n, Before.Nothing);
            if (selectorOf(figures) != Tried.selector) {
                _violated("INV-05", string.concat("a hard liquidation was refused: ", vm.toString(figures)));
            }
            if (isCallable) _compareFigures(figures, _try(id, n, Before.Called));
            if (!isCalled || _softBonus(s, debt, id) > _hardBonus(s, debt, n)) continue;
            _compareFigures(figures, _try(id, n, Before.Uncalled));
            counts["hard although called"]++;
        }
    }

    /// @dev At or below its liquidation line: by each pledge that has a price while a call is due, else not at all.
    function _checkSoft(uint256 id, Sums memory s, uint256 debt) private {
        bytes4 refusal = _refusalOf(id);
        for (uint256 n = 0; n < LISTINGS; n++) {
            if (pledgeOf[id][n] == 0) continue;
            // What the lines are apart by may not buy a token's smallest unit, or retire one of the debt's base.
            uint256 excess = refusal == 0 ? debt - s.callLine : debt;
            if (!_canBeSeized(n, excess) || (refusal == 0 && excess <= 2 * _dustOf(id))) continue;
            bytes4 outcome = selectorOf(_try(id, n, Before.Nothing));
            if (outcome == (refusal == 0 ? Tried.selector : refusal)) continue;
            string memory wrong = refusal == 0 ? "could not be liquidated when due" : "was not refused as it should be";
            _violated("INV-05", string.concat("a loan at or below its liquidation line ", wrong));
        }
        if (refusal == ILoanBook.InCurePeriod.selector) counts["spared in time to cure"]++;
        if (refusal == ILoanBook.MarginCallLapsed.selector) counts["spared after the lapse"]++;
    }

    function _compareFigures(bytes memory figures, bytes memory others) private {
        if (keccak256(figures) == keccak256(others)) return;
        _violated("INV-05", "a margin call changed a hard liquidation");
    }

    /// @dev That it has a price, and that an amount is worth more than its smallest unit.
    function _canBeSeized(uint256 n, uint256 amount) private view returns (bool) {
        Prices memory p = _prices(n);
        return p.live && amount * PRICE_ONE >= 2 * p.forLiquidation;
    }

    function _try(uint256 id, uint256 n, Before before) internal returns (bytes memory) {
        try this.tryLiquidation(id, n, before) {
            return "";
        } catch (bytes memory reason) {
            return reason;
        }
    }
}
