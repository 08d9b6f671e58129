// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {BuildStatus} from "../types/Build.sol";
import {StakeStatus} from "../types/Challenge.sol";
import {ClaimStatus} from "../types/Claim.sol";

/// @title Why a call reverts.
/// @notice `current` is always `block.timestamp`.
interface IAssayErrors {
    // deployment

    /// @notice A parameter of the deployment breaks one of its rules.
    error ParameterOutOfRange(string name, uint256 least, uint256 most, uint256 given);
    /// @notice The address given as step verifier holds no code.
    error StepVerifierMissing(address given);
    /// @notice This chain's EVM does not have what the contracts need.
    error EvmLacks(string instruction);

    /// @notice `msg.value` is not what the call takes: a bond, or nothing.
    error WrongBond(uint256 required, uint256 given);

    // claims and rounds

    error AlreadyCommitted(bytes32 claimId);
    /// @notice The solver has no commitment to this claim that is still to be revealed. After a reveal with other fields,
    /// salt, outcome or sender than those committed to, `claimId` is the id that these give.
    error NotCommitted(bytes32 claimId, address solver, ClaimStatus status);
    error CommitTooYoung(uint256 revealableFrom, uint256 current);
    error CommitTooOld(uint256 revealableUntil, uint256 current);
    error CommitNotExpired(uint256 revealableUntil, uint256 current);
    /// @notice The claim could be revealed in a round of its build: from `revealableFrom` on and before `joinDeadline`, or no
    /// round is open.
    error CommitRevealable(uint256 revealableFrom, uint256 joinDeadline);
    error LocatorTooLong(uint256 mostBytes, uint256 givenBytes);
    error TooManyTicks(uint256 mostLog2, uint256 givenLog2);
    error CheckpointsMisaligned(uint256 log2CheckpointTicks, uint256 log2Ticks, uint256 log2Arity);
    error WindowTooLong(uint256 most, uint256 needed);
    /// @notice The build's first state is one of another machine.
    error WrongMachineVersion(uint32 expected, uint32 given);
    /// @notice The build's first state is not one in which a run begins.
    error BuildNotReady(uint32 status, bool scratchIsZero);
    /// @notice The final state is neither halted nor trapped.
    error FinalStateNotFinal(uint32 status);
    error BuildIsFinal(bytes32 buildId);
    error RoundIsClosed(uint256 joinDeadline, uint256 current);
    /// @notice The claim that is shown is not open. Of fields that belong to no claim the status is `None`.
    error ClaimNotOpen(bytes32 claimId, ClaimStatus status);
    error ClaimNotRefuted(bytes32 claimId, ClaimStatus status);
    /// @notice The details shown are not those of the claim.
    error DetailsMismatch(bytes32 expected, bytes32 given);
    error NotYetFinalizable(uint256 finalizableFrom, uint256 current);
    error ChallengesStillOpen(bytes32 claimId, uint256 number);
    error ClaimsContradict(bytes32 buildId, uint256 differentRoots);

    // disputes

    error WindowIsOver(uint256 end, uint256 current);
    error NoSuchCheckpoint(uint256 count, uint256 index);
    error CheckpointNotProven(uint256 index, bytes32 root);
    /// @notice This stake already covers a challenge to this claim: another needs a stake of its own.
    error AlreadyChallenged(bytes32 challengeId);
    /// @notice There is no such challenge, or it has ended.
    error ChallengeNotOpen(bytes32 challengeId);
    /// @notice The challenge stands elsewhere: the mover has seen another history, or somebody has moved meanwhile.
    error ChallengeMismatch(bytes32 stored, bytes32 given);
    /// @notice The challenge is not the one that this claim and this stake make.
    error OtherChallenge(bytes32 shown, bytes32 given);
    error NotSolver(address solver, address caller);
    error NotChallenger(address challenger, address caller);
    error NotSolversTurn();
    error NotChallengersTurn();
    /// @notice There is no row to select in.
    error NotAnswered(bytes32 challengeId);
    /// @notice This move needs another kind of range. Rows: longer than one; openings: one tick; faults: one step.
    error WrongRange(uint256 level, uint256 log2Length);
    error WrongRowLength(uint256 expected, uint256 given);
    /// @notice The child that is shown does not stand in the row.
    error RowMismatch(bytes32 expected, bytes32 given);
    error NoSuchChild(uint256 arity, uint256 child);
    error WrongSiblingCount(uint256 expected, uint256 given);
    error TooManySteps(uint256 mostLog2, uint256 givenLog2);
    /// @notice The state claimed as the end of a tick is in the middle of one.
    error TickEndsRunning();
    error DeadlinePassed(uint256 deadline, uint256 current);
    error DeadlineNotPassed(uint256 deadline, uint256 current);
    /// @notice The step ends where the solver says.
    error StepIsCorrect(bytes32 endRoot);

    // stakes, rewards and what is owed

    error StakeNotLive(bytes32 stakeKey, StakeStatus status);
    error StakeInUse(bytes32 stakeKey, uint256 openChallenges);
    error EmptyRequest();
    error AlreadyRequested(bytes32 requestId);
    error ExpiryInThePast(uint256 expiry, uint256 current);
    error NoSuchRequest(bytes32 requestId);
    error RequestNotExpired(uint256 expiry, uint256 current);
    error BuildNotRefundable(bytes32 buildId, BuildStatus status);
    error BuildNotFinal(bytes32 buildId, BuildStatus status);
    /// @notice Claims of the round are still open, one of which may be more senior.
    error RewardNotDue(uint256 dueFrom, uint256 openClaims, uint256 current);
    error NoReward(bytes32 buildId);
    error NothingOwed(address account);
    error TransferFailed(address receiver, uint256 amount);
}
