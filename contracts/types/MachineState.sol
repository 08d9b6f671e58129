// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

// What the rest of the contracts knows about a machine state: the parts of it that a proof can show. The layout is that of
// src/machine/README.md.

// The machine has reached the end of a tick, or has not begun: it is ready for the next one.
uint32 constant STATUS_YIELDED = 0;
// Inside a tick. No tick begins or ends in this status.
uint32 constant STATUS_RUNNING = 1;
// The program has finished. A fixed point of ticks and steps.
uint32 constant STATUS_HALTED = 2;
// The program has failed. A fixed point of ticks and steps.
uint32 constant STATUS_TRAPPED = 3;

/// @notice Shows that a state root holds a registers leaf: `root = H(H(keccak(registers), stackRoot), rest)`.
/// @param registers the 128-byte registers leaf, in its byte order, as four words
/// @param stackRoot root of the stack tree
/// @param rest root over globals, table, code and memory
struct RegistersProof {
    bytes32[4] registers;
    bytes32 stackRoot;
    bytes32 rest;
}

/// @notice The registers of a state, decoded. Every value of every field can occur: a root can commit to anything.
/// @param status `STATUS_...`, or any other value, which is a fixed point too
/// @param trapCode 0 unless trapped
/// @param scratchIsZero whether bytes 36..127 of the leaf (phase, spare words, buffer) are all zero
struct Registers {
    uint32 pc;
    uint32 sp;
    uint32 fp;
    uint32 status;
    uint32 trapCode;
    uint32 memoryPages;
    uint32 tableSize;
    uint32 entryPc;
    uint32 machineVersion;
    bool scratchIsZero;
}

/// @notice The first 64 bytes of linear memory, decoded: what a program says about its result.
/// @param version 1, or the bytes of a program that follows another convention
/// @param artifactSize in bytes
struct ResultRecord {
    uint32 version;
    uint32 exitCode;
    uint64 artifactSize;
    bytes32 artifactSha256;
}
