// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Registers, RegistersProof} from "../types/MachineState.sol";

/// @title A step verifier of another version that knows no state: it says of every first state what it is told to.
contract FakeStepVerifier {
    uint32 public immutable machineVersion;

    constructor(uint32 version) {
        machineVersion = version;
    }

    /// @notice Registers of a state that is ready, of version 1.
    function registers(bytes32, RegistersProof calldata) external pure returns (Registers memory shown) {
        shown.machineVersion = 1;
        shown.scratchIsZero = true;
    }
}
