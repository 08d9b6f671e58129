// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Merkle} from "../machine/Merkle.sol";
import {Leaf, Witness, WitnessReading} from "./Witness.sol";
import {STACK_DEPTH} from "../machine/generated/Opcodes.sol";

/// @title The stack's tree, of which a step may touch two leaves.
/// @dev The second leaf comes with the siblings below the level where its path meets the first's. There its node *is* the
/// first leaf's sibling, so that both are proven against one root and a write to either is seen by the other's proof.
library StackProof {
    /// @notice Takes the second leaf from the witness and proves it against the first.
    function takeSecond(Witness memory witness, Leaf memory first, Leaf memory second, uint256 number) internal pure {
        uint256 levels = meetingLevel(first.number, number);
        WitnessReading.takeLeaf(witness, second, number, levels);
        bytes32 given = Merkle.climb(Merkle.leaf(second.data), number, second.siblings, levels);
        WitnessReading.requireRoot(siblingAt(first, levels), given);
    }

    /// @notice The stack's root with both leaves as they are now; `second` need not have been taken.
    function rootOf(Leaf memory first, Leaf memory second) internal pure returns (bytes32) {
        if (second.data == 0) return WitnessReading.rootOf(first, STACK_DEPTH);
        uint256 levels = meetingLevel(first.number, second.number);
        bytes32 node = Merkle.climb(Merkle.leaf(first.data), first.number, first.siblings, levels);
        bytes32 other = Merkle.climb(Merkle.leaf(second.data), second.number, second.siblings, levels);
        node = (first.number >> levels) & 1 == 0 ? Merkle.node(node, other) : Merkle.node(other, node);
        levels++;
        return Merkle.rootOf(node, first.number >> levels, first.siblings + 32 * levels, STACK_DEPTH - levels);
    }

    /// @notice The highest bit in which two different leaf numbers differ: at that level their nodes are siblings.
    function meetingLevel(uint256 one, uint256 other) internal pure returns (uint256 level) {
        uint256 difference = (one ^ other) >> 1;
        while (difference != 0) {
            level++;
            difference >>= 1;
        }
    }

    function siblingAt(Leaf memory leaf, uint256 level) private pure returns (bytes32) {
        return WitnessReading.word(leaf.siblings + 32 * level);
    }
}
