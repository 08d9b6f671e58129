// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {IAssayErrors} from "../interfaces/IAssayErrors.sol";
import {IAssayEvents} from "../interfaces/IAssayEvents.sol";
import {Claim} from "../types/Claim.sol";
import {ChallengeId, CheckpointPair, Place, Position} from "../types/Dispute.sol";
import {Places} from "../types/Places.sol";
import {Cursors} from "./Cursors.sol";
import {DisputeBook, Nodes} from "./Nodes.sol";

/// @title Challenges: how a dispute begins, over the whole range or between two checkpoints.
library Challenges {
    using Nodes for DisputeBook;

    /// @dev Over the whole range of the claim: from the build's first state to the claimed final one.
    function whole(DisputeBook storage self, bytes32 claimId, Claim storage claim) internal returns (ChallengeId) {
        return open(self, claimId, claim, 0, claim.log2Ticks, claim.buildId, claim.finalRoot);
    }

    /// @dev Between neighbours of the claim's checkpoint list, whose two ends are the claim's own.
    function between(
        DisputeBook storage self,
        bytes32 claimId,
        Claim storage claim,
        CheckpointPair calldata pair
    ) internal returns (ChallengeId) {
        uint8 distance = claim.log2CheckpointTicks;
        uint256 count = uint256(1) << (claim.log2Ticks - distance);
        uint256 index = pair.index;
        if (index >= count) revert IAssayErrors.NoSuchCheckpoint(count, index);
        bytes32 startRoot = claim.buildId;
        if (index != 0) {
            startRoot = pair.startRoot;
            prove(claim.checkpointRoot, index, startRoot, pair.startProof);
        }
        bytes32 endRoot = claim.finalRoot;
        if (index + 1 != count) {
            endRoot = pair.endRoot;
            prove(claim.checkpointRoot, index + 1, endRoot, pair.endProof);
        }
        return open(self, claimId, claim, uint40(index << distance), distance, startRoot, endRoot);
    }

    function open(
        DisputeBook storage self,
        bytes32 claimId,
        Claim storage claim,
        uint40 from,
        uint8 log2Length,
        bytes32 startRoot,
        bytes32 endRoot
    ) private returns (ChallengeId id) {
        if (msg.value != claim.challengerBond) revert IAssayErrors.WrongBond(claim.challengerBond, msg.value);
        claim.openChallenges++;
        id = self.nextId(msg.sender);
        Place place = Places.first(from, log2Length, claim.solverBudgetSeconds, claim.challengerBudgetSeconds);
        Position memory position = Position(claimId, startRoot, endRoot, place, ChallengeId.wrap(0));
        Cursors.arrive(self, id, position, claim.log2Arity);
        emit IAssayEvents.ChallengeOpened(claimId, id, position);
    }

    /// @dev Leaves are hashed twice: one hash of two words could be taken for that of an inner node.
    function prove(bytes32 checkpointRoot, uint256 index, bytes32 root, bytes32[] calldata proof) private pure {
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(index, root))));
        if (!MerkleProof.verifyCalldata(proof, checkpointRoot, leaf)) {
            revert IAssayErrors.CheckpointNotProven(index, root);
        }
    }
}
