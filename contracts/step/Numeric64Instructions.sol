// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Bits} from "./Bits.sol";
import {Ending} from "./Ending.sol";
import {State, StateAccess} from "./State.sol";
import "../machine/generated/Opcodes.sol" as Op;

/// @title i64 instructions, except `i32.wrap_i64`.
library Numeric64Instructions {
    using StateAccess for State;

    function execute(State memory state, uint256 opcode) internal pure {
        if ((Op.UNARY_INSTRUCTIONS >> opcode) & 1 != 0) unary64(state, opcode);
        else binary64(state, opcode);
    }

    function unary64(State memory state, uint256 opcode) private pure {
        unchecked {
            uint32 top = state.sp - 1;
            if (Ending.outsideStack(top)) return Ending.trap(state, Op.TRAP_STACK_OUT_OF_BOUNDS);
            state.setSlot(top, computeUnary(opcode, state.slot(top)));
            state.pc += 1;
        }
    }

    function binary64(State memory state, uint256 opcode) private pure {
        unchecked {
            uint32 top = state.sp - 1;
            uint32 under = top - 1;
            if (Ending.outsideStack(top) || Ending.outsideStack(under)) {
                return Ending.trap(state, Op.TRAP_STACK_OUT_OF_BOUNDS);
            }
            uint64 y = state.slot(top);
            uint64 x = state.slot(under);
            if (opcode >= Op.OP_I64_DIV_S && opcode <= Op.OP_I64_REM_U) {
                if (y == 0) return Ending.trap(state, Op.TRAP_DIVIDE_BY_ZERO);
                if (opcode == Op.OP_I64_DIV_S && y == type(uint64).max && x == 1 << 63) {
                    return Ending.trap(state, Op.TRAP_INTEGER_OVERFLOW);
                }
            }
            state.setSlot(under, opcode <= Op.OP_I64_GE_U ? compare(opcode, x, y) : computeBinary(opcode, x, y));
            state.sp = top;
            state.pc += 1;
        }
    }

    function computeUnary(uint256 opcode, uint64 x) internal pure returns (uint64) {
        unchecked {
            if (opcode == Op.OP_I64_EQZ) return x == 0 ? 1 : 0;
            if (opcode == Op.OP_I64_CLZ) return 64 - Bits.length(x);
            if (opcode == Op.OP_I64_CTZ) return x == 0 ? 64 : Bits.length(x & (~x + 1)) - 1;
            if (opcode == Op.OP_I64_POPCNT) return Bits.count(x);
            if (opcode == Op.OP_I64_EXTEND_I32_U) return uint32(x);
            if (opcode == Op.OP_I64_EXTEND8_S) return uint64(int64(int8(uint8(x))));
            if (opcode == Op.OP_I64_EXTEND16_S) return uint64(int64(int16(uint16(x))));
            return uint64(int64(int32(uint32(x)))); // i64.extend_i32_s, i64.extend32_s
        }
    }

    function compare(uint256 opcode, uint64 x, uint64 y) internal pure returns (uint64) {
        return holds(opcode, x, y, int64(x), int64(y)) ? 1 : 0;
    }

    function holds(uint256 opcode, uint64 x, uint64 y, int64 xSigned, int64 ySigned) private pure returns (bool) {
        if (opcode == Op.OP_I64_EQ) return x == y;
        if (opcode == Op.OP_I64_NE) return x != y;
        if (opcode == Op.OP_I64_LT_S) return xSigned < ySigned;
        if (opcode == Op.OP_I64_LT_U) return x < y;
        if (opcode == Op.OP_I64_GT_S) return xSigned > ySigned;
        if (opcode == Op.OP_I64_GT_U) return x > y;
        if (opcode == Op.OP_I64_LE_S) return xSigned <= ySigned;
        if (opcode == Op.OP_I64_LE_U) return x <= y;
        if (opcode == Op.OP_I64_GE_S) return xSigned >= ySigned;
        return x >= y; // i64.ge_u
    }

    /// @notice The divisor of a division is not zero, and `i64.div_s` does not overflow.
    function computeBinary(uint256 opcode, uint64 x, uint64 y) internal pure returns (uint64) {
        unchecked {
            if (opcode == Op.OP_I64_ADD) return x + y;
            if (opcode == Op.OP_I64_SUB) return x - y;
            if (opcode == Op.OP_I64_MUL) return x * y;
            if (opcode == Op.OP_I64_DIV_S) return uint64(int64(x) / int64(y));
            if (opcode == Op.OP_I64_DIV_U) return x / y;
            if (opcode == Op.OP_I64_REM_S) return uint64(int64(x) % int64(y));
            if (opcode == Op.OP_I64_REM_U) return x % y;
            if (opcode == Op.OP_I64_AND) return x & y;
            if (opcode == Op.OP_I64_OR) return x | y;
            if (opcode == Op.OP_I64_XOR) return x ^ y;
            uint64 by = y & 63;
            if (opcode == Op.OP_I64_SHL) return x << by;
            if (opcode == Op.OP_I64_SHR_S) return uint64(int64(x) >> by);
            if (opcode == Op.OP_I64_SHR_U) return x >> by;
            if (opcode == Op.OP_I64_ROTL) return (x << by) | (x >> (64 - by));
            return (x >> by) | (x << (64 - by)); // i64.rotr
        }
    }
}
