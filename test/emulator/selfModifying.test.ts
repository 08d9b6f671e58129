import { describe, expect, it } from "vitest";
import { address } from "../../src/emulator/addresses.ts";
import { A0, addi, branch, jal, RA, S0, S1, typeI, typeR, typeS } from "./support/encode.ts";
import { boot, codeBytes } from "./support/machines.ts";
import { base } from "./support/program.ts";

const fenceI = 0x0000100f;
const jalr = (rd: number, rs1: number) => typeI(0x67, 0, rd, rs1, 0);
const before = addi(A0, A0, 1);
const after = addi(A0, A0, 16);
const count = 4;

/**
 * Calls `count` times `addi a0, a0, 1` that lie at `place`, stores `1 << log2Size` bytes of `addi a0, a0, 16` over them, `at`
 * bytes from their start, and calls them again. Returns a0.
 */
function run(place: number, log2Size: number, at: number, fence: boolean, eventsPerTick = 64): number {
  const bytes = new Uint8Array(0x3000);
  const target = [...Array<number>(count).fill(before), jalr(0, RA)];
  bytes.set(codeBytes(target), place);
  const store = typeS(0x23, log2Size, S1, S0, 0);
  // The aligned store before puts the page into the write TLB.
  const warm = typeS(0x23, 0, S1 + 11, 0, 0);
  const caller = [jalr(RA, 20 + 1), warm, store, ...(fence ? [fenceI] : []), jalr(RA, 20 + 1), jal(0, 0)];
  bytes.set(codeBytes(caller), 0);
  const patch = new DataView(codeBytes(Array<number>(count + 3).fill(after)).buffer);
  const machine = boot(bytes, {
    eventsPerTick,
    x: {
      21: BigInt(base + place),
      [S1]: BigInt(base + place + at),
      20: BigInt(base + ((place + at) & ~0xfff) + 0x800),
      [S0]: patch.getBigUint64(at % 4, true),
    },
  });
  for (let i = 0; i < 2 || machine.pc() !== BigInt(base + 4 * (caller.length - 1)); i++) {
    if (i > 100) throw new Error("no end");
    machine.tick();
  }
  return Number(machine.x(A0));
}

/** What both calls add up to: a byte of an instruction is old or new, and so is that part of its immediate. */
function expected(log2Size: number, at: number): number {
  const bytes = codeBytes(Array<number>(count + 3).fill(before));
  const patch = codeBytes(Array<number>(count + 3).fill(after));
  for (let i = at; i < at + (1 << log2Size); i++) bytes[i] = patch[i]!;
  let sum = count;
  for (let i = 0; i < count; i++) sum += (bytes[4 * i + 2]! >> 4) | (bytes[4 * i + 3]! << 4);
  return sum;
}

describe("a store over instructions that have run", () => {
  const places = [0x100, 0x102, 0xff8, 0xff6, 0xffe, 0xff0];
  for (const place of places) {
    it(`at page offset ${place.toString(16)} is seen by the next fetch, whatever its size and alignment`, () => {
      for (const log2Size of [0, 1, 2, 3]) {
        for (let at = 0; at + (1 << log2Size) <= 4 * count; at++) {
          for (const fence of [false, true]) {
            expect({ log2Size, at, sum: run(place, log2Size, at, fence) }).toEqual({
              log2Size,
              at,
              sum: expected(log2Size, at),
            });
          }
        }
      }
    });
  }

  it("is seen across the end of a tick too", () => {
    for (let events = 1; events <= 12; events++) expect(run(0xff6, 3, 4, false, events)).toBe(expected(3, 4));
  });

  it.each([
    ["a load", 0x65a2, 0x65c2, 16n],
    ["a store", 0xe42e, 0xe82e, 16n],
  ])("is seen in the second of a pair that begins with %s, by halfword and by byte", (_, second, changed, offset) => {
    const isLoad = second === 0x65a2;
    for (const log2Size of [1, 0]) {
      // c.ldsp x10, 0(x2) or c.sdsp x10, 0(x2), the second, then the change and a jump back.
      const bytes = new Uint8Array(0x1000);
      const view = new DataView(bytes.buffer);
      view.setUint16(0, isLoad ? 0x6502 : 0xe02a, true);
      view.setUint16(2, second, true);
      bytes.set(
        codeBytes([
          typeS(0x23, log2Size, 6, 7, 2 + (1 - log2Size) * Number(!isLoad)),
          addi(5, 5, -1),
          branch(1, 5, 0, -12),
          jal(0, 0),
        ]),
        4,
      );
      view.setBigUint64(0x800, 5n, true);
      view.setBigUint64(0x808, 8n, true);
      view.setBigUint64(0x810, 16n, true);
      const patch = log2Size === 1 ? changed : isLoad ? changed & 255 : changed >> 8;
      const x = { 2: BigInt(base + 0x800), 5: 2n, 6: BigInt(base), 7: BigInt(patch), 10: 5n, 11: 77n };
      const machine = boot(bytes, { x, eventsPerTick: 1000, memory: 1 << 16 });
      machine.tick();
      const stored = machine.view.getBigUint64(address.guest + 0x800 + Number(offset), true);
      expect(isLoad ? machine.x(11) : stored).toBe(isLoad ? offset : 77n);
      // What is left of the second must not be executed with the first.
      expect([machine.x(0), machine.view.getBigUint64(address.guest + 0x800, true)]).toEqual([0n, 5n]);
      expect(machine.x(5)).toBe(0n);
    }
  });

  it("is seen on more written pages than can be decoded at a time", () => {
    // So many that lines are forgotten in between; an odd number, so that a page gets another instruction with each round.
    const [pages, calls] = [3001, 12_000];
    const bytes = new Uint8Array((pages + 1) * 4096);
    const [one, two] = [addi(A0, A0, 1), addi(A0, A0, 2)];
    const [word, page, end, first, left, change, step] = [5, 6, 7, 28, 29, 30, 31];
    const loop = [
      typeS(0x23, 2, page, word, 0),
      jalr(RA, page),
      typeR(0x33, 4, 0, word, word, change),
      typeR(0x33, 0, 0, page, page, step),
      branch(1, page, end, 8),
      addi(page, first, 0),
      addi(left, left, -1),
      branch(1, left, 0, -28),
      jal(0, 0),
    ];
    bytes.set(codeBytes(loop));
    for (let i = 1; i <= pages; i++) bytes.set(codeBytes([0, jalr(0, RA)]), 4096 * i);
    const x = {
      [word]: BigInt(one),
      [change]: BigInt(one ^ two),
      [page]: BigInt(base + 4096),
      [first]: BigInt(base + 4096),
      [end]: BigInt(base + 4096 * (pages + 1)),
      [left]: BigInt(calls),
      [step]: 4096n,
    };
    const machine = boot(bytes, { x, eventsPerTick: 2 ** 20 });
    machine.tick();
    expect(machine.x(left)).toBe(0n);
    expect(machine.x(A0)).toBe(BigInt((calls / 2) * 3));
  });
});
