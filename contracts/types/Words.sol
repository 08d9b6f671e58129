// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {BuildPhase, BuildState} from "./Build.sol";
import {StakeState, StakeStatus} from "./Challenge.sol";
import {ClaimState, ClaimStatus} from "./Claim.sol";

/// @title Words: claims, builds and stakes as the one word that is stored of each.
/// @dev Only this library packs and unpacks. From the lowest bit:
///
/// | word         | fields                                                                                            |
/// | ------------ | ------------------------------------------------------------------------------------------------- |
/// | claim        | status 8, committedAt 40, windowEnd 40, openChallenges 32                                         |
/// | stake        | status 8, open 32, several 8                                                                      |
/// | build        | phase 8, openClaims 32, joinDeadline 40, then                                                     |
/// | ... in round | openRoots 32, firstRootClaims 32, contradictionEndedAt 40                                                    |
/// | ... final    | finalizedAt 40, artifactSize 64, code 32, recordVersion 32                                        |
library Words {
    function packClaim(ClaimState memory s) internal pure returns (uint256) {
        return
            uint256(s.status) |
            (uint256(s.committedAt) << 8) |
            (uint256(s.windowEnd) << 48) |
            (uint256(s.openChallenges) << 88);
    }

    function unpackClaim(uint256 word) internal pure returns (ClaimState memory s) {
        s.status = ClaimStatus(uint8(word));
        s.committedAt = uint40(word >> 8);
        s.windowEnd = uint40(word >> 48);
        s.openChallenges = uint32(word >> 88);
    }

    function packStake(StakeState memory s) internal pure returns (uint256) {
        return uint256(s.status) | (uint256(s.open) << 8) | (s.several ? 1 << 40 : 0);
    }

    function unpackStake(uint256 word) internal pure returns (StakeState memory s) {
        s.status = StakeStatus(uint8(word));
        s.open = uint32(word >> 8);
        s.several = uint8(word >> 40) != 0;
    }

    function packBuild(BuildState memory s) internal pure returns (uint256 word) {
        word = uint256(s.phase) | (uint256(s.openClaims) << 8) | (uint256(s.joinDeadline) << 40);
        if (isFinal(s.phase)) {
            word |=
                (uint256(s.finalizedAt) << 80) |
                (uint256(s.artifactSize) << 120) |
                (uint256(s.code) << 184) |
                (uint256(s.recordVersion) << 216);
        } else {
            word |=
                (uint256(s.openRoots) << 80) |
                (uint256(s.firstRootClaims) << 112) |
                (uint256(s.contradictionEndedAt) << 144);
        }
    }

    function unpackBuild(uint256 word) internal pure returns (BuildState memory s) {
        s.phase = BuildPhase(uint8(word));
        s.openClaims = uint32(word >> 8);
        s.joinDeadline = uint40(word >> 40);
        if (isFinal(s.phase)) {
            s.finalizedAt = uint40(word >> 80);
            s.artifactSize = uint64(word >> 120);
            s.code = uint32(word >> 184);
            s.recordVersion = uint32(word >> 216);
        } else {
            s.openRoots = uint32(word >> 80);
            s.firstRootClaims = uint32(word >> 112);
            s.contradictionEndedAt = uint40(word >> 144);
        }
    }

    function isFinal(BuildPhase phase) internal pure returns (bool) {
        return phase == BuildPhase.Halted || phase == BuildPhase.Trapped;
    }
}
