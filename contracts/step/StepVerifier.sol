// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IStepVerifier} from "../interfaces/IStepVerifier.sol";
import {State, StateAccess} from "./State.sol";
import {Step} from "./Step.sol";
import {StateProofs} from "./StateProofs.sol";
import {Registers, RegistersProof, ResultRecord} from "../types/MachineState.sol";
import {MACHINE_VERSION} from "../machine/generated/Opcodes.sol";

/// @title The machine on chain. One contract, no storage.
contract StepVerifier is IStepVerifier {
    /// @inheritdoc IStepVerifier
    function step(bytes32 root, bytes calldata witness) external pure returns (bytes32 postRoot) {
        State memory state;
        StateAccess.open(state, root, witness);
        Step.execute(state);
        return StateAccess.close(state);
    }

    /// @inheritdoc IStepVerifier
    function resume(bytes32 root, RegistersProof calldata proof) external pure returns (bytes32 postRoot) {
        return StateProofs.resume(root, proof);
    }

    /// @inheritdoc IStepVerifier
    function registers(bytes32 root, RegistersProof calldata proof) external pure returns (Registers memory) {
        return StateProofs.registers(root, proof);
    }

    /// @inheritdoc IStepVerifier
    function result(bytes32 root, bytes calldata proof) external pure returns (Registers memory, ResultRecord memory) {
        return StateProofs.result(root, proof);
    }

    /// @inheritdoc IStepVerifier
    function machineVersion() external pure returns (uint32) {
        return MACHINE_VERSION;
    }
}
