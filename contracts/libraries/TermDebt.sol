// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILenderVault} from "../interfaces/ILenderVault.sol";
import {Amounts} from "./Amounts.sol";

/// @title TermDebt
/// @notice What all fixed-term loans owe together, in three sums, so that the cost does not depend on how many there are.
/// @dev A loan of principal p and rate r owes p + p r (t - since) / UNIT at time t: simple interest, which is linear in t. So
/// all of them owe P + (W t - Z) / UNIT with P = Σ p, W = Σ p r and Z = Σ p r since. The sums are integers and exact; the one
/// division rounds down, and each loan's own rounds up.
library TermDebt {
    /// @notice A rate of 1e-9 a year, over a second: interest is principal × rate × time / UNIT.
    uint256 internal constant UNIT = 365 days * 1e9;

    /// @notice The fee for ending a term early: the interest of this long, or of the time left if that is less. [s]
    uint256 internal constant BREAK_TIME = 7 days;

    /// @notice The sums. Two slots.
    /// @dev W and Z fit whenever P does: a rate has 32 bits, a time too.
    /// ```
    /// slot 0   255   240 239                          104 103             0
    ///          |   (16)  |            weighted           |    principal    |
    /// slot 1   255               168 167                                  0
    ///          |         (88)       |                dated                |
    /// ```
    struct Sums {
        uint104 principal; // [asset] P
        uint136 weighted; // [asset × 1e-9/year] W
        uint168 dated; // [asset × 1e-9/year × s] Z
    }

    /// @notice What the loans owe at a time that is not before any of them began. [asset], rounded down.
    function owed(Sums memory sums, uint256 time) internal pure returns (uint256) {
        return sums.principal + (sums.weighted * time - sums.dated) / UNIT; // 168 bits; W t ≥ Z since t ≥ since
    }

    /// @notice Adds what a loan contributes.
    /// @dev Reverts with {Amounts-AmountTooLarge} if the principals no longer fit.
    function add(Sums memory sums, ILenderVault.Debts memory debts) internal pure {
        sums.principal = Amounts.toUint104(sums.principal + debts.principal);
        sums.weighted = uint136(sums.weighted + debts.weighted); // at most P × 2^32
        sums.dated = uint168(sums.dated + debts.dated); // at most W × 2^32
    }

    /// @notice Takes off what a loan contributes.
    function remove(Sums memory sums, ILenderVault.Debts memory debts) internal pure {
        sums.principal -= uint104(debts.principal); // part of the sum
        sums.weighted -= uint136(debts.weighted); // likewise
        sums.dated -= uint168(debts.dated); // likewise
    }
}
