// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAssay} from "./interfaces/IAssay.sol";
import {IAssayErrors} from "./interfaces/IAssayErrors.sol";
import {TermRules} from "./terms/TermRules.sol";
import {BuildPhase, BuildState} from "./types/Build.sol";
import {ClaimDetails, ClaimReference, ClaimState, ClaimStatus} from "./types/Claim.sol";
import {Ids} from "./types/Ids.sol";
import {MAX_LOG2_TICKS, Parameters} from "./types/Parameters.sol";

/// @title AssayLens: what people and scripts ask about a deployment, computed from what it stores. Nothing depends on it.
contract AssayLens {
    /// @notice The deployment that is asked about.
    IAssay public immutable ASSAY;

    constructor(IAssay assay) {
        ASSAY = assay;
    }

    /// @notice The id of a claim; see `ClaimReference`.
    function claimIdOf(ClaimReference calldata claim) external view returns (bytes32) {
        return Ids.claimId(address(ASSAY), claim);
    }

    /// @notice The hash that a claim's id holds of its details.
    function detailsOf(ClaimDetails calldata details) external pure returns (bytes32) {
        return Ids.details(details);
    }

    /// @notice The key of a challenger's stake on a build; see `StakeState`.
    function stakeKeyOf(address challenger, bytes32 buildId, uint256 stakeNumber) external pure returns (bytes32) {
        return Ids.stakeKey(challenger, buildId, stakeNumber);
    }

    /// @notice The id of the one challenge that a stake covers against a claim; see `Challenge`.
    function challengeIdOf(bytes32 stakeKey, bytes32 claimId) external pure returns (bytes32) {
        return Ids.challengeId(stakeKey, claimId);
    }

    /// @notice Whether a claim can be challenged now.
    function isChallengeable(ClaimReference calldata claim) external view returns (bool) {
        (ClaimState memory state, BuildState memory build) = read(claim);
        if (state.status != ClaimStatus.Open) return false;
        return build.openRoots > 1 || block.timestamp < calmEnd(state, build);
    }

    /// @notice The second from which a claim can be finalized, as far as time decides it: the later of its window's end and
    /// the end of the reaction time. 0 if it is not open.
    function finalizableFrom(ClaimReference calldata claim) external view returns (uint256) {
        (ClaimState memory state, BuildState memory build) = read(claim);
        return state.status == ClaimStatus.Open ? calmEnd(state, build) : 0;
    }

    /// @notice The second from which the reward on a final build can be paid; 0 while it is not final.
    function rewardDueFrom(bytes32 buildId) external view returns (uint256) {
        (BuildState memory build, ) = ASSAY.buildOf(buildId);
        if (build.phase != BuildPhase.Halted && build.phase != BuildPhase.Trapped) return 0;
        if (build.openClaims == 0) return build.finalizedAt;
        Parameters memory p = ASSAY.parameters();
        uint256 roundOver = uint256(build.joinDeadline) + p.maxWindowSeconds;
        return (roundOver > build.finalizedAt ? roundOver : build.finalizedAt) + TermRules.rewardDelaySeconds(p);
    }

    /// @notice D: the longest that a challenge to a claim of 2^log2Ticks ticks can last, in seconds, when somebody calls
    /// every time-out that is due: both budgets and (2 * rounds + 1) * minResponseSeconds.
    function disputeSeconds(uint256 log2Ticks) external view returns (uint256) {
        requireTicks(log2Ticks);
        return TermRules.disputeSeconds(ASSAY.parameters(), log2Ticks);
    }

    /// @notice Window of a claim of 2^log2Ticks ticks, in seconds.
    function windowSeconds(uint256 log2Ticks) external view returns (uint256) {
        requireTicks(log2Ticks);
        return TermRules.windowSeconds(ASSAY.parameters(), log2Ticks);
    }

    function read(
        ClaimReference calldata claim
    ) private view returns (ClaimState memory state, BuildState memory build) {
        state = ASSAY.claimOf(claim.solver, Ids.claimId(address(ASSAY), claim));
        (build, ) = ASSAY.buildOf(claim.buildId);
    }

    function calmEnd(ClaimState memory state, BuildState memory build) private view returns (uint256) {
        if (build.contradictionEndedAt == 0) return state.windowEnd;
        uint256 end = build.contradictionEndedAt + ASSAY.parameters().reactionSeconds;
        return end > state.windowEnd ? end : state.windowEnd;
    }

    function requireTicks(uint256 log2Ticks) private pure {
        if (log2Ticks > MAX_LOG2_TICKS) revert IAssayErrors.TooManyTicks(MAX_LOG2_TICKS, log2Ticks);
    }
}
