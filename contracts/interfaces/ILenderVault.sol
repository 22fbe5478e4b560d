// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC3156FlashLender} from "@openzeppelin/contracts/interfaces/IERC3156FlashLender.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";

import {IProposals} from "./IProposals.sol";

/// @title ILenderVault
/// @notice The lenders' side of a market: ERC-4626 shares over the loan asset, its interest, its reserves and its losses;
/// ERC-3156 flash loans of its cash.
/// @dev Amounts are in loan-asset base units [asset] unless a line says otherwise.
interface ILenderVault is IProposals, IERC4626, IERC3156FlashLender {
    /// @notice What the guardian can pause. Everything else, every exit above all, cannot be.
    enum Activity {
        Deposit, // deposit and mint
        Borrow, // whatever draws: open, borrow, refinance that adds debt
        FlashLoan
    }

    /// @notice The vault's two hot slots. [asset] unless noted.
    /// ```
    /// slot 0   255             208 207       176 175           104 103             0
    ///          | averagedSupply  | lastAccrual |     index      |    scaledDebt    |
    /// slot 1   255 248 247     200 199                      104 103             0
    ///          |flags| rateAtTarget|         reserves          |       cash       |
    /// ```
    struct State {
        uint104 scaledDebt; // [asset / index] Σ over open-term loans
        uint72 index; // [WAD] what one unit of scaled debt has grown to; starts at 1e18, saturates
        uint32 lastAccrual; // [s] block time up to which interest is booked; fits until 2106
        uint48 averagedSupply; // [packed, see AveragedSupply] exponential average of cash + debt, saturates
        uint104 cash; // loan asset that the vault counts as its own
        uint96 reserves; // part of cash + debt that is not the lenders'; takes losses first, saturates
        uint48 rateAtTarget; // [1e-14/year] the curve's height at 90 % utilisation
        uint8 flags; // [bits] bit n: activity n was paused, perhaps until a time that has passed; bit 7: fixed-term loans exist
    }

    /// @notice What loans contribute to the sums of all debt. See {TermDebt}.
    struct Debts {
        uint256 scaled; // [asset / index] of open-term loans
        uint256 principal; // [asset] of fixed-term loans
        uint256 weighted; // [asset × 1e-9/year] their principal × rate
        uint256 dated; // [asset × 1e-9/year × s] their principal × rate × since
    }

    /// @notice A caller other than the book called what only the book may.
    error CallerNotBook(address caller, address book);

    /// @notice A cap is raised by {IVaultActions-raiseDepositCap} and lowered by {lowerDepositCap}.
    error DepositCapNotHigher(uint256 cap, uint256 current);

    /// @notice A cap is lowered by {lowerDepositCap}, and raised by {IVaultActions-raiseDepositCap}.
    error DepositCapNotLower(uint256 cap, uint256 current);

    /// @notice The receiver of a flash loan did not answer as ERC-3156 wants.
    error FlashLoanNotAccepted(address receiver);

    /// @notice The vault has less cash than was asked for; the rest is lent out.
    error InsufficientCash(uint256 requested, uint256 available);

    /// @notice The receiver is the zero address, the vault or the book: what it received would be lost.
    error InvalidReceiver(address receiver);

    /// @notice The book's address is predicted before the book exists, and must not be zero.
    error InvalidBook();

    /// @notice The treasury must not be zero.
    error InvalidTreasury();

    /// @notice The loan asset has more than 18 decimals.
    error LoanAssetDecimalsTooLarge(uint256 decimals, uint256 max);

    /// @notice The activity is not paused.
    error NotPaused(Activity activity);

    /// @notice Flash loans are of the loan asset only.
    error NotLoanAsset(address token, address loanAsset);

    /// @notice Reserves are within their target, so there is nothing to sweep.
    error NothingToSweep(uint256 reserves, uint256 target);

    /// @notice The activity is paused. [s]
    error Paused(Activity activity, uint256 until);

    /// @notice Interest was booked by a call that did nothing else. The calls behind Deposit, Withdraw and ReservesSwept here,
    /// and Borrowed, Repaid, Refinanced, Rolled, Liquidated and WrittenOff in the book, book it too, and do not say so again.
    event Accrued(uint256 index);

    /// @notice The most that lenders may have in the vault changed.
    event DepositCapChanged(uint256 cap);

    /// @notice `caller` had `amount` lent to `receiver` for the length of one call.
    event FlashLoan(address indexed caller, address indexed receiver, uint256 amount);

    /// @notice Debt was written off: `fromReserves` of the loss fell on reserves, the rest on the lenders.
    event LossBooked(uint256 loss, uint256 fromReserves);

    /// @notice An activity is paused until then, or, if that is not later than now, no longer.
    event PauseSet(Activity indexed activity, uint256 until);

    /// @notice Reserves above their target went to the treasury.
    event ReservesSwept(address indexed treasury, uint256 amount);

    /// @notice The only caller of {accrueDebt}, {draw}, {retire}, {writeOff} and {refinanced}.
    function BOOK() external view returns (address);

    /// @notice Where swept reserves go.
    function TREASURY() external view returns (address);

