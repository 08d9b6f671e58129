// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

/// @title Tells Hardhat's coverage that a condition was evaluated, and to what.
/// @dev A call to this address with one word is how Hardhat counts statements too. The word is the tag, `2 * id` or one more.
library BranchProbe {
    address private constant COVERAGE = 0xc0bEc0BEc0BeC0bEC0beC0bEC0bEC0beC0beC0BE;
    uint256 private constant TAG = uint256(bytes32("assay.branch"));

    function at(uint256 id, bool condition) internal pure returns (bool) {
        asPure(tell)(TAG + 2 * id + (condition ? 1 : 0));
        return condition;
    }

    function tell(uint256 tag) private view {
        address to = COVERAGE;
        assembly ("memory-safe") {
            let free := mload(0x40)
            mstore(free, tag)
            pop(staticcall(gas(), to, free, 32, 0, 0))
        }
    }

    function asPure(
        function(uint256) internal view from
    ) private pure returns (function(uint256) internal pure to) {
        assembly ("memory-safe") {
            to := from
        }
    }
}
