// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {BuildResult, BuildState, Request, Reward} from "../types/Build.sol";
import {Challenge, CheckpointPair, Selection, StakeState, TickProof, Unanswered} from "../types/Challenge.sol";
import {ClaimDetails, ClaimFields, ClaimReference, ClaimState} from "../types/Claim.sol";
import {RegistersProof} from "../types/MachineState.sol";
import {Parameters} from "../types/Parameters.sol";
import {IAssayErrors} from "./IAssayErrors.sol";
import {IAssayEvents} from "./IAssayEvents.sol";
import {IStepVerifier} from "./IStepVerifier.sol";

/// @title Claims about builds, the disputes that refute wrong ones, and the results that survive.
/// @notice No owner, no upgrade, no token: bonds and stakes are ETH. What is owed to the sender of a call is sent at once where
/// the call says so, and fetched with `withdraw` otherwise. Burned ETH stays in this contract for good: nothing can move it.
///
/// Time. A move is valid while `block.timestamp <= deadline`, a time-out when `block.timestamp > deadline`. A window is open
/// while `block.timestamp < end`.
///
/// Turns. A challenge without a row whose range is longer than one step waits for its solver; every other for its challenger.
/// A turn lasts `max(what is left of the budget, minResponseSeconds)` from the last move.
///
/// What is shown. Claims, stakes and challenges are stored as one word each; calls show the fields, whose hash must be the id
/// or the stored word. The events hold all of them.
///
/// Finality means something only for a `buildId` that the reader has derived from a program it has validated: the
/// contract knows roots, not what they stand for.
interface IAssay is IAssayEvents, IAssayErrors {
    // claims and rounds

    /// @notice Commits to a claim without showing it. `msg.value` is the full bond, `solverBond`.
    /// @param claimId see `ClaimReference`: it binds chain, contract, sender, salt, all fields and the outcome
    function commit(bytes32 claimId) external payable;

    /// @notice Reveals a claim that the sender has committed to, at least `minCommitAgeSeconds` and at most
    /// `maxCommitAgeSeconds` ago. It opens a round for its build, or joins the open one before its join deadline, which is
    /// `baseWindowSeconds` after the reveal that opened the round.
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
    /// the solver, at once if it is the sender. Anyone may call.
    function expireCommit(address solver, bytes32 claimId) external;

    /// @notice Ends a commitment that cannot be revealed, because the round of its build closed, or the build became final,
    /// before its first second: its whole bond goes back to the solver, at once if it is the sender. Anyone may call that
    /// knows the fields, also before the commitment expires.
    function returnCommit(ClaimReference calldata claim) external;

    /// @notice Settles a claim that has survived: bond back to its solver, at once if it is the sender; the first one makes
    /// the build final. Anyone may call, once per claim, when its window is over, no challenge is open against it, all living
    /// claims of the round share its final root, and, if a contradiction has fallen, `reactionSeconds` have passed since.
    function finalize(ClaimReference calldata claim, ClaimDetails calldata details) external;

    // disputes

    /// @notice Challenges a claim over its whole range. Valid while the claim's window is open, while living claims contradict
    /// each other, and `reactionSeconds` from the last contradiction's fall.
    /// @param stakeNumber the challenger's own choice, together with the build it names a stake. A new one takes
    /// `challengerBond` as `msg.value`; one that already covers claims of the build takes nothing
    function challenge(
        ClaimReference calldata claim,
        uint256 stakeNumber
    ) external payable returns (bytes32 challengeId);

    /// @notice Challenges a claim between two neighbouring checkpoints of its list; otherwise as `challenge`.
    function challengeCheckpoints(
        ClaimReference calldata claim,
        ClaimDetails calldata details,
        CheckpointPair calldata pair,
        uint256 stakeNumber
    ) external payable returns (bytes32 challengeId);

    /// @notice The solver answers a range longer than one tick or step: the states that cut it into equal parts.
    /// @param interiorRoots 2^bits - 1 of them, in order; bits is `log2Length mod log2Arity`, or log2Arity if that is zero
    function postRow(Unanswered calldata shown, bytes32[] calldata interiorRoots) external;

    /// @notice The solver answers a range of one tick: its number of steps, and the first row over them.
    /// @param interiorRoots as for a row over 2^log2Steps steps from the resumed start; none if log2Steps is 0
    function openTick(Unanswered calldata shown, TickProof calldata tick, bytes32[] calldata interiorRoots) external;

