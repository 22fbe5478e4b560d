// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Vm} from "forge-std/Vm.sol";

import {ILoanBook} from "../../../contracts/interfaces/ILoanBook.sol";
import {MarginActions} from "./MarginActions.sol";

/// @title LiquidationModel
/// @notice Each seizure, read from its event, is checked against the design's sections 8 and 9 (INV-05, INV-06) on the ledger's
/// loan, and then entered into the ledger.
abstract contract LiquidationModel is MarginActions {
    uint256 private constant LAST_BONUS = 0.01e18;
    uint256 private constant SOFT_BONUS = 0.015e18;

    /// @dev What the events of one order say.
    struct Seizure {
        uint256 id;
        uint256 listing;
        uint256 repaid;
        uint256 seized;
        uint256 lost;
        bool isSoft;
        address creditor; // 0 for no credit
        uint256 credit;
    }

    /// @notice How much was written off, so that a run can show that it came to losses.
    uint256 public writtenOff;

    // --------------------------------------------------------------------------------------------- Entering events

    /// @dev Checks and enters the seizures that were logged, in their order; a credit follows its seizure.
    function _enterLiquidations() internal returns (uint256 count) {
        Vm.Log[] memory logs = vm.getRecordedLogs();
        Seizure memory z;
        for (uint256 i = 0; i < logs.length; i++) {
            if (logs[i].topics[0] != ILoanBook.Liquidated.selector) continue;
            (z.id, z.listing) = (uint256(logs[i].topics[1]), uint256(logs[i].topics[2]));
            (z.repaid, z.seized, z.lost, z.isSoft) = abi.decode(logs[i].data, (uint256, uint256, uint256, bool));
            (z.creditor, z.credit) = (address(0), 0);
            if (i + 1 < logs.length && logs[i + 1].topics[0] == ILoanBook.Credited.selector) {
                z.creditor = address(uint160(uint256(logs[i + 1].topics[3])));
                z.credit = abi.decode(logs[i + 1].data, (uint256));
            }
            _enterLiquidation(z);
            count++;
        }
    }

    function _enterLiquidation(Seizure memory z) private {
        Sums memory before = _sums(pledgeOf[z.id]);
        uint256 debt = _debt(z.id);
        bool isSoft = debt <= before.liquidationLine;
        assertEq(z.isSoft, isSoft, "soft");
        if (debt <= before.callLine) _violated("INV-05", "a loan at or below its call line was liquidated");
        else if (isSoft && !(_callOf(z.id).isDue && _isSequencerReady())) {
            _violated("INV-05", "a loan between its lines was liquidated, and no call was due");
        }
        _checkAmounts(z, before, debt);
        counts[isSoft ? "soft" : "hard"]++;
        if (_isFixed(z.id)) counts["fixed-term liquidated"]++;

        // A wei for the value and one for the line, which are rounded down; and for a pledge that is taken whole a unit of
        // the debt's base, which its price may fail to take off.
        uint256 rest = pledgeOf[z.id][z.listing] - z.seized;
        uint256 lenient = 2 + (rest == 0 ? _dustOf(z.id) : 0);
        dust += _dustOf(z.id);
        _setBase(z.id, z.repaid == debt ? 0 : accounts[z.id].base - _retired(z.id, z.repaid));
        pledgeOf[z.id][z.listing] = rest;
        uint256 debtLeft = _debt(z.id);
        bool isEmpty = _pledgedCount(z.id) == 0;
        assertEq(z.lost, isEmpty ? debtLeft : 0, "written off with the last pledge, and only then");
        if (isEmpty) {
            if (z.lost != 0) _enterLoss(z.id, z.lost);
            return;
        }
        if (debtLeft != 0) assertGe(debtLeft, rest == 0 ? 0 : minDebt, "a debt too small to be a loan");
        _checkCover(before, _sums(pledgeOf[z.id]), debt, debtLeft, lenient);
        _reviewCall(z.id, false);
    }

    function _enterLoss(uint256 id, uint256 lost) internal {
        dust += _dustOf(id);
        _setBase(id, 0);
        lossBooked = true;
        writtenOff += lost;
    }

    // ----------------------------------------------------------------------------------------------------- Checking

    /// @dev INV-06: no more than x is repaid, no more is seized than what that and the bonus are worth; and a tenth of the bonus's
    /// part is the caller's whose margin call has stood for ten minutes.
    function _checkAmounts(Seizure memory z, Sums memory s, uint256 debt) private {
        uint256 beta = _bonus(s, debt, z.id, z.listing);
        if (z.repaid > _repayLimit(s, debt, beta, z.listing, pledgeOf[z.id][z.listing])) {
            _violated("INV-06", "more than x was repaid");
        }
        uint256 price = _prices(z.listing).forLiquidation;
        if ((z.seized * price) / PRICE_ONE > (z.repaid * (WAD + beta)) / WAD + z.repaid / 1e12 + 1) {
            _violated("INV-06", "more was seized than was paid for");
        }
        Account memory a = accounts[z.id];
        bool earns = a.caller != address(0) && _callOf(z.id).isAlive && clock() >= a.calledAt + 10 minutes;
        uint256 credit = earns ? (z.seized * beta) / (10 * (WAD + beta)) : 0;
        assertApproxEqAbs(z.credit, credit, credit / 1e6 + z.seized / 1e12, "credit");
        if (z.credit == 0) return;
        assertEq(z.creditor, a.caller, "creditor");
        creditOf[z.creditor][z.listing] += z.credit;
        credited[z.listing] += z.credit;
        counts["credit"]++;
    }

    /// @dev INV-06: the excess over the line shrinks, over either line; while V >= 1.01 D, debt / value does not rise.
    function _checkCover(
        Sums memory before,
        Sums memory left,
        uint256 debt,
        uint256 debtLeft,
        uint256 lenient
    ) private {
        if (debtLeft + before.liquidationLine > debt + left.liquidationLine + lenient) {
            _violated("INV-06", "the excess over the liquidation line grew");
        }
        if (before.value * 100 < debt * 101) return;
        if (debtLeft + before.callLine > debt + left.callLine + lenient) {
            _violated("INV-06", "the excess over the call line grew");
        }
        uint256 counted = debtLeft > lenient ? debtLeft - lenient : 0;
        if (counted * before.value > debt * (left.value + lenient)) _violated("INV-06", "the loan is covered worse");
    }

    /// @dev x of the design's section 9: `min(D, (D - T) / (1 - t (1 + β)))`, rounded up, at most the pledge's value /
    /// (1 + β); all if less than the smallest debt would remain, or if V < 1.01 D.
    function _repayLimit(
        Sums memory s,
        uint256 debt,
        uint256 beta,
        uint256 n,
        uint256 pledged
    ) private view returns (uint256 limit) {
        bool isSoft = debt <= s.liquidationLine;
        (uint256 target, uint256 ltv) = isSoft ? (s.callLine, terms[n].callLtv) : (s.target, terms[n].borrowLtv);
        limit = debt <= target ? 0 : _ceilDiv((debt - target) * WAD * BPS, WAD * BPS - ltv * (WAD + beta));
        limit += limit / 1e12 + 1; // the divisor has 18 decimals
        if (s.value * 100 < debt * 101 || limit + minDebt > debt) limit = debt;
        uint256 whole = _ceilDiv(_ceilDiv(pledged * _prices(n).forLiquidation, PRICE_ONE) * WAD, WAD + beta);
        return _min(limit, whole);
    }

    /// @dev The larger of the hard bonus and the soft one, and what a lower seizing price adds; at most the equity that is left, or
    /// 1 % if that is more.
    function _bonus(Sums memory s, uint256 debt, uint256 id, uint256 n) private view returns (uint256 beta) {
        beta = _max(_hardBonus(s, debt, n), _softBonus(s, debt, id));
        Prices memory p = _prices(n);
        beta = ((WAD + beta) * p.forLiquidation) / p.forSeizure - WAD;
        uint256 equity = s.seizableValue > debt ? ((s.seizableValue - debt) * WAD) / debt : 0;
        return _min(beta, _max(equity, LAST_BONUS));
    }

    /// @dev Steeper the further above the liquidation line, up to the listing's most.
    function _hardBonus(Sums memory s, uint256 debt, uint256 n) internal view returns (uint256 beta) {
        if (debt <= s.liquidationLine) return 0;
        beta = (uint256(terms[n].maxBonus) * WAD) / BPS;
        uint256 steep = terms[n].bonusSlope * (debt - s.liquidationLine) * (WAD / BPS);
        if (s.liquidationLine != 0) beta = _min(beta, steep / s.liquidationLine);
    }

    /// @dev 1.5 %, over two hours past the deadline, and over the way from the call line to the liquidation line.
    function _softBonus(Sums memory s, uint256 debt, uint256 id) internal view returns (uint256) {
        Call memory call = _callOf(id);
        if (!call.isDue || !_isSequencerReady() || debt <= s.callLine) return 0;
        uint256 whole = SOFT_BONUS * _min(clock() - call.deadline, 2 hours);
        if (debt >= s.liquidationLine) return whole / 2 hours;
        return (whole * (debt - s.callLine)) / (2 hours * (s.liquidationLine - s.callLine));
    }
}
