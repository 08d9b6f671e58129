// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Merkle} from "./Merkle.sol";

/// @title How a state root is put together from its parts.
library StateRoot {
    /// @notice `H(H(registersHash, stackRoot), rest)`.
    function root(bytes32 registersHash, bytes32 stackRoot, bytes32 rest) internal pure returns (bytes32) {
        return Merkle.node(Merkle.node(registersHash, stackRoot), rest);
    }

    /// @notice `H(H(globalsRoot, tableRoot), H(codeRoot, memoryRoot))`.
    function restOf(
        bytes32 globalsRoot,
        bytes32 tableRoot,
        bytes32 codeRoot,
        bytes32 memoryRoot
    ) internal pure returns (bytes32) {
        return Merkle.node(Merkle.node(globalsRoot, tableRoot), Merkle.node(codeRoot, memoryRoot));
    }
}
