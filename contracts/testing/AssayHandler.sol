// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Assay} from "../Assay.sol";
import {Nodes} from "../disputes/Nodes.sol";
import {Turns} from "../disputes/Turns.sol";
import {Claim, ClaimFields} from "../types/Claim.sol";
import {ChallengeId, Opening, Place, Position, Reveal, Selection, TickProof} from "../types/Dispute.sol";
import {RegistersProof} from "../types/MachineState.sol";
import {Places} from "../types/Places.sol";
import {vm} from "./Vm.sol";

/// @title Everything that anybody can do to the protocol, in any order, by a few accounts on a few builds.
/// @notice Arity is 2, so that rows have one interior root and proofs at most one sibling. Calls that the contract refuses
/// are counted and forgotten.
contract AssayHandler {
    using Places for Place;

    /// @dev A challenge as its challenger knows it.
    struct Dispute {
        ChallengeId id;
        uint256 claim;
        Position position;
    }

    /// @dev What has been revealed for a node.
    struct Answer {
        bytes32 middle;
        uint48 postedAt;
        uint8 log2Steps;
        bytes32 resumedRoot;
    }

    uint256 private constant ACCOUNTS = 4;
    uint256 private constant MINIMUM_RESPONSE = 10;
    bytes32 private constant MANY = bytes32(uint256(2));

    Assay public immutable assay;
    uint256 public paidIn;
    uint256 public accepted;
    uint256 public refused;

    bytes32[] public claimIds;
    mapping(uint256 claim => ClaimFields) private fieldsOf;
    mapping(uint256 claim => address) public solverOf;
    Dispute[] private disputes;
    bytes32[] public requestIds;
    mapping(bytes32 node => Answer) private answers;
    mapping(bytes32 node => ChallengeId) private demanders;

    constructor(Assay target) {
        assay = target;
        for (uint256 i = 0; i < ACCOUNTS; i++) vm.deal(account(i), 1_000_000 ether);
    }

    function account(uint256 seed) public pure returns (address) {
        return address(uint160(0xacc0 + (seed % ACCOUNTS)));
    }

    function accountCount() external pure returns (uint256) {
        return ACCOUNTS;
    }

    function buildId(uint256 seed) public pure returns (bytes32) {
        return bytes32(0xb0 + (seed % 2));
    }

    function finalRoot(uint256 seed) public pure returns (bytes32) {
        return bytes32(0xf0 + (seed % 3));
    }

    function claimCount() external view returns (uint256) {
        return claimIds.length;
    }

    function disputeCount() external view returns (uint256) {
        return disputes.length;
    }

    function disputeAt(uint256 i) external view returns (ChallengeId id, uint256 claim) {
        return (disputes[i].id, disputes[i].claim);
    }

    function requestCount() external view returns (uint256) {
        return requestIds.length;
    }

    function pass(uint256 seed) public {
        vm.warp(block.timestamp + 1 + (seed % 4 == 0 ? seed % 3_000 : seed % 60));
    }

    /// @dev A claim, as a rule also revealed.
    function claimAndReveal(uint256 seed) external {
        commit(seed);
        if (seed % 8 == 0) return;
        pass(5);
        reveal(claimIds.length - 1);
    }

    /// @dev Whatever is due in a challenge, so that disputes come to their ends.
    function goOn(uint256 seed) external {
        if (disputes.length == 0) return;
        Position memory position = disputes[seed % disputes.length].position;
        if (position.place.isOneStep()) proveFault(seed);
        else if (answers[Nodes.nodeOf(position)].postedAt == 0) answer(seed);
        else select(seed);
    }

    function commit(uint256 seed) public {
        ClaimFields memory fields = ClaimFields({
            buildId: buildId(seed),
            finalRoot: finalRoot(seed >> 8),
            log2Ticks: uint8((seed >> 16) % 3),
            log2CheckpointTicks: 0,
            checkpointRoot: 0,
            locator: ""
        });
        uint256 claim = claimIds.length;
        address solver = account(seed >> 24);
        bytes32 claimId = assay.claimIdOf(solver, bytes32(claim), fields);
        claimIds.push(claimId);
        (fieldsOf[claim], solverOf[claim]) = (fields, solver);
        uint256 bond = assay.parameters().solverBond;
        vm.prank(solver);
        assay.commit{value: bond}(claimId);
        paidIn += bond;
    }

    function reveal(uint256 seed) public {
        if (claimIds.length == 0) return;
        uint256 claim = seed % claimIds.length;
        RegistersProof memory proof;
        proof.registers[0] = MANY;
        vm.prank(solverOf[claim]);
        try assay.reveal(fieldsOf[claim], bytes32(claim), proof, "") {
            accepted++;
        } catch {
            refused++;
        }
    }

    function expire(uint256 seed) external {
        if (claimIds.length == 0) return;
        uint256 claim = seed % claimIds.length;
        try assay.expireCommit(solverOf[claim], claimIds[claim]) {
            accepted++;
        } catch {
            refused++;
        }
    }

    function finalize(uint256 seed) external {
        if (claimIds.length == 0) return;
        try assay.finalize(claimIds[seed % claimIds.length]) {
            accepted++;
        } catch {
            refused++;
        }
    }

    function request(uint256 seed) external {
        address requester = account(seed);
        uint256 amount = 1 + (seed % 1 ether);
        vm.prank(requester);
        try assay.request{value: amount}(buildId(seed >> 8), uint40(block.timestamp + 1 + (seed % 500)), "") returns (
            bytes32 requestId
        ) {
            requestIds.push(requestId);
            paidIn += amount;
        } catch {
            refused++;
        }
    }

    function refund(uint256 seed) external {
        if (requestIds.length == 0) return;
        try assay.refundRequest(requestIds[seed % requestIds.length]) {
            accepted++;
        } catch {
            refused++;
        }
    }

    function payReward(uint256 seed) external {
        try assay.payReward(buildId(seed)) {
            accepted++;
        } catch {
            refused++;
        }
    }

    function withdraw(uint256 seed) external {
        address payable receiver = payable(account(seed));
        uint256 owed = assay.owed(receiver);
        vm.prank(receiver);
        try assay.withdraw(receiver) {
            paidIn -= owed;
        } catch {
            refused++;
        }
    }

    function challenge(uint256 seed) external {
        if (claimIds.length == 0) return;
        uint256 claim = seed % claimIds.length;
        Claim memory target = assay.claimOf(claimIds[claim]);
        address challenger = account(seed >> 8);
        uint256 bond = target.challengerBond;
        vm.prank(challenger);
        try assay.challenge{value: bond}(claimIds[claim]) returns (ChallengeId id) {
            paidIn += bond;
            Place place = Places.first(0, target.log2Ticks, target.solverBudgetSeconds, target.challengerBudgetSeconds);
            Position memory position = Position(
                claimIds[claim],
                target.buildId,
                target.finalRoot,
                place,
                ChallengeId.wrap(0)
            );
            arrive(id, position);
            disputes.push(Dispute(id, claim, position));
        } catch {
            refused++;
        }
    }

    function answer(uint256 seed) public {
        if (disputes.length == 0) return;
        Dispute memory dispute = disputes[seed % disputes.length];
        Position memory position = dispute.position;
        bytes32 node = Nodes.nodeOf(position);
        bytes32[] memory roots = new bytes32[](1);
        roots[0] = keccak256(abi.encode(node, seed));
        vm.prank(solverOf[dispute.claim]);
        if (position.place.isOneTick()) {
            TickProof memory tick;
            tick.log2Steps = uint8((seed >> 8) % 3);
            if (tick.log2Steps == 0) roots = new bytes32[](0);
            try assay.openTick(dispute.id, position, demanders[node], tick, roots) {
                bytes32 resumedRoot = keccak256(abi.encode("resume", position.startRoot));
                bytes32 middle = roots.length == 0 ? bytes32(0) : roots[0];
                answers[node] = Answer(middle, uint48(block.timestamp), tick.log2Steps, resumedRoot);
            } catch {
                refused++;
            }
        } else {
            try assay.postRow(dispute.id, position, demanders[node], roots) {
                answers[node] = Answer(roots[0], uint48(block.timestamp), 0, 0);
            } catch {
                refused++;
            }
        }
    }

    function select(uint256 seed) public {
        if (disputes.length == 0) return;
        Dispute storage dispute = disputes[seed % disputes.length];
        Position memory position = dispute.position;
        Place place = position.place;
        Answer memory shown = answers[Nodes.nodeOf(position)];
        bool opened = place.isOneTick();
        uint256 log2Length = opened ? shown.log2Steps : place.log2Length();
        bytes32 startRoot = opened ? shown.resumedRoot : position.startRoot;
        uint32 child = log2Length == 0 ? 0 : uint32((seed >> 8) % 2);

        Selection[] memory selections = new Selection[](1);
        selections[0].child = child;
        selections[0].postedAt = shown.postedAt;
        selections[0].firstDemander = demanders[Nodes.nodeOf(position)];
        if (child == 1) {
            selections[0].siblings = new bytes32[](1);
            selections[0].siblings[0] = startRoot;
        }
        position.startRoot = selections[0].startRoot = child == 1 ? shown.middle : startRoot;
        selections[0].endRoot = shown.middle;
        if (log2Length != 0 && child == 0) position.endRoot = shown.middle;
        vm.prank(Nodes.challengerOf(dispute.id));
        try assay.selectMany(dispute.id, dispute.position, selections, Opening(shown.log2Steps, shown.resumedRoot)) {
            uint256 log2Child = log2Length == 0 ? 0 : log2Length - 1;
            (uint256 solverLeft, uint256 challengerLeft) = Turns.charge(place, shown.postedAt, MINIMUM_RESPONSE);
            position.place =
                opened
                    ? place.ofFirstChild(child, log2Child, solverLeft, challengerLeft)
                    : place.ofChild(child, log2Child, solverLeft, challengerLeft);
            if (position.place.isOneStep()) position.holder = selections[0].firstDemander;
            arrive(dispute.id, position);
            dispute.position = position;
        } catch {
            refused++;
        }
    }

    function proveFault(uint256 seed) public {
        if (disputes.length == 0) return;
        Dispute memory dispute = disputes[seed % disputes.length];
        try assay.proveFault(dispute.id, dispute.position, "") {
            accepted++;
        } catch {
            refused++;
        }
    }

    function timeoutSolver(uint256 seed) external {
        if (disputes.length == 0) return;
        Dispute memory dispute = disputes[seed % disputes.length];
        try assay.timeoutSolver(dispute.id, dispute.position, shownFor(dispute.position)) {
            accepted++;
        } catch {
            refused++;
        }
    }

    function timeoutChallenger(uint256 seed) external {
        if (disputes.length == 0) return;
        Dispute memory dispute = disputes[seed % disputes.length];
        try assay.timeoutChallenger(dispute.id, dispute.position, shownFor(dispute.position)) {
            accepted++;
        } catch {
            refused++;
        }
    }

    function concede(uint256 seed) external {
        if (disputes.length == 0 || seed % 8 != 0) return;
        Dispute memory dispute = disputes[(seed >> 8) % disputes.length];
        ChallengeId first = demanders[Nodes.nodeOf(dispute.position)];
        vm.prank(solverOf[dispute.claim]);
        try assay.concede(dispute.id, dispute.position, first) {
            accepted++;
        } catch {
            refused++;
        }
    }

    function closeChallenge(uint256 seed) external {
        if (disputes.length == 0) return;
        Dispute memory dispute = disputes[seed % disputes.length];
        try assay.closeChallenge(dispute.id, dispute.position) {
            accepted++;
        } catch {
            refused++;
        }
    }

    /// @dev Remembers who came first where the contract does.
    function arrive(ChallengeId id, Position memory position) private {
        Place place = position.place;
        bool isLastRow = place.level() == 1 && place.log2Length() == 1;
        bytes32 node = Nodes.nodeOf(position);
        if (!isLastRow && !place.isOneTick()) return;
        if (ChallengeId.unwrap(demanders[node]) == 0) demanders[node] = id;
    }

    function shownFor(Position memory position) private view returns (Reveal memory shown) {
        bytes32 node = Nodes.nodeOf(position);
        shown.firstDemander = demanders[node];
        Answer memory given = answers[node];
        if (given.postedAt == 0) return shown;
        shown.postedAt = given.postedAt;
        bytes32 startRoot = position.place.isOneTick() ? given.resumedRoot : position.startRoot;
        shown.content = given.middle == 0 ? bytes32(0) : keccak256(abi.encode(startRoot, given.middle));
        if (position.place.isOneTick()) {
            shown.content = keccak256(abi.encode(given.log2Steps, given.resumedRoot, shown.content));
        }
    }
}
