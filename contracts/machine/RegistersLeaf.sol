// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ByteOrder} from "./ByteOrder.sol";
import {REGISTER_BUFFER} from "./generated/Opcodes.sol";

/// @title The registers leaf: 128 bytes, whose first 40 are ten little-endian 32-bit registers.
/// @dev `leaf` is the position in memory of its bytes. A *lane* is one of the eight registers of a 32-byte word, counted from
/// the word's first byte.
library RegistersLeaf {
    /// @notice What scratch leaves of the leaf's second word: the machine version in its lane 0.
    uint256 private constant NOT_SCRATCH = uint256(type(uint32).max) << 224;

    /// @notice The first two words of a leaf, each lane in the EVM's byte order: registers 0 to 7, and 8 to 15.
    function lanes(uint256 leaf) internal pure returns (uint256 first, uint256 second) {
        // (first, second) = abi.decode(<the leaf>, (uint256, uint256));
        assembly ("memory-safe") {
            first := mload(leaf)
            second := mload(add(leaf, 32))
        }
        first = ByteOrder.reverse32Lanes(first);
        second = ByteOrder.reverse32Lanes(second);
    }

    /// @notice One register out of the word of `lanes` that holds it.
    function lane(uint256 word, uint256 register) internal pure returns (uint32) {
        return uint32(word >> (224 - 32 * (register % 8)));
    }

    /// @notice Position in memory of the 64 bytes that a two-part step carries.
    function buffer(uint256 leaf) internal pure returns (uint256) {
        return leaf + 4 * REGISTER_BUFFER;
    }

    /// @notice Four lanes, in the lower half of a word.
    function pack(uint32 one, uint32 two, uint32 three, uint32 four) internal pure returns (uint256) {
        return (uint256(one) << 96) | (uint256(two) << 64) | (uint256(three) << 32) | four;
    }

    /// @notice Replaces the eight registers of the first word, and the phase in lane 1 of the second.
    function write(uint256 leaf, uint256 first, uint32 phase) internal pure {
        first = ByteOrder.reverse32Lanes(first);
        uint256 second = ByteOrder.reverse32Lanes(uint256(phase) << 192);
        uint256 phaseLane = uint256(type(uint32).max) << 192;
        // leaf[0:32] = first; leaf[36:40] = second[4:8];
        assembly ("memory-safe") {
            mstore(leaf, first)
            let at := add(leaf, 32)
            mstore(at, or(and(mload(at), not(phaseLane)), second))
        }
    }

    /// @notice Clears everything behind the machine version.
    function clearScratch(uint256 leaf) internal pure {
        uint256 kept = NOT_SCRATCH;
        // for (uint256 i = 36; i < 128; i++) leaf[i] = 0;
        assembly ("memory-safe") {
            let at := add(leaf, 32)
            mstore(at, and(mload(at), kept))
            mstore(add(at, 32), 0)
            mstore(add(at, 64), 0)
        }
    }

    /// @notice Whether scratch is all zero, given the leaf's second word by lanes.
    function scratchIsZero(uint256 leaf, uint256 second) internal pure returns (bool isZero) {
        // isZero = <bytes 36 to 127 of the leaf are zero>;
        assembly ("memory-safe") {
            isZero := iszero(or(shl(32, second), or(mload(add(leaf, 64)), mload(add(leaf, 96)))))
        }
    }
}
