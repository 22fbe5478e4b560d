// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IAccessManager} from "@openzeppelin/contracts/access/manager/IAccessManager.sol";

import {IBookActions} from "../../../contracts/interfaces/IBookActions.sol";
import {ILenderVault} from "../../../contracts/interfaces/ILenderVault.sol";
import {ILoanBook} from "../../../contracts/interfaces/ILoanBook.sol";
import {IProposals} from "../../../contracts/interfaces/IProposals.sol";
import {TestFeed} from "../../../contracts/mocks/TestFeed.sol";
import {TestToken} from "../../../contracts/mocks/TestToken.sol";
import {BaseTest} from "./BaseTest.sol";

/// @notice A deployed market with everything around it.
struct Market {
    ILenderVault vault;
    ILoanBook book;
    TestToken asset; // the loan asset
    TestFeed assetFeed;
    TestToken[] tokens; // by listing
    TestFeed[] feeds; // by listing
    TestFeed secondFeed; // of the last listing
    Officers officers;
}

/// @notice Who has which power.
struct Officers {
    address curator;
    address guardian;
    address treasurer;
}

/// @title MarketFixture
/// @notice Deploys a market of a 6-decimals dollar with a peg and three listings that differ in everything:
///
/// | listing | token decimals | feed decimals | price | borrow / call / liquidation LTV | max bonus, slope |
/// | --- | --- | --- | --- | --- | --- |
/// | 0 WETH | 18 | 8 | 2,000 | 78 / 80 / 86 % | 5 %, 0.5 |
/// | 1 WBTC | 8 | 8 | 60,000 | 78 / 80 / 86 % | 5 %, 0.5 |
/// | 2 GOLD | 2 | 18 and 8 | 10 | 50 / 55 / 60 % | 15 %, 3 |
abstract contract MarketFixture is BaseTest {
    uint256 internal constant START = 1_800_000_000; // block time at which a test starts
    uint256 internal constant MIN_DEBT = 100e6;
    uint256 internal constant MAX_UINT96 = type(uint96).max; // the most that a book holds of a listing
    uint256 internal constant MAX_UINT104 = type(uint104).max;
    uint32 internal constant MAX_AGE = 1 days;
    int256 internal constant PEG = 1e8;

    uint256 internal constant WETH = 0;
    uint256 internal constant WBTC = 1;
    uint256 internal constant GOLD = 2;

    address internal immutable curator = makeActor("curator");
    address internal immutable guardian = makeActor("guardian");
    address internal immutable treasurer = makeActor("treasurer");
    address internal immutable treasury = makeActor("treasury");
    address internal immutable lender = makeActor("lender");
    address internal immutable borrower = makeActor("borrower");
    address internal immutable keeper = makeActor("keeper");
    address internal immutable stranger = makeActor("stranger");

    IAccessManager internal manager;
    ILenderVault internal vault;
    ILoanBook internal book;
    TestToken internal asset;
    TestFeed internal assetFeed;
    TestToken[] internal tokens;
    TestFeed[] internal feeds;
    TestFeed internal secondFeed; // GOLD's
    TestFeed internal sequencerFeed; // none, unless a test makes one before the market

    /// @dev What the book will be created with.
    ILoanBook.ListingConfig[] private _listings;

    function setUp() public virtual {
        vm.warp(START);
        plan(18, 8, 2_000e8, 1e6, 1e13, majorTerms());
        plan(8, 8, 60_000e8, 1e7, 1e14, majorTerms());
        plan(2, 18, 10e18, 1e15, 5e19, ILoanBook.Terms(5_000, 5_500, 6_000, 1_500, 30_000, 300));
        secondFeed = new TestFeed(8, 10e8);
        _listings[GOLD].secondFeed = ILoanBook.FeedConfig(address(secondFeed), MAX_AGE, 1e5, 5e9);
        deployPair(6, MAX_UINT104);
    }

    function majorTerms() internal pure returns (ILoanBook.Terms memory) {
        return ILoanBook.Terms(7_800, 8_000, 8_600, 500, 5_000, 200);
    }

    // ------------------------------------------------------------------------------------------------- Deployment

    /// @dev The vault first, with the book's address as it will be; then the book, with the listings that were planned.
    function deployPair(uint8 assetDecimals, uint256 depositCap) internal {
        asset = new TestToken("Dollar", "USD", assetDecimals);
        assetFeed = new TestFeed(8, PEG);
        manager = IAccessManager(deploy("AccessManager.sol:AccessManager", abi.encode(address(this))));
        address predicted = vm.computeCreateAddress(address(this), vm.getNonce(address(this)) + 1);
        vault = ILenderVault(
            deploy(
                "LenderVault.sol:LenderVault",
                abi.encode(asset, predicted, treasury, manager, depositCap, "Lent Dollar", "lUSD")
            )
        );
        ILoanBook.BookConfig memory config = ILoanBook.BookConfig({
            vault: vault,
            authority: address(manager),
            minDebt: 100 * 10 ** assetDecimals,
            loanAssetFeed: ILoanBook.FeedConfig(address(assetFeed), MAX_AGE, 5e7, 2e8),
            peg: uint256(PEG),
            sequencerFeed: address(sequencerFeed)
        });
        book = ILoanBook(deploy("LoanBook.sol:LoanBook", abi.encode(config, _listings)));
        assertEq(address(book), predicted);
        delete _listings;
        grantRoles();
    }

    function grantRoles() private {
        (uint64 curators, uint64 guardians, uint64 treasurers) = (1, 2, 3);
        manager.grantRole(curators, curator, 0);
        manager.grantRole(guardians, guardian, 0);
        manager.grantRole(treasurers, treasurer, 0);
        for (uint256 i = 0; i < 2; i++) {
            address target = [address(vault), address(book)][i];
            allow(target, IProposals.propose.selector, curators);
            allow(target, IProposals.execute.selector, curators);
            allow(target, IProposals.cancel.selector, guardians);
            allow(target, IProposals.cancelAll.selector, guardians);
        }
        allow(address(book), ILoanBook.lowerCap.selector, guardians);
        allow(address(book), ILoanBook.retire.selector, guardians);
        allow(address(vault), ILenderVault.lowerDepositCap.selector, guardians);
        allow(address(vault), ILenderVault.pause.selector, guardians);
        allow(address(vault), ILenderVault.unpause.selector, guardians);
        allow(address(vault), ILenderVault.sweepReserves.selector, treasurers);
    }

    function allow(address target, bytes4 selector, uint64 role) private {
        bytes4[] memory selectors = new bytes4[](1);
        selectors[0] = selector;
        manager.setTargetFunctionRole(target, selectors, role);
    }

    /// @dev A listing that the book will have from the beginning, with a new token and feed.
    function plan(
        uint8 tokenDecimals,
        uint8 feedDecimals,
        int256 answer,
        uint256 minAnswer,
        uint256 maxAnswer,
        ILoanBook.Terms memory terms
    ) internal {
        TestToken token = new TestToken("Collateral", "COL", tokenDecimals);
        _listings.push(_config(token, new TestFeed(feedDecimals, answer), minAnswer, maxAnswer, terms));
    }

    /// @dev Adds a listing to a book that stands, which takes a week.
    function addListing(
        TestToken token,
        TestFeed feed,
        uint256 minAnswer,
        uint256 maxAnswer,
        ILoanBook.Terms memory terms
    ) internal returns (uint256 listing) {
        ILoanBook.ListingConfig memory config = _config(token, feed, minAnswer, maxAnswer, terms);
        carryOut(book, abi.encodeCall(IBookActions.addListing, (config)));
        return book.listingCount() - 1;
    }

    /// @dev Proposes an action and executes it a week later; the feeds are kept alive.
    function carryOut(IProposals target, bytes memory action) internal {
        vm.prank(curator);
        target.propose(action);
        vm.warp(clock() + target.PROPOSAL_DELAY());
        refreshFeeds();
        vm.prank(curator);
        target.execute(action);
    }

    function market() internal view returns (Market memory) {
        Officers memory officers = Officers(curator, guardian, treasurer);
        return Market(vault, book, asset, assetFeed, tokens, feeds, secondFeed, officers);
    }

    function _config(
        TestToken token,
        TestFeed feed,
        uint256 minAnswer,
        uint256 maxAnswer,
        ILoanBook.Terms memory terms
    ) private returns (ILoanBook.ListingConfig memory config) {
        tokens.push(token);
        feeds.push(feed);
        config.token = address(token);
        config.terms = terms;
        config.feed = ILoanBook.FeedConfig(address(feed), MAX_AGE, minAnswer, maxAnswer);
        config.cap = MAX_UINT96;
    }

    // ---------------------------------------------------------------------------------------------------- Actors

    function makeActor(string memory name) internal pure returns (address) {
        return vm.addr(uint256(keccak256(bytes(name))));
    }

    function idOf(address owner, uint96 number) internal pure returns (uint256) {
        return uint256(uint160(owner)) * 2 ** 96 + number;
    }

    /// @dev Gives `who` that much of the loan asset and the approvals to spend it.
    function fund(address who, uint256 amount) internal {
        asset.mint(who, amount);
        vm.startPrank(who);
        asset.approve(address(vault), type(uint256).max);
        asset.approve(address(book), type(uint256).max);
        vm.stopPrank();
    }

    /// @dev Gives `who` that much of a listing's token and the approval to pledge it.
    function fundToken(address who, uint256 listing, uint256 amount) internal {
        tokens[listing].mint(who, amount);
        vm.prank(who);
        tokens[listing].approve(address(book), type(uint256).max);
    }

    // --------------------------------------------------------------------------------------------------- Actions

    function lend(address who, uint256 assets) internal returns (uint256 shares) {
        fund(who, assets);
        vm.prank(who);
        return vault.deposit(assets, who);
    }

    /// @dev Opens a loan of one pledge for the given amount.
    function openLoan(
        address owner,
        uint96 number,
        uint256 listing,
        uint256 tokens_,
        uint256 amount
    ) internal returns (uint256 id) {
        fundToken(owner, listing, tokens_);
        ILoanBook.Pledge[] memory pledges = new ILoanBook.Pledge[](1);
        pledges[0] = ILoanBook.Pledge(listing, tokens_);
        id = idOf(owner, number);
        vm.prank(owner);
        book.open(id, pledges, amount, owner);
    }

    /// @dev As much of a pledge as one may take.
    function orderOf(uint256 id, uint256 listing) internal pure returns (ILoanBook.Order memory) {
        return ILoanBook.Order(id, listing, type(uint256).max, 0);
    }

    /// @dev All feeds answer what they answered, updated now.
    function refreshFeeds() internal {
        assetFeed.set(assetFeed.answer());
        for (uint256 i = 0; i < feeds.length; i++) feeds[i].set(feeds[i].answer());
        if (address(secondFeed) != address(0)) secondFeed.set(secondFeed.answer());
    }
}
