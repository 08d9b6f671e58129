// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Bonds} from "../bonds/Bonds.sol";
import {IAssayErrors} from "../interfaces/IAssayErrors.sol";
import {MAX_LOG2_STEPS, MAX_LOG2_TICKS, MIN_BURN_PERMILLE, Parameters} from "../types/Parameters.sol";

/// @title TermRules: what a deployment's parameters must obey, and the durations that follow from them.
library TermRules {
    /// @dev Rows of 2^6 already cost more than those of 2^4 for every range.
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
        within("maxCommitAgeSeconds", 1, type(uint24).max, p.maxCommitAgeSeconds);
        within("minCommitAgeSeconds", 1, p.maxCommitAgeSeconds - 1, p.minCommitAgeSeconds);
        // A solver that has committed before a round opens can still join it.
        uint256 leastWindow = Math.max(p.minResponseSeconds, p.maxCommitAgeSeconds);
        within("baseWindowSeconds", leastWindow, type(uint24).max, p.baseWindowSeconds);
        within("maxWindowSeconds", windowSeconds(p, 0), type(uint32).max, p.maxWindowSeconds);
        within("solverDisputeGas", 1, type(uint32).max, p.solverDisputeGas);
        within("challengerDisputeGas", 1, type(uint32).max, p.challengerDisputeGas);
        within("gasPriceCeilingWei", 1, type(uint64).max, p.gasPriceCeilingWei);
        (uint256 paid, ) = Bonds.split(p.solverBond, p.burnPermille);
        uint256 cost = uint256(p.challengerDisputeGas) * p.gasPriceCeilingWei;
        within("paid share of solverBond", cost, type(uint80).max, paid);
        (paid, ) = Bonds.split(p.challengerBond, p.burnPermille);
        cost = uint256(p.solverDisputeGas) * p.gasPriceCeilingWei;
        within("paid share of challengerBond", cost, type(uint80).max, paid);
    }

    /// @dev Challenge window of a claim of 2^log2Ticks ticks: it grows with the work of checking it.
    function windowSeconds(Parameters memory p, uint256 log2Ticks) internal pure returns (uint256) {
        return windowSeconds(p.baseWindowSeconds, p.tickAllowanceMicroseconds, log2Ticks);
    }

    function windowSeconds(uint256 base, uint256 allowance, uint256 log2Ticks) internal pure returns (uint256) {
        return base + Math.ceilDiv((uint256(1) << log2Ticks) * allowance, 1_000_000);
    }

    /// @dev D. Each round has one turn of either side, and one more turn of the challenger is the fault proof's.
    function disputeSeconds(Parameters memory p, uint256 log2Ticks) internal pure returns (uint256) {
        return
            uint256(p.solverBudgetSeconds) +
            p.challengerBudgetSeconds +
            (2 * maxRounds(p, log2Ticks) + 1) * p.minResponseSeconds;
    }

    /// @dev Most answers of the solver in one challenge: rows over ticks, the opening, which carries a row, rows over steps.
    function maxRounds(Parameters memory p, uint256 log2Ticks) internal pure returns (uint256) {
        return Math.ceilDiv(log2Ticks, p.log2Arity) + Math.max(1, Math.ceilDiv(p.maxLog2Steps, p.log2Arity));
    }

    /// @dev What passes at most between a round's last second for joining, plus the longest window, and the second in which
    /// the reward is due whatever else happens.
    function rewardDelaySeconds(Parameters memory p) internal pure returns (uint256) {
        return disputeSeconds(p, MAX_LOG2_TICKS) + p.minResponseSeconds;
    }

    function within(string memory name, uint256 least, uint256 most, uint256 given) private pure {
        if (given < least || given > most) revert IAssayErrors.ParameterOutOfRange(name, least, most, given);
    }
}
