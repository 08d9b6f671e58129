// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {IStepVerifier} from "../interfaces/IStepVerifier.sol";

/// @title Many steps in one call, so that a test can check tens of thousands.
contract StepBatch {
    IStepVerifier private immutable VERIFIER;

    constructor(IStepVerifier verifier) {
        VERIFIER = verifier;
    }

    /// @return postRoots of each step; zero where the verifier reverts
    function run(
        bytes32[] calldata roots,
        bytes[] calldata witnesses
    ) external view returns (bytes32[] memory postRoots) {
        postRoots = new bytes32[](roots.length);
        for (uint256 i = 0; i < roots.length; ++i) postRoots[i] = attempt(roots[i], witnesses[i]);
    }

    /// @notice The step from one root with each of the witnesses that `original` becomes when byte `from`, `from + 1`, ... has
    /// its bits in `mask` flipped.
    /// @return postRoots of each; zero where the verifier reverts
    function runFlipped(
        bytes32 root,
        bytes calldata original,
        uint256 from,
        uint256 count,
        bytes1 mask
    ) external view returns (bytes32[] memory postRoots) {
        postRoots = new bytes32[](count);
        bytes memory witness = original;
        for (uint256 i = 0; i < count; ++i) {
            witness[from + i] ^= mask;
            postRoots[i] = attempt(root, witness);
            witness[from + i] ^= mask;
        }
    }

    /// @return gasUsed by the call of one step alone, without what a transaction costs
    function measure(bytes32 root, bytes calldata witness) external view returns (uint256 gasUsed) {
        uint256 before = gasleft();
        VERIFIER.step(root, witness);
        gasUsed = before - gasleft();
    }

    function attempt(bytes32 root, bytes memory witness) private view returns (bytes32) {
        try VERIFIER.step(root, witness) returns (bytes32 postRoot) {
            return postRoot;
        } catch {
            return bytes32(0);
        }
    }
}
