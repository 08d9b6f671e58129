// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAssayErrors} from "../interfaces/IAssayErrors.sol";

/// @title EvmProbe: whether this chain's EVM has the instructions that the contracts are compiled to.
/// @dev Each probe is creation code that runs one instruction and deploys nothing; where the instruction is missing the
/// creation fails. A deployment on such a chain could take bonds and never give them back.
library EvmProbe {
    /// @dev Reverts with the name of the first instruction that is missing.
    function requireAll() internal {
        // PUSH0, POP, STOP
        probe("PUSH0 (EIP-3855)", hex"5f5000");
        // PUSH1 0, PUSH1 0, PUSH1 0, MCOPY, STOP
        probe("MCOPY (EIP-5656)", hex"6000600060005e00");
        // PUSH1 0, TLOAD, POP, STOP
        probe("transient storage (EIP-1153)", hex"60005c5000");
    }

    function probe(string memory name, bytes memory creation) private {
        address created;
        assembly ("memory-safe") {
            created := create(0, add(creation, 0x20), mload(creation))
        }
        if (created == address(0)) revert IAssayErrors.EvmLacks(name);
    }
}
