// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILoanBook} from "./ILoanBook.sol";

/// @title ILoanLens
/// @notice What a market would do now: where a loan stands, how much it may still borrow or release, at which prices it is
/// liquidated, what a liquidation gives, which loans can be called or liquidated.
/// @dev Stateless, without powers, trusted by nobody. Every view names the book; its vault is `book.VAULT()`. The answers are the
/// contracts' own arithmetic at the block in which the view is called, interest up to its time included: what a view says may
/// be done can be done in the same block. A transaction comes later: debts have grown by then, and prices may have moved.
///
/// Units are those of {ILoanBook}: [asset] loan-asset base units, [token] base units of a listing's token, [WAD] 1e18, [price]
/// loan-asset base units per collateral base unit × 1e36.
///
/// Three rules hold for every view:
/// - A loan that does not exist is a loan without debt and pledges: the views answer with zeros and empty lists, and
///   {liquidationDrop} with 1e18, and do not revert. {quoteRefinancing} tells what a loan of the amount would cost, and
///   {previewLiquidation} the refusal.
/// - Dead feeds do not revert either. A listing without a live source counts 0 for borrowing, and for calls and liquidation what its
///   sources said last, as in the book. While the loan asset's feed is dead nothing can be borrowed or, with debt, released. If
///   it has no peg besides, nothing can be called or liquidated: the lines are the largest number, as in
///   {ILoanBook-healthOf}, and what asks for a distance to them finds none to go.
/// - A listing that the book does not have reverts with {ILoanBook-ListingNotFound}.
///
/// Every feed needs its gas budget (150,000), as in the book; whoever calls with less is reverted with `InsufficientGas`.
interface ILoanLens {
    // -------------------------------------------------------------------------------------------------------- Types

    /// @notice A loan in a list.
    struct LoanSummary {
        uint256 id;
        ILoanBook.Health health; // as {ILoanBook-healthOf} tells it
        ILoanBook.Pledge[] pledges; // in the order of their listings' numbers
    }

    /// @notice A pledge of a loan and what is known about its listing.
    struct PledgeDetails {
        uint256 listing;
        uint256 amount; // [token]
        uint256 value; // [asset] at the price for liquidation, rounded down; 0 if the loan asset has no price
        ILoanBook.Prices prices; // as {ILoanBook-pricesOf} tells them
        bool isRetired; // counts nothing toward the borrow limit, whatever its price for borrowing
        bool isSeizable; // a liquidator may take it: a source is live, and the loan asset has a price
    }

    /// @notice All about one loan. The same whoever asks.
    struct LoanDetails {
        address owner; // the upper 160 bits of the id
        ILoanBook.Health health; // as {ILoanBook-healthOf} tells it
        uint256 rate; // [1e-9/year] of a fixed term; 0 for an open-term loan
        uint256 maturity; // [s] likewise
        uint256 breakFee; // [asset] what ending the term now would cost besides the debt
        MarginCallState callState;
        ILoanBook.MarginCall marginCall; // as {ILoanBook-marginCallOf} tells it
        uint256 value; // [asset] of all pledges
        PledgeDetails[] pledges; // in the order of their listings' numbers
    }

    /// @notice Where a margin call stands.
    enum MarginCallState {
        None, // nobody has called, or the call was cleared
        Curing, // before the deadline: the owner has time to cure
        Due, // past the deadline: above its call line the loan can be sold down to it, if the chain's sequencer is ready
        Lapsed // it does nothing any more; it may be made again
    }

    /// @notice What brings a loan down to its call line: the one, or any one of the others.
    struct Cure {
        uint256 repayment; // [asset]
        ILoanBook.Pledge[] additions; // one for each pledged listing: how much more of it [token]
    }

    /// @notice What {ILoanBook-liquidate} would do.
    struct LiquidationPreview {
        bool isLiquidatable; // the debt is above the liquidation line, or above the call line and a margin call is due
        bool isSoft; // the latter: it goes down to the call line only
        uint256 repaid; // [asset] what the liquidator would pay; 0 if the order is refused
        uint256 seized; // [token] what it would get, without the credit; 0 if the order is refused
        uint256 credit; // [token] what of the pledge the margin call's caller would be credited
        uint256 bonus; // [WAD] what is seized above what it pays, at the price for liquidation, the credit included; 0 if the order is refused
        bytes refusal; // the error of {ILoanBook} with which the order is refused; empty if it is not
    }

    // -------------------------------------------------------------------------------------------------------- Loans

    /// @notice The loans of an owner among the numbers `from`, `from + 1`, … `from + count - 1`.
    /// @dev An owner chooses its loans' numbers freely among 2^96, and the book keeps no list. By convention wallets number
    /// their loans 0, 1, 2 …, so that a look at the first hundred numbers finds them all; a loan of another number is found by
    /// whoever knows the number, or in the book's events. A number that is not in use costs about 4,000 gas, a loan
    /// 10,000 and as much again for each pledge: a few hundred numbers at a time are well within what a node lets a view spend.
    /// @param from The first number to look at.
    /// @param count How many to look at; what lies beyond the last number is left out.
    /// @return loans Those with debt or a pledge, by rising number.
    /// @return next The number to look at next; 2^96 if there is none.
    function loansOf(
        ILoanBook book,
        address owner,
        uint96 from,
        uint256 count
    ) external view returns (LoanSummary[] memory loans, uint256 next);

