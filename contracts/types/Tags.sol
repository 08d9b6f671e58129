// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

// The first word of every preimage whose hash the contract keeps or calls an id: two different things never hash the same
// words. The vectors in test/vectors/protocol.json pin each preimage in both languages.

bytes32 constant CLAIM_TAG = "assay.claim";
bytes32 constant DETAILS_TAG = "assay.claim.details";
bytes32 constant STAKE_TAG = "assay.stake";
bytes32 constant CHALLENGE_ID_TAG = "assay.challenge.id";
bytes32 constant CHALLENGE_TAG = "assay.challenge";
bytes32 constant REQUEST_TAG = "assay.request";
