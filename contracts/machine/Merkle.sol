// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Positional keccak256 trees: leaves of 128 bytes, nodes of 64, so that the two cannot be confused.
/// @dev `climb` is the one unsafe primitive: it believes its caller about how many levels there are and where the siblings
/// stand. `rootOf` is what to use for a whole tree.
library Merkle {
    /// @notice A leaf number lies beyond the tree: something of it was left when the root was reached.
    error IndexOutOfRange(uint256 index, uint256 depth);

    /// @notice keccak256 of the 64 bytes `left ‖ right`.
    function node(bytes32 left, bytes32 right) internal pure returns (bytes32 hash) {
        // hash = keccak256(abi.encodePacked(left, right));
        assembly ("memory-safe") {
            mstore(0, left)
            mstore(32, right)
            hash := keccak256(0, 64)
        }
    }

    /// @notice keccak256 of the 128 bytes of memory that begin at `data`.
    function leaf(uint256 data) internal pure returns (bytes32 hash) {
        // hash = keccak256(<the 128 bytes>);
        assembly ("memory-safe") {
            hash := keccak256(data, 128)
        }
    }

    /// @notice The root of a tree of `depth` levels that holds `hash` as leaf number `index`.
    /// @param siblings position in calldata of `depth` words, lowest sibling first; the caller has checked that they are there
    function rootOf(bytes32 hash, uint256 index, uint256 siblings, uint256 depth) internal pure returns (bytes32) {
        // INVARIANT: the index is spent at the end of the walk.
        if (index >> depth != 0) revert IndexOutOfRange(index, depth);
        return climb(hash, index, siblings, depth);
    }

    /// @notice The node `levels` levels above the node with hash `hash` and number `index` of its own level.
    /// @param siblings position in calldata of `levels` words, lowest sibling first
    function climb(
        bytes32 hash,
        uint256 index,
        uint256 siblings,
        uint256 levels
    ) internal pure returns (bytes32 ancestor) {
        // for (uint256 level = 0; level < levels; level++) {
        //     bytes32 sibling = bytes32(msg.data[siblings + 32 * level:]);
        //     hash = (index >> level) & 1 == 0 ? node(hash, sibling) : node(sibling, hash);
        // }
        // ancestor = hash;
        // Rationale: 166 gas a level instead of 423; a step climbs up to 104 levels.
        assembly ("memory-safe") {
            let end := add(siblings, shl(5, levels))
            for {} lt(siblings, end) {} {
                let side := shl(5, and(index, 1))
                mstore(side, hash)
                mstore(xor(side, 32), calldataload(siblings))
                hash := keccak256(0, 64)
                index := shr(1, index)
                siblings := add(siblings, 32)
            }
            ancestor := hash
        }
    }
}
