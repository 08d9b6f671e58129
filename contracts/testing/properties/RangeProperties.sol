// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {Ranges} from "../../disputes/Ranges.sol";
import {Rows} from "../../disputes/Rows.sol";
import {TermRules} from "../../terms/TermRules.sol";
import {LEVEL_STEPS, LEVEL_TICKS} from "../../types/Challenge.sol";
import {MAX_LOG2_STEPS, MAX_LOG2_TICKS} from "../../types/Parameters.sol";
import {assume} from "./Assumptions.sol";

/// @title What `Ranges` and `Rows.bitsOf` promise, for all inputs. `test/smt` proves that no assertion here can fail.
contract RangeProperties {
    function ticksHoldTheirFields(uint40 firstTick, uint8 log2Size) external pure {
        uint256 range = Ranges.ofTicks(firstTick, log2Size);
        assert(Ranges.level(range) == LEVEL_TICKS);
        assert(tickOf(range) == 0);
        assert(Ranges.from(range) == firstTick);
        assert(Ranges.log2Length(range) == log2Size);
        assert(range <= Ranges.MASK);
        assert(Ranges.isOneTick(range) == (log2Size == 0) && !Ranges.isOneStep(range));
    }

    function stepsHoldTheirFields(uint40 tick, uint8 log2Steps) external pure {
        uint256 range = Ranges.ofSteps(tick, log2Steps);
        assert(Ranges.level(range) == LEVEL_STEPS);
        assert(tickOf(range) == tick);
        assert(Ranges.from(range) == 0);
        assert(Ranges.log2Length(range) == log2Steps);
        assert(range <= Ranges.MASK);
        assert(Ranges.isOneStep(range) == (log2Steps == 0) && !Ranges.isOneTick(range));
    }

    /// @dev As a challenge begins: at a checkpoint of a claim of 2^log2Ticks ticks, or at its start.
    function challengesBeginWellFormed(uint8 log2Ticks, uint8 distance, uint40 index) external pure {
        assume(log2Ticks <= MAX_LOG2_TICKS && distance <= log2Ticks && index < uint256(1) << (log2Ticks - distance));
        assertWellFormed(Ranges.ofTicks(uint256(index) << distance, distance));
    }

    function openedTicksAreWellFormed(uint96 range, uint8 log2Steps) external pure {
        assume(wellFormed(range) && Ranges.isOneTick(range) && log2Steps <= MAX_LOG2_STEPS);
        uint256 opened = Ranges.ofSteps(Ranges.from(range), log2Steps);
        assertWellFormed(opened);
        assert(tickOf(opened) == Ranges.from(range));
    }

    function childrenLieInside(uint96 range, uint8 log2Arity, uint8 child) external pure {
        (uint256 bits, uint256 log2Child) = assumeChild(range, log2Arity, child);
        assert(bits >= 1 && bits <= log2Arity);
        uint256 part = Ranges.ofChild(range, child, log2Child);
        assertWellFormed(part);
        assert(Ranges.level(part) == Ranges.level(range));
        assert(tickOf(part) == tickOf(range));
        assert(Ranges.log2Length(part) == log2Child);
        assert(Ranges.from(part) >= Ranges.from(range));
        assert(endOf(part) <= endOf(range));
    }

    function childrenTileTheirRange(uint96 range, uint8 log2Arity, uint8 child) external pure {
        (uint256 bits, uint256 log2Child) = assumeChild(range, log2Arity, child);
        uint256 part = Ranges.ofChild(range, child, log2Child);
        if (child == 0) assert(Ranges.from(part) == Ranges.from(range));
        if (child + 1 == 1 << bits) assert(endOf(part) == endOf(range));
        else assert(Ranges.from(Ranges.ofChild(range, uint256(child) + 1, log2Child)) == endOf(part));
    }

    /// @dev So that a range of 2^n is one after ceil(n / log2Arity) rows, and only its first row can be smaller.
    function rowsCutByWholeArities(uint8 log2Length, uint8 log2Arity) external pure {
        assume(log2Length >= 1 && log2Length <= MAX_LOG2_TICKS);
        assume(log2Arity >= 1 && log2Arity <= TermRules.MAX_LOG2_ARITY);
        uint256 bits = Rows.bitsOf(log2Length, log2Arity);
        assert(bits >= 1 && bits <= log2Arity && bits <= log2Length);
        assert((log2Length - bits) % log2Arity == 0);
        assert(Math.ceilDiv(log2Length, log2Arity) == Math.ceilDiv(log2Length - bits, log2Arity) + 1);
        assert(Rows.bitsOf(0, log2Arity) == 0);
    }

    function assumeChild(
        uint256 range,
        uint256 log2Arity,
        uint256 child
    ) private pure returns (uint256 bits, uint256 log2Child) {
        assume(log2Arity >= 1 && log2Arity <= TermRules.MAX_LOG2_ARITY);
        uint256 log2Length = Ranges.log2Length(range);
        assume(wellFormed(range) && log2Length != 0);
        bits = Rows.bitsOf(log2Length, log2Arity);
        assume(child >> bits == 0);
        log2Child = log2Length - bits;
    }

    /// @dev What holds for the range of every challenge: it lies in its level, at a multiple of its length.
    function wellFormed(uint256 range) private pure returns (bool) {
        uint256 level = Ranges.level(range);
        uint256 log2Length = Ranges.log2Length(range);
        if (level == LEVEL_TICKS ? log2Length > MAX_LOG2_TICKS : log2Length > MAX_LOG2_STEPS) return false;
        if (level == LEVEL_TICKS ? tickOf(range) != 0 : level != LEVEL_STEPS) return false;
        uint256 limit = level == LEVEL_TICKS ? uint256(1) << MAX_LOG2_TICKS : uint256(1) << MAX_LOG2_STEPS;
        return (Ranges.from(range) & ((uint256(1) << log2Length) - 1)) == 0 && endOf(range) <= limit;
    }

    function assertWellFormed(uint256 range) private pure {
        assert(range <= Ranges.MASK);
        assert(wellFormed(range));
    }

    function tickOf(uint256 range) private pure returns (uint256) {
        return (range >> 48) & type(uint40).max;
    }

    function endOf(uint256 range) private pure returns (uint256) {
        return Ranges.from(range) + (uint256(1) << Ranges.log2Length(range));
    }
}
