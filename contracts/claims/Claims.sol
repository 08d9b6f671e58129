// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Bonds, Purse} from "../bonds/Bonds.sol";
import {IAssayErrors} from "../interfaces/IAssayErrors.sol";
import {IAssayEvents} from "../interfaces/IAssayEvents.sol";
import {IStepVerifier} from "../interfaces/IStepVerifier.sol";
import {Claim, ClaimFields, ClaimStatus, Commitment} from "../types/Claim.sol";
import {
    Registers,
    RegistersProof,
    ResultRecord,
    STATUS_HALTED,
    STATUS_TRAPPED,
    STATUS_YIELDED
} from "../types/MachineState.sol";
import {MAX_LOG2_TICKS, Parameters} from "../types/Parameters.sol";
import {Terms} from "./Terms.sol";

/// @notice All commitments and claims.
/// @param commitCount of all commitments ever made
struct ClaimBook {
    mapping(address solver => mapping(bytes32 claimId => Commitment)) commitments;
    mapping(bytes32 claimId => Claim) claims;
    uint64 commitCount;
}

/// @title Claims: commit, reveal, expire.
library Claims {
    using Bonds for Purse;

    /// @dev Commitments are kept per sender, so that nobody can occupy another's.
    function commit(ClaimBook storage self, bytes32 claimId, uint80 bond) internal returns (uint64 number) {
        if (msg.value != bond) revert IAssayErrors.WrongBond(bond, msg.value);
        Commitment storage commitment = self.commitments[msg.sender][claimId];
        if (commitment.number != 0) revert IAssayErrors.AlreadyCommitted(claimId);
        number = ++self.commitCount;
        (commitment.number, commitment.committedAt, commitment.bond) = (number, uint40(block.timestamp), bond);
        emit IAssayEvents.ClaimCommitted(claimId, msg.sender, number);
    }

    /// @dev The commitment's record stays, so that the same claim is never committed or revealed twice.
    function expire(
        ClaimBook storage self,
        address solver,
        bytes32 claimId,
        Parameters memory p,
        Purse storage purse
    ) internal {
        Commitment storage commitment = pendingCommitment(self, solver, claimId);
        uint256 until = uint256(commitment.committedAt) + p.maxCommitAgeSeconds;
        if (block.timestamp <= until) revert IAssayErrors.CommitNotExpired(until, block.timestamp);
        (uint256 returned, uint256 burned) = Bonds.split(commitment.bond, p.burnPermille);
        commitment.bond = 0;
        purse.credit(solver, returned);
        emit IAssayEvents.CommitExpired(claimId, solver, returned, burned);
    }

    /// @dev Turns a commitment of the sender into an open claim. The round is not looked at here.
    function reveal(
        ClaimBook storage self,
        bytes32 claimId,
        ClaimFields calldata fields,
        Parameters memory p
    ) internal returns (Claim storage claim, uint256 windowSeconds) {
        Commitment storage commitment = pendingCommitment(self, msg.sender, claimId);
        checkAge(commitment.committedAt, p);
        windowSeconds = checkShape(fields, p);
        claim = self.claims[claimId];
        claim.solver = msg.sender;
        claim.status = ClaimStatus.Open;
        claim.log2Ticks = fields.log2Ticks;
        claim.log2CheckpointTicks = fields.log2CheckpointTicks;
        claim.log2Arity = p.log2Arity;
        claim.maxLog2Steps = p.maxLog2Steps;
        claim.minResponseSeconds = p.minResponseSeconds;
        claim.solverBond = commitment.bond;
        claim.challengerBond = p.challengerBond;
        claim.solverBudgetSeconds = p.solverBudgetSeconds;
        claim.challengerBudgetSeconds = p.challengerBudgetSeconds;
        claim.burnPermille = p.burnPermille;
        claim.number = commitment.number;
        claim.revealedAt = uint40(block.timestamp);
        claim.windowEnd = uint40(block.timestamp + windowSeconds);
        claim.reactionSeconds = p.reactionSeconds;
        claim.buildId = fields.buildId;
        claim.finalRoot = fields.finalRoot;
        claim.checkpointRoot = fields.checkpointRoot;
        commitment.bond = 0;
    }

    /// @dev What the build's first state must be: that of this machine, before its first tick.
    function checkStart(IStepVerifier verifier, bytes32 buildId, RegistersProof calldata proof) internal pure {
        uint32 version = verifier.machineVersion();
        Registers memory start = verifier.registers(buildId, proof);
        if (start.machineVersion != version) {
            revert IAssayErrors.WrongMachineVersion(version, start.machineVersion);
        }
        if (start.status != STATUS_YIELDED || !start.scratchIsZero) {
            revert IAssayErrors.BuildNotReady(start.status, start.scratchIsZero);
        }
    }

    /// @dev Reads the result from the final state. What a trapped program left in its record is no result.
    function readResult(Claim storage claim, IStepVerifier verifier, bytes calldata proof) internal {
        (Registers memory end, ResultRecord memory record) = verifier.result(claim.finalRoot, proof);
        claim.endStatus = uint8(end.status);
        if (end.status == STATUS_TRAPPED) {
            claim.trapCode = end.trapCode;
        } else if (end.status == STATUS_HALTED) {
            claim.recordVersion = record.version;
            claim.exitCode = record.exitCode;
            claim.artifactSize = record.artifactSize;
            claim.artifactSha256 = record.artifactSha256;
        } else {
            revert IAssayErrors.FinalStateNotFinal(end.status);
        }
    }

    function requireOpen(Claim storage claim, bytes32 claimId) internal view {
        ClaimStatus status = claim.status;
        if (status != ClaimStatus.Open) revert IAssayErrors.ClaimNotOpen(claimId, status);
    }

    function checkAge(uint256 committedAt, Parameters memory p) private view {
        uint256 from = committedAt + p.minCommitAgeSeconds;
        if (block.timestamp < from) revert IAssayErrors.CommitTooYoung(from, block.timestamp);
        uint256 until = committedAt + p.maxCommitAgeSeconds;
        if (block.timestamp > until) revert IAssayErrors.CommitTooOld(until, block.timestamp);
    }

    /// @dev Checkpoints that are no multiple of log2Arity apart would not be nodes of the whole range.
    function checkShape(ClaimFields calldata fields, Parameters memory p) private pure returns (uint256 windowSeconds) {
        (uint8 ticks, uint8 checkpoints) = (fields.log2Ticks, fields.log2CheckpointTicks);
        if (ticks > MAX_LOG2_TICKS) revert IAssayErrors.TooManyTicks(MAX_LOG2_TICKS, ticks);
        if (checkpoints > ticks || checkpoints % p.log2Arity != 0) {
            revert IAssayErrors.CheckpointsMisaligned(checkpoints, ticks, p.log2Arity);
        }
        windowSeconds = Terms.windowSeconds(p, ticks);
        if (windowSeconds > p.maxWindowSeconds) {
            revert IAssayErrors.WindowTooLong(p.maxWindowSeconds, windowSeconds);
        }
    }

    function pendingCommitment(
        ClaimBook storage self,
        address solver,
        bytes32 claimId
    ) private view returns (Commitment storage commitment) {
        commitment = self.commitments[solver][claimId];
        if (commitment.bond == 0) revert IAssayErrors.NotCommitted(claimId, solver);
    }
}
