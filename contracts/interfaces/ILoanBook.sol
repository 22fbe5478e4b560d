// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILenderVault} from "./ILenderVault.sol";
import {IProposals} from "./IProposals.sol";

/// @title ILoanBook
/// @notice The borrowers' side of a market: listings, loans, terms, margin calls, liquidations. It holds the collateral.
/// @dev Units: [asset] loan-asset base units, [token] base units of a listing's token, [WAD] 1e18, [bps] 1e4,
/// [price] loan-asset base units per collateral base unit × 1e36. A loan's id is `owner << 96 | number`.
///
/// Who may do what: anyone may repay any loan, add to an asset that it already pledges, roll it once it has matured, and call
/// its margin; the first pledge of an asset, `open`, `openTerm`, `borrow`, `refinance`, `release` and `close` are the owner's, and of
/// those whom it has authorized. Tokens are pulled from the
/// caller, never from anybody else.
interface ILoanBook is IProposals {
    // -------------------------------------------------------------------------------------------------------- Types

    /// @notice The risk terms of a listing. They never change. [bps]
    struct Terms {
        uint16 borrowLtv; // share of a pledge's value that may be borrowed
        uint16 callLtv; // above this share the loan may be called
        uint16 liquidationLtv; // above this share the loan may be liquidated
        uint16 maxBonus; // the most that depth below the line gives a liquidator above what it pays, see {LiquidationMath-bonus}
        uint16 bonusSlope; // bonus per unit of debt / liquidation line above 1
        uint16 maxDeviation; // the most by which two sources may differ, in parts of the higher price, and be believed
    }

    /// @notice A feed and the limits within which its answer counts.
    struct FeedConfig {
        address feed; // AggregatorV3Interface
        uint32 maxAge; // [s] an older answer is not live
        uint256 minAnswer; // [feed decimals] a lower answer is not live; at most five significant digits, below 65,536
        uint256 maxAnswer; // [feed decimals] a higher answer is not live; likewise
    }

    /// @notice A listing as it is asked for.
    struct ListingConfig {
        address token;
        Terms terms;
        FeedConfig feed;
        FeedConfig secondFeed; // another source of the same price; its feed is zero if there is none
        uint256 cap; // [token]
    }

    /// @notice What a book is deployed with, and never changes.
    struct BookConfig {
        ILenderVault vault; // deployed with the book's predicted address
        address authority; // the AccessManager
        uint256 minDebt; // [asset] the smallest debt a loan may have
        FeedConfig loanAssetFeed;
        uint256 peg; // [loan feed decimals] what one loan asset is meant to be worth; 0 for none
        address sequencerFeed; // Chainlink's uptime feed of an L2; zero where there is no sequencer
    }

    /// @notice An asset that the book accepts as collateral.
    struct Listing {
        address token;
        Terms terms;
        FeedConfig feed;
        uint256 exponent; // [power of ten] from the ratio of answers, this feed's by the loan asset's, to a price
        FeedConfig secondFeed; // its feed is zero if there is none
        uint256 secondExponent; // the same for the second feed
        uint256 cap; // [token] the most that all loans together may pledge
        uint256 held; // [token] what they pledge now, and credits that nobody has claimed yet
        bool isRetired; // counts nothing for borrowing, and no loan may start to pledge it
    }

    /// @notice A listing's prices as they count now. [price]
    struct Prices {
        uint256 forBorrowing; // rounded down; 0 if it is uncertain: a source is not live, or the two are apart
        uint256 forLiquidation; // rounded up; from the last answers, moved into the bounds, if no source is live
        uint256 forSeizure; // at which a liquidator gets it; 0 if no source is live: it cannot be seized
    }

    /// @notice An amount of a listed asset.
    struct Pledge {
        uint256 listing;
        uint256 amount; // [token]
    }

    /// @notice A loan. It is stored in one slot, an open-term loan with its first pledge, see {StoredLoan}; each further pledge takes one.
    struct Loan {
        uint104 base; // open-term: [asset / index] the scaled debt; fixed-term: [asset] the principal. See {LoanDebt}
        uint40 pledged; // [bitmap] bit n: the loan pledges listing n
        uint32 since; // [s] fixed-term: from when on interest runs; else 0
        uint32 maturity; // [s] fixed-term: from when on anybody may roll it; else 0
        uint32 rate; // [1e-9/year] fixed-term: simple interest on the principal; else 0
        uint16 flags; // [bits] bit 0: a margin call stands, though it may have lapsed
    }

