// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Build, BuildResult, Request} from "../types/Build.sol";
import {Claim, ClaimFields, Commitment} from "../types/Claim.sol";
import {ChallengeId, CheckpointPair, Opening, Position, Reveal, Selection, TickProof} from "../types/Dispute.sol";
import {RegistersProof} from "../types/MachineState.sol";
import {Parameters} from "../types/Parameters.sol";
import {IAssayErrors} from "./IAssayErrors.sol";
import {IAssayEvents} from "./IAssayEvents.sol";
import {IStepVerifier} from "./IStepVerifier.sol";

/// @title Claims about builds, the disputes that refute wrong ones, and the results that survive.
/// @notice No owner, no upgrade, no token: bonds are ETH, everything owed is fetched with `withdraw`. Burned ETH stays in this
/// contract for good: nothing can move it.
///
/// Time. A move is valid while `block.timestamp <= deadline`, a time-out when `block.timestamp > deadline`. A window is open
/// while `block.timestamp < end`.
///
/// Turns. It is the solver's turn iff the cursor is longer than one step and its node is not revealed; at one step it is
/// always the challenger's. The solver's clock starts at the cursor's `movedAt`, the challenger's at the later of `movedAt`
/// and the reveal's `postedAt`; a turn lasts `max(what is left of the budget, minResponseSeconds)`.
///
/// Finality means something only for a `buildId` that the reader has derived from a program it has validated: the
/// contract knows roots, not what they stand for.
interface IAssay is IAssayEvents, IAssayErrors {
    // claims and rounds

    /// @notice Commits to a claim without showing it. `msg.value` is the full bond, `solverBond`.
    /// @param claimId see `claimIdOf`: it binds chain, contract, sender, salt and all fields
    /// @return number place in the order of all commitments, which is seniority
    function commit(bytes32 claimId) external payable returns (uint64 number);

    /// @notice Reveals a claim that the sender has committed to, at least `minCommitAgeSeconds` and at most
    /// `maxCommitAgeSeconds` ago. It opens a round for its build, or joins the open one before its join deadline.
    /// @param salt what the commitment hid the fields with
    /// @param startProof registers of `buildId`: this machine's version, status ready, scratch zero
    /// @param endProof registers and result record of `finalRoot` (see `IStepVerifier.result`): halted or trapped
    function reveal(
        ClaimFields calldata fields,
        bytes32 salt,
        RegistersProof calldata startProof,
        bytes calldata endProof
    ) external;

    /// @notice Ends a commitment that was not revealed in time: the burned share of its bond burns, the rest goes back to
    /// the solver. Anyone may call.
    function expireCommit(address solver, bytes32 claimId) external;

    /// @notice Settles a claim that has survived: bond back to its solver; the first one makes the build final. Anyone may
    /// call, once per claim, from `finalizableFrom` on, while no challenge is open against the claim and all living claims
    /// of the round share its final root.
    function finalize(bytes32 claimId) external;

    // disputes

    /// @notice Challenges a claim over its whole range. `msg.value` is the claim's `challengerBond`. Valid while the claim's
    /// window is open, while living claims contradict each other, and `reactionSeconds` from the last contradiction's fall.
    function challenge(bytes32 claimId) external payable returns (ChallengeId id);

    /// @notice Challenges a claim between two neighbouring checkpoints of its list; otherwise as `challenge`.
    function challengeCheckpoints(
        bytes32 claimId,
        CheckpointPair calldata pair
    ) external payable returns (ChallengeId id);

    /// @notice The solver answers a cursor longer than one tick or step: the states that cut it into equal parts.
    /// @param firstDemander of the node's `Reveal`; zero where none is recorded
    /// @param interiorRoots 2^bits - 1 of them, in order; bits is `log2Length mod log2Arity`, or log2Arity if that is zero
    function postRow(
        ChallengeId id,
        Position calldata position,
        ChallengeId firstDemander,
        bytes32[] calldata interiorRoots
    ) external;

    /// @notice The solver answers a cursor of one tick: its number of steps, and the first row over them.
    /// @param firstDemander of the node's `Reveal`
    /// @param interiorRoots as for a row over 2^log2Steps steps from the resumed start; none if log2Steps is 0
    function openTick(
        ChallengeId id,
        Position calldata position,
        ChallengeId firstDemander,
        TickProof calldata tick,
        bytes32[] calldata interiorRoots
    ) external;

    /// @notice The challenger moves its cursor to a child of the row at its node.
    function select(ChallengeId id, Position calldata position, Selection calldata selection) external;

    /// @notice The challenger moves its cursor through several rows that are already there, in one turn. This is also how
    /// it selects through an opening: into the row that the opening carries, or, where log2Steps is 0, to child 0 (whose
    /// start is the resumed root and whose end the cursor's own, without siblings).
    /// @param opening the opening that the path goes through; ignored if it goes through none
    function selectMany(
        ChallengeId id,
        Position calldata position,
        Selection[] calldata selections,
        Opening calldata opening
    ) external;

