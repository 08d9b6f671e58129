// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {Bonds, Purse} from "./bonds/Bonds.sol";
import {RequestBook, Requests} from "./bonds/Requests.sol";
import {ClaimBook, Claims} from "./claims/Claims.sol";
import {RoundBook, Rounds} from "./claims/Rounds.sol";
import {Terms} from "./claims/Terms.sol";
import {Answers} from "./disputes/Answers.sol";
import {Challenges} from "./disputes/Challenges.sol";
import {Cursors} from "./disputes/Cursors.sol";
import {DisputeBook, Nodes} from "./disputes/Nodes.sol";
import {IAssay} from "./interfaces/IAssay.sol";
import {IStepVerifier} from "./interfaces/IStepVerifier.sol";
import {Build, BuildResult, BuildStatus, Request} from "./types/Build.sol";
import {Claim, ClaimFields, ClaimStatus, Commitment} from "./types/Claim.sol";
import {ChallengeId, CheckpointPair, Opening, Place, Position, Reveal, Selection, TickProof} from "./types/Dispute.sol";
import {RegistersProof} from "./types/MachineState.sol";
import {MAX_LOG2_TICKS, Parameters} from "./types/Parameters.sol";
import {Places} from "./types/Places.sol";

/// @title Assay: claims about builds, their disputes and their results.
/// @dev Every entry point first checks that the claim is in the state which the call is about, then calls a library.
contract Assay is IAssay, ReentrancyGuardTransient {
    using Bonds for Purse;
    using Requests for RequestBook;
    using Claims for ClaimBook;
    using Rounds for RoundBook;
    using Nodes for DisputeBook;
    using Places for Place;

    IStepVerifier private immutable verifier;
    Parameters private terms;
    Purse private purse;
    RequestBook private requestBook;
    ClaimBook private claimBook;
    RoundBook private roundBook;
    DisputeBook private disputeBook;

    /// @param fixedTerms checked, then fixed for good
    /// @param machine the step verifier, which fixes the machine
    constructor(Parameters memory fixedTerms, IStepVerifier machine) {
        Terms.check(fixedTerms);
        if (address(machine).code.length == 0) revert StepVerifierMissing(address(machine));
        machine.machineVersion();
        (terms, verifier) = (fixedTerms, machine);
        disputeBook.nextNumber = 1;
    }

    /// @inheritdoc IAssay
    function commit(bytes32 claimId) external payable returns (uint64 number) {
        return claimBook.commit(claimId, terms.solverBond);
    }

    /// @inheritdoc IAssay
    function reveal(
        ClaimFields calldata fields,
        bytes32 salt,
        RegistersProof calldata startProof,
        bytes calldata endProof
    ) external {
        bytes32 claimId = claimIdOf(msg.sender, salt, fields);
        Parameters memory p = terms;
        (Claim storage claim, uint256 window) = claimBook.reveal(claimId, fields, p);
        bool opensRound = roundBook.join(fields.buildId, fields.finalRoot, window, p.maxCommitAgeSeconds);
        Claims.checkStart(verifier, fields.buildId, startProof);
        Claims.readResult(claim, verifier, endProof);
        uint40 joinDeadline = roundBook.builds[fields.buildId].joinDeadline;
        emit ClaimRevealed(claimId, fields.buildId, msg.sender, fields, claim.windowEnd, joinDeadline, opensRound);
    }

    /// @inheritdoc IAssay
    function expireCommit(address solver, bytes32 claimId) external {
        claimBook.expire(solver, claimId, terms, purse);
    }

    /// @inheritdoc IAssay
    function finalize(bytes32 claimId) external {
        Claim storage claim = openClaim(claimId);
        Build storage build = roundBook.builds[claim.buildId];
        if (build.openRoots > 1) revert ClaimsContradict(claim.buildId, build.openRoots);
        uint256 from = Rounds.finalizableFrom(build, claim);
        if (block.timestamp < from) revert NotYetFinalizable(from, block.timestamp);
        if (claim.openChallenges != 0) revert ChallengesStillOpen(claimId, claim.openChallenges);
        claim.status = ClaimStatus.Final;
        purse.credit(claim.solver, claim.solverBond);
        emit ClaimFinalized(claimId, claim.buildId);
        if (roundBook.settle(claimId, claim)) emit BuildFinalized(claim.buildId, claimId, claim.finalRoot);
    }

    /// @inheritdoc IAssay
    function challenge(bytes32 claimId) external payable returns (ChallengeId) {
        return Challenges.whole(disputeBook, claimId, challengeableClaim(claimId));
    }

    /// @inheritdoc IAssay
    function challengeCheckpoints(
        bytes32 claimId,
        CheckpointPair calldata pair
    ) external payable returns (ChallengeId) {
        return Challenges.between(disputeBook, claimId, challengeableClaim(claimId), pair);
    }

    /// @inheritdoc IAssay
    function postRow(
        ChallengeId id,
        Position calldata position,
        ChallengeId firstDemander,
        bytes32[] calldata interiorRoots
    ) external {
        (address solver, uint256 log2Arity, uint256 minResponse) = openTerms(position.claimId);
        Answers.requireSolver(solver);
        Answers.postRow(disputeBook, id, position, log2Arity, minResponse, firstDemander, interiorRoots);
    }

    /// @inheritdoc IAssay
    function openTick(
        ChallengeId id,
        Position calldata position,
        ChallengeId firstDemander,
        TickProof calldata tick,
        bytes32[] calldata interiorRoots
    ) external {
        Claim storage claim = openClaim(position.claimId);
        Answers.requireSolver(claim.solver);
        Answers.openTick(disputeBook, id, position, claim, verifier, firstDemander, tick, interiorRoots);
    }

    /// @inheritdoc IAssay
    function select(ChallengeId id, Position calldata position, Selection calldata selection) external {
        (, uint256 log2Arity, uint256 minResponse) = openTerms(position.claimId);
        Position memory cursor = position;
        Cursors.step(disputeBook, id, cursor, log2Arity, minResponse, selection);
        Cursors.arrive(disputeBook, id, cursor, log2Arity);
        emit CursorMoved(id, cursor);
    }

    /// @inheritdoc IAssay
    function selectMany(
        ChallengeId id,
        Position calldata position,
        Selection[] calldata selections,
        Opening calldata opening
    ) external {
        (, uint256 log2Arity, uint256 minResponse) = openTerms(position.claimId);
        Position memory cursor = position;
        Cursors.walk(disputeBook, id, cursor, log2Arity, minResponse, selections, opening);
        Cursors.arrive(disputeBook, id, cursor, log2Arity);
        emit CursorMoved(id, cursor);
    }

    /// @inheritdoc IAssay
    function proveFault(ChallengeId id, Position calldata position, bytes calldata witness) external {
        openClaim(position.claimId);
        disputeBook.requireAt(id, position);
        refuteStep(id, position, witness);
    }

    /// @inheritdoc IAssay
    function selectFault(
        ChallengeId id,
        Position calldata position,
        Selection calldata selection,
        bytes calldata witness
    ) external {
        (, uint256 log2Arity, uint256 minResponse) = openTerms(position.claimId);
        Position memory cursor = position;
        Cursors.step(disputeBook, id, cursor, log2Arity, minResponse, selection);
        refuteStep(id, cursor, witness);
    }

    /// @inheritdoc IAssay
    function timeoutSolver(ChallengeId id, Position calldata position, Reveal calldata shown) external {
        Answers.requireTimedOut(disputeBook, id, position, openClaim(position.claimId), shown);
        refute(position.claimId, id, id, Refutation.Timeout);
    }

    /// @inheritdoc IAssay
    function timeoutChallenger(ChallengeId id, Position calldata position, Reveal calldata shown) external {
        Answers.requireChallengerTimedOut(disputeBook, id, position, openClaim(position.claimId), shown);
        Claim storage claim = claimBook.claims[position.claimId];
        delete disputeBook.positions[id];
        claim.openChallenges--;
        (uint256 paid, uint256 burned) = Bonds.split(claim.challengerBond, claim.burnPermille);
        purse.credit(claim.solver, paid);
        emit ChallengeLost(position.claimId, id, paid, burned);
    }

    /// @inheritdoc IAssay
    function concede(ChallengeId id, Position calldata position, ChallengeId firstDemander) external {
        Answers.requireSolver(openClaim(position.claimId).solver);
        Answers.requireSolversTurn(disputeBook, id, position, firstDemander);
        refute(position.claimId, id, id, Refutation.Concession);
    }

    /// @inheritdoc IAssay
    function closeChallenge(ChallengeId id, Position calldata position) external {
        Claim storage claim = claimBook.claims[position.claimId];
        if (claim.status != ClaimStatus.Refuted) revert ClaimNotRefuted(position.claimId, claim.status);
        disputeBook.requireAt(id, position);
        delete disputeBook.positions[id];
        purse.credit(Nodes.challengerOf(id), claim.challengerBond);
        emit ChallengeClosed(position.claimId, id);
    }

    /// @inheritdoc IAssay
    function request(bytes32 buildId, uint40 expiry, string calldata locator) external payable returns (bytes32) {
        return requestBook.open(roundBook.builds[buildId], buildId, expiry, locator);
    }

    /// @inheritdoc IAssay
    function refundRequest(bytes32 requestId) external {
        Build storage build = roundBook.builds[requestBook.requests[requestId].buildId];
        requestBook.refund(build, Rounds.status(build), requestId, purse);
    }

    /// @inheritdoc IAssay
    function payReward(bytes32 buildId) external {
        Build storage build = roundBook.builds[buildId];
        if (build.finalizedAt == 0) revert BuildNotFinal(buildId, Rounds.status(build));
        Requests.pay(build, buildId, rewardDueFrom(buildId), purse);
    }

    /// @inheritdoc IAssay
    function withdraw(address payable receiver) external nonReentrant {
        purse.withdraw(msg.sender, receiver);
    }

    /// @inheritdoc IAssay
    function resultOf(bytes32 buildId) external view returns (BuildResult memory result) {
        Build storage build = roundBook.builds[buildId];
        result.status = Rounds.status(build);
        if (result.status != BuildStatus.Final) return result;
        Claim storage claim = claimBook.claims[build.finalClaim];
        result.finalizedAt = build.finalizedAt;
        result.claimId = build.finalClaim;
        result.finalRoot = claim.finalRoot;
        result.endStatus = claim.endStatus;
        result.trapCode = claim.trapCode;
        result.recordVersion = claim.recordVersion;
        result.exitCode = claim.exitCode;
        result.artifactSize = claim.artifactSize;
        result.artifactSha256 = claim.artifactSha256;
    }

    /// @inheritdoc IAssay
    function buildOf(bytes32 buildId) external view returns (Build memory) {
        return roundBook.builds[buildId];
    }

    /// @inheritdoc IAssay
    function livingClaims(bytes32 buildId, bytes32 finalRoot) external view returns (uint256) {
        return roundBook.living[buildId][finalRoot];
    }

    /// @inheritdoc IAssay
    function claimOf(bytes32 claimId) external view returns (Claim memory) {
        return claimBook.claims[claimId];
    }

    /// @inheritdoc IAssay
    function commitmentOf(address solver, bytes32 claimId) external view returns (Commitment memory) {
        return claimBook.commitments[solver][claimId];
    }

    /// @inheritdoc IAssay
    function requestOf(bytes32 requestId) external view returns (Request memory) {
        return requestBook.requests[requestId];
    }

    /// @inheritdoc IAssay
    function challengeOf(ChallengeId id) external view returns (bytes32) {
        return disputeBook.positions[id];
    }

    /// @inheritdoc IAssay
    function revealOf(bytes32 node) external view returns (bytes32) {
        return disputeBook.reveals[node];
    }

    /// @inheritdoc IAssay
    function owed(address account) external view returns (uint256) {
        return purse.owed[account];
    }

    /// @inheritdoc IAssay
    function isChallengeable(bytes32 claimId) external view returns (bool) {
        Claim storage claim = claimBook.claims[claimId];
        if (claim.status != ClaimStatus.Open) return false;
        return block.timestamp < Rounds.challengeableUntil(roundBook.builds[claim.buildId], claim);
    }

    /// @inheritdoc IAssay
    function finalizableFrom(bytes32 claimId) external view returns (uint256) {
        Claim storage claim = claimBook.claims[claimId];
        if (claim.status != ClaimStatus.Open) return 0;
        return Rounds.finalizableFrom(roundBook.builds[claim.buildId], claim);
    }

    /// @inheritdoc IAssay
    function rewardDueFrom(bytes32 buildId) public view returns (uint256) {
        Build storage build = roundBook.builds[buildId];
        return build.finalizedAt == 0 ? 0 : Terms.rewardDueFrom(terms, build);
    }

    /// @inheritdoc IAssay
    function disputeSeconds(uint8 log2Ticks) external view returns (uint256) {
        if (log2Ticks > MAX_LOG2_TICKS) revert TooManyTicks(MAX_LOG2_TICKS, log2Ticks);
        return Terms.disputeSeconds(terms, log2Ticks);
    }

    /// @inheritdoc IAssay
    function windowSeconds(uint8 log2Ticks) external view returns (uint256) {
        if (log2Ticks > MAX_LOG2_TICKS) revert TooManyTicks(MAX_LOG2_TICKS, log2Ticks);
        return Terms.windowSeconds(terms, log2Ticks);
    }

    /// @inheritdoc IAssay
    function claimIdOf(address solver, bytes32 salt, ClaimFields calldata fields) public view returns (bytes32) {
        return keccak256(abi.encode(block.chainid, address(this), solver, salt, fields));
    }

    /// @inheritdoc IAssay
    function parameters() external view returns (Parameters memory) {
        return terms;
    }

    /// @inheritdoc IAssay
    function stepVerifier() external view returns (IStepVerifier) {
        return verifier;
    }

    /// @dev The claim falls if its step does not end where it says.
    function refuteStep(ChallengeId id, Position memory position, bytes calldata witness) private {
        Place place = position.place;
        if (!place.isOneStep()) revert WrongRange(place.level(), place.log2Length());
        bytes32 postRoot = verifier.step(position.startRoot, witness);
        if (postRoot == position.endRoot) revert StepIsCorrect(postRoot);
        ChallengeId rewarded = disputeBook.isOpen(position.holder) ? position.holder : id;
        refute(position.claimId, id, rewarded, Refutation.Fault);
    }

    /// @dev The claim falls, with everything that follows for its round and for the two parties of the challenge.
    function refute(bytes32 claimId, ChallengeId id, ChallengeId rewarded, Refutation cause) private {
        Claim storage claim = claimBook.claims[claimId];
        claim.status = ClaimStatus.Refuted;
        delete disputeBook.positions[id];
        roundBook.fall(claim.buildId, claim.finalRoot);
        (uint256 paid, uint256 burned) = Bonds.split(claim.solverBond, claim.burnPermille);
        (address winner, address challenger) = (Nodes.challengerOf(rewarded), Nodes.challengerOf(id));
        uint256 returned = claim.challengerBond;
        if (winner == challenger) returned += paid;
        else purse.credit(winner, paid);
        purse.credit(challenger, returned);
        emit ClaimRefuted(claimId, claim.buildId, id, cause, winner, paid, burned);
    }

    function openClaim(bytes32 claimId) private view returns (Claim storage claim) {
        claim = claimBook.claims[claimId];
        Claims.requireOpen(claim, claimId);
    }

    /// @dev What a move needs to know of an open claim, in one read.
    function openTerms(bytes32 claimId) private view returns (address solver, uint256 log2Arity, uint256 minResponse) {
        Claim storage claim = openClaim(claimId);
        return (claim.solver, claim.log2Arity, claim.minResponseSeconds);
    }

    function challengeableClaim(bytes32 claimId) private view returns (Claim storage claim) {
        claim = openClaim(claimId);
        uint256 end = Rounds.challengeableUntil(roundBook.builds[claim.buildId], claim);
        if (block.timestamp >= end) revert WindowIsOver(end, block.timestamp);
    }
}
