// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILoanBook} from "../../../contracts/interfaces/ILoanBook.sol";
import {Amounts} from "../../../contracts/libraries/Amounts.sol";
import {Ledger} from "../../../contracts/libraries/Ledger.sol";
import {PledgeLedger} from "../../../contracts/libraries/PledgeLedger.sol";
import {NO_LOAN, StoredLoan} from "../../../contracts/libraries/StoredLoans.sol";
import {BaseTest} from "../helpers/BaseTest.sol";

/// @notice {PledgeLedger} against a plain list of amounts: wherever a pledge is kept, in the loan's own word or beside it, nobody
/// notices; and nothing is left behind.
contract PledgeLedgerTest is BaseTest {
    using PledgeLedger for Ledger;

    uint256 private constant LISTINGS = 40;
    uint256 private constant ID = 7;
    uint256 private constant OTHER_ID = 8;
    uint256 private constant MAX = type(uint96).max;
    uint104 private constant BASE = type(uint104).max;

    Ledger private ledger;

    /// @dev The model: what the loan pledges, and what the book holds without the loan.
    uint256[LISTINGS] private amounts;
    uint256[LISTINGS] private others;

    // ------------------------------------------------------------------------------------------------------ Sequences

    /// @dev Whatever happens to a loan, its amounts, its set and what the book holds are the model's; another loan's stay as they are.
    /// Few listings, so that each is taken and put again, the own one among them; the last listing is one.
    function testFuzz_Ledger_isTheModel(uint256[40] memory seeds, uint256[4] memory beside) public {
        for (uint256 i = 0; i < beside.length; i++) {
            others[listingOf(i)] = bound(beside[i], 0, MAX / 2);
            if (others[listingOf(i)] != 0) putOther(listingOf(i), others[listingOf(i)]);
        }
        write(NO_LOAN.withBase(BASE).withCall());
        for (uint256 i = 0; i < seeds.length; i++) {
            step(seeds[i]);
            assertModel();
        }
        if (seeds[0] % 2 == 0) takeEverything();
        else takeOneByOne();
        assertNothingLeft();
    }

    function step(uint256 seed) private {
        uint256 listing = listingOf(seed >> 8);
        uint256 kind = (seed >> 16) % 16;
        StoredLoan loan = ledger.loans[ID];
        if (kind < 7) put(listing, bound(seed >> 24, 1, MAX / 4 - amounts[listing] / 2));
        else if (kind < 10 && amounts[listing] != 0) take(listing, bound(seed >> 24, 1, amounts[listing]));
        else if (kind < 12 && amounts[listing] != 0) take(listing, amounts[listing]);
        else if (kind == 12 || kind == 13) beginTerm();
        else if (kind == 14) write(loan.withoutTerm());
        else if (kind == 15 && seed >> 254 == 0) takeEverything();
    }

    // -------------------------------------------------------------------------------------------------------- Examples

    /// @dev The first pledge is the loan's own, and takes no slot; the others do.
    function test_Put_keepsTheFirstInTheLoan() public {
        put(3, MAX / 2);
        put(5, 10);
        put(3, 1);
        assertTrue(ledger.loans[ID].owns(3));
        assertEq(ledger.pledges[ID][3], 0);
        assertEq(ledger.pledges[ID][5], 10);
        assertModel();
    }

    /// @dev A term moves it out, and leaves no room for another; what is put in after goes beside it.
    function test_Put_afterATermBegan() public {
        put(3, 100);
        beginTerm();
        assertEq(ledger.pledges[ID][3], 100);
        put(3, 1);
        put(5, 2);
        assertModel();
        assertEq(ledger.loans[ID].maturity(), 2);
        write(ledger.loans[ID].withoutTerm());
        put(39, 3); // the first for which there is room again
        assertTrue(ledger.loans[ID].owns(39));
        assertModel();
        takeEverything();
        assertNothingLeft();
    }

    /// @dev What is taken whole makes room, for itself or for another.
    function test_Take_wholeMakesRoom() public {
        put(0, 100);
        put(1, 50);
        take(0, 100);
        assertTrue(ledger.loans[ID].hasRoom());
        put(1, 1); // where it is, not where there is room
        assertTrue(ledger.loans[ID].hasRoom());
        put(0, 7);
        assertTrue(ledger.loans[ID].owns(0));
        take(1, 51);
        take(0, 7);
        assertNothingLeft();
    }

    /// @dev All of 96 bits, own and not, moved and added up to.
    function test_Put_fillsItsField() public {
        put(0, MAX);
        put(39, MAX - 1);
        put(39, 1);
        assertModel();
        beginTerm();
        assertModel();
        takeEverything();
        assertNothingLeft();
    }

    function testFuzz_Put_beyond96BitsIsTooLarge(uint256 held, uint256 amount) public {
        held = bound(held, 1, MAX);
        amount = bound(amount, MAX - held + 1, type(uint256).max - held);
        putOther(0, held);
        vm.expectRevert(abi.encodeWithSelector(Amounts.AmountTooLarge.selector, held + amount, MAX));
        this.putOne(0, amount);
    }

    /// @dev Four assets, and more of each; not a fifth, nor nothing.
    function test_Add_atMostFourAssets() public {
        for (uint256 n = 0; n < 4; n++) this.addOne(n, 1);
        this.addOne(3, 1);
        vm.expectRevert(abi.encodeWithSelector(ILoanBook.TooManyPledges.selector, ID, 4));
        this.addOne(4, 1);
        vm.expectRevert(ILoanBook.ZeroAmount.selector);
        this.addOne(3, 0);
        assertEq(ledger.amountOf(ID, ledger.loans[ID], 3), 2);
    }

    // --------------------------------------------------------------------------------------------------------- Actions

    // External calls, so that their reverts can be expected.

    function putOne(uint256 listing, uint256 amount) external {
        write(ledger.put(ID, ledger.loans[ID], listing, amount));
    }

    function addOne(uint256 listing, uint256 amount) external {
        write(ledger.add(ID, ledger.loans[ID], listing, amount));
    }

    function put(uint256 listing, uint256 amount) private {
        StoredLoan before = ledger.loans[ID];
        write(ledger.put(ID, before, listing, amount));
        amounts[listing] += amount;
        assertRestKept(before);
    }

    function putOther(uint256 listing, uint256 amount) private {
        ledger.loans[OTHER_ID] = ledger.put(OTHER_ID, ledger.loans[OTHER_ID], listing, amount);
    }

    function take(uint256 listing, uint256 amount) private {
        StoredLoan before = ledger.loans[ID];
        write(ledger.take(ID, before, listing, amount));
        ledger.letGo(listing, amount);
        amounts[listing] -= amount;
        assertRestKept(before);
    }

    function takeEverything() private {
        uint256[] memory taken = ledger.takeAll(ID, ledger.loans[ID]);
        write(NO_LOAN);
        uint256 i = 0;
        for (uint256 n = 0; n < LISTINGS; n++) {
            if (amounts[n] == 0) continue;
            assertEq(taken[i++], amounts[n]);
            amounts[n] = 0;
        }
        assertEq(taken.length, i);
    }

    function takeOneByOne() private {
        write(ledger.loans[ID].withoutTerm());
        for (uint256 n = 0; n < LISTINGS; n++) if (amounts[n] != 0) take(n, amounts[n]);
    }

    function beginTerm() private {
        write(ledger.freeTerm(ID, ledger.loans[ID]).withTerm(1, 2, 3));
    }

    function write(StoredLoan loan) private {
        ledger.loans[ID] = loan;
    }

    function listingOf(uint256 seed) private pure returns (uint256) {
        return [uint256(0), 1, 20, 39][seed % 4];
    }

    // ------------------------------------------------------------------------------------------------------ Assertions

    function assertModel() private view {
        StoredLoan loan = ledger.loans[ID];
        for (uint256 n = 0; n < LISTINGS; n++) {
            assertEq(ledger.amountOf(ID, loan, n), amounts[n], "amount");
            assertEq((loan.pledged() >> n) & 1 == 1, amounts[n] != 0, "set");
            assertEq(ledger.registry.listings[n].held, amounts[n] + others[n], "held");
            assertEq(ledger.amountOf(OTHER_ID, ledger.loans[OTHER_ID], n), others[n], "another loan's");
        }
    }

    /// @dev A pledge changes nothing else of its loan: neither debt nor call, and no term.
    function assertRestKept(StoredLoan before) private view {
        StoredLoan loan = ledger.loans[ID];
        assertEq(abi.encode(loan.unpack()), abi.encode(before.withPledged(loan.pledged()).unpack()));
    }

    /// @dev Neither in the loan's word nor beside it: what is put next finds its place clean.
    function assertNothingLeft() private view {
        StoredLoan loan = ledger.loans[ID];
        assertEq(loan.pledged(), 0);
        assertTrue(loan.hasRoom());
        assertEq(loan.ownAmount(), 0);
        for (uint256 n = 0; n < LISTINGS; n++) {
            assertEq(ledger.pledges[ID][n], 0);
            assertEq(ledger.registry.listings[n].held, others[n]);
        }
    }
}
