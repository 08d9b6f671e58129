// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {LEVEL_STEPS, LEVEL_TICKS} from "../types/Challenge.sol";

/// @title Ranges: which ticks or steps a challenge is about, in 96 bits: level 8, tick 40, from 40, log2Length 8.
/// @dev A range is only ever made here, and comes back only under its challenge's hash.
library Ranges {
    uint256 internal constant BITS = 96;
    uint256 internal constant MASK = (1 << BITS) - 1;

    /// @param firstTick of the range
    /// @param log2Size log2 of its length in ticks
    function ofTicks(uint256 firstTick, uint256 log2Size) internal pure returns (uint256) {
        return (LEVEL_TICKS << 88) | (firstTick << 8) | log2Size;
    }

    /// @param tick that is opened
    /// @param log2Steps log2 of its length in steps
    function ofSteps(uint256 tick, uint256 log2Steps) internal pure returns (uint256) {
        return (LEVEL_STEPS << 88) | (tick << 48) | log2Steps;
    }

    /// @dev The range of a child: it begins `child << log2Child` after its parent, at the same level.
    /// @param log2Child log2 of the child's length
    function ofChild(uint256 range, uint256 child, uint256 log2Child) internal pure returns (uint256) {
        unchecked {
            return (((range >> 8) + (child << log2Child)) << 8) | log2Child;
        }
    }

    /// @dev `LEVEL_...`
    function level(uint256 range) internal pure returns (uint256) {
        return (range >> 88) & 0xff;
    }

    /// @dev First tick or step.
    function from(uint256 range) internal pure returns (uint256) {
        return (range >> 8) & 0xff_ffff_ffff;
    }

    /// @dev log2 of the length in ticks or steps.
    function log2Length(uint256 range) internal pure returns (uint256) {
        return range & 0xff;
    }

    function isOneTick(uint256 range) internal pure returns (bool) {
        return level(range) == LEVEL_TICKS && log2Length(range) == 0;
    }

    function isOneStep(uint256 range) internal pure returns (bool) {
        return level(range) == LEVEL_STEPS && log2Length(range) == 0;
    }
}
