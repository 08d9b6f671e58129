import type { Entry } from "./compareEntries.ts";
import type { Facts } from "./compareFacts.ts";
import { refused } from "./diffRun.ts";

/** An ELF file of any machine as its sections (System V ABI, chapter 4). */
export interface ElfFile {
  readonly facts: Facts;
  readonly sections: readonly Entry[];
}

const noBits = 8;
const mostNameBytes = 256;

/** Where the fields of a file header, and of a section header, are in each class. */
const layouts = {
  1: {
    headerBytes: 52,
    entry: 24,
    tableAt: 32,
    flags: 36,
    tableEntry: 46,
    section: { bytes: 40, flags: 8, address: 12, offset: 16, size: 20 },
  },
  2: {
    headerBytes: 64,
    entry: 24,
    tableAt: 40,
    flags: 48,
    tableEntry: 58,
    section: { bytes: 64, flags: 8, address: 16, offset: 24, size: 32 },
  },
} as const;

/** @throws AssayError `diff/refused` */
export function readElfFile(file: Uint8Array): ElfFile {
  const elfClass = file[4];
  const isLittle = file[5] === 1;
  if ((elfClass !== 1 && elfClass !== 2) || (!isLittle && file[5] !== 2))
    throw refused("it is an ELF file of no known class");
  const layout = layouts[elfClass];
  if (file.length < layout.headerBytes) throw refused("its ELF header is cut off");
  const view = new DataView(file.buffer, file.byteOffset, file.byteLength);
  const half = (at: number) => view.getUint16(at, isLittle);
  const word = (at: number) => view.getUint32(at, isLittle);
  const address = (at: number) => (elfClass === 1 ? word(at) : Number(view.getBigUint64(at, isLittle)));
  const part = (offset: number, size: number, what: string) => {
    if (offset + size > file.length) throw refused(`its ${what} is beyond its end`);
    return file.subarray(offset, offset + size);
  };
  const facts = new Map([
    ["ELF class", elfClass === 1 ? "32 bits" : "64 bits"],
    ["ELF byte order", isLittle ? "little-endian" : "big-endian"],
    ["ELF type", String(half(16))],
    ["ELF machine", String(half(18))],
    ["ELF entry", hex(address(layout.entry))],
    ["ELF flags", hex(word(layout.flags))],
  ]);
  const [entryBytes, count, namesIndex] = [0, 2, 4].map((more) => half(layout.tableEntry + more)) as [
    number,
    number,
    number,
  ];
  if (count === 0) return { facts, sections: [] };
  const { section } = layout;
  if (entryBytes !== section.bytes) throw refused("its section headers have an unknown size");
  const tableAt = address(layout.tableAt);
  part(tableAt, count * section.bytes, "table of sections");
  const headers = Array.from({ length: count }, (_, i) => {
    const at = tableAt + i * section.bytes;
    const type = word(at + 4);
    const size = address(at + section.size);
    return {
      ...{ name: word(at), type, flags: address(at + section.flags), address: address(at + section.address), size },
      stored:
        type === noBits || type === 0 ? new Uint8Array(0) : part(address(at + section.offset), size, `section ${i}`),
    };
  });
  // Sections that lie over each other could be compared without end.
  const stored = headers.reduce((sum, each) => sum + each.stored.length, 0);
  if (stored > 2 * file.length) throw refused("its sections lie over each other");
  const names = headers[namesIndex]?.stored ?? new Uint8Array(0);
  const sections = headers.slice(1).map((each) => ({
    name: nameAt(names, each.name),
    facts: new Map([
      ["type", String(each.type)],
      ["flags", hex(each.flags)],
      ["address", hex(each.address)],
      ["size", String(each.size)],
    ]),
    stored: each.stored,
    read: async () => each.stored,
  }));
  return { facts, sections };
}

function nameAt(names: Uint8Array, at: number): string {
  const most = names.subarray(at, at + mostNameBytes);
  const end = most.indexOf(0);
  return new TextDecoder("latin1").decode(end === -1 ? most : most.subarray(0, end));
}

function hex(value: number): string {
  return `0x${value.toString(16)}`;
}
