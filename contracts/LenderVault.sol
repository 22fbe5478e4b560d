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
import {CashSlot, DebtSlot} from "./libraries/VaultSlots.sol";

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

    /// @dev See {_decimalsOffset}.
    uint256 private constant VIRTUAL_SHARES = 10 ** 6;

    /// @dev Flag of the state: fixed-term loans exist. Those of activities are below it.
    uint256 private constant HAS_TERMS = 1 << 7;

    /// @dev What nearly every call reads and writes, see {ILenderVault-State}.
    DebtSlot private _debtSlot;
    CashSlot private _cashSlot;

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
        _debtSlot = _debtSlot.accrued(WAD, block.timestamp, 0); // 1e18 fits 72 bits, and the time 32 until 2106
        _cashSlot = _cashSlot.withRateAtTarget(RateCurve.START_RATE); // 4e12 fits 48 bits
        _setDepositCap(cap);
    }

    // ------------------------------------------------------------------------------------------------------ Interest

    /// @inheritdoc ILenderVault
    function accrue() external returns (uint256 index) {
        index = _accrue();
        emit Accrued(index);
    }

    /// @inheritdoc ILenderVault
    function accrueDebt() external onlyBook returns (uint256 index) {
        index = _accrue();
    }

    // ------------------------------------------------------------------------------------------------------- Lending

    /// @inheritdoc IERC4626
    function deposit(uint256 assets, address receiver) public override(ERC4626, IERC4626) returns (uint256 shares) {
        (DebtSlot d, CashSlot c, uint256 total) = _accrued();
        _requireNotPaused(c, Activity.Deposit);
        uint256 supply = totalSupply();
        uint256 max = _room(c.cash(), total, supply);
        require(assets <= max, ERC4626ExceededMaxDeposit(receiver, assets, max));
        shares = _toSharesDown(assets, total, supply);
        _take(d, c, assets, shares, receiver);
    }

    /// @inheritdoc IERC4626
    function mint(uint256 shares, address receiver) public override(ERC4626, IERC4626) returns (uint256 assets) {
        (DebtSlot d, CashSlot c, uint256 total) = _accrued();
        _requireNotPaused(c, Activity.Deposit);
        uint256 supply = totalSupply();
        uint256 max = _toSharesDown(_room(c.cash(), total, supply), total, supply);
        require(shares <= max, ERC4626ExceededMaxMint(receiver, shares, max));
        assets = _toAssetsUp(shares, total, supply);
        _take(d, c, assets, shares, receiver);
    }

    /// @inheritdoc IERC4626
    function withdraw(
        uint256 assets,
        address receiver,
        address owner
    ) public override(ERC4626, IERC4626) returns (uint256 shares) {
        (DebtSlot d, CashSlot c, uint256 total) = _accrued();
        uint256 supply = totalSupply();
        uint256 max = _maxWithdraw(c.cash(), total, supply, owner);
        require(assets <= max, ERC4626ExceededMaxWithdraw(owner, assets, max));
        shares = _toSharesUp(assets, total, supply);
        _give(d, c, assets, shares, receiver, owner);
    }

    /// @inheritdoc IERC4626
    function redeem(
        uint256 shares,
        address receiver,
        address owner
    ) public override(ERC4626, IERC4626) returns (uint256 assets) {
        (DebtSlot d, CashSlot c, uint256 total) = _accrued();
        uint256 supply = totalSupply();
        uint256 max = _maxRedeem(c.cash(), total, supply, owner);
        require(shares <= max, ERC4626ExceededMaxRedeem(owner, shares, max));
        assets = _toAssetsDown(shares, total, supply);
        _give(d, c, assets, shares, receiver, owner);
    }

    // ------------------------------------------------------------------------------------------------- For the book

    /// @inheritdoc ILenderVault
    function draw(address receiver, uint256 amount, Debts calldata added) external onlyBook {
        CashSlot c = _cashSlot;
        _requireNotPaused(c, Activity.Borrow);
        _lend(_add(c, added), amount, receiver);
    }

    /// @inheritdoc ILenderVault
    function retire(Debts calldata retired, uint256 amount, uint256 fee) external onlyBook {
        _repaid += amount;
        CashSlot c = _remove(_cashSlot, retired);
        if (fee != 0) c = _reserve(c, fee);
        _cashSlot = c.withCash(Amounts.toUint104(c.cash() + amount));
    }

    /// @inheritdoc ILenderVault
    function writeOff(Debts calldata lost) external onlyBook {
        CashSlot c = _cashSlot;
        uint256 debt = _debt(_debtSlot, c);
        c = _remove(c, lost);
        uint256 loss = debt - _debt(_debtSlot, c);
        uint256 fromReserves = Math.min(loss, c.reserves());
        _cashSlot = c.withReserves(c.reserves() - fromReserves);
        emit LossBooked(loss, fromReserves);
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
        CashSlot c = _cashSlot;
        if (drawn != 0 || fee != paid) _requireNotPaused(c, Activity.Borrow);
        uint256 cash = c.cash();
        require(drawn <= cash, InsufficientCash(drawn, cash)); // without the fee, which comes in after it has gone out
        c = _add(_remove(c, removed), added);
        c = _reserve(c.withCash(Amounts.toUint104(cash + paid)), fee);
        if (drawn == 0) _cashSlot = c;
        else _lend(c, drawn, receiver);
    }

    // -------------------------------------------------------------------------------------------------- Flash loans

    /// @inheritdoc IERC3156FlashLender
    function flashLoan(
        IERC3156FlashBorrower receiver,
        address token,
        uint256 amount,
        bytes calldata data
    ) external returns (bool) {
        _requireLoanAsset(token);
        CashSlot c = _cashSlot;
        _requireNotPaused(c, Activity.FlashLoan);
        require(amount <= c.cash(), InsufficientCash(amount, c.cash()));
        emit FlashLoan(msg.sender, address(receiver), amount);
        IERC20(token).safeTransfer(address(receiver), amount);
        bytes32 answer = receiver.onFlashLoan(msg.sender, token, amount, 0, data);
        require(answer == FLASH_LOAN_ACCEPTED, FlashLoanNotAccepted(address(receiver)));
        IERC20(token).safeTransferFrom(address(receiver), address(this), amount);
        return true;
    }

    /// @inheritdoc IERC3156FlashLender
    function maxFlashLoan(address token) external view returns (uint256) {
        return token != asset() || pausedUntil(Activity.FlashLoan) != 0 ? 0 : _cashSlot.cash();
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
        _cashSlot = _cashSlot.with(_flag(activity));
        _pausedUntil[activity] = until;
        emit PauseSet(activity, until);
    }

    /// @inheritdoc ILenderVault
    function unpause(Activity activity) external restricted {
        require(pausedUntil(activity) != 0, NotPaused(activity));
        _cashSlot = _cashSlot.without(_flag(activity));
        delete _pausedUntil[activity];
        emit PauseSet(activity, 0);
    }

    /// @inheritdoc ILenderVault
    function sweepReserves() external restricted returns (uint256 amount) {
        (DebtSlot d, CashSlot c, ) = _accrued();
        uint256 target = Math.ceilDiv(_debt(d, c) * RESERVE_TARGET, BPS); // up: what stays protects the lenders
        (uint256 cash, uint256 reserves) = (c.cash(), c.reserves());
        require(reserves > target, NothingToSweep(reserves, target));
        amount = Math.min(reserves - target, cash);
        _store(d, c.withReserves(reserves - amount).withCash(cash - amount));
        emit ReservesSwept(TREASURY, amount);
        IERC20(asset()).safeTransfer(TREASURY, amount);
    }

    // -------------------------------------------------------------------------------------------------------- Views

    /// @inheritdoc ILenderVault
    function state() external view returns (State memory) {
        return _unpack(_debtSlot, _cashSlot);
    }

    /// @inheritdoc ILenderVault
    function accruedState() external view returns (State memory) {
        (DebtSlot d, CashSlot c, ) = _accrued();
        return _unpack(d, c);
    }

    /// @inheritdoc ILenderVault
    function debtIndex() external view returns (uint256) {
        (DebtSlot d, , ) = _accrued();
        return d.index();
    }

    /// @inheritdoc ILenderVault
    function totalDebt() external view returns (uint256) {
        (DebtSlot d, CashSlot c, ) = _accrued();
        return _debt(d, c);
    }

    /// @inheritdoc ILenderVault
    function termDebt() external view returns (uint256) {
        return _termDebt(_cashSlot, block.timestamp);
    }

    /// @inheritdoc ILenderVault
    function termSums() external view returns (uint256 principal, uint256 weighted, uint256 dated) {
        return (_terms.principal, _terms.weighted, _terms.dated);
    }

    /// @inheritdoc ILenderVault
    function quoteTerm(uint256 debtAdded, uint256 termDebtAdded, uint256 duration) external view returns (uint256) {
        (DebtSlot d, CashSlot c, uint256 total) = _accrued();
        uint256 debt = _debt(d, c);
        TermQuote.Market memory market = TermQuote.Market({
            debtAfter: debt + _repaid + Amounts.toUint104(debtAdded),
            termDebtAfter: _termDebt(c, block.timestamp) + Amounts.toUint104(termDebtAdded),
            supply: Math.saturatingSub(c.cash() + debt, _deposited),
            totalAssets: Math.saturatingSub(total, _deposited),
            averagedSupply: AveragedSupply.unpack(d.averagedSupply()),
            rateAtTarget: c.rateAtTarget()
        });
        return TermQuote.rate(market, duration);
    }

    /// @inheritdoc ILenderVault
    function utilisation() external view returns (uint256) {
        (DebtSlot d, CashSlot c, ) = _accrued();
        return RateCurve.utilisation(c.cash(), _debt(d, c));
    }

    /// @inheritdoc ILenderVault
    function borrowRate() external view returns (uint256) {
        (DebtSlot d, CashSlot c, ) = _accrued();
        return _borrowRate(d, c);
    }

    /// @inheritdoc ILenderVault
    function lendRate() external view returns (uint256) {
        (DebtSlot d, CashSlot c, uint256 total) = _accrued();
        if (total == 0) return 0;
        uint256 yearly = _borrowRate(d, c) * _openDebt(d); // [WAD × asset] 60 bits and 176
        if (c.has(HAS_TERMS)) yearly += _terms.weighted * (WAD / TermQuote.RATE_UNIT);
        return Amounts.mulDivDown(yearly, BPS - RESERVE_FACTOR, total * BPS);
    }

    /// @inheritdoc ILenderVault
    function depositCap() external view returns (uint256) {
        return _depositCap;
    }

    /// @inheritdoc ILenderVault
    function pausedUntil(Activity activity) public view returns (uint256) {
        return _pauseOf(_cashSlot, activity);
    }

    /// @inheritdoc IERC4626
    function totalAssets() public view override(ERC4626, IERC4626) returns (uint256 total) {
        (, , total) = _accrued();
    }

    /// @inheritdoc IERC4626
    function maxDeposit(address) public view override(ERC4626, IERC4626) returns (uint256) {
        (, CashSlot c, uint256 total) = _accrued();
        return _maxDeposit(c, total, totalSupply());
    }

    /// @inheritdoc IERC4626
    function maxMint(address) public view override(ERC4626, IERC4626) returns (uint256) {
        (, CashSlot c, uint256 total) = _accrued();
        uint256 supply = totalSupply();
        return _toSharesDown(_maxDeposit(c, total, supply), total, supply); // fits, see {_room}
    }

    /// @inheritdoc IERC4626
    function maxWithdraw(address owner) public view override(ERC4626, IERC4626) returns (uint256) {
        (, CashSlot c, uint256 total) = _accrued();
        return _maxWithdraw(c.cash(), total, totalSupply(), owner);
    }

    /// @inheritdoc IERC4626
    function maxRedeem(address owner) public view override(ERC4626, IERC4626) returns (uint256) {
        (, CashSlot c, uint256 total) = _accrued();
        return _maxRedeem(c.cash(), total, totalSupply(), owner);
    }

    /// @inheritdoc IERC20Metadata
    function decimals() public view override(ERC20, ERC4626, IERC20Metadata) returns (uint8) {
        return super.decimals();
    }

    // ----------------------------------------------------------------------------------------------------- Internal

    /// @dev Books a deposit, then pulls it.
    function _take(DebtSlot d, CashSlot c, uint256 assets, uint256 shares, address receiver) private {
        unchecked {
            _deposited += assets; // parts of the cash
            _store(d, c.withCash(c.cash() + assets)); // the caller has checked it against the room
        }
        _mint(receiver, shares);
        emit Deposit(msg.sender, receiver, assets, shares);
        IERC20(asset()).safeTransferFrom(msg.sender, address(this), assets);
    }

    /// @dev Books a withdrawal, then pays it.
    function _give(DebtSlot d, CashSlot c, uint256 assets, uint256 shares, address receiver, address owner) private {
        _requireReceiver(receiver);
        if (msg.sender != owner) _spendAllowance(owner, msg.sender, shares);
        unchecked {
            _store(d, c.withCash(c.cash() - assets)); // the caller has checked it against cash
        }
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
    function _pauseOf(CashSlot c, Activity activity) private view returns (uint256 until) {
        if (!c.has(_flag(activity))) return 0;
        until = _pausedUntil[activity];
        if (until <= block.timestamp) return 0;
    }

    function _requireNotPaused(CashSlot c, Activity activity) private view {
        uint256 until = _pauseOf(c, activity);
        require(until == 0, Paused(activity, until));
    }

    function _flag(Activity activity) private pure returns (uint256) {
        return 1 << uint256(activity);
    }

    function _requireReceiver(address receiver) private view {
        bool keeps = receiver != address(0) && receiver != address(this) && receiver != BOOK;
        require(keeps, InvalidReceiver(receiver));
    }

    /// @dev Books that loans contribute more, and comes back with the flag of fixed terms set if there are any. Interest must be booked
    /// up to now.
    function _add(CashSlot c, Debts calldata added) private returns (CashSlot) {
        DebtSlot d = _debtSlot;
        _debtSlot = d.withScaledDebt(Amounts.toUint104(d.scaledDebt() + added.scaled));
        if (added.principal == 0) return c;
        TermDebt.Sums memory terms = _terms;
        terms.add(added);
        _terms = terms;
        return c.with(HAS_TERMS);
    }

    /// @dev Books that loans contribute less, and comes back with the flag cleared if there are none. Interest must be booked up to now.
    function _remove(CashSlot c, Debts calldata removed) private returns (CashSlot) {
        DebtSlot d = _debtSlot;
        _debtSlot = d.withScaledDebt(d.scaledDebt() - removed.scaled);
        if (removed.principal == 0) return c;
        TermDebt.Sums memory terms = _terms;
        terms.remove(removed);
        _terms = terms;
        return terms.principal == 0 ? c.without(HAS_TERMS) : c;
    }

    /// @dev Adds a fee to reserves: whoever steps in for its moment gets nothing of it.
    function _reserve(CashSlot c, uint256 fee) private pure returns (CashSlot) {
        unchecked {
            uint256 reserves = c.reserves() + fee; // 96 bits, and 192 at most
            return c.withReserves(reserves < type(uint96).max ? reserves : type(uint96).max); // saturates
        }
    }

    /// @dev Writes cash without what is lent, then sends it.
    function _lend(CashSlot c, uint256 amount, address receiver) private {
        _requireReceiver(receiver);
        uint256 cash = c.cash();
        require(amount <= cash, InsufficientCash(amount, cash));
        _cashSlot = c.withCash(cash - amount);
        IERC20(asset()).safeTransfer(receiver, amount);
    }

    function _requireLoanAsset(address token) private view {
        require(token == asset(), NotLoanAsset(token, asset()));
    }

    /// @dev Books interest up to now.
    function _accrue() private returns (uint256) {
        (DebtSlot d, CashSlot c, ) = _accrued();
        _store(d, c);
        return d.index();
    }

    function _store(DebtSlot d, CashSlot c) private {
        _debtSlot = d;
        _cashSlot = c;
    }

    /// @dev The state with interest, reserves and averages up to now, and what is the lenders'. Never reverts.
    function _accrued() private view returns (DebtSlot d, CashSlot c, uint256 total) {
        // No sum reaches 256 bits: cash has 104, a debt 192 at most, an index 72, and what is divided by a unit 60 more.
        unchecked {
            (d, c) = (_debtSlot, _cashSlot);
            uint256 elapsed = block.timestamp - d.lastAccrual();
            uint256 cash = c.cash();
            uint256 debt = _debt(d, c);
            if (elapsed != 0) {
                uint256 utilisation_ = RateCurve.utilisation(cash, debt);
                (uint256 rate, uint256 rateAtTarget) = RateCurve.drift(c.rateAtTarget(), utilisation_, elapsed);
                // Averaged is the supply as it stood since the last accrual. The time fits 32 bits until 2106.
                uint48 averagedSupply = AveragedSupply.next(d.averagedSupply(), cash + debt, elapsed);
                d = d.accrued(RateCurve.grown(d.index(), rate, elapsed), block.timestamp, averagedSupply);
                uint256 interest = _debt(d, c) - debt;
                debt += interest;
                c = _reserve(c, (interest * RESERVE_FACTOR) / BPS); // down: in the lenders' favour
                c = c.withRateAtTarget(rateAtTarget); // at most 2.5e13, fits 48 bits
            }
            // Reserves are part of cash + debt: they grow by a share of interest, and shrink with losses before lenders do.
            uint256 reserves = c.reserves();
            total = cash + debt > reserves ? cash + debt - reserves : 0;
        }
    }

    /// @dev What the loans owe together, at the time up to which interest is booked; rounded down, each loan rounds up.
    function _debt(DebtSlot d, CashSlot c) private view returns (uint256) {
        unchecked {
            return _openDebt(d) + _termDebt(c, d.lastAccrual()); // 117 bits, and 169
        }
    }

    /// @dev What open-term loans owe together.
    function _openDebt(DebtSlot d) private pure returns (uint256) {
        unchecked {
            return (d.scaledDebt() * d.index()) / WAD; // 104 + 72 bits
        }
    }

    /// @dev What fixed-term loans owe together.
    function _termDebt(CashSlot c, uint256 time) private view returns (uint256) {
        return c.has(HAS_TERMS) ? _terms.owed(time) : 0;
    }

    function _borrowRate(DebtSlot d, CashSlot c) private view returns (uint256) {
        return RateCurve.rate(c.rateAtTarget(), RateCurve.utilisation(c.cash(), _debt(d, c)));
    }

    function _unpack(DebtSlot d, CashSlot c) private pure returns (State memory) {
        return
            State({
                scaledDebt: uint104(d.scaledDebt()), // each as wide as its field
                index: uint72(d.index()),
                lastAccrual: uint32(d.lastAccrual()),
                averagedSupply: d.averagedSupply(),
                cash: uint104(c.cash()),
                reserves: uint96(c.reserves()),
                rateAtTarget: uint48(c.rateAtTarget()),
                flags: uint8(c.flags())
            });
    }

    /// @param total What is the lenders'. [asset]
    /// @param supply Of shares, at most {MAX_SUPPLY}.
    function _toSharesDown(uint256 assets, uint256 total, uint256 supply) private pure returns (uint256) {
        unchecked {
            return Amounts.mulDivDown(assets, supply + VIRTUAL_SHARES, total + 1);
        }
    }

    function _toSharesUp(uint256 assets, uint256 total, uint256 supply) private pure returns (uint256) {
        unchecked {
            return Amounts.mulDivUp(assets, supply + VIRTUAL_SHARES, total + 1);
        }
    }

    function _toAssetsDown(uint256 shares, uint256 total, uint256 supply) private pure returns (uint256) {
        unchecked {
            return Amounts.mulDivDown(shares, total + 1, supply + VIRTUAL_SHARES);
        }
    }

    function _toAssetsUp(uint256 shares, uint256 total, uint256 supply) private pure returns (uint256) {
        unchecked {
            return Amounts.mulDivUp(shares, total + 1, supply + VIRTUAL_SHARES);
        }
    }

    function _maxDeposit(CashSlot c, uint256 total, uint256 supply) private view returns (uint256) {
        return _pauseOf(c, Activity.Deposit) == 0 ? _room(c.cash(), total, supply) : 0;
    }

    /// @dev What may be deposited while that is not paused.
    function _room(uint256 cash, uint256 total, uint256 supply) private view returns (uint256) {
        uint256 cap = _depositCap;
        if (total >= cap) return 0;
        uint256 assets;
        unchecked {
            assets = Math.min(cap - total, type(uint104).max - cash); // cash has 104 bits
        }
        if (supply <= ORDINARY_SUPPLY) return assets;
        uint256 shares = Math.saturatingSub(MAX_SUPPLY, supply);
        return Math.min(assets, _toAssetsDown(shares, total, supply));
    }

    function _maxWithdraw(uint256 cash, uint256 total, uint256 supply, address owner) private view returns (uint256) {
        return Math.min(_toAssetsDown(balanceOf(owner), total, supply), cash);
    }

    function _maxRedeem(uint256 cash, uint256 total, uint256 supply, address owner) private view returns (uint256) {
        uint256 shares = balanceOf(owner);
        bool isCovered = _toAssetsDown(shares, total, supply) <= cash;
        return isCovered ? shares : _toSharesDown(cash, total, supply);
    }

    /// @dev 10^6 virtual shares: what a first depositor could take from the next by a donation is worth less than it costs;
    /// and donations are not counted at all.
    function _decimalsOffset() internal pure override returns (uint8) {
        return 6;
    }
}
