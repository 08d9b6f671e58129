// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Place} from "./Dispute.sol";

// A range of ticks. `tick` is 0 and `from` counts ticks.
uint8 constant LEVEL_TICKS = 0;
// A range of steps inside tick number `tick`; `from` counts steps.
uint8 constant LEVEL_STEPS = 1;

/// @notice A place, unpacked.
/// @param level `LEVEL_...`
/// @param tick number of the opened tick
/// @param from first tick or step of the range
/// @param log2Length log2 of its length in ticks or steps
/// @param movedAt when the cursor came here
/// @param solverLeft what is left of the solver's budget, in seconds
/// @param challengerLeft what is left of the challenger's budget, in seconds
struct PlaceFields {
    uint8 level;
    uint40 tick;
    uint40 from;
    uint8 log2Length;
    uint40 movedAt;
    uint24 solverLeft;
    uint24 challengerLeft;
}

/// @title Packing of places.
/// @dev From the lowest bit: challengerLeft 24, solverLeft 24, movedAt 40, log2Length 8, from 40, tick 40, level 8; the
/// upper 72 bits are zero.
library Places {
    function pack(PlaceFields memory fields) internal pure returns (Place) {
        return
            Place.wrap(
                (uint256(fields.level) << 176) |
                    (uint256(fields.tick) << 136) |
                    (uint256(fields.from) << 96) |
                    (uint256(fields.log2Length) << 88) |
                    (uint256(fields.movedAt) << 48) |
                    (uint256(fields.solverLeft) << 24) |
                    fields.challengerLeft
            );
    }

    function unpack(Place place) internal pure returns (PlaceFields memory fields) {
        uint256 word = Place.unwrap(place);
        fields.level = uint8(word >> 176);
        fields.tick = uint40(word >> 136);
        fields.from = uint40(word >> 96);
        fields.log2Length = uint8(word >> 88);
        fields.movedAt = uint40(word >> 48);
        fields.solverLeft = uint24(word >> 24);
        fields.challengerLeft = uint24(word);
    }
}
