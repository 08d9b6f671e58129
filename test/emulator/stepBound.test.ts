import { describe, expect, it } from "vitest";
import { address, stopReason } from "../../src/emulator/addresses.ts";
import { maxLog2StepsPerTick } from "../../src/emulator/boot.ts";
import { putConsoleInput } from "../../src/emulator/console.ts";
import { bootSmall, tickBothWays } from "./support/bothTiers.ts";
import {
  A0,
  A1,
  A2,
  A6,
  A7,
  addi,
  branch,
  csrrs,
  csrrw,
  ecall,
  jal,
  RA,
  S0,
  sd,
  sfenceVma,
  typeI,
  typeR,
} from "./support/encode.ts";
import { codeBytes } from "./support/machines.ts";
import { base } from "./support/program.ts";

const guestSize = 1 << 20;
const rootTable = 0x80000;
const middleTable = 0x81000;
const leafTable = 0x82000;
const data = 0x83000;
const units = 1600;
/** Virtual pages 0 and 1 of each 16 MiB from here on are the same two guest pages, and share two entries of the TLBs. */
const aliases = 0xc000_0000n;

/** Steps that are declared for a unit of weight, half of them, and three quarters, for pages whose decoded instructions are not kept. */
const declared = 2 ** (maxLog2StepsPerTick(2 ** 20) - 20);
const most = declared / 2;
const mostAnywhere = (3 * declared) / 4;

/** Steps per unit of weight of a guest that begins with `code`, in S mode under Sv39; what a tick of one event costs apart. */
function stepsPerUnit(code: Uint8Array, x: Readonly<Record<number, bigint>> = {}): number {
  const bytes = new Uint8Array(guestSize);
  const view = new DataView(bytes.buffer);
  bytes.set(code);
  const page = (at: number) => BigInt((base + at) / 4096) << 10n;
  view.setBigUint64(rootTable + 16, (0x80000n << 10n) | 0xcfn, true);
  for (let i = 3; i < 256; i++) view.setBigUint64(rootTable + 8 * i, page(middleTable) | 1n, true);
  for (let i = 0; i < 512; i++) view.setBigUint64(middleTable + 8 * i, page(leafTable) | 1n, true);
  for (let i = 0; i < 2; i++) view.setBigUint64(leafTable + 8 * i, page(data + 4096 * i) | 0xcfn, true);
  const csrs = { satp: (8n << 60n) | BigInt((base + rootTable) / 4096) };
  const start = { timeDivider: 100, firmware: true, privilege: 1, pc: BigInt(base), mstatus: 0x6000n, x, csrs };
  const steps = [1, units].map((eventsPerTick) => {
    const { steps, difference } = tickBothWays(bootSmall(bytes, { ...start, eventsPerTick }));
    expect(difference).toBe(-1);
    return steps;
  });
  return (steps[1]! - steps[0]!) / (units - 1);
}

/** `body` as often as a tick can run it, so that each of its instructions is decoded anew. */
const repeated = (body: readonly number[]) => Array.from({ length: Math.ceil(units / body.length) }, () => body).flat();

const float = (funct5: number, rs2 = 12) => typeR(0x53, 0, (funct5 << 2) | 1, 10, 11, rs2);
const movesIn = [typeR(0x53, 0, 0x79, 11, A1, 0), typeR(0x53, 0, 0x79, 12, A2, 0), typeR(0x53, 0, 0x79, 13, A2, 0)];
const subnormals = { [A1]: 0x000f_ffff_ffff_ffffn, [A2]: 0x3ff5_5555_5555_5555n };
const console = { [S0]: 256n, [A1]: BigInt(base), [A2]: 0n, [A7]: 0x4442434en };
const next = typeR(0x33, 0, 0, A0, A0, A1);
const crossing = { [A0]: aliases + 0xffdn, [A1]: 1n << 24n };

const many = (word: number) => [...movesIn, ...Array<number>(97).fill(word)];
const inside = { [A0]: aliases };
const askew = { [A0]: aliases + 1n };
const across = { [A0]: aliases + 0xffdn };
const store = sd(A1, A0, 0);
const loadTo = (rd: number) => typeR(0x03, 3, 0, rd, A0, 0);
const amo = (funct5: number) => typeR(0x2f, 3, funct5 << 2, A2, A0, A1);
const sameSatp = (8n << 60n) | BigInt((base + rootTable) / 4096);
const setMxr = [csrrs(0, 0x100, A0), typeI(0x73, 3, 0, A0, 0x100)];

