// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice None: nobody has ever claimed anything about the build. Round: it is not final; a round is open while openRoots is
/// not 0. Halted, Trapped: final, and how the program ended.
enum BuildPhase {
    None,
    Round,
    Halted,
    Trapped
}

/// @notice The first of the two words that are stored of a build. The second is the first revealed final root of its round,
/// and, once the build is final, the sha256 of its artifact.
/// @param openClaims claims that are revealed and neither refuted nor final
/// @param joinDeadline claims can join the round before this second; it stays when the build is final
/// @param openRoots in a round: number of different final roots among its living claims; 0: no round is open, more than 1:
/// they contradict each other
/// @param firstRootClaims in a round: living claims with the round's first root
/// @param contradictionEndedAt in a round: when its last contradiction ended by a refutation; 0 if there was none
/// @param finalizedAt when the build became final; 0 before
/// @param artifactSize once final, in bytes
/// @param code once final: exit code or trap code
/// @param recordVersion once final: version of the result record
struct BuildState {
    BuildPhase phase;
    uint32 openClaims;
    uint40 joinDeadline;
    uint32 openRoots;
    uint32 firstRootClaims;
    uint40 contradictionEndedAt;
    uint40 finalizedAt;
    uint64 artifactSize;
    uint32 code;
    uint32 recordVersion;
}

/// @notice `Unknown`: no living claim. `Open`: claims live and agree, none is final. `Contradicted`: living claims disagree.
enum BuildStatus {
    Unknown,
    Open,
    Contradicted,
    Final
}

/// @notice The answer to "what did this build give?". Everything but `status` is zero unless the build is final.
/// @param endStatus 2: the program halted, 3: it trapped
/// @param trapCode why it trapped; 0 if it halted
/// @param recordVersion version of the result record: the fields after it mean something only for version 1. 0 if trapped
/// @param artifactSize in bytes
struct BuildResult {
    BuildStatus status;
    uint40 finalizedAt;
    uint8 endStatus;
    uint32 trapCode;
    uint32 recordVersion;
    uint32 exitCode;
    uint64 artifactSize;
    bytes32 artifactSha256;
}

/// @notice The fields of a request's id.
/// @dev `requestId = keccak256(abi.encode(REQUEST_TAG, requester, buildId, expiry, number))`
/// @param expiry refundable from this second on, while no round is open and the build is not final
/// @param number the requester's own choice: it tells requests apart that are equal otherwise
struct Request {
    address requester;
    bytes32 buildId;
    uint256 expiry;
    uint256 number;
}

/// @notice What waits for the solver of a build.
/// @param amount sum of the requests that are neither refunded nor paid, in wei
/// @param seniorSolver solver of the most senior settled claim; zero until a claim is settled
/// @param seniorClaim id of that claim
struct Reward {
    uint96 amount;
    address seniorSolver;
    //
    bytes32 seniorClaim;
}