    /// @notice A fixed term as it is asked for.
    struct Term {
        uint256 duration; // [s] 7…365 days
        uint256 maxRate; // [1e-9/year] the highest rate that is accepted
    }

    /// @notice How a loan is refinanced.
    struct Refinancing {
        Term term; // a duration of 0 makes it an open-term loan
        uint256 amount; // [asset] what is borrowed in addition; may be 0
        uint256 maxFee; // [asset] the highest fee that is accepted for ending a term before its maturity
        bool addFee; // the fee is added to the debt; else it is pulled from the caller
        address receiver; // who gets what is borrowed in addition
    }

    /// @notice A margin call; all zero if none stands.
    struct MarginCall {
        address caller; // who made it, and is credited a part of the bonus
        uint256 calledAt; // [s]
        uint256 deadline; // [s] until when the owner has time to cure
        uint256 lapse; // [s] from when on the call does nothing
    }

    /// @notice What the owner of loans signs to authorize an operator, or to end it (EIP-712).
    struct Authorization {
        address owner;
        address operator;
        bool isAuthorized;
        uint256 nonce; // the owner's next one
        uint256 deadline; // [s] until when the signature is good
    }

    /// @notice A loan's debt and lines. [asset]
    struct Health {
        uint256 debt; // interest up to now included, rounded up
        uint256 borrowLimit; // at prices for borrowing, rounded down
        uint256 callLine; // at prices for liquidation; the largest number if the loan asset has no price
        uint256 liquidationLine; // likewise
    }

    /// @notice One loan that a liquidator wants to liquidate.
    struct Order {
        uint256 id; // the loan
        uint256 listing; // the pledge to take
        uint256 maxRepay; // [asset] the most to pay for it
        uint256 minSeized; // [token] the least to get for it
    }

    // ------------------------------------------------------------------------------------------------------- Errors

    /// @notice The loan's debt would exceed its borrow limit. [asset]
    error AboveBorrowLimit(uint256 debt, uint256 borrowLimit);

    /// @notice A margin call stands already. [s]
    error AlreadyCalled(uint256 id, uint256 deadline);

    /// @notice Ending the term now costs more than the caller was willing to pay. [asset]
    error BreakFeeAboveMax(uint256 fee, uint256 max);

    /// @notice A feed's bound has more significant digits than its compact form holds: five, below 65,536.
    error BoundNotRepresentable(uint256 bound);

    /// @notice A cap is raised by {IBookActions-raiseCap} and lowered by {lowerCap}. [token]
    error CapNotHigher(uint256 listing, uint256 cap, uint256 current);

    /// @notice A cap is lowered by {lowerCap}, and raised by {IBookActions-raiseCap}. [token]
    error CapNotLower(uint256 listing, uint256 cap, uint256 current);

    /// @notice The listing's cap leaves no room for this pledge. [token]
    error CapExceeded(uint256 listing, uint256 pledged, uint256 cap);

    /// @notice The debt, and the fee of a term, are more than the caller was willing to pay. [asset]
    error DebtAboveMax(uint256 debt, uint256 max);

    /// @notice What remains of the debt would be less than the smallest loan. [asset]
    error DebtBelowMin(uint256 debt, uint256 min);

    /// @notice The collateral's sources give no usable price. None is live: its pledges cannot be seized. Not all are live, or
    /// they are apart: no loan may start to pledge it.
    error FeedNotLive(uint256 listing);

    /// @notice The loan is called, but its owner has time to cure until then. [s]
    error InCurePeriod(uint256 id, uint256 deadline);

    /// @notice The bounds of a feed are empty, do not hold its peg, or leave those that the loan asset's feed began with.
    error InvalidBounds(uint256 minAnswer, uint256 maxAnswer);

    /// @notice Two sources must be allowed to differ a little, and less than by everything. [bps]
    error InvalidDeviation(uint256 maxDeviation);

