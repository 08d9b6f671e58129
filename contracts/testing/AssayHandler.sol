// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Assay} from "../Assay.sol";
import {Clocks} from "../disputes/Clocks.sol";
import {Ranges} from "../disputes/Ranges.sol";
import {Challenge, CheckpointPair, Selection, StakeStatus, TickProof, Unanswered} from "../types/Challenge.sol";
import {ClaimStatus} from "../types/Claim.sol";
import {Ids} from "../types/Ids.sol";
import {Parameters} from "../types/Parameters.sol";
import {ClaimHandler} from "./ClaimHandler.sol";
import {HandlerLedger} from "./HandlerLedger.sol";
import {vm} from "./Vm.sol";

/// @title Everything that anybody can do to the protocol, in any order: to claims and rewards, and here in disputes.
/// @notice Arity is 2, so that rows have one interior root and proofs at most one sibling.
contract AssayHandler is ClaimHandler {
    /// @dev A challenge as its two parties know it. `middle` is the interior root of its row.
    struct Dispute {
        uint256 claim;
        uint256 stake;
        Challenge place;
        bytes32 middle;
        bool over;
    }

    /// @dev A stake by its history: how many claims it has covered, and how it ended.
    struct Stake {
        address challenger;
        bytes32 buildId;
        uint256 number;
        bytes32 key;
        uint256 covered;
        StakeStatus status;
    }

    Dispute[] private disputes;
    Stake[] private stakes;
    uint256 private immutable SOLVER_BUDGET;
    uint256 private immutable CHALLENGER_BUDGET;

    constructor(Assay target) HandlerLedger(target) {
        Parameters memory terms = target.parameters();
        (SOLVER_BUDGET, CHALLENGER_BUDGET) = (terms.solverBudgetSeconds, terms.challengerBudgetSeconds);
    }

    function disputeCount() external view returns (uint256) {
        return disputes.length;
    }

    function disputeAt(uint256 i) external view returns (Dispute memory) {
        return disputes[i];
    }

    function stakeCount() external view returns (uint256) {
        return stakes.length;
    }

    function stakeAt(uint256 i) external view returns (Stake memory) {
        return stakes[i];
    }

    /// @inheritdoc ClaimHandler
    function countChallenges(uint256 claim) public view override returns (uint256 number) {
        for (uint256 i = 0; i < disputes.length; i++) if (disputes[i].claim == claim && !disputes[i].over) number++;
    }

    /// @notice Open challenges of a stake, counted one by one.
    function countCovered(uint256 stake) public view returns (uint256 number) {
        for (uint256 i = 0; i < disputes.length; i++) if (disputes[i].stake == stake && !disputes[i].over) number++;
    }

    /// @dev Whatever is due in a challenge, so that disputes come to their ends.
    function goOn(uint256 seed) public {
        if (disputes.length == 0) return;
        Dispute memory dispute = disputes[seed % disputes.length];
        if (Ranges.isOneStep(rangeOf(dispute.place)) && dispute.place.row == 0) proveFault(seed);
        else if (dispute.place.row == 0) answer(seed);
        else select(seed);
    }

    /// @dev A wrong claim and its clone, both challenged with one stake.
    function cloneAndChallenge(uint256 seed) external {
        claimAndReveal(seed | 1);
        challenge(claimCount() - 1 + claimCount() * (seed >> 128));
        claimAndReveal(seed | 1);
        challenge(claimCount() - 1 + claimCount() * (seed >> 128));
    }

    function challenge(uint256 seed) public {
        if (claimCount() == 0) return;
        uint256 claim = seed % claimCount();
        Entry memory target = claimAt(claim);
        seed /= claimCount();
        address challenger = account(seed);
        uint256 stake = stakeOf(challenger, target.shown.buildId, (seed >> 8) % 2);
        StakeStatus status = stakes[stake].status;
        uint256 value = status == StakeStatus.Live ? 0 : CHALLENGER_BOND;
        uint256 number = stakes[stake].number;
        vm.prank(challenger);
        bytes32 id;
        if (target.shown.log2Ticks == 0 && (seed >> 16) % 2 == 0) {
            CheckpointPair memory pair;
            try assay.challengeCheckpoints{value: value}(target.shown, target.details, pair, number) returns (
                bytes32 made
            ) {
                id = made;
            } catch {
                refused++;
            }
        } else {
            try assay.challenge{value: value}(target.shown, number) returns (bytes32 made) {
                id = made;
            } catch {
                refused++;
            }
        }
        if (id == 0) return;
        must(status == StakeStatus.None || status == StakeStatus.Live, "a dead stake covered a claim");
        for (uint256 i = 0; i < disputes.length; i++) {
            must(disputes[i].stake != stake || disputes[i].claim != claim, "a stake covered one claim twice");
        }
        paidIn += value;
        (stakes[stake].status, stakes[stake].covered) = (StakeStatus.Live, stakes[stake].covered + 1);
        uint256 clocks = Clocks.start(SOLVER_BUDGET, CHALLENGER_BUDGET, block.timestamp);
        Challenge memory place = Challenge({
            id: id,
            challengerAndRange: (uint256(uint160(challenger)) << 96) | target.shown.log2Ticks,
            solverAndClocks: (uint256(uint160(target.shown.solver)) << 96) | clocks,
            startRoot: target.shown.buildId,
            endRoot: target.shown.finalRoot,
            row: 0
        });
        disputes.push(Dispute(claim, stake, place, 0, false));
        accepted++;
    }

    function answer(uint256 seed) public {
        if (disputes.length == 0) return;
        Dispute storage dispute = disputes[seed % disputes.length];
        seed /= disputes.length;
        Challenge memory place = dispute.place;
        Unanswered memory shown = Unanswered(
            place.id,
            place.challengerAndRange,
            place.solverAndClocks,
            place.startRoot,
            place.endRoot
        );
        bool isTick = Ranges.isOneTick(rangeOf(place));
        TickProof memory tick;
        if (isTick) {
            tick.log2Steps = seed % 4;
            place.startRoot = keccak256(abi.encode("resume", place.startRoot));
            place.challengerAndRange =
                (place.challengerAndRange & ~Ranges.MASK) | Ranges.ofSteps(Ranges.from(rangeOf(place)), tick.log2Steps);
        }
        bytes32[] memory roots = new bytes32[](isTick && tick.log2Steps == 0 ? 0 : 1);
        // Sometimes the truth, so that some challenges cannot be won.
        bytes32 truth = keccak256(abi.encode("step", place.startRoot));
        if (roots.length == 1) roots[0] = seed % 2 == 0 ? truth : keccak256(abi.encode(place.id, seed));
        uint256 deadline = solverDeadline(place);
        vm.prank(claimAt(dispute.claim).shown.solver);
        bool done;
        if (isTick) {
            try assay.openTick(shown, tick, roots) {
                done = true;
            } catch {
                refused++;
            }
        } else {
            try assay.postRow(shown, roots) {
                done = true;
            } catch {
                refused++;
            }
        }
        if (!done) return;
        must(block.timestamp <= deadline, "an answer after its deadline");
        if (roots.length == 1)
            (dispute.middle, place.row) = (roots[0], keccak256(abi.encode(place.startRoot, roots[0])));
        place.solverAndClocks = afterMove(place.solverAndClocks, 24);
        dispute.place = place;
        accepted++;
    }

    function select(uint256 seed) public {
        if (disputes.length == 0) return;
        Dispute storage dispute = disputes[seed % disputes.length];
        Challenge memory place = dispute.place;
        uint256 range = rangeOf(place);
        uint256 log2Length = Ranges.log2Length(range);
        Selection memory selection = selectionOf(dispute.middle, place, (seed >> 8) % 2);
        bool isLast = Ranges.level(range) == 1 && log2Length == 1 && (seed >> 16) % 2 == 0;
        uint256 deadline = challengerDeadline(place);
        address challenger = stakes[dispute.stake].challenger;
        vm.prank(challenger);
        if (isLast) {
            Entry memory target = claimAt(dispute.claim);
            try assay.selectFault(place, target.shown, stakes[dispute.stake].number, selection, "") {
                must(block.timestamp <= deadline, "a selection after its deadline");
                refuted(dispute);
            } catch {
                refused++;
            }
            return;
        }
        try assay.select(place, selection) {
            must(block.timestamp <= deadline, "a selection after its deadline");
            if (selection.child == 1) place.startRoot = dispute.middle;
            else place.endRoot = dispute.middle;
            uint256 from = Ranges.from(range) + (selection.child << (log2Length - 1));
            place.challengerAndRange += ((from - Ranges.from(range)) << 8);
            place.challengerAndRange -= 1;
            place.solverAndClocks = afterMove(place.solverAndClocks, 0);
            place.row = 0;
            dispute.place = place;
            accepted++;
        } catch {
            refused++;
        }
    }

    function proveFault(uint256 seed) public {
        if (disputes.length == 0) return;
        Dispute storage dispute = disputes[seed % disputes.length];
        vm.prank(account(seed >> 8));
        try assay.proveFault(dispute.place, claimAt(dispute.claim).shown, stakes[dispute.stake].number, "") {
            must(
                keccak256(abi.encode("step", dispute.place.startRoot)) != dispute.place.endRoot,
                "a right step refuted"
            );
            refuted(dispute);
        } catch {
            refused++;
        }
    }

    function timeoutSolver(uint256 seed) external {
        if (disputes.length == 0) return;
        Dispute storage dispute = disputes[seed % disputes.length];
        vm.prank(account(seed >> 8));
        try assay.timeoutSolver(dispute.place, claimAt(dispute.claim).shown, stakes[dispute.stake].number) {
            must(isSolversTurn(dispute.place), "a time-out out of turn");
            must(block.timestamp > solverDeadline(dispute.place), "a time-out in time");
            refuted(dispute);
        } catch {
            refused++;
        }
    }

    function timeoutChallenger(uint256 seed) external {
        if (disputes.length == 0) return;
        Dispute storage dispute = disputes[seed % disputes.length];
        address solver = claimAt(dispute.claim).shown.solver;
        Stake storage stake = stakes[dispute.stake];
        vm.prank(account(seed >> 8));
        try assay.timeoutChallenger(dispute.place, claimAt(dispute.claim).shown, stake.number) {
            must(!isSolversTurn(dispute.place), "a time-out out of turn");
            must(block.timestamp > challengerDeadline(dispute.place), "a time-out in time");
            dispute.over = true;
            accepted++;
            if (stake.status != StakeStatus.Live) return;
            stake.status = StakeStatus.Lost;
            if (stake.covered == 1) divides(solver, CHALLENGER_BOND);
            else burned += CHALLENGER_BOND;
        } catch {
            refused++;
        }
    }

    function concede(uint256 seed) external {
        if (disputes.length == 0 || seed % 8 != 0) return;
        Dispute storage dispute = disputes[(seed >> 8) % disputes.length];
        vm.prank(claimAt(dispute.claim).shown.solver);
        try assay.concede(dispute.place, claimAt(dispute.claim).shown, stakes[dispute.stake].number) {
            must(isSolversTurn(dispute.place), "a concession out of turn");
            refuted(dispute);
        } catch {
            refused++;
        }
    }

    function closeChallenge(uint256 seed) external {
        if (disputes.length == 0) return;
        Dispute storage dispute = disputes[seed % disputes.length];
        vm.prank(account(seed >> 8));
        try assay.closeChallenge(dispute.place, claimAt(dispute.claim).shown, stakes[dispute.stake].number) {
            must(stateAt(dispute.claim).status == ClaimStatus.Refuted, "closed while the claim stood");
            dispute.over = true;
            accepted++;
        } catch {
            refused++;
        }
    }

    function returnStake(uint256 seed) external {
        if (stakes.length == 0) return;
        uint256 i = seed % stakes.length;
        Stake storage stake = stakes[i];
        vm.prank(stake.challenger);
        try assay.returnStake(stake.buildId, stake.number) {
            must(stake.status == StakeStatus.Live && countCovered(i) == 0, "a stake returned that was in use or dead");
            stake.status = StakeStatus.Returned;
            paidOut += CHALLENGER_BOND;
            accepted++;
        } catch {
            refused++;
        }
    }

    /// @dev A claim has fallen in a challenge.
    function refuted(Dispute storage dispute) private {
        bytes32 build = claimAt(dispute.claim).shown.buildId;
        bytes32 root = claimAt(dispute.claim).shown.finalRoot;
        dispute.over = true;
        divides(stakes[dispute.stake].challenger, SOLVER_BOND);
        // The last claim with its root has fallen, and one root is left.
        if (countLiving(build, root) == 0 && countRoots(build) == 1 && !isFinal(build))
            contradictionEndedAt[build] = block.timestamp;
        accepted++;
    }

    /// @dev Index of a stake, which is noted when it is first asked for.
    function stakeOf(address challenger, bytes32 build, uint256 number) private returns (uint256) {
        bytes32 key = Ids.stakeKey(challenger, build, number);
        for (uint256 i = 0; i < stakes.length; i++) if (stakes[i].key == key) return i;
        stakes.push(Stake(challenger, build, number, key, 0, StakeStatus.None));
        return stakes.length - 1;
    }

    function selectionOf(
        bytes32 middle,
        Challenge memory place,
        uint256 child
    ) private pure returns (Selection memory selection) {
        (selection.child, selection.startRoot, selection.endRoot) = (child, middle, middle);
        selection.siblings = new bytes32[](child);
        if (child == 1) selection.siblings[0] = place.startRoot;
    }

    function rangeOf(Challenge memory place) private pure returns (uint256) {
        return place.challengerAndRange & Ranges.MASK;
    }

    function isSolversTurn(Challenge memory place) private pure returns (bool) {
        return place.row == 0 && !Ranges.isOneStep(rangeOf(place));
    }

    function solverDeadline(Challenge memory place) private view returns (uint256) {
        return deadlineOf(place.solverAndClocks, 24);
    }

    function challengerDeadline(Challenge memory place) private view returns (uint256) {
        return deadlineOf(place.solverAndClocks, 0);
    }

    /// @param shift where what is left to the side stands in the clocks
    function deadlineOf(uint256 word, uint256 shift) private view returns (uint256) {
        uint256 left = uint24(word >> shift);
        return uint40(word >> 48) + (left > MIN_RESPONSE ? left : MIN_RESPONSE);
    }

    /// @dev The word after a move of the side whose time stands at `shift`.
    function afterMove(uint256 word, uint256 shift) private view returns (uint256) {
        uint256 since = uint40(word >> 48);
        uint256 left = uint24(word >> shift);
        uint256 used = block.timestamp - since;
        uint256 rest = used > left ? 0 : left - used;
        return word - (since << 48) + (block.timestamp << 48) - (left << shift) + (rest << shift);
    }
}
