// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Merkle} from "../../contracts/machine/Merkle.sol";
import {StackProof} from "../../contracts/step/StackProof.sol";
import {EMPTY_STACK_ROOT, STACK_DEPTH} from "../../contracts/machine/generated/Opcodes.sol";

/// @title The Merkle walks against what their comments say they are.
contract MerkleTest {
    /// @dev Siblings are read from calldata, hence the calls to itself.
    function climb(
        bytes32 hash,
        uint256 index,
        bytes32[] calldata siblings,
        uint256 levels
    ) external pure returns (bytes32) {
        return Merkle.climb(hash, index, position(siblings), levels);
    }

    function rootOf(bytes32 hash, uint256 index, bytes32[] calldata siblings) external pure returns (bytes32) {
        return Merkle.rootOf(hash, index, position(siblings), siblings.length);
    }

    function testFuzz_climbEqualsTheNaiveWalk(
        bytes32 hash,
        uint256 index,
        bytes32[25] memory all,
        uint256 levels
    ) external view {
        bytes32[] memory siblings = take(all, levels);
        assert(this.climb(hash, index, siblings, siblings.length) == naiveClimb(hash, index, siblings));
    }

    function testFuzz_rootOfEqualsTheNaiveWalk(
        bytes32 hash,
        uint256 index,
        bytes32[25] memory all,
        uint256 levels
    ) external view {
        bytes32[] memory siblings = take(all, levels);
        index %= 1 << siblings.length;
        assert(this.rootOf(hash, index, siblings) == naiveClimb(hash, index, siblings));
    }

    function testFuzz_rootOfRevertsUnlessTheIndexIsSpent(
        bytes32 hash,
        uint256 index,
        bytes32[25] memory all,
        uint256 levels
    ) external view {
        bytes32[] memory siblings = take(all, levels);
        uint256 beyond = 1 << siblings.length;
        index = index < beyond ? index + beyond : index;
        try this.rootOf(hash, index, siblings) {
            assert(false);
        } catch (bytes memory reason) {
            bytes memory expected = abi.encodeWithSelector(Merkle.IndexOutOfRange.selector, index, siblings.length);
            assert(keccak256(reason) == keccak256(expected));
        }
    }

    function testFuzz_nodeAndLeafAreKeccakOfTheirBytes(bytes32[4] memory words) external pure {
        assert(Merkle.node(words[0], words[1]) == keccak256(abi.encodePacked(words[0], words[1])));
        uint256 data;
        assembly ("memory-safe") {
            data := words
        }
        assert(Merkle.leaf(data) == keccak256(abi.encodePacked(words[0], words[1], words[2], words[3])));
    }

    function testFuzz_meetingLevelIsWhereTwoPathsHaveOneParent(uint16 one, uint16 other) external pure {
        if (one == other) return;
        uint256 level = StackProof.meetingLevel(one, other);
        assert((one >> level) ^ (other >> level) == 1);
    }

    function test_theEmptyStackIsATreeOfZeros() external pure {
        bytes32 node = keccak256(new bytes(128));
        for (uint256 level = 0; level < STACK_DEPTH; ++level) node = keccak256(abi.encodePacked(node, node));
        assert(node == EMPTY_STACK_ROOT);
    }

    function naiveClimb(bytes32 hash, uint256 index, bytes32[] memory siblings) private pure returns (bytes32) {
        for (uint256 level = 0; level < siblings.length; ++level) {
            hash =
                (index >> level) % 2 == 0
                    ? keccak256(abi.encodePacked(hash, siblings[level]))
                    : keccak256(abi.encodePacked(siblings[level], hash));
        }
        return hash;
    }

    function take(bytes32[25] memory all, uint256 levels) private pure returns (bytes32[] memory siblings) {
        siblings = new bytes32[](levels % 26);
        for (uint256 i = 0; i < siblings.length; ++i) siblings[i] = all[i];
    }

    function position(bytes32[] calldata siblings) private pure returns (uint256 begin) {
        assembly ("memory-safe") {
            begin := siblings.offset
        }
    }
}
