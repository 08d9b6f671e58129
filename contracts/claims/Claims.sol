// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Bonds} from "../bonds/Bonds.sol";
import {Rewards} from "../bonds/Rewards.sol";
import {IAssay} from "../interfaces/IAssay.sol";
import {IStepVerifier} from "../interfaces/IStepVerifier.sol";
import {TermRules} from "../terms/TermRules.sol";
import {BuildState, Reward} from "../types/Build.sol";
import {ClaimDetails, ClaimFields, ClaimReference, ClaimState, ClaimStatus, Outcome} from "../types/Claim.sol";
import {Ids} from "../types/Ids.sol";
import {
    Registers,
    RegistersProof,
    ResultRecord,
    STATUS_HALTED,
    STATUS_TRAPPED,
    STATUS_YIELDED
} from "../types/MachineState.sol";
import {MAX_LOG2_TICKS} from "../types/Parameters.sol";
import {Words} from "../types/Words.sol";

/// @title Claims: commit, reveal, finalize.
abstract contract Claims is Rewards {
    IStepVerifier internal immutable VERIFIER;

    /// @dev `ClaimState`, packed. By solver, so that nobody can occupy another's id. A word is never cleared, so that the
    /// same claim is never committed or revealed twice.
    mapping(address solver => mapping(bytes32 claimId => uint256 word)) private claims;

    constructor(IStepVerifier machine) {
        if (address(machine).code.length == 0) revert StepVerifierMissing(address(machine));
        machine.machineVersion();
        VERIFIER = machine;
    }

    /// @inheritdoc IAssay
    function commit(bytes32 claimId) external payable {
        if (msg.value != SOLVER_BOND) revert WrongBond(SOLVER_BOND, msg.value);
        if (claims[msg.sender][claimId] != 0) revert AlreadyCommitted(claimId);
        claims[msg.sender][claimId] = Words.packClaim(ClaimState(ClaimStatus.Committed, uint40(block.timestamp), 0, 0));
        emit ClaimCommitted(claimId, msg.sender);
    }

    /// @inheritdoc IAssay
    function reveal(
        ClaimFields calldata fields,
        bytes32 salt,
        RegistersProof calldata startProof,
        bytes calldata endProof
    ) external {
        Outcome memory outcome = outcomeOf(fields.finalRoot, endProof);
        bytes32 claimId = idOf(fields, salt, outcome);
        ClaimState memory claim = claimAt(msg.sender, claimId);
        if (claim.status != ClaimStatus.Committed) revert NotCommitted(claimId, msg.sender, claim.status);
        requireRevealable(claim.committedAt);
        requireReady(fields.buildId, startProof);
        (uint40 joinDeadline, bool opened) = join(fields.buildId, fields.finalRoot);
        claim.status = ClaimStatus.Open;
        claim.windowEnd = uint40(block.timestamp + windowOf(fields));
        store(msg.sender, claimId, claim);
        emit ClaimRevealed(
            claimId,
            fields.buildId,
            msg.sender,
            fields,
            salt,
            outcome,
            claim.windowEnd,
            joinDeadline,
            opened
        );
    }

    /// @inheritdoc IAssay
    function expireCommit(address solver, bytes32 claimId) external nonReentrant {
        ClaimState memory claim = committed(solver, claimId);
        uint256 until = claim.committedAt + MAX_COMMIT_AGE;
        if (block.timestamp <= until) revert CommitNotExpired(until, block.timestamp);
        (uint256 returned, uint256 burned) = Bonds.split(SOLVER_BOND, BURN_PERMILLE);
        claim.status = ClaimStatus.Returned;
        store(solver, claimId, claim);
        emit CommitEnded(claimId, solver, returned, burned);
        pay(solver, returned);
    }

    /// @inheritdoc IAssay
    function returnCommit(ClaimReference calldata shown) external nonReentrant {
        bytes32 claimId = Ids.claimId(address(this), shown);
        ClaimState memory claim = committed(shown.solver, claimId);
        BuildState memory build = buildAt(shown.buildId);
        uint256 earliest = claim.committedAt + MIN_COMMIT_AGE;
        bool isRoundOpen = build.openRoots != 0 || Words.isFinal(build.phase);
        if (!isRoundOpen || build.joinDeadline > earliest) revert CommitRevealable(earliest, build.joinDeadline);
        claim.status = ClaimStatus.Returned;
        store(shown.solver, claimId, claim);
        emit CommitEnded(claimId, shown.solver, SOLVER_BOND, 0);
        pay(shown.solver, SOLVER_BOND);
    }

    /// @inheritdoc IAssay
    function finalize(ClaimReference calldata shown, ClaimDetails calldata details) external nonReentrant {
        requireDetails(shown, details);
        (bytes32 claimId, ClaimState memory claim) = openClaim(shown);
        requireFinalizable(shown.buildId, claim.windowEnd);
        if (claim.openChallenges != 0) revert ChallengesStillOpen(claimId, claim.openChallenges);
        claim.status = ClaimStatus.Final;
        store(shown.solver, claimId, claim);
        bool first = settle(shown.buildId, details.outcome);
        noteSettled(shown, claimId, claim.committedAt);
        emit ClaimFinalized(claimId, shown.buildId);
        if (first) emit BuildFinalized(shown.buildId, claimId, shown.finalRoot);
        pay(shown.solver, SOLVER_BOND);
    }

    /// @inheritdoc IAssay
    function claimOf(address solver, bytes32 claimId) external view returns (ClaimState memory) {
        return claimAt(solver, claimId);
    }

    /// @inheritdoc IAssay
    function stepVerifier() external view returns (IStepVerifier) {
        return VERIFIER;
    }

    function claimAt(address solver, bytes32 claimId) internal view returns (ClaimState memory) {
        return Words.unpackClaim(claims[solver][claimId]);
    }

    function store(address solver, bytes32 claimId, ClaimState memory claim) internal {
        claims[solver][claimId] = Words.packClaim(claim);
    }

    /// @dev The claim that is shown, if it is open.
    function openClaim(ClaimReference calldata shown) internal view returns (bytes32 claimId, ClaimState memory claim) {
        claimId = Ids.claimId(address(this), shown);
        claim = claimAt(shown.solver, claimId);
        if (claim.status != ClaimStatus.Open) revert ClaimNotOpen(claimId, claim.status);
    }

    function requireDetails(ClaimReference calldata shown, ClaimDetails calldata details) internal pure {
        bytes32 given = Ids.details(details);
        if (given != shown.details) revert DetailsMismatch(shown.details, given);
    }

    function committed(address solver, bytes32 claimId) private view returns (ClaimState memory claim) {
        claim = claimAt(solver, claimId);
        if (claim.status != ClaimStatus.Committed) revert NotCommitted(claimId, solver, claim.status);
    }

    function idOf(ClaimFields calldata fields, bytes32 salt, Outcome memory outcome) private view returns (bytes32) {
        requireShort(fields.locator);
        bytes32 details = Ids.details(
            ClaimDetails(
                salt,
                fields.checkpointRoot,
                fields.log2CheckpointTicks,
                keccak256(bytes(fields.locator)),
                outcome
            )
        );
        return
            Ids.claimId(
                address(this),
                ClaimReference(msg.sender, fields.buildId, fields.finalRoot, fields.log2Ticks, details)
            );
    }

    function requireRevealable(uint256 committedAt) private view {
        uint256 from = committedAt + MIN_COMMIT_AGE;
        if (block.timestamp < from) revert CommitTooYoung(from, block.timestamp);
        uint256 until = committedAt + MAX_COMMIT_AGE;
        if (block.timestamp > until) revert CommitTooOld(until, block.timestamp);
    }

    /// @dev What the build's first state must be: that of this machine, before its first tick.
    function requireReady(bytes32 buildId, RegistersProof calldata proof) private view {
        uint32 version = VERIFIER.machineVersion();
        Registers memory start = VERIFIER.registers(buildId, proof);
        if (start.machineVersion != version) revert WrongMachineVersion(version, start.machineVersion);
        if (start.status != STATUS_YIELDED || !start.scratchIsZero) {
            revert BuildNotReady(start.status, start.scratchIsZero);
        }
    }

    /// @dev Reads the outcome from the final state. What a trapped program left in its record is not a result.
    function outcomeOf(bytes32 finalRoot, bytes calldata proof) private view returns (Outcome memory outcome) {
        (Registers memory end, ResultRecord memory record) = VERIFIER.result(finalRoot, proof);
        outcome.endStatus = uint8(end.status);
        if (end.status == STATUS_TRAPPED) {
            outcome.code = end.trapCode;
        } else if (end.status == STATUS_HALTED) {
            outcome.recordVersion = record.version;
            outcome.code = record.exitCode;
            outcome.artifactSize = record.artifactSize;
            outcome.artifactSha256 = record.artifactSha256;
        } else {
            revert FinalStateNotFinal(end.status);
        }
    }

    /// @dev Length of the claim's window. Checkpoints that are not a multiple of log2Arity apart would not be ends of ranges that
    /// the whole range is cut into.
    function windowOf(ClaimFields calldata fields) private view returns (uint256 window) {
        (uint256 ticks, uint256 checkpoints) = (fields.log2Ticks, fields.log2CheckpointTicks);
        if (ticks > MAX_LOG2_TICKS) revert TooManyTicks(MAX_LOG2_TICKS, ticks);
        if (checkpoints > ticks || checkpoints % LOG2_ARITY != 0) {
            revert CheckpointsMisaligned(checkpoints, ticks, LOG2_ARITY);
        }
        window = TermRules.windowSeconds(BASE_WINDOW, TICK_ALLOWANCE, ticks);
        if (window > MAX_WINDOW) revert WindowTooLong(MAX_WINDOW, window);
    }

    /// @dev Remembers the most senior settled claim where a reward waits for it: the first to have committed, and of several
    /// in one second the one with the lowest id.
    function noteSettled(ClaimReference calldata shown, bytes32 claimId, uint256 committedAt) private {
        Reward storage reward = rewards[shown.buildId];
        if (reward.amount == 0) return;
        address solver = reward.seniorSolver;
        if (solver != address(0)) {
            bytes32 other = reward.seniorClaim;
            uint256 otherAt = claimAt(solver, other).committedAt;
            if (otherAt < committedAt || (otherAt == committedAt && other <= claimId)) return;
        }
        (reward.seniorSolver, reward.seniorClaim) = (shown.solver, claimId);
    }
}
