// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAssayErrors} from "../interfaces/IAssayErrors.sol";
import {IAssayEvents} from "../interfaces/IAssayEvents.sol";
import {Claim} from "../types/Claim.sol";
import {ChallengeId, Opening, Position, Reveal, Selection} from "../types/Dispute.sol";
import {LEVEL_STEPS, LEVEL_TICKS, PlaceFields, Places} from "../types/Places.sol";
import {DisputeBook, Nodes} from "./Nodes.sol";
import {Rows} from "./Rows.sol";
import {Turns} from "./Turns.sol";

/// @title Cursors: the challenger's moves.
library Cursors {
    using Nodes for DisputeBook;

    /// @dev One selection in the row at the cursor's node.
    function select(
        DisputeBook storage self,
        ChallengeId id,
        Position memory position,
        Claim storage claim,
        Selection calldata selection
    ) internal {
        PlaceFields memory place = begin(self, id, position);
        if (place.log2Length == 0) revert IAssayErrors.WrongRange(place.level, 0);
        descend(self, position, place, claim, selection, place.log2Length, position.startRoot);
        finish(self, id, position, place, claim);
    }

    /// @dev A path of selections; at most one of them goes through an opening.
    function selectMany(
        DisputeBook storage self,
        ChallengeId id,
        Position memory position,
        Claim storage claim,
        Selection[] calldata selections,
        Opening calldata opening
    ) internal {
        PlaceFields memory place = begin(self, id, position);
        if (selections.length == 0) revert IAssayErrors.NothingSelected();
        for (uint256 i = 0; i < selections.length; i++) {
            if (isOneStep(place)) revert IAssayErrors.WrongRange(place.level, 0);
            if (place.log2Length == 0) {
                descend(self, position, place, claim, selections[i], opening.log2Steps, opening.resumedRoot);
            } else {
                descend(self, position, place, claim, selections[i], place.log2Length, position.startRoot);
            }
        }
        finish(self, id, position, place, claim);
    }

    /// @dev Puts a challenge's cursor where the position says. Where a step's parent can be, the node remembers who came
    /// first: that challenge is the one to reward.
    function arrive(
        DisputeBook storage self,
        ChallengeId id,
        Position memory position,
        PlaceFields memory place,
        uint8 log2Arity
    ) internal {
        self.positions[id] = Nodes.hash(position);
        bool isTick = place.level == LEVEL_TICKS && place.log2Length == 0;
        bool isLastRow = place.level == LEVEL_STEPS && place.log2Length != 0 && place.log2Length <= log2Arity;
        if (isTick || isLastRow) self.demand(Nodes.nodeOf(position), id);
    }

    function isOneStep(PlaceFields memory place) internal pure returns (bool) {
        return place.level == LEVEL_STEPS && place.log2Length == 0;
    }

    function begin(
        DisputeBook storage self,
        ChallengeId id,
        Position memory position
    ) private view returns (PlaceFields memory) {
        self.requireAt(id, position);
        address challenger = Nodes.challengerOf(id);
        if (msg.sender != challenger) revert IAssayErrors.NotChallenger(challenger, msg.sender);
        return Places.unpack(position.place);
    }

    function finish(
        DisputeBook storage self,
        ChallengeId id,
        Position memory position,
        PlaceFields memory place,
        Claim storage claim
    ) private {
        position.place = Places.pack(place);
        arrive(self, id, position, place, claim.log2Arity);
        emit IAssayEvents.CursorMoved(position.claimId, id, position);
    }

    /// @dev Moves the cursor, in memory, to a child of the row that answers its node. At one tick that is the row which the
    /// opening carries.
    /// @param log2Length of the range that the row cuts, in its own unit
    /// @param startRoot of that range
    function descend(
        DisputeBook storage self,
        Position memory position,
        PlaceFields memory place,
        Claim storage claim,
        Selection calldata selection,
        uint8 log2Length,
        bytes32 startRoot
    ) private view {
        uint8 bits = Rows.bitsOf(log2Length, claim.log2Arity);
        (uint8 child, bytes32 childStart, bytes32 childEnd) = (selection.child, startRoot, position.endRoot);
        if (child != 0) childStart = selection.startRoot;
        if (uint256(child) + 1 != uint256(1) << bits) childEnd = selection.endRoot;
        bytes32 content = Rows.rootOfChild(child, bits, childStart, childEnd, selection.siblings);
        bytes32 node = Nodes.nodeOf(position);
        if (place.log2Length == 0) {
            content = keccak256(abi.encode(log2Length, startRoot, content));
            (place.level, place.tick, place.from) = (LEVEL_STEPS, place.from, 0);
        }
        if (selection.postedAt == 0) revert IAssayErrors.NotRevealed(node);
        self.requireShown(node, Reveal(content, selection.postedAt, selection.firstDemander));
        Turns.requireNotOver(Turns.challengerDeadline(place, selection.postedAt, claim.minResponseSeconds));
        Turns.charge(place, selection.postedAt);
        place.log2Length = log2Length - bits;
        place.from += uint40(uint256(child) << place.log2Length);
        (position.startRoot, position.endRoot) = (childStart, childEnd);
        if (isOneStep(place)) position.holder = selection.firstDemander;
        position.place = Places.pack(place);
    }
}
