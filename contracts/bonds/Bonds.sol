// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Bonds: how a slashed bond is divided.
library Bonds {
    /// @dev The paid share is rounded down, so that the burned one is never less than its permille.
    function split(uint256 bond, uint256 burnPermille) internal pure returns (uint256 paid, uint256 burned) {
        paid = (bond * (1000 - burnPermille)) / 1000;
        burned = bond - paid;
    }
}