    /// @notice Executes the one step of the cursor. If it does not end where the solver says, the claim is refuted. Anyone
    /// may call; the reward goes to the position's holder if that challenge is open, else to this challenge. Valid until
    /// the challenge is over, even after the challenger's deadline.
    /// @param witness of the step, as `IStepVerifier.step` takes it
    function proveFault(ChallengeId id, Position calldata position, bytes calldata witness) external;

    /// @notice The challenger's last selection and the fault proof in one transaction: `select` of a single step in a row,
    /// then `proveFault` of it. There is no `CursorMoved` event: the claim has fallen.
    function selectFault(
        ChallengeId id,
        Position calldata position,
        Selection calldata selection,
        bytes calldata witness
    ) external;

    /// @notice Refutes a claim whose solver did not answer this challenge by its deadline, or answered after it and the
    /// challenger has not moved on. Anyone may call; the challenge's challenger gets the reward.
    /// @param shown what is stored for the node
    function timeoutSolver(ChallengeId id, Position calldata position, Reveal calldata shown) external;

    /// @notice Ends a challenge whose challenger let its deadline pass: its bond is split between solver and fire. Anyone
    /// may call, while the claim is open.
    /// @param shown what is stored for the node; ignored at one step
    function timeoutChallenger(ChallengeId id, Position calldata position, Reveal calldata shown) external;

    /// @notice The solver's time-out in this challenge at once, with the same consequences. Only the solver, in its turn.
    /// @param firstDemander of the node's `Reveal`
    function concede(ChallengeId id, Position calldata position, ChallengeId firstDemander) external;

    /// @notice Returns the bond of a challenge that is still open when its claim has been refuted. Anyone may call.
    function closeChallenge(ChallengeId id, Position calldata position) external;

    // rewards and bonds

    /// @notice Puts `msg.value` as a reward on a build.
    /// @param expiry from when on it can be taken back, if no round is open then and the build is not final
    /// @param locator where the build's description and inputs can be fetched: a hint
    /// @return requestId `keccak256(abi.encode(chain id, contract, requester, buildId, number of the request))`
    function request(
        bytes32 buildId,
        uint40 expiry,
        string calldata locator
    ) external payable returns (bytes32 requestId);

    /// @notice Gives the amount of an expired request back to its requester. Anyone may call.
    function refundRequest(bytes32 requestId) external;

    /// @notice Credits the reward on a final build to the solver of the settled claim with the lowest commit number. Anyone
    /// may call, once, from `rewardDueFrom` on.
    function payReward(bytes32 buildId) external;

    /// @notice Sends all that the sender is owed to `receiver`.
    function withdraw(address payable receiver) external;

    // views

    /// @notice The answer a client reads; see `BuildResult`.
    function resultOf(bytes32 buildId) external view returns (BuildResult memory);

    function buildOf(bytes32 buildId) external view returns (Build memory);

    /// @notice Number of living claims for a build that have this final root. (A finalized claim still counts.)
    function livingClaims(bytes32 buildId, bytes32 finalRoot) external view returns (uint256);

    function claimOf(bytes32 claimId) external view returns (Claim memory);

    function commitmentOf(address solver, bytes32 claimId) external view returns (Commitment memory);

    function requestOf(bytes32 requestId) external view returns (Request memory);

    /// @notice Hash of a challenge's position, `keccak256(abi.encode(position))`; zero if it is not open.
    function challengeOf(ChallengeId id) external view returns (bytes32 positionHash);

    /// @notice Hash of a node's reveal, `keccak256(abi.encode(reveal))`; zero if nobody has demanded it.
    function revealOf(bytes32 node) external view returns (bytes32 revealHash);

    /// @notice What an account can withdraw, in wei.
    function owed(address account) external view returns (uint256);

    /// @notice Whether a claim can be challenged now.
    function isChallengeable(bytes32 claimId) external view returns (bool);

    /// @notice The second from which a claim can be finalized, as far as time decides it: the latest of the round's join
    /// deadline, the claim's window end, and the end of the reaction time. 0 if it is not open.
    function finalizableFrom(bytes32 claimId) external view returns (uint256);

    /// @notice The second from which the reward on a final build can be paid; 0 while it is not final.
    function rewardDueFrom(bytes32 buildId) external view returns (uint256);

    /// @notice D: the longest that a challenge to a claim of 2^log2Ticks ticks can last, in seconds, when somebody calls
    /// every time-out that is due: both budgets and 2 * maxRounds * minResponseSeconds.
    function disputeSeconds(uint8 log2Ticks) external view returns (uint256);

    /// @notice Window of a claim of 2^log2Ticks ticks, in seconds.
    function windowSeconds(uint8 log2Ticks) external view returns (uint256);

    /// @notice `keccak256(abi.encode(chain id, contract, solver, salt, fields))`.
    function claimIdOf(
        address solver,
        bytes32 salt,
        ClaimFields calldata fields
    ) external view returns (bytes32 claimId);

    function parameters() external view returns (Parameters memory);

    function stepVerifier() external view returns (IStepVerifier);
}