    /// @notice A loan: debt, limit, lines, and what it pledges at which prices.
    function loanDetails(ILoanBook book, uint256 id) external view returns (LoanDetails memory);

    // ---------------------------------------------------------------------------------------------- What it may do

    /// @notice The most that {ILoanBook-borrow} accepts for this loan now; one unit more is refused. [asset]
    /// @dev A debt is stored scaled: d = ⌈s × index / 1e18⌉, and a draw adds ⌈amount × 1e18 / index⌉ to s, both rounded up, the
    /// borrower bears the units. So d ≤ limit while s ≤ ⌊limit × 1e18 / index⌋, and of the room r that is left for s an
    /// amount up to ⌊r × index / 1e18⌋ may be drawn. Cash, and 104 bits for the scaled debt of the loan and of the vault,
    /// bound it too.
    ///
    /// It is 0 for a fixed-term loan, while borrowing is paused, the loan asset's feed is not live, or the sequencer is down or not up for
    /// {ILoanBook-SEQUENCER_GRACE} yet; and if even the most would leave the debt under {ILoanBook-MIN_DEBT}, so that no
    /// amount is accepted. Retired and uncertain pledges count 0.
    ///
    /// For the owner and its operators; the receiver must not be the vault or the book.
    /// @param id A loan that exists: to open one is another call, in which it may pledge more.
    function maxBorrow(ILoanBook book, uint256 id) external view returns (uint256 amount);

    /// @notice The most that {ILoanBook-release} accepts for this loan and listing now; one unit more is refused. [token]
    /// @dev All of the pledge without debt, or if the rest carries the debt. Else the least that must stay is the least k with
    /// ⌊⌊k × price / 1e36⌋ × borrowLtv / 1e4⌋ ≥ debt - limit of the other pledges. Both floors turn around exactly:
    /// k = ⌈⌈need × 1e4 / borrowLtv⌉ × 1e36 / price⌉.
    ///
    /// A retired listing counts where it is itself released, and not toward the limit where another one is. With debt it is 0
    /// while the loan asset's feed is not live or the sequencer is not ready, see {maxBorrow}.
    /// @return amount 0 if the loan does not pledge the listing.
    function maxRelease(ILoanBook book, uint256 id, uint256 listing) external view returns (uint256 amount);

    /// @notice What borrowing `amount` for `duration` would cost at a fixed rate now, as {ILoanBook-openTerm} draws it: see
    /// {TermQuote}.
    /// @dev Cash is not looked at: what is more than there is costs what all of it costs.
    /// Reverts with {TermQuote-TermDurationOutOfRange} for a term under 7 days or above 365, with
    /// {TermQuote-TermShareExceeded} where the market would lend too much of its assets for terms or is too young, and with
    /// {Amounts-AmountTooLarge} above 104 bits.
    /// @param amount What would be borrowed. [asset]
    /// @param duration For how long. [s]
    /// @return rate What it would cost. [1e-9/year], rounded up, 0.02e9…1.03e9.
    function quoteTerm(ILoanBook book, uint256 amount, uint256 duration) external view returns (uint256 rate);

    /// @notice What {ILoanBook-refinance} of this loan would cost now. Limits, cash and pauses are not looked at.
    /// @dev To a fixed term it reverts like {quoteTerm}; to an open one only with {Amounts-AmountTooLarge}.
    /// @param duration Of the new term; 0 for an open term. [s]
    /// @param amount What would be borrowed in addition. [asset]
    /// @param addFee Whether the fee would be added to the debt.
    /// @return rate The new rate; 0 for an open term. [1e-9/year]
    /// @return fee What ending the standing term costs. [asset], rounded up.
    /// @return debt What the loan would owe, but for the rounding of an open-term debt. [asset]
    function quoteRefinancing(
        ILoanBook book,
        uint256 id,
        uint256 duration,
        uint256 amount,
        bool addFee
    ) external view returns (uint256 rate, uint256 fee, uint256 debt);

    // ------------------------------------------------------------------------------------------------ Where it ends

    /// @notice The price for liquidation of one listing at which the loan stands at its liquidation line, the prices of its
    /// other pledges held. [price], rounded up: at this price it cannot be liquidated yet, one unit lower it can.
    /// @dev The least p with ⌊⌊amount × p / 1e36⌋ × liquidationLtv / 1e4⌋ ≥ debt - line of the other pledges, that is
    /// p = ⌈⌈need × 1e4 / liquidationLtv⌉ × 1e36 / amount⌉. Interest moves it up by the second.
    /// @return price 0 if no price of this listing lets the loan be liquidated: the other pledges carry the debt, there is none,
    /// or the loan asset has no price. The largest number if none prevents it: the loan does not pledge the listing and is
    /// above its line.
    function liquidationPrice(ILoanBook book, uint256 id, uint256 listing) external view returns (uint256 price);

