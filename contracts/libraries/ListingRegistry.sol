// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {PriceFeeds} from "./PriceFeeds.sol";

/// @dev A listing as stored. The terms stand here one by one, because a structure within another would start a slot of its own. A
/// borrow reads the first two slots, and the fourth only if the first source's flags say so.
/// ```
/// slot 0   255         240 239      224 223     208 207           192 191    176 175     160 159        0
///          |maxDeviation  | bonusSlope | maxBonus  | liquidationLtv  | callLtv  | borrowLtv |    token   |
/// slot 1   the first source, and the listing's flags (see PriceFeeds.Source)
/// slot 2   255  248 247     208 207                     104 103                                      0
///          | next |capLoweredAt |           held           |                  cap                    |
/// slot 3   the second source; empty if there is none
/// ```
struct StoredListing {
    address token; // slot 0: what never changes
    uint16 borrowLtv; // [bps] see ILoanBook.Terms
    uint16 callLtv; // [bps]
    uint16 liquidationLtv; // [bps]
    uint16 maxBonus; // [bps]
    uint16 bonusSlope; // [bps]
    uint16 maxDeviation; // [bps]
    PriceFeeds.Source source; // slot 1
    uint104 cap; // slot 2 [token]
    uint104 held; // [token] what loans pledge, and credits that nobody has claimed yet
    uint40 capLoweredAt; // [s] a proposal to raise the cap that is not younger is void
    uint8 next; // 1 + the next listing of the same token, in a ring; 0 if there is no other
    PriceFeeds.Source secondSource; // slot 3
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

/// @dev A listing's terms as the interface speaks of them.
function termsOf(StoredListing storage stored) view returns (ILoanBook.Terms memory) {
    return
        ILoanBook.Terms({
            borrowLtv: stored.borrowLtv,
            callLtv: stored.callLtv,
            liquidationLtv: stored.liquidationLtv,
            maxBonus: stored.maxBonus,
            bonusSlope: stored.bonusSlope,
            maxDeviation: stored.maxDeviation
        });
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
