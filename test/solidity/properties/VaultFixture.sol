// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {ILoanBook} from "../../../contracts/interfaces/ILoanBook.sol";
import {Market} from "../helpers/MarketFixture.sol";
import {VaultMeasures} from "./VaultMeasures.sol";

/// @dev OpenZeppelin's errors of a tokenised vault; its interface does not have them.
error ERC4626ExceededMaxDeposit(address receiver, uint256 assets, uint256 max);
error ERC4626ExceededMaxMint(address receiver, uint256 shares, uint256 max);
error ERC4626ExceededMaxWithdraw(address owner, uint256 assets, uint256 max);
error ERC4626ExceededMaxRedeem(address owner, uint256 shares, uint256 max);

/// @notice Where a vault's life has led it.
enum Kind {
    Empty, // nobody has come yet
    Fresh, // deposits and no loan; up to all that 104 bits hold
    Lent, // a part is lent out
    LentOut, // all of it is
    Repaid, // all came back: cash, and reserves in it
    Swept, // the same without the reserves, and a part lent out again
    PartLost, // one of two loans was written off
    AllLost, // the only loan, of all there was, was written off
    Refilled, // and then somebody dared again
    Left, // interest was earned and every lender is gone
    Termed // a part is lent out, and a tenth for a fixed term
}

/// @notice A vault's life in random numbers.
struct Past {
    uint256 decimals; // of the loan asset
    uint256 kind;
    uint256 supply; // what was deposited
    uint256 split; // between two lenders
    uint256 utilisation; // what was lent of it
    uint256 time; // a part of it unbooked
}

