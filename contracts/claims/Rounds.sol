// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAssayErrors} from "../interfaces/IAssayErrors.sol";
import {Build, BuildStatus} from "../types/Build.sol";
import {Claim} from "../types/Claim.sol";

/// @notice All builds, each with its round of claims.
/// @param living number of living claims of a build with a final root; a finalized claim still counts
struct RoundBook {
    mapping(bytes32 buildId => Build) builds;
    mapping(bytes32 buildId => mapping(bytes32 finalRoot => uint256)) living;
}

/// @title Rounds: the claims for one build that live at the same time, and what they mean for each other.
/// @dev INVARIANT: `openRoots` is the number of final roots with at least one living claim. Only a reveal raises the
/// counters, only a refutation lowers them, once per claim; finality never does, so that a final build is never reopened.
library Rounds {
    /// @dev A claim joins the open round of its build, or opens one. `windowSeconds` is the claim's own.
    /// @return opened whether it opens a round
    function join(
        RoundBook storage self,
        bytes32 buildId,
        bytes32 finalRoot,
        uint256 windowSeconds,
        uint256 maxCommitAgeSeconds
    ) internal returns (bool opened) {
        Build storage build = self.builds[buildId];
        if (build.finalizedAt != 0) revert IAssayErrors.BuildIsFinal(buildId);
        opened = build.openRoots == 0;
        if (opened) {
            // Whoever committed before this reveal can still reveal.
            build.joinDeadline = uint40(block.timestamp + Math.max(windowSeconds, maxCommitAgeSeconds));
            build.calmSince = 0;
        } else if (block.timestamp >= build.joinDeadline) {
            revert IAssayErrors.RoundIsClosed(build.joinDeadline, block.timestamp);
        }
        if (self.living[buildId][finalRoot]++ == 0) build.openRoots++;
    }

    /// @dev A claim falls.
    function fall(RoundBook storage self, bytes32 buildId, bytes32 finalRoot) internal {
        if (--self.living[buildId][finalRoot] != 0) return;
        Build storage build = self.builds[buildId];
        if (--build.openRoots == 1) build.calmSince = uint40(block.timestamp);
    }

    /// @dev A claim has survived: the first one makes its build final, and the most senior one is remembered.
    /// @return first whether it is this claim that makes the build final
    function settle(RoundBook storage self, bytes32 claimId, Claim storage claim) internal returns (bool first) {
        Build storage build = self.builds[claim.buildId];
        first = build.finalizedAt == 0;
        if (first) {
            build.finalizedAt = uint40(block.timestamp);
            build.finalClaim = claimId;
        }
        if (build.seniorNumber == 0 || claim.number < build.seniorNumber) {
            (build.seniorNumber, build.seniorSolver) = (claim.number, claim.solver);
        }
    }

    /// @dev The end of the time in which a claim can be challenged, as far as it is known: its own window, or the reaction
    /// time after a contradiction. While claims contradict each other there is no end.
    function challengeableUntil(Build storage build, Claim storage claim) internal view returns (uint256) {
        if (build.openRoots > 1) return type(uint256).max;
        uint256 calmSince = build.calmSince;
        return calmSince == 0 ? claim.windowEnd : Math.max(claim.windowEnd, calmSince + claim.reactionSeconds);
    }

    /// @dev As far as time decides it.
    function finalizableFrom(Build storage build, Claim storage claim) internal view returns (uint256) {
        uint256 reactionEnd = build.calmSince == 0 ? 0 : build.calmSince + claim.reactionSeconds;
        return Math.max(Math.max(build.joinDeadline, claim.windowEnd), reactionEnd);
    }

    function status(Build storage build) internal view returns (BuildStatus) {
        if (build.finalizedAt != 0) return BuildStatus.Final;
        uint256 openRoots = build.openRoots;
        return
            openRoots == 0
                ? BuildStatus.Unknown
                : openRoots == 1
                    ? BuildStatus.Open
                    : BuildStatus.Contradicted;
    }
}
