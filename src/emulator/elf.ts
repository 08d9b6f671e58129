import { AssayError } from "../core/errors.ts";
/** Reader for ELF64 executables (System V ABI, chapters 4 and 5): what is loaded where, the entry, a symbol's value. */

export interface Segment {
  /** Physical address of its first byte. */
  readonly address: bigint;
  /** What the file holds of it. */
  readonly bytes: Uint8Array;
  /** Its size in memory; bytes that the file does not hold are zero. */
  readonly size: bigint;
}

export interface Elf {
  readonly entry: bigint;
  readonly segments: readonly Segment[];
  /** Values of the symbols that were asked for and exist. */
  readonly symbols: ReadonlyMap<string, bigint>;
}

const loadable = 1;
const symbolTable = 2;
const riscv = 243;
const executable = 2;
const segmentHeaderSize = 56;
const sectionHeaderSize = 64;
const symbolSize = 24;

/**
 * Reads an executable for RV64. Everything in it is checked before it is used.
 * @throws AssayError `emulator/bad-elf`, `emulator/unsupported-elf`
 */
export function readElf(file: Uint8Array, wanted: readonly string[] = []): Elf {
  const view = headerOf(file);
  if (view.getUint16(16, true) !== executable) throw unsupported("it is not a linked executable at fixed addresses");
  return {
    entry: view.getBigUint64(24, true),
    segments: readSegments(file, view),
    symbols: readSymbols(file, view, wanted),
  };
}

/**
 * The file, once it has been found to be one for RV64.
 * @throws AssayError `emulator/bad-elf`, `emulator/unsupported-elf`
 */
export function headerOf(file: Uint8Array): DataView {
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  if (file.length < 64 || view.getUint32(0) !== 0x7f454c46) throw bad("it does not begin with an ELF header", 0);
  if (file[4] !== 2 || file[5] !== 1) throw unsupported("it is not a 64-bit little-endian file");
  if (view.getUint16(18, true) !== riscv) throw unsupported("it is not for RISC-V");
  return view;
}

function readSegments(file: Uint8Array, view: DataView): Segment[] {
  const count = view.getUint16(56, true);
  const table = part(file, view.getBigUint64(32, true), BigInt(count * segmentHeaderSize), "program headers");
  if (count > 0 && view.getUint16(54, true) !== segmentHeaderSize) throw bad("program headers of an unknown size", 54);
  const segments: Segment[] = [];
  for (let index = 0; index < count; index++) {
    const header = new DataView(table.buffer, table.byteOffset + index * segmentHeaderSize, segmentHeaderSize);
    const size = header.getBigUint64(40, true);
    const held = header.getBigUint64(32, true);
    if (header.getUint32(0, true) !== loadable || size === 0n) continue;
    if (held > size) throw bad(`segment ${index} is larger in the file than in memory`, index);
    const bytes = part(file, header.getBigUint64(8, true), held, `segment ${index}`);
    segments.push({ address: header.getBigUint64(24, true), bytes, size });
  }
  if (segments.length === 0) throw bad("nothing in it is to be loaded", count);
  return segments;
}

function readSymbols(file: Uint8Array, view: DataView, wanted: readonly string[]): Map<string, bigint> {
  const found = new Map<string, bigint>();
  if (wanted.length === 0) return found;
  for (const { names, nameAt, value } of symbolsOf(file, view)) {
    const name = wanted.find((text) => isNameAt(names, nameAt, text));
    if (name !== undefined) found.set(name, value);
  }
  return found;
}

interface SymbolEntry {
  /** The section of names, and where in it this one's begins. */
  readonly names: Uint8Array;
  readonly nameAt: number;
  readonly type: number;
  readonly value: bigint;
}

/**
 * The symbols of all symbol tables of an ELF64 file.
 * @throws AssayError `emulator/bad-elf`
 */
export function* symbolsOf(file: Uint8Array, view: DataView): Generator<SymbolEntry> {
  const count = view.getUint16(60, true);
  if (count === 0) return;
  if (view.getUint16(58, true) !== sectionHeaderSize) throw bad("section headers of an unknown size", 58);
  const table = part(file, view.getBigUint64(40, true), BigInt(count * sectionHeaderSize), "section headers");
  const section = (index: number) => {
    const header = new DataView(table.buffer, table.byteOffset + index * sectionHeaderSize, sectionHeaderSize);
    const read = () => part(file, header.getBigUint64(24, true), header.getBigUint64(32, true), `section ${index}`);
    return { type: header.getUint32(4, true), link: header.getUint32(40, true), read };
  };
  for (let index = 0; index < count; index++) {
    const { type, link, read } = section(index);
    if (type !== symbolTable) continue;
    if (link >= count) throw bad(`section ${index} names a section of names that does not exist`, link);
    const names = section(link).read();
    const symbols = read();
    const entries = new DataView(symbols.buffer, symbols.byteOffset, symbols.byteLength);
    for (let at = 0; at + symbolSize <= symbols.length; at += symbolSize) {
      const [nameAt, type] = [entries.getUint32(at, true), entries.getUint8(at + 4) & 15];
      yield { names, nameAt, type, value: entries.getBigUint64(at + 8, true) };
    }
  }
}

function isNameAt(names: Uint8Array, at: number, text: string): boolean {
  if (at + text.length >= names.length || names[at + text.length] !== 0) return false;
  for (let i = 0; i < text.length; i++) if (names[at + i] !== text.charCodeAt(i)) return false;
  return true;
}

/** The `size` bytes at `offset` of the file. */
function part(file: Uint8Array, offset: bigint, size: bigint, what: string): Uint8Array {
  if (offset + size > BigInt(file.length)) {
    throw bad(`its ${what} (${size} bytes at ${offset}) are beyond the end of the file`, Number(offset));
  }
  return file.subarray(Number(offset), Number(offset + size));
}

function bad(fact: string, at: number): Error {
  return new AssayError("emulator/bad-elf", `the ELF file is damaged: ${fact}`, { fact, at });
}

function unsupported(fact: string): Error {
  return new AssayError(
    "emulator/unsupported-elf",
    `the ELF file cannot be run here: ${fact}; expected a static RV64 executable linked at 0x80000000`,
    { fact },
  );
}
