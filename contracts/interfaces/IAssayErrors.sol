// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {BuildStatus} from "../types/Build.sol";
import {ClaimStatus} from "../types/Claim.sol";
import {ChallengeId} from "../types/Dispute.sol";

/// @title Why a call reverts.
/// @notice `current` is always `block.timestamp`.
interface IAssayErrors {
    /// @notice A parameter of the deployment breaks one of its rules.
    error ParameterOutOfRange(string name, uint256 least, uint256 most, uint256 given);

    /// @notice The address given as step verifier holds no code.
    error StepVerifierMissing(address given);

    /// @notice `msg.value` is not the bond.
    error WrongBond(uint256 required, uint256 given);

    // claims and rounds

    error AlreadyCommitted(bytes32 claimId);
    error NotCommitted(bytes32 claimId, address solver);
    error CommitTooYoung(uint256 revealableFrom, uint256 current);
    error CommitTooOld(uint256 revealableUntil, uint256 current);
    error CommitNotExpired(uint256 revealableUntil, uint256 current);
    error TooManyTicks(uint8 mostLog2, uint8 givenLog2);
    error CheckpointsMisaligned(uint8 log2CheckpointTicks, uint8 log2Ticks, uint8 log2Arity);
    error WindowTooLong(uint256 most, uint256 needed);
    /// @notice The build's first state is one of another machine.
    error WrongMachineVersion(uint32 expected, uint32 given);
    /// @notice The build's first state is not one in which a run begins.
    error BuildNotReady(uint32 status, bool scratchIsZero);
    /// @notice The final state is neither halted nor trapped.
    error FinalStateNotFinal(uint32 status);
    error BuildIsFinal(bytes32 buildId);
    error RoundIsClosed(uint256 joinDeadline, uint256 current);
    error ClaimNotOpen(bytes32 claimId, ClaimStatus status);
    error ClaimNotRefuted(bytes32 claimId, ClaimStatus status);
    error NotYetFinalizable(uint256 finalizableFrom, uint256 current);
    error ChallengesStillOpen(bytes32 claimId, uint256 number);
    error ClaimsContradict(bytes32 buildId, uint256 differentRoots);

    // disputes

    error WindowIsOver(uint256 end, uint256 current);
    error NoSuchCheckpoint(uint256 count, uint256 index);
    error CheckpointNotProven(uint256 index, bytes32 root);
    error ChallengeNotOpen(ChallengeId id);
    /// @notice The challenge stands elsewhere: the mover has seen another history, or somebody has moved meanwhile.
    error PositionMismatch(bytes32 stored, bytes32 given);
    /// @notice Something else, or nothing, is stored for the node.
    /// A node that has been answered is never answered again.
    error RevealMismatch(bytes32 node, bytes32 stored, bytes32 given);
    /// @notice The node has not been answered.
    error NotRevealed(bytes32 node);
    error NotSolver(address solver, address caller);
    error NotChallenger(address challenger, address caller);
    error NotSolversTurn();
    error NotChallengersTurn();
    /// @notice This move needs another kind of range. Rows: longer than one; openings: one tick; faults: one step.
    error WrongRange(uint256 level, uint256 log2Length);
    error WrongRowLength(uint256 expected, uint256 given);
    error NoSuchChild(uint256 arity, uint256 child);
    error WrongSiblingCount(uint256 expected, uint256 given);
    error NothingSelected();
    error TooManySteps(uint256 mostLog2, uint256 givenLog2);
    /// @notice The state claimed as the end of a tick is in the middle of one.
    error TickEndsRunning();
    error DeadlinePassed(uint256 deadline, uint256 current);
    error DeadlineNotPassed(uint256 deadline, uint256 current);
    /// @notice The step ends where the solver says.
    error StepIsCorrect(bytes32 endRoot);

    // rewards and bonds

    error EmptyRequest();
    error ExpiryInThePast(uint256 expiry, uint256 current);
    error NoSuchRequest(bytes32 requestId);
    error RequestNotExpired(uint256 expiry, uint256 current);
    error BuildNotRefundable(bytes32 buildId, BuildStatus status);
    error BuildNotFinal(bytes32 buildId, BuildStatus status);
    error RewardNotDue(uint256 dueFrom, uint256 current);
    error NoReward(bytes32 buildId);
    error NothingOwed(address account);
    error TransferFailed(address receiver, uint256 amount);
}
