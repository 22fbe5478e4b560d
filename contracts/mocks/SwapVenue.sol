// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/interfaces/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";
import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";

import {TestFeed} from "./TestFeed.sol";

/// @title SwapVenue
/// @notice Swaps tokens that it holds at the prices of test feeds, for a fee in parts of what comes in. For tests only.
contract SwapVenue {
    using SafeERC20 for IERC20Metadata;

    uint256 private constant BPS = 1e4;

    /// @notice What the venue keeps of what comes in. [bps]
    uint256 public immutable FEE;

    mapping(IERC20Metadata token => TestFeed) public feedOf;

    /// @notice The price is worse than the caller accepts.
    error AboveMax(uint256 amountIn, uint256 max);

    constructor(uint256 fee) {
        FEE = fee;
    }

    /// @notice Trades a token from now on, at this feed's price.
    function list(IERC20Metadata token, TestFeed feed) external {
        feedOf[token] = feed;
    }

    /// @notice Buys exactly `amountOut` of one token for at most `maxIn` of another.
    function buy(
        IERC20Metadata tokenIn,
        IERC20Metadata tokenOut,
        uint256 amountOut,
        uint256 maxIn
    ) external returns (uint256 amountIn) {
        amountIn = quote(tokenIn, tokenOut, amountOut);
        require(amountIn <= maxIn, AboveMax(amountIn, maxIn));
        tokenIn.safeTransferFrom(msg.sender, address(this), amountIn);
        tokenOut.safeTransfer(msg.sender, amountOut);
    }

    /// @notice What `amountOut` costs, the fee included. Rounded up: the venue never loses.
    function quote(
        IERC20Metadata tokenIn,
        IERC20Metadata tokenOut,
        uint256 amountOut
    ) public view returns (uint256 amountIn) {
        (uint256 priceOut, uint256 unitOut) = _price(tokenOut);
        (uint256 priceIn, uint256 unitIn) = _price(tokenIn);
        return Math.mulDiv(amountOut, priceOut * unitIn * BPS, priceIn * unitOut * (BPS - FEE), Math.Rounding.Ceil);
    }

    /// @dev A token's price in dollars is price / unit.
    function _price(IERC20Metadata token) private view returns (uint256 price, uint256 unit) {
        TestFeed feed = feedOf[token];
        return (uint256(feed.answer()), 10 ** (token.decimals() + feed.decimals()));
    }
}
