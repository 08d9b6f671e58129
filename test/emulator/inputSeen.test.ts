import { describe, expect, it } from "vitest";
import { address } from "../../src/emulator/addresses.ts";
import { A0, A1, A2, A6, A7, ecall, jal, ld, li, sd, typeI } from "./support/encode.ts";
import { boot, codeBytes } from "./support/machines.ts";
import { base } from "./support/program.ts";

/** Offset of the drive from the beginning of memory, and its size. */
const drive = 0x10_0000;
const size = 0x4000;
const middle = 0x20_0000;

/** Whether a guest that runs this code has got at the drive. */
function sees(code: readonly number[], x: Readonly<Record<number, number>> = {}, satp = 0n): bigint {
  const registers = Object.fromEntries(Object.entries(x).map(([number, value]) => [number, BigInt(value)]));
  const machine = boot(codeBytes([...code, jal(0, 0)]), { eventsPerTick: 256, x: registers });
  machine.set("inputDrive", BigInt(address.guest + drive));
  machine.set("inputSize", BigInt(size));
  machine.set("satp", satp);
  // An identity mapping of the first GiB of memory, for a table in the drive and for one beside it.
  for (const table of [drive, middle])
    machine.view.setBigUint64(address.guest + table + 16, (0x80000n << 10n) | 0xcfn, true);
  machine.tick();
  return machine.get("inputSeen") & 0xffff_ffffn;
}

interface Case {
  readonly what: string;
  readonly code?: readonly number[];
  readonly x?: Readonly<Record<number, number>>;
  readonly satp?: bigint;
}

const load = [ld(A1, A0, 0)];
const at = (offset: number) => ({ [A0]: base + offset });
const print = [...li(A7, 0x4442434e), ...li(A6, 0), ecall];
const printing = (from: number, count: number) => ({ [A0]: count, [A1]: base + from, [A2]: 0 });
const sv39 = (table: number) => (8n << 60n) | BigInt((base + table) / 4096);

describe("the emulator's note that the guest has got at the input drive", () => {
  it.each<Case>([
    { what: "a load of its first byte", code: load, x: at(drive) },
    { what: "a load of its last bytes", code: load, x: at(drive + size - 8) },
    { what: "a load that reaches into it", code: load, x: at(drive - 4) },
    { what: "a store", code: [sd(A1, A0, 0)], x: at(drive + 4096) },
    { what: "a jump into it", code: [typeI(0x67, 0, 0, A0, 0)], x: at(drive) },
    { what: "a console write that reaches into it", code: print, x: printing(drive - 1, 2) },
    { what: "a page table in it", code: load, x: at(middle), satp: sv39(drive) },
  ])("is made by $what", ({ code = [], x, satp }) => {
    expect(sees(code, x, satp)).toBe(1n);
  });

  it.each<Case>([
    { what: "nothing" },
    { what: "a load of what lies before it", code: load, x: at(drive - 8) },
    { what: "a load of what lies behind it", code: load, x: at(drive + size) },
    { what: "a console write that ends before it", code: print, x: printing(drive - 2, 2) },
    { what: "a page table elsewhere", code: load, x: at(middle), satp: sv39(middle) },
  ])("is not made by $what", ({ code = [], x, satp }) => {
    expect(sees(code, x, satp)).toBe(0n);
  });
});
