// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {STATUS_HALTED} from "../types/MachineState.sol";
import {BuildPhase, BuildResult, BuildState, BuildStatus} from "../types/Build.sol";
import {Outcome} from "../types/Claim.sol";
import {Words} from "../types/Words.sol";
import {IAssay} from "../interfaces/IAssay.sol";
import {Terms} from "../terms/Terms.sol";

/// @title Rounds: the claims for one build that live at the same time, what they mean for each other, and what comes of them.
/// @dev INVARIANT: `openRoots` is the number of final roots with at least one living claim, a claim that has become final
/// included. Only a reveal raises the counts of roots, only a refutation lowers them, once for each claim.
abstract contract Rounds is Terms {
    /// @dev `BuildState`, packed.
    mapping(bytes32 buildId => uint256 word) private builds;
    /// @dev In a round: the first final root that was revealed. Once final: the artifact's sha256.
    mapping(bytes32 buildId => bytes32) private firstRootOrSha256Of;
    /// @dev Living claims by final root; of the round's first root they are counted in the build's word instead.
    mapping(bytes32 buildId => mapping(bytes32 finalRoot => uint256)) private furtherRoots;

    /// @inheritdoc IAssay
    function resultOf(bytes32 buildId) external view returns (BuildResult memory result) {
        BuildState memory build = buildAt(buildId);
        result.status = statusOf(build);
        if (result.status != BuildStatus.Final) return result;
        result.finalizedAt = build.finalizedAt;
        result.recordVersion = build.recordVersion;
        result.artifactSize = build.artifactSize;
        result.artifactSha256 = firstRootOrSha256Of[buildId];
        // The phases have the order of the machine's statuses.
        result.endStatus = uint8(build.phase);
        if (build.phase == BuildPhase.Halted) result.exitCode = build.code;
        else result.trapCode = build.code;
    }

    /// @inheritdoc IAssay
    function buildOf(bytes32 buildId) external view returns (BuildState memory build, bytes32 firstRootOrSha256) {
        return (buildAt(buildId), firstRootOrSha256Of[buildId]);
    }

    /// @inheritdoc IAssay
    function livingClaims(bytes32 buildId, bytes32 finalRoot) external view returns (uint256) {
        BuildState memory build = buildAt(buildId);
        bool isFirst = !Words.isFinal(build.phase) && firstRootOrSha256Of[buildId] == finalRoot;
        return isFirst ? build.firstRootClaims : furtherRoots[buildId][finalRoot];
    }

    function buildAt(bytes32 buildId) internal view returns (BuildState memory) {
        return Words.unpackBuild(builds[buildId]);
    }

    function statusOf(BuildState memory build) internal pure returns (BuildStatus) {
        if (Words.isFinal(build.phase)) return BuildStatus.Final;
        if (build.openRoots == 0) return BuildStatus.Unknown;
        return build.openRoots == 1 ? BuildStatus.Open : BuildStatus.Contradicted;
    }

    /// @dev A claim joins the open round of its build, or opens one.
    /// @return joinDeadline of the round
    /// @return opened whether the claim opens the round
    function join(bytes32 buildId, bytes32 finalRoot) internal returns (uint40 joinDeadline, bool opened) {
        BuildState memory build = buildAt(buildId);
        if (Words.isFinal(build.phase)) revert BuildIsFinal(buildId);
        opened = build.openRoots == 0;
        if (opened) {
            build.phase = BuildPhase.Round;
            build.joinDeadline = uint40(block.timestamp + BASE_WINDOW);
            (build.openRoots, build.firstRootClaims, build.contradictionEndedAt) = (1, 1, 0);
            firstRootOrSha256Of[buildId] = finalRoot;
        } else {
            if (block.timestamp >= build.joinDeadline) revert RoundIsClosed(build.joinDeadline, block.timestamp);
            if (firstRootOrSha256Of[buildId] == finalRoot) {
                if (build.firstRootClaims++ == 0) build.openRoots++;
            } else if (furtherRoots[buildId][finalRoot]++ == 0) {
                build.openRoots++;
            }
        }
        build.openClaims++;
        builds[buildId] = Words.packBuild(build);
        return (build.joinDeadline, opened);
    }

    /// @dev Takes a refuted claim out of its round. A final build stays as it is.
    function noteRefuted(bytes32 buildId, bytes32 finalRoot) internal {
        BuildState memory build = buildAt(buildId);
        build.openClaims--;
        if (!Words.isFinal(build.phase)) {
            bool isFirst = firstRootOrSha256Of[buildId] == finalRoot;
            uint256 left = isFirst ? --build.firstRootClaims : --furtherRoots[buildId][finalRoot];
            if (left == 0 && --build.openRoots == 1) build.contradictionEndedAt = uint40(block.timestamp);
        }
        builds[buildId] = Words.packBuild(build);
    }

    /// @dev An open claim becomes final; the first one makes its build final.
    /// @return first whether it is the one that makes the build final
    function settle(bytes32 buildId, Outcome memory outcome) internal returns (bool first) {
        BuildState memory build = buildAt(buildId);
        build.openClaims--;
        first = !Words.isFinal(build.phase);
        if (first) {
            build.phase = outcome.endStatus == STATUS_HALTED ? BuildPhase.Halted : BuildPhase.Trapped;
            build.finalizedAt = uint40(block.timestamp);
            build.artifactSize = outcome.artifactSize;
            build.code = outcome.code;
            build.recordVersion = outcome.recordVersion;
            firstRootOrSha256Of[buildId] = outcome.artifactSha256;
        }
        builds[buildId] = Words.packBuild(build);
    }

    /// @dev Reverts unless a claim of the build with this window can be challenged now: in its own window, while living claims
    /// contradict each other, and for the reaction time after the last contradiction has fallen.
    function requireChallengeable(bytes32 buildId, uint256 windowEnd) internal view {
        if (block.timestamp < windowEnd) return;
        BuildState memory build = buildAt(buildId);
        if (build.openRoots > 1) return;
        uint256 end = reactionEnd(build, windowEnd);
        if (block.timestamp >= end) revert WindowIsOver(end, block.timestamp);
    }

    /// @dev Reverts unless a claim of the build with this window can become final now, as far as it does not depend on
    /// challenges.
    function requireFinalizable(bytes32 buildId, uint256 windowEnd) internal view {
        BuildState memory build = buildAt(buildId);
        if (build.openRoots > 1) revert ClaimsContradict(buildId, build.openRoots);
        uint256 end = reactionEnd(build, windowEnd);
        if (block.timestamp < end) revert NotYetFinalizable(end, block.timestamp);
    }

    /// @dev The later of the window's end and the end of the reaction time; a final build has none of the latter.
    function reactionEnd(BuildState memory build, uint256 windowEnd) private view returns (uint256) {
        if (build.contradictionEndedAt == 0) return windowEnd;
        uint256 end = build.contradictionEndedAt + REACTION;
        return end > windowEnd ? end : windowEnd;
    }
}
