// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAssay} from "../interfaces/IAssay.sol";
import {Challenge, Unanswered} from "../types/Challenge.sol";
import {Ids} from "../types/Ids.sol";
import {Clocks} from "./Clocks.sol";
import {Ranges} from "./Ranges.sol";

/// @title Challenges: the one word that is kept of each, and what its preimage says.
abstract contract Challenges is IAssay {
    /// @dev 0: no such challenge, or it has ended.
    mapping(bytes32 challengeId => bytes32 word) internal challenges;

    /// @inheritdoc IAssay
    function challengeOf(bytes32 challengeId) external view returns (bytes32 word) {
        return challenges[challengeId];
    }

    /// @dev Reverts unless the challenge is open and stands where the caller says.
    function requireShown(Challenge memory shown) internal view {
        bytes32 stored = challenges[shown.id];
        bytes32 given = Ids.challengeWord(shown);
        if (stored == given) return;
        if (stored == 0) revert ChallengeNotOpen(shown.id);
        revert ChallengeMismatch(stored, given);
    }

    /// @dev Reverts unless the challenge is as shown and it is the solver's turn: kind Answer.
    function requireAnswer(Challenge memory shown) internal view {
        requireShown(shown);
        if (shown.row != 0 || Ranges.isOneStep(rangeOf(shown))) revert NotSolversTurn();
    }

    /// @dev Reverts unless the challenge is as shown, it is the solver's turn, and the solver is the sender, in time.
    function requireSolverMayAnswer(
        Unanswered calldata unanswered,
        uint256 minResponse
    ) internal view returns (Challenge memory shown) {
        (shown.id, shown.startRoot, shown.endRoot) = (unanswered.id, unanswered.startRoot, unanswered.endRoot);
        shown.challengerAndRange = unanswered.challengerAndRange;
        shown.solverAndClocks = unanswered.solverAndClocks;
        requireAnswer(shown);
        address solver = solverOf(shown);
        if (msg.sender != solver) revert NotSolver(solver, msg.sender);
        uint256 deadline = Clocks.solverDeadline(clocksOf(shown), minResponse);
        if (block.timestamp > deadline) revert DeadlinePassed(deadline, block.timestamp);
    }

    /// @dev Reverts unless the challenge is as shown, has a row, and the challenger is the sender, in time.
    function requireChallengerMaySelect(Challenge memory shown, uint256 minResponse) internal view {
        requireShown(shown);
        if (shown.row == 0) revert NotAnswered(shown.id);
        address challenger = challengerOf(shown);
        if (msg.sender != challenger) revert NotChallenger(challenger, msg.sender);
        uint256 deadline = Clocks.challengerDeadline(clocksOf(shown), minResponse);
        if (block.timestamp > deadline) revert DeadlinePassed(deadline, block.timestamp);
    }

    function challengerOf(Challenge memory shown) internal pure returns (address) {
        return address(uint160(shown.challengerAndRange >> Ranges.BITS));
    }

    function solverOf(Challenge memory shown) internal pure returns (address) {
        return address(uint160(shown.solverAndClocks >> 96));
    }

    function rangeOf(Challenge memory shown) internal pure returns (uint256) {
        return shown.challengerAndRange & Ranges.MASK;
    }

    function clocksOf(Challenge memory shown) internal pure returns (uint256) {
        return shown.solverAndClocks & Clocks.MASK;
    }

    function setRange(Challenge memory shown, uint256 range) internal pure {
        shown.challengerAndRange = (shown.challengerAndRange & ~Ranges.MASK) | range;
    }

    function setClocks(Challenge memory shown, uint256 clocks) internal pure {
        shown.solverAndClocks = (shown.solverAndClocks & ~Clocks.MASK) | clocks;
    }
}
