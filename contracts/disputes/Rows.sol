// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Hashes} from "@openzeppelin/contracts/utils/cryptography/Hashes.sol";
import {IAssayErrors} from "../interfaces/IAssayErrors.sol";

/// @title Rows: the states that cut a range into equal parts, and their Merkle tree.
/// @dev Position 0 of the tree is the range's start, position i the end of child i - 1; the range's own end is not part of it.
/// The number of positions is the number of children, a power of two, so every path has the same, known length.
library Rows {
    /// @dev log2 of the number of children: cuts align to multiples of log2Arity counted from the bottom, so that a range's
    /// first row takes the remaining bits. A range of one has one child.
    function bitsOf(uint256 log2Length, uint256 log2Arity) internal pure returns (uint256) {
        if (log2Length == 0) return 0;
        uint256 rest = log2Length % log2Arity;
        return rest == 0 ? log2Arity : rest;
    }

    /// @dev Root over the start and the interior roots, whose number is checked. Zero for a range of one, which has no row.
    function rootOf(
        bytes32 startRoot,
        bytes32[] calldata interiorRoots,
        uint256 bits
    ) internal pure returns (bytes32 root) {
        uint256 expected = (uint256(1) << bits) - 1;
        if (interiorRoots.length != expected) revert IAssayErrors.WrongRowLength(expected, interiorRoots.length);
        if (bits == 0) return 0;
        // uint256 size = expected + 1;
        // bytes32[] memory nodes = new bytes32[](2 * size);
        // (nodes[size], nodes[size + 1], ...) = (startRoot, ...interiorRoots);
        // for (uint256 i = size - 1; i != 0; i--) nodes[i] = Hashes.efficientKeccak256(nodes[2 * i], nodes[2 * i + 1]);
        // root = nodes[1];
        // In plain Solidity a row of 16 costs 10,000 gas more.
        assembly ("memory-safe") {
            let nodes := mload(0x40)
            let parent := add(nodes, shl(5, expected))
            let children := add(parent, 0x20)
            mstore(children, startRoot)
            calldatacopy(add(children, 0x20), interiorRoots.offset, shl(5, expected))
            for {
                children := add(parent, sub(parent, nodes))
            } gt(parent, nodes) {
                parent := sub(parent, 0x20)
            } {
                mstore(parent, keccak256(children, 0x40))
                children := sub(children, 0x40)
            }
            root := mload(add(nodes, 0x20))
        }
    }

    /// @dev Root that the start and the end of a child lead to (see `Selection.siblings`). The last child's end is not part
    /// of the tree and not looked at.
    function rootOfChild(
        uint256 child,
        uint256 bits,
        bytes32 startRoot,
        bytes32 endRoot,
        bytes32[] calldata siblings
    ) internal pure returns (bytes32 root) {
        if (child >> bits != 0) revert IAssayErrors.NoSuchChild(uint256(1) << bits, child);
        root = startRoot;
        uint256 used = 0;
        uint256 level = 0;
        // INVARIANT: the number of siblings is checked before they are read, so that no index is beyond it.
        unchecked {
            if (child + 1 == uint256(1) << bits) {
                requireCount(bits, siblings.length);
            } else {
                // The paths of neighbours stay apart as long as the left one is a right child.
                while ((child >> level) & 1 == 1) level++;
                requireCount(bits - 1 + level, siblings.length);
                bytes32 right = endRoot;
                for (; used != 2 * level; used += 2) {
                    root = Hashes.efficientKeccak256(wordAt(siblings, used), root);
                    right = Hashes.efficientKeccak256(right, wordAt(siblings, used + 1));
                }
                root = Hashes.efficientKeccak256(root, right);
                level++;
            }
            for (; level != bits; level++) {
                bytes32 sibling = wordAt(siblings, used++);
                root =
                    (child >> level) & 1 == 0
                        ? Hashes.efficientKeccak256(root, sibling)
                        : Hashes.efficientKeccak256(sibling, root);
            }
        }
    }

    /// @dev The word at an index that is known to be in range.
    function wordAt(bytes32[] calldata words, uint256 index) private pure returns (bytes32 word) {
        // word = words[index];
        // With the bounds checked a selection costs up to 360 gas more.
        assembly ("memory-safe") {
            word := calldataload(add(words.offset, shl(5, index)))
        }
    }

    function requireCount(uint256 expected, uint256 given) private pure {
        if (given != expected) revert IAssayErrors.WrongSiblingCount(expected, given);
    }
}
