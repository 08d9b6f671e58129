// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.28;

import {Merkle} from "../machine/Merkle.sol";
import {RegistersLeaf} from "../machine/RegistersLeaf.sol";
import {StateRoot} from "../machine/StateRoot.sol";
import {LeafAccess} from "./LeafAccess.sol";
import {StackProof} from "./StackProof.sol";
import {Leaf, Witness, WitnessReading} from "./Witness.sol";
import "../machine/generated/Opcodes.sol" as Machine;

/// @notice A state as far as the witness of one step shows it. A leaf is taken from the witness when it is first touched.
/// @param phase scratch of a two-part step
/// @param registers position in memory of the registers leaf; the fields above supersede its bytes
/// @param witness what is left of it
/// @param firstStackLeaf the stack leaf touched first, with all its siblings
/// @param secondStackLeaf the other one, with the siblings below the level where their paths meet
/// @param stackCleared whether every slot has become zero
struct State {
    uint32 pc;
    uint32 sp;
    uint32 fp;
    uint32 status;
    uint32 trapCode;
    uint32 memoryPages;
    uint32 tableSize;
    uint32 entryPc;
    uint32 phase;
    uint256 registers;
    bytes32 stackRoot;
    bytes32 globalsRoot;
    bytes32 tableRoot;
    bytes32 codeRoot;
    bytes32 memoryRoot;
    Witness witness;
    Leaf firstStackLeaf;
    Leaf secondStackLeaf;
    Leaf globalsLeaf;
    Leaf memoryLeaf;
    bool stackCleared;
}

