// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice What a solver shows of its claim when it reveals it. The outcome is read from the final state, not shown.
/// @param buildId root of the machine's first state
/// @param finalRoot root of its state after 2^log2Ticks ticks: halted or trapped
/// @param log2Ticks at most 40; ticks after the end of the run change nothing
/// @param log2CheckpointTicks distance of the checkpoints: at most log2Ticks, a multiple of log2 of the arity
/// @param checkpointRoot root of OpenZeppelin's standard Merkle tree over `(uint256 index, bytes32 stateRoot)`, index
/// 1 .. 2^(log2Ticks - log2CheckpointTicks) - 1; index i is the state after i * 2^log2CheckpointTicks ticks
/// @param locator where inputs and checkpoint list can be fetched: at most 256 bytes, a hint that nobody needs to trust
struct ClaimFields {
    bytes32 buildId;
    bytes32 finalRoot;
    uint256 log2Ticks;
    uint256 log2CheckpointTicks;
    bytes32 checkpointRoot;
    string locator;
}

/// @notice What the final state says about the build.
/// @param endStatus 2: the program halted, 3: it trapped
/// @param code the exit code from the result record if it halted, the trap code if it trapped
/// @param recordVersion version of the result record: the fields after it mean something only for version 1. 0 if trapped
/// @param artifactSize in bytes; 0 if trapped
/// @param artifactSha256 0 if trapped
struct Outcome {
    uint8 endStatus;
    uint32 code;
    uint32 recordVersion;
    uint64 artifactSize;
    bytes32 artifactSha256;
}

/// @notice What a claim id is made of, as calls show it that need no more of the claim.
/// @dev `claimId = keccak256(abi.encode(CLAIM_TAG, chain id, contract, solver, buildId, finalRoot, log2Ticks, details))`
/// @param details hash of the `ClaimDetails`
struct ClaimReference {
    address solver;
    bytes32 buildId;
    bytes32 finalRoot;
    uint256 log2Ticks;
    bytes32 details;
}

/// @notice The rest of a claim, for the calls that need it.
/// @dev `details = keccak256(abi.encode(DETAILS_TAG, salt, checkpointRoot, log2CheckpointTicks, locatorHash, outcome))`
/// @param salt what the commitment hid the claim with
/// @param locatorHash keccak256 of the locator's bytes
struct ClaimDetails {
    bytes32 salt;
    bytes32 checkpointRoot;
    uint256 log2CheckpointTicks;
    bytes32 locatorHash;
    Outcome outcome;
}

/// @notice Life of a claim. `Refuted`, `Final` and `Returned` are terminal.
/// None: never committed to. Committed: bonded and hidden. Open: revealed, it can become final or be refuted. Returned: its
/// commitment ended without a reveal.
enum ClaimStatus {
    None,
    Committed,
    Open,
    Refuted,
    Final,
    Returned
}

/// @notice All that is stored of a claim: one word, under its solver and its id.
/// @param committedAt second of the commitment; with the id it is the claim's seniority
/// @param windowEnd the claim can be challenged before this second; 0 until it is revealed
/// @param openChallenges challenges that have not ended; counted only while the claim is open
struct ClaimState {
    ClaimStatus status;
    uint40 committedAt;
    uint40 windowEnd;
    uint32 openChallenges;
}