    /// @notice The feed gives no live answer within the given age and bounds, or is the listing's other source too.
    error InvalidFeed(address feed);

    /// @notice The receiver is the zero address, the vault or the book: what it received would be lost.
    error InvalidReceiver(address receiver);

    /// @notice The signature is not the owner's.
    error InvalidSignature(address owner);

    /// @notice Loan-to-value ratios must rise: 0 < borrow < call < liquidation.
    error InvalidTerms(uint256 borrowLtv, uint256 callLtv, uint256 liquidationLtv);

    /// @notice The token cannot be listed: it is the loan asset or has no code.
    error InvalidToken(address token);

    /// @notice The vault belongs to another book than this one.
    error InvalidVault(address vault, address book);

    /// @notice Liquidation LTV × (1 + maximum bonus) / (1 - maximum deviation) leaves too little between the line and the full value. [bps]
    error LiquidationTooTight(uint256 seizedShare, uint256 max);

    /// @notice There is no listing with this number.
    error ListingNotFound(uint256 listing, uint256 count);

    /// @notice The listing is retired: no loan may start to pledge it.
    error ListingRetired(uint256 listing);

    /// @notice The loan asset's feed gives no usable answer and there is no peg to fall back on.
    error LoanAssetFeedNotLive(address feed);

    /// @notice The loan's number is in use.
    error LoanExists(uint256 id);

    /// @notice The margin call lapsed then: it must be made again. [s]
    error MarginCallLapsed(uint256 id, uint256 lapse);

    /// @notice The margin call stands until it lapses, since the debt is above the borrow limit. [asset]
    error MarginCallStands(uint256 id, uint256 debt, uint256 borrowLimit);

    /// @notice None of the loans can be called.
    error NothingCalled(uint256 loans);

    /// @notice No loan of an order could be liquidated.
    error NothingLiquidated(uint256 orders);

    /// @notice Nobody owes the caller a credit in this listing.
    error NoCredit(address caller, uint256 listing);

    /// @notice The loan has no debt.
    error NoDebt(uint256 id);

    /// @notice There is no loan with this id.
    error NoLoan(uint256 id);

    /// @notice No margin call stands.
    error NoMarginCall(uint256 id);

    /// @notice The book was deployed without a sequencer's feed.
    error NoSequencer();

    /// @notice The loan is at or below its call line. [asset]
    error NotCallable(uint256 id, uint256 debt, uint256 callLine);

    /// @notice The loan has no fixed term.
    error NotFixedTerm(uint256 id);

    /// @notice The loan is at or below its liquidation line. [asset]
    error NotLiquidatable(uint256 id, uint256 debt, uint256 liquidationLine);

    /// @notice The loan's term ends then; until it matures nobody may roll it. [s]
    error NotMatured(uint256 id, uint256 maturity);

    /// @notice More is drawn on a fixed-term loan by {refinance}, which quotes anew.
    error NotOpenTerm(uint256 id);

    /// @notice Only the loan's owner and those whom it has authorized may do this.
    error NotOwnerOrOperator(uint256 id, address caller);

    /// @notice The loan does not pledge this listing.
    error NotPledged(uint256 id, uint256 listing);

    /// @notice The loan's pledges are worth too much to be written off. [asset]
    error NotWorthless(uint256 id, uint256 value, uint256 limit);

    /// @notice The loan pledges less than was asked for. [token]
    error PledgeTooSmall(uint256 requested, uint256 pledged);

    /// @notice The decimals of the tokens and feeds need a power of ten outside 0…77, or the bounds allow a price that
    /// does not fit 256 bits or has fewer than 7 digits.
    error PriceScaleOutOfRange(int256 exponent);

    /// @notice The market's rate for the term is higher than the caller accepts. [1e-9/year]
    error RateAboveMax(uint256 rate, uint256 max);

    /// @notice A liquidation may not leave pledges worth this little beside a larger debt unless it takes its pledge
    /// whole. [asset]
    error RemainderTooSmall(uint256 value, uint256 min);

    /// @notice The liquidator would get less than it asked for. [token]
    error SeizedBelowMin(uint256 seized, uint256 min);

