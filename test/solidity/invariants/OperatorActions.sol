// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";

import {ILoanBook} from "../../../contracts/interfaces/ILoanBook.sol";
import {HandlerBase} from "./HandlerBase.sol";

/// @title OperatorActions
/// @notice Who may act for an owner: authorized by call or by signature. Operators are lenders; what they do for an owner goes through
/// {HandlerBase-_agent}.
abstract contract OperatorActions is HandlerBase {
    bytes32 private constant TYPEHASH = keccak256(
        "Authorization(address owner,address operator,bool isAuthorized,uint256 nonce,uint256 deadline)"
    );

    mapping(address owner => uint256) private _nonces;

    function setAuthorization(uint256 whose, uint256 who, uint256 allow) external action("setAuthorization") {
        (address owner, address operator, bool isAllowed) = (_borrower(whose), _lender(who), allow % 2 == 0);
        vm.prank(owner);
        book.setAuthorization(operator, isAllowed);
        _authorized(owner, operator, isAllowed);
    }

    /// @dev Anyone brings it. Mostly it is in order; else it is used up or early, late, or another's.
    function signAuthorization(uint256 whose, uint256 who, uint256 how) external action("signAuthorization") {
        ILoanBook.Authorization memory a = ILoanBook.Authorization({
            owner: _borrower(whose),
            operator: _lender(who),
            isAuthorized: (who / 8) % 2 == 0,
            nonce: _nonces[_borrower(whose)],
            deadline: clock() + ((how / 8) % 1 days)
        });
        uint256 key = _keyOf(whose);
        bytes4 refusal = 0;
        if (how % 8 == 0) {
            (a.nonce, refusal) = (a.nonce == 0 ? 1 : a.nonce - 1, Nonces.InvalidAccountNonce.selector);
        } else if (how % 8 == 1) {
            (a.deadline, refusal) = (clock() - 1, ILoanBook.SignatureExpired.selector);
        } else if (how % 8 == 2) {
            (key, refusal) = (_keyOf((whose % 3) + 1), ILoanBook.InvalidSignature.selector);
        }
        bytes memory signature = _sign(key, a);
        vm.prank(_anyone(how / 8));
        try book.setAuthorizationWithSig(a, signature) {
            assertEq(refusal, bytes4(0), "a signature should have been refused");
            _nonces[a.owner]++;
            _authorized(a.owner, a.operator, a.isAuthorized);
        } catch (bytes memory reason) {
            assertEq(selectorOf(reason), refusal, "signature");
            _refused(reason, abi.encodePacked(refusal));
        }
    }

    function revokeSignatures(uint256 whose, uint256, uint256) external action("revokeSignatures") {
        address owner = _borrower(whose);
        vm.prank(owner);
        assertEq(book.revokeSignatures(), ++_nonces[owner]);
        _succeeded();
    }

    /// @notice Reverts unless exactly those may act whom owners let.
    function checkOperators() external view {
        for (uint256 i = 0; i < borrowers.length; i++) {
            for (uint256 j = 0; j < lenders.length; j++) {
                bool isAllowed = book.isAuthorized(borrowers[i], lenders[j]);
                assertEq(isAllowed, mayAct[borrowers[i]][lenders[j]], "operator");
            }
        }
    }

    function _authorized(address owner, address operator, bool isAllowed) private {
        mayAct[owner][operator] = isAllowed;
        _succeeded();
    }

    function _sign(uint256 key, ILoanBook.Authorization memory a) private view returns (bytes memory) {
        bytes32 domain = keccak256(
            abi.encode(
                keccak256("EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"),
                keccak256("Ballast LoanBook"),
                keccak256("1"),
                block.chainid,
                address(book)
            )
        );
        bytes32 digest = keccak256(abi.encodePacked(hex"1901", domain, keccak256(abi.encode(TYPEHASH, a))));
        (uint8 v, bytes32 r, bytes32 s) = vm.sign(key, digest);
        return abi.encodePacked(r, s, v);
    }
}
