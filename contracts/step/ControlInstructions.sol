// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Ending} from "./Ending.sol";
import {State, StateAccess} from "./State.sol";
import {STATUS_HALTED, STATUS_YIELDED} from "../types/MachineState.sol";
import {
    OP_CALL,
    OP_CALL_INDIRECT,
    OP_JUMP,
    OP_JUMP_IF,
    OP_JUMP_TABLE,
    OP_JUMP_UNLESS,
    OP_RETURN,
    TRAP_INDIRECT_CALL_TYPE_MISMATCH,
    TRAP_STACK_OUT_OF_BOUNDS,
    TRAP_TABLE_OUT_OF_BOUNDS,
    TRAP_UNINITIALIZED_ELEMENT,
    TRAP_UNREACHABLE,
    TABLE_ENTRIES
} from "../machine/generated/Opcodes.sol";

/// @title Jumps, calls and returns.
library ControlInstructions {
    using StateAccess for State;

    function execute(State memory state, uint256 opcode, uint16 a, uint32 b) internal pure {
        if (opcode == OP_JUMP) return jump(state, a, b);
        if (opcode == OP_JUMP_IF || opcode == OP_JUMP_UNLESS) return jumpConditionally(state, opcode, b);
        if (opcode == OP_JUMP_TABLE) return jumpTable(state, b);
        if (opcode == OP_RETURN) return returnFromCall(state, a);
        if (opcode == OP_CALL) return enter(state, state.sp, a, b);
        if (opcode == OP_CALL_INDIRECT) return callIndirect(state, a, b);
        Ending.trap(state, TRAP_UNREACHABLE);
    }

    function jump(State memory state, uint16 dropped, uint32 target) private pure {
        unchecked {
            state.sp -= dropped;
            state.pc = target;
        }
    }

    function jumpConditionally(State memory state, uint256 opcode, uint32 target) private pure {
        unchecked {
            uint32 top = state.sp - 1;
            if (Ending.outsideStack(top)) return Ending.trap(state, TRAP_STACK_OUT_OF_BOUNDS);
            uint32 condition = uint32(state.slot(top));
            state.sp = top;
            state.pc = (condition != 0) == (opcode == OP_JUMP_IF) ? target : state.pc + 1;
        }
    }

    function jumpTable(State memory state, uint32 lastEntry) private pure {
        unchecked {
            uint32 top = state.sp - 1;
            if (Ending.outsideStack(top)) return Ending.trap(state, TRAP_STACK_OUT_OF_BOUNDS);
            uint32 index = uint32(state.slot(top));
            state.sp = top;
            state.pc += 1 + (index < lastEntry ? index : lastEntry);
        }
    }

    function returnFromCall(State memory state, uint16 resultDrop) private pure {
        unchecked {
            uint32 fp = state.fp;
            if (Ending.outsideStack(fp)) return Ending.trap(state, TRAP_STACK_OUT_OF_BOUNDS);
            uint64 record = state.slot(fp);
            if (record == 0) {
                uint32 result = fp - 1;
                if (Ending.outsideStack(result)) return Ending.trap(state, TRAP_STACK_OUT_OF_BOUNDS);
                return Ending.endTick(state, uint32(state.slot(result)) == 0 ? STATUS_YIELDED : STATUS_HALTED);
            }
            state.sp = fp - resultDrop;
            state.pc = uint32(record);
            state.fp = uint32(record >> 32);
        }
    }

    function callIndirect(State memory state, uint16 gap, uint32 typeId) private pure {
        unchecked {
            uint32 top = state.sp - 1;
            if (Ending.outsideStack(top) || Ending.outsideStack(top + gap)) {
                return Ending.trap(state, TRAP_STACK_OUT_OF_BOUNDS);
            }
            uint32 index = uint32(state.slot(top));
            uint32 tableSize = state.tableSize > TABLE_ENTRIES ? TABLE_ENTRIES : state.tableSize;
            if (index >= tableSize) return Ending.trap(state, TRAP_TABLE_OUT_OF_BOUNDS);
            uint64 entry = state.entry(index);
            uint32 entryTypeId = uint32(entry);
            if (entryTypeId == 0) return Ending.trap(state, TRAP_UNINITIALIZED_ELEMENT);
            if (entryTypeId != typeId) return Ending.trap(state, TRAP_INDIRECT_CALL_TYPE_MISMATCH);
            enter(state, top, gap, uint32(entry >> 32));
        }
    }

    /// @notice Puts the frame record `gap` slots above the arguments that end at `argumentsEnd`, and goes to the function's
    /// entry.
    function enter(State memory state, uint32 argumentsEnd, uint16 gap, uint32 target) private pure {
        unchecked {
            uint32 record = argumentsEnd + gap;
            if (Ending.outsideStack(record)) return Ending.trap(state, TRAP_STACK_OUT_OF_BOUNDS);
            state.setSlot(record, (uint64(state.fp) << 32) | (state.pc + 1));
            state.fp = record;
            state.sp = record + 1;
            state.pc = target;
        }
    }
}
