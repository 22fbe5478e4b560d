// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {CashSlot, DebtSlot} from "../../../contracts/libraries/VaultSlots.sol";
import {BaseTest} from "../helpers/BaseTest.sol";

/// @notice {DebtSlot} and {CashSlot} against structs that the compiler packs, of the widths of {ILenderVault-State}.
contract VaultSlotsTest is BaseTest {
    /// @dev From the lowest bits up, as the other.
    struct DebtFields {
        uint104 scaledDebt;
        uint72 index;
        uint32 lastAccrual;
        uint48 averagedSupply;
    }

    struct CashFields {
        uint104 cash;
        uint96 reserves;
        uint48 rateAtTarget;
        uint8 flags;
    }

    /// @dev The slots in which words become fields, and fields words.
    DebtFields private debtSlot;
    CashFields private cashSlot;

    // ---------------------------------------------------------------------------------------------------- Accessors

    function testFuzz_Accessors_readTheirFields(uint256 debt, uint256 cash, uint8 flag) public {
        DebtFields memory d = fieldsOf(DebtSlot.wrap(debt));
        assertEq(DebtSlot.wrap(debt).scaledDebt(), d.scaledDebt);
        assertEq(DebtSlot.wrap(debt).index(), d.index);
        assertEq(DebtSlot.wrap(debt).lastAccrual(), d.lastAccrual);
        assertEq(DebtSlot.wrap(debt).averagedSupply(), d.averagedSupply);
        CashFields memory c = fieldsOf(CashSlot.wrap(cash));
        assertEq(CashSlot.wrap(cash).cash(), c.cash);
        assertEq(CashSlot.wrap(cash).reserves(), c.reserves);
        assertEq(CashSlot.wrap(cash).rateAtTarget(), c.rateAtTarget);
        assertEq(CashSlot.wrap(cash).flags(), c.flags);
        assertEq(CashSlot.wrap(cash).has(flag), c.flags & flag != 0);
    }

    // ------------------------------------------------------------------------------------------------------ Setters

    function testFuzz_WithScaledDebt_changesItOnly(uint256 word, uint104 scaledDebt) public {
        DebtFields memory f = fieldsOf(DebtSlot.wrap(word));
        f.scaledDebt = scaledDebt;
        assertSlot(DebtSlot.wrap(word).withScaledDebt(scaledDebt), f);
    }

    function testFuzz_Accrued_changesAllButTheDebt(uint256 word, uint72 index, uint32 time, uint48 average) public {
        DebtFields memory f = fieldsOf(DebtSlot.wrap(word));
        (f.index, f.lastAccrual, f.averagedSupply) = (index, time, average);
        assertSlot(DebtSlot.wrap(word).accrued(index, time, average), f);
    }

    function testFuzz_WithCash_changesItOnly(uint256 word, uint104 cash) public {
        CashFields memory f = fieldsOf(CashSlot.wrap(word));
        f.cash = cash;
        assertSlot(CashSlot.wrap(word).withCash(cash), f);
    }

    function testFuzz_WithReserves_changesThemOnly(uint256 word, uint96 reserves) public {
        CashFields memory f = fieldsOf(CashSlot.wrap(word));
        f.reserves = reserves;
        assertSlot(CashSlot.wrap(word).withReserves(reserves), f);
    }

    function testFuzz_WithRateAtTarget_changesItOnly(uint256 word, uint48 rateAtTarget) public {
        CashFields memory f = fieldsOf(CashSlot.wrap(word));
        f.rateAtTarget = rateAtTarget;
        assertSlot(CashSlot.wrap(word).withRateAtTarget(rateAtTarget), f);
    }

    /// @dev Any set of flags at once, too.
    function testFuzz_Flags_changeThemselvesOnly(uint256 word, uint8 flag) public {
        CashFields memory f = fieldsOf(CashSlot.wrap(word));
        f.flags |= flag;
        assertSlot(CashSlot.wrap(word).with(flag), f);
        f.flags ^= flag;
        assertSlot(CashSlot.wrap(word).without(flag), f);
    }

    // ------------------------------------------------------------------------------------------------------ Helpers

    function fieldsOf(DebtSlot word) private returns (DebtFields memory) {
        assembly ("memory-safe") {
            sstore(debtSlot.slot, word)
        }
        return debtSlot;
    }

    function fieldsOf(CashSlot word) private returns (CashFields memory) {
        assembly ("memory-safe") {
            sstore(cashSlot.slot, word)
        }
        return cashSlot;
    }

    function assertSlot(DebtSlot word, DebtFields memory expected) private {
        debtSlot = expected;
        uint256 packed;
        assembly ("memory-safe") {
            packed := sload(debtSlot.slot)
        }
        assertEq(DebtSlot.unwrap(word), packed);
    }

    function assertSlot(CashSlot word, CashFields memory expected) private {
        cashSlot = expected;
        uint256 packed;
        assembly ("memory-safe") {
            packed := sload(cashSlot.slot)
        }
        assertEq(CashSlot.unwrap(word), packed);
    }
}
