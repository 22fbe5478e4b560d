// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IBookActions} from "../../contracts/interfaces/IBookActions.sol";
import {ILoanBook} from "../../contracts/interfaces/ILoanBook.sol";
import {Amounts} from "../../contracts/libraries/Amounts.sol";
import {TestFeed} from "../../contracts/mocks/TestFeed.sol";
import {MarketFixture} from "./helpers/MarketFixture.sol";

/// @notice The loans of a deployed market.
contract LoanBookTest is MarketFixture {
    uint256 private constant CASH = 1e15; // a billion dollars

    function setUp() public override {
        super.setUp();
        lend(lender, CASH);
    }

    /// @dev Lets another loan run for some time, so that the index is no round number.
    function age(uint256 time) private {
        openLoan(stranger, 0, WBTC, 1e12, CASH / 10);
        vm.warp(clock() + bound(time, 1, 10 * 365 days));
        refreshFeeds();
    }

    // ------------------------------------------------------------------------------------------------ Round trips

    /// @dev INV-07: borrowing and paying back at once never gains, and costs at most a unit of scaled debt.
    function testFuzz_Borrow_repayingAtOnceGainsNothing(uint256 time, uint256 amount) public {
        age(time);
        amount = bound(amount, MIN_DEBT, CASH / 10);
        uint256 id = openLoan(borrower, 0, WETH, amount * 1e9, amount);
        uint256 debt = book.debtOf(id);
        assertGe(debt, amount);
        assertLe(debt, amount + vault.debtIndex() / WAD + 1);
        fund(borrower, debt - amount);
        vm.prank(borrower);
        assertEq(book.repay(id, type(uint256).max), debt);
        assertEq(asset.balanceOf(borrower), 0);
        assertEq(book.debtOf(id), 0);
    }

    /// @dev INV-07: paying in parts costs at least as much as paying at once.
    function testFuzz_Repay_inPartsIsNotCheaper(uint256 time, uint256 amount, uint256 part) public {
        age(time);
        amount = bound(amount, MIN_DEBT * 3, CASH / 10);
        uint256 id = openLoan(borrower, 0, WETH, amount * 1e9, amount);
        uint256 debt = book.debtOf(id);
        fund(borrower, amount);
        vm.startPrank(borrower);
        uint256 paid = book.repay(id, bound(part, 1, debt - 2 * MIN_DEBT));
        assertGe(book.debtOf(id), debt - paid);
        paid += book.repay(id, type(uint256).max);
        vm.stopPrank();
        assertGe(paid, debt);
        assertLe(paid, debt + vault.debtIndex() / WAD + 1);
    }

    function testFuzz_Close_returnsEveryPledge(uint256[3] memory amounts, uint256 time) public {
        ILoanBook.Pledge[] memory pledges = new ILoanBook.Pledge[](3);
        for (uint256 n = 0; n < 3; n++) {
            amounts[n] = bound(amounts[n], 1e12, 1e20);
            pledges[n] = ILoanBook.Pledge(n, amounts[n]);
            fundToken(borrower, n, amounts[n]);
        }
        uint256 id = idOf(borrower, 7);
        vm.prank(borrower);
        book.open(id, pledges, MIN_DEBT, borrower);
        vm.warp(clock() + bound(time, 0, 365 days));
        uint256 debt = book.debtOf(id);
        fund(borrower, debt);
        vm.prank(borrower);
        book.close(id, debt, borrower);
        for (uint256 n = 0; n < 3; n++) {
            assertEq(tokens[n].balanceOf(borrower), amounts[n]);
            assertEq(book.listings(n).held, 0);
        }
        assertEq(book.loan(id).base, 0);
        assertEq(book.loan(id).pledged, 0);
    }

    // ------------------------------------------------------------------------------------------------------- Sizes

    /// @dev What a caller brings and no field holds is refused by name, on a loan with debt and on one without.
    function testFuzz_Borrow_beyond104BitsIsTooLarge(uint256 amount, bool indebted) public {
        amount = bound(amount, MAX_UINT104 + 1, type(uint256).max);
        uint256 id = openLoan(borrower, 0, WETH, 1e21, MIN_DEBT);
        if (!indebted) {
            fund(borrower, MIN_DEBT);
            vm.prank(borrower);
            book.repay(id, type(uint256).max);
        }
        vm.prank(borrower);
        vm.expectRevert(abi.encodeWithSelector(Amounts.AmountTooLarge.selector, amount, MAX_UINT104));
        book.borrow(id, amount, borrower);
    }

    function testFuzz_RaiseCap_beyond96BitsIsTooLarge(uint256 cap) public {
        cap = bound(cap, MAX_UINT96 + 1, type(uint256).max);
        vm.prank(curator);
        vm.expectRevert(abi.encodeWithSelector(Amounts.AmountTooLarge.selector, cap, MAX_UINT96));
        book.propose(abi.encodeCall(IBookActions.raiseCap, (WETH, cap)));
    }

    /// @dev Which is what the book can hold: the loan has such a pledge, or is new.
    function testFuzz_Pledge_beyondTheCapIsRefused(uint256 amount, bool isNew) public {
        uint256 id = openLoan(borrower, 0, WETH, 1e21, MIN_DEBT);
        amount = bound(amount, MAX_UINT96 - 1e21 + 1, type(uint256).max);
        uint256 would = amount > type(uint256).max - 1e21 ? type(uint256).max : amount + 1e21;
        ILoanBook.Pledge[] memory pledges = new ILoanBook.Pledge[](1);
        pledges[0] = ILoanBook.Pledge(WETH, amount);
        vm.prank(borrower);
        vm.expectRevert(abi.encodeWithSelector(ILoanBook.CapExceeded.selector, WETH, would, MAX_UINT96));
        if (isNew) book.open(id + 1, pledges, MIN_DEBT, borrower);
        else book.pledge(id, WETH, amount);
    }

    /// @dev What cures goes beyond the cap, but not beyond what the book can hold.
    function test_Pledge_aCureBeyond96BitsIsTooLarge() public {
        uint256 id = openLoan(borrower, 0, WETH, MAX_UINT96 - 1, 1e15);
        feeds[WETH].set(1e6); // a cent: 792 million dollars for a debt of a billion
        fundToken(borrower, WETH, 1e18);
        vm.prank(borrower);
        vm.expectRevert(abi.encodeWithSelector(Amounts.AmountTooLarge.selector, MAX_UINT96 - 1 + 1e18, MAX_UINT96));
        book.pledge(id, WETH, 1e18);
    }

    /// @dev The most that 96 bits hold can be pledged, valued at the highest price, and released.
    function test_Pledge_fillsTheSlot() public {
        feeds[WETH].set(1e13);
        uint256 id = openLoan(borrower, 0, WETH, MAX_UINT96, MIN_DEBT);
        assertEq(book.pledgeOf(id, WETH), MAX_UINT96);
        assertEq(book.listings(WETH).held, MAX_UINT96);
        uint256 value = (MAX_UINT96 * 1e5 * 1e6) / 1e18; // 100,000 dollars each
        assertApproxEqRel(book.healthOf(id).borrowLimit, (value * 7_800) / BPS, 1);
        vm.prank(borrower);
        book.release(id, WETH, MAX_UINT96 - 1e21, borrower);
        assertEq(tokens[WETH].balanceOf(borrower), MAX_UINT96 - 1e21);
    }

    /// @dev The same beside a term, which takes the place of the loan's own pledge.
    /// hardhat-config: isolate = true
    function test_Pledge_fillsTheSlotBesideATerm() public {
        vm.warp(clock() + 30 days); // the average that terms are a share of begins at nothing
        refreshFeeds();
        feeds[WETH].set(1e13);
        fundToken(borrower, WETH, MAX_UINT96);
        ILoanBook.Pledge[] memory pledges = new ILoanBook.Pledge[](1);
        pledges[0] = ILoanBook.Pledge(WETH, MAX_UINT96);
        uint256 id = idOf(borrower, 0);
        vm.prank(borrower);
        book.openTerm(id, pledges, MIN_DEBT, ILoanBook.Term(30 days, type(uint256).max), borrower);
        assertEq(book.pledgeOf(id, WETH), MAX_UINT96);
        vm.prank(borrower);
        book.release(id, WETH, MAX_UINT96 - 1e21, borrower);
        assertEq(book.pledgeOf(id, WETH), 1e21);
    }

    /// @dev What no listing can have, no loan pledges: neither one with a pledge of its own, nor one with a term in its place.
    /// hardhat-config: isolate = true
    function testFuzz_PledgeOf_noListingIsNothing(uint256 listing, bool isFixed) public {
        uint256 id = openLoan(borrower, 0, WETH, 1e21, MIN_DEBT);
        vm.warp(clock() + 30 days);
        refreshFeeds();
        ILoanBook.Refinancing memory order;
        order.term = ILoanBook.Term(30 days, type(uint256).max);
        vm.prank(borrower);
        if (isFixed) book.refinance(id, order);
        assertEq(book.pledgeOf(id, bound(listing, 1, type(uint256).max)), 0);
        assertEq(book.pledgeOf(id, type(uint256).max), 0);
    }

    // ------------------------------------------------------------------------------------------------------- Exits

    /// @dev INV-09: repaying, adding to a pledge and releasing from a debt-free loan work whatever the feeds do.
    function testFuzz_Exits_workInEveryPriceState(uint256 how, uint256 assetHow, uint256 part) public {
        uint256 id = openLoan(borrower, 0, WETH, 10e18, 10_000e6);
        misbehave(feeds[WETH], how % 8);
        misbehave(assetFeed, assetHow % 8);
        vm.warp(clock() + 3 days);
        fundToken(stranger, WETH, 1e18);
        vm.prank(stranger);
        assertEq(book.pledge(id, WETH, 1e18), 1e18);
        fund(stranger, 11_000e6);
        part = bound(part, 1, book.debtOf(id) - 2 * MIN_DEBT);
        vm.startPrank(stranger);
        assertEq(book.repay(id, part), part);
        book.repay(id, type(uint256).max);
        vm.stopPrank();
        vm.prank(borrower);
        assertEq(book.release(id, WETH, type(uint256).max, borrower), 11e18);
        vm.prank(lender);
        vault.withdraw(CASH, lender, lender);
        assertEq(asset.balanceOf(lender), CASH);
    }

    function misbehave(TestFeed feed, uint256 how) private {
        if (how < 5) feed.setMode(TestFeed.Mode(how));
        else if (how == 5) feed.set(0);
        else if (how == 6) feed.set(1);
        else feed.setAt(1e30, clock() + 1 days);
    }

    // ------------------------------------------------------------------------------------------------ Liquidation

    /// @dev A gap of any size: the loan is back at its borrow limit or below, or all of its pledge is gone and what remained
    /// is written off; the vault's books stay covered.
    function testFuzz_Liquidate_repairsOrWritesOff(uint256 time, uint256 amount, uint256 drop) public {
        age(time);
        amount = bound(amount, MIN_DEBT * 10, CASH / 10);
        uint256 id = openLoan(borrower, 0, WETH, (amount * 1e10) / 14, amount); // 70 % LTV
        feeds[WETH].set((2_000e8 * int256(bound(drop, 500, 8_000))) / 1e4);
        refreshFeeds();
        ILoanBook.Health memory before = book.healthOf(id);
        assertGt(before.debt, before.liquidationLine);
        fund(keeper, amount * 2);
        vm.prank(keeper);
        (uint256 repaid, uint256 seized) = book.liquidate(orderOf(id, WETH), "");
        assertEq(tokens[WETH].balanceOf(keeper), seized);
        assertEq(asset.balanceOf(keeper), amount * 2 - repaid);
        ILoanBook.Health memory health = book.healthOf(id);
        if (book.pledgeOf(id, WETH) == 0) assertEq(health.debt, 0);
        else assertLe(health.debt, health.borrowLimit + vault.debtIndex() / WAD + 2);
        assertGe(vault.state().cash + vault.totalDebt(), vault.totalAssets() + vault.state().reserves);
    }

    /// @dev A gap sells the same of a loan whose margin was called as of one that was not, before the call's deadline and after its
    /// lapse; from ten minutes to the lapse a tenth of the bonus at most is the caller's.
    function testFuzz_Liquidate_takesTheSameOfACalledLoan(uint256 time, uint256 amount, uint256 drop) public {
        age(1 days);
        amount = bound(amount, MIN_DEBT * 10, CASH / 10);
        uint256 quiet = openLoan(borrower, 0, WETH, (amount * 1e10) / 14, amount); // 70 % LTV
        uint256 called = openLoan(borrower, 1, WETH, (amount * 1e10) / 14, amount);
        feeds[WETH].set(1_740e8); // the call line is at 1,750
        vm.prank(stranger);
        book.callMargin(called);
        time = bound(time, 0, 36 hours);
        if (time > 24 hours) time += 12 hours;
        vm.warp(clock() + time);
        feeds[WETH].set((2_000e8 * int256(bound(drop, 500, 8_000))) / 1e4);
        refreshFeeds();
        fund(keeper, amount * 3);
        vm.startPrank(keeper);
        (uint256 repaid, uint256 seized) = book.liquidate(orderOf(quiet, WETH), "");
        (uint256 repaidOfCalled, uint256 net) = book.liquidate(orderOf(called, WETH), "");
        vm.stopPrank();
        uint256 credit = book.creditOf(stranger, WETH);
        assertEq(repaidOfCalled, repaid);
        assertEq(net + credit, seized);
        assertEq(abi.encode(book.healthOf(called)), abi.encode(book.healthOf(quiet)));
        if (time < 10 minutes || time > 24 hours) assertEq(credit, 0);
        else assertLe(credit * 210, seized); // β is at most 5 %: a tenth of 5 parts of 105
    }

    /// @dev INV-05: at or below the line nobody can.
    function testFuzz_Liquidate_refusesHealthyLoans(uint256 amount, uint256 price) public {
        amount = bound(amount, MIN_DEBT, 1_000_000e6);
        uint256 id = openLoan(borrower, 0, WETH, (amount * 1e10) / 14, amount);
        feeds[WETH].set(int256(bound(price, 1_640e8, 3_000e8))); // the line is at about 1,628
        ILoanBook.Health memory health = book.healthOf(id);
        assertLe(health.debt, health.liquidationLine);
        vm.prank(keeper);
        vm.expectRevert(
            abi.encodeWithSelector(ILoanBook.NotLiquidatable.selector, id, health.debt, health.liquidationLine)
        );
        book.liquidate(orderOf(id, WETH), "");
    }
}
