// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Bonds} from "../bonds/Bonds.sol";
import {BuildState, BuildStatus, Request, Reward} from "../types/Build.sol";
import {ClaimDetails, ClaimFields, ClaimReference, ClaimState, ClaimStatus, Outcome} from "../types/Claim.sol";
import {Ids} from "../types/Ids.sol";
import {RegistersProof, STATUS_HALTED} from "../types/MachineState.sol";
import {HandlerLedger} from "./HandlerLedger.sol";
import {vm} from "./Vm.sol";

/// @title Everything that anybody can do with claims and rewards, by a few accounts on a few builds.
/// @notice Calls that the contract refuses are counted and forgotten; a call that it takes against its rules reverts here.
abstract contract ClaimHandler is HandlerLedger {
    bytes32 private constant VERSION = bytes32(uint256(2));

    struct Entry {
        ClaimReference shown;
        ClaimDetails details;
        bytes32 id;
        uint256 round;
    }

    Entry[] private entries;
    Request[] private requests;
    /// @notice Number of the latest round of a build; when the last contradiction in it fell.
    mapping(bytes32 build => uint256) public roundOf;
    mapping(bytes32 build => uint256) public contradictionEndedAt;

    function claimCount() public view returns (uint256) {
        return entries.length;
    }

    function claimAt(uint256 i) public view returns (Entry memory) {
        return entries[i];
    }

    function stateAt(uint256 i) public view returns (ClaimState memory) {
        return assay.claimOf(entries[i].shown.solver, entries[i].id);
    }

    /// @notice Living claims of a build with a root, counted one by one.
    function countLiving(bytes32 build, bytes32 root) public view returns (uint256 number) {
        for (uint256 i = 0; i < entries.length; i++) {
            ClaimReference memory shown = entries[i].shown;
            if (shown.buildId != build || shown.finalRoot != root) continue;
            ClaimStatus status = stateAt(i).status;
            if (status == ClaimStatus.Open || status == ClaimStatus.Final) number++;
        }
    }

    /// @notice Different roots among the living claims of a build, counted one by one.
    function countRoots(bytes32 build) public view returns (uint256 number) {
        for (uint256 f = 0; f < 3; f++) if (countLiving(build, finalRoot(f)) != 0) number++;
    }

    function isFinal(bytes32 build) public view returns (bool) {
        return assay.resultOf(build).status == BuildStatus.Final;
    }

    /// @dev A claim, as a rule also revealed.
    function claimAndReveal(uint256 seed) public {
        commit(seed);
        if (seed % 8 == 0) return;
        pass(5);
        reveal(entries.length - 1);
    }

    function commit(uint256 seed) public {
        bytes32 root = finalRoot(seed >> 8);
        Outcome memory outcome = Outcome(uint8(STATUS_HALTED), 0, 1, 0, root);
        ClaimDetails memory details = ClaimDetails(bytes32(entries.length), 0, 0, keccak256(""), outcome);
        address solver = account(seed >> 24);
        ClaimReference memory shown = ClaimReference(
            solver,
            buildId(seed),
            root,
            (seed >> 16) % 3,
            Ids.details(details)
        );
        bytes32 id = Ids.claimId(address(assay), shown);
        entries.push(Entry(shown, details, id, 0));
        vm.prank(solver);
        assay.commit{value: SOLVER_BOND}(id);
        paidIn += SOLVER_BOND;
    }

    function reveal(uint256 seed) public {
        if (entries.length == 0) return;
        Entry storage entry = entries[seed % entries.length];
        ClaimReference memory shown = entry.shown;
        ClaimFields memory fields = ClaimFields(shown.buildId, shown.finalRoot, shown.log2Ticks, 0, 0, "");
        RegistersProof memory proof;
        proof.registers[0] = VERSION;
        bool wasFinal = isFinal(shown.buildId);
        bool opens = countRoots(shown.buildId) == 0;
        uint256 joinDeadline = buildState(shown.buildId).joinDeadline;
        vm.prank(shown.solver);
        try assay.reveal(fields, entry.details.salt, proof, "") {
            must(!wasFinal, "revealed on a final build");
            must(opens || block.timestamp < joinDeadline, "joined a closed round");
            if (opens) (roundOf[shown.buildId], contradictionEndedAt[shown.buildId]) = (roundOf[shown.buildId] + 1, 0);
            entry.round = roundOf[shown.buildId];
            accepted++;
        } catch {
            refused++;
        }
    }

    function expire(uint256 seed) external {
        if (entries.length == 0) return;
        Entry memory entry = entries[seed % entries.length];
        address sender = account(seed >> 8);
        vm.prank(sender);
        try assay.expireCommit(entry.shown.solver, entry.id) {
            (uint256 returned, uint256 rest) = Bonds.split(SOLVER_BOND, BURN_PERMILLE);
            pays(entry.shown.solver, returned, sender);
            burned += rest;
            accepted++;
        } catch {
            refused++;
        }
    }

    function returnCommit(uint256 seed) public {
        if (entries.length == 0) return;
        Entry memory entry = entries[seed % entries.length];
        address sender = account(seed >> 8);
        uint256 earliest = stateAt(seed % entries.length).committedAt + MIN_COMMIT_AGE;
        bool closed = countRoots(entry.shown.buildId) != 0 || isFinal(entry.shown.buildId);
        uint256 joinDeadline = buildState(entry.shown.buildId).joinDeadline;
        vm.prank(sender);
        try assay.returnCommit(entry.shown) {
            must(closed && joinDeadline <= earliest, "returned what could have been revealed");
            pays(entry.shown.solver, SOLVER_BOND, sender);
            accepted++;
        } catch {
            refused++;
        }
    }

    /// @dev A commitment that comes too late for the round of its build, and its return.
    function commitTooLate(uint256 seed) external {
        commit(seed);
        returnCommit(entries.length - 1 + entries.length * (seed >> 128));
    }

    function finalize(uint256 seed) public {
        if (entries.length == 0) return;
        uint256 claim = seed % entries.length;
        Entry memory entry = entries[claim];
        bytes32 build = entry.shown.buildId;
        bool agree = countRoots(build) == 1;
        bool isQuiet = countChallenges(claim) == 0;
        uint256 calm = contradictionEndedAt[build];
        bool calmAgain = isFinal(build) || calm == 0 || block.timestamp >= calm + REACTION;
        address sender = account(seed >> 8);
        vm.prank(sender);
        try assay.finalize(entry.shown, entry.details) {
            must(agree, "final while claims contradict each other");
            must(isQuiet, "final while challenged");
            must(calmAgain, "final within the reaction time");
            must(block.timestamp >= stateAt(claim).windowEnd, "final within its window");
            pays(entry.shown.solver, SOLVER_BOND, sender);
            accepted++;
        } catch {
            refused++;
        }
    }

    function request(uint256 seed) external {
        address requester = account(seed);
        uint256 amount = 1 + (seed % 1 ether);
        Request memory made = Request(
            requester,
            buildId(seed >> 8),
            block.timestamp + 1 + (seed % 500),
            requests.length
        );
        vm.prank(requester);
        try assay.request{value: amount}(made.buildId, made.expiry, made.number, "") {
            requests.push(made);
            paidIn += amount;
            accepted++;
        } catch {
            refused++;
        }
    }

    function refund(uint256 seed) external {
        if (requests.length == 0) return;
        Request memory made = requests[seed % requests.length];
        bytes32 id = Ids.requestId(made.requester, made.buildId, made.expiry, made.number);
        uint256 amount = assay.requestOf(id);
        bool free = countRoots(made.buildId) == 0;
        address sender = account(seed >> 8);
        vm.prank(sender);
        try assay.refundRequest(made) {
            must(free && block.timestamp >= made.expiry, "refunded while claims live");
            pays(made.requester, amount, sender);
            accepted++;
        } catch {
            refused++;
        }
    }

    function payReward(uint256 seed) external {
        bytes32 build = buildId(seed);
        Reward memory reward = assay.rewardOf(build);
        bytes32 senior = mostSenior(build);
        address sender = account(seed >> 8);
        vm.prank(sender);
        try assay.payReward(build) {
            must(reward.seniorClaim == senior, "a reward not to the most senior claim");
            pays(reward.seniorSolver, reward.amount, sender);
            accepted++;
        } catch {
            refused++;
        }
    }

    function countChallenges(uint256 claim) public view virtual returns (uint256);

    function buildState(bytes32 build) internal view returns (BuildState memory state) {
        (state, ) = assay.buildOf(build);
    }

    /// @dev Id of the settled claim of a build that was committed to first.
    function mostSenior(bytes32 build) private view returns (bytes32 id) {
        uint256 best = type(uint256).max;
        for (uint256 i = 0; i < entries.length; i++) {
            ClaimState memory state = stateAt(i);
            if (entries[i].shown.buildId != build || state.status != ClaimStatus.Final) continue;
            if (state.committedAt > best || (state.committedAt == best && entries[i].id > id)) continue;
            (best, id) = (state.committedAt, entries[i].id);
        }
    }
}
