// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/interfaces/IERC20.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {FlashBorrower} from "./FlashBorrower.sol";

/// @title LoanMover
/// @notice Moves a loan to another market of the same loan asset: a flash loan repays the old loan, its pledges go into a new one,
/// and what that draws pays the flash loan back. An example, for tests only.
/// @dev The old market lends for the moment: it has the money back by the time the new one lends it, which would have to have it twice.
contract LoanMover is FlashBorrower {
    using SafeERC20 for IERC20;

    /// @dev The numbers of one asset in the two books.
    struct Asset {
        uint256 oldListing;
        uint256 newListing;
    }

    struct Order {
        uint256 id;
        uint256 newId; // a number that is not in use in the new book
        uint256 maxDebt; // [asset] borrowed: at least the debt, and the fee for ending a term
        Asset[] assets; // what moves; a pledge that is not named stays in the old loan, free of debt
    }

    ILoanBook public immutable NEW_BOOK;

    constructor(ILoanBook oldBook, ILoanBook newBook) FlashBorrower(oldBook) {
        NEW_BOOK = newBook;
    }

    /// @notice Moves a loan of the caller, who has made this contract its operator in both books.
    function move(Order calldata order) external onlyOwner(order.id) onlyOwner(order.newId) {
        _borrowAndCarryOut(order.maxDebt, abi.encode(order));
    }

    function _carryOut(bytes calldata data) internal override {
        Order memory order = abi.decode(data, (Order));
        ILoanBook.Pledge[] memory pledges = new ILoanBook.Pledge[](order.assets.length);

        uint256 repaid = BOOK.repay(order.id, order.maxDebt);
        for (uint256 i = 0; i < pledges.length; i++) {
            Asset memory asset = order.assets[i];
            uint256 amount = BOOK.release(order.id, asset.oldListing, type(uint256).max, address(this));
            _tokenOf(BOOK, asset.oldListing).forceApprove(address(NEW_BOOK), amount);
            pledges[i] = ILoanBook.Pledge(asset.newListing, amount);
        }
        NEW_BOOK.open(order.newId, pledges, repaid, address(this));
    }
}
