// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {RegistersProof} from "./MachineState.sol";

// A range of ticks. `tick` is 0 and `from` counts ticks.
uint256 constant LEVEL_TICKS = 0;
// A range of steps inside tick number `tick`; `from` counts steps.
uint256 constant LEVEL_STEPS = 1;

/// @notice Where a challenge stands. Of all this only the hash is stored; a move shows it. The latest `ChallengeOpened`,
/// `Answered` or `Selected` event of a challenge holds it.
/// @dev `word = keccak256(abi.encode(CHALLENGE_TAG, challenge))`. The range is 2^log2Length ticks or steps, whose start the
/// challenger accepts and whose end it denies. Whose turn it is follows from it:
///
/// | kind   | row     | range                | turn       |
/// | ------ | ------- | -------------------- | ---------- |
/// | Answer | 0       | longer than one step | solver     |
/// | Select | not 0   | any                  | challenger |
/// | Prove  | 0       | one step             | challenger |
/// @param id `keccak256(abi.encode(CHALLENGE_ID_TAG, stakeKey, claimId))`
/// @param challengerAndRange from the highest bit: challenger 160, level 8, tick 40, from 40, log2Length 8
/// @param solverAndClocks from the highest bit: solver 160, zero 8, since 40, solverLeft 24, challengerLeft 24: the second of
/// the last move and what is left of both budgets, in seconds
/// @param startRoot state root before the range
/// @param endRoot state root after it, as the solver claims it
/// @param row root of the Merkle tree of the solver's answer (see `Rows`); 0 while the range is not answered
struct Challenge {
    bytes32 id;
    uint256 challengerAndRange;
    uint256 solverAndClocks;
    bytes32 startRoot;
    bytes32 endRoot;
    bytes32 row;
}

/// @notice Where a challenge stands that waits for its solver's answer: a `Challenge` whose row is 0 and need not be shown.
struct Unanswered {
    bytes32 id;
    uint256 challengerAndRange;
    uint256 solverAndClocks;
    bytes32 startRoot;
    bytes32 endRoot;
}

/// @notice Life of a stake. `Lost` and `Returned` are terminal.
enum StakeStatus {
    None,
    Live,
    Lost,
    Returned
}

/// @notice All that is stored of a stake: one word, under its key
/// `keccak256(abi.encode(STAKE_TAG, challenger, buildId, stakeNumber))`.
/// @param open challenges of this stake that have not ended
/// @param several whether it has ever covered more than one claim
struct StakeState {
    StakeStatus status;
    uint32 open;
    bool several;
}

/// @notice The choice of a child in the answer to a range.
/// @param child 0 .. number of children - 1
/// @param startRoot start of the child; ignored for child 0, whose start is the range's own
/// @param endRoot end of the child; ignored for the last child, whose end is the range's own
/// @param siblings prove that both stand in the row, at positions child and child + 1. From the leaves up: on a level where
/// the two are not each other's siblings, the sibling of the left one, then that of the right one; above their common
/// parent, one for each level. The last child's end is the range's own, so that only its start is proven
struct Selection {
    uint256 child;
    bytes32 startRoot;
    bytes32 endRoot;
    bytes32[] siblings;
}

/// @notice What a solver reveals about one tick, beside the first row over its steps.
/// @param log2Steps 2^log2Steps steps lead from `resume(start)` to the end of the tick, at most 2^maxLog2Steps
/// @param start registers of the range's start, from which the contract computes `resume`
/// @param end registers of the range's end, whose status is not running
struct TickProof {
    uint256 log2Steps;
    RegistersProof start;
    RegistersProof end;
}

/// @notice Two neighbouring checkpoints with their proofs.
/// @param index of the first: 0 is the build's first state, which needs no proof, as needs the claim's final state
struct CheckpointPair {
    uint256 index;
    bytes32 startRoot;
    bytes32 endRoot;
    bytes32[] startProof;
    bytes32[] endProof;
}
