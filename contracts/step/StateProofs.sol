// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IStepVerifier} from "../interfaces/IStepVerifier.sol";
import {Merkle} from "../machine/Merkle.sol";
import {RegistersLeaf} from "../machine/RegistersLeaf.sol";
import {StateRoot} from "../machine/StateRoot.sol";
import {LeafAccess} from "./LeafAccess.sol";
import {State, StateAccess} from "./State.sol";
import {Leaf, WitnessReading} from "./Witness.sol";
import {Registers, RegistersProof, ResultRecord, STATUS_RUNNING, STATUS_YIELDED} from "../types/MachineState.sol";
import "../machine/generated/Opcodes.sol" as Machine;

/// @title What a state root can be asked without executing a step.
library StateProofs {
    /// @notice `header ‖ memory leaf 0 ‖ its siblings`.
    uint256 private constant RESULT_PROOF_BYTES = Machine.HEADER_BYTES + Machine.LEAF_BYTES + 32 * Machine.MEMORY_DEPTH;

    function resume(bytes32 root, RegistersProof calldata proof) internal pure returns (bytes32) {
        uint256 leaf = proveRegisters(root, proof);
        (uint256 first, ) = RegistersLeaf.lanes(leaf);
        if (RegistersLeaf.lane(first, Machine.REGISTER_STATUS) != STATUS_YIELDED) return root;
        uint32 entryPc = RegistersLeaf.lane(first, Machine.REGISTER_ENTRY_PC);
        uint256 head = RegistersLeaf.pack(entryPc, 2, 1, STATUS_RUNNING);
        uint256 tail = RegistersLeaf.pack(
            0,
            RegistersLeaf.lane(first, Machine.REGISTER_MEMORY_PAGES),
            RegistersLeaf.lane(first, Machine.REGISTER_TABLE_SIZE),
            entryPc
        );
        RegistersLeaf.clearScratch(leaf);
        RegistersLeaf.write(leaf, (head << 128) | tail, 0);
        return StateRoot.root(Merkle.leaf(leaf), proof.stackRoot, proof.rest);
    }

    function registers(bytes32 root, RegistersProof calldata proof) internal pure returns (Registers memory) {
        return decode(proveRegisters(root, proof));
    }

    function result(
        bytes32 root,
        bytes calldata proof
    ) internal pure returns (Registers memory registers_, ResultRecord memory record) {
        if (proof.length != RESULT_PROOF_BYTES) {
            revert IStepVerifier.ProofLengthMismatch(RESULT_PROOF_BYTES, proof.length);
        }
        State memory state;
        StateAccess.open(state, root, proof);
        registers_ = decode(state.registers);
        Leaf memory leaf;
        WitnessReading.takeProvenLeaf(state.witness, leaf, 0, state.memoryRoot, Machine.MEMORY_DEPTH);
        record.version = uint32(LeafAccess.load(leaf.data, 0, 4));
        record.exitCode = uint32(LeafAccess.load(leaf.data, 4, 4));
        record.artifactSize = LeafAccess.load(leaf.data, 8, 8);
        record.artifactSha256 = LeafAccess.load32(leaf.data, 16);
    }

    /// @notice The position in memory of a registers leaf that `root` holds.
    function proveRegisters(bytes32 root, RegistersProof calldata proof) private pure returns (uint256 leaf) {
        uint256 position;
        // position = <position of proof.registers in msg.data>;
        assembly ("memory-safe") {
            position := proof
        }
        leaf = WitnessReading.copyLeaf(position);
        WitnessReading.requireRoot(root, StateRoot.root(Merkle.leaf(leaf), proof.stackRoot, proof.rest));
    }

    function decode(uint256 leaf) private pure returns (Registers memory registers_) {
        (uint256 first, uint256 second) = RegistersLeaf.lanes(leaf);
        registers_.pc = RegistersLeaf.lane(first, Machine.REGISTER_PC);
        registers_.sp = RegistersLeaf.lane(first, Machine.REGISTER_SP);
        registers_.fp = RegistersLeaf.lane(first, Machine.REGISTER_FP);
        registers_.status = RegistersLeaf.lane(first, Machine.REGISTER_STATUS);
        registers_.trapCode = RegistersLeaf.lane(first, Machine.REGISTER_TRAP_CODE);
        registers_.memoryPages = RegistersLeaf.lane(first, Machine.REGISTER_MEMORY_PAGES);
        registers_.tableSize = RegistersLeaf.lane(first, Machine.REGISTER_TABLE_SIZE);
        registers_.entryPc = RegistersLeaf.lane(first, Machine.REGISTER_ENTRY_PC);
        registers_.machineVersion = RegistersLeaf.lane(second, Machine.REGISTER_MACHINE_VERSION);
        registers_.scratchIsZero = RegistersLeaf.scratchIsZero(leaf, second);
    }
}
