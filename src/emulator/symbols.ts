import { headerOf, symbolsOf } from "./elf.ts";

/** Functions and labels of an executable, by their addresses. */
export interface SymbolTable {
  /** `name`, or `name+0x1c`, of the last symbol before an address; undefined where there is none near. */
  readonly at: (address: bigint) => string | undefined;
}

/** Symbols' kinds: without one (labels of assembly), and functions. */
const kinds = new Set([0, 2]);
const mostSymbols = 2 ** 20;
const mostNameBytes = 256;
/** What lies further behind a symbol is nothing of it. */
const farthest = 2n ** 20n;

/**
 * Reads the symbols of an ELF file for RV64: a kernel's `vmlinux`, a program. Only the first 2^20 of them are read.
 * @throws AssayError `emulator/bad-elf`, `emulator/unsupported-elf`
 */
export function readSymbolTable(file: Uint8Array): SymbolTable {
  const found: { readonly address: bigint; readonly name: string }[] = [];
  for (const { names, nameAt, type, value } of symbolsOf(file, headerOf(file))) {
    if (!kinds.has(type) || value === 0n) continue;
    const name = nameIn(names, nameAt);
    // Mapping symbols (RISC-V ELF psABI) say what kind of code follows, and local labels nothing.
    if (name === "" || name.startsWith("$") || name.startsWith(".L")) continue;
    found.push({ address: value, name });
    if (found.length === mostSymbols) break;
  }
  found.sort((a, b) => (a.address < b.address ? -1 : a.address > b.address ? 1 : 0));
  return {
    at(address) {
      const symbol = found[countUpTo(found, address) - 1];
      if (symbol === undefined || address - symbol.address >= farthest) return undefined;
      const distance = address - symbol.address;
      return distance === 0n ? symbol.name : `${symbol.name}+0x${distance.toString(16)}`;
    },
  };
}

/** How many symbols begin at or before an address. */
function countUpTo(symbols: readonly { readonly address: bigint }[], address: bigint): number {
  let low = 0;
  let high = symbols.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (symbols[middle]!.address <= address) low = middle + 1;
    else high = middle;
  }
  return low;
}

function nameIn(names: Uint8Array, at: number): string {
  const most = names.subarray(at, at + mostNameBytes);
  const end = most.indexOf(0);
  return new TextDecoder("latin1").decode(end === -1 ? most : most.subarray(0, end));
}
