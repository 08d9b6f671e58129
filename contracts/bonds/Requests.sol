// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {IAssayErrors} from "../interfaces/IAssayErrors.sol";
import {IAssayEvents} from "../interfaces/IAssayEvents.sol";
import {Build, BuildStatus, Request} from "../types/Build.sol";
import {Bonds, Purse} from "./Bonds.sol";

/// @notice Rewards on builds.
/// @param count of all requests ever made
struct RequestBook {
    mapping(bytes32 requestId => Request) requests;
    uint256 count;
}

/// @title Requests: rewards that wait for a build to become final.
library Requests {
    using Bonds for Purse;

    function open(
        RequestBook storage self,
        Build storage build,
        bytes32 buildId,
        uint40 expiry,
        string calldata locator
    ) internal returns (bytes32 requestId) {
        if (msg.value == 0) revert IAssayErrors.EmptyRequest();
        if (expiry <= block.timestamp) revert IAssayErrors.ExpiryInThePast(expiry, block.timestamp);
        if (build.finalizedAt != 0) revert IAssayErrors.BuildIsFinal(buildId);
        requestId = keccak256(abi.encode(block.chainid, address(this), msg.sender, buildId, ++self.count));
        uint96 amount = SafeCast.toUint96(msg.value);
        self.requests[requestId] = Request(msg.sender, amount, buildId, expiry);
        build.reward += amount;
        emit IAssayEvents.BuildRequested(requestId, buildId, msg.sender, amount, expiry, locator);
    }

    /// @dev Only while no claim lives: a solver that has shown its result cannot lose the reward it worked for.
    function refund(
        RequestBook storage self,
        Build storage build,
        BuildStatus status,
        bytes32 requestId,
        Purse storage purse
    ) internal {
        Request storage request = self.requests[requestId];
        uint96 amount = request.amount;
        if (amount == 0) revert IAssayErrors.NoSuchRequest(requestId);
        if (block.timestamp < request.expiry) {
            revert IAssayErrors.RequestNotExpired(request.expiry, block.timestamp);
        }
        if (status != BuildStatus.Unknown) revert IAssayErrors.BuildNotRefundable(request.buildId, status);
        request.amount = 0;
        build.reward -= amount;
        purse.credit(request.requester, amount);
        emit IAssayEvents.RequestRefunded(requestId, request.buildId, amount);
    }

    /// @dev INVARIANT: no request is added to a final build, so a reward that is paid stays zero.
    function pay(Build storage build, bytes32 buildId, uint256 dueFrom, Purse storage purse) internal {
        if (block.timestamp < dueFrom) revert IAssayErrors.RewardNotDue(dueFrom, block.timestamp);
        uint256 amount = build.reward;
        if (amount == 0) revert IAssayErrors.NoReward(buildId);
        build.reward = 0;
        purse.credit(build.seniorSolver, amount);
        emit IAssayEvents.RewardPaid(buildId, build.seniorSolver, amount);
    }
}