    /// @notice The sequencer is down, its feed does not say that it is up, or it came up less than an hour ago: prices may
    /// be old news. [s]
    /// @param upSince When it came up; 0 if it is not known to be up.
    /// @param grace How long it must have been up.
    error SequencerNotReady(uint256 upSince, uint256 grace);

    /// @notice The signature was good until then. [s]
    error SignatureExpired(uint256 deadline);

    /// @notice The token moved less than it was told to, or took some away before: the book would hold less than its loans
    /// pledge of it, by this listing and others. [token]
    error TokenShort(uint256 listing, uint256 balance, uint256 pledged);

    /// @notice The book has all the listings it can have.
    error TooManyListings(uint256 max);

    /// @notice The loan pledges as many assets as it can.
    error TooManyPledges(uint256 id, uint256 max);

    /// @notice One base unit of the token, at the highest price its bounds allow, is worth more than a hundredth of the
    /// minimum debt: liquidations could not take fitting parts of it. [asset]
    error UnitTooValuable(uint256 value, uint256 max);

    /// @notice An amount must not be zero.
    error ZeroAmount();

    // ------------------------------------------------------------------------------------------------------- Events

    /// @notice `owner` let `operator` act on all its loans, or no longer does.
    event AuthorizationSet(address indexed owner, address indexed operator, bool isAuthorized);

    /// @notice A loan grew by `amount`, which `caller` had sent to `receiver`.
    event Borrowed(uint256 indexed id, address indexed caller, address receiver, uint256 amount);

    /// @notice The cap of a listing changed. [token]
    event CapChanged(uint256 indexed listing, uint256 cap);

    /// @notice A part of a liquidation's bonus was kept for `caller`, whose margin call stood. [token]
    event Credited(uint256 indexed id, uint256 indexed listing, address indexed caller, uint256 amount);

    /// @notice `caller` claimed its credits in a listing. [token]
    event CreditClaimed(address indexed caller, uint256 indexed listing, address receiver, uint256 amount);

    /// @notice A listing has these feeds from now on; the exponents are the powers of ten from the feeds' ratio to a price.
    event FeedsSet(
        uint256 indexed listing,
        FeedConfig feed,
        uint8 exponent,
        FeedConfig secondFeed,
        uint8 secondExponent
    );

    /// @notice `liquidator` paid `repaid` of the loan's debt for `seized`, of which it got what {Credited} does not tell to another;
    /// `writtenOff` was lost with the last pledge. A soft one took place between the lines, when a margin call was due.
    event Liquidated(
        uint256 indexed id,
        uint256 indexed listing,
        address indexed liquidator,
        uint256 repaid,
        uint256 seized,
        uint256 writtenOff,
        bool isSoft
    );

    /// @notice A listing was added.
    event ListingAdded(uint256 indexed listing, address indexed token, Terms terms);

    /// @notice A listing counts nothing for borrowing from now on.
    event Retired(uint256 indexed listing);

    /// @notice `caller` called the loan's margin, for the first time or because an earlier call had lapsed. A sequencer that comes
    /// up later may move the deadline. [s]
    event MarginCalled(uint256 indexed id, address indexed caller, uint256 deadline);

    /// @notice A margin call is over: the loan is cured, sold down to its borrow limit or gone, or the call had lapsed and somebody tidied up.
    event MarginCallCleared(uint256 indexed id);

    /// @notice The loan asset has this feed from now on; its peg never changes.
    event LoanAssetFeedSet(FeedConfig feed, uint256 peg);

    /// @notice Collateral was put into a loan by `payer`.
    event Pledged(uint256 indexed id, uint256 indexed listing, address indexed payer, uint256 amount);

    /// @notice A loan was refinanced, with all its interest. Maturity and rate are 0 if it is an open-term loan now.
    event Refinanced(
        uint256 indexed id,
        address indexed caller,
        address receiver,
        uint256 amount,
        uint256 fee,
        bool addFee,
        uint256 rate,
        uint256 maturity
    );

    /// @notice Collateral was taken out of a loan and sent to `receiver`.
    event Released(uint256 indexed id, uint256 indexed listing, address receiver, uint256 amount);