/// @title The replaying accessor: the one door through which a step reads and writes the state.
/// @dev Slots, indices and addresses are in bounds when they come here: the semantics has checked them.
library StateAccess {
    uint256 private constant ELEMENT_BYTES = 8;

    /// @notice Takes the state header, which must hash to `root`, from a witness.
    function open(State memory state, bytes32 root, bytes calldata bytesOfWitness) internal pure {
        uint256 begin;
        // begin = <position of bytesOfWitness in msg.data>;
        assembly ("memory-safe") {
            begin := bytesOfWitness.offset
        }
        state.witness = Witness(begin, begin, begin + bytesOfWitness.length);
        uint256 header = WitnessReading.take(state.witness, Machine.HEADER_BYTES);
        state.registers = WitnessReading.copyLeaf(header);
        state.stackRoot = WitnessReading.word(header + 128);
        state.globalsRoot = WitnessReading.word(header + 160);
        state.tableRoot = WitnessReading.word(header + 192);
        state.codeRoot = WitnessReading.word(header + 224);
        state.memoryRoot = WitnessReading.word(header + 256);
        WitnessReading.requireRoot(root, rootOf(state));
        decodeRegisters(state);
    }

    /// @notice The root of the state as it is now. The witness must have been used up.
    function close(State memory state) internal pure returns (bytes32) {
        WitnessReading.finish(state.witness);
        encodeRegisters(state);
        if (state.stackCleared) {
            state.stackRoot = Machine.EMPTY_STACK_ROOT;
        } else if (state.firstStackLeaf.written || state.secondStackLeaf.written) {
            state.stackRoot = StackProof.rootOf(state.firstStackLeaf, state.secondStackLeaf);
        }
        if (state.globalsLeaf.written)
            state.globalsRoot = WitnessReading.rootOf(state.globalsLeaf, Machine.GLOBALS_DEPTH);
        if (state.memoryLeaf.written) state.memoryRoot = WitnessReading.rootOf(state.memoryLeaf, Machine.MEMORY_DEPTH);
        return rootOf(state);
    }

    /// @notice The instruction at `pc`: `opcode | a << 16 | b << 32`.
    function instruction(State memory state, uint32 pc) internal pure returns (uint64) {
        Leaf memory leaf;
        WitnessReading.takeProvenLeaf(state.witness, leaf, pc >> 4, state.codeRoot, Machine.CODE_DEPTH);
        return LeafAccess.load(leaf.data, offsetOf(pc), ELEMENT_BYTES);
    }

    /// @notice All 64 bits of a slot below 2^13.
    function slot(State memory state, uint32 number) internal pure returns (uint64) {
        return LeafAccess.load(stackLeaf(state, number >> 4).data, offsetOf(number), ELEMENT_BYTES);
    }

    function setSlot(State memory state, uint32 number, uint64 value) internal pure {
        Leaf memory leaf = stackLeaf(state, number >> 4);
        LeafAccess.store(leaf.data, offsetOf(number), ELEMENT_BYTES, value);
        leaf.written = true;
    }

    /// @notice All 64 bits of a global below 2^12.
    function global(State memory state, uint32 index) internal pure returns (uint64) {
        return LeafAccess.load(globalsLeaf(state, index >> 4).data, offsetOf(index), ELEMENT_BYTES);
    }

    function setGlobal(State memory state, uint32 index, uint64 value) internal pure {
        Leaf memory leaf = globalsLeaf(state, index >> 4);
        LeafAccess.store(leaf.data, offsetOf(index), ELEMENT_BYTES, value);
        leaf.written = true;
    }

    /// @notice The table entry at an index below 2^18: `type id | entry pc << 32`.
    function entry(State memory state, uint32 index) internal pure returns (uint64) {
        Leaf memory leaf;
        WitnessReading.takeProvenLeaf(state.witness, leaf, index >> 4, state.tableRoot, Machine.TABLE_DEPTH);
        return LeafAccess.load(leaf.data, offsetOf(index), ELEMENT_BYTES);
    }

    /// @notice Size of linear memory in bytes.
    function memoryBytes(State memory state) internal pure returns (uint256) {
        return
            uint256(state.memoryPages > Machine.MAX_MEMORY_PAGES ? Machine.MAX_MEMORY_PAGES : state.memoryPages) << 16;
    }

    /// @notice `length` bytes of linear memory, at most 8 and all in one leaf, as a little-endian number.
    function load(State memory state, uint256 location, uint256 length) internal pure returns (uint64) {
        return LeafAccess.load(memoryLeaf(state, location >> 7).data, location & 127, length);
    }

    /// @notice Writes the lowest `length` bytes of `value`; the same conditions.
    function store(State memory state, uint256 location, uint256 length, uint64 value) internal pure {
        Leaf memory leaf = memoryLeaf(state, location >> 7);
        LeafAccess.store(leaf.data, location & 127, length, value);
        leaf.written = true;
    }

    /// @notice Makes the buffer `length` bytes of linear memory, at most 64 and all in one leaf, followed by zeros.
    function loadBuffer(State memory state, uint256 location, uint256 length) internal pure {
        uint256 from = memoryLeaf(state, location >> 7).data + (location & 127);
        LeafAccess.fill(buffer(state), 0, 64);
        LeafAccess.copy(from, buffer(state), length);
    }

    /// @notice Copies `length` bytes of the buffer to linear memory, into one leaf.
    function storeBuffer(State memory state, uint256 location, uint256 length) internal pure {
        Leaf memory leaf = memoryLeaf(state, location >> 7);
        LeafAccess.copy(buffer(state), leaf.data + (location & 127), length);
        leaf.written = true;
    }

    /// @notice Fills `length` bytes of linear memory, all in one leaf.
    function fill(State memory state, uint256 location, uint256 length, uint8 value) internal pure {
        Leaf memory leaf = memoryLeaf(state, location >> 7);
        LeafAccess.fill(leaf.data + (location & 127), value, length);
        leaf.written = true;
    }

    /// @notice Position in memory of the 64 bytes that a two-part step carries.
    function buffer(State memory state) internal pure returns (uint256) {
        return RegistersLeaf.buffer(state.registers);
    }

    /// @notice Clears everything behind the machine version.
    function clearScratch(State memory state) internal pure {
        state.phase = 0;
        RegistersLeaf.clearScratch(state.registers);
    }

    // INVARIANT: a third stack leaf, or a second one of another tree, is never asked for: no instruction touches more.

    function stackLeaf(State memory state, uint256 number) private pure returns (Leaf memory) {
        Leaf memory first = state.firstStackLeaf;
        if (first.data == 0) {
            WitnessReading.takeProvenLeaf(state.witness, first, number, state.stackRoot, Machine.STACK_DEPTH);
        }
        if (first.number == number) return first;
        Leaf memory second = state.secondStackLeaf;
        if (second.data == 0) StackProof.takeSecond(state.witness, first, second, number);
        assert(second.number == number);
        return second;
    }

    function globalsLeaf(State memory state, uint256 number) private pure returns (Leaf memory leaf) {
        leaf = state.globalsLeaf;
        if (leaf.data == 0) {
            WitnessReading.takeProvenLeaf(state.witness, leaf, number, state.globalsRoot, Machine.GLOBALS_DEPTH);
        }
        assert(leaf.number == number);
    }

    function memoryLeaf(State memory state, uint256 number) private pure returns (Leaf memory leaf) {
        leaf = state.memoryLeaf;
        if (leaf.data == 0) {
            WitnessReading.takeProvenLeaf(state.witness, leaf, number, state.memoryRoot, Machine.MEMORY_DEPTH);
        }
        assert(leaf.number == number);
    }

    function offsetOf(uint32 element) private pure returns (uint256) {
        return ELEMENT_BYTES * (element & 15);
    }

    function rootOf(State memory state) private pure returns (bytes32) {
        bytes32 rest = StateRoot.restOf(state.globalsRoot, state.tableRoot, state.codeRoot, state.memoryRoot);
        return StateRoot.root(Merkle.leaf(state.registers), state.stackRoot, rest);
    }

    function decodeRegisters(State memory state) private pure {
        (uint256 first, uint256 second) = RegistersLeaf.lanes(state.registers);
        state.pc = RegistersLeaf.lane(first, Machine.REGISTER_PC);
        state.sp = RegistersLeaf.lane(first, Machine.REGISTER_SP);
        state.fp = RegistersLeaf.lane(first, Machine.REGISTER_FP);
        state.status = RegistersLeaf.lane(first, Machine.REGISTER_STATUS);
        state.trapCode = RegistersLeaf.lane(first, Machine.REGISTER_TRAP_CODE);
        state.memoryPages = RegistersLeaf.lane(first, Machine.REGISTER_MEMORY_PAGES);
        state.tableSize = RegistersLeaf.lane(first, Machine.REGISTER_TABLE_SIZE);
        state.entryPc = RegistersLeaf.lane(first, Machine.REGISTER_ENTRY_PC);
        state.phase = RegistersLeaf.lane(second, Machine.REGISTER_PHASE);
    }

    function encodeRegisters(State memory state) private pure {
        uint256 first = RegistersLeaf.pack(state.pc, state.sp, state.fp, state.status);
        uint256 rest = RegistersLeaf.pack(state.trapCode, state.memoryPages, state.tableSize, state.entryPc);
        RegistersLeaf.write(state.registers, (first << 128) | rest, state.phase);
    }
}
