// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {IERC1271} from "@openzeppelin/contracts/interfaces/IERC1271.sol";
import {ECDSA} from "@openzeppelin/contracts/utils/cryptography/ECDSA.sol";
import {LowLevelCall} from "@openzeppelin/contracts/utils/LowLevelCall.sol";

/// @title SmartWallet
/// @notice A wallet that is a contract: one key acts for it, and signs for it by ERC-1271, as long as the wallet agrees. An account
/// may delegate to it too (EIP-7702): the key is in the code, its mood in the account's own storage. For tests only.
contract SmartWallet is IERC1271 {
    /// @dev How the wallet answers who asks about a signature.
    enum Mood {
        OfKey, // as its key says
        Refuses,
        Reverts,
        Agrees, // to whatever it is shown
        AnswersRaw, // with the bytes it was given
        BurnsGas // all it gets
    }

    address public immutable KEY;

    Mood public mood;

    bytes private _raw;

    error NotOwner(address caller);
    error Refused();

    constructor(address key) {
        KEY = key;
    }

    function setMood(Mood mood_) external {
        mood = mood_;
    }

    /// @notice Answers with these bytes from now on, whatever it is shown.
    function setRaw(bytes calldata raw) external {
        mood = Mood.AnswersRaw;
        _raw = raw;
    }

    /// @notice Calls as the wallet, and reverts as the callee does. Its key only.
    function run(address target, bytes calldata data) external returns (bytes memory result) {
        require(msg.sender == KEY, NotOwner(msg.sender));
        bool success;
        (success, result) = target.call(data);
        if (!success) LowLevelCall.bubbleRevert(result);
    }

    /// @inheritdoc IERC1271
    function isValidSignature(bytes32 hash, bytes calldata signature) external view returns (bytes4) {
        if (mood == Mood.Reverts) revert Refused();
        if (mood == Mood.Agrees) return IERC1271.isValidSignature.selector;
        if (mood == Mood.AnswersRaw) _returnRaw();
        if (mood == Mood.BurnsGas) {
            assembly ("memory-safe") {
                invalid()
            }
        }
        (address signer, , ) = ECDSA.tryRecoverCalldata(hash, signature);
        bool isValid = mood == Mood.OfKey && signer == KEY;
        return isValid ? IERC1271.isValidSignature.selector : bytes4(0xffffffff);
    }

    function _returnRaw() private view {
        bytes memory raw = _raw;
        assembly ("memory-safe") {
            return(add(raw, 32), mload(raw))
        }
    }
}
