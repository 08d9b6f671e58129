// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {BuildPhase, BuildState} from "../../types/Build.sol";
import {StakeState, StakeStatus} from "../../types/Challenge.sol";
import {ClaimState, ClaimStatus} from "../../types/Claim.sol";
import {Words} from "../../types/Words.sol";
import {assume} from "./Assumptions.sol";

/// @title What `Words` promises, for all inputs. `test/smt` proves that no assertion here can fail.
/// @dev That every field comes back whatever the others are says that no field touches another.
contract WordProperties {
    function claimsComeBack(uint8 status, uint40 committedAt, uint40 windowEnd, uint32 openChallenges) external pure {
        assume(status <= uint8(type(ClaimStatus).max));
        uint256 word = Words.packClaim(ClaimState(ClaimStatus(status), committedAt, windowEnd, openChallenges));
        assert(word >> 120 == 0);
        ClaimState memory state = Words.unpackClaim(word);
        assert(uint8(state.status) == status);
        assert(state.committedAt == committedAt);
        assert(state.windowEnd == windowEnd);
        assert(state.openChallenges == openChallenges);
    }

    function stakesComeBack(uint8 status, uint32 open, bool several) external pure {
        assume(status <= uint8(type(StakeStatus).max));
        uint256 word = Words.packStake(StakeState(StakeStatus(status), open, several));
        assert(word >> 48 == 0);
        StakeState memory state = Words.unpackStake(word);
        assert(uint8(state.status) == status);
        assert(state.open == open);
        assert(state.several == several);
    }

    function buildsInRoundComeBack(
        uint8 phase,
        uint32 openClaims,
        uint40 joinDeadline,
        uint32 openRoots,
        uint32 firstRootClaims,
        uint40 contradictionEndedAt
    ) external pure {
        assume(phase == uint8(BuildPhase.None) || phase == uint8(BuildPhase.Round));
        BuildState memory state;
        state.phase = BuildPhase(phase);
        state.openClaims = openClaims;
        state.joinDeadline = joinDeadline;
        state.openRoots = openRoots;
        state.firstRootClaims = firstRootClaims;
        state.contradictionEndedAt = contradictionEndedAt;
        uint256 word = Words.packBuild(state);
        assert(word >> 184 == 0);
        assertSame(Words.unpackBuild(word), state);
    }

    function finalBuildsComeBack(
        uint8 phase,
        uint32 openClaims,
        uint40 joinDeadline,
        uint40 finalizedAt,
        uint64 artifactSize,
        uint32 code,
        uint32 recordVersion
    ) external pure {
        assume(phase == uint8(BuildPhase.Halted) || phase == uint8(BuildPhase.Trapped));
        BuildState memory state;
        state.phase = BuildPhase(phase);
        state.openClaims = openClaims;
        state.joinDeadline = joinDeadline;
        state.finalizedAt = finalizedAt;
        state.artifactSize = artifactSize;
        state.code = code;
        state.recordVersion = recordVersion;
        uint256 word = Words.packBuild(state);
        assert(word >> 248 == 0);
        assertSame(Words.unpackBuild(word), state);
    }

    function assertSame(BuildState memory a, BuildState memory b) private pure {
        assert(a.phase == b.phase);
        assert(a.openClaims == b.openClaims);
        assert(a.joinDeadline == b.joinDeadline);
        assert(a.openRoots == b.openRoots);
        assert(a.firstRootClaims == b.firstRootClaims);
        assert(a.contradictionEndedAt == b.contradictionEndedAt);
        assert(a.finalizedAt == b.finalizedAt);
        assert(a.artifactSize == b.artifactSize);
        assert(a.code == b.code);
        assert(a.recordVersion == b.recordVersion);
    }
}
