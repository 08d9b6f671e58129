// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {BuildState} from "../types/Build.sol";
import {Challenge, StakeState} from "../types/Challenge.sol";
import {ClaimState} from "../types/Claim.sol";
import {Ids} from "../types/Ids.sol";
import {Words} from "../types/Words.sol";

/// @title IdsHarness: the hashes and packed words that no view of the deployment shows, for tests against the vectors.
contract IdsHarness {
    function challengeWord(Challenge memory shown) external pure returns (bytes32) {
        return Ids.challengeWord(shown);
    }

    function requestId(
        address requester,
        bytes32 buildId,
        uint256 expiry,
        uint256 number
    ) external pure returns (bytes32) {
        return Ids.requestId(requester, buildId, expiry, number);
    }

    function packClaim(ClaimState memory state) external pure returns (uint256 word, ClaimState memory again) {
        word = Words.packClaim(state);
        again = Words.unpackClaim(word);
    }

    function packStake(StakeState memory state) external pure returns (uint256 word, StakeState memory again) {
        word = Words.packStake(state);
        again = Words.unpackStake(word);
    }

    function packBuild(BuildState memory state) external pure returns (uint256 word, BuildState memory again) {
        word = Words.packBuild(state);
        again = Words.unpackBuild(word);
    }
}