    /// @notice The transfer of a pledge failed while its loan was closed; it stays in the loan, releasable.
    event ReleaseFailed(uint256 indexed id, uint256 indexed listing, uint256 amount);

    /// @notice `payer` repaid `amount` of a loan.
    event Repaid(uint256 indexed id, address indexed payer, uint256 amount);

    /// @notice A matured loan became an open-term one, with all its interest.
    event Rolled(uint256 indexed id, address indexed caller);

    /// @notice The sequencer has this feed from now on.
    event SequencerFeedSet(address feed);

    /// @notice A signature of `owner` was brought, or revoked before it was: from now on those up to this nonce are worthless.
    event NonceUsed(address indexed owner, uint256 nonce);

    /// @notice A loan opens with a fixed rate until its maturity. [1e-9/year], [s]
    event TermStarted(uint256 indexed id, uint256 rate, uint256 maturity);

    /// @notice The remaining debt of a loan was written off; its worthless pledges went to `taker`.
    event WrittenOff(uint256 indexed id, address indexed taker, uint256 debt);

    // ---------------------------------------------------------------------------------------------------- Constants

    /// @notice The vault that lends.
    function VAULT() external view returns (ILenderVault);

    /// @notice The ERC-20 that is lent.
    function LOAN_ASSET() external view returns (address);

    /// @notice The smallest debt a loan may have. [asset]
    function MIN_DEBT() external view returns (uint256);

    /// @notice What one loan asset is meant to be worth, in its feed's units; 0 if it has no peg.
    function PEG() external view returns (uint256);

    /// @notice The most assets one loan may pledge.
    function MAX_PLEDGES() external view returns (uint256);

    /// @notice The most listings a book may have.
    function MAX_LISTINGS() external view returns (uint256);

    /// @notice How long a sequencer must have been up again before its chain's prices count for borrowing, and for sales on the ground of a margin
    /// call. [s]
    function SEQUENCER_GRACE() external view returns (uint256);

    // -------------------------------------------------------------------------------------------------------- Loans

    /// @notice Pledges and borrows in one transaction.
    /// @param id The new loan: the owner's address and a number that is not in use.
    /// @param pledges What to pledge; pulled from the caller, who has approved the book. Their feeds must be live, and agree.
    /// @param amount What to borrow. [asset] At least {MIN_DEBT}, at most the borrow limit.
    /// @param receiver Who gets it.
    function open(uint256 id, Pledge[] calldata pledges, uint256 amount, address receiver) external;

    /// @notice The same at a fixed rate, for a term: simple interest, no way to raise the rate before maturity, no forced end. After it
    /// anyone may {roll} the loan to an open term.
    /// @param amount What to borrow: the principal. [asset] At least {MIN_DEBT}, at most the borrow limit.
    /// @param term How long, and the highest rate that is accepted; {ILenderVault-quoteTerm} tells the rate.
    /// @return rate The rate. [1e-9/year]
    function openTerm(
        uint256 id,
        Pledge[] calldata pledges,
        uint256 amount,
        Term calldata term,
        address receiver
    ) external returns (uint256 rate);

    /// @notice Puts collateral into a loan. Anyone may add to an asset it already pledges; the first is the
    /// owner's or an operator's.
    /// @dev The first pledge of an asset needs a certain price: else a loan could hide behind the last answer of a dead feed, or
    /// the higher one of two that are apart.
    /// Adding reads no price, but to see whether a standing margin call is cured, and unless the listing's cap is full: then a loan above its call line may still pledge what cures
    /// it at a live price that no other source denies, and no more is taken.
    /// @param amount The most to pledge. [token]
    /// @return pledged What was pledged: `amount`, or what cures if the cap leaves no more.
    function pledge(uint256 id, uint256 listing, uint256 amount) external returns (uint256 pledged);

    /// @notice Takes collateral out of a loan. The owner or an operator. Reads no price if the loan has no debt.
    /// @param amount What to take; the largest number takes all. [token]
    /// @return released What was taken. [token]
    function release(uint256 id, uint256 listing, uint256 amount, address receiver) external returns (uint256 released);

