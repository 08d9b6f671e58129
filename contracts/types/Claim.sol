// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice What a solver claims about a build.
/// @param buildId root of the machine's first state
/// @param finalRoot root of its state after 2^log2Ticks ticks: halted or trapped
/// @param log2Ticks at most 40; ticks after the end of the run change nothing
/// @param log2CheckpointTicks distance of the checkpoints: at most log2Ticks, a multiple of log2 of the arity
/// @param checkpointRoot root of OpenZeppelin's standard Merkle tree over `(uint256 index, bytes32 stateRoot)`, index
/// 1 .. 2^(log2Ticks - log2CheckpointTicks) - 1; index i is the state after i * 2^log2CheckpointTicks ticks
/// @param locator where inputs and checkpoint list can be fetched: a hint that nobody needs to trust
struct ClaimFields {
    bytes32 buildId;
    bytes32 finalRoot;
    uint8 log2Ticks;
    uint8 log2CheckpointTicks;
    bytes32 checkpointRoot;
    string locator;
}

/// @notice Life of a claim. `Refuted` and `Final` are terminal.
enum ClaimStatus {
    None,
    Open,
    Refuted,
    Final
}

/// @notice A commitment to a claim, with the full bond, before it is revealed.
/// @param number place in the order of all commitments, from 1: seniority. 0: there is no such commitment
/// @param bond in wei
struct Commitment {
    uint64 number;
    uint40 committedAt;
    uint80 bond;
}

/// @notice A revealed claim. The first three groups of fields are one storage slot each.
/// @param openChallenges challenges that are neither lost nor closed; meaningless once the claim is refuted
/// @param endStatus status of the final state: halted (2) or trapped (3)
/// @param trapCode 0 unless trapped
/// @param recordVersion version of the result record; the fields after it mean something only for version 1. 0 if trapped
struct Claim {
    address solver;
    ClaimStatus status;
    uint8 log2Ticks;
    uint8 log2Arity;
    uint8 maxLog2Steps;
    uint24 minResponseSeconds;
    uint40 windowEnd;
    //
    uint80 solverBond;
    uint80 challengerBond;
    uint24 solverBudgetSeconds;
    uint24 challengerBudgetSeconds;
    uint16 burnPermille;
    uint32 openChallenges;
    //
    uint64 number;
    uint40 revealedAt;
    uint24 reactionSeconds;
    uint8 log2CheckpointTicks;
    uint8 endStatus;
    uint32 trapCode;
    uint32 recordVersion;
    uint32 exitCode;
    //
    bytes32 buildId;
    bytes32 finalRoot;
    bytes32 checkpointRoot;
    bytes32 artifactSha256;
    uint64 artifactSize;
}
