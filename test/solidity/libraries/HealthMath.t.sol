// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {HealthMath} from "../../../contracts/libraries/HealthMath.sol";
import {BaseTest} from "../helpers/BaseTest.sol";
import {Reference} from "../helpers/Reference.sol";

/// @notice {HealthMath} against the definitions of its roundings.
contract HealthMathTest is BaseTest {
    uint256 private constant PRICE_ONE = 1e36;

    function testFuzz_Value_roundsAsNamed(uint256 tokens, uint256 price) public pure {
        tokens = bound(tokens, 0, type(uint104).max);
        price = bound(price, 0, type(uint240).max);
        uint256 down = HealthMath.valueDown(tokens, price);
        uint256 up = HealthMath.valueUp(tokens, price);
        assertLe(down, 2 ** 225); // what the sums of the lines rely on
        assertTrue(Reference.productAtMost(down, PRICE_ONE, tokens, price));
        assertFalse(Reference.productAtMost(down + 1, PRICE_ONE, tokens, price));
        assertTrue(Reference.productAtMost(tokens, price, up, PRICE_ONE));
        assertLe(up - down, 1);
    }

    function testFuzz_Share_roundsDown(uint256 value, uint256 share) public pure {
        value = bound(value, 0, 2 ** 225);
        share = bound(share, 0, BPS);
        uint256 part = HealthMath.shareDown(value, share);
        assertLe(part * BPS, value * share);
        assertGt((part + 1) * BPS, value * share);
    }

    /// @dev Adding what cures brings the call line to the debt; a token less than that and a wei of slack does not.
    function testFuzz_TokensToCure_curesAndNoMore(
        uint256 tokens,
        uint256 price,
        uint256 callLtv,
        uint256 excess
    ) public pure {
        tokens = bound(tokens, 0, 1e30);
        price = bound(price, 1e20, 1e45);
        callLtv = bound(callLtv, 1, 9_400);
        excess = bound(excess, 1, 1e30);
        uint256 line = (((tokens * price) / PRICE_ONE) * callLtv) / BPS;
        uint256 debt = line + excess;
        uint256 cure = HealthMath.tokensToCure(debt, line, callLtv, price);
        assertGe(lineOf(tokens, cure, price, callLtv), debt);
        uint256 slack = (2 * BPS * PRICE_ONE) / (callLtv * price) + 2; // what moves the line by two wei
        if (cure > slack) assertLt(lineOf(tokens, cure - slack, price, callLtv), debt);
    }

    /// @dev The call line of a pledge that was added to. The product may need more than 256 bits.
    function lineOf(uint256 tokens, uint256 added, uint256 price, uint256 callLtv) private pure returns (uint256) {
        uint256 value = Math512.mulDiv(tokens + added, price, PRICE_ONE);
        return (value * callLtv) / BPS;
    }
}

/// @notice Long division of a 512-bit product by 1e36, digit by digit: slow, and nothing of OpenZeppelin's.
library Math512 {
    function mulDiv(uint256 a, uint256 b, uint256 denominator) internal pure returns (uint256 quotient) {
        (uint256 remainder, uint256 low) = Reference.fullProduct(a, b);
        require(remainder < denominator);
        for (uint256 i = 0; i < 256; i++) {
            remainder = remainder * 2 + (low >> 255); // below 2 × 1e36
            low <<= 1;
            quotient <<= 1;
            if (remainder >= denominator) (remainder, quotient) = (remainder - denominator, quotient + 1);
        }
    }
}
