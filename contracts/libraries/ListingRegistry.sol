// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {PriceFeeds} from "./PriceFeeds.sol";

/// @dev A listing as stored: five slots, since a structure within another starts a slot of its own. A borrow reads slots 1 and 2,
/// and slot 4 only if the first source's flags say so.
/// ```
/// slot 0   255                           160 159                                                     0
///          |              (96)              |                         token                          |
/// slot 1   255            96 95        80 79      64 63    48 47          32 31     16 15            0
///          |     (160)      |maxDeviation|bonusSlope|maxBonus|liquidationLtv|callLtv  |   borrowLtv   |
/// slot 2   the first source, and the listing's flags (see PriceFeeds.Source)
/// slot 3   255             208 207                      104 103                                      0
///          |      (48)        |          pledged           |                  cap                    |
/// slot 4   the second source; empty if there is none
/// ```
struct StoredListing {
    address token; // slot 0: it never changes
    ILoanBook.Terms terms; // slot 1: nor do they
    PriceFeeds.Source source; // slot 2
    uint104 cap; // slot 3 [token]
    uint104 pledged; // [token]
    PriceFeeds.Source secondSource; // slot 4
}

/// @dev Everything that a book knows of its assets. Four slots.
struct Registry {
    PriceFeeds.Source loanAsset; // slot 0
    mapping(uint256 listing => StoredListing) listings; // slot 1, empty itself
    uint256 count; // slot 2: of listings
    address sequencerFeed; // slot 3: zero if the chain has no sequencer
}

/// @dev What a book fixes for ever about prices, from its immutables.
struct PriceFrame {
    address loanAsset;
    uint256 minDebt; // [asset]
    uint256 peg; // [loan feed decimals] 0 for none
    uint256 exponent; // 36 + decimals of the loan asset's feed + decimals of the loan asset
    uint256 lowest; // [loan feed decimals] the lowest and highest answer that ever count for the loan asset
    uint256 highest;
}

/// @dev A source as the interface speaks of it; all zero if it is empty.
function configOf(PriceFeeds.Source memory source) pure returns (ILoanBook.FeedConfig memory) {
    return
        ILoanBook.FeedConfig(
            address(source.feed),
            source.maxAge,
            PriceFeeds.unpackBound(source.minAnswer),
            PriceFeeds.unpackBound(source.maxAnswer)
        );
}
