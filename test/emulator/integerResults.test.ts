import { describe, expect, it } from "vitest";
import { address } from "../../src/emulator/addresses.ts";
import { seed } from "../support/seed.ts";
import { A0, A1, A2, jal } from "./support/encode.ts";
import { edgeValues, integerInstructions } from "./support/integerOracle.ts";
import { boot, type Machine } from "./support/machines.ts";
import { base } from "./support/program.ts";
import { Random } from "./support/random.ts";

const X = address.x;

/** Executes `words` from the start with a1 and a2 as given; register a0 afterwards. */
function execute(machine: Machine, words: readonly number[], a1: bigint, a2: bigint): void {
  words.forEach((word, index) => {
    machine.view.setUint32(address.guest + 4 * index, word, true);
  });
  machine.set("pc", BigInt(base));
  machine.view.setBigUint64(X + 8 * A0, 0x1234n, true);
  machine.view.setBigUint64(X + 8 * A1, a1, true);
  machine.view.setBigUint64(X + 8 * A2, a2, true);
  machine.tick();
}

describe("the result of", () => {
  it.each(integerInstructions)("$name is that of integers without bounds", ({ name, encode, result, immediates }) => {
    const random = new Random(seed);
    const machine = boot(new Uint8Array(0), { eventsPerTick: 1, memory: 1 << 16 });
    const values = [...edgeValues, ...Array.from({ length: 6 }, () => random.bits64())];
    for (const a of values) {
      for (const b of immediates ?? values) {
        execute(machine, [encode(A0, A1, typeof b === "bigint" ? A2 : b)], a, BigInt.asUintN(64, BigInt(b)));
        const expected = result(a, BigInt.asUintN(64, BigInt(b)));
        if (machine.x(A0) !== expected) {
          expect.fail(
            `${name} of ${a.toString(16)} and ${b.toString(16)}: ${machine.x(A0).toString(16)}, expected ${expected.toString(16)} (seed ${seed})`,
          );
        }
      }
    }
  });

  it("every instruction may go to a source, or to x0, which stays zero", () => {
    const machine = boot(new Uint8Array(0), { eventsPerTick: 10, memory: 1 << 16 });
    for (const { name, encode, result, immediates } of integerInstructions) {
      const [a, b] = [0xffff_ffff_8000_0001n, immediates === undefined ? 0x8000_0007n : BigInt(immediates[1]!)];
      const second = immediates === undefined ? A2 : immediates[1]!;
      execute(machine, [encode(A1, A1, second), jal(0, 0)], a, b);
      expect({ name, to: "rs1", value: machine.x(A1) }).toEqual({ name, to: "rs1", value: result(a, b) });
      execute(machine, [encode(0, A1, second), encode(A0, 0, second), jal(0, 0)], a, b);
      expect({ name, from: "x0", x0: machine.x(0), value: machine.x(A0) }).toEqual({
        name,
        from: "x0",
        x0: 0n,
        value: result(0n, b),
      });
      if (immediates !== undefined) continue;
      execute(machine, [encode(A2, A1, A2), jal(0, 0)], a, b);
      expect({ name, to: "rs2", value: machine.x(A2) }).toEqual({ name, to: "rs2", value: result(a, b) });
      execute(machine, [encode(A0, A1, A1), jal(0, 0)], a, b);
      expect({ name, same: true, value: machine.x(A0) }).toEqual({ name, same: true, value: result(a, a) });
    }
  });
});
