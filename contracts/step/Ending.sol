// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {State, StateAccess} from "./State.sol";
import {STACK_SLOTS} from "../machine/generated/Opcodes.sol";
import {STATUS_TRAPPED} from "../types/MachineState.sol";

/// @title How a tick ends: trap, yield and halt. They touch no leaf.
library Ending {
    /// @notice True when a slot number, computed modulo 2^32, is beyond the stack.
    function outsideStack(uint32 slot) internal pure returns (bool) {
        return slot >= STACK_SLOTS;
    }

    /// @notice Ends the tick with a trap: keeps `pc`, clears the stack.
    function trap(State memory state, uint32 code) internal pure {
        end(state, STATUS_TRAPPED, state.pc, code);
    }

    /// @notice Ends the tick as yielded or halted: clears `pc` and the stack.
    function endTick(State memory state, uint32 status) internal pure {
        end(state, status, 0, 0);
    }

    function end(State memory state, uint32 status, uint32 pc, uint32 trapCode) private pure {
        state.pc = pc;
        state.sp = 0;
        state.fp = 0;
        state.status = status;
        state.trapCode = trapCode;
        StateAccess.clearScratch(state);
        state.stackCleared = true;
    }
}