    /// @notice Draws more on an open-term loan. The owner or an operator. The debt must end between {MIN_DEBT} and the borrow limit.
    function borrow(uint256 id, uint256 amount, address receiver) external;

    /// @notice Repays, from the caller's tokens. Anyone may. Reads no price, but to see whether a margin call is cured.
    /// @dev A part payment may not leave less than {MIN_DEBT}; paying all leaves exactly nothing. On a fixed-term loan before its
    /// maturity every part of the principal that is retired costs its interest so far and the fee: the interest of 7 days, or of
    /// the time left if that is less.
    /// @param maxAmount The most to pay; the whole debt, and its fee, if it covers them. [asset]
    /// @return repaid What was paid. [asset]
    function repay(uint256 id, uint256 maxAmount) external returns (uint256 repaid);

    /// @notice Repays all and takes all collateral out. The owner or an operator.
    /// @dev A pledge whose transfer fails stays behind, releasable. If a token that moved before it called back and used the
    /// freed room, what stays behind may exceed the listing's cap or {MAX_PLEDGES}.
    /// @param maxAmount The most to pay, the fee of {repay} included. [asset]
    /// @return repaid What was paid. [asset]
    function close(uint256 id, uint256 maxAmount, address receiver) external returns (uint256 repaid);

    /// @notice Turns an open-term loan into a fixed-term one, or back, or starts a new term, and may draw more; the interest so far
    /// becomes part of the debt. The owner or an operator.
    /// @dev Adds no debt, reads no price (but to see whether a standing margin call is cured) and is never paused, unless an amount is drawn
    /// or a fee is added; then the debt must end
    /// between {MIN_DEBT} and the borrow limit. A loan without debt may be refinanced if an amount is drawn.
    /// @return rate The new rate; 0 for an open-term loan. [1e-9/year]
    /// @return fee What ending a term before its maturity cost. [asset]
    function refinance(uint256 id, Refinancing calldata order) external returns (uint256 rate, uint256 fee);

    /// @notice Turns a fixed-term loan that has matured into an open-term one. Anyone may; reads no price, but to see whether a
    /// standing margin call is cured.
    function roll(uint256 id) external;

    // ---------------------------------------------------------------------------------------------------- Operators

    /// @notice Lets `operator` do with all loans of the caller whatever the caller may, or no longer. An operator can draw to
    /// itself and take collateral out: it is trusted with everything.
    function setAuthorization(address operator, bool authorized) external;

    /// @notice The same by the owner's signature, of its key or, if it is a contract, by ERC-1271. Anyone may bring it.
    function setAuthorizationWithSig(Authorization calldata authorization, bytes calldata signature) external;

    /// @notice Makes the caller's signatures with its next nonce worthless: all that could be brought now. One that was given out
    /// ahead, for a later nonce, takes a call for each nonce up to its own. Standing authorizations stay.
    /// @return nonce The next one.
    function revokeSignatures() external returns (uint256 nonce);

