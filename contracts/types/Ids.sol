// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Challenge} from "./Challenge.sol";
import {ClaimDetails, ClaimReference} from "./Claim.sol";
// solhint-disable-next-line no-unused-import
import {CHALLENGE_ID_TAG, CHALLENGE_TAG, CLAIM_TAG, DETAILS_TAG, REQUEST_TAG, STAKE_TAG} from "./Tags.sol";

/// @title Ids: every preimage of the protocol, written once.
/// @dev All preimages are 32-byte words that begin with their tag. The Merkle trees (rows, checkpoints, states) are not here:
/// they are told apart by depth and by the length of their leaves.
library Ids {
    /// @param assay address of the deployment
    function claimId(address assay, ClaimReference memory claim) internal view returns (bytes32) {
        return
            keccak256(
                abi.encode(
                    CLAIM_TAG,
                    block.chainid,
                    assay,
                    claim.solver,
                    claim.buildId,
                    claim.finalRoot,
                    claim.log2Ticks,
                    claim.details
                )
            );
    }

    function details(ClaimDetails memory shown) internal pure returns (bytes32) {
        return keccak256(abi.encode(DETAILS_TAG, shown));
    }

    function stakeKey(address challenger, bytes32 buildId, uint256 stakeNumber) internal pure returns (bytes32) {
        return keccak256(abi.encode(STAKE_TAG, challenger, buildId, stakeNumber));
    }

    function challengeId(bytes32 stake, bytes32 claim) internal pure returns (bytes32) {
        return keccak256(abi.encode(CHALLENGE_ID_TAG, stake, claim));
    }

    /// @dev The word that is stored of a challenge.
    function challengeWord(Challenge memory shown) internal pure returns (bytes32 word) {
        // word = keccak256(abi.encode(CHALLENGE_TAG, shown));
        // In plain Solidity a move costs some 300 gas more.
        assembly ("memory-safe") {
            let words := mload(0x40)
            mstore(words, CHALLENGE_TAG)
            mcopy(add(words, 0x20), shown, 0xc0)
            word := keccak256(words, 0xe0)
        }
    }

    function requestId(
        address requester,
        bytes32 buildId,
        uint256 expiry,
        uint256 number
    ) internal pure returns (bytes32) {
        return keccak256(abi.encode(REQUEST_TAG, requester, buildId, expiry, number));
    }
}
