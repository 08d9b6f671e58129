// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IAssayErrors} from "../interfaces/IAssayErrors.sol";

/// @title EvmProbe: whether this chain's EVM has the instructions that the contracts are compiled to.
/// @dev Each probe is creation code that runs one instruction and deploys nothing; where the instruction is missing the
/// creation fails. A deployment on such a chain could take bonds and never give them back. An EVM without PUSH0 needs no
/// probe: there the first instruction of the constructor fails already.
library EvmProbe {
    /// @dev Reverts with the name of the first instruction that is missing.
    function requireAll() internal {
        // PUSH1 0, PUSH1 0, PUSH1 0, MCOPY, STOP
        probe("MCOPY (EIP-5656)", 16, hex"6000600060005e00");
        // PUSH1 0, TLOAD, POP, STOP
        probe("transient storage (EIP-1153)", 28, hex"60005c5000");
    }

    function probe(bytes32 name, uint256 length, bytes memory creation) private {
        bytes4 selector = IAssayErrors.EvmLacks.selector;
        // revert IAssayErrors.EvmLacks(name);
        // In plain Solidity the name is copied by MCOPY, which may be what is missing.
        assembly ("memory-safe") {
            if iszero(create(0, add(creation, 0x20), mload(creation))) {
                let at := mload(0x40)
                mstore(at, selector)
                mstore(add(at, 0x04), 0x20)
                mstore(add(at, 0x24), length)
                mstore(add(at, 0x44), name)
                revert(at, 0x64)
            }
        }
    }
}
