// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAssayErrors} from "../interfaces/IAssayErrors.sol";
import {IAssayEvents} from "../interfaces/IAssayEvents.sol";

/// @notice What the contract owes.
/// @param owed wei per account
struct Purse {
    mapping(address account => uint256) owed;
}

/// @title Bonds: who is owed what. ETH leaves the contract here and nowhere else.
library Bonds {
    /// @dev The paid share is rounded down, so that the burned one is never less than its permille.
    function split(uint256 bond, uint256 burnPermille) internal pure returns (uint256 paid, uint256 burned) {
        paid = (bond * (1000 - burnPermille)) / 1000;
        burned = bond - paid;
    }

    function credit(Purse storage self, address account, uint256 amount) internal {
        self.owed[account] += amount;
    }

    /// @dev The debt is gone before the receiver gets to run.
    function withdraw(Purse storage self, address account, address payable receiver) internal {
        uint256 amount = self.owed[account];
        if (amount == 0) revert IAssayErrors.NothingOwed(account);
        self.owed[account] = 0;
        emit IAssayEvents.Withdrawn(account, receiver, amount);
        (bool sent, ) = receiver.call{value: amount}("");
        if (!sent) revert IAssayErrors.TransferFailed(receiver, amount);
    }
}
