import { describe, expect, it } from "vitest";
import { address } from "../../src/emulator/addresses.ts";
import { A0, jal, S1, typeI, typeR, typeS } from "./support/encode.ts";
import { boot, codeBytes } from "./support/machines.ts";
import { base } from "./support/program.ts";
import { bit } from "./support/sv39.ts";

/**
 * The leaf table is the page of the code, and the entry for the data is the instruction that asks for the data: its walk sets A and
 * D in the instruction. The entry's upper half is zero, which is also an instruction that does not exist.
 */
const [root, middle, leaf] = [0x1000, 0x2000, 0x3000];
const index = 5;
const upper = 0xffff_ffff_c000_0000n;
const virtual = 0x4000_0000n + BigInt(index << 12);
/** Bit 9 of an offset is the highest bit of the physical page, which makes it one of memory. */
const offset = 0x200;
const old = 0x8182_8384_8586_8788n;
const stored = 0x1122_3344_5566_7788n;

interface Case {
  readonly name: string;
  readonly word: number;
  /** The address in S1 is that of the data less this. */
  readonly offset?: number;
  /** A0 or f10 afterwards, and the data. */
  readonly x?: bigint;
  readonly f?: bigint;
  readonly data?: bigint;
  readonly marks: bigint;
}

const cases: readonly Case[] = [
  { name: "lb", word: typeI(0x03, 0, A0, S1, offset), offset, x: BigInt.asUintN(64, ~0x77n), marks: bit.A },
  { name: "lwu", word: typeI(0x03, 6, A0, S1, offset), offset, x: old & 0xffff_ffffn, marks: bit.A },
  { name: "ld", word: typeI(0x03, 3, A0, S1, offset), offset, x: old, marks: bit.A },
  { name: "flw", word: typeI(0x07, 2, A0, S1, offset), offset, f: old | (0xffff_ffffn << 32n), marks: bit.A },
  { name: "fld", word: typeI(0x07, 3, A0, S1, offset), offset, f: old, marks: bit.A },
  { name: "fsd", word: typeS(0x27, 3, S1, 1, offset), offset, data: stored, marks: bit.A | bit.D },
  { name: "amoxor.d", word: typeR(0x2f, 3, 4 << 2, A0, S1, 1), x: old, data: old ^ stored, marks: bit.A | bit.D },
];

describe("an access through the page-table entry that is its own instruction", () => {
  it.each(cases)("is carried out once: $name", ({ word, offset = 0, x = 7n, f = 9n, data = old, marks }) => {
    const registers = { 1: stored, [A0]: 7n, [S1]: virtual - BigInt(offset) };
    const machine = boot(codeBytes([jal(0, 0)]), { eventsPerTick: 100, x: registers });
    const { view } = machine;
    const put = (at: number, value: bigint) => view.setBigUint64(address.guest + at, value, true);
    const table = (at: number) => (BigInt((base + at) >>> 12) << 10n) | bit.V;
    put(root + 8 * 511, (0x80000n << 10n) | bit.V | bit.R | bit.W | bit.X | bit.A | bit.D);
    put(root + 8, table(middle));
    put(middle, table(leaf));
    put(leaf + 8 * index, BigInt(word));
    const page = (word >>> 10) * 4096 - base;
    put(page, old);
    view.setBigUint64(address.f + 8, stored, true);
    view.setBigUint64(address.f + 8 * A0, 9n, true);
    machine.set("satp", (8n << 60n) | BigInt((base + root) >>> 12));
    const pc = upper + BigInt(leaf + 8 * index);
    machine.set("pc", pc);
    machine.set("stvec", upper);
    machine.tick();
    expect([machine.get("scause"), machine.get("sepc")]).toEqual([2n, pc + 4n]);
    const entry = view.getBigUint64(address.guest + leaf + 8 * index, true);
    expect(entry).toBe(BigInt(word) | marks);
    expect([machine.x(0), machine.x(A0), view.getBigUint64(address.f + 8 * A0, true)]).toEqual([0n, x, f]);
    expect(view.getBigUint64(address.guest + page, true)).toBe(data);
  });
});
