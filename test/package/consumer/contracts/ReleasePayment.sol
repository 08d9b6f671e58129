// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAssay} from "assay/contracts/interfaces/IAssay.sol";
import {BuildResult, BuildStatus} from "assay/contracts/types/Build.sol";

/// @title Pays somebody when a build has become final with the artifact that was agreed on.
/// @notice Nobody has to be trusted: who pays computes the build's id from the source, and the artifact's hash is on chain only
/// after every claim about another one could be refuted.
contract ReleasePayment {
    IAssay public immutable assay;
    bytes32 public immutable buildId;
    bytes32 public immutable artifactSha256;
    address payable public immutable payee;

    event Paid(address indexed payee, uint256 amount);

    /// @notice The build is not final.
    error NotFinal(BuildStatus status);
    /// @notice The build is final, and failed or gave something else.
    error OtherArtifact(bytes32 expected, bytes32 given);
    /// @notice The payee does not take it.
    error NotSent();

    constructor(IAssay assay_, bytes32 buildId_, bytes32 artifactSha256_, address payable payee_) payable {
        assay = assay_;
        buildId = buildId_;
        artifactSha256 = artifactSha256_;
        payee = payee_;
    }

    /// @notice Anyone may call.
    function release() external {
        BuildResult memory result = assay.resultOf(buildId);
        if (result.status != BuildStatus.Final) revert NotFinal(result.status);
        bool succeeded = result.endStatus == 2 && result.recordVersion == 1 && result.exitCode == 0;
        bytes32 given = succeeded ? result.artifactSha256 : bytes32(0);
        if (given != artifactSha256) revert OtherArtifact(artifactSha256, given);
        uint256 amount = address(this).balance;
        emit Paid(payee, amount);
        (bool sent, ) = payee.call{value: amount}("");
        if (!sent) revert NotSent();
    }
}
