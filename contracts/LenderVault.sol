// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {AccessManaged} from "@openzeppelin/contracts/access/manager/AccessManaged.sol";
import {IERC20} from "@openzeppelin/contracts/interfaces/IERC20.sol";
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

/// @title LenderVault
/// @notice Holds the loan asset of one market. Lenders own shares of it; its LoanBook lends it out and brings it back.
///
/// Loan asset: an ERC-20 of at most 18 decimals that moves exactly the amount it is told to and whose balances change only
/// by transfers. It is counted, never read from `balanceOf`: a donation changes nothing.
///
/// Powers, by roles of an AccessManager: the curator raises the deposit cap, after a proposal and a delay that is a constant of
/// the contract; the guardian lowers it, cancels proposals, and pauses deposits and borrowing, at once and for a limited time;
/// the treasurer sweeps surplus reserves to the fixed treasury. Nobody can touch cash, shares or rates, or stop a withdrawal
/// that cash covers.
///
/// Rounding: the index rounds up (borrowers), all debt and every share conversion round against the one who calls. What the
/// vault claims, `totalAssets`, never exceeds cash plus what borrowers would pay to close everything.
///
/// Liveness: `accrue` cannot revert; what grows by itself (index, reserves, averages) saturates.
contract LenderVault is ILenderVault, ERC4626, ERC20Permit, Proposals {
    using SafeERC20 for IERC20;

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

    /// @dev One whole token. [asset]
    uint256 private immutable WHOLE_TOKEN;

    /// @dev Two slots, drawn at {ILenderVault-State}.
    State private _state;

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
        WHOLE_TOKEN = 10 ** assetDecimals;
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
    function draw(uint256 amount, uint256 scaledDebt, address receiver) external onlyBook {
        _requireReceiver(receiver);
        State memory s = _state;
        _requireNotPaused(s, Activity.Borrow);
        require(amount <= s.cash, InsufficientCash(amount, s.cash));
        s.cash -= uint104(amount); // at most cash, one line above
        s.scaledDebt = Amounts.toUint104(uint256(s.scaledDebt) + scaledDebt);
        _state = s;
        IERC20(asset()).safeTransfer(receiver, amount);
    }

    /// @inheritdoc ILenderVault
    function repaid(uint256 amount, uint256 scaledRepaid, uint256 scaledLost) external onlyBook {
        State memory s = _state;
        s.cash = Amounts.toUint104(uint256(s.cash) + amount);
        s.scaledDebt -= uint104(scaledRepaid); // taken off loans whose sum scaledDebt is
        if (scaledLost != 0) {
            uint256 debtBefore = _debt(s);
            s.scaledDebt -= uint104(scaledLost); // likewise
            uint256 loss = debtBefore - _debt(s);
            uint256 fromReserves = Math.min(loss, s.reserves);
            s.reserves -= uint96(fromReserves); // at most reserves
            emit LossBooked(loss, fromReserves);
        }
        _state = s;
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
        uint256 debt = _debt(s);
        uint256 yearly = RateCurve.rate(s.rateAtTarget, RateCurve.utilisation(s.cash, debt)) * (BPS - RESERVE_FACTOR);
        uint256 assets = _totalAssets(s);
        return assets == 0 ? 0 : Amounts.mulDivDown(yearly, debt, assets * BPS);
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
        uint256 interest = _debt(s) - debt;
        uint256 reserves = s.reserves + (interest * RESERVE_FACTOR) / BPS; // down: in the lenders' favour
        s.reserves = uint96(Math.min(reserves, type(uint96).max)); // saturates
        s.averagedSupply = uint48(AveragedSupply.next(s.averagedSupply, (supply * 100) / WHOLE_TOKEN, elapsed)); // capped there
        s.lastAccrual = uint32(block.timestamp); // until 2106
    }

    /// @dev What the loans owe together; rounded down, each loan rounds up.
    function _debt(State memory s) private pure returns (uint256) {
        return (uint256(s.scaledDebt) * s.index) / WAD; // 104 + 72 bits
    }

    /// @dev Reserves are part of cash + debt: they grow by a share of interest, and shrink with losses before lenders do.
    function _totalAssets(State memory s) private pure returns (uint256) {
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
