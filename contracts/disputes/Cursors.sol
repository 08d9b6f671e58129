// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAssayErrors} from "../interfaces/IAssayErrors.sol";
import {ChallengeId, Opening, Place, Position, Reveal, Selection} from "../types/Dispute.sol";
import {LEVEL_STEPS, Places} from "../types/Places.sol";
import {DisputeBook, Nodes} from "./Nodes.sol";
import {Rows} from "./Rows.sol";
import {Turns} from "./Turns.sol";

/// @title Cursors: the challenger's moves.
library Cursors {
    using Nodes for DisputeBook;
    using Places for Place;

    /// @dev One selection in the row at the cursor's node. The new position is returned but not kept.
    function step(
        DisputeBook storage self,
        ChallengeId id,
        Position memory position,
        uint256 log2Arity,
        uint256 minResponse,
        Selection calldata selection
    ) internal view {
        begin(self, id, position);
        uint256 log2Length = position.place.log2Length();
        if (log2Length == 0) revert IAssayErrors.WrongRange(position.place.level(), 0);
        descend(self, position, log2Arity, minResponse, selection, log2Length, position.startRoot);
    }

    /// @dev A path of selections; at most one of them goes through an opening.
    function walk(
        DisputeBook storage self,
        ChallengeId id,
        Position memory position,
        uint256 log2Arity,
        uint256 minResponse,
        Selection[] calldata selections,
        Opening calldata opening
    ) internal view {
        begin(self, id, position);
        if (selections.length == 0) revert IAssayErrors.NothingSelected();
        for (uint256 i = 0; i < selections.length; i++) {
            Place place = position.place;
            if (place.isOneStep()) revert IAssayErrors.WrongRange(LEVEL_STEPS, 0);
            if (place.isOneTick()) {
                descend(self, position, log2Arity, minResponse, selections[i], opening.log2Steps, opening.resumedRoot);
            } else {
                descend(self, position, log2Arity, minResponse, selections[i], place.log2Length(), position.startRoot);
            }
        }
    }

    /// @dev Puts a challenge's cursor where the position says. Where a step's parent can be, the node remembers who came
    /// first: that challenge is the one to reward.
    function arrive(DisputeBook storage self, ChallengeId id, Position memory position, uint256 log2Arity) internal {
        self.positions[id] = Nodes.hash(position);
        Place place = position.place;
        uint256 log2Length = place.log2Length();
        bool isLastRow = log2Length != 0 && log2Length <= log2Arity && place.level() == LEVEL_STEPS;
        if (isLastRow || place.isOneTick()) self.demand(Nodes.nodeOf(position), id);
    }

    function begin(DisputeBook storage self, ChallengeId id, Position memory position) private view {
        self.requireAt(id, position);
        address challenger = Nodes.challengerOf(id);
        if (msg.sender != challenger) revert IAssayErrors.NotChallenger(challenger, msg.sender);
    }

    /// @dev Moves the cursor, in memory, to a child of the row that answers its node. At one tick that is the row which the
    /// opening carries.
    /// @param log2Length of the range that the row cuts, in its own unit
    /// @param startRoot of that range
    function descend(
        DisputeBook storage self,
        Position memory position,
        uint256 log2Arity,
        uint256 minResponse,
        Selection calldata selection,
        uint256 log2Length,
        bytes32 startRoot
    ) private view {
        bytes32 node = Nodes.nodeOf(position);
        Place place = position.place;
        uint256 child = selection.child;
        uint256 bits = Rows.bitsOf(log2Length, log2Arity);
        position.startRoot = child == 0 ? startRoot : selection.startRoot;
        unchecked {
            if (child + 1 != uint256(1) << bits) position.endRoot = selection.endRoot;
            log2Length -= bits;
        }
        bytes32 content = Rows.rootOfChild(child, bits, position.startRoot, position.endRoot, selection.siblings);

        uint256 postedAt = selection.postedAt;
        (uint256 solverLeft, uint256 challengerLeft) = Turns.charge(place, postedAt, minResponse);
        if (place.isOneTick()) {
            content = keccak256(abi.encode(log2Length + bits, startRoot, content));
            position.place = place.ofFirstChild(child, log2Length, solverLeft, challengerLeft);
        } else {
            position.place = place.ofChild(child, log2Length, solverLeft, challengerLeft);
        }
        ChallengeId firstDemander = selection.firstDemander;
        self.requireAnswered(node, Reveal(content, uint48(postedAt), firstDemander));
        if (position.place.isOneStep()) position.holder = firstDemander;
    }
}
