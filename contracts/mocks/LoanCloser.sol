// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/interfaces/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {LoanId} from "../libraries/LoanId.sol";
import {FlashBorrower} from "./FlashBorrower.sol";
import {SwapVenue} from "./SwapVenue.sol";

/// @title LoanCloser
/// @notice Repays and closes a loan with its own collateral: a flash loan repays it, as much of a pledge as that cost is sold to
/// pay the flash loan back, and all the rest goes to the owner. An example, for tests only.
contract LoanCloser is FlashBorrower {
    using LoanId for uint256;
    using SafeERC20 for IERC20Metadata;

    struct Order {
        uint256 id;
        uint256 maxDebt; // [asset] borrowed: at least the debt, and the fee for ending a term
        uint256 listing; // the pledge to sell of
        uint256 maxSold; // [token] the most to sell of it
    }

    SwapVenue public immutable VENUE;

    constructor(ILoanBook book, SwapVenue venue) FlashBorrower(book) {
        VENUE = venue;
    }

    /// @notice Closes a loan of the caller, who has made this contract its operator.
    function close(Order calldata order) external onlyOwner(order.id) {
        _borrowAndCarryOut(order.maxDebt, abi.encode(order));
    }

    function _carryOut(bytes calldata data) internal override {
        Order memory order = abi.decode(data, (Order));
        IERC20Metadata asset = IERC20Metadata(address(ASSET));
        IERC20Metadata token = IERC20Metadata(address(_tokenOf(BOOK, order.listing)));

        uint256 repaid = BOOK.repay(order.id, order.maxDebt);
        uint256 sold = VENUE.quote(token, asset, repaid);
        BOOK.release(order.id, order.listing, sold, address(this)); // free of debt by now: no price is read
        token.forceApprove(address(VENUE), sold);
        VENUE.buy(token, asset, repaid, order.maxSold);
        BOOK.close(order.id, 0, order.id.ownerOf());
    }
}
