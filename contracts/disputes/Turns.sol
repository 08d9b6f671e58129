// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Math} from "@openzeppelin/contracts/utils/math/Math.sol";
import {IAssayErrors} from "../interfaces/IAssayErrors.sol";
import {PlaceFields} from "../types/Places.sol";

/// @title Turns: deadlines and budgets of one challenge. No other arithmetic on a challenge's time exists.
/// @dev Every move of a cursor starts a turn of `max(what is left, minResponse)`. What is left stops at zero.
library Turns {
    function solverDeadline(PlaceFields memory place, uint256 minResponse) internal pure returns (uint256) {
        return place.movedAt + Math.max(place.solverLeft, minResponse);
    }

    /// @param postedAt when the cursor's node was answered; 0 at one step, which needs no answer
    function challengerDeadline(
        PlaceFields memory place,
        uint256 postedAt,
        uint256 minResponse
    ) internal pure returns (uint256) {
        return Math.max(place.movedAt, postedAt) + Math.max(place.challengerLeft, minResponse);
    }

    /// @dev Charges both sides for the turns that end with a move of the cursor, now, through a node answered at postedAt.
    /// A row that was there before the cursor came costs the solver nothing.
    function charge(PlaceFields memory place, uint256 postedAt) internal view {
        uint256 turnStart = Math.max(place.movedAt, postedAt);
        place.solverLeft = uint24(Math.saturatingSub(place.solverLeft, turnStart - place.movedAt));
        place.challengerLeft = uint24(Math.saturatingSub(place.challengerLeft, block.timestamp - turnStart));
        place.movedAt = uint40(block.timestamp);
    }

    function requireNotOver(uint256 deadline) internal view {
        if (block.timestamp > deadline) revert IAssayErrors.DeadlinePassed(deadline, block.timestamp);
    }

    function requireOver(uint256 deadline) internal view {
        if (block.timestamp <= deadline) revert IAssayErrors.DeadlineNotPassed(deadline, block.timestamp);
    }
}
