// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Clocks: the time of one challenge in 88 bits: since 40, solverLeft 24, challengerLeft 24. No other arithmetic on a
/// challenge's time exists.
/// @dev A turn lasts `max(what is left, minResponse)` seconds from the last move. Every move sets `since` and lowers what is
/// left to the mover by what it used, not below 0. Times have 40 bits and durations 24, so that no sum can overflow.
library Clocks {
    uint256 internal constant MASK = (1 << 88) - 1;

    /// @dev The clocks of a challenge that is opened now.
    function start(uint256 solverSeconds, uint256 challengerSeconds, uint256 time) internal pure returns (uint256) {
        return (time << 48) | (solverSeconds << 24) | challengerSeconds;
    }

    function since(uint256 clocks) internal pure returns (uint256) {
        return (clocks >> 48) & 0xff_ffff_ffff;
    }

    function solverLeft(uint256 clocks) internal pure returns (uint256) {
        return (clocks >> 24) & 0xff_ffff;
    }

    function challengerLeft(uint256 clocks) internal pure returns (uint256) {
        return clocks & 0xff_ffff;
    }

    /// @dev Last second in which the solver can move, if it is its turn.
    function solverDeadline(uint256 clocks, uint256 minResponse) internal pure returns (uint256) {
        unchecked {
            return since(clocks) + max(solverLeft(clocks), minResponse);
        }
    }

    /// @dev Last second in which the challenger can move, if it is its turn.
    function challengerDeadline(uint256 clocks, uint256 minResponse) internal pure returns (uint256) {
        unchecked {
            return since(clocks) + max(challengerLeft(clocks), minResponse);
        }
    }

    /// @dev The clocks after a move of the solver at `time`, which is not before `since`.
    function afterSolver(uint256 clocks, uint256 time) internal pure returns (uint256) {
        return start(less(solverLeft(clocks), since(clocks), time), challengerLeft(clocks), time);
    }

    /// @dev The clocks after a move of the challenger at `time`, which is not before `since`.
    function afterChallenger(uint256 clocks, uint256 time) internal pure returns (uint256) {
        return start(solverLeft(clocks), less(challengerLeft(clocks), since(clocks), time), time);
    }

    /// @dev `left` less the time from `begin` to `end`, stopping at 0. INVARIANT: begin <= end.
    function less(uint256 left, uint256 begin, uint256 end) private pure returns (uint256) {
        unchecked {
            uint256 used = end - begin;
            return used >= left ? 0 : left - used;
        }
    }

    function max(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a : b;
    }
}
