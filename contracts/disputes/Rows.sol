// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {IAssayErrors} from "../interfaces/IAssayErrors.sol";

/// @title Rows: the states that cut a range into equal parts, and their Merkle tree.
/// @dev Position 0 of the tree is the range's start, position i the end of child i - 1; the range's own end is no part of it.
/// The number of positions is the number of children, a power of two, so every path has the same, known length.
library Rows {
    /// @dev log2 of the number of children: cuts align to multiples of log2Arity counted from the bottom, so that a range's
    /// first row takes the remaining bits. A range of one has one child.
    function bitsOf(uint8 log2Length, uint8 log2Arity) internal pure returns (uint8) {
        if (log2Length == 0) return 0;
        uint8 rest = log2Length % log2Arity;
        return rest == 0 ? log2Arity : rest;
    }

    /// @dev Root over the start and the interior roots, whose number is checked. Zero for a range of one, which has no row.
    function rootOf(
        bytes32 startRoot,
        bytes32[] calldata interiorRoots,
        uint8 bits
    ) internal pure returns (bytes32 root) {
        uint256 expected = (uint256(1) << bits) - 1;
        if (interiorRoots.length != expected) revert IAssayErrors.WrongRowLength(expected, interiorRoots.length);
        if (bits == 0) return 0;
        // bytes32[] memory nodes = [startRoot, ...interiorRoots];
        // for (uint256 size = nodes.length / 2; size != 0; size /= 2)
        //     for (uint256 i = 0; i < size; i++) nodes[i] = Hashes.efficientKeccak256(nodes[2 * i], nodes[2 * i + 1]);
        // root = nodes[0];
        // In plain Solidity a row of 16 costs 3,400 gas more.
        assembly ("memory-safe") {
            let nodes := mload(0x40)
            mstore(nodes, startRoot)
            calldatacopy(add(nodes, 0x20), interiorRoots.offset, shl(5, expected))
            for {
                let size := shl(4, add(expected, 1))
            } gt(size, 0x10) {
                size := shr(1, size)
            } {
                for {
                    let i := 0
                } lt(i, size) {
                    i := add(i, 0x20)
                } {
                    mstore(add(nodes, i), keccak256(add(nodes, shl(1, i)), 0x40))
                }
            }
            root := mload(nodes)
        }
    }

    /// @dev Root that the start and the end of a child lead to (see `Selection.siblings`). The last child's end is not part
    /// of the tree and not looked at.
    function rootOfChild(
        uint256 child,
        uint8 bits,
        bytes32 startRoot,
        bytes32 endRoot,
        bytes32[] calldata siblings
    ) internal pure returns (bytes32 root) {
        if (child >> bits != 0) revert IAssayErrors.NoSuchChild(uint256(1) << bits, child);
        if (bits == 0) {
            requireCount(0, siblings.length);
            return 0;
        }
        root = startRoot;
        uint256 used = 0;
        uint256 level = 0;
        if (child + 1 != uint256(1) << bits) {
            // The paths of neighbours stay apart as long as the left one is a right child.
            while ((child >> level) & 1 == 1) level++;
            requireCount(bits - 1 + level, siblings.length);
            bytes32 right = endRoot;
            for (; used != 2 * level; used += 2) {
                root = Hashes.efficientKeccak256(siblings[used], root);
                right = Hashes.efficientKeccak256(right, siblings[used + 1]);
            }
            root = Hashes.efficientKeccak256(root, right);
            level++;
        } else {
            requireCount(bits, siblings.length);
        }
        for (; level != bits; level++) {
            bytes32 sibling = siblings[used++];
            root =
                (child >> level) & 1 == 0
                    ? Hashes.efficientKeccak256(root, sibling)
                    : Hashes.efficientKeccak256(sibling, root);
        }
    }

    function requireCount(uint256 expected, uint256 given) private pure {
        if (given != expected) revert IAssayErrors.WrongSiblingCount(expected, given);
    }
}
