/** A lowered program, and the first state of a machine that is to run it. */

import type { Root } from "../core/bytes.ts";
import { AssayError } from "../core/errors.ts";
import type { Hasher } from "../merkle/hasher.ts";
import { globalSlots, memoryPageBytes, stackSlots } from "./layout.ts";
import { machineVersion, Register, registerWords, Status } from "./registers.ts";
import { MachineState, newArrays } from "./state.ts";
import { StateTree } from "./stateTree.ts";

/** Where a function's code is, and what lowering knows of it. */
export interface LoweredFunction {
  readonly entryPc: number;
  /** First instruction behind it. */
  readonly endPc: number;
  readonly typeId: number;
  readonly parameters: number;
  readonly results: number;
  /** From the module's name section, for people only. */
  readonly name: string | undefined;
}

/** Bytes that are in memory before the program starts. */
export interface MemoryImage {
  readonly address: number;
  readonly bytes: Uint8Array;
}

/** A WebAssembly module in the machine's own code, and what its memory, globals and table hold at the start. */
export interface MachineProgram {
  /** Two words for each instruction. */
  readonly code: Int32Array;
  /** By the module's function index. */
  readonly functions: readonly LoweredFunction[];
  /** Type id and entry pc of each entry: active segments are applied. */
  readonly table: Int32Array;
  /** First values of the globals, low half first; as many as there are globals. */
  readonly globals: Int32Array;
  readonly memoryPages: number;
  /** Active data segments, in the module's order. */
  readonly data: readonly MemoryImage[];
  /** Function that the module names as its start; the machine never runs it on its own. */
  readonly start: number | undefined;
  /** Exported functions by name. */
  readonly exports: ReadonlyMap<string, number>;
}

/** A program that passed the rules of claimable programs: its ticks may be run natively. */
export interface ClaimableProgram extends MachineProgram {
  /** Function index of the exported `tick`. */
  readonly tick: number;
  /** The module it was lowered from. */
  readonly binary: Uint8Array;
  /** Most stack slots that a tick can use. */
  readonly stackSlots: number;
}

/** A power-of-two range of memory and what is in it before the first tick; what `bytes` does not fill is zero. */
export interface DriveImage extends MemoryImage {
  readonly log2Size: number;
}

/**
 * The state before the first tick, whose root is the build id: data segments, then drives, `ready` at the program's tick.
 * @throws AssayError `machine/bad-input` when a drive is misplaced, too small, or overlaps something.
 */
export function startState(program: ClaimableProgram, drives: readonly DriveImage[] = []): MachineState {
  checkDrives(program, drives);
  const state = emptyState(program);
  for (const { address, bytes } of drives) state.memory.set(bytes, address);
  state.registers.set(startRegisters(program));
  return state;
}

/** The program's start state over a memory of at least its pages; what is in it (segments, drives) is the caller's. */
export function startStateOver(memory: WebAssembly.Memory, program: ClaimableProgram): MachineState {
  const state = new MachineState({
    registers: startRegisters(program),
    stack: new Int32Array(2 * stackSlots),
    globals: new Int32Array(2 * globalSlots),
    table: program.table,
    code: program.code,
    memory: new Uint8Array(memory.buffer, 0, program.memoryPages * memoryPageBytes),
  });
  state.globals.set(program.globals);
  return state;
}

/** The registers leaf of the first state. */
export function startRegisters(program: ClaimableProgram): Int32Array {
  const registers = readyRegisters(program);
  registers[Register.entryPc] = program.functions[program.tick]!.entryPc;
  return registers;
}

/** As `startState`, without drives and without an entry: status yielded, nothing on the stack. */
export function emptyState(program: MachineProgram): MachineState {
  const tableSize = program.table.length / 2;
  const state = new MachineState(newArrays({ memoryPages: program.memoryPages, tableSize, code: program.code }));
  state.table.set(program.table);
  state.globals.set(program.globals);
  for (const { address, bytes } of program.data) state.memory.set(bytes, address);
  state.registers.set(readyRegisters(program));
  return state;
}

function readyRegisters(program: MachineProgram): Int32Array {
  const registers = new Int32Array(registerWords);
  registers[Register.status] = Status.yielded;
  registers[Register.memoryPages] = program.memoryPages;
  registers[Register.tableSize] = program.table.length / 2;
  registers[Register.machineVersion] = machineVersion;
  return registers;
}

/** Root of the first state. Clients need not build it: they splice it from the drive's root and siblings. */
export function buildIdOf(program: ClaimableProgram, drives: readonly DriveImage[], hasher: Hasher): Root {
  return new StateTree(hasher, startState(program, drives)).root();
}

/** @throws AssayError `machine/bad-input` when a drive is misplaced, too small, or overlaps something. */
export function checkDrives(program: MachineProgram, drives: readonly DriveImage[]): void {
  const memoryBytes = program.memoryPages * memoryPageBytes;
  const taken = program.data.map(({ address, bytes }) => ({ from: address, to: address + bytes.length, what: "data" }));
  for (const { address, bytes, log2Size } of drives) {
    const size = 2 ** log2Size;
    const refuse = (fact: string) =>
      new AssayError("machine/bad-input", `the drive at ${address} ${fact}`, {
        address,
        log2Size,
        length: bytes.length,
      });
    if (!Number.isInteger(log2Size) || log2Size < 7 || log2Size > 32)
      throw refuse("has no size from 2^7 to 2^32 bytes");
    if (!Number.isInteger(address) || address < 0 || address % size !== 0) throw refuse("is not aligned to its size");
    if (address + size > memoryBytes) throw refuse(`of 2^${log2Size} bytes ends beyond the memory`);
    if (bytes.length > size) throw refuse(`holds ${size} bytes, its image has ${bytes.length}`);
    const other = taken.find(({ from, to }) => from < address + size && address < to);
    if (other !== undefined) throw refuse(`overlaps ${other.what} at ${other.from}`);
    taken.push({ from: address, to: address + size, what: "a drive" });
  }
}
