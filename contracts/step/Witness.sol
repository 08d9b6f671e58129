// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IStepVerifier} from "../interfaces/IStepVerifier.sol";
import {Merkle} from "../machine/Merkle.sol";
import {LEAF_BYTES} from "../machine/generated/Opcodes.sol";

/// @notice The witness of a step: a range of calldata that is read once, from its first byte to its last.
/// @param begin position in calldata of its first byte
/// @param next position of the first byte not yet taken
/// @param end position behind its last byte
struct Witness {
    uint256 begin;
    uint256 next;
    uint256 end;
}

/// @notice A leaf that was taken from the witness.
/// @param number of the leaf within its tree
/// @param siblings position in calldata of its siblings, lowest first
/// @param data position in memory of its 128 bytes; 0 as long as no leaf was taken
/// @param written whether the bytes may differ from what was proven
struct Leaf {
    uint256 number;
    uint256 siblings;
    uint256 data;
    bool written;
}

/// @title Taking bytes and leaves from a witness.
library WitnessReading {
    /// @notice The next `length` bytes, as a position in calldata.
    function take(Witness memory witness, uint256 length) internal pure returns (uint256 position) {
        position = witness.next;
        uint256 next = position + length;
        if (next > witness.end) {
            revert IStepVerifier.WitnessTooShort(next - witness.begin, witness.end - witness.begin);
        }
        witness.next = next;
    }

    /// @notice Reverts unless every byte has been taken.
    function finish(Witness memory witness) internal pure {
        if (witness.next != witness.end) {
            revert IStepVerifier.WitnessTooLong(witness.next - witness.begin, witness.end - witness.begin);
        }
    }

    /// @notice The next leaf with the siblings of its lowest `levels` levels. They prove nothing yet.
    function takeLeaf(Witness memory witness, Leaf memory leaf, uint256 number, uint256 levels) internal pure {
        uint256 position = take(witness, LEAF_BYTES + 32 * levels);
        leaf.number = number;
        leaf.siblings = position + LEAF_BYTES;
        leaf.data = copyLeaf(position);
    }

    /// @notice The next leaf with all its siblings, which prove that the tree with root `root` holds it at `number`.
    function takeProvenLeaf(
        Witness memory witness,
        Leaf memory leaf,
        uint256 number,
        bytes32 root,
        uint256 depth
    ) internal pure {
        takeLeaf(witness, leaf, number, depth);
        requireRoot(root, rootOf(leaf, depth));
    }

    /// @notice The root of a tree of `depth` levels with the leaf as it is now.
    function rootOf(Leaf memory leaf, uint256 depth) internal pure returns (bytes32) {
        return Merkle.rootOf(Merkle.leaf(leaf.data), leaf.number, leaf.siblings, depth);
    }

    /// @notice Reverts unless a proof leads to the root it was given for.
    function requireRoot(bytes32 expected, bytes32 given) internal pure {
        if (given != expected) revert IStepVerifier.RootMismatch(expected, given);
    }

    /// @notice Copies 128 bytes from calldata to fresh memory.
    /// @return data position in memory; 32 more bytes behind the copy belong to it, so that a word at any offset below 128
    /// can be read and written
    function copyLeaf(uint256 position) internal pure returns (uint256 data) {
        // bytes memory leaf = msg.data[position:position + 128]; data = <position of its first byte>;
        assembly ("memory-safe") {
            data := mload(0x40)
            mstore(0x40, add(data, 160))
            calldatacopy(data, position, 128)
        }
    }

    /// @notice The 32 bytes of calldata at a position.
    function word(uint256 position) internal pure returns (bytes32 value) {
        // value = bytes32(msg.data[position:position + 32]);
        assembly ("memory-safe") {
            value := calldataload(position)
        }
    }
}
