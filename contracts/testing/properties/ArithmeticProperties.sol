// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Numeric32Instructions} from "../../step/Numeric32Instructions.sol";
import {Numeric64Instructions} from "../../step/Numeric64Instructions.sol";
import {State, StateAccess} from "../../step/State.sol";
import {WitnessReading} from "../../step/Witness.sol";
import {STATUS_RUNNING} from "../../types/MachineState.sol";

/// @title One numeric instruction on a stack of two slots, as `test/smt` compares it with the WebAssembly definition.
contract ArithmeticProperties {
    using StateAccess for State;

    uint32 private constant PC = 7;

    /// @dev What a step leaves of the state. Slots are read as the machine reads them, through the bytes of their leaf.
    struct After {
        uint64 lower;
        uint64 upper;
        uint256 sp;
        uint256 pc;
        uint256 status;
        uint256 trapCode;
    }

    function execute32(uint256 opcode, uint64 lower, uint64 upper) external pure returns (After memory) {
        State memory state = stateWith(lower, upper);
        Numeric32Instructions.execute(state, opcode);
        return afterStep(state);
    }

    function execute64(uint256 opcode, uint64 lower, uint64 upper) external pure returns (After memory) {
        State memory state = stateWith(lower, upper);
        Numeric64Instructions.execute(state, opcode);
        return afterStep(state);
    }

    /// @dev The registers leaf is one of zeros, and a stack leaf is at hand, so that no witness is read.
    function stateWith(uint64 lower, uint64 upper) private pure returns (State memory state) {
        state.registers = WitnessReading.copyLeaf(msg.data.length);
        state.firstStackLeaf.data = WitnessReading.copyLeaf(msg.data.length);
        state.status = STATUS_RUNNING;
        state.pc = PC;
        state.sp = 2;
        state.setSlot(0, lower);
        state.setSlot(1, upper);
    }

    function afterStep(State memory state) private pure returns (After memory) {
        return After(state.slot(0), state.slot(1), state.sp, state.pc, state.status, state.trapCode);
    }
}
