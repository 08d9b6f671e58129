// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice The test runner's own functions that the tests use.
interface IVm {
    function warp(uint256 timestamp) external;

    function prank(address sender) external;

    function deal(address account, uint256 balance) external;
}

IVm constant vm = IVm(address(uint160(uint256(keccak256("hevm cheat code")))));
