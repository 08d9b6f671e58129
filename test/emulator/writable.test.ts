import { describe, expect, it } from "vitest";
import { address } from "../../src/emulator/addresses.ts";
import { type Start, writeStart } from "../../src/emulator/boot.ts";
import { putConsoleInput } from "../../src/emulator/console.ts";
import { bootSmall, guestSize, tickBothWays } from "./support/bothTiers.ts";
import { A0, A1, A2, A6, A7, ecall, jal, ld, S0, sd, T0, typeI, typeR, typeS } from "./support/encode.ts";
import { codeBytes } from "./support/machines.ts";
import { base } from "./support/program.ts";
import { bit } from "./support/sv39.ts";

/** Offsets in guest memory: what may be written lies between code and tables, which may not. */
const [handler, from, end] = [0x800, 0x8_0000, 0x9_0000];
const [root, middle, leaf] = [0xa_0000, 0xa_1000, 0xa_2000];
const all = { from: address.guest, end: address.guest + guestSize };
const writable = { from: address.guest + from, end: address.guest + end };
const before = 0x0123_4567_89ab_cdefn;
const value = 0x8899_aabb_ccdd_eeffn;
/** Virtual addresses: those of all memory from here on, as pages of 4 KiB; code from `upper` on, by a page of a gigabyte. */
const mapped = 0x4000_0000n;
const upper = 0xffff_ffff_c000_0000n;

type Mode = "bare" | "Sv39";

interface Run {
  readonly words: readonly number[];
  readonly mode?: Mode;
  readonly x?: Readonly<Record<number, bigint>>;
  /** A and D of the pages' entries at the start. */
  readonly marks?: bigint;
  readonly writable?: NonNullable<Start["writable"]> | "all";
  readonly tables?: number;
}

/** Runs a guest natively and interpreted, which must leave the same, with `before` in each doubleword of its data. */
function run({ words, mode = "bare", x = {}, marks = bit.A | bit.D, ...rest }: Run) {
  const tables = rest.tables ?? root;
  const bytes = new Uint8Array(guestSize);
  const view = new DataView(bytes.buffer);
  bytes.set(codeBytes([...words, jal(0, 0)]));
  bytes.set(codeBytes([jal(0, 0)]), handler);
  for (let at = from - 0x2000; at < end + 0x2000; at += 8) view.setBigUint64(at, before, true);
  const entry = (at: number, flags: bigint) => (BigInt((base + at) >>> 12) << 10n) | flags;
  view.setBigUint64(tables + 8 * 511, (0x80000n << 10n) | 0xcfn, true);
  view.setBigUint64(tables + 8, entry(tables + middle - root, bit.V), true);
  view.setBigUint64(tables + middle - root, entry(tables + leaf - root, bit.V), true);
  const pages = tables + leaf - root;
  for (let page = 0; page < 256; page++)
    view.setBigUint64(pages + 8 * page, entry(4096 * page, bit.V | bit.R | bit.W | marks), true);
  const sv39 = mode === "Sv39";
  const block = rest.writable === "all" ? {} : { writable: rest.writable ?? writable };
  const satp = sv39 ? (8n << 60n) | BigInt((base + tables) >>> 12) : 0n;
  const start = sv39 ? upper : BigInt(base);
  const machine = bootSmall(bytes, {
    ...{ timeDivider: 100, firmware: true, privilege: 1, mstatus: 0x6000n, eventsPerTick: 64, x, pc: start },
    ...{ csrs: { satp, stvec: start + BigInt(handler) }, ...block },
  });
  putConsoleInput(machine.memory, new TextEncoder().encode("typed"));
  const unchanged = machine.memory.slice(address.guest);
  expect(tickBothWays(machine).difference).toBe(-1);
  const get = (at: number) => machine.view.getBigUint64(at, true);
  const after = machine.memory.subarray(address.guest);
  const same = (first: number, last: number) =>
    Buffer.compare(after.subarray(first, last), unchanged.subarray(first, last)) === 0;
  return {
    trap: get(address.scause) === 0n ? undefined : [get(address.scause), get(address.stval)],
    x: (register: number) => get(address.x + 8 * register),
    at: (offset: number) => get(address.guest + offset),
    /** A and D of the page at an offset. */
    marks: (offset: number) => get(address.guest + pages + 8 * (offset >> 12)) & (bit.A | bit.D),
    protectedIsSame: same(0, from) && same(end, guestSize),
    writableIsSame: same(from, end),
  };
}

