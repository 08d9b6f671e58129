// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Ending} from "./Ending.sol";
import {State, StateAccess} from "./State.sol";
import {
    OP_MEMORY_COPY,
    TRAP_BAD_SCRATCH,
    TRAP_MEMORY_OUT_OF_BOUNDS,
    TRAP_STACK_OUT_OF_BOUNDS,
    LEAF_BYTES
} from "../machine/generated/Opcodes.sol";

/// @title `memory.copy` and `memory.fill`, one leaf in each step; their operand slots are the loop state.
library BulkInstructions {
    using StateAccess for State;

    /// @notice The buffer's size.
    uint256 private constant MAX_CHUNK = 64;

    function execute(State memory state, uint256 opcode) internal pure {
        unchecked {
            uint32 top = state.sp - 1;
            if (Ending.outsideStack(top) || Ending.outsideStack(top - 1) || Ending.outsideStack(top - 2)) {
                return Ending.trap(state, TRAP_STACK_OUT_OF_BOUNDS);
            }
            uint256 length = uint32(state.slot(top));
            uint256 middle = uint32(state.slot(top - 1));
            uint256 destination = uint32(state.slot(top - 2));
            if (opcode == OP_MEMORY_COPY) copy(state, top, destination, middle, length);
            else fill(state, top, destination, uint8(middle), length);
        }
    }

    function copy(State memory state, uint32 top, uint256 destination, uint256 source, uint256 length) private pure {
        unchecked {
            uint256 memoryBytes = state.memoryBytes();
            if (source + length > memoryBytes || destination + length > memoryBytes) {
                return Ending.trap(state, TRAP_MEMORY_OUT_OF_BOUNDS);
            }
            bool second = state.phase != 0;
            if (length == 0) return second ? Ending.trap(state, TRAP_BAD_SCRATCH) : finish(state, top);
            bool backward = source < destination;
            uint256 chunk = chunkLength(destination, source, length, backward);
            uint256 skipped = backward ? length - chunk : 0;
            if (!second) {
                state.loadBuffer(source + skipped, chunk);
                state.phase = 1;
                return;
            }
            state.storeBuffer(destination + skipped, chunk);
            state.setSlot(top, uint32(length - chunk));
            if (!backward) {
                state.setSlot(top - 1, uint32(source + chunk));
                state.setSlot(top - 2, uint32(destination + chunk));
            }
            state.clearScratch();
        }
    }

    /// @notice Bytes of the next chunk: at most 64, within one leaf at both ends.
    function chunkLength(
        uint256 destination,
        uint256 source,
        uint256 length,
        bool backward
    ) private pure returns (uint256) {
        unchecked {
            uint256 inSource = LEAF_BYTES - (source % LEAF_BYTES);
            uint256 inDestination = LEAF_BYTES - (destination % LEAF_BYTES);
            if (backward) {
                inSource = ((source + length - 1) % LEAF_BYTES) + 1;
                inDestination = ((destination + length - 1) % LEAF_BYTES) + 1;
            }
            return least(least(length, MAX_CHUNK), least(inSource, inDestination));
        }
    }

    function fill(State memory state, uint32 top, uint256 destination, uint8 value, uint256 length) private pure {
        unchecked {
            if (destination + length > state.memoryBytes()) return Ending.trap(state, TRAP_MEMORY_OUT_OF_BOUNDS);
            if (length == 0) return finish(state, top);
            uint256 chunk = least(length, LEAF_BYTES - (destination % LEAF_BYTES));
            state.fill(destination, chunk, value);
            state.setSlot(top, uint32(length - chunk));
            state.setSlot(top - 2, uint32(destination + chunk));
        }
    }

    /// @notice Pops the three operands and advances.
    function finish(State memory state, uint32 top) private pure {
        unchecked {
            state.sp = top - 2;
            state.pc += 1;
        }
    }

    function least(uint256 one, uint256 other) private pure returns (uint256) {
        return one < other ? one : other;
    }
}
