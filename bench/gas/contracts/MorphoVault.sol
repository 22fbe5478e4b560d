// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";
import {ERC20} from "@openzeppelin/contracts/token/ERC20/ERC20.sol";
import {ERC4626} from "@openzeppelin/contracts/token/ERC20/extensions/ERC4626.sol";

/// @dev In the order of Morpho's.
struct MarketParams {
    address loanToken;
    address collateralToken;
    address oracle;
    address irm;
    uint256 lltv;
}

interface IMorpho {
    function accrueInterest(MarketParams memory params) external;
    function supply(
        MarketParams memory params,
        uint256 assets,
        uint256 shares,
        address onBehalf,
        bytes memory data
    ) external returns (uint256, uint256);
    function withdraw(
        MarketParams memory params,
        uint256 assets,
        uint256 shares,
        address onBehalf,
        address receiver
    ) external returns (uint256, uint256);
    function position(bytes32 id, address user) external view returns (uint256 supplyShares, uint128, uint128);
    function market(
        bytes32 id
    ) external view returns (uint128 totalSupplyAssets, uint128 totalSupplyShares, uint128, uint128, uint128, uint128);
}

/// @title MorphoVault
/// @notice Stands in for MetaMorpho, whose npm package has no code in it: OpenZeppelin's vault with all it has in one market of Morpho
/// Blue. It costs less, as MetaMorpho also keeps caps, two queues of markets and a fee on what has been earned. For measurements only.
contract MorphoVault is ERC4626 {
    IMorpho private immutable MORPHO;
    bytes32 private immutable ID;
    address private immutable COLLATERAL;
    address private immutable ORACLE;
    address private immutable RATE_MODEL;
    uint256 private immutable LLTV;

    constructor(IMorpho morpho, MarketParams memory params) ERC20("Vault", "V") ERC4626(IERC20(params.loanToken)) {
        (MORPHO, ID) = (morpho, keccak256(abi.encode(params)));
        (COLLATERAL, ORACLE) = (params.collateralToken, params.oracle);
        (RATE_MODEL, LLTV) = (params.irm, params.lltv);
        IERC20(params.loanToken).approve(address(morpho), type(uint256).max);
    }

    function deposit(uint256 assets, address receiver) public override returns (uint256) {
        MORPHO.accrueInterest(_params());
        return super.deposit(assets, receiver);
    }

    function withdraw(uint256 assets, address receiver, address owner) public override returns (uint256) {
        MORPHO.accrueInterest(_params());
        return super.withdraw(assets, receiver, owner);
    }

    function redeem(uint256 shares, address receiver, address owner) public override returns (uint256) {
        MORPHO.accrueInterest(_params());
        return super.redeem(shares, receiver, owner);
    }

    /// @dev As of the market's last accrual.
    function totalAssets() public view override returns (uint256) {
        (uint256 shares, , ) = MORPHO.position(ID, address(this));
        (uint128 supplied, uint128 supplyShares, , , , ) = MORPHO.market(ID);
        // Morpho's virtual share and asset are left out.
        return supplyShares == 0 ? 0 : (shares * supplied) / supplyShares;
    }

    function _deposit(address caller, address receiver, uint256 assets, uint256 shares) internal override {
        super._deposit(caller, receiver, assets, shares);
        MORPHO.supply(_params(), assets, 0, address(this), "");
    }

    function _withdraw(
        address caller,
        address receiver,
        address owner,
        uint256 assets,
        uint256 shares
    ) internal override {
        MORPHO.withdraw(_params(), assets, 0, address(this), address(this));
        super._withdraw(caller, receiver, owner, assets, shares);
    }

    function _params() private view returns (MarketParams memory) {
        return MarketParams(asset(), COLLATERAL, ORACLE, RATE_MODEL, LLTV);
    }
}
