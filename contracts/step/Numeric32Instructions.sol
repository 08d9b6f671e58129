// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Bits} from "./Bits.sol";
import {Ending} from "./Ending.sol";
import {State, StateAccess} from "./State.sol";
import "../machine/generated/Opcodes.sol" as Op;

/// @title i32 instructions, and `i32.wrap_i64`.
library Numeric32Instructions {
    using StateAccess for State;

    function execute(State memory state, uint256 opcode) internal pure {
        if ((Op.UNARY_INSTRUCTIONS >> opcode) & 1 != 0) unary32(state, opcode);
        else binary32(state, opcode);
    }

    function unary32(State memory state, uint256 opcode) private pure {
        unchecked {
            uint32 top = state.sp - 1;
            if (Ending.outsideStack(top)) return Ending.trap(state, Op.TRAP_STACK_OUT_OF_BOUNDS);
            state.setSlot(top, computeUnary(opcode, uint32(state.slot(top))));
            state.pc += 1;
        }
    }

    function binary32(State memory state, uint256 opcode) private pure {
        unchecked {
            uint32 top = state.sp - 1;
            uint32 under = top - 1;
            if (Ending.outsideStack(top) || Ending.outsideStack(under)) {
                return Ending.trap(state, Op.TRAP_STACK_OUT_OF_BOUNDS);
            }
            uint32 y = uint32(state.slot(top));
            uint32 x = uint32(state.slot(under));
            if (opcode >= Op.OP_I32_DIV_S && opcode <= Op.OP_I32_REM_U) {
                if (y == 0) return Ending.trap(state, Op.TRAP_DIVIDE_BY_ZERO);
                if (opcode == Op.OP_I32_DIV_S && y == type(uint32).max && x == 1 << 31) {
                    return Ending.trap(state, Op.TRAP_INTEGER_OVERFLOW);
                }
            }
            state.setSlot(under, opcode <= Op.OP_I32_GE_U ? compare(opcode, x, y) : computeBinary(opcode, x, y));
            state.sp = top;
            state.pc += 1;
        }
    }

    function computeUnary(uint256 opcode, uint32 x) internal pure returns (uint32) {
        unchecked {
            if (opcode == Op.OP_I32_EQZ) return x == 0 ? 1 : 0;
            if (opcode == Op.OP_I32_CLZ) return 32 - Bits.length(x);
            if (opcode == Op.OP_I32_CTZ) return x == 0 ? 32 : Bits.length(x & (~x + 1)) - 1;
            if (opcode == Op.OP_I32_POPCNT) return Bits.count(x);
            if (opcode == Op.OP_I32_EXTEND8_S) return uint32(int32(int8(uint8(x))));
            if (opcode == Op.OP_I32_EXTEND16_S) return uint32(int32(int16(uint16(x))));
            return x; // i32.wrap_i64
        }
    }

    function compare(uint256 opcode, uint32 x, uint32 y) internal pure returns (uint32) {
        return holds(opcode, x, y, int32(x), int32(y)) ? 1 : 0;
    }

    function holds(uint256 opcode, uint32 x, uint32 y, int32 xSigned, int32 ySigned) private pure returns (bool) {
        if (opcode == Op.OP_I32_EQ) return x == y;
        if (opcode == Op.OP_I32_NE) return x != y;
        if (opcode == Op.OP_I32_LT_S) return xSigned < ySigned;
        if (opcode == Op.OP_I32_LT_U) return x < y;
        if (opcode == Op.OP_I32_GT_S) return xSigned > ySigned;
        if (opcode == Op.OP_I32_GT_U) return x > y;
        if (opcode == Op.OP_I32_LE_S) return xSigned <= ySigned;
        if (opcode == Op.OP_I32_LE_U) return x <= y;
        if (opcode == Op.OP_I32_GE_S) return xSigned >= ySigned;
        return x >= y; // i32.ge_u
    }

    /// @notice The divisor of a division is not zero, and `i32.div_s` does not overflow.
    function computeBinary(uint256 opcode, uint32 x, uint32 y) internal pure returns (uint32) {
        unchecked {
            if (opcode == Op.OP_I32_ADD) return x + y;
            if (opcode == Op.OP_I32_SUB) return x - y;
            if (opcode == Op.OP_I32_MUL) return x * y;
            if (opcode == Op.OP_I32_DIV_S) return uint32(int32(x) / int32(y));
            if (opcode == Op.OP_I32_DIV_U) return x / y;
            if (opcode == Op.OP_I32_REM_S) return uint32(int32(x) % int32(y));
            if (opcode == Op.OP_I32_REM_U) return x % y;
            if (opcode == Op.OP_I32_AND) return x & y;
            if (opcode == Op.OP_I32_OR) return x | y;
            if (opcode == Op.OP_I32_XOR) return x ^ y;
            uint32 by = y & 31;
            if (opcode == Op.OP_I32_SHL) return x << by;
            if (opcode == Op.OP_I32_SHR_S) return uint32(int32(x) >> by);
            if (opcode == Op.OP_I32_SHR_U) return x >> by;
            if (opcode == Op.OP_I32_ROTL) return (x << by) | (x >> (32 - by));
            return (x >> by) | (x << (32 - by)); // i32.rotr
        }
    }
}
