// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC20Permit} from "@openzeppelin/contracts/token/ERC20/extensions/IERC20Permit.sol";
import {IERC5267} from "@openzeppelin/contracts/interfaces/IERC5267.sol";
import {MessageHashUtils} from "@openzeppelin/contracts/utils/cryptography/MessageHashUtils.sol";
import {SignatureChecker} from "@openzeppelin/contracts/utils/cryptography/SignatureChecker.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";
import {Multicall} from "@openzeppelin/contracts/utils/Multicall.sol";
import {Nonces} from "@openzeppelin/contracts/utils/Nonces.sol";

import {ILoanBook} from "../interfaces/ILoanBook.sol";
import {LoanId} from "../libraries/LoanId.sol";
import {Listings} from "./Listings.sol";

/// @title Operators
/// @notice Who may act on an owner's loans, by call or by signature, and several calls in one.
abstract contract Operators is Listings, IERC5267, Nonces, Multicall {
    using LoanId for uint256;

    /// @dev Hashed by the compiler, so its length costs nothing.
    // solhint-disable-next-line gas-small-strings
    bytes32 public constant AUTHORIZATION_TYPEHASH = keccak256(
        "Authorization(address owner,address operator,bool isAuthorized,uint256 nonce,uint256 deadline)"
    );

    /// @dev Likewise: what wallets show of the book that is signed for.
    // solhint-disable-next-line gas-small-strings
    bytes32 private constant DOMAIN_TYPEHASH = keccak256(
        "EIP712Domain(string name,string version,uint256 chainId,address verifyingContract)"
    );
    string private constant NAME = "Ballast LoanBook";
    string private constant VERSION = "1";

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
        bytes32 content = keccak256(abi.encode(AUTHORIZATION_TYPEHASH, authorization));
        bytes32 digest = MessageHashUtils.toTypedDataHash(_domainSeparator(), content);
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

    /// @inheritdoc IERC5267
    function eip712Domain()
        external
        view
        returns (
            bytes1 fields,
            string memory name,
            string memory version,
            uint256 chainId,
            address verifyingContract,
            bytes32 salt,
            uint256[] memory extensions
        )
    {
        fields = hex"0f"; // the first four: neither salt nor extensions
        (name, version, chainId, verifyingContract) = (NAME, VERSION, block.chainid, address(this));
        return (fields, name, version, chainId, verifyingContract, salt, extensions);
    }

    /// @dev Not kept: a book on a chain that split must not take signatures for the other, and OpenZeppelin's way to keep and to renew
    /// it takes 300 bytes, see docs/decisions/023-a-plain-liquidation-in-the-book.md.
    function _domainSeparator() private view returns (bytes32) {
        bytes32 name = keccak256(bytes(NAME));
        bytes32 version = keccak256(bytes(VERSION));
        return keccak256(abi.encode(DOMAIN_TYPEHASH, name, version, block.chainid, address(this)));
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
