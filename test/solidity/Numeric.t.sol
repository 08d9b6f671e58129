// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {ByteOrder} from "../../contracts/machine/ByteOrder.sol";
import {Bits} from "../../contracts/step/Bits.sol";
import {LeafAccess} from "../../contracts/step/LeafAccess.sol";
import {Numeric32Instructions} from "../../contracts/step/Numeric32Instructions.sol";
import {Numeric64Instructions} from "../../contracts/step/Numeric64Instructions.sol";
import "../../contracts/machine/generated/Opcodes.sol" as Op;

/// @title Instructions and bit operations against their definitions, written out bit by bit or in wide arithmetic.
contract NumericTest {
    uint256 private constant TWO_32 = 1 << 32;
    uint256 private constant TWO_64 = 1 << 64;

    function testFuzz_countsOfBits(uint64 x) external pure {
        uint256 ones;
        uint256 leading = 64;
        uint256 trailing = 64;
        for (uint256 i = 0; i < 64; ++i) {
            if ((x >> i) % 2 == 0) continue;
            ++ones;
            leading = 63 - i;
            if (trailing == 64) trailing = i;
        }
        assert(Bits.count(x) == ones);
        assert(Bits.length(x) == 64 - leading);
        assert(Numeric64Instructions.computeUnary(Op.OP_I64_CLZ, x) == leading);
        assert(Numeric64Instructions.computeUnary(Op.OP_I64_CTZ, x) == trailing);
        assert(Numeric64Instructions.computeUnary(Op.OP_I64_POPCNT, x) == ones);
        uint32 low = uint32(x);
        assert(Numeric32Instructions.computeUnary(Op.OP_I32_CTZ, low) == (low == 0 ? 32 : trailing));
        assert(Numeric32Instructions.computeUnary(Op.OP_I32_POPCNT, low) == Bits.count(low));
    }

    function testFuzz_countsOfFewBits(uint64 x, uint8 by) external pure {
        x >>= by % 65;
        uint256 length;
        while (x >> length != 0) ++length;
        assert(Bits.length(x) == length);
    }

    function testFuzz_arithmetic32(uint32 x, uint32 y, uint8 by) external pure {
        y >>= by % 32;
        assert(i32(Op.OP_I32_ADD, x, y) == (uint256(x) + y) % TWO_32);
        assert(i32(Op.OP_I32_SUB, x, y) == (TWO_32 + x - y) % TWO_32);
        assert(i32(Op.OP_I32_MUL, x, y) == (uint256(x) * y) % TWO_32);
        if (y == 0) return;
        int256 signedX = int32(x);
        int256 signedY = int32(y);
        assert(i32(Op.OP_I32_DIV_U, x, y) == x / y);
        assert(i32(Op.OP_I32_REM_U, x, y) == x % y);
        assert(i32(Op.OP_I32_DIV_S, x, y) == uint32(uint256(signedX / signedY)));
        assert(i32(Op.OP_I32_REM_S, x, y) == uint32(uint256(signedX % signedY)));
    }

    function testFuzz_arithmetic64(uint64 x, uint64 y, uint8 by) external pure {
        y >>= by % 64;
        assert(i64(Op.OP_I64_ADD, x, y) == (uint256(x) + y) % TWO_64);
        assert(i64(Op.OP_I64_SUB, x, y) == (TWO_64 + x - y) % TWO_64);
        assert(i64(Op.OP_I64_MUL, x, y) == (uint256(x) * y) % TWO_64);
        if (y == 0) return;
        int256 signedX = int64(x);
        int256 signedY = int64(y);
        assert(i64(Op.OP_I64_DIV_U, x, y) == x / y);
        assert(i64(Op.OP_I64_REM_U, x, y) == x % y);
        assert(i64(Op.OP_I64_DIV_S, x, y) == uint64(uint256(signedX / signedY)));
        assert(i64(Op.OP_I64_REM_S, x, y) == uint64(uint256(signedX % signedY)));
    }

    function testFuzz_shifts32(uint32 x, uint32 y) external pure {
        uint256 by = y % 32;
        assert(i32(Op.OP_I32_SHL, x, y) == (uint256(x) << by) % TWO_32);
        assert(i32(Op.OP_I32_SHR_U, x, y) == uint256(x) / 2 ** by);
        assert(i32(Op.OP_I32_SHR_S, x, y) == uint32(uint256(floorDivide(int32(x), 2 ** by))));
        uint256 twice = uint256(x) * TWO_32 + x;
        assert(i32(Op.OP_I32_ROTL, x, y) == ((twice << by) >> 32) % TWO_32);
        assert(i32(Op.OP_I32_ROTR, x, y) == (twice >> by) % TWO_32);
    }

    function testFuzz_shifts64(uint64 x, uint64 y) external pure {
        uint256 by = y % 64;
        assert(i64(Op.OP_I64_SHL, x, y) == (uint256(x) << by) % TWO_64);
        assert(i64(Op.OP_I64_SHR_U, x, y) == uint256(x) / 2 ** by);
        assert(i64(Op.OP_I64_SHR_S, x, y) == uint64(uint256(floorDivide(int64(x), 2 ** by))));
        uint256 twice = uint256(x) * TWO_64 + x;
        assert(i64(Op.OP_I64_ROTL, x, y) == ((twice << by) >> 64) % TWO_64);
        assert(i64(Op.OP_I64_ROTR, x, y) == (twice >> by) % TWO_64);
    }

    function testFuzz_comparisons(uint64 x, uint64 y, bool same) external pure {
        if (same) y = x;
        bool below = x < y;
        bool belowSigned = int256(int64(x)) < int256(int64(y));
        check64(Op.OP_I64_EQ, Op.OP_I64_NE, x, y, x == y);
        check64(Op.OP_I64_LT_U, Op.OP_I64_GE_U, x, y, below);
        check64(Op.OP_I64_GT_U, Op.OP_I64_LE_U, y, x, below);
        check64(Op.OP_I64_LT_S, Op.OP_I64_GE_S, x, y, belowSigned);
        check64(Op.OP_I64_GT_S, Op.OP_I64_LE_S, y, x, belowSigned);
        uint32 a = uint32(x);
        uint32 b = uint32(y);
        below = a < b;
        belowSigned = int256(int32(a)) < int256(int32(b));
        check32(Op.OP_I32_EQ, Op.OP_I32_NE, a, b, a == b);
        check32(Op.OP_I32_LT_U, Op.OP_I32_GE_U, a, b, below);
        check32(Op.OP_I32_GT_U, Op.OP_I32_LE_U, b, a, below);
        check32(Op.OP_I32_LT_S, Op.OP_I32_GE_S, a, b, belowSigned);
        check32(Op.OP_I32_GT_S, Op.OP_I32_LE_S, b, a, belowSigned);
    }

    function testFuzz_extensions(uint64 x) external pure {
        assert(Numeric64Instructions.computeUnary(Op.OP_I64_EXTEND8_S, x) == extend(x, 8) % TWO_64);
        assert(Numeric64Instructions.computeUnary(Op.OP_I64_EXTEND16_S, x) == extend(x, 16) % TWO_64);
        assert(Numeric64Instructions.computeUnary(Op.OP_I64_EXTEND32_S, x) == extend(x, 32) % TWO_64);
        assert(Numeric64Instructions.computeUnary(Op.OP_I64_EXTEND_I32_S, x) == extend(x, 32) % TWO_64);
        assert(Numeric64Instructions.computeUnary(Op.OP_I64_EXTEND_I32_U, x) == x % TWO_32);
        assert(Numeric32Instructions.computeUnary(Op.OP_I32_EXTEND8_S, uint32(x)) == extend(x, 8) % TWO_32);
        assert(Numeric32Instructions.computeUnary(Op.OP_I32_EXTEND16_S, uint32(x)) == extend(x, 16) % TWO_32);
    }

    function testFuzz_bytesOfALeaf(bytes32[5] memory words, uint64 value, uint8 place, uint8 size) external pure {
        uint256 length = 1 + (size % 8);
        uint256 offset = place % (129 - length);
        bytes memory before = abi.encodePacked(words);
        uint256 data;
        assembly ("memory-safe") {
            data := words
        }
        uint256 expected;
        for (uint256 i = 0; i < length; ++i) expected |= uint256(uint8(before[offset + i])) << (8 * i);
        assert(LeafAccess.load(data, offset, length) == expected);
        LeafAccess.store(data, offset, length, value);
        for (uint256 i = 0; i < length; ++i) before[offset + i] = bytes1(uint8(value >> (8 * i)));
        assert(keccak256(abi.encodePacked(words)) == keccak256(before));
    }

    function testFuzz_fillingALeaf(bytes32[4] memory words, uint8 value, uint8 place, uint8 size) external pure {
        uint256 offset = place % 128;
        uint256 length = size % (129 - offset);
        bytes memory expected = abi.encodePacked(words);
        uint256 data;
        assembly ("memory-safe") {
            data := words
        }
        LeafAccess.fill(data + offset, value, length);
        for (uint256 i = 0; i < length; ++i) expected[offset + i] = bytes1(value);
        assert(keccak256(abi.encodePacked(words)) == keccak256(expected));
    }

    function testFuzz_byteOrder(uint256 word) external pure {
        bytes memory plain = abi.encodePacked(word);
        bytes memory lanes = abi.encodePacked(ByteOrder.reverse32Lanes(word));
        bytes memory reversed = abi.encodePacked(ByteOrder.reverse64(word));
        for (uint256 i = 0; i < 32; ++i) assert(lanes[i] == plain[i - (i % 4) + 3 - (i % 4)]);
        for (uint256 i = 0; i < 8; ++i) assert(reversed[i] == plain[31 - i]);
    }

    function i32(uint256 opcode, uint32 x, uint32 y) private pure returns (uint256) {
        return Numeric32Instructions.computeBinary(opcode, x, y);
    }

    function i64(uint256 opcode, uint64 x, uint64 y) private pure returns (uint256) {
        return Numeric64Instructions.computeBinary(opcode, x, y);
    }

    function check32(uint256 opcode, uint256 opposite, uint32 x, uint32 y, bool holds) private pure {
        assert(Numeric32Instructions.compare(opcode, x, y) == (holds ? 1 : 0));
        assert(Numeric32Instructions.compare(opposite, x, y) == (holds ? 0 : 1));
    }

    function check64(uint256 opcode, uint256 opposite, uint64 x, uint64 y, bool holds) private pure {
        assert(Numeric64Instructions.compare(opcode, x, y) == (holds ? 1 : 0));
        assert(Numeric64Instructions.compare(opposite, x, y) == (holds ? 0 : 1));
    }

    function floorDivide(int256 x, uint256 y) private pure returns (int256) {
        int256 divisor = int256(y);
        return x >= 0 ? x / divisor : (x - divisor + 1) / divisor;
    }

    /// @return x cut to `bits` bits and sign-extended to 256
    function extend(uint256 x, uint256 bits) private pure returns (uint256) {
        x %= 1 << bits;
        return x >> (bits - 1) == 0 ? x : type(uint256).max - (1 << bits) + 1 + x;
    }
}
