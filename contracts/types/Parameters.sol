// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

// Limits of the machine, whatever a deployment says.
uint8 constant MAX_LOG2_TICKS = 40;
uint8 constant MAX_LOG2_STEPS = 32;

// Longest locator, in bytes: it is part of an event, which every client reads.
uint256 constant MAX_LOCATOR_BYTES = 256;

// At least half of every slashed bond is burned: the first to challenge a wrong claim can always be its solver's own second account,
// and then the burned share is all that lying costs.
uint16 constant MIN_BURN_PERMILLE = 500;

/// @notice What one deployment fixes for good: immutables of the contract, validated by its constructor.
/// @param log2Arity log2 of k, the number of parts into which a row cuts a range: 1..6
/// @param maxLog2Steps log2 of the steps one tick may have: at most 32
/// @param burnPermille share of a slashed bond that is burned, in thousandths: 500..999
/// @param solverBond bond of a claim, in wei
/// @param challengerBond value of a stake, in wei
/// @param solverBudgetSeconds thinking time of the solver in one challenge
/// @param challengerBudgetSeconds thinking time of the challenger in one challenge
/// @param minResponseSeconds least time for any move, even when the budget is used up
/// @param baseWindowSeconds challenge window of a claim of no length
/// @param tickAllowanceMicroseconds what each claimed tick adds to the window
/// @param maxWindowSeconds longest window a claim may have; a claim that needs a longer one is refused
/// @param minCommitAgeSeconds least age of a commitment at its reveal: above the chain's reorg depth
/// @param maxCommitAgeSeconds greatest age of a commitment at its reveal
/// @param reactionSeconds how long the claims of a round stay open to challenge after the last contradiction has fallen
/// @param stepsPerSecond rate of interpretation that every party is expected to reach
/// @param solverDisputeGas gas of all that a solver sends in the longest dispute, under the most expensive rules known
/// @param challengerDisputeGas the same of a challenger
/// @param gasPriceCeilingWei gas price up to which the paid shares of the bonds cover that gas
struct Parameters {
    uint8 log2Arity;
    uint8 maxLog2Steps;
    uint16 burnPermille;
    uint80 solverBond;
    uint80 challengerBond;
    uint24 solverBudgetSeconds;
    uint24 challengerBudgetSeconds;
    uint24 minResponseSeconds;
    uint24 baseWindowSeconds;
    uint32 tickAllowanceMicroseconds;
    uint32 maxWindowSeconds;
    uint24 minCommitAgeSeconds;
    uint24 maxCommitAgeSeconds;
    uint24 reactionSeconds;
    uint40 stepsPerSecond;
    uint32 solverDisputeGas;
    uint32 challengerDisputeGas;
    uint64 gasPriceCeilingWei;
}
