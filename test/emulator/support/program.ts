import { A0, A1, A2, A7, ecall, jal, li } from "./encode.ts";

/** Where test programs lie, for the emulator (guest-physical) as for `qemu-riscv64` (virtual). */
export const base = 0x80000000;

/** A program with data, laid out as one readable, writable and executable segment from `base` on. */
export interface TestProgram {
  readonly bytes: Uint8Array;
  /** Address of the region that holds the results, and its size in bytes. */
  readonly results: number;
  readonly resultsSize: number;
}

/**
 * Puts together `code` (32-bit words; compressed pairs count as one), `data` and a zeroed result region, page-aligned each.
 * `code` gets the addresses of data and results; what follows it writes the results to standard output and exits, which
 * the emulator's firmware answers with "not supported", and then waits in an endless loop.
 */
export function assemble(
  code: (data: number, results: number) => readonly number[],
  data: Uint8Array,
  resultsSize: number,
): TestProgram {
  const length = 4 * (code(base, base).length + 16);
  const dataAt = base + pageUp(length);
  const results = dataAt + pageUp(data.length);
  const words = [
    ...code(dataAt, results),
    ...li(A0, 1),
    ...load(A1, results),
    ...li(A2, resultsSize),
    ...li(A7, 64),
    ecall,
    ...li(A0, 0),
    ...li(A7, 93),
    ecall,
    jal(0, 0),
  ];
  const bytes = new Uint8Array(results - base + pageUp(resultsSize));
  const view = new DataView(bytes.buffer);
  words.forEach((word, index) => {
    view.setUint32(4 * index, word, true);
  });
  bytes.set(data, dataAt - base);
  return { bytes, results, resultsSize };
}

/** Loads an address at or above `base`, zero-extended: always six words long. */
export function load(rd: number, address: number): number[] {
  const [upper, lower] = li(rd, address - base) as [number, number];
  // lui/addiw give the distance; 1 << 31 is added from x31, which is then cleared.
  return [upper, lower, 0x00100f93, 0x01ff9f93, (0x33 | (rd << 7) | (rd << 15) | (31 << 20)) >>> 0, 0x00000f93];
}

function pageUp(size: number): number {
  return Math.ceil(size / 4096) * 4096;
}

/** The program as a static ELF executable for RV64 (System V ABI, one PT_LOAD segment, double-float flags). */
export function toElf(
  { bytes }: Pick<TestProgram, "bytes">,
  symbols: Readonly<Record<string, number>> = {},
): Uint8Array {
  const header = new Uint8Array(4096);
  const view = new DataView(header.buffer);
  header.set([0x7f, 0x45, 0x4c, 0x46, 2, 1, 1]);
  view.setUint16(16, 2, true);
  view.setUint16(18, 243, true);
  view.setUint32(20, 1, true);
  view.setBigUint64(24, BigInt(base), true);
  view.setBigUint64(32, 64n, true);
  view.setBigUint64(40, BigInt(header.length + bytes.length), true);
  view.setUint32(48, 5, true);
  view.setUint16(52, 64, true);
  view.setUint16(54, 56, true);
  view.setUint16(56, 1, true);
  view.setUint16(58, 64, true);
  view.setUint32(64, 1, true);
  view.setUint32(68, 7, true);
  view.setBigUint64(72, 4096n, true);
  view.setBigUint64(80, BigInt(base), true);
  view.setBigUint64(88, BigInt(base), true);
  view.setBigUint64(96, BigInt(bytes.length), true);
  view.setBigUint64(104, BigInt(bytes.length), true);
  view.setBigUint64(112, 4096n, true);
  const sections = sectionsOf(symbols, header.length + bytes.length);
  if (sections.length > 0) view.setUint16(60, 3, true);
  const file = new Uint8Array(header.length + bytes.length + sections.length);
  file.set(header);
  file.set(bytes, header.length);
  file.set(sections, header.length + bytes.length);
  return file;
}

/** Headers of three sections (none, symbols, their names), to stand at `offset` of the file, and their contents. */
function sectionsOf(symbols: Readonly<Record<string, number>>, offset: number): Uint8Array {
  const entries = Object.entries(symbols);
  if (entries.length === 0) return new Uint8Array(0);
  const names = new TextEncoder().encode(["", ...entries.map(([name]) => name), ""].join("\0"));
  const tableSize = 24 * (entries.length + 1);
  const bytes = new Uint8Array(3 * 64 + tableSize + names.length);
  const view = new DataView(bytes.buffer);
  const section = (index: number, type: number, at: number, size: number, link: number) => {
    view.setUint32(64 * index + 4, type, true);
    view.setBigUint64(64 * index + 24, BigInt(offset + at), true);
    view.setBigUint64(64 * index + 32, BigInt(size), true);
    view.setUint32(64 * index + 40, link, true);
  };
  section(1, 2, 192, tableSize, 2);
  section(2, 3, 192 + tableSize, names.length, 0);
  let name = 1;
  entries.forEach(([text, value], index) => {
    view.setUint32(192 + 24 * (index + 1), name, true);
    view.setBigUint64(192 + 24 * (index + 1) + 8, BigInt(value), true);
    name += text.length + 1;
  });
  bytes.set(names, 192 + tableSize);
  return bytes;
}
