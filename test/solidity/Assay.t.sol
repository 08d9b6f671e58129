// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Assay} from "../../contracts/Assay.sol";
import {AssayHandler} from "../../contracts/testing/AssayHandler.sol";
import {ClaimHandler} from "../../contracts/testing/ClaimHandler.sol";
import {FakeStepVerifier} from "../../contracts/testing/FakeStepVerifier.sol";
import {BuildState, BuildStatus} from "../../contracts/types/Build.sol";
import {StakeState, StakeStatus} from "../../contracts/types/Challenge.sol";
import {ClaimState, ClaimStatus} from "../../contracts/types/Claim.sol";
import {Ids} from "../../contracts/types/Ids.sol";
import {Parameters} from "../../contracts/types/Parameters.sol";

/// @title What holds of the protocol after any sequence of calls: the invariants of `PROTOCOL`, counted anew each time.
contract AssayTest {
    Assay private assay;
    FakeStepVerifier private verifier;
    AssayHandler private handler;

    /// @dev What was seen of each claim, stake and build before: terminal states stay.
    mapping(uint256 claim => ClaimStatus) private claimBefore;
    mapping(uint256 stake => StakeStatus) private stakeBefore;
    mapping(bytes32 buildId => bytes32) private resultBefore;

    error WrongAmount(string what, uint256 expected, uint256 given);
    error WrongCount(string what, uint256 expected, uint256 given);
    error WrongWord(uint256 dispute);
    error TerminalStateLeft(string what, uint256 number);
    error WindowBeforeJoinDeadline(uint256 claim, uint256 windowEnd, uint256 joinDeadline);
    error NeverReached(string what);

    function setUp() public {
        Parameters memory terms = Parameters({
            log2Arity: 1,
            maxLog2Steps: 3,
            burnPermille: 501,
            solverBond: 1 ether + 1,
            challengerBond: 0.5 ether + 1,
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
            solverDisputeGas: 1,
            challengerDisputeGas: 1,
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

    /// @dev I1 and I3; and every challenge stands where its moves have led.
    function invariant_counts() external view {
        checkBuilds();
        checkClaims();
        checkStakes();
        checkRounds();
        checkWords();
    }

    /// @dev I2 and I4; and what has ended stays as it is.
    function invariant_moneyAndEnds() external {
        checkMoney();
        checkTerminalStates();
    }

    /// @dev The tests below show that the handler's calls are no mere refusals.
    function test_theHandlerRefutesByFault() external {
        handler.claimAndReveal(1 + (2 << 16));
        handler.challenge(1);
        for (uint256 i = 0; i < 20 && status(0) == ClaimStatus.Open; i++) handler.goOn(1 + (1 << 8));
        if (status(0) != ClaimStatus.Refuted) revert NeverReached("a fault");
        handler.returnStake(0);
        handler.withdraw(1);
        if (handler.refused() != 0) revert NeverReached("the reward and the stake");
        checkAll();
    }

    function test_theHandlerRefutesClonesWithOneStake() external {
        handler.cloneAndChallenge(1);
        if (handler.stakeAt(0).covered != 2) revert NeverReached("a stake that covers two claims");
        handler.pass(104);
        handler.timeoutSolver(0);
        handler.timeoutSolver(1);
        handler.returnStake(0);
        if (handler.refused() != 0) revert NeverReached("two time-outs");
        checkAll();
    }

    function test_theHandlerLosesAStakeThatWinsElsewhere() external {
        handler.cloneAndChallenge(1);
        handler.answer(0);
        handler.pass(400);
        handler.timeoutChallenger(0);
        if (handler.stakeAt(0).status != StakeStatus.Lost) revert NeverReached("a lost stake");
        uint256 burned = handler.burned();
        if (burned != 0.5 ether + 1) revert NeverReached("a stake that burns in full");
        handler.timeoutSolver(1);
        if (handler.refused() != 0 || status(1) != ClaimStatus.Refuted) revert NeverReached("a dead stake's win");
        checkAll();
    }

    function test_theHandlerClosesAndDivides() external {
        handler.claimAndReveal(1);
        handler.challenge(0);
        handler.challenge(1);
        handler.challenge(2);
        handler.answer(2);
        handler.pass(400);
        handler.timeoutChallenger(2);
        if (handler.burned() == 0.5 ether + 1) revert NeverReached("a stake that is divided");
        handler.timeoutSolver(0);
        handler.closeChallenge(1);
        if (handler.refused() != 0) revert NeverReached("a closed challenge");
        checkAll();
    }

    function test_theHandlerFinalizesAndPaysEarly() external {
        handler.request(0);
        handler.request((1 << 8) + 100);
        handler.claimAndReveal(2);
        handler.claimAndReveal(2);
        handler.challenge(0);
        handler.concede(0);
        handler.pass(2_000 * 4);
        handler.pass(580);
        handler.finalize(1);
        handler.payReward(0);
        handler.refund(1);
        if (handler.refused() != 0) revert NeverReached("finality");
        if (assay.resultOf(handler.buildId(0)).status != BuildStatus.Final) revert NeverReached("finality");
        checkAll();
    }

    function test_theHandlerWaitsForTheReactionTime() external {
        handler.claimAndReveal(1);
        handler.claimAndReveal(1 + (1 << 8));
        handler.challenge(1);
        handler.pass(580);
        handler.timeoutSolver(0);
        if (handler.refused() != 0) revert NeverReached("the end of a contradiction");
        handler.finalize(0);
        if (handler.refused() != 1) revert NeverReached("a refusal within the reaction time");
        handler.pass(52);
        handler.finalize(0);
        if (status(0) != ClaimStatus.Final) revert NeverReached("finality after the reaction time");
        checkAll();
    }

    function test_theHandlerOpensASecondRound() external {
        handler.claimAndReveal(1);
        handler.claimAndReveal(1 + (1 << 8));
        handler.challenge(0);
        handler.challenge(1);
        handler.pass(104);
        handler.timeoutSolver(0);
        handler.timeoutSolver(1);
        handler.claimAndReveal(1 + (1 << 8));
        if (handler.roundOf(handler.buildId(1)) != 2) revert NeverReached("a second round");
        if (handler.refused() != 0) revert NeverReached("two time-outs");
        checkAll();
    }

    function test_theHandlerReturnsAndExpiresCommitments() external {
        handler.claimAndReveal(2);
        handler.pass(296);
        handler.commitTooLate(2);
        if (status(1) != ClaimStatus.Returned) revert NeverReached("a commitment that returns");
        handler.commit(8 + 1);
        handler.pass(400);
        handler.expire(2);
        if (handler.refused() != 0 || status(2) != ClaimStatus.Returned) revert NeverReached("an expiry");
        checkAll();
    }

    function checkAll() private {
        checkBuilds();
        checkClaims();
        checkStakes();
        checkMoney();
        checkRounds();
        checkWords();
        checkTerminalStates();
    }

    function checkBuilds() private view {
        for (uint256 b = 0; b < 2; b++) {
            bytes32 buildId = handler.buildId(b);
            (BuildState memory build, bytes32 firstRoot) = assay.buildOf(buildId);
            uint256 open = 0;
            for (uint256 i = 0; i < handler.claimCount(); i++) {
                if (handler.claimAt(i).shown.buildId == buildId && status(i) == ClaimStatus.Open) open++;
            }
            equal("open claims", open, build.openClaims);
            if (handler.isFinal(buildId)) {
                equal("roots of a final build", 1, handler.countRoots(buildId));
                continue;
            }
            equal("different roots", handler.countRoots(buildId), build.openRoots);
            for (uint256 f = 0; f < 3; f++) {
                bytes32 root = handler.finalRoot(f);
                uint256 living = handler.countLiving(buildId, root);
                equal("living claims", living, assay.livingClaims(buildId, root));
                if (root == firstRoot) equal("claims with the first root", living, build.firstRootClaims);
            }
            if (build.openRoots != 0)
                equal("calm since", handler.contradictionEndedAt(buildId), build.contradictionEndedAt);
        }
    }

    function checkClaims() private view {
        for (uint256 i = 0; i < handler.claimCount(); i++) {
            ClaimState memory claim = handler.stateAt(i);
            if (claim.status == ClaimStatus.Refuted) continue;
            equal("open challenges", handler.countChallenges(i), claim.openChallenges);
            if (claim.status == ClaimStatus.Final) equal("challenges to a final claim", 0, claim.openChallenges);
        }
    }

    function checkStakes() private view {
        for (uint256 i = 0; i < handler.stakeCount(); i++) {
            StakeState memory stake = assay.stakeOf(handler.stakeAt(i).key);
            equal("a stake's open challenges", handler.countCovered(i), stake.open);
            equal("a stake's status", uint256(handler.stakeAt(i).status), uint256(stake.status));
            equal("whether it has covered several", handler.stakeAt(i).covered > 1 ? 1 : 0, stake.several ? 1 : 0);
        }
    }

    /// @dev The contract holds what it owes, what is at stake, and what is burned: no wei more or less.
    function checkMoney() private view {
        uint256 credited = 0;
        for (uint256 i = 0; i < handler.accountCount(); i++) {
            uint256 credit = handler.creditOf(handler.account(i));
            credited += credit;
            amount("owed", credit == 0 ? 0 : credit - 1, assay.owed(handler.account(i)));
        }
        uint256 bonds = 0;
        for (uint256 i = 0; i < handler.claimCount(); i++) {
            ClaimStatus current = status(i);
            if (current == ClaimStatus.Committed || current == ClaimStatus.Open) bonds += 1 ether + 1;
        }
        for (uint256 i = 0; i < handler.stakeCount(); i++) {
            if (assay.stakeOf(handler.stakeAt(i).key).status == StakeStatus.Live) bonds += 0.5 ether + 1;
        }
        uint256 rewards = 0;
        for (uint256 b = 0; b < 2; b++) rewards += assay.rewardOf(handler.buildId(b)).amount;
        uint256 balance = address(assay).balance;
        amount("balance by claims on it", credited + bonds + rewards + handler.burned(), balance);
        amount("balance by payments", handler.paidIn() - handler.paidOut(), balance);
    }

    function checkRounds() private view {
        for (uint256 i = 0; i < handler.claimCount(); i++) {
            ClaimHandler.Entry memory entry = handler.claimAt(i);
            bytes32 buildId = entry.shown.buildId;
            if (entry.round == 0 || entry.round != handler.roundOf(buildId)) continue;
            (BuildState memory build, ) = assay.buildOf(buildId);
            uint256 windowEnd = handler.stateAt(i).windowEnd;
            if (windowEnd < build.joinDeadline) revert WindowBeforeJoinDeadline(i, windowEnd, build.joinDeadline);
        }
    }

    function checkWords() private view {
        for (uint256 i = 0; i < handler.disputeCount(); i++) {
            AssayHandler.Dispute memory dispute = handler.disputeAt(i);
            bytes32 expected = dispute.over ? bytes32(0) : Ids.challengeWord(dispute.place);
            if (assay.challengeOf(dispute.place.id) != expected) revert WrongWord(i);
        }
    }

    function checkTerminalStates() private {
        for (uint256 i = 0; i < handler.claimCount(); i++) {
            ClaimStatus before = claimBefore[i];
            bool terminal = before >= ClaimStatus.Refuted;
            if (terminal && status(i) != before) revert TerminalStateLeft("claim", i);
            claimBefore[i] = status(i);
        }
        for (uint256 i = 0; i < handler.stakeCount(); i++) {
            StakeStatus current = assay.stakeOf(handler.stakeAt(i).key).status;
            if (stakeBefore[i] >= StakeStatus.Lost && current != stakeBefore[i]) revert TerminalStateLeft("stake", i);
            stakeBefore[i] = current;
        }
        for (uint256 b = 0; b < 2; b++) {
            bytes32 buildId = handler.buildId(b);
            bytes32 before = resultBefore[buildId];
            bytes32 current = keccak256(abi.encode(assay.resultOf(buildId)));
            if (before != 0 && current != before) revert TerminalStateLeft("build", b);
            if (handler.isFinal(buildId)) resultBefore[buildId] = current;
        }
    }

    function status(uint256 claim) private view returns (ClaimStatus) {
        return handler.stateAt(claim).status;
    }

    function equal(string memory what, uint256 expected, uint256 given) private pure {
        if (expected != given) revert WrongCount(what, expected, given);
    }

    function amount(string memory what, uint256 expected, uint256 given) private pure {
        if (expected != given) revert WrongAmount(what, expected, given);
    }
}
