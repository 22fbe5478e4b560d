// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILoanBook} from "../../contracts/interfaces/ILoanBook.sol";
import {TestFeed} from "../../contracts/mocks/TestFeed.sol";
import {TestToken} from "../../contracts/mocks/TestToken.sol";
import {CallbackToken, ITokenReceiver} from "./helpers/CallbackToken.sol";
import {MarketFixture} from "./helpers/MarketFixture.sol";

/// @notice A borrower that closes its loan and, when the first pledge arrives, opens a loan of the same number.
contract ReopeningBorrower is ITokenReceiver {
    ILoanBook private immutable BOOK;
    uint256 public immutable ID;
    uint256 private _listing;
    uint256 private _tokens;
    uint256 private _amount;

    constructor(ILoanBook book) {
        BOOK = book;
        ID = uint256(uint160(address(this))) * 2 ** 96;
    }

    function approve(TestToken token) external {
        token.approve(address(BOOK), type(uint256).max);
    }

    function open(ILoanBook.Pledge[] memory pledges, uint256 amount) public {
        BOOK.open(ID, pledges, amount, address(this));
    }

    /// @dev Closes, and reopens in the callback with `tokens` of `listing` for `amount`.
    function closeAndReopen(CallbackToken token, uint256 listing, uint256 tokens, uint256 amount) external {
        token.register();
        (_listing, _tokens, _amount) = (listing, tokens, amount);
        BOOK.close(ID, type(uint256).max, address(this));
    }

    function onTokens(uint256) external {
        ILoanBook.Pledge[] memory pledges = new ILoanBook.Pledge[](1);
        pledges[0] = ILoanBook.Pledge(_listing, _tokens);
        if (_amount == 0) return;
        uint256 amount = _amount;
        _amount = 0;
        open(pledges, amount);
    }
}

/// @notice Tokens that call back while the book works.
contract LoanBookReentrancyTest is MarketFixture {
    /// @dev INV-04, INV-01. The loan is final before any token moves: what is opened in the callback is another loan, with
    /// its own pledges, and those of the closed loan still go to its owner.
    function test_Close_reopenedInCallbackKeepsItsPledges() public {
        CallbackToken calling = new CallbackToken(18);
        uint256 first = addCalling(calling);
        uint256 second = WETH;
        lend(lender, 1_000_000e6);
        ReopeningBorrower owner = new ReopeningBorrower(book);
        calling.mint(address(owner), 1e18);
        tokens[second].mint(address(owner), 11e18);
        asset.mint(address(owner), 1_000_000e6);
        owner.approve(calling);
        owner.approve(tokens[second]);
        owner.approve(asset);

        ILoanBook.Pledge[] memory pledges = new ILoanBook.Pledge[](2);
        pledges[0] = ILoanBook.Pledge(first, 1e18);
        pledges[1] = ILoanBook.Pledge(second, 10e18);
        owner.open(pledges, 1_000e6);
        owner.closeAndReopen(calling, second, 1e18, 1_500e6);

        uint256 id = owner.ID();
        ILoanBook.Health memory health = book.healthOf(id);
        assertApproxEqAbs(health.debt, 1_500e6, 1); // rounded up: listing the token took a week of interest
        assertLe(health.debt, health.borrowLimit, "INV-04: debt above the borrow limit after close and reopen");
        assertEq(book.pledgeOf(id, second), 1e18);
        assertEq(tokens[second].balanceOf(address(owner)), 10e18);
    }

    function addCalling(CallbackToken token) private returns (uint256) {
        return addListing(token, new TestFeed(8, 2_000e8), 1e6, 1e13, majorTerms());
    }
}