    /// @notice The lowest answers of a listing's feeds at which its price for liquidation is at least `price`, the loan asset
    /// held: what to watch a feed for, with a price from {liquidationPrice}. [feed decimals], rounded up: one unit lower
    /// the price is below.
    /// @dev price for liquidation = ⌈answer × 10^e / loan asset⌉ is at least p from answer = ⌊(p - 1) × loan asset / 10^e⌋ + 1 on.
    /// A feed's answer outside its bounds is not live, whatever it says. Of two live sources the higher counts, so the
    /// price falls below p when both answers are below theirs.
    ///
    /// The exponent e is that of {ILoanBook-FeedsSet}, reckoned anew from the decimals of tokens and feeds.
    /// @param price A price for liquidation. [price]
    /// @return answer For the first source. 0 if `price` is 0 or the loan asset has no price; the largest number if no
    /// answer reaches it, or if a feed does not tell its decimals any more.
    /// @return secondAnswer For the second source, likewise; 0 if there is none.
    function answersAt(
        ILoanBook book,
        uint256 listing,
        uint256 price
    ) external view returns (uint256 answer, uint256 secondAnswer);

    /// @notice By how much the prices of all pledges can fall together before the loan can be liquidated. [WAD], rounded down: at
    /// this fall it cannot be liquidated yet, at 1e-18 more it can.
    /// @dev The greatest f with debt ≤ line at the prices ⌈price × (1e18 - f) / 1e18⌉. The line does not rise with f, so 60
    /// halvings find it to the last digit, roundings included.
    /// @return drop 0 if the loan stands at its line or above; 1e18 if it owes nothing, or if the loan asset has no price, so
    /// that nothing can be liquidated.
    function liquidationDrop(ILoanBook book, uint256 id) external view returns (uint256 drop);

    /// @notice What brings a loan that is above its call line down to it. Each suffices alone, exactly: one unit less does not.
    /// Zeros if it is at or below its line, or if the loan asset has no price, so that it cannot be called.
    /// @dev repayment: with debt = base × index / unit (see {LoanDebt}) the line holds a base of K = ⌊line × unit / index⌋, and a part
    /// payment retires ⌊payment × unit / (index + fee)⌋, so ⌈(base - K) × (index + fee) / unit⌉ is paid, the fee for ending a term
    /// included; the whole debt, if less than {ILoanBook-MIN_DEBT} would remain, since the book refuses that.
    ///
    /// additions: with line = Σ ⌊⌊amount × price / 1e36⌋ × callLtv / 1e4⌋, the amount that the listing must have in all is
    /// ⌈⌈(debt - line of the others) × 1e4 / callLtv⌉ × 1e36 / price⌉. Anyone may add it. It is never more than what the book
    /// accepts above a full cap; but above a full cap the book accepts nothing while the listing has no live source, or two that are apart, and
    /// an amount of more than 104 bits never.
    function amountToCure(ILoanBook book, uint256 id) external view returns (Cure memory);

    // -------------------------------------------------------------------------------------------------- For keepers

    /// @notice What {ILoanBook-liquidate} would do with this order now, to the last unit.
    /// @dev A refused order comes with the encoded error, also where it names a listing that the book does not have: the book
    /// says NotPledged. What is not looked at is the caller's own: its balance and approval of the loan asset, and
    /// whether it can receive the token.
    function previewLiquidation(
        ILoanBook book,
        ILoanBook.Order calldata order
    ) external view returns (LiquidationPreview memory);

    /// @notice Those of the loans that can be liquidated now: above their liquidation line, or above their call line with a margin
    /// call that is due. None while the loan asset has no price.
    /// @dev Made for hundreds of loans: prices are read once for all of them, then a loan costs about 11,000 gas and 5,600 for each
    /// further pledge, as many as it takes to carry its debt. A loan in the list may still refuse an order, see {previewLiquidation}.
    /// @return found In the order given; a loan given twice is found twice.
    function liquidatable(ILoanBook book, uint256[] calldata ids) external view returns (uint256[] memory found);

    /// @notice Those of the loans whose margin can be called now: above their call line, and no call stands that has not lapsed.
    /// See {liquidatable}.
    /// @return found In the order given, those above their liquidation line too; a loan given twice is found twice.
    function callable(ILoanBook book, uint256[] calldata ids) external view returns (uint256[] memory found);

    /// @notice Where the margin call of a loan stands; {ILoanBook-marginCallOf} tells its times. {amountToCure} tells what ends
    /// it while the debt is above the call line; below, it ends at the borrow limit.
    function marginCallState(ILoanBook book, uint256 id) external view returns (MarginCallState);
}
