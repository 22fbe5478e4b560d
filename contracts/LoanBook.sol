// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Listings} from "./loans/Listings.sol";
import {Liquidations} from "./loans/Liquidations.sol";

/// @title LoanBook
/// @notice Holds the collateral of one market: borrowers pledge listed assets, draw the loan asset from the vault, repay,
/// and take their pledges back; monitors call margin; liquidators sell what a loan above its line must lose.
///
/// Layers, bottom to top: {Listings} (what counts, and for how much), {Operators} (who may act for an owner), {Loans} (in the
/// owner's hands), {Terms} (at a fixed rate), {MarginCalls} (notice), {Liquidations} (out of its hands). What is rare is in libraries
/// linked to the book, under contracts/logic.
///
/// Collateral: an ERC-20 that moves exactly the amount it is told to and whose balances change only by transfers.
///
/// Feeds: Chainlink's AggregatorV3Interface. A feed that is dead, stale or out of its bounds lets nobody borrow against the
/// asset, start to pledge it, or seize it; it never stops a repayment, a further pledge within the cap, or the release of a
/// debt-free loan.
///
/// Powers, by roles of an AccessManager: the curator adds listings, raises caps and replaces feeds, each after a proposal and
/// a delay that is a constant of the contract; the guardian lowers caps, retires listings and cancels proposals, at once.
/// Nobody can change the terms of a standing loan, move its collateral, or upgrade the contract. See docs/roles.md for the
/// worst that each can do.
///
/// Rounding: debts and what a liquidator pays round up; limits, lines and what a liquidator gets round down.
contract LoanBook is Liquidations {
    /// @param listings_ What the book accepts from the beginning: nobody has lent yet, so nothing waits.
    constructor(BookConfig memory config, ListingConfig[] memory listings_) Listings(config, listings_) {}
}