/** What costs most, of every kind, each with the events that it takes to ask for it again. */
const costly: readonly [string, readonly number[], Readonly<Record<number, bigint>>][] = [
  ["additions", [addi(A0, A0, 1)], {}],
  ["high products", [typeR(0x33, 1, 1, A2, A0, A1)], inside],
  ["remainders", [typeR(0x33, 6, 1, A2, A0, A1)], { [A0]: 1n << 63n, [A1]: 7n }],
  ["jumps", [jal(0, 4)], {}],
  ["branches", [branch(0, 0, 0, 4)], {}],
  ["branches to the next page", [branch(0, 0, 0, 4094)], {}],
  ["jumps to a register", [typeI(0x67, 0, RA, A0, 0)], { [A0]: BigInt(base) }],
  ["loads into x0", [loadTo(0)], inside],
  ["misaligned loads", [loadTo(A2)], askew],
  ["misaligned loads into x0", [loadTo(0)], askew],
  ["misaligned stores", [store], askew],
  ["misaligned stores over decoded code", [store], { [A0]: BigInt(base + 0x1ff1), [A1]: 0x13n }],
  ["page-crossing loads", [loadTo(A2)], across],
  ["page-crossing stores", [store], across],
  ["page-crossing stores over code", [store], { [A0]: BigInt(base + 0xffd), [A1]: 0x13_0000_0013_00n }],
  ["page-crossing loads that miss the TLB", [next, loadTo(A2)], crossing],
  ["page-crossing stores that miss the TLB", [next, sd(A2, A0, 0)], crossing],
  ["loads of floats", [typeR(0x07, 3, 0, A2, A0, 0)], inside],
  ["stores of floats", [typeR(0x27, 3, 0, 0, A0, 0)], inside],
  ["stores of floats that miss the TLB", [next, typeR(0x27, 3, 0, 0, A0, 0)], crossing],
  ["atomic additions", [amo(0)], inside],
  ["atomic maxima over code", [amo(0x1c)], { [A0]: BigInt(base + 0x1000) }],
  ["LR", [typeR(0x2f, 3, 2 << 2, A2, A0, 0)], inside],
  ["SC", [amo(3)], inside],
  ["pairs of LR and SC", [typeR(0x2f, 3, 2 << 2, A2, A0, 0), amo(3)], inside],
  ["additions of floats", many(float(0)), subnormals],
  ["subtractions of floats", many(float(1)), { [A1]: 0x3ff0_0000_0000_0000n, [A2]: 0x3ef_ffff_ffff_ffffn }],
  ["products of floats", many(float(2)), subnormals],
  ["divisions of subnormals", many(float(3)), subnormals],
  ["square roots of subnormals", many(float(0x0b, 0)), subnormals],
  ["fused multiply-adds", many(typeR(0x43, 0, (13 << 2) | 1, 10, 11, 12)), subnormals],
  ["sign injections", [float(4)], subnormals],
  ["minima", many(float(5)), subnormals],
  ["comparisons of floats", many(typeR(0x53, 2, 0x51, 10, 11, 12)), subnormals],
  ["classifications", [typeR(0x53, 1, 0x71, 10, 11, 0)], subnormals],
  ["conversions to singles", many(typeR(0x53, 0, 0x20, 10, 11, 1)), subnormals],
  ["conversions to integers", many(typeR(0x53, 0, 0x61, 10, 12, 2)), subnormals],
  ["conversions of integers", [typeR(0x53, 0, 0x69, 10, 11, 2)], subnormals],
  ["environment calls", [ecall], {}],
  ["console writes", [addi(A0, S0, 0), ecall], console],
  ["reads of time", [csrrs(A0, 0xc01, 0)], {}],
  ["writes of sstatus", [csrrw(0, 0x100, A0)], { [A0]: 0x6000n }],
  ["changes of MXR", setMxr, { [A0]: 1n << 19n }],
  ["writes of satp", [csrrw(0, 0x180, A0)], { [A0]: sameSatp }],
  ["flushes of the TLBs", [sfenceVma], {}],
  ["flushes of the TLBs, each with a store", [sfenceVma, sd(A2, A0, 0)], across],
  ["flushes of a page", [sfenceVma | (A0 << 15)], inside],
  ["flushes of a page, each with a store", [sfenceVma | (A0 << 15), sd(A2, A0, 0)], across],
  ["fence.i", [0x100f], {}],
  ["illegal instructions without a handler", [0xffff_ffff], {}],
];
const halves: readonly [string, readonly number[]][] = [
  ["c.addi", [0x0505]],
  ["c.addi16sp", [0x6141]],
  ["c.addi4spn", [0x0808]],
  ["c.and", [0x8d6d]],
  ["c.bnez", [0xe111]],
  ["c.j", [0xa009]],
  ["c.ldsp", [0x6502]],
  ["c.sdsp", [0xe02a]],
  ["a reserved one", [0]],
];

