// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {TestFeed} from "../../../contracts/mocks/TestFeed.sol";
import {Liquidator} from "../helpers/Liquidator.sol";
import {Market, Officers} from "../helpers/MarketFixture.sol";
import {LoanModel} from "./LoanModel.sol";
import {PriceModel} from "./PriceModel.sol";

/// @title HandlerBase
/// @notice What every action of the handler stands on: the actors, how an action ended, and the measuring of the share price
/// around each.
abstract contract HandlerBase is LoanModel {
    uint256 internal constant VIRTUAL_SHARES = 1e6;

    /// @dev As many as {_anyone} knows.
    uint256 internal constant ACTORS = 6;

    /// @dev Beyond this many shares, total losses have made a share worth next to nothing; no more deposits then, so that
    /// the products of shares and assets stay within 256 bits.
    uint256 internal constant MANY_SHARES = 1e36;

    /// @dev How an action ended.
    enum Outcome {
        Skipped, // there was nothing to do it with
        Refused, // an error that the state of the market explains
        Succeeded
    }

    /// @dev The share price is `assets / shares`.
    struct Snapshot {
        uint256 assets; // total assets + 1
        uint256 shares; // total supply + virtual shares
        uint256 time;
    }

    Officers internal officers;
    Liquidator internal immutable keeper;
    address[] internal lenders;
    address[] internal borrowers;

    /// @dev Whom an owner lets act for it.
    mapping(address owner => mapping(address operator => bool)) internal mayAct;

    uint256 public donated; // loan asset, to the vault
    uint256[LISTINGS] public donatedTokens; // to the book

    /// @notice What broke an invariant, and in which action; empty if nothing has.
    mapping(string invariantId => string) public violation;

    /// @notice How often each action ended how.
    mapping(string action => uint256[3]) public outcomes;
    string[] public actions;

    // Of the action under way.
    Outcome private _outcome;
    uint256 internal dust; // [asset] what its changes of debts may round off together
    bool internal lossBooked;

    /// @dev Every action is measured: INV-03 is about what happens around one.
    modifier action(string memory name) {
        Snapshot memory before = _snapshot();
        (_outcome, dust, lossBooked) = (Outcome.Skipped, 0, false);
        _;
        _compare(name, before);
        if (outcomes[name][0] + outcomes[name][1] + outcomes[name][2] == 0) actions.push(name);
        outcomes[name][uint256(_outcome)]++;
    }

    constructor(Market memory market, TestFeed sequencerFeed_) PriceModel(market, sequencerFeed_) {
        officers = market.officers;
        keeper = new Liquidator(book, asset);
        for (uint160 i = 1; i <= 3; i++) {
            lenders.push(_actor(address(0xA000 + i)));
            borrowers.push(_actor(vm.addr(_keyOf(i - 1))));
            for (uint96 number = 0; number < 3; number++) {
                ids.push(uint256(uint160(borrowers[i - 1])) * 2 ** 96 + number);
            }
        }
    }

    function actionCount() external view returns (uint256) {
        return actions.length;
    }

    function lenderAt(uint256 i) external view returns (address) {
        return lenders[i];
    }

    // ------------------------------------------------------------------------------------------------------ Results

    function _succeeded() internal {
        _outcome = Outcome.Succeeded;
    }

    /// @dev An error that the action may end with; any other, a panic above all, fails the test.
    /// @param expected The selectors of the errors that are expected, one after the other.
    function _refused(bytes memory reason, bytes memory expected) internal {
        bytes4 selector = selectorOf(reason);
        bool found = false;
        for (uint256 i = 0; i < expected.length; i += 4) {
            bytes4 one =
                bytes4(expected[i]) |
                    (bytes4(expected[i + 1]) >> 8) |
                    (bytes4(expected[i + 2]) >> 16) |
                    (bytes4(expected[i + 3]) >> 24);
            if (one == selector) found = true;
        }
        if (!found) {
            assembly ("memory-safe") {
                revert(add(reason, 32), mload(reason))
            }
        }
        _outcome = Outcome.Refused;
    }

    function _violated(string memory invariantId, string memory what) internal {
        if (bytes(violation[invariantId]).length == 0) violation[invariantId] = what;
    }

    // ------------------------------------------------------------------------------------------------- Share price

    function _snapshot() private view returns (Snapshot memory) {
        return Snapshot(vault.totalAssets() + 1, vault.totalSupply() + VIRTUAL_SHARES, clock());
    }

    /// @dev INV-03, by cross multiplication. A price that falls must come with a loss, and then reserves are gone: they are
    /// first to bear it. It may rise with time; within a call by what roundings leave: a unit of each debt that changed, a wei,
    /// and the part of a share that was rounded off. A fee for ending a term is no gain of the lenders.
    function _compare(string memory name, Snapshot memory before) private {
        Snapshot memory now_ = _snapshot();
        uint256 was = before.assets * now_.shares;
        uint256 is_ = now_.assets * before.shares;
        if (is_ < was && !lossBooked) _violated("INV-03", string.concat("the share price fell in ", name));
        if (is_ < was && lossBooked && vault.accruedState().reserves != 0) {
            _violated("INV-03", string.concat("lenders bore a loss before reserves in ", name));
        }
        if (now_.time != before.time) return;
        uint256 most = dust + before.assets / before.shares + 1;
        if (is_ > was + most * before.shares)
            _violated("INV-03", string.concat("the share price stepped up in ", name));
    }

    // ------------------------------------------------------------------------------------------------------- Picking

    function _lender(uint256 seed) internal view returns (address) {
        return lenders[seed % lenders.length];
    }

    function _borrower(uint256 seed) internal view returns (address) {
        return borrowers[seed % borrowers.length];
    }

    /// @dev The key of {_borrower}: borrowers sign.
    function _keyOf(uint256 seed) internal pure returns (uint256) {
        return 0xB000 + (seed % 3);
    }

    /// @dev The owner of a loan, or who acts for it: sometimes somebody who may not.
    function _agent(uint256 id, uint256 seed) internal view returns (address agent, bool isAllowed) {
        agent = seed % 2 == 0 ? _owner(id) : _lender(seed / 2);
        isAllowed = _mayActFor(id, agent);
        if (!isAllowed && seed % 8 != 1) return (_owner(id), true);
    }

    function _mayActFor(uint256 id, address who) internal view returns (bool) {
        return who == _owner(id) || mayAct[_owner(id)][who];
    }

    /// @dev A lender or a borrower.
    function _anyone(uint256 seed) internal view returns (address) {
        return seed % 2 == 0 ? _lender(seed / 2) : _borrower(seed / 2);
    }

    function _owner(uint256 id) internal pure returns (address) {
        return address(uint160(id >> 96));
    }

    /// @dev A loan that pledges something, or no loan as `wanted` says; 0 if there is none.
    function _pickLoan(uint256 seed, bool wanted) internal view returns (uint256) {
        for (uint256 i = 0; i < ids.length; i++) {
            uint256 id = _idAt(seed, i);
            if ((_pledgedCount(id) != 0) == wanted) return id;
        }
        return 0;
    }

    /// @dev A loan that owes something; 0 if there is none.
    function _pickDebt(uint256 seed) internal view returns (uint256) {
        for (uint256 i = 0; i < ids.length; i++) {
            if (accounts[_idAt(seed, i)].base != 0) return _idAt(seed, i);
        }
        return 0;
    }

    /// @dev The `i`-th loan, counted from a random one.
    function _idAt(uint256 seed, uint256 i) internal view returns (uint256) {
        return ids[((seed % ids.length) + i) % ids.length];
    }

    /// @dev A listing that the loan pledges.
    function _pickPledge(uint256 id, uint256 seed) internal view returns (uint256 n) {
        for (n = seed % LISTINGS; pledgeOf[id][n] == 0; n = (n + 1) % LISTINGS) {}
    }

    function _pledgedCount(uint256 id) internal view returns (uint256 count) {
        for (uint256 n = 0; n < LISTINGS; n++) if (pledgeOf[id][n] != 0) count++;
    }

    /// @dev One random number from another.
    function _mix(uint256 seed, uint256 salt) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed, salt)));
    }

    /// @dev An actor with approvals for whatever it will do.
    function _actor(address who) internal returns (address) {
        vm.startPrank(who);
        asset.approve(address(vault), type(uint256).max);
        asset.approve(address(book), type(uint256).max);
        for (uint256 n = 0; n < LISTINGS; n++) tokens[n].approve(address(book), type(uint256).max);
        vm.stopPrank();
        return who;
    }
}
