// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Place} from "./Dispute.sol";

// A range of ticks. `tick` is 0 and `from` counts ticks.
uint8 constant LEVEL_TICKS = 0;
// A range of steps inside tick number `tick`; `from` counts steps.
uint8 constant LEVEL_STEPS = 1;

/// @title Places: level, range and clocks of a position in one word.
/// @dev From the lowest bit: challengerLeft 24, solverLeft 24, movedAt 40, log2Length 8, from 40, tick 40, level 8; the
/// upper 8 bits are zero. A place is only ever made here, and comes back only under its position's hash.
library Places {
    /// @dev The first place of a challenge.
    /// @param begin first tick of the range
    /// @param log2Size log2 of its length in ticks
    /// @param solverSeconds budget of the solver, in seconds
    /// @param challengerSeconds budget of the challenger, in seconds
    function first(
        uint40 begin,
        uint8 log2Size,
        uint24 solverSeconds,
        uint24 challengerSeconds
    ) internal view returns (Place) {
        return make((uint256(begin) << 8) | log2Size, solverSeconds, challengerSeconds);
    }

    /// @dev The place of a child.
    /// @param log2Child log2 of the child's length
    function ofChild(
        Place place,
        uint256 child,
        uint256 log2Child,
        uint256 solverSeconds,
        uint256 challengerSeconds
    ) internal view returns (Place) {
        unchecked {
            // The child begins `child << log2Child` after its parent.
            uint256 tickAndFrom = (range(place) >> 8) + (child << log2Child);
            return make((tickAndFrom << 8) | log2Child, solverSeconds, challengerSeconds);
        }
    }

    /// @dev The place of a child of the row that the opening of this tick carries.
    function ofFirstChild(
        Place place,
        uint256 child,
        uint256 log2Child,
        uint256 solverSeconds,
        uint256 challengerSeconds
    ) internal view returns (Place) {
        uint256 opened = (uint256(LEVEL_STEPS) << 88) | (from(place) << 48);
        return make(opened | (child << (log2Child + 8)) | log2Child, solverSeconds, challengerSeconds);
    }

    /// @dev `level << 88 | tick << 48 | from << 8 | log2Length`
    function range(Place place) internal pure returns (uint256) {
        return uint256(Place.unwrap(place)) >> 88;
    }

    /// @dev `LEVEL_...`
    function level(Place place) internal pure returns (uint256) {
        return Place.unwrap(place) >> 176;
    }

    /// @dev First tick or step of the range.
    function from(Place place) internal pure returns (uint256) {
        return (Place.unwrap(place) >> 96) & 0xff_ffff_ffff;
    }

    /// @dev log2 of its length in ticks or steps.
    function log2Length(Place place) internal pure returns (uint256) {
        return (Place.unwrap(place) >> 88) & 0xff;
    }

    /// @dev When the cursor came here.
    function movedAt(Place place) internal pure returns (uint256) {
        return (Place.unwrap(place) >> 48) & 0xff_ffff_ffff;
    }

    /// @dev What is left of the solver's budget, in seconds.
    function solverLeft(Place place) internal pure returns (uint256) {
        return (Place.unwrap(place) >> 24) & 0xff_ffff;
    }

    /// @dev What is left of the challenger's budget, in seconds.
    function challengerLeft(Place place) internal pure returns (uint256) {
        return Place.unwrap(place) & 0xff_ffff;
    }

    function isOneTick(Place place) internal pure returns (bool) {
        return level(place) == LEVEL_TICKS && log2Length(place) == 0;
    }

    function isOneStep(Place place) internal pure returns (bool) {
        return level(place) == LEVEL_STEPS && log2Length(place) == 0;
    }

    function make(uint256 newRange, uint256 solver, uint256 challenger) private view returns (Place) {
        return Place.wrap(uint192((newRange << 88) | (block.timestamp << 48) | (solver << 24) | challenger));
    }
}
