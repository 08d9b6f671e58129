// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {RegistersProof} from "./MachineState.sol";

/// @notice `challenger address (20 bytes) ‖ number of the challenge (12 bytes, counted from 1 over the whole deployment)`.
type ChallengeId is bytes32;

/// @notice The small fields of a position in one word; see `Places` for the layout.
type Place is uint192;

/// @notice Where a challenge stands. Only its hash is stored; whoever acts on a challenge shows it. The latest
/// `ChallengeOpened` or `CursorMoved` event of a challenge holds it.
/// @dev The cursor on the trace is `(claimId, level, tick, from, log2Length, startRoot, endRoot)`: a range of 2^log2Length
/// ticks or steps, whose start the challenger accepts and whose end it denies. The rest are the clocks, and the holder.
/// The cursor's node, under which rows and openings are kept, is
/// `keccak256(abi.encode(claimId, startRoot, endRoot, uint256(level << 88 | tick << 48 | from << 8 | log2Length)))`.
/// A challenge is stored as `keccak256(abi.encode(position))`.
/// @param startRoot state root before the range
/// @param endRoot state root after it, as the solver tells it
/// @param place level, range and clocks, packed
/// @param holder the challenge that gets the reward when the claim is refuted by this step, if it is still open then: the
/// first whose cursor came to the row or opening of which the step is a part. Zero until the range is one step
struct Position {
    bytes32 claimId;
    bytes32 startRoot;
    bytes32 endRoot;
    Place place;
    ChallengeId holder;
}

/// @notice What is stored, as its hash, for a node: nothing (slot zero), that it is demanded, or what has been revealed.
/// @param content of a row: the root of its Merkle tree; of an opening: `keccak256(abi.encode(log2Steps, resumedRoot,
/// rowRoot))`, rowRoot being zero when log2Steps is 0; zero while nothing is revealed
/// @param postedAt when it was revealed; 0 while it is not
/// @param firstDemander the first challenge whose cursor came to the node; recorded only where a step's parent can be, that
/// is for one tick and for a last row of steps (log2Length <= log2Arity), and zero elsewhere
struct Reveal {
    bytes32 content;
    uint48 postedAt;
    ChallengeId firstDemander;
}

/// @notice The choice of a child in a row.
/// @param child 0 .. arity of the row - 1
/// @param postedAt of the row's (or opening's) `Reveal`
/// @param firstDemander of the row's (or opening's) `Reveal`
/// @param startRoot start of the child; ignored for child 0, whose start is the range's own
/// @param endRoot end of the child; ignored for the last child, whose end is the range's own
/// @param siblings prove that both stand in the row, at positions child and child + 1. From the leaves up: on a level where
/// the two are not each other's siblings, the sibling of the left one, then that of the right one; above their common
/// parent, one for each level. The last child's end is the cursor's own, so that only its start is proven
struct Selection {
    uint32 child;
    uint48 postedAt;
    ChallengeId firstDemander;
    bytes32 startRoot;
    bytes32 endRoot;
    bytes32[] siblings;
}

/// @notice What a solver reveals about one tick, beside the first row over its steps.
/// @param log2Steps 2^log2Steps steps lead from `resume(start)` to the end of the tick, at most 2^maxLog2Steps
/// @param start registers of the cursor's start, from which the contract computes `resume`
/// @param end registers of the cursor's end, whose status is not running
struct TickProof {
    uint8 log2Steps;
    RegistersProof start;
    RegistersProof end;
}

/// @notice An opening, as one shows it who selects through it.
/// @param resumedRoot start of the tick's first step
struct Opening {
    uint8 log2Steps;
    bytes32 resumedRoot;
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
