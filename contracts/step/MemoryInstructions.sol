// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Ending} from "./Ending.sol";
import {LeafAccess} from "./LeafAccess.sol";
import {State, StateAccess} from "./State.sol";
import {
    ACCESS_BYTES_1,
    ACCESS_BYTES_2,
    ACCESS_BYTES_4,
    OP_I32_STORE,
    OP_MEMORY_GROW,
    OP_MEMORY_SIZE,
    OP_I32_LOAD16_S,
    OP_I32_LOAD8_S,
    OP_I64_LOAD16_S,
    OP_I64_LOAD32_S,
    OP_I64_LOAD8_S,
    TRAP_BAD_SCRATCH,
    TRAP_MEMORY_OUT_OF_BOUNDS,
    TRAP_STACK_OUT_OF_BOUNDS,
    LEAF_BYTES
} from "../machine/generated/Opcodes.sol";

/// @title Loads, stores, `memory.size` and `memory.grow`. An access across a leaf boundary is two steps.
library MemoryInstructions {
    using StateAccess for State;

    function execute(State memory state, uint256 opcode, uint32 b) internal pure {
        if (opcode < OP_I32_STORE) return load(state, opcode, b);
        if (opcode == OP_MEMORY_SIZE) return memorySize(state);
        if (opcode == OP_MEMORY_GROW) return memoryGrow(state);
        store(state, opcode, b);
    }

    function load(State memory state, uint256 opcode, uint32 offset) private pure {
        unchecked {
            uint32 top = state.sp - 1;
            if (Ending.outsideStack(top)) return Ending.trap(state, TRAP_STACK_OUT_OF_BOUNDS);
            uint256 size = accessBytes(opcode);
            uint256 location = uint256(uint32(state.slot(top))) + offset;
            if (location + size > state.memoryBytes()) return Ending.trap(state, TRAP_MEMORY_OUT_OF_BOUNDS);
            if (straddles(location, size)) return loadAcross(state, opcode, top, location, size);
            if (state.phase != 0) return Ending.trap(state, TRAP_BAD_SCRATCH);
            state.setSlot(top, extend(opcode, state.load(location, size)));
            state.pc += 1;
        }
    }

    /// @notice A load whose bytes lie in two leaves: part 1 carries those of the first in the buffer, part 2 completes.
    function loadAcross(State memory state, uint256 opcode, uint32 slot, uint256 location, uint256 size) private pure {
        unchecked {
            uint256 inFirst = LEAF_BYTES - (location % LEAF_BYTES);
            if (state.phase == 0) {
                state.loadBuffer(location, inFirst);
                state.phase = 1;
                return;
            }
            uint64 value = LeafAccess.load(state.buffer(), 0, inFirst);
            value |= state.load(location + inFirst, size - inFirst) << uint64(8 * inFirst);
            state.setSlot(slot, extend(opcode, value));
            state.clearScratch();
            state.pc += 1;
        }
    }

    function store(State memory state, uint256 opcode, uint32 offset) private pure {
        unchecked {
            uint32 top = state.sp - 1;
            uint32 under = top - 1;
            if (Ending.outsideStack(top) || Ending.outsideStack(under)) {
                return Ending.trap(state, TRAP_STACK_OUT_OF_BOUNDS);
            }
            uint256 size = accessBytes(opcode);
            uint64 value = state.slot(top);
            uint256 location = uint256(uint32(state.slot(under))) + offset;
            if (location + size > state.memoryBytes()) return Ending.trap(state, TRAP_MEMORY_OUT_OF_BOUNDS);
            if (straddles(location, size)) return storeAcross(state, location, size, value);
            if (state.phase != 0) return Ending.trap(state, TRAP_BAD_SCRATCH);
            state.store(location, size, value);
            state.sp = under;
            state.pc += 1;
        }
    }

    /// @notice A store whose bytes lie in two leaves: each part writes those of its leaf, part 2 completes.
    function storeAcross(State memory state, uint256 location, uint256 size, uint64 value) private pure {
        unchecked {
            uint256 inFirst = LEAF_BYTES - (location % LEAF_BYTES);
            if (state.phase == 0) {
                state.store(location, inFirst, value);
                state.phase = 1;
                return;
            }
            state.store(location + inFirst, size - inFirst, value >> uint64(8 * inFirst));
            state.clearScratch();
            state.sp -= 2;
            state.pc += 1;
        }
    }

    function memorySize(State memory state) private pure {
        unchecked {
            uint32 sp = state.sp;
            if (Ending.outsideStack(sp)) return Ending.trap(state, TRAP_STACK_OUT_OF_BOUNDS);
            state.setSlot(sp, uint64(state.memoryBytes() >> 16));
            state.sp = sp + 1;
            state.pc += 1;
        }
    }

    function memoryGrow(State memory state) private pure {
        unchecked {
            uint32 top = state.sp - 1;
            if (Ending.outsideStack(top)) return Ending.trap(state, TRAP_STACK_OUT_OF_BOUNDS);
            bool byNothing = uint32(state.slot(top)) == 0;
            state.setSlot(top, byNothing ? uint64(state.memoryBytes() >> 16) : type(uint32).max);
            state.pc += 1;
        }
    }

    /// @notice True when `size` bytes at `location` do not lie within one leaf.
    function straddles(uint256 location, uint256 size) private pure returns (bool) {
        return (location % LEAF_BYTES) + size > LEAF_BYTES;
    }

    /// @notice Bytes that a load or store accesses.
    function accessBytes(uint256 opcode) private pure returns (uint256) {
        if ((ACCESS_BYTES_1 >> opcode) & 1 != 0) return 1;
        if ((ACCESS_BYTES_2 >> opcode) & 1 != 0) return 2;
        if ((ACCESS_BYTES_4 >> opcode) & 1 != 0) return 4;
        return 8;
    }

    /// @notice What a load makes of the bytes it read: the sign extended up to the width of the result.
    function extend(uint256 opcode, uint64 value) private pure returns (uint64) {
        unchecked {
            if (opcode == OP_I32_LOAD8_S) return uint32(int32(int8(uint8(value))));
            if (opcode == OP_I32_LOAD16_S) return uint32(int32(int16(uint16(value))));
            if (opcode == OP_I64_LOAD8_S) return uint64(int64(int8(uint8(value))));
            if (opcode == OP_I64_LOAD16_S) return uint64(int64(int16(uint16(value))));
            if (opcode == OP_I64_LOAD32_S) return uint64(int64(int32(uint32(value))));
            return value;
        }
    }
}
