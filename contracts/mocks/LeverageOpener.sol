// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Metadata} from "@openzeppelin/contracts/interfaces/IERC20Metadata.sol";
import {SafeERC20} from "@openzeppelin/contracts/token/ERC20/utils/SafeERC20.sol";

import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {LoanId} from "../libraries/LoanId.sol";
import {FlashBorrower} from "./FlashBorrower.sol";
import {SwapVenue} from "./SwapVenue.sol";

/// @title LeverageOpener
/// @notice Opens a loan at leverage: a flash loan buys more of what the owner brings, all of it is pledged, and what the new loan
/// draws pays the flash loan back. An example, for tests only.
/// @dev It is the owner's operator for no longer than the call: the owner signs both its appointment and its dismissal.
///
/// The vault must have the money twice: it is lent for the moment, and drawn before it is back.
contract LeverageOpener is FlashBorrower {
    using LoanId for uint256;
    using SafeERC20 for IERC20Metadata;

    struct Order {
        uint256 id; // a number that is not in use
        uint256 listing;
        uint256 brought; // [token] what the owner brings, who has approved this contract
        uint256 bought; // [token] what is bought on credit
        uint256 maxPaid; // [asset] the most to pay for it, and so the most to owe
    }

    struct Signed {
        ILoanBook.Authorization authorization;
        bytes signature;
    }

    SwapVenue public immutable VENUE;

    constructor(ILoanBook book, SwapVenue venue) FlashBorrower(book) {
        VENUE = venue;
    }

    /// @notice Opens a loan of the caller.
    function open(
        Order calldata order,
        Signed calldata appointment,
        Signed calldata dismissal
    ) external onlyOwner(order.id) {
        // Anyone may have brought it a moment ago. Whether this contract may act, the book decides.
        try BOOK.setAuthorizationWithSig(appointment.authorization, appointment.signature) {} catch {}
        _borrowAndCarryOut(order.maxPaid, abi.encode(order));
        BOOK.setAuthorizationWithSig(dismissal.authorization, dismissal.signature);
    }

    function _carryOut(bytes calldata data) internal override {
        Order memory order = abi.decode(data, (Order));
        IERC20Metadata asset = IERC20Metadata(address(ASSET));
        IERC20Metadata token = IERC20Metadata(address(_tokenOf(BOOK, order.listing)));
        ILoanBook.Pledge[] memory pledges = new ILoanBook.Pledge[](1);
        pledges[0] = ILoanBook.Pledge(order.listing, order.brought + order.bought);

        uint256 paid = VENUE.quote(asset, token, order.bought);
        asset.forceApprove(address(VENUE), paid);
        VENUE.buy(asset, token, order.bought, order.maxPaid);
        token.safeTransferFrom(order.id.ownerOf(), address(this), order.brought);
        token.forceApprove(address(BOOK), pledges[0].amount);
        BOOK.open(order.id, pledges, paid, address(this));
    }
}
