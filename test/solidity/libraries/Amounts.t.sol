// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Amounts} from "../../../contracts/libraries/Amounts.sol";
import {BaseTest} from "../helpers/BaseTest.sol";
import {Reference} from "../helpers/Reference.sol";

contract AmountsTest is BaseTest {
    /// @dev `down` is the largest number whose product with the denominator is at most a × b; `up` the smallest that is at
    /// least that.
    function testFuzz_MulDiv_roundsAsNamed(uint256 a, uint256 b, uint256 denominator) public pure {
        denominator = bound(denominator, 1, type(uint256).max);
        a = bound(a, 0, denominator); // so the result fits
        uint256 down = Amounts.mulDivDown(a, b, denominator);
        uint256 up = Amounts.mulDivUp(a, b, denominator);
        assertTrue(Reference.productAtMost(down, denominator, a, b));
        assertTrue(Reference.productAtMost(a, b, up, denominator));
        bool isExact = Reference.productAtMost(a, b, down, denominator);
        assertEq(up, isExact ? down : down + 1);
    }

    function testFuzz_ToUint96_keepsWhatFits(uint256 value) public pure {
        value = bound(value, 0, type(uint96).max);
        assertEq(Amounts.toUint96(value), value);
    }

    function testFuzz_ToUint96_refusesTheRest(uint256 value) public {
        value = bound(value, uint256(type(uint96).max) + 1, type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(Amounts.AmountTooLarge.selector, value, type(uint96).max));
        this.toUint96(value);
    }

    function testFuzz_ToUint104_keepsWhatFits(uint256 value) public pure {
        value = bound(value, 0, type(uint104).max);
        assertEq(Amounts.toUint104(value), value);
    }

    function testFuzz_ToUint104_refusesTheRest(uint256 value) public {
        value = bound(value, uint256(type(uint104).max) + 1, type(uint256).max);
        vm.expectRevert(abi.encodeWithSelector(Amounts.AmountTooLarge.selector, value, type(uint104).max));
        this.toUint104(value);
    }

    // External calls, so that their reverts can be expected.

    function toUint96(uint256 value) external pure returns (uint96) {
        return Amounts.toUint96(value);
    }

    function toUint104(uint256 value) external pure returns (uint104) {
        return Amounts.toUint104(value);
    }
}
