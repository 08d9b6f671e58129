// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @notice The inputs of a property lie outside what it speaks of. See `test/smt`.
error NotAssumed();

/// @dev A property is about inputs for which `fact` holds.
function assume(bool fact) pure {
    if (!fact) revert NotAssumed();
}
