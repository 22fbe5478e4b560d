// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @dev The first of a vault's two hot slots: what open-term loans owe, and what is known of the past.
/// ```
/// 255             208 207       176 175           104 103             0
/// | averagedSupply  | lastAccrual |     index      |    scaledDebt    |
/// ```
/// See {ILenderVault-State}.
type DebtSlot is uint256;

/// @dev The second: what is there, and how it is lent.
/// ```
/// 255 248 247     200 199                      104 103             0
/// |flags| rateAtTarget|         reserves          |       cash       |
/// ```
type CashSlot is uint256;

using VaultSlots for DebtSlot global;
using VaultSlots for CashSlot global;

/// @title VaultSlots
/// @notice Reads and changes the fields of a vault's two hot slots in their words, so that no call copies them into memory and back.
/// @dev Each setter takes a value that fits its field; who calls it says why it does.
library VaultSlots {
    uint256 private constant INDEX = 104;
    uint256 private constant LAST_ACCRUAL = 176;
    uint256 private constant AVERAGED_SUPPLY = 208;
    uint256 private constant RESERVES = 104;
    uint256 private constant RATE_AT_TARGET = 200;
    uint256 private constant FLAGS = 248;

    uint256 private constant AMOUNT_MASK = type(uint104).max;
    uint256 private constant RESERVES_MASK = uint256(type(uint96).max) << RESERVES;
    uint256 private constant RATE_MASK = uint256(type(uint48).max) << RATE_AT_TARGET;

    function scaledDebt(DebtSlot slot) internal pure returns (uint256) {
        return DebtSlot.unwrap(slot) & AMOUNT_MASK;
    }

    function index(DebtSlot slot) internal pure returns (uint256) {
        return uint72(DebtSlot.unwrap(slot) >> INDEX); // without what is above it, as below
    }

    function lastAccrual(DebtSlot slot) internal pure returns (uint256) {
        return uint32(DebtSlot.unwrap(slot) >> LAST_ACCRUAL);
    }

    function averagedSupply(DebtSlot slot) internal pure returns (uint48) {
        return uint48(DebtSlot.unwrap(slot) >> AVERAGED_SUPPLY);
    }

    function cash(CashSlot slot) internal pure returns (uint256) {
        return CashSlot.unwrap(slot) & AMOUNT_MASK;
    }

    function reserves(CashSlot slot) internal pure returns (uint256) {
        return uint96(CashSlot.unwrap(slot) >> RESERVES);
    }

    function rateAtTarget(CashSlot slot) internal pure returns (uint256) {
        return uint48(CashSlot.unwrap(slot) >> RATE_AT_TARGET);
    }

    function flags(CashSlot slot) internal pure returns (uint256) {
        return CashSlot.unwrap(slot) >> FLAGS;
    }

    /// @notice True if a flag is set.
    function has(CashSlot slot, uint256 flag) internal pure returns (bool) {
        return CashSlot.unwrap(slot) & (flag << FLAGS) != 0;
    }

    function withScaledDebt(DebtSlot slot, uint256 scaledDebt_) internal pure returns (DebtSlot) {
        return DebtSlot.wrap((DebtSlot.unwrap(slot) & ~AMOUNT_MASK) | scaledDebt_);
    }

    /// @notice The slot after an accrual: only the scaled debt is as it was.
    function accrued(
        DebtSlot slot,
        uint256 index_,
        uint256 lastAccrual_,
        uint256 averagedSupply_
    ) internal pure returns (DebtSlot) {
        uint256 word = (index_ << INDEX) | (lastAccrual_ << LAST_ACCRUAL) | (averagedSupply_ << AVERAGED_SUPPLY);
        return DebtSlot.wrap((DebtSlot.unwrap(slot) & AMOUNT_MASK) | word);
    }

    function withCash(CashSlot slot, uint256 cash_) internal pure returns (CashSlot) {
        return CashSlot.wrap((CashSlot.unwrap(slot) & ~AMOUNT_MASK) | cash_);
    }

    function withReserves(CashSlot slot, uint256 reserves_) internal pure returns (CashSlot) {
        return CashSlot.wrap((CashSlot.unwrap(slot) & ~RESERVES_MASK) | (reserves_ << RESERVES));
    }

    function withRateAtTarget(CashSlot slot, uint256 rateAtTarget_) internal pure returns (CashSlot) {
        return CashSlot.wrap((CashSlot.unwrap(slot) & ~RATE_MASK) | (rateAtTarget_ << RATE_AT_TARGET));
    }

    /// @notice The slot with a flag set.
    function with(CashSlot slot, uint256 flag) internal pure returns (CashSlot) {
        return CashSlot.wrap(CashSlot.unwrap(slot) | (flag << FLAGS));
    }

    /// @notice The slot with a flag cleared.
    function without(CashSlot slot, uint256 flag) internal pure returns (CashSlot) {
        return CashSlot.wrap(CashSlot.unwrap(slot) & ~(flag << FLAGS));
    }
}
