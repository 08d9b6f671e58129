// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {MerkleProof} from "@openzeppelin/contracts/utils/cryptography/MerkleProof.sol";
import {Bonds} from "../bonds/Bonds.sol";
import {Stakes} from "../bonds/Stakes.sol";
import {IAssay} from "../interfaces/IAssay.sol";
import {Challenge, CheckpointPair, Selection} from "../types/Challenge.sol";
import {ClaimDetails, ClaimReference, ClaimState, ClaimStatus} from "../types/Claim.sol";
import {Ids} from "../types/Ids.sol";
import {Bisection} from "./Bisection.sol";
import {Clocks} from "./Clocks.sol";
import {Ranges} from "./Ranges.sol";

/// @title Disputes: how challenges begin and end, and what that means for claim and stake.
abstract contract Disputes is Bisection, Stakes {
    /// @inheritdoc IAssay
    function challenge(
        ClaimReference calldata claim,
        uint256 stakeNumber
    ) external payable returns (bytes32 challengeId) {
        (bytes32 claimId, ClaimState memory state) = openClaim(claim);
        uint256 range = Ranges.ofTicks(0, claim.log2Ticks);
        return open(claim, claimId, state, stakeNumber, range, claim.buildId, claim.finalRoot);
    }

    /// @inheritdoc IAssay
    function challengeCheckpoints(
        ClaimReference calldata claim,
        ClaimDetails calldata details,
        CheckpointPair calldata pair,
        uint256 stakeNumber
    ) external payable returns (bytes32 challengeId) {
        requireDetails(claim, details);
        (bytes32 claimId, ClaimState memory state) = openClaim(claim);
        uint256 distance = details.log2CheckpointTicks;
        uint256 index = pair.index;
        // INVARIANT: of a claim that was revealed, distance <= log2Ticks <= 40.
        uint256 count = uint256(1) << (claim.log2Ticks - distance);
        if (index >= count) revert NoSuchCheckpoint(count, index);
        bytes32 startRoot = claim.buildId;
        if (index != 0) {
            startRoot = pair.startRoot;
            requireCheckpoint(details.checkpointRoot, index, startRoot, pair.startProof);
        }
        bytes32 endRoot = claim.finalRoot;
        if (index + 1 != count) {
            endRoot = pair.endRoot;
            requireCheckpoint(details.checkpointRoot, index + 1, endRoot, pair.endProof);
        }
        uint256 range = Ranges.ofTicks(index << distance, distance);
        return open(claim, claimId, state, stakeNumber, range, startRoot, endRoot);
    }

    /// @inheritdoc IAssay
    function selectFault(
        Challenge memory shown,
        ClaimReference calldata claim,
        uint256 stakeNumber,
        Selection calldata selection,
        bytes calldata witness
    ) external {
        descend(shown, selection);
        refuteStep(shown, claim, stakeNumber, witness);
    }

    /// @inheritdoc IAssay
    function proveFault(
        Challenge memory shown,
        ClaimReference calldata claim,
        uint256 stakeNumber,
        bytes calldata witness
    ) external {
        requireShown(shown);
        if (shown.row != 0) revert WrongRange(Ranges.level(rangeOf(shown)), Ranges.log2Length(rangeOf(shown)));
        refuteStep(shown, claim, stakeNumber, witness);
    }

    /// @inheritdoc IAssay
    function concede(Challenge memory shown, ClaimReference calldata claim, uint256 stakeNumber) external {
        requireAnswer(shown);
        if (msg.sender != claim.solver) revert NotSolver(claim.solver, msg.sender);
        refute(shown, claim, stakeNumber, Refutation.Concession);
    }

    /// @inheritdoc IAssay
    function timeoutSolver(Challenge memory shown, ClaimReference calldata claim, uint256 stakeNumber) external {
        requireAnswer(shown);
        requireOver(Clocks.solverDeadline(clocksOf(shown), MIN_RESPONSE));
        refute(shown, claim, stakeNumber, Refutation.Timeout);
    }

    /// @inheritdoc IAssay
    function timeoutChallenger(Challenge memory shown, ClaimReference calldata claim, uint256 stakeNumber) external {
        requireShown(shown);
        if (shown.row == 0 && !Ranges.isOneStep(rangeOf(shown))) revert NotChallengersTurn();
        requireOver(Clocks.challengerDeadline(clocksOf(shown), MIN_RESPONSE));
        (bytes32 claimId, ClaimState memory state) = openClaim(claim);
        bytes32 stakeKey = finish(shown, claim.buildId, claimId, stakeNumber);
        state.openChallenges--;
        store(claim.solver, claimId, state);
        (uint256 paid, uint256 burned) = lose(stakeKey);
        if (paid != 0) credit(claim.solver, paid);
        emit ChallengeLost(claimId, shown.id, paid, burned);
    }

    /// @inheritdoc IAssay
    function closeChallenge(Challenge memory shown, ClaimReference calldata claim, uint256 stakeNumber) external {
        requireShown(shown);
        bytes32 claimId = Ids.claimId(address(this), claim);
        ClaimStatus status = claimAt(claim.solver, claimId).status;
        if (status != ClaimStatus.Refuted) revert ClaimNotRefuted(claimId, status);
        release(finish(shown, claim.buildId, claimId, stakeNumber));
        emit ChallengeClosed(claimId, shown.id);
    }

    function open(
        ClaimReference calldata claim,
        bytes32 claimId,
        ClaimState memory state,
        uint256 stakeNumber,
        uint256 range,
        bytes32 startRoot,
        bytes32 endRoot
    ) private returns (bytes32 challengeId) {
        requireChallengeable(claim.buildId, state.windowEnd);
        bytes32 stakeKey = Ids.stakeKey(msg.sender, claim.buildId, stakeNumber);
        challengeId = Ids.challengeId(stakeKey, claimId);
        if (challenges[challengeId] != 0) revert AlreadyChallenged(challengeId);
        cover(stakeKey);
        state.openChallenges++;
        store(claim.solver, claimId, state);
        uint256 clocks = Clocks.start(SOLVER_BUDGET, CHALLENGER_BUDGET, block.timestamp);
        Challenge memory opened = Challenge({
            id: challengeId,
            challengerAndRange: (uint256(uint160(msg.sender)) << Ranges.BITS) | range,
            solverAndClocks: (uint256(uint160(claim.solver)) << 96) | clocks,
            startRoot: startRoot,
            endRoot: endRoot,
            row: 0
        });
        challenges[challengeId] = Ids.challengeWord(opened);
        emit ChallengeOpened(claimId, challengeId, msg.sender, stakeNumber, opened);
    }

    /// @dev The claim falls if the challenge's one step does not end where the solver says.
    function refuteStep(
        Challenge memory last,
        ClaimReference calldata claim,
        uint256 stakeNumber,
        bytes calldata witness
    ) private {
        uint256 range = rangeOf(last);
        if (!Ranges.isOneStep(range)) revert WrongRange(Ranges.level(range), Ranges.log2Length(range));
        bytes32 postRoot = VERIFIER.step(last.startRoot, witness);
        if (postRoot == last.endRoot) revert StepIsCorrect(postRoot);
        refute(last, claim, stakeNumber, Refutation.Fault);
    }

    /// @dev The claim falls, with all that follows for its round and for the two parties of the challenge.
    function refute(
        Challenge memory shown,
        ClaimReference calldata claim,
        uint256 stakeNumber,
        Refutation cause
    ) private {
        (bytes32 claimId, ClaimState memory state) = openClaim(claim);
        bytes32 stakeKey = finish(shown, claim.buildId, claimId, stakeNumber);
        state.status = ClaimStatus.Refuted;
        store(claim.solver, claimId, state);
        noteRefuted(claim.buildId, claim.finalRoot);
        release(stakeKey);
        (uint256 paid, uint256 burned) = Bonds.split(SOLVER_BOND, BURN_PERMILLE);
        address challenger = challengerOf(shown);
        credit(challenger, paid);
        emit ClaimRefuted(claimId, claim.buildId, shown.id, cause, challenger, paid, burned);
    }

    /// @dev A challenge ends, if claim and stake are the ones it is about.
    function finish(
        Challenge memory shown,
        bytes32 buildId,
        bytes32 claimId,
        uint256 stakeNumber
    ) private returns (bytes32 stakeKey) {
        stakeKey = Ids.stakeKey(challengerOf(shown), buildId, stakeNumber);
        bytes32 given = Ids.challengeId(stakeKey, claimId);
        if (given != shown.id) revert OtherChallenge(shown.id, given);
        delete challenges[shown.id];
    }

    /// @dev Leaves are hashed twice: one hash of two words could be taken for that of an inner node.
    function requireCheckpoint(
        bytes32 checkpointRoot,
        uint256 index,
        bytes32 root,
        bytes32[] calldata proof
    ) private pure {
        bytes32 leaf = keccak256(bytes.concat(keccak256(abi.encode(index, root))));
        if (!MerkleProof.verifyCalldata(proof, checkpointRoot, leaf)) revert CheckpointNotProven(index, root);
    }

    function requireOver(uint256 deadline) private view {
        if (block.timestamp <= deadline) revert DeadlineNotPassed(deadline, block.timestamp);
    }
}
