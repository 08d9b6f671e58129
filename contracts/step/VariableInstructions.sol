// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Ending} from "./Ending.sol";
import {State, StateAccess} from "./State.sol";
import {
    OP_GLOBAL_GET,
    OP_GLOBAL_SET,
    OP_I32_CONST,
    OP_I64_CONST,
    OP_I64_CONST_HIGH,
    OP_LOCAL_GET,
    OP_LOCAL_SET,
    OP_LOCAL_TEE,
    OP_MOVE,
    OP_SELECT,
    TRAP_ILLEGAL_INSTRUCTION,
    TRAP_STACK_OUT_OF_BOUNDS,
    GLOBAL_SLOTS
} from "../machine/generated/Opcodes.sol";

/// @title Constants, parametric instructions, locals and globals: whatever copies slots.
library VariableInstructions {
    using StateAccess for State;

    function execute(State memory state, uint256 opcode, uint16 a, uint32 b) internal pure {
        unchecked {
            uint32 sp = state.sp;
            uint32 top = sp - 1;
            uint32 local = state.fp + b;
            if (opcode == OP_LOCAL_GET) return copySlot(state, local, sp, sp + 1);
            if (opcode == OP_LOCAL_SET) return copySlot(state, top, local, top);
            if (opcode == OP_LOCAL_TEE) return copySlot(state, top, local, sp);
            if (opcode == OP_MOVE) return copySlot(state, sp - a, sp - b, sp);
            if (opcode == OP_I32_CONST) return constant_(state, sp, b);
            if (opcode == OP_I64_CONST) return constant_(state, sp, uint64(int64(int32(b))));
            if (opcode == OP_I64_CONST_HIGH) return constantHigh(state, top, b);
            if (opcode == OP_GLOBAL_GET) return globalGet(state, b);
            if (opcode == OP_GLOBAL_SET) return globalSet(state, b);
            if (opcode == OP_SELECT) return select(state, top);
            // drop
            state.sp = top;
            state.pc += 1;
        }
    }

    /// @notice Copies all 64 bits of a slot and advances, leaving `sp` behind.
    function copySlot(State memory state, uint32 from, uint32 to, uint32 sp) private pure {
        unchecked {
            if (Ending.outsideStack(from) || Ending.outsideStack(to)) {
                return Ending.trap(state, TRAP_STACK_OUT_OF_BOUNDS);
            }
            state.setSlot(to, state.slot(from));
            state.sp = sp;
            state.pc += 1;
        }
    }

    function constant_(State memory state, uint32 sp, uint64 value) private pure {
        unchecked {
            if (Ending.outsideStack(sp)) return Ending.trap(state, TRAP_STACK_OUT_OF_BOUNDS);
            state.setSlot(sp, value);
            state.sp = sp + 1;
            state.pc += 1;
        }
    }

    function constantHigh(State memory state, uint32 top, uint32 high) private pure {
        unchecked {
            if (Ending.outsideStack(top)) return Ending.trap(state, TRAP_STACK_OUT_OF_BOUNDS);
            state.setSlot(top, (uint64(high) << 32) | uint32(state.slot(top)));
            state.pc += 1;
        }
    }

    function globalGet(State memory state, uint32 index) private pure {
        unchecked {
            uint32 sp = state.sp;
            if (Ending.outsideStack(sp)) return Ending.trap(state, TRAP_STACK_OUT_OF_BOUNDS);
            if (index >= GLOBAL_SLOTS) return Ending.trap(state, TRAP_ILLEGAL_INSTRUCTION);
            state.setSlot(sp, state.global(index));
            state.sp = sp + 1;
            state.pc += 1;
        }
    }

    function globalSet(State memory state, uint32 index) private pure {
        unchecked {
            uint32 top = state.sp - 1;
            if (Ending.outsideStack(top)) return Ending.trap(state, TRAP_STACK_OUT_OF_BOUNDS);
            if (index >= GLOBAL_SLOTS) return Ending.trap(state, TRAP_ILLEGAL_INSTRUCTION);
            state.setGlobal(index, state.slot(top));
            state.sp = top;
            state.pc += 1;
        }
    }

    function select(State memory state, uint32 top) private pure {
        unchecked {
            uint32 otherwise = top - 1;
            uint32 chosen = top - 2;
            if (Ending.outsideStack(top) || Ending.outsideStack(otherwise) || Ending.outsideStack(chosen)) {
                return Ending.trap(state, TRAP_STACK_OUT_OF_BOUNDS);
            }
            uint32 from = uint32(state.slot(top)) != 0 ? chosen : otherwise;
            state.setSlot(chosen, state.slot(from));
            state.sp = otherwise;
            state.pc += 1;
        }
    }
}
