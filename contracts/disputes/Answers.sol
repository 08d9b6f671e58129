// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAssayErrors} from "../interfaces/IAssayErrors.sol";
import {IAssayEvents} from "../interfaces/IAssayEvents.sol";
import {IStepVerifier} from "../interfaces/IStepVerifier.sol";
import {Claim} from "../types/Claim.sol";
import {ChallengeId, Place, Position, Reveal, TickProof} from "../types/Dispute.sol";
import {STATUS_RUNNING} from "../types/MachineState.sol";
import {Places} from "../types/Places.sol";
import {DisputeBook, Nodes} from "./Nodes.sol";
import {Rows} from "./Rows.sol";
import {Turns} from "./Turns.sol";

/// @title Answers: the solver's moves.
/// @dev Only a claim's own solver answers, and only where a challenge stands: whoever could post for it could refute it.
library Answers {
    using Nodes for DisputeBook;
    using Places for Place;

    function postRow(
        DisputeBook storage self,
        ChallengeId id,
        Position memory position,
        uint256 log2Arity,
        uint256 minResponse,
        ChallengeId firstDemander,
        bytes32[] calldata interiorRoots
    ) internal {
        begin(self, id, position, minResponse);
        uint256 log2Length = position.place.log2Length();
        if (log2Length == 0) revert IAssayErrors.WrongRange(position.place.level(), 0);
        uint256 bits = Rows.bitsOf(log2Length, log2Arity);
        bytes32 rowRoot = Rows.rootOf(position.startRoot, interiorRoots, bits);
        bytes32 node = Nodes.nodeOf(position);
        self.answer(node, rowRoot, firstDemander);
        emit IAssayEvents.RowPosted(node, interiorRoots);
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
        begin(self, id, position, claim.minResponseSeconds);
        Place place = position.place;
        if (!place.isOneTick()) revert IAssayErrors.WrongRange(place.level(), place.log2Length());
        uint8 log2Steps = tick.log2Steps;
        if (log2Steps > claim.maxLog2Steps) revert IAssayErrors.TooManySteps(claim.maxLog2Steps, log2Steps);
        bytes32 resumedRoot = verifier.resume(position.startRoot, tick.start);
        if (verifier.registers(position.endRoot, tick.end).status == STATUS_RUNNING) {
            revert IAssayErrors.TickEndsRunning();
        }
        bytes32 rowRoot = Rows.rootOf(resumedRoot, interiorRoots, Rows.bitsOf(log2Steps, claim.log2Arity));
        bytes32 node = Nodes.nodeOf(position);
        self.answer(node, keccak256(abi.encode(log2Steps, resumedRoot, rowRoot)), firstDemander);
        emit IAssayEvents.TickOpened(node, log2Steps, resumedRoot, interiorRoots);
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
        requireLongerThanOneStep(self, id, position);
        self.requireShown(Nodes.nodeOf(position), shown);
        uint256 deadline = Turns.solverDeadline(position.place, claim.minResponseSeconds);
        if (shown.postedAt == 0) Turns.requireOver(deadline);
        else if (shown.postedAt <= deadline) revert IAssayErrors.NotSolversTurn();
    }

    function requireSolver(address solver) internal view {
        if (msg.sender != solver) revert IAssayErrors.NotSolver(solver, msg.sender);
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
        uint48 postedAt = 0;
        if (!position.place.isOneStep()) {
            self.requireShown(Nodes.nodeOf(position), shown);
            postedAt = shown.postedAt;
            if (postedAt == 0) revert IAssayErrors.NotChallengersTurn();
        }
        Turns.requireOver(Turns.challengerDeadline(position.place, postedAt, claim.minResponseSeconds));
    }

    function begin(
        DisputeBook storage self,
        ChallengeId id,
        Position memory position,
        uint256 minResponse
    ) private view {
        self.requireAt(id, position);
        Turns.requireNotOver(Turns.solverDeadline(position.place, minResponse));
    }

    /// @dev At one step there is nothing for the solver to answer.
    function requireLongerThanOneStep(DisputeBook storage self, ChallengeId id, Position memory position) private view {
        self.requireAt(id, position);
        if (position.place.isOneStep()) revert IAssayErrors.NotSolversTurn();
    }
}
