// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title The machine is little-endian, the EVM is not.
library ByteOrder {
    /// @notice Reverses the bytes within each of the eight 32-bit lanes of a word.
    function reverse32Lanes(uint256 word) internal pure returns (uint256) {
        uint256 bytesOdd = 0x00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff00ff;
        uint256 pairsOdd = 0x0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff0000ffff;
        word = ((word & bytesOdd) << 8) | ((word >> 8) & bytesOdd);
        return ((word & pairsOdd) << 16) | ((word >> 16) & pairsOdd);
    }

    /// @notice Reverses the lowest 8 bytes of a word; the bytes above them are ignored.
    function reverse64(uint256 word) internal pure returns (uint64) {
        word = ((word & 0x00ff00ff00ff00ff) << 8) | ((word >> 8) & 0x00ff00ff00ff00ff);
        word = ((word & 0x0000ffff0000ffff) << 16) | ((word >> 16) & 0x0000ffff0000ffff);
        return uint64((word << 32) | ((word >> 32) & 0xffffffff));
    }
}
