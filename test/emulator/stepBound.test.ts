import { describe, expect, it } from "vitest";
import { address } from "../../src/emulator/addresses.ts";
import { putConsoleInput } from "../../src/emulator/console.ts";
import { bootSmall, tickBothWays } from "./support/bothTiers.ts";
import { A0, A1, A2, A6, A7, addi, ecall, jal, S0, sd, sfenceVma, typeR, typeS } from "./support/encode.ts";
import { codeBytes } from "./support/machines.ts";
import { base } from "./support/program.ts";

const guestSize = 1 << 20;
const rootTable = 0x80000;
const middleTable = 0x81000;
const leafTable = 0x82000;
const data = 0x83000;
/** Virtual pages 0 and 1 of each 2 MiB from here on are the same two guest pages, and share one entry of the TLBs. */
const aliases = 0x4000_0000n;

/** Steps per event of a guest that repeats `body`, in S mode under Sv39; what one event costs at the end of a tick apart. */
function stepsPerEvent(body: readonly number[], x: Readonly<Record<number, bigint>> = {}): number {
  const bytes = new Uint8Array(guestSize);
  const view = new DataView(bytes.buffer);
  const times = Math.floor(1600 / body.length);
  const words = Array.from({ length: times }, () => body).flat();
  bytes.set(codeBytes([...words, jal(0, 0)]));
  const page = (at: number) => BigInt((base + at) / 4096) << 10n;
  view.setBigUint64(rootTable + 16, (0x80000n << 10n) | 0xcfn, true);
  view.setBigUint64(rootTable + 8, page(middleTable) | 1n, true);
  for (let i = 0; i < 512; i++) view.setBigUint64(middleTable + 8 * i, page(leafTable) | 1n, true);
  for (let i = 0; i < 2; i++) view.setBigUint64(leafTable + 8 * i, page(data + 4096 * i) | 0xcfn, true);
  const satp = (8n << 60n) | BigInt((base + rootTable) / 4096);
  const start = {
    timeDivider: 100,
    firmware: true,
    privilege: 1,
    pc: BigInt(base),
    mstatus: 0x6000n,
    x,
    csrs: { satp },
  };
  const steps = [1, words.length].map((eventsPerTick) => {
    const { steps, difference } = tickBothWays(bootSmall(bytes, { ...start, eventsPerTick }));
    expect(difference).toBe(-1);
    return steps;
  });
  return (steps[1]! - steps[0]!) / (words.length - 1);
}

const float = (funct5: number, rs2 = 12) => typeR(0x53, 0, (funct5 << 2) | 1, 10, 11, rs2);
const movesIn = [typeR(0x53, 0, 0x79, 11, A1, 0), typeR(0x53, 0, 0x79, 12, A2, 0), typeR(0x53, 0, 0x79, 13, A2, 0)];
const subnormals = { [A1]: 0x000f_ffff_ffff_ffffn, [A2]: 0x3ff5_5555_5555_5555n };
const console = { [S0]: 256n, [A1]: BigInt(base), [A2]: 0n, [A7]: 0x4442434en };
const next = typeR(0x33, 0, 0, A0, A0, A1);
const crossing = { [A0]: aliases + 0xffdn, [A1]: 1n << 21n };

/** What costs most, each with the events that it takes to ask for it again. */
const costly: readonly [string, readonly number[], Readonly<Record<number, bigint>>][] = [
  ["additions", [addi(A0, A0, 1)], {}],
  ["page-crossing stores that miss the TLB", [next, sd(A2, A0, 0)], crossing],
  ["page-crossing loads that miss the TLB", [next, typeR(0x03, 3, 0, A2, A0, 0)], crossing],
  ["misaligned stores over decoded code", [typeS(0x23, 3, A0, A1, 0)], { [A0]: BigInt(base + 0x1ff1), [A1]: 0x13n }],
  ["divisions of subnormals", [...movesIn, ...Array<number>(97).fill(float(3))], subnormals],
  ["square roots of subnormals", [...movesIn, ...Array<number>(97).fill(float(0x0b, 0))], subnormals],
  [
    "fused multiply-adds",
    [...movesIn, ...Array<number>(97).fill(typeR(0x43, 0, (13 << 2) | 1, 10, 11, 12))],
    subnormals,
  ],
  ["console writes", [addi(A0, S0, 0), ecall], console],
  ["flushes of the TLB", [sfenceVma, sd(A2, A0, 0)], { [A0]: aliases + 0xffdn }],
  ["illegal instructions without a handler", [0xffff_ffff], {}],
];

describe("the machine steps of an event", () => {
  it.each(costly)("are bounded for %s", (_, body, x) => {
    expect(stepsPerEvent(body, x)).toBeLessThan(3400);
  });

  it("are bounded for a console read over decoded code", () => {
    const start = { timeDivider: 100, firmware: true, privilege: 1, pc: BigInt(base), eventsPerTick: 2 };
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

  it("are bounded for a jump to a page that was written before it was decoded: 2^12 of them in a tick", () => {
    const [write, read] = [typeS(0x23, 3, A0, A1, 0), typeR(0x03, 3, 0, A2, A0, 0)].map((access) => {
      const bytes = new Uint8Array(guestSize);
      bytes.set(codeBytes([access, typeR(0x67, 0, 0, 0, A0, 0)]));
      const x = { [A0]: BigInt(base + 0x8000), [A1]: 0x13n };
      const start = { timeDivider: 100, firmware: true, privilege: 1, pc: BigInt(base), x, eventsPerTick: 3 };
      const { steps, difference } = tickBothWays(bootSmall(bytes, start));
      expect(difference).toBe(-1);
      return steps;
    }) as [number, number];
    expect(write - read).toBeGreaterThan(10_000);
    expect(write - read).toBeLessThan(60_000);
  });
});
