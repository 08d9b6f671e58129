// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAssayErrors} from "../interfaces/IAssayErrors.sol";
import {ChallengeId, Position, Reveal} from "../types/Dispute.sol";
import {Places} from "../types/Places.sol";

/// @notice All challenges and everything that solvers have revealed in them.
/// @param positions hash of the position of each open challenge
/// @param reveals hash of the reveal of each node
/// @param nextNumber of a challenge
struct DisputeBook {
    mapping(ChallengeId => bytes32 positionHash) positions;
    mapping(bytes32 node => bytes32 revealHash) reveals;
    uint96 nextNumber;
}

/// @title Nodes: how positions, reveals and challenges are named and kept.
library Nodes {
    /// @dev The roots are part of the name: the same range reached by other roots is another story with another node.
    function nodeOf(Position memory position) internal pure returns (bytes32 node) {
        uint256 range = Places.range(position.place);
        // node = keccak256(abi.encode(position.claimId, position.startRoot, position.endRoot, range));
        // The three are the first words of the struct. In plain Solidity every move costs 170 gas more.
        assembly ("memory-safe") {
            let words := mload(0x40)
            mcopy(words, position, 0x60)
            mstore(add(words, 0x60), range)
            node := keccak256(words, 0x80)
        }
    }

    function hash(Position memory position) internal pure returns (bytes32 value) {
        // value = keccak256(abi.encode(position));
        // In memory the struct is its own encoding. In plain Solidity, with the one below, a row costs 540 gas more, a
        // selection 880.
        assembly ("memory-safe") {
            value := keccak256(position, 0xa0)
        }
    }

    function hash(Reveal memory reveal) internal pure returns (bytes32 value) {
        // value = keccak256(abi.encode(reveal));
        assembly ("memory-safe") {
            value := keccak256(reveal, 0x60)
        }
    }

    function nextId(DisputeBook storage self, address challenger) internal returns (ChallengeId) {
        return ChallengeId.wrap(bytes32(bytes20(challenger)) | bytes32(uint256(self.nextNumber++)));
    }

    function challengerOf(ChallengeId id) internal pure returns (address) {
        return address(bytes20(ChallengeId.unwrap(id)));
    }

    function isOpen(DisputeBook storage self, ChallengeId id) internal view returns (bool) {
        return self.positions[id] != 0;
    }

    /// @dev Reverts unless the challenge is open and stands where the caller says.
    function requireAt(DisputeBook storage self, ChallengeId id, Position memory position) internal view {
        bytes32 stored = self.positions[id];
        bytes32 given = hash(position);
        if (stored == given) return;
        if (stored == 0) revert IAssayErrors.ChallengeNotOpen(id);
        revert IAssayErrors.PositionMismatch(stored, given);
    }

    /// @dev Reverts unless the node is as shown: an all-zero reveal stands for an empty slot.
    function requireShown(DisputeBook storage self, bytes32 node, Reveal memory shown) internal view {
        bool isEmpty = shown.postedAt == 0 && ChallengeId.unwrap(shown.firstDemander) == 0 && shown.content == 0;
        requireStored(self, node, isEmpty ? bytes32(0) : hash(shown));
    }

    /// @dev Reverts unless the node has been answered as shown.
    function requireAnswered(DisputeBook storage self, bytes32 node, Reveal memory shown) internal view {
        if (shown.postedAt == 0) revert IAssayErrors.NotRevealed(node);
        requireStored(self, node, hash(shown));
    }

    /// @dev Remembers who came first to a node that nobody has come to.
    function demand(DisputeBook storage self, bytes32 node, ChallengeId id) internal {
        if (self.reveals[node] == 0) self.reveals[node] = hash(Reveal(0, 0, id));
    }

    /// @dev Answers a node, once.
    function answer(DisputeBook storage self, bytes32 node, bytes32 content, ChallengeId firstDemander) internal {
        Reveal memory reveal = Reveal(0, 0, firstDemander);
        requireStored(self, node, ChallengeId.unwrap(firstDemander) == 0 ? bytes32(0) : hash(reveal));
        (reveal.content, reveal.postedAt) = (content, uint48(block.timestamp));
        self.reveals[node] = hash(reveal);
    }

    function requireStored(DisputeBook storage self, bytes32 node, bytes32 given) private view {
        bytes32 stored = self.reveals[node];
        if (stored != given) revert IAssayErrors.RevealMismatch(node, stored, given);
    }
}
