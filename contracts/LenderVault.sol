// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/interfaces/IERC20.sol";
import {IERC3156FlashBorrower} from "@openzeppelin/contracts/interfaces/IERC3156FlashBorrower.sol";
import {IERC3156FlashLender} from "@openzeppelin/contracts/interfaces/IERC3156FlashLender.sol";
import {IERC20Metadata} from "@openzeppelin/contracts/interfaces/IERC20Metadata.sol";
import {IERC4626} from "@openzeppelin/contracts/interfaces/IERC4626.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/ERC20Permit.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {Proposals} from "./governance/Proposals.sol";
import {ILenderVault} from "./interfaces/ILenderVault.sol";
import {IVaultActions} from "./interfaces/IVaultActions.sol";
import {Amounts} from "./libraries/Amounts.sol";
import {AveragedSupply} from "./libraries/AveragedSupply.sol";
import {RateCurve} from "./libraries/RateCurve.sol";
import {TermDebt} from "./libraries/TermDebt.sol";
import {TermQuote} from "./libraries/TermQuote.sol";

/// @title LenderVault
/// @notice Holds the loan asset of one market. Lenders own shares of it; its LoanBook lends it out and brings it back.
///
/// Loan asset: an ERC-20 of at most 18 decimals that moves exactly the amount it is told to and whose balances change only
/// by transfers. It is counted, never read from `balanceOf`: a donation changes nothing.
///
/// Powers, by roles of an AccessManager: the curator raises the deposit cap, after a proposal and a delay that is a constant of
/// the contract; the guardian lowers it, cancels proposals, and pauses deposits, borrowing and flash loans, at once and for a
/// limited time; the treasurer sweeps surplus reserves to the fixed treasury. Nobody can touch cash, shares or rates, or stop a
/// withdrawal that cash covers.
///
/// Rounding: the index rounds up (borrowers), all debt and every share conversion round against the one who calls. What the
/// vault claims, `totalAssets`, never exceeds cash plus what borrowers would pay to close everything.
///
/// Liveness: `accrue` cannot revert; what grows by itself (index, reserves, averages) saturates.
contract LenderVault is ILenderVault, ERC4626, ERC20Permit, Proposals {
    using SafeERC20 for IERC20;
    using TermDebt for TermDebt.Sums;

    uint256 public constant RESERVE_FACTOR = 1_000;
    uint256 public constant RESERVE_TARGET = 200;
    uint256 public constant PAUSE_DURATION = 14 days;

    uint256 private constant WAD = 1e18;
    uint256 private constant BPS = 1e4;
    uint256 private constant MAX_DECIMALS = 18;

    /// @dev After a total loss shares are worth next to nothing, and every deposit makes enormous numbers of them: some such
    /// losses later they would no longer fit.
    uint256 private constant MAX_SUPPLY = type(uint248).max;

    /// @dev Up to this supply even the largest deposit stays below {MAX_SUPPLY}: 143 bits and the 104 of an amount.
    uint256 private constant ORDINARY_SUPPLY = 2 ** 143 - 10 ** 6;

    address public immutable BOOK;
    address public immutable TREASURY;

    /// @dev What a borrower of a flash loan must answer.
    bytes32 private constant FLASH_LOAN_ACCEPTED = keccak256("ERC3156FlashBorrower.onFlashLoan");

    /// @dev Flag of the state: fixed-term loans exist. Those of activities are below it.
    uint8 private constant HAS_TERMS = 1 << 7;

    /// @dev Two slots, drawn at {ILenderVault-State}.
    State private _state;

    /// @dev Two slots, read only while fixed-term loans exist.
    TermDebt.Sums private _terms;

    /// @dev What was deposited, and what was repaid, in this transaction: quotes count neither, since both may be borrowed money that
    /// is gone again in a moment. [asset]
    uint256 private transient _deposited;
    uint256 private transient _repaid;

    /// @dev A slot of its own: only deposits read it. [asset]
    uint104 private _depositCap;

    /// @dev A proposal to raise the deposit cap that is not younger than this is void. Beside the cap. [s]
    uint40 private _depositCapLoweredAt;

    /// @dev Read only if the state's flag for the activity is set. [s]
    mapping(Activity activity => uint256) private _pausedUntil;

    modifier onlyBook() {
        require(msg.sender == BOOK, CallerNotBook(msg.sender, BOOK));
        _;
    }

    /// @param asset_ The loan asset.
    /// @param book The book's address, predicted by the deployment, which checks it afterwards.
    /// @param treasury Where swept reserves go, for ever.
    /// @param authority_ The AccessManager.
    /// @param cap The first deposit cap.
    constructor(
        IERC20Metadata asset_,
        address book,
        address treasury,
        address authority_,
        uint256 cap,
        string memory name_,
        string memory symbol_
    ) ERC20(name_, symbol_) ERC20Permit(name_) ERC4626(asset_) AccessManaged(authority_) {
        uint256 assetDecimals = asset_.decimals();
        require(assetDecimals <= MAX_DECIMALS, LoanAssetDecimalsTooLarge(assetDecimals, MAX_DECIMALS));
        require(book != address(0), InvalidBook());
        require(treasury != address(0), InvalidTreasury());
        BOOK = book;
        TREASURY = treasury;
        _state.index = uint72(WAD); // 1e18 fits 72 bits
        _state.lastAccrual = uint32(block.timestamp); // until 2106
        _state.rateAtTarget = uint48(RateCurve.START_RATE); // 4e12 fits 48 bits
        _setDepositCap(cap);
    }

    // ------------------------------------------------------------------------------------------------------ Interest

    /// @inheritdoc ILenderVault
    function accrue() external returns (uint256 index) {
        State memory s = _accrued();
        _state = s;
        index = s.index;
        if (msg.sender != BOOK) emit Accrued(index);
    }

    // ------------------------------------------------------------------------------------------------------- Lending

    /// @inheritdoc IERC4626
    function deposit(uint256 assets, address receiver) public override(ERC4626, IERC4626) returns (uint256 shares) {
        State memory s = _accrued();
        _requireNotPaused(s, Activity.Deposit);
        uint256 max = _maxDeposit(s);
        require(assets <= max, ERC4626ExceededMaxDeposit(receiver, assets, max));
        shares = _toShares(s, assets, Math.Rounding.Floor);
        _take(s, assets, shares, receiver);
    }

    /// @inheritdoc IERC4626
    function mint(uint256 shares, address receiver) public override(ERC4626, IERC4626) returns (uint256 assets) {
        State memory s = _accrued();
        _requireNotPaused(s, Activity.Deposit);
        uint256 max = _maxMint(s);
        require(shares <= max, ERC4626ExceededMaxMint(receiver, shares, max));
        assets = _toAssets(s, shares, Math.Rounding.Ceil);
        _take(s, assets, shares, receiver);
    }

    /// @inheritdoc IERC4626
    function withdraw(
        uint256 assets,
        address receiver,
        address owner
    ) public override(ERC4626, IERC4626) returns (uint256 shares) {
        State memory s = _accrued();
        uint256 max = _maxWithdraw(s, owner);
        require(assets <= max, ERC4626ExceededMaxWithdraw(owner, assets, max));
        shares = _toShares(s, assets, Math.Rounding.Ceil);
        _give(s, assets, shares, receiver, owner);
    }

    /// @inheritdoc IERC4626
    function redeem(
        uint256 shares,
        address receiver,
        address owner
    ) public override(ERC4626, IERC4626) returns (uint256 assets) {
        State memory s = _accrued();
        uint256 max = _maxRedeem(s, owner);
        require(shares <= max, ERC4626ExceededMaxRedeem(owner, shares, max));
        assets = _toAssets(s, shares, Math.Rounding.Floor);
        _give(s, assets, shares, receiver, owner);
    }

    // ------------------------------------------------------------------------------------------------- For the book

    /// @inheritdoc ILenderVault
    function draw(uint256 amount, Debts calldata added, address receiver) external onlyBook {
        State memory s = _state;
        _requireNotPaused(s, Activity.Borrow);
        _add(s, added);
        _lend(s, amount, receiver);
    }

    /// @inheritdoc ILenderVault
    function repaid(uint256 amount, uint256 fee, Debts calldata retired, Debts calldata lost) external onlyBook {
        State memory s = _state;
        _repaid += amount;
        s.cash = Amounts.toUint104(uint256(s.cash) + amount);
        _remove(s, retired);
        if (fee != 0) _reserve(s, fee);
        if (lost.scaled != 0 || lost.principal != 0) {
            uint256 debt = _debt(s);
            _remove(s, lost);
            uint256 loss = debt - _debt(s);
            uint256 fromReserves = Math.min(loss, s.reserves);
            s.reserves -= uint96(fromReserves); // at most reserves
            emit LossBooked(loss, fromReserves);
        }
        _state = s;
    }

    /// @inheritdoc ILenderVault
    function refinanced(
        Debts calldata removed,
        Debts calldata added,
        uint256 drawn,
        uint256 fee,
        uint256 paid,
        address receiver
    ) external onlyBook {
        State memory s = _state;
        if (drawn != 0 || fee != paid) _requireNotPaused(s, Activity.Borrow);
        require(drawn <= s.cash, InsufficientCash(drawn, s.cash)); // without the fee, which comes in after it has gone out
        _remove(s, removed);
        _add(s, added);
        s.cash = Amounts.toUint104(uint256(s.cash) + paid);
        _reserve(s, fee);
        if (drawn == 0) _state = s;
        else _lend(s, drawn, receiver);
    }

    // -------------------------------------------------------------------------------------------------- Flash loans

    /// @inheritdoc IERC3156FlashLender
    function flashLoan(
        IERC3156FlashBorrower receiver,
        address token,
        uint256 amount,
        bytes calldata data
    ) external returns (bool) {
        State memory s = _state;
        _requireLoanAsset(token);
        _requireNotPaused(s, Activity.FlashLoan);
        require(amount <= s.cash, InsufficientCash(amount, s.cash));
        emit FlashLoan(msg.sender, address(receiver), amount);
        IERC20(token).safeTransfer(address(receiver), amount);
        bytes32 answer = receiver.onFlashLoan(msg.sender, token, amount, 0, data);
        require(answer == FLASH_LOAN_ACCEPTED, FlashLoanNotAccepted(address(receiver)));
        IERC20(token).safeTransferFrom(address(receiver), address(this), amount);
        return true;
    }

    /// @inheritdoc IERC3156FlashLender
    function maxFlashLoan(address token) external view returns (uint256) {
        State memory s = _state;
        return token != asset() || _pauseOf(s, Activity.FlashLoan) != 0 ? 0 : s.cash;
    }

    /// @inheritdoc IERC3156FlashLender
    function flashFee(address token, uint256) external view returns (uint256) {
        _requireLoanAsset(token);
        return 0;
    }

    // ----------------------------------------------------------------------------------------------- Administration

    /// @inheritdoc ILenderVault
    function lowerDepositCap(uint256 cap) external restricted {
        require(cap < _depositCap, DepositCapNotLower(cap, _depositCap));
        _setDepositCap(cap);
        _depositCapLoweredAt = uint40(block.timestamp); // 40 bits last 34,000 years
    }

    /// @inheritdoc ILenderVault
    function pause(Activity activity) external restricted {
        uint256 until = block.timestamp + PAUSE_DURATION;
        _state.flags |= _flag(activity);
        _pausedUntil[activity] = until;
        emit PauseSet(activity, until);
    }

    /// @inheritdoc ILenderVault
    function unpause(Activity activity) external restricted {
        require(pausedUntil(activity) != 0, NotPaused(activity));
        _state.flags &= ~_flag(activity);
        delete _pausedUntil[activity];
        emit PauseSet(activity, 0);
    }

    /// @inheritdoc ILenderVault
    function sweepReserves() external restricted returns (uint256 amount) {
        State memory s = _accrued();
        uint256 target = Amounts.mulDivUp(_debt(s), RESERVE_TARGET, BPS); // up: what stays protects the lenders
        require(s.reserves > target, NothingToSweep(s.reserves, target));
        amount = Math.min(s.reserves - target, s.cash);
        s.reserves -= uint96(amount); // at most reserves
        s.cash -= uint104(amount); // at most cash
        _state = s;
        emit ReservesSwept(TREASURY, amount);
        IERC20(asset()).safeTransfer(TREASURY, amount);
    }

    // -------------------------------------------------------------------------------------------------------- Views

    /// @inheritdoc ILenderVault
    function state() external view returns (State memory) {
        return _state;
    }

    /// @inheritdoc ILenderVault
    function accruedState() external view returns (State memory) {
        return _accrued();
    }

    /// @inheritdoc ILenderVault
    function debtIndex() external view returns (uint256) {
        return _accrued().index;
    }

    /// @inheritdoc ILenderVault
    function totalDebt() external view returns (uint256) {
        return _debt(_accrued());
    }

    /// @inheritdoc ILenderVault
    function termDebt() external view returns (uint256) {
        return _termDebt(_state, block.timestamp);
    }

    /// @inheritdoc ILenderVault
    function termSums() external view returns (uint256 principal, uint256 weighted, uint256 dated) {
        return (_terms.principal, _terms.weighted, _terms.dated);
    }

    /// @inheritdoc ILenderVault
    function quoteTerm(uint256 debtAdded, uint256 termDebtAdded, uint256 duration) external view returns (uint256) {
        State memory s = _accrued();
        uint256 debt = _debt(s);
        TermQuote.Market memory market = TermQuote.Market({
            debtAfter: debt + _repaid + Amounts.toUint104(debtAdded),
            termDebtAfter: _termDebt(s, block.timestamp) + Amounts.toUint104(termDebtAdded),
            supply: Math.saturatingSub(s.cash + debt, _deposited),
            totalAssets: Math.saturatingSub(_totalAssets(s), _deposited),
            averagedSupply: AveragedSupply.unpack(s.averagedSupply),
            rateAtTarget: s.rateAtTarget
        });
        return TermQuote.rate(market, duration);
    }

    /// @inheritdoc ILenderVault
    function utilisation() external view returns (uint256) {
        State memory s = _accrued();
        return RateCurve.utilisation(s.cash, _debt(s));
    }

    /// @inheritdoc ILenderVault
    function borrowRate() external view returns (uint256) {
        State memory s = _accrued();
        return RateCurve.rate(s.rateAtTarget, RateCurve.utilisation(s.cash, _debt(s)));
    }

    /// @inheritdoc ILenderVault
    function lendRate() external view returns (uint256) {
        State memory s = _accrued();
        uint256 assets = _totalAssets(s);
        if (assets == 0) return 0;
        uint256 openRate = RateCurve.rate(s.rateAtTarget, RateCurve.utilisation(s.cash, _debt(s)));
        uint256 yearly = openRate * _openDebt(s); // [WAD × asset] 60 bits and 176
        if (s.flags & HAS_TERMS != 0) yearly += _terms.weighted * (WAD / TermQuote.RATE_UNIT);
        return Amounts.mulDivDown(yearly, BPS - RESERVE_FACTOR, assets * BPS);
    }

    /// @inheritdoc ILenderVault
    function depositCap() external view returns (uint256) {
        return _depositCap;
    }

    /// @inheritdoc ILenderVault
    function pausedUntil(Activity activity) public view returns (uint256) {
        return _pauseOf(_state, activity);
    }

    /// @inheritdoc IERC4626
    function totalAssets() public view override(ERC4626, IERC4626) returns (uint256) {
        return _totalAssets(_accrued());
    }

    /// @inheritdoc IERC4626
    function maxDeposit(address) public view override(ERC4626, IERC4626) returns (uint256) {
        return _maxDeposit(_accrued());
    }

    /// @inheritdoc IERC4626
    function maxMint(address) public view override(ERC4626, IERC4626) returns (uint256) {
        return _maxMint(_accrued());
    }

    /// @inheritdoc IERC4626
    function maxWithdraw(address owner) public view override(ERC4626, IERC4626) returns (uint256) {
        return _maxWithdraw(_accrued(), owner);
    }

    /// @inheritdoc IERC4626
    function maxRedeem(address owner) public view override(ERC4626, IERC4626) returns (uint256) {
        return _maxRedeem(_accrued(), owner);
    }

    /// @inheritdoc IERC20Metadata
    function decimals() public view override(ERC20, ERC4626, IERC20Metadata) returns (uint8) {
        return super.decimals();
    }

    // ----------------------------------------------------------------------------------------------------- Internal

    /// @dev Books a deposit, then pulls it.
    function _take(State memory s, uint256 assets, uint256 shares, address receiver) private {
        s.cash = Amounts.toUint104(uint256(s.cash) + assets);
        _deposited += assets;
        _state = s;
        _mint(receiver, shares);
        emit Deposit(msg.sender, receiver, assets, shares);
        IERC20(asset()).safeTransferFrom(msg.sender, address(this), assets);
    }

    /// @dev Books a withdrawal, then pays it.
    function _give(State memory s, uint256 assets, uint256 shares, address receiver, address owner) private {
        _requireReceiver(receiver);
        if (msg.sender != owner) _spendAllowance(owner, msg.sender, shares);
        s.cash -= uint104(assets); // the caller has checked it against cash
        _state = s;
        _burn(owner, shares);
        emit Withdraw(msg.sender, receiver, owner, assets, shares);
        IERC20(asset()).safeTransfer(receiver, assets);
    }

    /// @inheritdoc Proposals
    function _checkAction(bytes calldata action) internal view override returns (uint216) {
        _raisedCap(action);
        return 0;
    }

    /// @inheritdoc Proposals
    function _execute(bytes calldata action, uint256 age, uint216) internal override {
        require(age >= PROPOSAL_DELAY, ProposalNotReady(age, PROPOSAL_DELAY));
        uint256 madeAt = block.timestamp - age;
        require(madeAt > _depositCapLoweredAt, LoweredSince(_depositCapLoweredAt, madeAt));
        _setDepositCap(_raisedCap(action));
    }

    /// @dev The deposit cap that an action raises to.
    function _raisedCap(bytes calldata action) private view returns (uint256 cap) {
        require(bytes4(action) == IVaultActions.raiseDepositCap.selector, InvalidAction(bytes4(action)));
        cap = Amounts.toUint104(abi.decode(action[4:], (uint256)));
        require(cap > _depositCap, DepositCapNotHigher(cap, _depositCap));
    }

    function _setDepositCap(uint256 cap) private {
        _depositCap = Amounts.toUint104(cap);
        emit DepositCapChanged(cap);
    }

    /// @dev Until when an activity is paused; 0 if it is not. [s]
    function _pauseOf(State memory s, Activity activity) private view returns (uint256 until) {
        if (s.flags & _flag(activity) == 0) return 0;
        until = _pausedUntil[activity];
        if (until <= block.timestamp) return 0;
    }

    function _requireNotPaused(State memory s, Activity activity) private view {
        uint256 until = _pauseOf(s, activity);
        require(until == 0, Paused(activity, until));
    }

    function _flag(Activity activity) private pure returns (uint8) {
        return uint8(1 << uint8(activity)); // an activity is below 8
    }

    function _requireReceiver(address receiver) private view {
        bool keeps = receiver != address(0) && receiver != address(this) && receiver != BOOK;
        require(keeps, InvalidReceiver(receiver));
    }

    /// @dev Books that loans contribute more. Interest must be booked up to now.
    function _add(State memory s, Debts calldata added) private {
        s.scaledDebt = Amounts.toUint104(uint256(s.scaledDebt) + added.scaled);
        if (added.principal == 0) return;
        TermDebt.Sums memory terms = _terms;
        terms.add(added);
        _terms = terms;
        s.flags |= HAS_TERMS;
    }

    /// @dev Books that loans contribute less. Interest must be booked up to now.
    function _remove(State memory s, Debts calldata removed) private {
        s.scaledDebt -= uint104(removed.scaled); // taken off loans whose sum scaledDebt is
        if (removed.principal == 0) return;
        TermDebt.Sums memory terms = _terms;
        terms.remove(removed);
        _terms = terms;
        if (terms.principal == 0) s.flags &= ~HAS_TERMS;
    }

    /// @dev Adds a fee to reserves: whoever steps in for its moment gets nothing of it.
    function _reserve(State memory s, uint256 fee) private pure {
        s.reserves = uint96(Math.min(s.reserves + fee, type(uint96).max)); // saturates
    }

    /// @dev Writes the state without what is lent, then sends it.
    function _lend(State memory s, uint256 amount, address receiver) private {
        _requireReceiver(receiver);
        require(amount <= s.cash, InsufficientCash(amount, s.cash));
        s.cash -= uint104(amount); // at most cash, one line above
        _state = s;
        IERC20(asset()).safeTransfer(receiver, amount);
    }

    function _requireLoanAsset(address token) private view {
        require(token == asset(), NotLoanAsset(token, asset()));
    }

    /// @dev The state with interest, reserves and averages up to now. Never reverts.
    function _accrued() private view returns (State memory s) {
        s = _state;
        uint256 elapsed = block.timestamp - s.lastAccrual;
        if (elapsed == 0) return s;
        uint256 debt = _debt(s);
        uint256 supply = s.cash + debt; // as it stood since the last accrual

        (uint256 rate, uint256 rateAtTarget) = RateCurve.drift(
            s.rateAtTarget,
            RateCurve.utilisation(s.cash, debt),
            elapsed
        );
        uint256 index = s.index + Amounts.mulDivUp(s.index, RateCurve.growth(rate, elapsed), WAD); // up: borrowers
        s.index = uint72(Math.min(index, type(uint72).max)); // saturates
        s.rateAtTarget = uint48(rateAtTarget); // at most 2.5e13, fits 48 bits
        s.averagedSupply = AveragedSupply.next(s.averagedSupply, supply, elapsed);
        s.lastAccrual = uint32(block.timestamp); // until 2106
        uint256 interest = _debt(s) - debt;
        _reserve(s, (interest * RESERVE_FACTOR) / BPS); // down: in the lenders' favour
    }

    /// @dev What the loans owe together, at the time up to which interest is booked; rounded down, each loan rounds up.
    function _debt(State memory s) private view returns (uint256) {
        return _openDebt(s) + _termDebt(s, s.lastAccrual);
    }

    /// @dev What open-term loans owe together.
    function _openDebt(State memory s) private pure returns (uint256) {
        return (uint256(s.scaledDebt) * s.index) / WAD; // 104 + 72 bits
    }

    /// @dev What fixed-term loans owe together.
    function _termDebt(State memory s, uint256 time) private view returns (uint256) {
        return s.flags & HAS_TERMS == 0 ? 0 : _terms.owed(time);
    }

    /// @dev Reserves are part of cash + debt: they grow by a share of interest, and shrink with losses before lenders do.
    function _totalAssets(State memory s) private view returns (uint256) {
        return s.cash + _debt(s) - s.reserves;
    }

    function _toShares(State memory s, uint256 assets, Math.Rounding rounding) private view returns (uint256) {
        return Math.mulDiv(assets, totalSupply() + 10 ** _decimalsOffset(), _totalAssets(s) + 1, rounding);
    }

    function _toAssets(State memory s, uint256 shares, Math.Rounding rounding) private view returns (uint256) {
        return Math.mulDiv(shares, _totalAssets(s) + 1, totalSupply() + 10 ** _decimalsOffset(), rounding);
    }

    function _maxDeposit(State memory s) private view returns (uint256) {
        if (_pauseOf(s, Activity.Deposit) != 0) return 0;
        uint256 assets = Math.min(Math.saturatingSub(_depositCap, _totalAssets(s)), type(uint104).max - s.cash);
        uint256 supply = totalSupply();
        if (supply <= ORDINARY_SUPPLY) return assets;
        return Math.min(assets, _toAssets(s, Math.saturatingSub(MAX_SUPPLY, supply), Math.Rounding.Floor));
    }

    /// @dev Fits 256 bits, see {_maxDeposit}.
    function _maxMint(State memory s) private view returns (uint256) {
        return _toShares(s, _maxDeposit(s), Math.Rounding.Floor);
    }

    function _maxWithdraw(State memory s, address owner) private view returns (uint256) {
        return Math.min(_toAssets(s, balanceOf(owner), Math.Rounding.Floor), s.cash);
    }

    function _maxRedeem(State memory s, address owner) private view returns (uint256) {
        uint256 shares = balanceOf(owner);
        return _toAssets(s, shares, Math.Rounding.Floor) <= s.cash ? shares : _toShares(s, s.cash, Math.Rounding.Floor);
    }

    /// @dev 10^6 virtual shares: what a first depositor could take from the next by a donation is worth less than it costs;
    /// and donations are not counted at all.
    function _decimalsOffset() internal pure override returns (uint8) {
        return 6;
    }
}
