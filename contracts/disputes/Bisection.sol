// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Claims} from "../claims/Claims.sol";
import {IAssay} from "../interfaces/IAssay.sol";
import {Challenge, Selection, TickProof, Unanswered} from "../types/Challenge.sol";
import {Ids} from "../types/Ids.sol";
import {STATUS_RUNNING} from "../types/MachineState.sol";
import {Challenges} from "./Challenges.sol";
import {Clocks} from "./Clocks.sol";
import {Ranges} from "./Ranges.sol";
import {Rows} from "./Rows.sol";

/// @title Bisection: the moves that narrow a challenge. Each touches one word of storage and no money.
/// @dev They look at nothing but the challenge: after its claim has been refuted they are harmless.
abstract contract Bisection is Claims, Challenges {
    /// @inheritdoc IAssay
    function postRow(Unanswered calldata shown, bytes32[] calldata interiorRoots) external {
        Challenge memory next = requireSolverMayAnswer(shown, MIN_RESPONSE);
        uint256 range = rangeOf(next);
        uint256 log2Length = Ranges.log2Length(range);
        if (log2Length == 0) revert WrongRange(Ranges.level(range), 0);
        next.row = Rows.rootOf(next.startRoot, interiorRoots, Rows.bitsOf(log2Length, LOG2_ARITY));
        answered(next, interiorRoots);
    }

    /// @inheritdoc IAssay
    function openTick(Unanswered calldata shown, TickProof calldata tick, bytes32[] calldata interiorRoots) external {
        Challenge memory next = requireSolverMayAnswer(shown, MIN_RESPONSE);
        uint256 range = rangeOf(next);
        if (!Ranges.isOneTick(range)) revert WrongRange(Ranges.level(range), Ranges.log2Length(range));
        uint256 log2Steps = tick.log2Steps;
        if (log2Steps > MAX_LOG2_STEPS) revert TooManySteps(MAX_LOG2_STEPS, log2Steps);
        // A tick ends in a state that is not running: a true state from the middle of a tick is not the end of one.
        if (VERIFIER.registers(next.endRoot, tick.end).status == STATUS_RUNNING) revert TickEndsRunning();
        next.startRoot = VERIFIER.resume(next.startRoot, tick.start);
        next.row = Rows.rootOf(next.startRoot, interiorRoots, Rows.bitsOf(log2Steps, LOG2_ARITY));
        setRange(next, Ranges.ofSteps(Ranges.from(range), log2Steps));
        answered(next, interiorRoots);
    }

    /// @inheritdoc IAssay
    function select(Challenge memory next, Selection calldata selection) external {
        descend(next, selection);
        challenges[next.id] = Ids.challengeWord(next);
        emit Selected(next.id, next);
    }

    /// @dev Moves a challenge, in memory, to a child of its row.
    function descend(Challenge memory next, Selection calldata selection) internal view {
        requireChallengerMaySelect(next, MIN_RESPONSE);
        uint256 range = rangeOf(next);
        uint256 log2Length = Ranges.log2Length(range);
        uint256 bits = Rows.bitsOf(log2Length, LOG2_ARITY);
        uint256 child = selection.child;
        if (child != 0) next.startRoot = selection.startRoot;
        unchecked {
            if (child + 1 != uint256(1) << bits) next.endRoot = selection.endRoot;
        }
        bytes32 row = Rows.rootOfChild(child, bits, next.startRoot, next.endRoot, selection.siblings);
        if (row != next.row) revert RowMismatch(next.row, row);
        next.row = 0;
        setRange(next, Ranges.ofChild(range, child, log2Length - bits));
        setClocks(next, Clocks.afterChallenger(clocksOf(next), block.timestamp));
    }

    function answered(Challenge memory next, bytes32[] calldata interiorRoots) private {
        setClocks(next, Clocks.afterSolver(clocksOf(next), block.timestamp));
        challenges[next.id] = Ids.challengeWord(next);
        emit Answered(next.id, next, interiorRoots);
    }
}
