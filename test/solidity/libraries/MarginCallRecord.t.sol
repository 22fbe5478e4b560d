// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {ILoanBook} from "../../../contracts/interfaces/ILoanBook.sol";
import {MarginCallRecord} from "../../../contracts/libraries/MarginCallRecord.sol";
import {BaseTest} from "../helpers/BaseTest.sol";

/// @notice {MarginCallRecord}: when a call is due, lapses, and earns its caller something, to the second; and what a sequencer that
/// came up moves.
contract MarginCallRecordTest is BaseTest {
    using MarginCallRecord for ILoanBook.MarginCall;

    address private constant CALLER = address(0xCA11);
    uint256 private constant CALLED = 1_800_000_000;
    uint256 private constant DEADLINE = CALLED + 24 hours;
    uint256 private constant LAPSE = DEADLINE + 12 hours;

    // --------------------------------------------------------------------------------------------------- A sequencer

    /// @dev One that did not come up since the call, or that nothing is known of, moves nothing.
    function testFuzz_AsOf_isAsStoredWithoutASequencer(uint256 upSince) public pure {
        assertCall(recorded(0), DEADLINE);
        assertCall(recorded(bound(upSince, 0, CALLED)), DEADLINE);
    }

    /// @dev One that came up after the call and before its lapse leaves an hour of grace and four more, at least.
    function testFuzz_AsOf_leavesFiveHoursAfterASequencer(uint256 upSince) public pure {
        upSince = bound(upSince, CALLED + 1, LAPSE - 1);
        uint256 least = upSince + 5 hours;
        assertCall(recorded(upSince), least > DEADLINE ? least : DEADLINE);
    }

    /// @dev It moves the deadline if it came up in the last five hours before it, or later: a second earlier it does not.
    function test_AsOf_atCorners() public pure {
        assertCall(recorded(CALLED + 1), DEADLINE);
        assertCall(recorded(DEADLINE - 5 hours), DEADLINE);
        assertCall(recorded(DEADLINE - 5 hours + 1), DEADLINE + 1);
        assertCall(recorded(DEADLINE), DEADLINE + 5 hours);
        assertCall(recorded(LAPSE - 1), LAPSE - 1 + 5 hours);
    }

    /// @dev A call that has lapsed stays so, whenever the sequencer comes up.
    function testFuzz_AsOf_revivesNoLapsedCall(uint256 upSince, uint256 later) public {
        upSince = bound(upSince, LAPSE, type(uint32).max);
        assertCall(recorded(upSince), DEADLINE);
        vm.warp(bound(later, upSince, type(uint40).max));
        assertFalse(this.isAlive(recorded(upSince)));
    }

    /// @dev Whatever the sequencer does, an owner has no less time than at the call, and a call is due for twelve hours.
    function testFuzz_AsOf_onlyMovesOn(uint256 calledAt, uint256 upSince, uint256 again) public pure {
        calledAt = bound(calledAt, 1, type(uint40).max);
        upSince = bound(upSince, 0, calledAt + 60 hours);
        again = bound(again, upSince, calledAt + 60 hours);
        uint256 deadline = calledAt + 24 hours;
        ILoanBook.MarginCall memory call = MarginCallRecord.asOf(CALLER, calledAt, deadline, upSince);
        assertGe(call.deadline, deadline);
        assertLt(call.deadline, deadline + 12 hours + 5 hours);
        assertEq(call.lapse, call.deadline + 12 hours);
        // Coming up once more before the stored lapse only moves it further.
        if (again < deadline + 12 hours)
            assertGe(MarginCallRecord.asOf(CALLER, calledAt, deadline, again).deadline, call.deadline);
    }

    // -------------------------------------------------------------------------------------------------------- Times

    /// @dev Alive up to the second before the lapse; due from the second after the deadline on.
    function test_Times_toTheSecond() public {
        assertTimes(CALLED, true, 0, false);
        assertTimes(CALLED + 10 minutes - 1, true, 0, false);
        assertTimes(CALLED + 10 minutes, true, 0, true);
        assertTimes(DEADLINE - 1, true, 0, true);
        assertTimes(DEADLINE, true, 0, true);
        assertTimes(DEADLINE + 1, true, 1, true);
        assertTimes(LAPSE - 1, true, 12 hours - 1, true);
        assertTimes(LAPSE, false, 0, false);
        assertTimes(LAPSE + 1, false, 0, false);
    }

    /// @dev The same when a sequencer moved it; its caller's ten minutes count from the call all the same.
    function testFuzz_Times_moveWithTheDeadline(uint256 upSince, uint256 time) public {
        upSince = bound(upSince, DEADLINE - 5 hours, LAPSE - 1);
        time = bound(time, upSince, upSince + 24 hours);
        uint256 deadline = upSince + 5 hours;
        bool alive = time < deadline + 12 hours;
        vm.warp(time);
        ILoanBook.MarginCall memory call = recorded(upSince);
        assertEq(this.isAlive(call), alive);
        assertEq(this.overdue(call), alive && time > deadline ? time - deadline : 0);
        assertEq(this.earnsCredit(call), alive);
    }

    /// @dev A loan that nobody has called: nothing at any time.
    function testFuzz_Times_ofNoCallAreNothing(uint256 time) public {
        vm.warp(bound(time, 1, type(uint40).max));
        ILoanBook.MarginCall memory none;
        assertFalse(this.isAlive(none));
        assertEq(this.overdue(none), 0);
        assertFalse(this.earnsCredit(none));
    }

    // ------------------------------------------------------------------------------------------------------ Helpers

    // External calls, so that each reads the time anew.

    function isAlive(ILoanBook.MarginCall memory call) external view returns (bool) {
        return call.isAlive();
    }

    function overdue(ILoanBook.MarginCall memory call) external view returns (uint256) {
        return call.overdue();
    }

    function earnsCredit(ILoanBook.MarginCall memory call) external view returns (bool) {
        return call.earnsCredit();
    }

    function recorded(uint256 upSince) private pure returns (ILoanBook.MarginCall memory) {
        return MarginCallRecord.asOf(CALLER, CALLED, DEADLINE, upSince);
    }

    function assertCall(ILoanBook.MarginCall memory call, uint256 deadline) private pure {
        ILoanBook.MarginCall memory expected = ILoanBook.MarginCall(CALLER, CALLED, deadline, deadline + 12 hours);
        assertEq(abi.encode(call), abi.encode(expected));
    }

    function assertTimes(uint256 time, bool alive, uint256 dueFor, bool credits) private {
        vm.warp(time);
        assertEq(this.isAlive(recorded(0)), alive);
        assertEq(this.overdue(recorded(0)), dueFor);
        assertEq(this.earnsCredit(recorded(0)), credits);
    }
}
