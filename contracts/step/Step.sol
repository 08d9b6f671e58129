// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {BulkInstructions} from "./BulkInstructions.sol";
import {ControlInstructions} from "./ControlInstructions.sol";
import {Ending} from "./Ending.sol";
import {MemoryInstructions} from "./MemoryInstructions.sol";
import {Numeric32Instructions} from "./Numeric32Instructions.sol";
import {Numeric64Instructions} from "./Numeric64Instructions.sol";
import {State, StateAccess} from "./State.sol";
import {VariableInstructions} from "./VariableInstructions.sol";
import {STATUS_RUNNING} from "../types/MachineState.sol";
import {
    CODE_INSTRUCTIONS,
    FAMILY_BULK,
    FAMILY_CONTROL,
    FAMILY_MEMORY,
    FAMILY_NUMERIC32,
    FAMILY_VARIABLE,
    INSTRUCTIONS,
    TRAP_BAD_PC,
    TRAP_BAD_SCRATCH,
    TRAP_ILLEGAL_INSTRUCTION,
    TWO_PART_INSTRUCTIONS
} from "../machine/generated/Opcodes.sol";

/// @title One step of the machine: total. The mirror of `src/machine/step`, file by file and function by function: operands,
/// read, compute, write, advance.
library Step {
    /// @notice Executes one step. Yielded, halted, trapped and unknown statuses are fixed points.
    function execute(State memory state) internal pure {
        if (state.status != STATUS_RUNNING) return;
        if (state.pc >= CODE_INSTRUCTIONS) return Ending.trap(state, TRAP_BAD_PC);
        uint256 operation = StateAccess.instruction(state, state.pc);
        uint256 opcode = operation & 0xff;
        if (!contains(INSTRUCTIONS, opcode)) return Ending.trap(state, TRAP_ILLEGAL_INSTRUCTION);
        uint32 lastPhase = contains(TWO_PART_INSTRUCTIONS, opcode) ? 1 : 0;
        if (state.phase > lastPhase) return Ending.trap(state, TRAP_BAD_SCRATCH);
        uint16 a = uint16(operation >> 16);
        uint32 b = uint32(operation >> 32);
        if (contains(FAMILY_CONTROL, opcode)) return ControlInstructions.execute(state, opcode, a, b);
        if (contains(FAMILY_VARIABLE, opcode)) return VariableInstructions.execute(state, opcode, a, b);
        if (contains(FAMILY_MEMORY, opcode)) return MemoryInstructions.execute(state, opcode, b);
        if (contains(FAMILY_BULK, opcode)) return BulkInstructions.execute(state, opcode);
        if (contains(FAMILY_NUMERIC32, opcode)) return Numeric32Instructions.execute(state, opcode);
        return Numeric64Instructions.execute(state, opcode);
    }

    function contains(uint256 set, uint256 opcode) private pure returns (bool) {
        return (set >> opcode) & 1 != 0;
    }
}
