import { describe, expect, it } from "vitest";
import { address } from "../../src/emulator/addresses.ts";
import { seed } from "../support/seed.ts";
import { boot } from "./support/machines.ts";
import { base } from "./support/program.ts";
import { haveSystemQemu, runInSystemQemu } from "./support/qemuSystem.ts";
import { Random } from "./support/random.ts";
import { bit } from "./support/sv39.ts";
import { type Case, sv39Case } from "./support/sv39Cases.ts";
import { recordSize, walkMemory, walkProgram } from "./support/walkProgram.ts";

const count = 4000;

/**
 * QEMU 7 makes an AMO of a load and a store where one thread runs, so that it raises load faults, and its machine has devices
 * where ours has nothing: AMOs and accesses that are not translated are left out.
 */
function comparable(random: Random): Case {
  const next = sv39Case(random, false);
  const { satp, mstatus, mode } = next.context;
  const translated = satp >> 60n !== 0n && !(mode === 3 && ((mstatus >> 11n) & 3n) === 3n);
  return translated && !next.name.startsWith("amo") ? next : comparable(random);
}

/**
 * The words of a record. Where a page has no memory behind it, QEMU sets A and D all the same and may name the aligned
 * address: those bits are left out then.
 */
function recordOf(bytes: Uint8Array, index: number): string[] {
  const at = 8 + index * recordSize;
  const words = new BigUint64Array(bytes.slice(at, at + recordSize).buffer);
  const unmarked = [1n, 5n, 7n].includes(words[0]!);
  if (unmarked) words[1]! &= ~7n;
  return [...words].map((word, i) => (unmarked && i > 2 ? word & ~(bit.A | bit.D) : word).toString(16));
}

describe.runIf(haveSystemQemu)("Sv39 walks, against qemu-system-riscv64", () => {
  it("give the same causes, addresses, values and entries", () => {
    const random = new Random(seed);
    const cases = Array.from({ length: count }, () => comparable(random));
    const { bytes, results, size } = walkProgram(cases);
    const machine = boot(bytes, { memory: walkMemory, firmware: false, privilege: 3, eventsPerTick: 1 << 20 });
    while (machine.view.getBigUint64(address.guest + results, true) === 0n) machine.tick();
    const given = machine.memory.subarray(address.guest + results, address.guest + results + size);
    const expected = runInSystemQemu(bytes, size);
    expect(expected.length).toBe(size);
    for (let i = 0; i < count; i++) {
      const { name, virtual, context, entries, size: width } = cases[i]!;
      const record = recordOf(given, i);
      // QEMU translates both pages before it finds that the first has no memory behind it.
      if (Number(virtual & 4095n) + width > 4096 && ["5", "7"].includes(record[0]!)) continue;
      const where = {
        i,
        seed,
        name,
        virtual: virtual.toString(16),
        mode: context.mode,
        mstatus: context.mstatus.toString(16),
        satp: context.satp.toString(16),
        entries: [...entries].map(([at, entry]) => `${(at - BigInt(base)).toString(16)}: ${entry.toString(16)}`),
      };
      expect({ ...where, record }).toEqual({ ...where, record: recordOf(expected, i) });
    }
  });
});
