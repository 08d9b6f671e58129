// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAssayErrors} from "../interfaces/IAssayErrors.sol";
import {Place} from "../types/Dispute.sol";
import {Places} from "../types/Places.sol";

/// @title Turns: deadlines and budgets of one challenge. No other arithmetic on a challenge's time exists.
/// @dev Every move of a cursor starts a turn of `max(what is left, minResponse)`. What is left stops at zero. Times have 40
/// bits and durations 24, so that no sum can overflow.
library Turns {
    using Places for Place;

    function solverDeadline(Place place, uint256 minResponse) internal pure returns (uint256) {
        unchecked {
            return place.movedAt() + max(place.solverLeft(), minResponse);
        }
    }

    /// @param postedAt when the cursor's node was answered; 0 at one step, which needs no answer
    function challengerDeadline(Place place, uint256 postedAt, uint256 minResponse) internal pure returns (uint256) {
        unchecked {
            return max(place.movedAt(), postedAt) + max(place.challengerLeft(), minResponse);
        }
    }

    /// @dev Reverts if the challenger is too late to move on through a node answered at postedAt; else, what is left to
    /// both. A row that was there before the cursor came costs the solver nothing.
    function charge(
        Place place,
        uint256 postedAt,
        uint256 minResponse
    ) internal view returns (uint256 solverLeft, uint256 challengerLeft) {
        uint256 movedAt = place.movedAt();
        uint256 turnStart = max(movedAt, postedAt);
        challengerLeft = place.challengerLeft();
        unchecked {
            requireNotOver(turnStart + max(challengerLeft, minResponse));
        }
        solverLeft = less(place.solverLeft(), turnStart, movedAt);
        challengerLeft = less(challengerLeft, block.timestamp, turnStart);
    }

    function requireNotOver(uint256 deadline) internal view {
        if (block.timestamp > deadline) revert IAssayErrors.DeadlinePassed(deadline, block.timestamp);
    }

    function requireOver(uint256 deadline) internal view {
        if (block.timestamp <= deadline) revert IAssayErrors.DeadlineNotPassed(deadline, block.timestamp);
    }

    /// @dev `left` less the time from `start` to `end`, stopping at 0. INVARIANT: start <= end.
    function less(uint256 left, uint256 end, uint256 start) private pure returns (uint256) {
        unchecked {
            uint256 used = end - start;
            return used >= left ? 0 : left - used;
        }
    }

    function max(uint256 a, uint256 b) private pure returns (uint256) {
        return a > b ? a : b;
    }
}
