// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ILenderVault} from "../../../contracts/interfaces/ILenderVault.sol";
import {ILoanBook} from "../../../contracts/interfaces/ILoanBook.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";
import {Reference} from "../helpers/Reference.sol";

/// @notice `assets / shares`: what a share is worth, virtual shares and the virtual unit with it.
struct Price {
    uint256 assets;
    uint256 shares;
}

/// @title VaultMeasures
/// @notice What the properties of an ERC-4626 vault are measured with.
abstract contract VaultMeasures is MarketFixture {
    uint256 internal constant VIRTUAL_SHARES = 1e6;

    /// @dev A year in the units of a fixed rate: interest is principal × rate × time / YEAR.
    uint256 private constant YEAR = 31_536_000 * 1e9;

    /// @dev The loans of the market in use.
    uint256[] internal loans;

    // ---------------------------------------------------------------------------------------------------- Measures

    /// @dev One whole loan asset.
    function whole() internal view returns (uint256) {
        return 10 ** asset.decimals();
    }

    /// @dev A random number of a range, small as often as large, and its ends now and then.
    function spread(uint256 x, uint256 min, uint256 max) internal pure returns (uint256) {
        uint256 size = max - min;
        uint256 bits = size == 0 ? 0 : Math.log2(size) + 1;
        uint256 shift = (x % 256) % (bits + 2);
        return shift == bits + 1 ? max : min + bound(x / 256, 0, size >> shift);
    }

    /// @dev One random number from another.
    function mix(uint256 x, uint256 salt) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(x, salt)));
    }

    /// @dev What lenders own, added up from the state and the loans of fixed terms: cash and debt but for reserves.
    function owned() internal view returns (uint256) {
        ILenderVault.State memory s = vault.accruedState();
        return s.cash + (uint256(s.scaledDebt) * s.index) / WAD + owedByTerms() - s.reserves;
    }

    /// @dev Their sum, rounded down once.
    function owedByTerms() internal view returns (uint256) {
        uint256 exact = 0; // [asset × YEAR]
        for (uint256 i = 0; i < loans.length; i++) {
            ILoanBook.Loan memory loan = book.loan(loans[i]);
            if (loan.maturity == 0) continue;
            exact += loan.base * (YEAR + loan.rate * (clock() - loan.since));
        }
        return exact / YEAR;
    }

    /// @dev What borrowers would pay to close every loan.
    function owed() internal view returns (uint256 sum) {
        for (uint256 i = 0; i < loans.length; i++) sum += book.debtOf(loans[i]);
    }

    function price() internal view returns (Price memory) {
        return Price(owned() + 1, vault.totalSupply() + VIRTUAL_SHARES);
    }

    /// @dev What somebody has: loan asset, and shares at their price.
    function worth(address who) internal view returns (uint256) {
        return asset.balanceOf(who) + vault.convertToAssets(vault.balanceOf(who));
    }

    // -------------------------------------------------------------------------------------------------- Assertions

    /// @dev A share is worth what it was, or more.
    function assertPriceKept(Price memory before) internal view {
        Price memory now_ = price();
        assertTrue(
            Reference.productAtMost(before.assets, now_.shares, now_.assets, before.shares),
            "the share price fell"
        );
    }

    /// @dev `result` is `amount × numerator / denominator` rounded down.
    function assertFloor(
        uint256 result,
        uint256 amount,
        uint256 numerator,
        uint256 denominator,
        string memory what
    ) internal pure {
        assertTrue(Reference.productAtMost(result, denominator, amount, numerator), what);
        assertFalse(Reference.productAtMost(result + 1, denominator, amount, numerator), what);
    }

    /// @dev `result` is `amount × numerator / denominator` rounded up.
    function assertCeil(
        uint256 result,
        uint256 amount,
        uint256 numerator,
        uint256 denominator,
        string memory what
    ) internal pure {
        assertTrue(Reference.productAtMost(amount, numerator, result, denominator), what);
        if (result != 0) assertFalse(Reference.productAtMost(amount, numerator, result - 1, denominator), what);
    }
}
