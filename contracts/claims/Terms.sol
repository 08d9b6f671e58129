// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Bonds} from "../bonds/Bonds.sol";
import {IAssayErrors} from "../interfaces/IAssayErrors.sol";
import {Build} from "../types/Build.sol";
import {MAX_LOG2_STEPS, MAX_LOG2_TICKS, MIN_BURN_PERMILLE, Parameters} from "../types/Parameters.sol";

/// @title Terms: the rules that a deployment's parameters obey, and the durations that follow from them.
library Terms {
    /// @dev Rows of 2^6 are already dearer than those of 2^4 for every range.
    uint8 internal constant MAX_LOG2_ARITY = 6;

    /// @dev Reverts unless every party that follows the protocol can do so in time and without loss.
    function check(Parameters memory p) internal pure {
        within("log2Arity", 1, MAX_LOG2_ARITY, p.log2Arity);
        within("maxLog2Steps", 0, MAX_LOG2_STEPS, p.maxLog2Steps);
        within("burnPermille", MIN_BURN_PERMILLE, 999, p.burnPermille);
        within("minResponseSeconds", 1, type(uint24).max, p.minResponseSeconds);
        within("stepsPerSecond", 1, type(uint40).max, p.stepsPerSecond);
        uint256 longestTick = Math.max(
            Math.ceilDiv(uint256(1) << p.maxLog2Steps, p.stepsPerSecond),
            p.minResponseSeconds
        );
        within("solverBudgetSeconds", longestTick, type(uint24).max, p.solverBudgetSeconds);
        within("challengerBudgetSeconds", longestTick, type(uint24).max, p.challengerBudgetSeconds);
        within("reactionSeconds", p.minResponseSeconds, type(uint24).max, p.reactionSeconds);
        within("baseWindowSeconds", p.minResponseSeconds, type(uint24).max, p.baseWindowSeconds);
        within("maxWindowSeconds", windowSeconds(p, 0), type(uint32).max, p.maxWindowSeconds);
        within("maxCommitAgeSeconds", 1, type(uint24).max, p.maxCommitAgeSeconds);
        within("minCommitAgeSeconds", 1, p.maxCommitAgeSeconds - 1, p.minCommitAgeSeconds);
        within("gasPerMove", 1, type(uint32).max, p.gasPerMove);
        within("gasPriceCeilingWei", 1, type(uint64).max, p.gasPriceCeilingWei);
        uint256 cost = (maxRounds(p, MAX_LOG2_TICKS) + 2) * p.gasPerMove * p.gasPriceCeilingWei;
        (uint256 paid, ) = Bonds.split(p.solverBond, p.burnPermille);
        within("paid share of solverBond", cost, type(uint80).max, paid);
        (paid, ) = Bonds.split(p.challengerBond, p.burnPermille);
        within("paid share of challengerBond", cost, type(uint80).max, paid);
    }

    /// @dev Challenge window of a claim of 2^log2Ticks ticks: it grows with the work of checking it.
    function windowSeconds(Parameters memory p, uint8 log2Ticks) internal pure returns (uint256) {
        return p.baseWindowSeconds + Math.ceilDiv((uint256(1) << log2Ticks) * p.tickAllowanceMicroseconds, 1_000_000);
    }

    /// @dev D. Every round has one turn of each side; beside the rounds there is the one of the fault proof.
    function disputeSeconds(Parameters memory p, uint8 log2Ticks) internal pure returns (uint256) {
        return
            uint256(p.solverBudgetSeconds) +
            p.challengerBudgetSeconds +
            2 * (maxRounds(p, log2Ticks) + 1) * p.minResponseSeconds;
    }

    /// @dev By then every claim of the round has had its window and its disputes, and somebody the time to settle it.
    function rewardDueFrom(Parameters memory p, Build memory build) internal pure returns (uint256) {
        uint256 roundOver = Math.max(build.finalizedAt, uint256(build.joinDeadline) + p.maxWindowSeconds);
        return roundOver + disputeSeconds(p, MAX_LOG2_TICKS) + p.minResponseSeconds;
    }

    /// @dev Most answers of the solver in one challenge: rows over ticks, the opening, which carries a row, rows over steps.
    function maxRounds(Parameters memory p, uint8 log2Ticks) private pure returns (uint256) {
        return Math.ceilDiv(log2Ticks, p.log2Arity) + Math.max(1, Math.ceilDiv(p.maxLog2Steps, p.log2Arity));
    }

    function within(string memory name, uint256 least, uint256 most, uint256 given) private pure {
        if (given < least || given > most) revert IAssayErrors.ParameterOutOfRange(name, least, most, given);
    }
}
