// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAssayErrors} from "../interfaces/IAssayErrors.sol";
import {ChallengeId, Place, Position, Reveal} from "../types/Dispute.sol";

/// @notice All challenges and everything that solvers have revealed in them.
/// @param positions hash of the position of each open challenge
/// @param reveals hash of the reveal of each node
/// @param challengeCount of all challenges ever opened
struct DisputeBook {
    mapping(ChallengeId => bytes32 positionHash) positions;
    mapping(bytes32 node => bytes32 revealHash) reveals;
    uint96 challengeCount;
}

/// @title Nodes: how positions, reveals and challenges are named and kept.
library Nodes {
    /// @dev The lowest bit of a place's range; below it stand the clocks.
    uint256 private constant RANGE_SHIFT = 88;

    /// @dev The roots are part of the name: the same range reached by other roots is another story with another node.
    function nodeOf(Position memory position) internal pure returns (bytes32) {
        uint256 range = Place.unwrap(position.place) >> RANGE_SHIFT;
        return keccak256(abi.encode(position.claimId, position.startRoot, position.endRoot, range));
    }

    function hash(Position memory position) internal pure returns (bytes32) {
        return keccak256(abi.encode(position));
    }

    function hash(Reveal memory reveal) internal pure returns (bytes32) {
        return keccak256(abi.encode(reveal));
    }

    function nextId(DisputeBook storage self, address challenger) internal returns (ChallengeId) {
        return ChallengeId.wrap(bytes32(bytes20(challenger)) | bytes32(uint256(++self.challengeCount)));
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
        if (stored == 0) revert IAssayErrors.ChallengeNotOpen(id);
        bytes32 given = hash(position);
        if (stored != given) revert IAssayErrors.PositionMismatch(stored, given);
    }

    /// @dev Reverts unless the node is as shown: an all-zero reveal stands for an empty slot.
    function requireShown(DisputeBook storage self, bytes32 node, Reveal memory shown) internal view {
        bool isEmpty = shown.content == 0 && shown.postedAt == 0 && ChallengeId.unwrap(shown.firstDemander) == 0;
        bytes32 given = isEmpty ? bytes32(0) : hash(shown);
        bytes32 stored = self.reveals[node];
        if (stored != given) revert IAssayErrors.RevealMismatch(node, stored, given);
    }

    /// @dev Remembers who came first to a node that nobody has come to.
    function demand(DisputeBook storage self, bytes32 node, ChallengeId id) internal {
        if (self.reveals[node] == 0) self.reveals[node] = hash(Reveal(0, 0, id));
    }

    /// @dev Answers a node, once.
    function answer(DisputeBook storage self, bytes32 node, bytes32 content, ChallengeId firstDemander) internal {
        requireShown(self, node, Reveal(0, 0, firstDemander));
        self.reveals[node] = hash(Reveal(content, uint40(block.timestamp), firstDemander));
    }
}
