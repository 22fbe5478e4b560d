// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {FixedPointMathLib} from "solady/src/utils/FixedPointMathLib.sol";

import {ILenderVault} from "../../../contracts/interfaces/ILenderVault.sol";
import {AveragedSupply} from "../../../contracts/libraries/AveragedSupply.sol";
import {Growth, LoanDebt} from "../../../contracts/libraries/LoanDebt.sol";
import {RateCurve} from "../../../contracts/libraries/RateCurve.sol";
import {NO_LOAN, StoredLoan} from "../../../contracts/libraries/StoredLoans.sol";
import {BaseTest} from "../helpers/BaseTest.sol";

/// @notice What the libraries compute without checks, against OpenZeppelin's 512-bit products and checked sums: over all that their
/// comments admit, small numbers as often as large, and at the largest.
contract UncheckedMathTest is BaseTest {
    using LoanDebt for *;

    uint256 private constant MAX_UINT32 = type(uint32).max;
    uint256 private constant MAX_UINT72 = type(uint72).max;
    uint256 private constant MAX_UINT80 = type(uint80).max;
    uint256 private constant MAX_UINT104 = type(uint104).max;
    uint256 private constant MAX_UINT128 = type(uint128).max;
    uint256 private constant YEAR = 31_536_000 * 1e9;

    // ---------------------------------------------------------------------------------------------------- LoanDebt

    /// @dev A base has grown, or not yet; with the fee it may be twice as much.
    function testFuzz_LoanDebt_doesNotOverflow(uint256 base, uint256[3] memory parts) public pure {
        uint256 unit = Math.max(1, sized(parts[0], 80));
        assertDebts(sized(base, 128), Math.max(unit, sized(parts[1], 80)), unit, sized(parts[2], 80));
    }

    function test_LoanDebt_atItsLargest() public pure {
        assertDebts(MAX_UINT128, MAX_UINT80, MAX_UINT80, MAX_UINT80);
        assertDebts(MAX_UINT128, MAX_UINT80, 1, MAX_UINT80);
        assertDebts(MAX_UINT128, MAX_UINT72, WAD, 0);
        assertDebts(0, MAX_UINT80, MAX_UINT80, 0);
    }

    function assertDebts(uint256 base, uint256 index, uint256 unit, uint256 fee) private pure {
        Growth growth = LoanDebt.toGrowth(index, unit, fee);
        assertEq(growth.debtUp(base), Math.mulDiv(base, index, unit, Math.Rounding.Ceil));
        assertEq(growth.feeUp(base), Math.mulDiv(base, fee, unit, Math.Rounding.Ceil));
        assertEq(growth.feeDown(base), Math.mulDiv(base, fee, unit));
        assertEq(growth.baseDown(base), Math.mulDiv(base, unit, index));
        assertEq(growth.baseWithFeeDown(base), Math.mulDiv(base, unit, index + fee));
        assertEq(growth.retiredDown(base), Math.mulDiv(Math.mulDiv(base, unit, index), index, unit));
        assertEq(LoanDebt.scaledUp(base, index), Math.mulDiv(base, WAD, index, Math.Rounding.Ceil));
    }

    /// @dev Over all that a term's fields hold, up to the last second of 32 bits.
    function testFuzz_Growth_fitsItsFields(uint32 since, uint32 maturity, uint32 rate, uint256 time) public {
        assertTermGrowth(since, maturity, rate, bound(time, since, MAX_UINT32));
    }

    function test_Growth_atItsLargest() public {
        assertTermGrowth(0, MAX_UINT32, MAX_UINT32, MAX_UINT32);
        assertTermGrowth(0, MAX_UINT32, MAX_UINT32, 1);
    }

    function assertTermGrowth(uint256 since, uint256 maturity, uint256 rate, uint256 time) private {
        vm.warp(time);
        Growth growth = NO_LOAN.withTerm(since, maturity, rate).growthOf(WAD);
        assertEq(growth.indexOf(), YEAR + rate * (time - since));
        assertEq(growth.unitOf(), YEAR);
        assertEq(growth.breakFeeOf(), rate * Math.min(7 days, maturity > time ? maturity - time : 0));
    }

    /// @dev Onto the sums of as many of the largest parts as are ever added up.
    function testFuzz_Accumulate_doesNotOverflow(uint256 base, uint32 rate, uint32 since, bool isFixed) public pure {
        assertAccumulated(sized(base, 104), rate, since, isFixed);
    }

    function test_Accumulate_atItsLargest() public pure {
        assertAccumulated(MAX_UINT104, MAX_UINT32, MAX_UINT32, true);
        assertAccumulated(MAX_UINT104, 0, 0, false);
    }

    function assertAccumulated(uint256 base, uint256 rate, uint256 since, bool isFixed) private pure {
        StoredLoan loan = isFixed ? NO_LOAN.withTerm(since, 1, rate) : NO_LOAN;
        uint256 most = (2 ** 64 - 1) * MAX_UINT104;
        ILenderVault.Debts memory sum = ILenderVault.Debts(
            most,
            most,
            most * MAX_UINT32,
            most * MAX_UINT32 * MAX_UINT32
        );
        ILenderVault.Debts memory expected = ILenderVault.Debts(sum.scaled, sum.principal, sum.weighted, sum.dated);
        if (isFixed) {
            expected.principal += base;
            expected.weighted += base * rate;
            expected.dated += base * rate * since;
        } else {
            expected.scaled += base;
        }
        sum.accumulate(loan, base);
        assertEq(abi.encode(sum), abi.encode(expected));
    }

    // --------------------------------------------------------------------------------------------------- RateCurve

    function testFuzz_Utilisation_doesNotOverflow(uint256 cash, uint256 debt) public pure {
        assertUtilisation(sized(cash, 104), sized(debt, 192));
    }

    function test_Utilisation_atItsLargest() public pure {
        assertUtilisation(MAX_UINT104, type(uint192).max);
        assertUtilisation(0, type(uint192).max);
        assertUtilisation(MAX_UINT104, 1);
        assertUtilisation(MAX_UINT104, 0);
        assertUtilisation(0, 0);
    }

    function assertUtilisation(uint256 cash, uint256 debt) private pure {
        assertEq(RateCurve.utilisation(cash, debt), debt == 0 ? 0 : Math.mulDiv(debt, WAD, cash + debt));
    }

    function testFuzz_Grown_doesNotOverflow(uint256 index, uint256 rate, uint256 elapsed) public pure {
        assertGrown(sized(index, 72), bound(rate, 0, WAD), sized(elapsed, 32));
    }

    function test_Grown_atItsLargest() public pure {
        assertGrown(MAX_UINT72, WAD, MAX_UINT32);
        assertGrown(MAX_UINT72, 0, MAX_UINT32);
        assertGrown(MAX_UINT72 - 1, 1, 365 days);
        assertGrown(WAD, WAD, MAX_UINT32);
        assertGrown(WAD, WAD, 0);
    }

    function assertGrown(uint256 index, uint256 rate, uint256 elapsed) private pure {
        uint256 first = (rate * elapsed) / 365 days;
        uint256 second = Math.mulDiv(first, first, 2 * WAD);
        uint256 growth = first + second + Math.mulDiv(second, first, 3 * WAD);
        assertEq(RateCurve.growth(rate, elapsed), growth);
        uint256 next = index + Math.mulDiv(index, growth, WAD, Math.Rounding.Ceil);
        assertEq(RateCurve.grown(index, rate, elapsed), Math.min(next, MAX_UINT72));
    }

    // ---------------------------------------------------------------------------------------------- AveragedSupply

    /// @dev Any stored word, also one that packing never makes; any supply.
    function testFuzz_Next_doesNotOverflow(uint48 average, uint256 supply, uint256 elapsed) public pure {
        assertNext(average, sized(supply, 256), sized(elapsed, 32));
    }

    function test_Next_atItsLargest() public pure {
        for (uint256 i = 0; i < 4; i++) {
            uint256 elapsed = [uint256(0), 1, 7 days, MAX_UINT32][i];
            assertNext(type(uint48).max, type(uint256).max, elapsed);
            assertNext(type(uint48).max, 0, elapsed);
            assertNext(0, type(uint256).max, elapsed);
            assertNext(63, AveragedSupply.MAX, elapsed); // nothing, with the largest exponent
            assertNext(type(uint48).max, AveragedSupply.MAX - 1, elapsed);
        }
    }

    function assertNext(uint48 average, uint256 supply, uint256 elapsed) private pure {
        uint256 before = (average / 64) * 2 ** (average % 64);
        uint256 capped = Math.min(supply, (2 ** 42 - 1) * 2 ** 63);
        uint256 exponent = Math.min((elapsed * WAD) / (capped > before ? 7 days : 12 hours), 42e18);
        uint256 kept = uint256(FixedPointMathLib.expWad(-int256(exponent)));
        uint256 next =
            capped > before
                ? before + Math.mulDiv(capped - before, WAD - kept, WAD)
                : capped + Math.mulDiv(before - capped, kept, WAD);
        uint256 grains = 0;
        while (next >> grains >= 2 ** 42) grains++;
        assertEq(AveragedSupply.next(average, supply, elapsed), (next >> grains) * 64 + grains);
    }
}
