// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Counting bits.
library Bits {
    /// @notice The number of bits needed to write `x`: 0 for 0.
    function length(uint64 x) internal pure returns (uint32 bits) {
        unchecked {
            if (x >> 32 != 0) (x, bits) = (x >> 32, bits + 32);
            if (x >> 16 != 0) (x, bits) = (x >> 16, bits + 16);
            if (x >> 8 != 0) (x, bits) = (x >> 8, bits + 8);
            if (x >> 4 != 0) (x, bits) = (x >> 4, bits + 4);
            if (x >> 2 != 0) (x, bits) = (x >> 2, bits + 2);
            if (x >> 1 != 0) (x, bits) = (x >> 1, bits + 1);
            return bits + uint32(x);
        }
    }

    /// @notice The number of ones in `x`.
    function count(uint64 x) internal pure returns (uint32) {
        unchecked {
            x -= (x >> 1) & 0x5555555555555555;
            x = (x & 0x3333333333333333) + ((x >> 2) & 0x3333333333333333);
            x = (x + (x >> 4)) & 0x0f0f0f0f0f0f0f0f;
            return uint32((x * 0x0101010101010101) >> 56);
        }
    }
}
