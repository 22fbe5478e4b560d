// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILenderVault} from "./interfaces/ILenderVault.sol";
import {Listings} from "./loans/Listings.sol";
import {Liquidations} from "./loans/Liquidations.sol";

/// @title LoanBook
/// @notice Holds the collateral of one market: borrowers pledge listed assets, draw the loan asset from the vault, repay,
/// and take their pledges back; liquidators sell what a loan above its line must lose.
///
/// Layers, bottom to top: {Listings} (what counts, and for how much), {Loans} (in the owner's hands), {Liquidations} (out of
/// them).
///
/// Collateral: an ERC-20 that moves exactly the amount it is told to and whose balances change only by transfers.
///
/// Feeds: Chainlink's AggregatorV3Interface. A feed that is dead, stale or out of its bounds lets nobody borrow against the
/// asset, start to pledge it, or seize it; it never stops a repayment, a further pledge within the cap, or the release of a
/// debt-free loan.
///
/// Powers: the owner adds listings and changes caps, at once, until governance with delays takes over. Nobody can change the
/// terms of a standing loan, move its collateral, or upgrade the contract. But whoever can list a worthless token with a feed of
/// its own can borrow all cash against it: lenders trust the owner with that.
///
/// Rounding: debts and what a liquidator pays round up; limits, lines and what a liquidator gets round down.
contract LoanBook is Liquidations {
    /// @param vault The vault, deployed with this contract's predicted address.
    /// @param owner_ Who may add listings and change caps.
    /// @param minDebt The smallest debt a loan may have. [asset]
    /// @param loanAssetFeed_ The loan asset's feed.
    /// @param peg What one loan asset is meant to be worth, in its feed's units; 0 for none.
    constructor(
        ILenderVault vault,
        address owner_,
        uint256 minDebt,
        FeedConfig memory loanAssetFeed_,
        uint256 peg
    ) Listings(vault, owner_, minDebt, loanAssetFeed_, peg) {}
}