describe("the machine steps of an event", () => {
  it.each(costly)("are bounded for %s", (_, body, x) => {
    expect(stepsPerUnit(codeBytes(repeated(body)), x)).toBeLessThan(most);
  });

  it.each(halves)("are bounded for %s, 16 bits long", (_, body) => {
    const code = new Uint8Array(Uint16Array.from(repeated(body)).buffer);
    expect(stepsPerUnit(code, { 2: aliases })).toBeLessThan(most);
  });

  it("are bounded for a console read over decoded code", () => {
    const start = { timeDivider: 100, firmware: true, privilege: 1, pc: BigInt(base), eventsPerTick: 4 };
    const x = { ...console, [A0]: 256n, [A1]: BigInt(base + 0x801), [A6]: 1n };
    const [nothing, most] = ["", "typed".repeat(50)].map((typed) => {
      const machine = bootSmall(codeBytes([addi(S0, S0, 1), ecall]), { ...start, x });
      putConsoleInput(machine.memory, new TextEncoder().encode(typed));
      const { steps, difference } = tickBothWays(machine);
      expect([difference, machine.memory[address.consoleInputRead]]).toEqual([-1, Math.min(typed.length, 64)]);
      return steps;
    }) as [number, number];
    expect(most - nothing).toBeGreaterThan(64);
    expect(most - nothing).toBeLessThan(3000);
  });

  it("are bounded for jumps to pages that were written before they are decoded, a line for each", () => {
    const code = new Uint8Array(128 * 4096);
    const words = codeBytes([sd(A1, A0, 0), next, jal(0, 4088)]);
    for (let at = 0; at < code.length; at += 4096) code.set(words, at);
    expect(stepsPerUnit(code, { [A0]: BigInt(base + 4096 + 0x800), [A1]: 4096n })).toBeLessThan(most);
  });

  it.each([
    ["jumps", 0, jal(0, 4096)],
    ["jumps that lie on two pages", 0xffe, jal(0, 4096)],
    ["branches", 0xa00, branch(0, 0, 0, 4094)],
    ["branches that lie on two pages", 0xffe, branch(0, 0, 0, 4094)],
  ])(
    "are bounded for %s through more pages than can be decoded at a time, all of them written and in the TLBs",
    (_, offset, word) => {
      const [pages, laps] = [3900, 5];
      const bytes = new Uint8Array(20 << 20);
      const view = new DataView(bytes.buffer);
      const [loop, first] = [4096, 4 * 4096];
      view.setUint32(0, jal(0, loop), true);
      // A store to each page, then round and round: from the last page back to the first.
      const words = [sd(0, A0, 8), next, addi(A2, A2, -1), branch(1, A2, 0, -12), typeI(0x67, 0, 0, RA, 0)];
      bytes.set(codeBytes(words), loop);
      const distance = word === jal(0, 4096) ? 4096 : 4094;
      let at = first + offset;
      for (; at < first + 4096 * (pages - 1); at += distance) view.setUint32(at, word, true);
      view.setUint32(at, typeI(0x67, 0, 0, RA, 0), true);
      const x = {
        [RA]: BigInt(base + first + offset),
        [A0]: BigInt(base + first + offset),
        [A1]: BigInt(distance),
        [A2]: BigInt(pages),
      };
      const start = { timeDivider: 100, firmware: true, privilege: 1, pc: BigInt(base), x };
      // A page's first store weighs 8 at most, and 3 instructions besides, its first jump 5.
      const before = 16 * pages + 100;
      const steps = [before, before + laps * pages].map((eventsPerTick) => {
        const { steps, difference } = tickBothWays(bootSmall(bytes, { ...start, eventsPerTick }, bytes.length));
        expect(difference).toBe(-1);
        return steps;
      }) as [number, number];
      expect((steps[1] - steps[0]) / (laps * pages)).toBeLessThan(mostAnywhere);
    },
  );

  it.each([
    ["a record of outputs", 65_472, "-"],
    ["an artifact", 0, 0x18000],
  ])("are bounded for what hashes %s", (_, recordSize, artifactSize) => {
    const [drive, size] = [(32 << 20) + 0x1000, 0x30000];
    const bytes = new Uint8Array(guestSize);
    bytes.set(new TextEncoder().encode(`assay-output 2 0 ${recordSize} ${artifactSize}\n`), 0x1000);
    const start = { timeDivider: 100, firmware: true, privilege: 1, pc: BigInt(base), eventsPerTick: 1 };
    const machine = bootSmall(bytes, { ...start, outputDrive: drive, outputSize: size });
    machine.view.setUint32(address.stop, stopReason.shutdown, true);
    expect(machine.tick()).toBe(0);
    if (recordSize === 0) expect(machine.tick()).toBe(0);
    const { steps, difference } = tickBothWays(machine);
    expect(difference).toBe(-1);
    expect(steps).toBeGreaterThan(2 ** 22);
    expect(steps).toBeLessThan(2 ** (maxLog2StepsPerTick(1) - 1));
  });
});
