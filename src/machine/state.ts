/**
 * The machine's state as arrays, and the one door through which a step reads and writes it (`README.md`, "State").
 *
 * The class is also the accessor: with `touched` null it is the *direct* one; a `Touched` that takes notes makes it
 * *recording*, one that fills the arrays from a witness makes it *replaying*. One concrete class keeps every call site of
 * the step monomorphic, whatever else the process does with the machine.
 */
import { globalSlots, leafBytes, maxMemoryPages, memoryPageBytes, stackSlots, tableEntries } from "./layout.ts";
import { bufferOffset, Register, registerWords, Status } from "./registers.ts";

/**
 * Told of every access before it happens. Takes slots, entries, instructions and byte addresses, and answers where in the
 * arrays they are: the same numbers while recording, others while replaying.
 */
export interface Touched {
  code(pc: number): number;
  stack(slot: number): number;
  globals(index: number): number;
  table(index: number): number;
  memory(address: number): number;
  /** All slots become zero. */
  stackCleared(): void;
}

/** The arrays of a state. What lies beyond an array's end is zero. */
export interface StateArrays {
  /** The registers leaf as 32 words. */
  readonly registers: Int32Array;
  /** All 2^13 slots, low half first. */
  readonly stack: Int32Array;
  /** All 2^12 slots, low half first. */
  readonly globals: Int32Array;
  /** Type id and entry pc of each entry. */
  readonly table: Int32Array;
  /** Two words for each instruction: `opcode | a << 16`, then `b`. Never written. */
  readonly code: Int32Array;
  /** `memoryPages` * 65,536 bytes, or more. */
  readonly memory: Uint8Array;
}

/** 4 KiB: the granularity in which direct execution notes writes to memory. */
export const log2DirtyPageBytes = 12;

// V8 folds a module's own constants into optimized code; what is imported or exported it loads and checks each time.
const DIRTY = log2DirtyPageBytes;
const MAX_PAGES = maxMemoryPages;
const MAX_ENTRIES = tableEntries;
const { memoryPages: MEMORY_PAGES, tableSize: TABLE_SIZE } = Register;

/** All that the machine is between two steps, in typed arrays that are written in place. */
export class MachineState implements StateArrays {
  readonly registers: Int32Array;
  readonly stack: Int32Array;
  readonly globals: Int32Array;
  readonly table: Int32Array;
  readonly code: Int32Array;
  readonly memory: Uint8Array;
  /** One byte for each 4 KiB of memory: 1 when written since somebody last set it to 0. */
  readonly dirty: Uint8Array;
  /** Null for direct execution. */
  readonly touched: Touched | null;
  /** The bytes of the registers leaf from `buffer` on. */
  private readonly bufferBytes: Uint8Array;
  private readonly view: DataView;

  constructor(arrays: StateArrays, touched: Touched | null = null, dirty?: Uint8Array) {
    this.registers = arrays.registers;
    this.stack = arrays.stack;
    this.globals = arrays.globals;
    this.table = arrays.table;
    this.code = arrays.code;
    this.memory = arrays.memory;
    this.dirty = dirty ?? new Uint8Array(Math.ceil(arrays.memory.length / 2 ** log2DirtyPageBytes));
    this.touched = touched;
    const { buffer, byteOffset } = arrays.registers;
    this.bufferBytes = new Uint8Array(buffer, byteOffset + bufferOffset, leafBytes - bufferOffset);
    this.view = new DataView(arrays.memory.buffer, arrays.memory.byteOffset, arrays.memory.byteLength);
  }

  get running(): boolean {
    return this.registers[Register.status] === Status.running;
  }

  /** Where in `code` an instruction below 2^24 is. */
  locate(pc: number): number {
    return this.touched === null ? pc : this.touched.code(pc) | 0;
  }

  /** First word of a located instruction: `opcode | a << 16`. */
  operation(at: number): number {
    const word = at << 1;
    return word < this.code.length ? this.code[word]! : 0;
  }

  /** Second word of a located instruction: immediate `b`. */
  immediate(at: number): number {
    const word = (at << 1) | 1;
    return word < this.code.length ? this.code[word]! : 0;
  }

  /** Low half of a slot below 2^13. */
  low(slot: number): number {
    const at = this.touched === null ? slot : this.touched.stack(slot) | 0;
    return this.stack[at << 1]!;
  }

  /** High half of a slot below 2^13. */
  high(slot: number): number {
    const at = this.touched === null ? slot : this.touched.stack(slot) | 0;
    return this.stack[(at << 1) | 1]!;
  }