    /// @notice Makes the caller's ERC-2612 approval of the book, for a multicall whose next calls pull the token.
    /// @dev A permit that fails is ignored: somebody may have used it a moment ago. The pull that follows decides.
    /// @param token The loan asset or a listing's token.
    /// @param value The approval. [token]
    /// @param deadline Until when the signature is good. [s]
    function permit(address token, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external;

    // ------------------------------------------------------------------------------------------------- Margin calls

    /// @notice Calls the margin of a loan above its call line: its owner has 24 hours to cure. Past the deadline, and for 12 hours,
    /// the loan can be sold down to its call line. Anyone may call; whoever does gets a tenth of the bonus of what is sold while
    /// the call stands and is 10 minutes old.
    /// @dev A call that has lapsed is replaced. On a chain with a sequencer that came up after the call and before its lapse the
    /// deadline is at least 5 hours after that.
    ///
    /// {repay} and {pledge} clear the call if they cure the loan: it was above its call line before and is not after. Whatever
    /// ends with the loan at or below its borrow limit clears it too, and without a price whatever ends without debt.
    /// @return deadline Until when the owner has time to cure. [s]
    function callMargin(uint256 id) external returns (uint256 deadline);

    /// @notice Calls the margin of many loans: prices are read once. Loans that cannot be called are skipped; reverts if none
    /// can.
    /// @return called How many were called.
    function callMarginBatch(uint256[] calldata ids) external returns (uint256 called);

    /// @notice Clears a margin call that has lapsed, or whose loan is at or below its borrow limit. Anyone may.
    function clearMarginCall(uint256 id) external;

    /// @notice Sends the caller's credits in a listing to `receiver`.
    /// @return amount What was sent. [token]
    function claimCredit(uint256 listing, address receiver) external returns (uint256 amount);

    // -------------------------------------------------------------------------------------------------- Liquidation

    /// @notice Liquidates one loan: above its liquidation line, down to its borrow limit; above its call line, past the deadline of a
    /// margin call and before its lapse, down to its call line. All of the debt, if less than {MIN_DEBT} would remain or if the pledges are
    /// worth less than 1.01 times the debt.
    /// @dev The collateral goes to the caller first; with `data`, its {ILiquidationCallback-onLiquidation} is called next;
    /// then the payment is pulled. Reverts where the loan or the order does not allow it.
    /// @return repaid What the liquidator pays. [asset]
    /// @return seized What it gets. [token]
    function liquidate(Order calldata order, bytes calldata data) external returns (uint256 repaid, uint256 seized);

    /// @notice Liquidates many loans: prices are read once, each token moves once.
    /// @dev Orders that can no longer be filled as given are skipped; reverts if none is filled.
    /// @return repaid What the liquidator pays in all. [asset]
    /// @return filled How many orders were filled.
    function liquidateBatch(
        Order[] calldata orders,
        bytes calldata data
    ) external returns (uint256 repaid, uint256 filled);

    /// @notice Writes off a loan whose pledges, all with live feeds, are together worth less than {MIN_DEBT} / 20 and less
    /// than its debt; the caller gets them.
    /// @return debt What was written off. [asset]
    function writeOff(uint256 id) external returns (uint256 debt);

    // ----------------------------------------------------------------------------------------------- Administration

    /// @notice Lowers the cap of a listing. Guardian. Standing pledges stay; a raise that is proposed already is void. [token]
    function lowerCap(uint256 listing, uint256 cap) external;

    /// @notice Retires a listing, for ever: it counts nothing when its loans borrow more or take other pledges out, and no loan
    /// may start to pledge it. Call and liquidation lines stay; it may be added to and released. Guardian.
    function retire(uint256 listing) external;

    // -------------------------------------------------------------------------------------------------------- Views

    /// @notice How many listings there are.
    function listingCount() external view returns (uint256);

    /// @notice A listing.
    function listings(uint256 number) external view returns (Listing memory);

    /// @notice The loan asset's feed.
    function loanAssetFeed() external view returns (FeedConfig memory);

    /// @notice The feed that tells whether the chain's sequencer is up; zero if there is none.
    function sequencerFeed() external view returns (address);

    /// @notice Whether `operator` may act on all loans of `owner`.
    function isAuthorized(address owner, address operator) external view returns (bool);

    /// @notice What EIP-712 authorizations are hashed with.
    function AUTHORIZATION_TYPEHASH() external view returns (bytes32);

    /// @notice A listing's prices as they count now, retirement aside; those for liquidation are 0 while the loan asset has no price.
    function pricesOf(uint256 number) external view returns (Prices memory);

    /// @notice A loan as stored; all zero if there is none.
    function loan(uint256 id) external view returns (Loan memory);

    /// @notice What a loan pledges of a listing. [token]
    function pledgeOf(uint256 id, uint256 listing) external view returns (uint256);

    /// @notice A loan's margin call, with its deadline as it counts now; all zero if none stands. One that has lapsed is told until
    /// it is cleared or replaced.
    function marginCallOf(uint256 id) external view returns (MarginCall memory);

    /// @notice What `caller` may claim in a listing. [token]
    function creditOf(address caller, uint256 listing) external view returns (uint256);

    /// @notice What a loan owes now, interest included, without the fee for ending a term. [asset], rounded up.
    function debtOf(uint256 id) external view returns (uint256);

    /// @notice A loan's debt and lines now.
    function healthOf(uint256 id) external view returns (Health memory);
}
