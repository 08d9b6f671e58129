// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ReentrancyGuardTransient} from "@openzeppelin/contracts/utils/ReentrancyGuardTransient.sol";
import {IAssay} from "../interfaces/IAssay.sol";

/// @title Purse: who is owed what. ETH leaves the contract here and nowhere else.
abstract contract Purse is IAssay, ReentrancyGuardTransient {
    /// @dev A slot that has once been used keeps 1 wei when it is emptied: filling it again is then cheap.
    mapping(address account => uint256) private credits;

    /// @inheritdoc IAssay
    function withdraw(address payable receiver) external nonReentrant {
        uint256 credited = credits[msg.sender];
        if (credited <= 1) revert NothingOwed(msg.sender);
        credits[msg.sender] = 1;
        emit Withdrawn(msg.sender, receiver, credited - 1);
        send(receiver, credited - 1);
    }

    /// @inheritdoc IAssay
    function owed(address account) external view returns (uint256) {
        uint256 credited = credits[account];
        return credited == 0 ? 0 : credited - 1;
    }

    function credit(address account, uint256 amount) internal {
        credits[account] += amount;
    }

    /// @dev Sends the amount to an account that is the sender, and credits it to any other. Only guarded functions call
    /// this, when everything else is done.
    function pay(address account, uint256 amount) internal {
        if (account == msg.sender) send(account, amount);
        else credit(account, amount);
    }

    function send(address receiver, uint256 amount) private {
        (bool sent, ) = receiver.call{value: amount}("");
        if (!sent) revert TransferFailed(receiver, amount);
    }
}