  setSlot(slot: number, low: number, high: number): void {
    const at = this.touched === null ? slot : this.touched.stack(slot) | 0;
    this.stack[at << 1] = low;
    this.stack[(at << 1) | 1] = high;
  }

  clearStack(): void {
    if (this.touched !== null) this.touched.stackCleared();
    this.stack.fill(0);
  }

  /** Low half of a global below 2^12. */
  globalLow(index: number): number {
    const at = this.touched === null ? index : this.touched.globals(index) | 0;
    return this.globals[at << 1]!;
  }

  /** High half of a global below 2^12. */
  globalHigh(index: number): number {
    const at = this.touched === null ? index : this.touched.globals(index) | 0;
    return this.globals[(at << 1) | 1]!;
  }

  setGlobal(index: number, low: number, high: number): void {
    const at = this.touched === null ? index : this.touched.globals(index) | 0;
    this.globals[at << 1] = low;
    this.globals[(at << 1) | 1] = high;
  }

  /** Type id of an entry below `tableSize`, 0 for a null one. */
  entryTypeId(index: number): number {
    const at = (this.touched === null ? index : this.touched.table(index) | 0) << 1;
    return at < this.table.length ? this.table[at]! : 0;
  }

  entryPc(index: number): number {
    const at = ((this.touched === null ? index : this.touched.table(index) | 0) << 1) + 1;
    return at < this.table.length ? this.table[at]! : 0;
  }

  /** Number of table entries: what the register says, up to 2^18. */
  get tableSize(): number {
    const entries = this.registers[TABLE_SIZE]! >>> 0;
    return Math.min(entries, MAX_ENTRIES);
  }

  /** Number of memory pages: what the register says, up to 65,536. */
  get memoryPages(): number {
    const pages = this.registers[MEMORY_PAGES]! >>> 0;
    return Math.min(pages, MAX_PAGES);
  }

  /** Byte of the registers' buffer; `index` is below 64. */
  buffer(index: number): number {
    return this.bufferBytes[index]!;
  }

  setBuffer(index: number, byte: number): void {
    this.bufferBytes[index] = byte;
  }

  // Memory accesses below are bounds-checked and lie within one leaf.

  load8(address: number): number {
    const at = this.touched === null ? address : this.touched.memory(address) >>> 0;
    return this.memory[at]!;
  }

  load16(address: number): number {
    const at = this.touched === null ? address : this.touched.memory(address) >>> 0;
    return this.view.getUint16(at, true);
  }

  load32(address: number): number {
    const at = this.touched === null ? address : this.touched.memory(address) >>> 0;
    return this.view.getInt32(at, true);
  }

  store8(address: number, value: number): void {
    const at = this.touched === null ? address : this.touched.memory(address) >>> 0;
    this.dirty[at >>> DIRTY] = 1;
    this.memory[at] = value;
  }

  store16(address: number, value: number): void {
    const at = this.touched === null ? address : this.touched.memory(address) >>> 0;
    this.dirty[at >>> DIRTY] = 1;
    this.view.setInt16(at, value, true);
  }

  store32(address: number, value: number): void {
    const at = this.touched === null ? address : this.touched.memory(address) >>> 0;
    this.dirty[at >>> DIRTY] = 1;
    this.view.setInt32(at, value, true);
  }
}

/** What `newArrays` makes room for. */
export interface StateSizes {
  readonly memoryPages: number;
  readonly tableSize: number;
  /** Instructions; shared, not copied. */
  readonly code: Int32Array;
}

/** Zeroed arrays of a state, its code shared. */
export function newArrays(sizes: StateSizes): StateArrays {
  return {
    registers: new Int32Array(registerWords),
    stack: new Int32Array(2 * stackSlots),
    globals: new Int32Array(2 * globalSlots),
    table: new Int32Array(2 * sizes.tableSize),
    code: sizes.code,
    memory: new Uint8Array(sizes.memoryPages * memoryPageBytes),
  };
}

/** An independent copy that shares only the code and the table, which no step writes. Its dirty marks start at 0. */
export function cloneState(state: StateArrays): MachineState {
  return new MachineState({
    registers: state.registers.slice(),
    stack: state.stack.slice(),
    globals: state.globals.slice(),
    table: state.table,
    code: state.code,
    memory: state.memory.slice(),
  });
}

/**
 * Makes `to` equal `from` without allocating. Both belong to the same program: their code, table and memory sizes agree.
 * The dirty marks of `to` stay as they are.
 */
export function copyState(from: StateArrays, to: MachineState): void {
  to.registers.set(from.registers);
  to.stack.set(from.stack);
  to.globals.set(from.globals);
  to.memory.set(from.memory);
}
