// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Merkle} from "../../machine/Merkle.sol";
import {assume} from "./Assumptions.sol";

/// @title The walks of `Merkle`, as `test/smt` proves them: against their definition, and that a root binds its leaves.
contract WalkProperties {
    function climb(bytes32 hash, uint256 index, bytes32[] calldata siblings) external pure returns (bytes32) {
        return Merkle.climb(hash, index, positionOf(siblings), siblings.length);
    }

    function rootOf(bytes32 hash, uint256 index, bytes32[] calldata siblings) external pure returns (bytes32) {
        return Merkle.rootOf(hash, index, positionOf(siblings), siblings.length);
    }

    /// @dev No two leaves can be proven for one place of a tree.
    function rootBindsLeaf(
        uint256 index,
        bytes32 hash,
        bytes32[] calldata siblings,
        bytes32 otherHash,
        bytes32[] calldata otherSiblings
    ) external pure {
        uint256 depth = siblings.length;
        assume(
            Merkle.rootOf(hash, index, positionOf(siblings), depth) ==
                Merkle.rootOf(otherHash, index, positionOf(otherSiblings), depth)
        );
        assert(hash == otherHash);
    }

    function positionOf(bytes32[] calldata siblings) private pure returns (uint256 position) {
        assembly ("memory-safe") {
            position := siblings.offset
        }
    }
}
