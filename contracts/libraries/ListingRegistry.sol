// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {StoredTerms} from "./ListingTerms.sol";
import {MAX_SET} from "./PledgeSet.sol";
import {FeedSource} from "./PriceFeeds.sol";

/// @dev A listing as stored. What moves with every pledge stands beside the token; a borrow reads the second slot alone, and the fourth
/// if the source's flags say so.
/// ```
/// slot 0   255                       160 159                                                        0
///          |            held            |                          token                            |
/// slot 1   the first source, and the listing's flags (see FeedSource)
/// slot 2   255 248 247              152 151  144 143                104 103                         0
///          |  (8) |      terms         |  next  |    capLoweredAt     |             cap             |
/// slot 3   the second source; empty if there is none
/// ```
struct StoredListing {
    address token; // slot 0
    uint96 held; // [token] what loans pledge, and credits that nobody has claimed yet
    FeedSource source; // slot 1
    uint96 cap; // slot 2 [token]
    uint40 capLoweredAt; // [s] a proposal to raise the cap that is not younger is void
    uint8 next; // 1 + the next listing of the same token, in a ring; 0 if there is no other
    StoredTerms terms;
    FeedSource secondSource; // slot 3
}

/// @dev What a book fixes for ever about prices. Read only where listings and feeds are changed, so it need not be in the code.
struct PriceFrame {
    address loanAsset;
    uint256 minDebt; // [asset]
    uint256 peg; // [loan feed decimals] 0 for none
    uint256 exponent; // 36 + decimals of the loan asset's feed + decimals of the loan asset
    uint256 lowest; // [loan feed decimals] the lowest and highest answer that ever count for the loan asset
    uint256 highest;
}

/// @dev Everything that a book knows of its assets.
struct Registry {
    FeedSource loanAsset; // slot 0
    uint256 count; // slot 1: of listings
    address sequencerFeed; // slot 2: zero if the chain has no sequencer
    StoredListing[MAX_SET] listings; // slots 3…162, by number: finding one costs no hash
    PriceFrame frame; // slots 163…168
}

using {existing} for Registry global;

/// @dev The listing with a number, which must exist.
function existing(Registry storage registry, uint256 listing) view returns (StoredListing storage stored) {
    bool exists = listing < MAX_SET && registry.listings[listing].token != address(0);
    require(exists, ILoanBook.ListingNotFound(listing, registry.count));
    stored = registry.listings[listing];
}
