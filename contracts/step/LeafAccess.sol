// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ByteOrder} from "../machine/ByteOrder.sol";

/// @title Reading and writing the 128 bytes of a leaf in memory.
/// @dev `data` is what `WitnessReading.copy` returned: a read of 32 bytes at any offset below 128 stays within it. Callers
/// keep `offset + length` within the leaf.
library LeafAccess {
    /// @notice `length` bytes (1 to 8) at `offset` as a little-endian number.
    function load(uint256 data, uint256 offset, uint256 length) internal pure returns (uint64) {
        // uint64 value; for (uint256 i = length; i > 0; i--) value = (value << 8) | uint8(leaf[offset + i - 1]);
        uint256 word;
        assembly ("memory-safe") {
            word := mload(add(data, offset))
        }
        return ByteOrder.reverse64((word >> (256 - 8 * length)) << (64 - 8 * length));
    }

    /// @notice Writes the lowest `length` bytes (1 to 8) of `value` at `offset`, least significant first.
    function store(uint256 data, uint256 offset, uint256 length, uint64 value) internal pure {
        // for (uint256 i = 0; i < length; i++) leaf[offset + i] = bytes1(uint8(value >> (8 * i)));
        uint256 word = uint256(ByteOrder.reverse64(value)) << 192;
        uint256 kept = type(uint256).max >> (8 * length);
        assembly ("memory-safe") {
            let at := add(data, offset)
            mstore(at, or(and(mload(at), kept), and(word, not(kept))))
        }
    }

    /// @notice The 32 bytes at `offset`.
    function load32(uint256 data, uint256 offset) internal pure returns (bytes32 value) {
        // value = bytes32(leaf[offset:offset + 32]);
        assembly ("memory-safe") {
            value := mload(add(data, offset))
        }
    }

    /// @notice Copies `length` bytes within memory.
    function copy(uint256 from, uint256 to, uint256 length) internal pure {
        // for (uint256 i = 0; i < length; i++) to[i] = from[i];
        assembly ("memory-safe") {
            mcopy(to, from, length)
        }
    }

    /// @notice Writes `length` bytes of the same value.
    function fill(uint256 to, uint8 value, uint256 length) internal pure {
        // for (uint256 i = 0; i < length; i++) to[i] = bytes1(value);
        uint256 word = uint256(value) * (type(uint256).max / 255);
        assembly ("memory-safe") {
            let pattern := mload(0x40)
            mstore(pattern, word)
            mstore(add(pattern, 32), word)
            mstore(add(pattern, 64), word)
            mstore(add(pattern, 96), word)
            mcopy(to, pattern, length)
        }
    }
}
