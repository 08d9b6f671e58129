// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAssayErrors} from "../interfaces/IAssayErrors.sol";
import {IAssayEvents} from "../interfaces/IAssayEvents.sol";
import {IStepVerifier} from "../interfaces/IStepVerifier.sol";
import {Claim} from "../types/Claim.sol";
import {ChallengeId, Position, Reveal, TickProof} from "../types/Dispute.sol";
import {STATUS_RUNNING} from "../types/MachineState.sol";
import {LEVEL_TICKS, PlaceFields, Places} from "../types/Places.sol";
import {Cursors} from "./Cursors.sol";
import {DisputeBook, Nodes} from "./Nodes.sol";
import {Rows} from "./Rows.sol";
import {Turns} from "./Turns.sol";

/// @title Answers: the solver's moves.
/// @dev Only a claim's own solver answers, and only where a challenge stands: whoever could post for it could refute it.
library Answers {
    using Nodes for DisputeBook;

    function postRow(
        DisputeBook storage self,
        ChallengeId id,
        Position memory position,
        Claim storage claim,
        ChallengeId firstDemander,
        bytes32[] calldata interiorRoots
    ) internal {
        PlaceFields memory place = begin(self, id, position, claim);
        if (place.log2Length == 0) revert IAssayErrors.WrongRange(place.level, 0);
        uint8 bits = Rows.bitsOf(place.log2Length, claim.log2Arity);
        bytes32 rowRoot = Rows.rootOf(position.startRoot, interiorRoots, bits);
        bytes32 node = Nodes.nodeOf(position);
        self.answer(node, rowRoot, firstDemander);
        emit IAssayEvents.RowPosted(position.claimId, node, firstDemander, interiorRoots);
    }

    /// @dev A tick ends in a state that is not running: a true state from the middle of a tick is no end of one.
    function openTick(
        DisputeBook storage self,
        ChallengeId id,
        Position memory position,
        Claim storage claim,
        IStepVerifier verifier,
        ChallengeId firstDemander,
        TickProof calldata tick,
        bytes32[] calldata interiorRoots
    ) internal {
        PlaceFields memory place = begin(self, id, position, claim);
        if (place.level != LEVEL_TICKS || place.log2Length != 0) {
            revert IAssayErrors.WrongRange(place.level, place.log2Length);
        }
        uint8 log2Steps = tick.log2Steps;
        if (log2Steps > claim.maxLog2Steps) revert IAssayErrors.TooManySteps(claim.maxLog2Steps, log2Steps);
        bytes32 resumedRoot = verifier.resume(position.startRoot, tick.start);
        if (verifier.registers(position.endRoot, tick.end).status == STATUS_RUNNING) {
            revert IAssayErrors.TickEndsRunning();
        }
        bytes32 rowRoot = Rows.rootOf(resumedRoot, interiorRoots, Rows.bitsOf(log2Steps, claim.log2Arity));
        bytes32 node = Nodes.nodeOf(position);
        self.answer(node, keccak256(abi.encode(log2Steps, resumedRoot, rowRoot)), firstDemander);
        emit IAssayEvents.TickOpened(position.claimId, node, firstDemander, log2Steps, resumedRoot, interiorRoots);
    }

    /// @dev Reverts unless the solver has failed to answer in time: not at all, or, as long as the challenger has not moved
    /// on, later than this challenge allowed, though in time for another one.
    function requireTimedOut(
        DisputeBook storage self,
        ChallengeId id,
        Position memory position,
        Claim storage claim,
        Reveal memory shown
    ) internal view {
        PlaceFields memory place = requireLongerThanOneStep(self, id, position);
        self.requireShown(Nodes.nodeOf(position), shown);
        uint256 deadline = Turns.solverDeadline(place, claim.minResponseSeconds);
        if (shown.postedAt == 0) Turns.requireOver(deadline);
        else if (shown.postedAt <= deadline) revert IAssayErrors.NotSolversTurn();
    }

    /// @dev Reverts unless it is the solver's turn.
    function requireSolversTurn(
        DisputeBook storage self,
        ChallengeId id,
        Position memory position,
        ChallengeId firstDemander
    ) internal view {
        requireLongerThanOneStep(self, id, position);
        self.requireShown(Nodes.nodeOf(position), Reveal(0, 0, firstDemander));
    }

    /// @dev Reverts unless the challenger has let its deadline pass.
    function requireChallengerTimedOut(
        DisputeBook storage self,
        ChallengeId id,
        Position memory position,
        Claim storage claim,
        Reveal memory shown
    ) internal view {
        self.requireAt(id, position);
        PlaceFields memory place = Places.unpack(position.place);
        uint40 postedAt = 0;
        if (!Cursors.isOneStep(place)) {
            self.requireShown(Nodes.nodeOf(position), shown);
            postedAt = shown.postedAt;
            if (postedAt == 0) revert IAssayErrors.NotChallengersTurn();
        }
        Turns.requireOver(Turns.challengerDeadline(place, postedAt, claim.minResponseSeconds));
    }

    function begin(
        DisputeBook storage self,
        ChallengeId id,
        Position memory position,
        Claim storage claim
    ) private view returns (PlaceFields memory place) {
        if (msg.sender != claim.solver) revert IAssayErrors.NotSolver(claim.solver, msg.sender);
        self.requireAt(id, position);
        place = Places.unpack(position.place);
        Turns.requireNotOver(Turns.solverDeadline(place, claim.minResponseSeconds));
    }

    /// @dev At one step there is nothing for the solver to answer.
    function requireLongerThanOneStep(
        DisputeBook storage self,
        ChallengeId id,
        Position memory position
    ) private view returns (PlaceFields memory place) {
        self.requireAt(id, position);
        place = Places.unpack(position.place);
        if (Cursors.isOneStep(place)) revert IAssayErrors.NotSolversTurn();
    }
}
