// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/token/ERC20/IERC20.sol";

interface IFeed {
    function latestRoundData() external view returns (uint80, int256, uint256, uint256, uint80);
}

/// @title Floor
/// @notice What lending and borrowing cost at least: it moves the tokens, reads the feeds, writes a lender's slot or a loan's two and
/// two totals, and emits one event. It checks nothing, books no interest and rounds nothing. For measurements only.
contract Floor {
    struct Loan {
        uint256 pledged;
        uint256 debt;
    }

    IERC20 private immutable ASSET;
    IERC20 private immutable COLLATERAL;
    IFeed private immutable ASSET_FEED;
    IFeed private immutable COLLATERAL_FEED;

    mapping(address lender => uint256 shares) public sharesOf;
    mapping(address borrower => Loan loan) public loanOf;
    uint256 public totalAssets;
    uint256 public totalShares;
    uint256 public totalPledged;
    uint256 public totalDebt;

    event Lent(address indexed lender, uint256 amount);
    event Withdrawn(address indexed lender, uint256 amount);
    event Opened(address indexed borrower, uint256 pledged, uint256 amount);
    event Borrowed(address indexed borrower, uint256 pledged, uint256 debt);
    event Repaid(address indexed borrower, uint256 amount);
    event Closed(address indexed borrower, uint256 pledged, uint256 debt);

    constructor(IERC20 asset, IERC20 collateral, IFeed assetFeed, IFeed collateralFeed) {
        (ASSET, COLLATERAL, ASSET_FEED, COLLATERAL_FEED) = (asset, collateral, assetFeed, collateralFeed);
    }

    function lend(uint256 amount) external {
        unchecked {
            sharesOf[msg.sender] += amount;
            totalAssets += amount;
            totalShares += amount;
        }
        emit Lent(msg.sender, amount);
        ASSET.transferFrom(msg.sender, address(this), amount);
    }

    function withdraw(uint256 amount) external {
        unchecked {
            sharesOf[msg.sender] -= amount;
            totalAssets -= amount;
            totalShares -= amount;
        }
        emit Withdrawn(msg.sender, amount);
        ASSET.transfer(msg.sender, amount);
    }

    function open(uint256 pledged, uint256 amount) external {
        _readFeeds();
        loanOf[msg.sender] = Loan(pledged, amount);
        unchecked {
            totalPledged += pledged;
            totalDebt += amount;
        }
        emit Opened(msg.sender, pledged, amount);
        COLLATERAL.transferFrom(msg.sender, address(this), pledged);
        ASSET.transfer(msg.sender, amount);
    }

    function borrow(uint256 amount) external {
        _readFeeds();
        Loan memory loan = loanOf[msg.sender];
        unchecked {
            loan.debt += amount;
            totalAssets -= amount;
            totalDebt += amount;
        }
        loanOf[msg.sender].debt = loan.debt;
        emit Borrowed(msg.sender, loan.pledged, loan.debt);
        ASSET.transfer(msg.sender, amount);
    }

    function repay(uint256 amount) external {
        unchecked {
            loanOf[msg.sender].debt -= amount;
            totalAssets += amount;
            totalDebt -= amount;
        }
        emit Repaid(msg.sender, amount);
        ASSET.transferFrom(msg.sender, address(this), amount);
    }

    function close() external {
        Loan memory loan = loanOf[msg.sender];
        delete loanOf[msg.sender];
        unchecked {
            totalPledged -= loan.pledged;
            totalDebt -= loan.debt;
        }
        emit Closed(msg.sender, loan.pledged, loan.debt);
        ASSET.transferFrom(msg.sender, address(this), loan.debt);
        COLLATERAL.transfer(msg.sender, loan.pledged);
    }

    function _readFeeds() private view {
        ASSET_FEED.latestRoundData();
        COLLATERAL_FEED.latestRoundData();
    }
}
