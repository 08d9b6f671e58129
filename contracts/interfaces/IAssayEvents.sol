// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ClaimFields} from "../types/Claim.sol";
import {ChallengeId, Position} from "../types/Dispute.sol";

/// @title What the protocol tells the world.
/// @notice The events alone carry everything that a party needs for its moves: no transaction's input has to be decoded.
interface IAssayEvents {
    /// @notice A solver has committed to a claim.
    event ClaimCommitted(bytes32 indexed claimId, address indexed solver, uint64 number);

    /// @notice A commitment was not revealed in time.
    event CommitExpired(bytes32 indexed claimId, address indexed solver, uint256 returned, uint256 burned);

    /// @notice A claim has been revealed.
    /// @param opensRound whether it is the first of its round
    event ClaimRevealed(
        bytes32 indexed claimId,
        bytes32 indexed buildId,
        address indexed solver,
        ClaimFields fields,
        uint40 windowEnd,
        uint40 joinDeadline,
        bool opensRound
    );

    /// @notice A claim is wrong, or its solver has given it up.
    /// @param rewarded who gets the paid share of its bond
    event ClaimRefuted(
        bytes32 indexed claimId,
        bytes32 indexed buildId,
        ChallengeId indexed challengeId,
        Refutation cause,
        address rewarded,
        uint256 paid,
        uint256 burned
    );

    /// @notice A claim has survived and its solver has the bond back.
    event ClaimFinalized(bytes32 indexed claimId, bytes32 indexed buildId);

    /// @notice A build is final, through this claim.
    event BuildFinalized(bytes32 indexed buildId, bytes32 indexed claimId, bytes32 finalRoot);

    /// @notice A challenge has been opened. Its challenger is the first 20 bytes of its id.
    event ChallengeOpened(bytes32 indexed claimId, ChallengeId indexed challengeId, Position position);

    /// @notice The solver has answered a node with a row. The node's first demander, where one is recorded, is the challenge
    /// of the first `ChallengeOpened` or `CursorMoved` event with a position of that node.
    event RowPosted(bytes32 indexed node, bytes32[] interiorRoots);

    /// @notice The solver has opened a tick.
    event TickOpened(bytes32 indexed node, uint8 log2Steps, bytes32 resumedRoot, bytes32[] interiorRoots);

    /// @notice A challenger has moved its cursor: this is where it stands now.
    event CursorMoved(ChallengeId indexed challengeId, Position position);

    /// @notice A challenger has let its deadline pass.
    event ChallengeLost(bytes32 indexed claimId, ChallengeId indexed challengeId, uint256 paid, uint256 burned);

    /// @notice A challenge to a refuted claim has its bond back.
    event ChallengeClosed(bytes32 indexed claimId, ChallengeId indexed challengeId);

    /// @notice Somebody has put a reward on a build.
    event BuildRequested(
        bytes32 indexed requestId,
        bytes32 indexed buildId,
        address indexed requester,
        uint256 amount,
        uint40 expiry,
        string locator
    );

    /// @notice A requester has its amount back.
    event RequestRefunded(bytes32 indexed requestId, bytes32 indexed buildId, uint256 amount);

    /// @notice The reward on a build has been credited.
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