    /// @notice The challenger moves on to a child of the row.
    function select(Challenge calldata shown, Selection calldata selection) external;

    /// @notice The challenger's last selection and the fault proof in one transaction: `select` of a single step, then
    /// `proveFault` of it. There is no `Selected` event: the claim has fallen.
    function selectFault(
        Challenge calldata shown,
        ClaimReference calldata claim,
        uint256 stakeNumber,
        Selection calldata selection,
        bytes calldata witness
    ) external;

    /// @notice Executes the one step of the challenge. If it does not end where the solver says, the claim is refuted. Anyone
    /// may call; the reward is the challenger's. Valid until the challenge is over, even after the challenger's deadline.
    /// @param witness of the step, as `IStepVerifier.step` takes it
    function proveFault(
        Challenge calldata shown,
        ClaimReference calldata claim,
        uint256 stakeNumber,
        bytes calldata witness
    ) external;

    /// @notice The solver gives the claim up in this challenge: its time-out at once, with the same consequences. Only the
    /// solver, in its turn.
    function concede(Challenge calldata shown, ClaimReference calldata claim, uint256 stakeNumber) external;

    /// @notice Refutes a claim whose solver did not answer this challenge by its deadline. Anyone may call; the reward is the
    /// challenger's.
    function timeoutSolver(Challenge calldata shown, ClaimReference calldata claim, uint256 stakeNumber) external;

    /// @notice Ends a challenge whose challenger let its deadline pass. Its stake, if it is live, is lost: divided between
    /// solver and fire, or burned in full if it has covered several claims. Anyone may call, while the claim is open.
    function timeoutChallenger(Challenge calldata shown, ClaimReference calldata claim, uint256 stakeNumber) external;

    /// @notice Ends a challenge whose claim has been refuted in another one. Anyone may call.
    function closeChallenge(Challenge calldata shown, ClaimReference calldata claim, uint256 stakeNumber) external;

    /// @notice Sends the sender's stake on a build back to it, when none of its challenges is open and it has not been lost.
    function returnStake(bytes32 buildId, uint256 stakeNumber) external;

    // rewards, and what is owed

    /// @notice Puts `msg.value` as a reward on a build.
    /// @param expiry from when on it can be taken back, if no round is open then and the build is not final
    /// @param number the requester's own choice, see `Request`
    /// @param locator where the build's description and inputs can be fetched: at most 256 bytes, a hint
    function request(
        bytes32 buildId,
        uint256 expiry,
        uint256 number,
        string calldata locator
    ) external payable returns (bytes32 requestId);

    /// @notice Gives the amount of an expired request back to its requester, at once if it is the sender. Anyone may call.
    function refundRequest(Request calldata made) external;

    /// @notice Pays the reward on a final build to the solver of its most senior settled claim, at once if it is the sender.
    /// Anyone may call, once, as soon as no claim of the build is open, or at the latest when every one could have been
    /// settled.
    function payReward(bytes32 buildId) external;

    /// @notice Sends all that the sender is owed to `receiver`.
    function withdraw(address payable receiver) external;

    // views

    /// @notice The answer a client reads; see `BuildResult`.
    function resultOf(bytes32 buildId) external view returns (BuildResult memory);

    /// @notice The two words that are stored of a build; see `BuildState`.
    function buildOf(bytes32 buildId) external view returns (BuildState memory build, bytes32 firstRootOrSha256);

    /// @notice Number of living claims of a build that is not final with this final root.
    function livingClaims(bytes32 buildId, bytes32 finalRoot) external view returns (uint256);

    function claimOf(address solver, bytes32 claimId) external view returns (ClaimState memory);

    function stakeOf(bytes32 stakeKey) external view returns (StakeState memory);

    /// @notice Hash of a challenge as it stands (see `Challenge`); zero if it is not open.
    function challengeOf(bytes32 challengeId) external view returns (bytes32 word);

    /// @notice What a request has put on its build, in wei; zero if it was never made, or is refunded.
    function requestOf(bytes32 requestId) external view returns (uint256 amount);

    function rewardOf(bytes32 buildId) external view returns (Reward memory);

    /// @notice What an account can withdraw, in wei.
    function owed(address account) external view returns (uint256);

    function parameters() external view returns (Parameters memory);

    function stepVerifier() external view returns (IStepVerifier);
}
