// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

/// @title OddPermit
/// @notice Is asked for a permit and misbehaves: reverts, returns a megabyte, or calls back. For tests only.
contract OddPermit {
    enum Mode {
        Revert,
        RevertLong,
        ReturnLong,
        CallBack
    }

    uint256 private constant MEGABYTE = 1 << 20;

    Mode public mode;

    /// @notice What is sent to whoever asks, in the mode of calling back.
    bytes public message;

    /// @notice How often anyone asked, and how the last call back ended.
    uint256 public asked;
    bool public calledBack;

    error NoPermit();

    function set(Mode mode_, bytes calldata message_) external {
        (mode, message) = (mode_, message_);
    }

    function permit(address, address, uint256, uint256, uint8, bytes32, bytes32) external {
        require(mode != Mode.Revert, NoPermit());
        if (mode == Mode.RevertLong) {
            assembly ("memory-safe") {
                revert(mload(64), MEGABYTE)
            }
        }
        asked++;
        if (mode == Mode.ReturnLong) {
            assembly ("memory-safe") {
                return(mload(64), MEGABYTE)
            }
        }
        (calledBack, ) = msg.sender.call(message);
    }
}
