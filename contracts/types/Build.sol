// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice What the contract knows about a build.
/// @param openRoots number of different final roots among the living claims of the round: 0 no round is open, 1 all agree,
/// more: they contradict each other
/// @param joinDeadline claims can join the round before this second
/// @param calmSince when the last contradiction of this round ended by a refutation; 0 if there was none
/// @param finalizedAt 0 unless the build is final
/// @param reward sum of the requests that are neither refunded nor paid, in wei
/// @param seniorSolver solver of the settled claim with the lowest commit number
/// @param seniorNumber that number; 0 while no claim is settled
/// @param finalClaim the claim through which the build became final
struct Build {
    uint32 openRoots;
    uint40 joinDeadline;
    uint40 calmSince;
    uint40 finalizedAt;
    uint96 reward;
    //
    address seniorSolver;
    uint64 seniorNumber;
    //
    bytes32 finalClaim;
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
    bytes32 claimId;
    bytes32 finalRoot;
    uint8 endStatus;
    uint32 trapCode;
    uint32 recordVersion;
    uint32 exitCode;
    uint64 artifactSize;
    bytes32 artifactSha256;
}

/// @notice A reward that somebody has put on a build.
/// @param amount in wei; 0 once refunded
/// @param expiry refundable from this second on, while no round is open and the build is not final
struct Request {
    address requester;
    uint96 amount;
    bytes32 buildId;
    uint40 expiry;
}
