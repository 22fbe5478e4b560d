// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20} from "@openzeppelin/contracts/interfaces/IERC20.sol";
import {IERC3156FlashBorrower} from "@openzeppelin/contracts/interfaces/IERC3156FlashBorrower.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {ILenderVault} from "../interfaces/ILenderVault.sol";
import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {LoanId} from "../libraries/LoanId.sol";

/// @title FlashBorrower
/// @notice What the examples of flash loans have in common: they act on the loans of owners who made them their operator, with
/// money of the market's vault for the length of one call, and have nothing of their own before and after it.
/// @dev An operator may do everything with its owners' loans, so two doors are watched: only a loan's owner gives orders about it,
/// and only the vault calls back, about a flash loan that this contract itself asked for.
abstract contract FlashBorrower is IERC3156FlashBorrower {
    using LoanId for uint256;
    using SafeERC20 for IERC20;

    ILoanBook public immutable BOOK;
    ILenderVault public immutable VAULT;
    IERC20 public immutable ASSET;

    error NotOwner(uint256 id, address caller);
    error NotAskedFor(address lender, address initiator);

    modifier onlyOwner(uint256 id) {
        require(msg.sender == id.ownerOf(), NotOwner(id, msg.sender));
        _;
    }

    /// @dev Standing approvals of these two are harmless: there is nothing to take between calls.
    constructor(ILoanBook book) {
        BOOK = book;
        VAULT = book.VAULT();
        ASSET = IERC20(book.LOAN_ASSET());
        ASSET.forceApprove(address(BOOK), type(uint256).max);
        ASSET.forceApprove(address(VAULT), type(uint256).max); // which takes its loan back after the callback
    }

    /// @inheritdoc IERC3156FlashBorrower
    function onFlashLoan(
        address initiator,
        address,
        uint256,
        uint256,
        bytes calldata order
    ) external returns (bytes32) {
        bool isAskedFor = msg.sender == address(VAULT) && initiator == address(this);
        require(isAskedFor, NotAskedFor(msg.sender, initiator));
        _carryOut(order);
        return keccak256("ERC3156FlashBorrower.onFlashLoan");
    }

    /// @dev Borrows from the vault, carries out the order in its callback, and pays back: the vault takes no fee.
    function _borrowAndCarryOut(uint256 amount, bytes memory order) internal {
        VAULT.flashLoan(this, address(ASSET), amount, order);
    }

    /// @dev What is done with the money. As much of it must be there again at the end.
    function _carryOut(bytes calldata order) internal virtual;

    function _tokenOf(ILoanBook book, uint256 listing) internal view returns (IERC20) {
        return IERC20(book.listings(listing).token);
    }
}
