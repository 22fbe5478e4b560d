// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILoanBook} from "./ILoanBook.sol";

/// @title IBookActions
/// @notice What can be proposed to a {LoanBook}. These are not functions of the book: each is encoded like a call of this
/// interface, proposed, and executed by {IProposals-execute}.
interface IBookActions {
    /// @notice Adds a listing, after {IProposals-PROPOSAL_DELAY}. Its terms never change.
    function addListing(ILoanBook.ListingConfig calldata config) external;

    /// @notice Raises the cap of a listing, after {IProposals-PROPOSAL_DELAY}. [token]
    function raiseCap(uint256 listing, uint256 cap) external;

    /// @notice Replaces both sources of a listing: from day 14 if old and new agree within the listing's `maxDeviation`, from day
    /// 30 whatever the old ones say, from day 3 if all the old ones are dead.
    /// @dev Dead is who was broken (no answer, or one outside its bounds) at both steps, or too old at both without an update
    /// in between; feeds or limits that were replaced in between were not dead at both. The new feeds must be live, and pass
    /// what a new listing's must.
    /// @param secondFeed Its feed is zero for a single source.
    function replaceFeeds(
        uint256 listing,
        ILoanBook.FeedConfig calldata feed,
        ILoanBook.FeedConfig calldata secondFeed
    ) external;

    /// @notice Replaces the loan asset's feed by one of the same decimals, within the bounds of the first, after the delays of
    /// {replaceFeeds}; old and new agree within 2 %.
    function replaceLoanAssetFeed(ILoanBook.FeedConfig calldata feed) external;

    /// @notice Replaces the sequencer's feed, after the delays of {replaceFeeds}; old and new agree if both say up or both say
    /// down.
    function replaceSequencerFeed(address feed) external;
}
