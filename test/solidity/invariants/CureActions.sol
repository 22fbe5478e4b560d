// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILoanBook} from "../../../contracts/interfaces/ILoanBook.sol";
import {BorrowerActions} from "./BorrowerActions.sol";
import {LiquidationTrials} from "./LiquidationTrials.sol";

/// @title CureActions
/// @notice Somebody pays or pledges exactly what ends a margin call, or a little less. A cured loan is nobody's to take, whatever the
/// deadline was.
abstract contract CureActions is BorrowerActions, LiquidationTrials {
    function cure(uint256 which, uint256 how, uint256 who) external action("cure") {
        uint256 id = _pickUncured(which);
        if (id == 0) return;
        bool isShort = how % 8 < 2;
        if (how % 2 == 0) {
            uint256 payment = _paymentToCure(id);
            _repay(id, _anyone(who), isShort && payment > 1 ? payment - 1 : payment);
        } else {
            uint256 n = _pickPledge(id, how / 8);
            uint256 amount = _tokensToCure(id, n);
            _pledge(id, n, _anyone(who), isShort ? (amount + 1) / 2 : amount);
        }
        if (accounts[id].caller != address(0)) return;
        for (uint256 n = 0; n < LISTINGS; n++) {
            if (pledgeOf[id][n] == 0) continue;
            bytes4 outcome = selectorOf(_try(id, n, Before.Nothing));
            if (outcome != ILoanBook.NotLiquidatable.selector) _violated("INV-05", "a cured loan was not spared");
        }
    }

    /// @dev A loan whose call stands, and that is above its call line; 0 if there is none.
    function _pickUncured(uint256 seed) private view returns (uint256) {
        for (uint256 i = 0; i < ids.length; i++) {
            uint256 id = _idAt(seed, i);
            if (accounts[id].caller != address(0) && _isAboveCallLine(id)) return id;
        }
        return 0;
    }

    /// @dev The least that leaves no more than the call line.
    function _paymentToCure(uint256 id) private view returns (uint256) {
        (uint256 index, uint256 unit) = _growth(id);
        uint256 baseLeft = (_sums(pledgeOf[id]).callLine * unit) / index;
        return _ceilDiv((accounts[id].base - baseLeft) * (index + _breakFee(id)), unit);
    }

    /// @dev As many as lift the call line to the debt.
    function _tokensToCure(uint256 id, uint256 n) private view returns (uint256) {
        uint256 value = _ceilDiv((_debt(id) - _sums(pledgeOf[id]).callLine) * BPS, terms[n].callLtv);
        return _ceilDiv(value * PRICE_ONE, _prices(n).forLiquidation);
    }
}
