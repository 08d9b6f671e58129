// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {SafeCast} from "@openzeppelin/contracts/utils/math/SafeCast.sol";
import {Rounds} from "../claims/Rounds.sol";
import {IAssay} from "../interfaces/IAssay.sol";
import {BuildState, BuildStatus, Request, Reward} from "../types/Build.sol";
import {Ids} from "../types/Ids.sol";
import {MAX_LOCATOR_BYTES} from "../types/Parameters.sol";
import {Words} from "../types/Words.sol";
import {Purse} from "./Purse.sol";

/// @title Rewards: what people pay for a build, until it is final and somebody has earned it.
abstract contract Rewards is Rounds, Purse {
    mapping(bytes32 buildId => Reward) internal rewards;
    /// @dev In wei; 0: never made, or refunded.
    mapping(bytes32 requestId => uint256 amount) private requests;

    /// @inheritdoc IAssay
    function request(
        bytes32 buildId,
        uint256 expiry,
        uint256 number,
        string calldata locator
    ) external payable returns (bytes32 requestId) {
        if (msg.value == 0) revert EmptyRequest();
        if (expiry <= block.timestamp) revert ExpiryInThePast(expiry, block.timestamp);
        requireShort(locator);
        if (Words.isFinal(buildAt(buildId).phase)) revert BuildIsFinal(buildId);
        requestId = Ids.requestId(msg.sender, buildId, expiry, number);
        if (requests[requestId] != 0) revert AlreadyRequested(requestId);
        requests[requestId] = msg.value;
        Reward storage reward = rewards[buildId];
        reward.amount = SafeCast.toUint96(reward.amount + msg.value);
        emit BuildRequested(requestId, buildId, msg.sender, msg.value, expiry, number, locator);
    }

    /// @inheritdoc IAssay
    function refundRequest(Request calldata made) external nonReentrant {
        bytes32 requestId = Ids.requestId(made.requester, made.buildId, made.expiry, made.number);
        uint256 amount = requests[requestId];
        if (amount == 0) revert NoSuchRequest(requestId);
        if (block.timestamp < made.expiry) revert RequestNotExpired(made.expiry, block.timestamp);
        BuildStatus status = statusOf(buildAt(made.buildId));
        if (status != BuildStatus.Unknown) revert BuildNotRefundable(made.buildId, status);
        requests[requestId] = 0;
        // INVARIANT: a reward is the sum of its requests, of which this is one.
        rewards[made.buildId].amount -= uint96(amount);
        emit RequestRefunded(requestId, made.buildId, amount);
        pay(made.requester, amount);
    }

    /// @inheritdoc IAssay
    function payReward(bytes32 buildId) external nonReentrant {
        BuildState memory build = buildAt(buildId);
        if (!Words.isFinal(build.phase)) revert BuildNotFinal(buildId, statusOf(build));
        if (build.openClaims != 0) {
            uint256 due = dueAnyway(build);
            if (block.timestamp < due) revert RewardNotDue(due, build.openClaims, block.timestamp);
        }
        Reward memory reward = rewards[buildId];
        if (reward.amount == 0) revert NoReward(buildId);
        delete rewards[buildId];
        emit RewardPaid(buildId, reward.seniorSolver, reward.amount);
        pay(reward.seniorSolver, reward.amount);
    }

    /// @inheritdoc IAssay
    function requestOf(bytes32 requestId) external view returns (uint256 amount) {
        return requests[requestId];
    }

    /// @inheritdoc IAssay
    function rewardOf(bytes32 buildId) external view returns (Reward memory) {
        return rewards[buildId];
    }

    function requireShort(string calldata locator) internal pure {
        uint256 length = bytes(locator).length;
        if (length > MAX_LOCATOR_BYTES) revert LocatorTooLong(MAX_LOCATOR_BYTES, length);
    }

    /// @dev By then every claim of the round has had its window and its disputes, and somebody the time to settle it.
    function dueAnyway(BuildState memory build) private view returns (uint256) {
        uint256 roundOver = uint256(build.joinDeadline) + MAX_WINDOW;
        return (roundOver > build.finalizedAt ? roundOver : build.finalizedAt) + REWARD_DELAY;
    }
}
