// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Challenge} from "../types/Challenge.sol";
import {ClaimFields, Outcome} from "../types/Claim.sol";

/// @title What the protocol tells the world.
/// @notice The events alone carry everything that a party needs for its moves: no transaction's input has to be decoded. Each
/// event of a challenge holds the whole preimage of the word that is stored after it.
interface IAssayEvents {
    /// @notice A solver has committed to a claim.
    event ClaimCommitted(bytes32 indexed claimId, address indexed solver);

    /// @notice A commitment has ended without a reveal.
    /// @param burned 0 if it could not have been revealed
    event CommitEnded(bytes32 indexed claimId, address indexed solver, uint256 returned, uint256 burned);

    /// @notice A claim has been revealed.
    /// @param salt with the fields and the outcome it makes the claim's id
    /// @param opensRound whether it is the first of its round
    event ClaimRevealed(
        bytes32 indexed claimId,
        bytes32 indexed buildId,
        address indexed solver,
        ClaimFields fields,
        bytes32 salt,
        Outcome outcome,
        uint40 windowEnd,
        uint40 joinDeadline,
        bool opensRound
    );

    /// @notice A claim is wrong, or its solver has given it up.
    /// @param rewarded the challenger, who gets the paid share of its bond
    event ClaimRefuted(
        bytes32 indexed claimId,
        bytes32 indexed buildId,
        bytes32 indexed challengeId,
        Refutation cause,
        address rewarded,
        uint256 paid,
        uint256 burned
    );

    /// @notice A claim has survived and its solver has the bond back.
    event ClaimFinalized(bytes32 indexed claimId, bytes32 indexed buildId);

    /// @notice A build is final, through this claim.
    event BuildFinalized(bytes32 indexed buildId, bytes32 indexed claimId, bytes32 finalRoot);

    /// @notice A challenge has been opened.
    event ChallengeOpened(
        bytes32 indexed claimId,
        bytes32 indexed challengeId,
        address indexed challenger,
        uint256 stakeNumber,
        Challenge challenge
    );

    /// @notice The solver has answered: with a row, or, where the range was one tick, with its opening.
    /// @param interiorRoots the states that cut the range, in order
    event Answered(bytes32 indexed challengeId, Challenge challenge, bytes32[] interiorRoots);

    /// @notice The challenger has selected a child.
    event Selected(bytes32 indexed challengeId, Challenge challenge);

    /// @notice A challenger has let its deadline pass. Its stake is lost, unless it was before.
    /// @param paid what the solver gets of the stake
    /// @param burned the rest of it; both are 0 if the stake was lost before
    event ChallengeLost(bytes32 indexed claimId, bytes32 indexed challengeId, uint256 paid, uint256 burned);

    /// @notice A challenge to a claim that was refuted in another one has ended.
    event ChallengeClosed(bytes32 indexed claimId, bytes32 indexed challengeId);

    /// @notice A challenger has taken its stake back.
    event StakeReturned(address indexed challenger, bytes32 indexed buildId, uint256 stakeNumber);

    /// @notice Somebody has put a reward on a build.
    event BuildRequested(
        bytes32 indexed requestId,
        bytes32 indexed buildId,
        address indexed requester,
        uint256 amount,
        uint256 expiry,
        uint256 number,
        string locator
    );

    /// @notice A requester has its amount back.
    event RequestRefunded(bytes32 indexed requestId, bytes32 indexed buildId, uint256 amount);

    /// @notice The reward on a build has been paid or credited.
    event RewardPaid(bytes32 indexed buildId, address indexed solver, uint256 amount);

    /// @notice An account has fetched what it was owed.
    event Withdrawn(address indexed account, address indexed receiver, uint256 amount);

    /// @notice How a claim fell.
    enum Refutation {
        Fault,
        Timeout,
        Concession
    }
}
