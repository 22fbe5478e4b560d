// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {EIP712} from "@openzeppelin/contracts/utils/cryptography/EIP712.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";

import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {LoanId} from "../libraries/LoanId.sol";
import {Listings} from "./Listings.sol";

/// @title Operators
/// @notice Who may act on an owner's loans, by call or by signature, and several calls in one.
abstract contract Operators is Listings, EIP712, Nonces, Multicall {
    using LoanId for uint256;

    /// @dev Hashed by the compiler, so its length costs nothing.
    // solhint-disable-next-line gas-small-strings
    bytes32 public constant AUTHORIZATION_TYPEHASH = keccak256(
        "Authorization(address owner,address operator,bool isAuthorized,uint256 nonce,uint256 deadline)"
    );

    /// @dev Who may act on all loans of an owner.
    mapping(address owner => mapping(address operator => bool)) public isAuthorized;

    modifier onlyOwnerOrOperator(uint256 id) {
        _requireOwnerOrOperator(id);
        _;
    }

    /// @inheritdoc ILoanBook
    function setAuthorization(address operator, bool authorized) external {
        _setAuthorization(msg.sender, operator, authorized);
    }

    /// @inheritdoc ILoanBook
    function setAuthorizationWithSig(Authorization calldata authorization, bytes calldata signature) external {
        address owner = authorization.owner;
        require(block.timestamp <= authorization.deadline, SignatureExpired(authorization.deadline));
        _useCheckedNonce(owner, authorization.nonce);
        bytes32 digest = _hashTypedDataV4(keccak256(abi.encode(AUTHORIZATION_TYPEHASH, authorization)));
        bool isValid = SignatureChecker.isValidSignatureNowCalldata(owner, digest, signature);
        require(isValid, InvalidSignature(owner));
        emit NonceUsed(owner, authorization.nonce);
        _setAuthorization(owner, authorization.operator, authorization.isAuthorized);
    }

    /// @inheritdoc ILoanBook
    function revokeSignatures() external returns (uint256 nonce) {
        nonce = _useNonce(msg.sender);
        emit NonceUsed(msg.sender, nonce);
        return nonce + 1;
    }

    /// @inheritdoc ILoanBook
    function permit(address token, uint256 value, uint256 deadline, uint8 v, bytes32 r, bytes32 s) external {
        LowLevelCall.callNoReturn(
            token,
            abi.encodeCall(IERC20Permit.permit, (msg.sender, address(this), value, deadline, v, r, s))
        );
    }

    function _setAuthorization(address owner, address operator, bool authorized) private {
        isAuthorized[owner][operator] = authorized;
        emit AuthorizationSet(owner, operator, authorized);
    }

    function _requireOwnerOrOperator(uint256 id) internal view {
        address owner = id.ownerOf();
        require(msg.sender == owner || isAuthorized[owner][msg.sender], NotOwnerOrOperator(id, msg.sender));
    }
}