    /// @notice Share of all interest that goes to reserves. [bps]
    function RESERVE_FACTOR() external view returns (uint256);

    /// @notice Reserves up to this share of all debt stay in the vault. [bps]
    function RESERVE_TARGET() external view returns (uint256);

    /// @notice How long a pause lasts, unless it is lifted or renewed. [s]
    function PAUSE_DURATION() external view returns (uint256);

    /// @notice The state as stored: interest is booked up to `lastAccrual`.
    function state() external view returns (State memory);

    /// @notice The state as it would be stored if interest were booked now.
    function accruedState() external view returns (State memory);

    /// @notice What one unit of scaled debt has grown to, interest up to now included. [WAD]
    function debtIndex() external view returns (uint256);

    /// @notice All debt, interest up to now included; rounded down, so that it never exceeds what the loans owe.
    function totalDebt() external view returns (uint256);

    /// @notice Of it, what fixed-term loans owe.
    function termDebt() external view returns (uint256);

    /// @notice The sums from which {termDebt} is reckoned, see {TermDebt}.
    /// @return principal Σ principal. [asset]
    /// @return weighted Σ principal × rate. [asset × 1e-9/year]
    /// @return dated Σ principal × rate × since. [asset × 1e-9/year × s]
    function termSums() external view returns (uint256 principal, uint256 weighted, uint256 dated);

    /// @notice What a fixed term costs now: see {TermQuote}. [1e-9/year], rounded up.
    /// @dev Reverts with {TermQuote-TermDurationOutOfRange} or {TermQuote-TermShareExceeded}. What was deposited earlier
    /// in the same transaction does not count, and what was repaid counts as debt still: nobody can lower a quote, or make room,
    /// with money that is borrowed for a moment.
    /// @param debtAdded By how much all debt would grow.
    /// @param termDebtAdded By how much the debt of fixed-term loans would grow.
    /// @param duration How long the rate would be fixed. [s]
    function quoteTerm(uint256 debtAdded, uint256 termDebtAdded, uint256 duration) external view returns (uint256 rate);

    /// @notice Share of cash + debt that is lent out. [WAD], rounded down.
    function utilisation() external view returns (uint256);

    /// @notice What an open-term loan pays now. [WAD/year], nominal, compounding every second.
    function borrowRate() external view returns (uint256);

    /// @notice What lenders earn now, after reserves. [WAD/year], rounded down.
    function lendRate() external view returns (uint256);

    /// @notice The most that lenders may have in the vault, interest included; a deposit beyond it is refused.
    function depositCap() external view returns (uint256);

    /// @notice Until when an activity is paused; 0 if it is not. [s]
    function pausedUntil(Activity activity) external view returns (uint256);

    /// @notice Books interest up to now. Anyone may call; never reverts.
    /// @return index What one unit of scaled debt has grown to. [WAD]
    function accrue() external returns (uint256 index);

    /// @notice Lends `amount` to `receiver`. Only the book, unless borrowing is paused.
    /// @dev The state is written first, the tokens move last. Interest must be booked up to now.
    /// @param amount What is lent.
    /// @param added What the book added to the loan.
    function draw(address receiver, uint256 amount, Debts calldata added) external;

    /// @notice Books interest for the book.
    function accrueDebt() external returns (uint256 index);

    /// @notice Books a repayment that the book pulls from the payer to the vault right after. Only the book.
    /// @dev Interest must be booked up to now.
    /// @param retired What the book took off the loans for it.
    /// @param amount What is repaid, with the fee.
    /// @param fee What of it is for ending terms: it goes to reserves whole.
    function retire(Debts calldata retired, uint256 amount, uint256 fee) external;

    /// @notice Books a loss: reserves bear it first, then the lenders. Only the book.
    /// @dev Interest must be booked up to now.
    /// @param lost What the book took off the loans as lost.
    function writeOff(Debts calldata lost) external;

    /// @notice Books that a loan changed its kind or its term, and lends `drawn` to `receiver`. Only the book; not while
    /// borrowing is paused, if debt is added.
    /// @dev Interest must be booked up to now. The book pulls `paid` from the payer to the vault right after.
    /// @param removed What the loan contributed.
    /// @param added What it contributes from now on.
    /// @param drawn What is lent.
    /// @param fee For ending a term: it goes to reserves whole.
    /// @param paid What of the fee is paid; the rest was added to the debt.
    function refinanced(
        Debts calldata removed,
        Debts calldata added,
        uint256 drawn,
        uint256 fee,
        uint256 paid,
        address receiver
    ) external;

    /// @notice Lowers the deposit cap at once. Guardian. Nobody's deposit is touched; a raise that is proposed already is void.
    function lowerDepositCap(uint256 cap) external;

    /// @notice Pauses an activity for {PAUSE_DURATION} from now. Guardian, who may renew it: but a guardian who is gone stops
    /// nobody for long.
    function pause(Activity activity) external;

    /// @notice Ends a pause. Guardian.
    function unpause(Activity activity) external;

    /// @notice Sends reserves above their target, as far as cash goes, to the treasury. Treasurer.
    /// @return amount What was sent.
    function sweepReserves() external returns (uint256 amount);
}
