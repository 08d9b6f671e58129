// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Assay} from "../../contracts/Assay.sol";
import {FakeStepVerifier} from "../../contracts/testing/FakeStepVerifier.sol";
import {Build, BuildStatus} from "../../contracts/types/Build.sol";
import {Claim, ClaimStatus, Commitment} from "../../contracts/types/Claim.sol";
import {ChallengeId} from "../../contracts/types/Dispute.sol";
import {Parameters} from "../../contracts/types/Parameters.sol";
import {AssayHandler} from "../../contracts/testing/AssayHandler.sol";

/// @title What holds of the protocol after any sequence of calls.
contract AssayTest {
    Assay private assay;
    FakeStepVerifier private verifier;
    AssayHandler private handler;

    /// @dev What was seen of each claim and build before: terminal states stay.
    mapping(uint256 claim => ClaimStatus) private statusOf;
    mapping(bytes32 buildId => bytes32) private finalClaimOf;

    error Insolvent(uint256 balance, uint256 liabilities);
    error ValueCreated(uint256 balance, uint256 paidIn);
    error TerminalStateLeft(uint256 claim, ClaimStatus before, ClaimStatus current);
    error FinalBuildChanged(bytes32 buildId, bytes32 before, bytes32 current);
    error WrongCount(string what, uint256 expected, uint256 given);
    error NeverReached(string what);

    function setUp() public {
        Parameters memory terms = Parameters({
            log2Arity: 1,
            maxLog2Steps: 2,
            burnPermille: 500,
            solverBond: 1 ether,
            challengerBond: 0.5 ether,
            solverBudgetSeconds: 100,
            challengerBudgetSeconds: 80,
            minResponseSeconds: 10,
            baseWindowSeconds: 300,
            tickAllowanceMicroseconds: 1_000_000,
            maxWindowSeconds: 310,
            minCommitAgeSeconds: 5,
            maxCommitAgeSeconds: 200,
            reactionSeconds: 50,
            stepsPerSecond: 1_000,
            gasPerMove: 1,
            gasPriceCeilingWei: 1
        });
        verifier = new FakeStepVerifier();
        assay = new Assay(terms, verifier);
        handler = new AssayHandler(assay);
    }

    /// @dev The runner calls the handler only.
    function excludeContracts() external view returns (address[] memory excluded) {
        excluded = new address[](2);
        (excluded[0], excluded[1]) = (address(assay), address(verifier));
    }

    /// @dev The contract holds what it owes and what is at stake; what is above that is burned.
    function invariant_solvent() external view {
        uint256 liabilities = owed() + bonds() + rewards();
        if (address(assay).balance < liabilities) revert Insolvent(address(assay).balance, liabilities);
    }

    function invariant_noValueIsCreated() external view {
        if (address(assay).balance != handler.paidIn()) revert ValueCreated(address(assay).balance, handler.paidIn());
    }

    function invariant_terminalStatesStay() external {
        checkTerminalStates();
    }

    function invariant_counters() external view {
        checkCounters();
    }

    /// @dev The tests below show that the handler's calls are no mere refusals.
    function test_theHandlerRefutesByFault() external {
        handler.claimAndReveal(1 + (2 << 16));
        handler.challenge(0);
        while (assay.claimOf(handler.claimIds(0)).status == ClaimStatus.Open) {
            handler.goOn((1 << 8) + (3 << 24));
            if (handler.refused() != 0) revert NeverReached("a fault");
        }
        if (owed() != 1 ether) revert NeverReached("the reward and the challenger's bond");
        checkAll();
    }

    function test_theHandlerRefutesByTimeout() external {
        handler.claimAndReveal(1);
        handler.claimAndReveal(1 + (1 << 8));
        if (assay.resultOf(handler.buildId(1)).status != BuildStatus.Contradicted) revert NeverReached("contradiction");
        handler.challenge(0);
        handler.challenge(256);
        handler.pass(104);
        handler.timeoutSolver(0);
        handler.closeChallenge(1);
        handler.withdraw(0);
        handler.withdraw(1);
        if (handler.refused() != 0) revert NeverReached("a time-out");
        checkAll();
    }

    function test_theHandlerFinalizesAndPays() external {
        handler.request(0);
        handler.request((1 << 8) + 100);
        handler.claimAndReveal(2);
        handler.challenge(0);
        handler.answer(0);
        handler.pass(88);
        handler.timeoutChallenger(0);
        handler.pass(2_000);
        handler.finalize(0);
        handler.pass(2_000);
        handler.payReward(0);
        handler.refund(1);
        if (handler.refused() != 0) revert NeverReached("finality");
        if (assay.resultOf(handler.buildId(0)).status != BuildStatus.Final) revert NeverReached("finality");
        checkAll();
    }

    function test_theHandlerConcedesAndExpires() external {
        handler.claimAndReveal(1);
        handler.challenge(0);
        handler.concede(0);
        handler.claimAndReveal(8);
        handler.pass(1_000);
        handler.expire(1);
        if (handler.refused() != 0) revert NeverReached("a concession and an expiry");
        checkAll();
    }

    function checkAll() private {
        this.invariant_solvent();
        this.invariant_noValueIsCreated();
        checkTerminalStates();
        checkCounters();
    }

    function checkTerminalStates() private {
        for (uint256 i = 0; i < handler.claimCount(); i++) {
            ClaimStatus current = assay.claimOf(handler.claimIds(i)).status;
            ClaimStatus before = statusOf[i];
            bool terminal = before == ClaimStatus.Refuted || before == ClaimStatus.Final;
            if (terminal && current != before) revert TerminalStateLeft(i, before, current);
            statusOf[i] = current;
        }
        for (uint256 i = 0; i < 2; i++) {
            bytes32 buildId = handler.buildId(i);
            bytes32 current = assay.resultOf(buildId).claimId;
            bytes32 before = finalClaimOf[buildId];
            if (before != 0 && current != before) revert FinalBuildChanged(buildId, before, current);
            finalClaimOf[buildId] = current;
        }
    }

    function checkCounters() private view {
        for (uint256 b = 0; b < 2; b++) {
            bytes32 buildId = handler.buildId(b);
            uint256 roots = 0;
            for (uint256 f = 0; f < 3; f++) {
                uint256 living = countLiving(buildId, handler.finalRoot(f));
                equal("living claims", living, assay.livingClaims(buildId, handler.finalRoot(f)));
                if (living != 0) roots++;
            }
            Build memory build = assay.buildOf(buildId);
            equal("different roots", roots, build.openRoots);
            if (build.finalizedAt != 0) equal("roots of a final build", 1, roots);
        }
        for (uint256 i = 0; i < handler.claimCount(); i++) {
            Claim memory claim = assay.claimOf(handler.claimIds(i));
            if (claim.status == ClaimStatus.Refuted) continue;
            equal("open challenges", countChallenges(i), claim.openChallenges);
            if (claim.status == ClaimStatus.Final) equal("challenges to a final claim", 0, claim.openChallenges);
        }
    }

    function countLiving(bytes32 buildId, bytes32 finalRoot) private view returns (uint256 number) {
        for (uint256 i = 0; i < handler.claimCount(); i++) {
            Claim memory claim = assay.claimOf(handler.claimIds(i));
            bool lives = claim.status == ClaimStatus.Open || claim.status == ClaimStatus.Final;
            if (lives && claim.buildId == buildId && claim.finalRoot == finalRoot) number++;
        }
    }

    function countChallenges(uint256 claim) private view returns (uint256 number) {
        for (uint256 i = 0; i < handler.disputeCount(); i++) {
            (ChallengeId id, uint256 target) = handler.disputeAt(i);
            if (target == claim && assay.challengeOf(id) != 0) number++;
        }
    }

    function owed() private view returns (uint256 sum) {
        for (uint256 i = 0; i < handler.accountCount(); i++) sum += assay.owed(handler.account(i));
    }

    /// @dev Bonds that somebody can still get back: of commitments, open claims and open challenges.
    function bonds() private view returns (uint256 sum) {
        for (uint256 i = 0; i < handler.claimCount(); i++) {
            Claim memory claim = assay.claimOf(handler.claimIds(i));
            sum += assay.commitmentOf(handler.solverOf(i), handler.claimIds(i)).bond;
            if (claim.status == ClaimStatus.Open) sum += claim.solverBond;
            sum += countChallenges(i) * claim.challengerBond;
        }
    }

    function rewards() private view returns (uint256) {
        return assay.buildOf(handler.buildId(0)).reward + assay.buildOf(handler.buildId(1)).reward;
    }

    function equal(string memory what, uint256 expected, uint256 given) private pure {
        if (expected != given) revert WrongCount(what, expected, given);
    }
}
