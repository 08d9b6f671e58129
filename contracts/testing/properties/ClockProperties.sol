// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Clocks} from "../../disputes/Clocks.sol";
import {assume} from "./Assumptions.sol";

/// @title What `Clocks` promises, for all inputs. `test/smt` proves that no assertion here can fail.
contract ClockProperties {
    function startHoldsItsFields(uint24 solverSeconds, uint24 challengerSeconds, uint40 time) external pure {
        uint256 clocks = Clocks.start(solverSeconds, challengerSeconds, time);
        assert(Clocks.since(clocks) == time);
        assert(Clocks.solverLeft(clocks) == solverSeconds);
        assert(Clocks.challengerLeft(clocks) == challengerSeconds);
        assert(clocks <= Clocks.MASK);
    }

    function solverPaysForItsMove(uint88 clocks, uint40 time) external pure {
        uint256 begin = Clocks.since(clocks);
        assume(begin <= time);
        uint256 moved = Clocks.afterSolver(clocks, time);
        assertPaid(Clocks.solverLeft(clocks), Clocks.solverLeft(moved), time - begin);
        assert(Clocks.challengerLeft(moved) == Clocks.challengerLeft(clocks));
        assert(Clocks.since(moved) == time);
        assert(moved <= Clocks.MASK);
    }

    function challengerPaysForItsMove(uint88 clocks, uint40 time) external pure {
        uint256 begin = Clocks.since(clocks);
        assume(begin <= time);
        uint256 moved = Clocks.afterChallenger(clocks, time);
        assertPaid(Clocks.challengerLeft(clocks), Clocks.challengerLeft(moved), time - begin);
        assert(Clocks.solverLeft(moved) == Clocks.solverLeft(clocks));
        assert(Clocks.since(moved) == time);
        assert(moved <= Clocks.MASK);
    }

    function turnsLastLongEnough(uint88 clocks, uint24 minResponse) external pure {
        uint256 begin = Clocks.since(clocks);
        assertDeadline(Clocks.solverDeadline(clocks, minResponse), begin, Clocks.solverLeft(clocks), minResponse);
        assertDeadline(
            Clocks.challengerDeadline(clocks, minResponse),
            begin,
            Clocks.challengerLeft(clocks),
            minResponse
        );
    }

    /// @dev What the solver can still take in all, however it divides its moves: a turn in time leaves it no more than the
    /// time that it did not use.
    function timelyMovesSumUp(uint88 clocks, uint24 minResponse, uint40 time) external pure {
        uint256 begin = Clocks.since(clocks);
        assume(begin <= time && time <= Clocks.solverDeadline(clocks, minResponse));
        uint256 used = time - begin;
        uint256 left = Clocks.solverLeft(Clocks.afterSolver(clocks, time));
        assert(used + left <= max(Clocks.solverLeft(clocks), minResponse));
    }

    function assertPaid(uint256 leftBefore, uint256 leftAfter, uint256 used) private pure {
        assert(leftAfter <= leftBefore);
        assert(leftAfter == (used < leftBefore ? leftBefore - used : 0));
    }

    /// @dev The sums are checked ones: none overflows.
    function assertDeadline(uint256 deadline, uint256 begin, uint256 left, uint256 minResponse) private pure {
        assert(deadline >= begin + minResponse);
        assert(deadline >= begin + left);
        assert(deadline == begin + left || deadline == begin + minResponse);
        assert(deadline < 1 << 41);
    }

    function max(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a : b;
    }
}
