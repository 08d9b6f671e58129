// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IStepVerifier} from "../interfaces/IStepVerifier.sol";
import {Registers, RegistersProof, ResultRecord, STATUS_HALTED} from "../types/MachineState.sol";

/// @title A step verifier that knows no machine: every state is ready to begin, has halted, and steps to its own hash.
/// @notice For tests of the protocol alone, with states that are made up.
contract FakeStepVerifier is IStepVerifier {
    uint32 private constant VERSION = 2;

    function step(bytes32 root, bytes calldata) external pure returns (bytes32) {
        return keccak256(abi.encode("step", root));
    }

    function resume(bytes32 root, RegistersProof calldata) external pure returns (bytes32) {
        return keccak256(abi.encode("resume", root));
    }

    /// @dev `proof.registers[0]` is the version of the machine that made the state.
    function registers(bytes32, RegistersProof calldata proof) external pure returns (Registers memory shown) {
        shown.machineVersion = uint32(uint256(proof.registers[0]));
        shown.scratchIsZero = true;
    }

    function result(
        bytes32 root,
        bytes calldata
    ) external pure returns (Registers memory shown, ResultRecord memory record) {
        shown.status = STATUS_HALTED;
        (record.version, record.artifactSha256) = (1, root);
    }

    function machineVersion() external pure returns (uint32) {
        return VERSION;
    }
}
