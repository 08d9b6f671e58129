// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Registers, RegistersProof, ResultRecord} from "../types/MachineState.sol";

/// @title The machine on chain: one step of it, and what a state root can be asked.
/// @notice Stateless and pure. A state never makes a function revert, whatever it holds; only proofs do that are not proofs
/// of it. The machine and the formats of state and witness are specified in `src/machine/README.md`.
interface IStepVerifier {
    /// @notice The bytes shown do not hash to the root they are shown for: neither a state root nor a tree's root of the
    /// header.
    error RootMismatch(bytes32 expected, bytes32 given);

    /// @notice The step needs more bytes of witness than there are.
    error WitnessTooShort(uint256 needed, uint256 given);

    /// @notice The step has used fewer bytes of witness than there are.
    error WitnessTooLong(uint256 used, uint256 given);

    /// @notice A proof of fixed length has another one.
    error ProofLengthMismatch(uint256 expected, uint256 given);

    /// @notice Executes one step.
    /// @param root state root before the step
    /// @param witness `state header (288 bytes) ‖ leaves in the order of first touch`, consumed to its last byte
    /// @return postRoot state root after the step; `root` itself when the state is not running
    function step(bytes32 root, bytes calldata witness) external pure returns (bytes32 postRoot);

    /// @notice Begins a tick: a yielded state becomes a running one at the program's entry. Every other state stays as it
    /// is.
    /// @param root state root before
    /// @return postRoot state root of the tick's first step
    function resume(bytes32 root, RegistersProof calldata proof) external pure returns (bytes32 postRoot);

    /// @notice Reads the registers of a state.
    function registers(bytes32 root, RegistersProof calldata proof) external pure returns (Registers memory);

    /// @notice Reads the registers and the result record of a state in one proof.
    /// @param proof `state header (288 bytes) ‖ memory leaf 0 (128 bytes) ‖ its 25 siblings, lowest first`: 1216 bytes
    function result(bytes32 root, bytes calldata proof) external pure returns (Registers memory, ResultRecord memory);

    /// @notice The version that a state of this machine has in its registers leaf.
    function machineVersion() external pure returns (uint32);
}