const virtual = (mode: Mode, offset: number) => (mode === "bare" ? BigInt(base) : mapped) + BigInt(offset);
const to = (mode: Mode, offset: number) => ({ [A0]: virtual(mode, offset), [S0]: value });
const atomic = (funct5: number, rs2 = S0) => typeR(0x2f, 3, funct5 << 2, A1, A0, rs2);
const store = sd(S0, A0, 0);
const stores: readonly (readonly [string, readonly number[]])[] = [
  ["sb", [typeS(0x23, 0, A0, S0, 0)]],
  ["sh", [typeS(0x23, 1, A0, S0, 0)]],
  ["sw", [typeS(0x23, 2, A0, S0, 0)]],
  ["sd", [store]],
  ["fsd", [typeS(0x27, 3, A0, S0, 0)]],
  ["two sd", [store, sd(S0, A0, 8)]],
  ["amoadd.d", [atomic(0)]],
  ["sc.d", [atomic(2, 0), atomic(3)]],
  ["sc.d without a reservation", [atomic(3)]],
  ["sd after ld", [ld(A1, A0, 0), store]],
];
const modes: readonly Mode[] = ["bare", "Sv39"];
const cases = modes.flatMap((mode) => stores.map(([name, words]) => [name, mode, words] as const));

describe("memory that the guest may not write", () => {
  it.each(cases)("lets %s fault, %s", (_, mode, words) => {
    for (const offset of [0, from - 0x1000, from - 8, end, end + 0x1000, guestSize - 16]) {
      const { trap, protectedIsSame, writableIsSame } = run({ mode, words, x: to(mode, offset) });
      expect([trap, protectedIsSame, writableIsSame]).toEqual([[7n, virtual(mode, offset)], true, true]);
    }
    for (const offset of [from, end - 16]) {
      const { trap, protectedIsSame, writableIsSame } = run({ mode, words, x: to(mode, offset) });
      const nothing = words.length === 1 && words[0] === atomic(3);
      expect([trap, protectedIsSame, writableIsSame]).toEqual([undefined, true, nothing]);
    }
  });

  it.each(modes)("ends a store on two pages before it writes anything, %s", (mode) => {
    for (const [offset, named] of [
      [from - 3, from - 3],
      [end - 5, end],
    ] as const) {
      const { trap, protectedIsSame, writableIsSame } = run({ mode, words: [store], x: to(mode, offset) });
      expect([trap, protectedIsSame, writableIsSame]).toEqual([[7n, virtual(mode, named)], true, true]);
    }
  });

  it.each(modes)("is read and executed like any other, %s", (mode) => {
    const { trap, x } = run({ mode, words: [ld(A1, A0, -8), ld(A2, A0, 0)], x: to(mode, end) });
    expect([trap, x(A1), x(A2)]).toEqual([undefined, before, before]);
  });

  it("gets neither A nor D by a store, and A by a load, where the tables may be written", () => {
    const words = [typeI(0x03, 3, A1, T0, 0), store];
    const tables = from + 0x1000;
    const { trap, marks } = run({
      ...{ mode: "Sv39", words, marks: 0n, tables },
      x: { ...to("Sv39", end), [T0]: virtual("Sv39", from - 0x1000) },
    });
    expect([trap, marks(end), marks(from - 0x1000)]).toEqual([[7n, virtual("Sv39", end)], 0n, bit.A]);
  });

  it.each([
    ["a load", ld(A1, A0, 0), 5n, 0n],
    ["a store", store, 7n, 0n],
    ["a store to what was only read", store, 7n, bit.A],
  ])("may hold page tables, where %s faults that would set A or D", (_, word, cause, marks) => {
    const result = run({ mode: "Sv39", words: [word], x: to("Sv39", from), marks });
    expect([result.trap, result.protectedIsSame]).toEqual([[cause, virtual("Sv39", from)], true]);
    expect(result.writableIsSame).toBe(true);
  });

  it("may hold page tables whose A and D are set", () => {
    const { trap, at } = run({ mode: "Sv39", words: [store, ld(A1, A0, 0)], x: to("Sv39", from) });
    expect([trap, at(from)]).toEqual([undefined, value]);
  });

  it("is no buffer for a console read", () => {
    const x = { [A0]: 4n, [A2]: 0n, [A6]: 1n, [A7]: 0x4442434en };
    for (const [offset, error] of [
      [from, 0n],
      [end - 4, 0n],
      [from - 1, -3n],
      [end - 3, -3n],
      [0, -3n],
    ] as const) {
      const result = run({ words: [ecall], x: { ...x, [A1]: BigInt(base + offset) } });
      expect([offset, BigInt.asIntN(64, result.x(A0))]).toEqual([offset, error]);
      expect(result.protectedIsSame).toBe(true);
    }
  });

  it("is a buffer for a console write", () => {
    const x = { [A0]: 4n, [A1]: BigInt(base), [A2]: 0n, [A6]: 0n, [A7]: 0x4442434en };
    expect(run({ words: [ecall], x }).x(A0)).toBe(0n);
  });

  it("is none where nothing is said, or everything", () => {
    for (const everything of ["all", all] as const)
      for (const offset of [handler + 8, from - 8, end, guestSize - 8])
        expect(run({ words: [store], x: to("bare", offset), writable: everything }).at(offset)).toBe(value);
  });

  it("holds no `tohost`", () => {
    for (const [tohost, printed] of [
      [base + from, 1n],
      [base + from - 8, 0n],
    ] as const) {
      const bytes = new Uint8Array(guestSize);
      bytes.set(codeBytes([jal(0, 0)]));
      new DataView(bytes.buffer).setBigUint64(tohost - base, 0x0101_0000_0000_0041n, true);
      const fixed = { timeDivider: 100, firmware: false, privilege: 3, pc: BigInt(base), eventsPerTick: 8 };
      const machine = bootSmall(bytes, { ...fixed, tohost: BigInt(tohost), writable });
      expect(tickBothWays(machine).difference).toBe(-1);
      expect(machine.view.getBigUint64(address.consoleCount, true)).toBe(printed);
    }
  });
});

describe("the block that a guest may write", () => {
  const start = { guestSize, eventsPerTick: 1, timeDivider: 1, firmware: true, privilege: 1, pc: 0n };
  const memory = new Uint8Array(address.guest + guestSize);

  it.each([
    ["no whole pages at its beginning", { ...writable, from: writable.from + 8 }, "writable.from"],
    ["no whole pages at its end", { ...writable, end: writable.end - 8 }, "writable.end"],
    ["memory of the emulator", { ...writable, from: address.guest - 4096 }, "writable.from"],
    ["nothing", { from: writable.from, end: writable.from }, "writable.end"],
    ["what is not there", { ...writable, end: address.guest + guestSize + 4096 }, "writable.end"],
    ["no numbers", { from: Number.NaN, end: writable.end }, "writable.from"],
  ])("is refused with %s", (_, block, name) => {
    expect(() => writeStart(memory, { ...start, writable: block })).toThrow(
      expect.objectContaining({ code: "emulator/bad-parameter", details: expect.objectContaining({ name }) }),
    );
  });
});