/// @title VaultFixture
/// @notice Four markets of loan assets of 0, 2, 6 and 18 decimals, and the states that a vault can be brought into.
/// @dev Each market has two listings of a token without decimals, worth 0.4 dollars, so that even the largest amounts can be
/// borrowed: a loan of listing KEPT stays, one of listing LOST is written off.
///
/// A test of these is `isolate`: each call a transaction of its own. Within one, quotes for terms look past what was deposited.
abstract contract VaultFixture is VaultMeasures {
    uint256 internal constant KEPT = 0;
    uint256 internal constant LOST = 1;

    /// @dev The most that is deposited where it is lent: thirteen times as much, after three years, still has 104 bits.
    uint256 internal constant MOST_LENT = 1e30;
    uint256 internal constant LONGEST = 3 * 365 days;

    int256 private constant ANSWER = 0.4e18;

    address internal immutable saver = makeActor("saver");
    address internal immutable operator = makeActor("operator");
    address internal immutable heir = makeActor("heir");

    Market[] private _markets;

    // ------------------------------------------------------------------------------------------------- Deployment

    function setUp() public virtual override {
        vm.warp(START);
        uint8[4] memory decimals = [0, 2, 6, 18];
        for (uint256 i = 0; i < decimals.length; i++) {
            delete tokens;
            delete feeds;
            plan(0, 18, ANSWER, 1, 0.5e18, majorTerms());
            plan(0, 18, ANSWER, 1, 0.5e18, majorTerms());
            deployPair(decimals[i], MAX_UINT104);
            _markets.push(market());
        }
    }

    /// @dev Turns to one of the markets.
    function select(uint256 number) internal {
        Market memory chosen = _markets[number % _markets.length];
        (vault, book, asset, assetFeed) = (chosen.vault, chosen.book, chosen.asset, chosen.assetFeed);
        (tokens, feeds) = (chosen.tokens, chosen.feeds);
        delete loans;
    }

    function lowerCap(uint256 cap) internal {
        vm.prank(guardian);
        vault.lowerDepositCap(cap);
    }

    function sweep() internal {
        vm.prank(treasurer);
        vault.sweepReserves();
    }

    // ------------------------------------------------------------------------------------------------------ States

    /// @dev Brings one of the vaults to where `past` has it.
    function arrange(Past memory past) internal returns (Kind kind) {
        select(past.decimals);
        kind = Kind(past.kind % (uint256(type(Kind).max) + 1));
        uint256 before = spread(past.time, 0, LONGEST) / 2;
        if (kind == Kind.Fresh) {
            lendAsTwo(spread(past.supply, 1, MAX_UINT104), past.split);
        } else if (kind == Kind.Termed) {
            uint256 supply = spread(past.supply, 1_000 * whole(), mostLent(KEPT));
            lendAsTwo(supply, past.split);
            lendOut(KEPT, (supply * bound(past.utilisation, 1_000, 8_500)) / BPS);
            idle(30 days); // the average that terms are a share of begins at nothing
            lendTerm(supply / 10, mix(past.time, 1));
            idle(before);
        } else if (kind != Kind.Empty) {
            uint256 supply = spread(past.supply, 1_000 * whole(), mostLent(KEPT));
            uint256 part = (supply * bound(past.utilisation, 2_000, 9_999)) / BPS;
            lendAsTwo(supply, past.split);
            if (kind == Kind.PartLost) lendOut(KEPT, part / 2);
            bool isWhole = kind == Kind.LentOut || kind == Kind.AllLost || kind == Kind.Refilled;
            uint256 last = lendOut(
                kind < Kind.PartLost ? KEPT : LOST,
                isWhole
                    ? supply
                    : kind == Kind.PartLost
                        ? part / 2
                        : part
            );
            idle(before);
            if (kind == Kind.Repaid || kind == Kind.Swept || kind == Kind.Left) repayAll(last);
            if (kind == Kind.Swept) {
                if (vault.accruedState().reserves != 0) sweep();
                lendOut(LOST, part);
            }
            if (kind == Kind.PartLost || kind == Kind.AllLost || kind == Kind.Refilled) lose(last);
            if (kind == Kind.Refilled) lend(saver, spread(past.utilisation, 1, MOST_LENT));
            if (kind == Kind.Left) {
                cashOut(lender);
                cashOut(saver);
            }
        }
        idle(before);
    }

    /// @dev As {arrange}, with a deposit cap above, at or below total assets, or none left at all.
    function arrangeCapped(Past memory past, uint256 cap) internal {
        arrange(past);
        uint256 assets = Math.min(vault.totalAssets(), MAX_UINT104 - 1);
        uint256 where = cap % 5;
        if (where == 0) lowerCap(assets);
        if (where == 1) lowerCap(spread(cap / 5, 0, assets));
        if (where == 2) lowerCap(spread(cap / 5, assets, MAX_UINT104 - 1));
        if (where == 3) lowerCap(Math.min(assets + 1, MAX_UINT104 - 1));
    }

    function idle(uint256 time) internal {
        vm.warp(clock() + time);
    }

    /// @dev Two lenders bring it together, one of them possibly nothing.
    function lendAsTwo(uint256 supply, uint256 split) private {
        uint256 first = spread(split, 0, supply);
        lend(lender, first);
        lend(saver, supply - first);
    }

    /// @dev The most that {lendOut} can lend: of an asset without decimals less than {MOST_LENT}, since a listing holds 96 bits at most.
    function mostLent(uint256 listing) internal view returns (uint256) {
        uint256 room = MAX_UINT96 - book.listings(listing).held;
        return room < 4 ? 0 : Math.min(MOST_LENT, ((room - 4) / 4) * whole());
    }

    function lendOut(uint256 listing, uint256 amount) internal returns (uint256 id) {
        refreshFeeds();
        id = openLoan(borrower, uint96(loans.length), listing, (amount * 4) / whole() + 4, amount);
        loans.push(id);
    }

    /// @dev For 7…365 days.
    function lendTerm(uint256 amount, uint256 seed) private {
        refreshFeeds();
        ILoanBook.Pledge[] memory pledges = new ILoanBook.Pledge[](1);
        pledges[0] = ILoanBook.Pledge(KEPT, (amount * 4) / whole() + 4);
        fundToken(borrower, KEPT, pledges[0].amount);
        uint256 id = idOf(borrower, uint96(loans.length));
        ILoanBook.Term memory term = ILoanBook.Term(bound(seed, 7 days, 365 days), type(uint256).max);
        vm.prank(borrower);
        book.openTerm(id, pledges, amount, term, borrower);
        loans.push(id);
    }

    /// @dev With the fee for ending a term, which is less than a fiftieth.
    function repayAll(uint256 id) internal {
        uint256 debt = book.debtOf(id);
        fund(borrower, debt + debt / 50 + 1);
        vm.prank(borrower);
        book.repay(id, type(uint256).max);
    }

    /// @dev The listing's price falls to nothing, or to so little that for the largest loans only it is worth paying.
    function lose(uint256 id) internal {
        uint256 pledged = book.pledgeOf(id, LOST);
        refreshFeeds();
        feeds[LOST].set(1);
        fund(keeper, pledged * whole());
        vm.startPrank(keeper);
        if (pledged < 5e18) book.writeOff(id);
        else book.liquidate(orderOf(id, LOST), "");
        vm.stopPrank();
        feeds[LOST].set(ANSWER);
        assertEq(book.debtOf(id), 0);
    }

    function cashOut(address who) internal {
        uint256 shares = vault.balanceOf(who);
        vm.prank(who);
        vault.redeem(shares, who, who);
    }
}
