// SPDX-License-Identifier: MIT
pragma solidity 0.8.37;

import {StdAssertions} from "forge-std/StdAssertions.sol";
import {StdInvariant} from "forge-std/StdInvariant.sol";
import {Vm} from "forge-std/Vm.sol";

/// @title Cheats
/// @notice What a test, and a helper that a test deploys, needs of forge-std. Leaner than its `Test`: the whole of forge-std
/// takes longer to compile than the tests do.
abstract contract Cheats is StdAssertions {
    Vm internal constant vm = Vm(address(uint160(uint256(keccak256("hevm cheat code")))));

    uint256 internal constant WAD = 1e18;
    uint256 internal constant BPS = 1e4;

    /// @dev Brings a random number into a range: as it is if it lies there, else wrapped around it; the smallest and largest
    /// numbers to the range's ends. (forge-std's own does the same and prints every result.)
    function bound(uint256 x, uint256 min, uint256 max) internal pure returns (uint256) {
        require(min <= max, "bound: empty range");
        if (min <= x && x <= max) return x;
        uint256 size = max - min + 1;
        if (x <= 3 && size > x) return min + x;
        if (type(uint256).max - x <= 3 && size > type(uint256).max - x) return max - (type(uint256).max - x);
        return min + (x > max ? (x - max - 1) % size : size - 1 - ((min - x - 1) % size));
    }

    function bound(int256 x, int256 min, int256 max) internal pure returns (int256) {
        uint256 shift = 2 ** 255; // from -2²⁵⁵ … 2²⁵⁵ - 1 to 0 … 2²⁵⁶ - 1, in order
        unchecked {
            return int256(bound(uint256(x) + shift, uint256(min) + shift, uint256(max) + shift) - shift);
        }
    }

    /// @dev A random number of any width up to so many bits, so that the small ones come as often as the large.
    function sized(uint256 seed, uint256 bits) internal pure returns (uint256) {
        return uint256(keccak256(abi.encode(seed))) >> (256 - (seed % (bits + 1)));
    }

    /// @dev The block's time. The compiler takes `block.timestamp` for a constant and reads it once in a function, before and
    /// after a warp alike.
    function clock() internal view returns (uint256) {
        return vm.getBlockTimestamp();
    }

    /// @dev The selector of an error, or zero if the data is shorter (a bare revert, or out of gas).
    function selectorOf(bytes memory reason) internal pure returns (bytes4) {
        return reason.length < 4 ? bytes4(0) : bytes4(reason);
    }
}

/// @title BaseTest
/// @notice A test contract.
abstract contract BaseTest is Cheats, StdInvariant {
    bool public constant IS_TEST = true;

    /// @dev Deploys by name, so that a test compiles without compiling what it tests once more.
    function deploy(string memory name, bytes memory arguments) internal returns (address deployed) {
        bytes memory code = abi.encodePacked(vm.getCode(name), arguments);
        assembly ("memory-safe") {
            deployed := create(0, add(code, 32), mload(code))
        }
        if (deployed == address(0)) {
            assembly ("memory-safe") {
                let data := mload(0x40)
                returndatacopy(data, 0, returndatasize())
                revert(data, returndatasize())
            }
        }
    }
}
