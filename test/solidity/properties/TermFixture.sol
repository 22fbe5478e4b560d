// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILoanBook} from "../../../contracts/interfaces/ILoanBook.sol";
import {MarketFixture} from "../helpers/MarketFixture.sol";

/// @title TermFixture
/// @notice A large market of some age, and everything that happens to fixed-term loans, each drawn from a random number: opened, repaid,
/// refinanced, rolled, closed, liquidated, lost. Beside them loans of open terms, and one so large that it sets the rates.
/// @dev Each loan pledges one asset. To liquidate one its price falls for a moment, and comes back: other loans do not notice.
///
/// A test of these is `isolate`: each call a transaction of its own. Within one, quotes for terms count what was repaid as debt still.
abstract contract TermFixture is MarketFixture {
    /// @dev A year in the units of a fixed rate: interest is principal × rate × time / YEAR.
    uint256 internal constant YEAR = 31_536_000 * 1e9;

    uint256 private constant SUPPLY = 1e15; // a billion dollars
    uint256 private constant MOST = 1e12; // of one loan
    uint256 private constant MANY = 1e28; // of WETH, worth more than anybody can borrow

    /// @dev The loans that exist, but for the large one.
    uint256[] internal ids;
    uint256 internal largest;

    /// @dev How often each thing happened.
    mapping(string what => uint256) internal counts;

    function setUp() public override {
        super.setUp();
        lend(lender, SUPPLY);
        largest = openLoan(stranger, 0, WETH, MANY, (SUPPLY * 9) / 10);
        vm.warp(START + 60 days);
        refreshFeeds();
        vault.accrue();
    }

    // ------------------------------------------------------------------------------------------------------ Opening

    function open(uint256 seed, bool isFixed) internal {
        uint256 listing = seed % 3;
        uint256 amount = bound(mix(seed, 1), MIN_DEBT, MOST >> (mix(seed, 2) % 13));
        uint256 share = bound(mix(seed, 3), 2_000, 9_900); // of the borrow limit
        ILoanBook.Pledge[] memory pledges = new ILoanBook.Pledge[](1);
        pledges[0] = ILoanBook.Pledge(listing, tokensFor(listing, (amount * BPS) / share));
        fundToken(borrower, listing, pledges[0].amount);
        uint256 id = idOf(borrower, uint96(counts["opened"]++));
        vm.prank(borrower);
        if (isFixed) book.openTerm(id, pledges, amount, anyTerm(seed), borrower);
        else book.open(id, pledges, amount, borrower);
        ids.push(id);
        counts[isFixed ? "term opened" : "open-term opened"]++;
    }

    /// @dev What carries a debt, and a unit. [token], rounded up
    function tokensFor(uint256 listing, uint256 debt) private pure returns (uint256) {
        uint256 value = (debt * BPS) / (listing == GOLD ? 5_000 : 7_800) + 2;
        if (listing == WETH) return (value * 1e18) / 2_000e6 + 1;
        if (listing == WBTC) return (value * 1e8) / 60_000e6 + 1;
        return (value * 1e2) / 10e6 + 1;
    }

    function anyTerm(uint256 seed) private pure returns (ILoanBook.Term memory) {
        uint256 duration = bound(mix(seed, 4), 7 days, 365 days >> (mix(seed, 5) % 6));
        return ILoanBook.Term(duration, type(uint256).max);
    }

    // ----------------------------------------------------------------------------------------------------- Repaying

    /// @dev A part, of any size, by a stranger.
    function repayPart(uint256 seed) internal {
        uint256 id = pickFixed(seed);
        if (id == 0) return;
        uint256 debt = book.debtOf(id);
        if (debt <= MIN_DEBT) return;
        uint256 part = 1 + (bound(mix(seed, 1), 0, debt - MIN_DEBT - 1) >> (mix(seed, 2) % 40));
        fund(stranger, part);
        vm.prank(stranger);
        book.repay(id, part);
        counts["part repaid"]++;
    }

    /// @dev The debt, but the pledge stays.
    function repayAll(uint256 seed) internal {
        uint256 id = pickFixed(seed);
        if (id == 0) return;
        fund(stranger, book.debtOf(id) + feeOf(id));
        vm.prank(stranger);
        book.repay(id, type(uint256).max);
        counts["all repaid"]++;
    }

    function close(uint256 which) external {
        if (ids.length == 0) return;
        uint256 id = ids[which % ids.length];
        fund(borrower, book.debtOf(id) + feeOf(id));
        vm.prank(borrower);
        book.close(id, type(uint256).max, borrower);
        drop(id);
        counts["closed"]++;
    }

    // --------------------------------------------------------------------------------------------------- Refinancing

    /// @dev To open or to fixed terms, with more debt or none, the fee paid or added.
    function refinance(uint256 seed) internal {
        if (ids.length == 0) return;
        uint256 id = ids[seed % ids.length];
        bool wasFixed = book.loan(id).maturity != 0;
        ILoanBook.Refinancing memory order;
        if (!wasFixed || mix(seed, 1) % 3 != 0) order.term = anyTerm(seed);
        (order.maxFee, order.receiver) = (feeOf(id), borrower);
        uint256 room = roomOf(id);
        order.addFee = room != 0 && mix(seed, 2) % 2 == 0;
        if (mix(seed, 3) % 2 == 0) order.amount = bound(mix(seed, 4), 0, room);
        if (book.debtOf(id) == 0) order.amount = room;
        if (book.debtOf(id) + order.amount < MIN_DEBT) return;
        if (!order.addFee) fund(borrower, order.maxFee);
        vm.prank(borrower);
        book.refinance(id, order);
        if (order.maxFee != 0) counts[order.addFee ? "fee added" : "fee paid"]++;
        if (order.term.duration == 0) counts["to open terms"]++;
        else counts[wasFixed ? "to another term" : "to a term"]++;
    }

    /// @dev What may be borrowed in addition to debt and fee, but for the roundings of a scaled debt.
    function roomOf(uint256 id) private view returns (uint256) {
        ILoanBook.Health memory health = book.healthOf(id);
        uint256 owed = health.debt + feeOf(id) + 2 * (vault.debtIndex() / WAD + 1);
        return health.borrowLimit > owed ? health.borrowLimit - owed : 0;
    }

    /// @dev By anybody.
    function roll(uint256 seed) internal {
        uint256 id = pickMatured(seed);
        if (id == 0) return;
        vm.prank(stranger);
        book.roll(id);
        counts["rolled"]++;
    }

    // --------------------------------------------------------------------------------------------------- Liquidation

    /// @dev Above the liquidation line by up to two thirds; some keepers take a part.
    function liquidateHard(uint256 seed) internal {
        uint256 id = pickFixed(seed);
        if (id == 0) return;
        uint256 listing = listingOf(id);
        ILoanBook.Health memory health = book.healthOf(id);
        uint256 lower = bound(mix(seed, 1), 4_000, 9_990);
        int256 before = movePrice(listing, (health.debt * lower) / BPS, health.liquidationLine);
        bool isPart = health.debt >= 2 * MIN_DEBT && mix(seed, 2) % 2 == 0;
        liquidate(id, isPart ? health.debt / 8 : type(uint256).max);
        setPrice(listing, before);
        counts["liquidated"]++;
        if (book.loan(id).pledged == 0) drop(id);
    }

    /// @dev Above the call line by half a percent, past the deadline of a call.
    function liquidateSoft(uint256 seed) internal {
        uint256 id = pickFixed(seed);
        if (id == 0) return;
        if (book.marginCallOf(id).lapse > clock()) return;
        uint256 listing = listingOf(id);
        ILoanBook.Health memory health = book.healthOf(id);
        int256 before = movePrice(listing, (health.debt * 9_950) / BPS, health.callLine);
        vm.prank(treasurer);
        book.callMargin(id);
        idle(24 hours + bound(mix(seed, 1), 1, 11 hours));
        health = book.healthOf(id);
        assertLe(health.debt, health.liquidationLine);
        bool isPart = health.debt >= 2 * MIN_DEBT && mix(seed, 2) % 2 == 0;
        liquidate(id, isPart ? health.debt / 100 : type(uint256).max);
        setPrice(listing, before);
        counts["softly liquidated"]++;
        if (book.loan(id).pledged == 0) drop(id);
    }

    /// @dev The price falls until the pledge is worth half of the debt, or nothing: the loan is sold whole, or written off unless its pledge
    /// is still worth the trouble.
    function lose(uint256 seed) internal {
        uint256 id = pickFixed(seed);
        if (id == 0) return;
        uint256 listing = listingOf(id);
        int256 before;
        if (mix(seed, 1) % 2 == 0) before = movePrice(listing, book.debtOf(id) / 2, valueOf(id, listing));
        else before = setPrice(listing, nextToNothing(listing));
        if (valueOf(id, listing) < MIN_DEBT / 20) {
            vm.prank(keeper);
            book.writeOff(id);
            counts["written off"]++;
        } else {
            liquidate(id, type(uint256).max);
            counts["lost"]++;
        }
        setPrice(listing, before);
        assertEq(book.loan(id).pledged, 0);
        drop(id);
    }

    /// @dev The lowest price that a listing's feeds may tell.
    function nextToNothing(uint256 listing) private pure returns (int256) {
        if (listing == GOLD) return 1e15;
        return listing == WETH ? int256(1e6) : int256(1e7);
    }

    function valueOf(uint256 id, uint256 listing) private view returns (uint256) {
        return (book.pledgeOf(id, listing) * book.pricesOf(listing).forLiquidation) / 1e36;
    }

    function liquidate(uint256 id, uint256 maxRepay) private {
        ILoanBook.Order memory order = ILoanBook.Order(id, listingOf(id), maxRepay, 0);
        fund(keeper, book.debtOf(id));
        vm.prank(keeper);
        book.liquidate(order, "");
    }

    /// @dev Multiplies a price, rounded to what both of its sources can say. Returns what it was.
    function movePrice(uint256 listing, uint256 numerator, uint256 denominator) private returns (int256 before) {
        uint256 unit = listing == GOLD ? 1e10 : 1;
        uint256 answer = (uint256(feeds[listing].answer()) * numerator) / denominator;
        return setPrice(listing, int256((answer / unit) * unit));
    }

    /// @dev Returns what it was.
    function setPrice(uint256 listing, int256 answer) private returns (int256 before) {
        before = feeds[listing].answer();
        feeds[listing].set(answer);
        if (listing == GOLD) secondFeed.set(answer / 1e10); // 8 decimals for 18
    }

    // --------------------------------------------------------------------------------------------------------- World

    function idle(uint256 time) internal {
        vm.warp(clock() + time);
        refreshFeeds();
    }

    /// @dev The largest loan brings the utilisation to 50…97 %.
    function sway(uint256 seed) internal {
        uint256 debt = vault.totalDebt();
        uint256 wanted = ((vault.accruedState().cash + debt) * bound(seed, 5_000, 9_700)) / BPS;
        fund(stranger, debt);
        vm.startPrank(stranger);
        if (wanted > debt) book.borrow(largest, wanted - debt, stranger);
        else if (debt - wanted + MIN_DEBT < book.debtOf(largest)) book.repay(largest, debt - wanted + 1);
        vm.stopPrank();
    }

    // ------------------------------------------------------------------------------------------------------- Picking

    /// @dev A random loan of a fixed term; 0 if there is none.
    function pickFixed(uint256 seed) private view returns (uint256) {
        return pick(seed, type(uint256).max);
    }

    function pickMatured(uint256 seed) private view returns (uint256) {
        return pick(seed, clock());
    }

    function pick(uint256 seed, uint256 latest) private view returns (uint256) {
        for (uint256 i = 0; i < ids.length; i++) {
            uint256 id = ids[((seed % ids.length) + i) % ids.length];
            uint256 maturity = book.loan(id).maturity;
            if (maturity != 0 && maturity <= latest) return id;
        }
        return 0;
    }

    function listingOf(uint256 id) private view returns (uint256 listing) {
        while (book.pledgeOf(id, listing) == 0) listing++;
    }

    /// @dev A loan that is over.
    function drop(uint256 id) private {
        for (uint256 i = 0; i < ids.length; i++) {
            if (ids[i] == id) ids[i] = ids[ids.length - 1];
        }
        ids.pop();
    }

    /// @dev The interest of a week, or of the time left. [asset], rounded up
    function feeOf(uint256 id) private view returns (uint256) {
        ILoanBook.Loan memory loan = book.loan(id);
        uint256 left = loan.maturity > clock() ? loan.maturity - clock() : 0;
        uint256 fee = uint256(loan.base) * loan.rate * (left < 7 days ? left : 7 days);
        return (fee + YEAR - 1) / YEAR;
    }

    /// @dev One random number from another.
    function mix(uint256 seed, uint256 salt) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, salt)));
    }
}
