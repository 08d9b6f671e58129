import { describe, expect, it } from "vitest";
import { seed } from "../support/seed.ts";
import { bootSmall, tickBothWays } from "./support/bothTiers.ts";
import { compressedFamily } from "./support/compressedFamily.ts";
import { differential } from "./support/differential.ts";
import { floatFamilies } from "./support/floatFamilies.ts";
import { integerFamilies } from "./support/integerFamilies.ts";
import { haveQemu, runInEmulator, runInQemu } from "./support/machines.ts";
import { base } from "./support/program.ts";
import { Random } from "./support/random.ts";

/** Steps in a block and rounds over it: more than a million instructions of each family. */
const length = 4000;
const rounds = 600;
const families = [...integerFamilies, compressedFamily, ...floatFamilies];

describe.runIf(haveQemu)("random instructions, against qemu-riscv64", () => {
  it.each(families)("$name: every instruction leaves what it leaves there", (family) => {
    const { program, explain, executed } = differential(family, new Random(seed), length, rounds);
    expect(executed).toBeGreaterThan(1_000_000);
    const expected = runInQemu(program);
    const given = runInEmulator(program);
    expect(given.length).toBe(expected.length);
    if (Buffer.compare(given, expected) === 0) return;
    const at = given.findIndex((byte, index) => byte !== expected[index]);
    expect.fail(`${explain(at, given, expected)} (seed ${seed})`);
  });
});

describe("random instructions, natively and interpreted", () => {
  it.each(families)("$name: the two leave the same memory", (family) => {
    const { program } = differential(family, new Random(seed), 400, 8);
    const start = { timeDivider: 100, firmware: true, privilege: 1, pc: BigInt(base), mstatus: 0x6000n };
    const machine = bootSmall(program.bytes, { ...start, eventsPerTick: 40_000 });
    expect({ seed, difference: tickBothWays(machine).difference }).toEqual({ seed, difference: -1 });
  });
});
