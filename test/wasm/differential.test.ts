import { describe, expect, it } from "vitest";
import { decodeModule } from "../../src/wasm/decodeModule.ts";
import { validateModule } from "../../src/wasm/validateModule.ts";
import type { IntegerValue } from "../spec/script.ts";
import { describeOutcome, Subject, sameOutcome } from "../spec/subject.ts";
import { Random } from "../support/random.ts";
import { randomModule } from "../support/randomModule.ts";
import { seed } from "../support/seed.ts";

const modules = 1000;
const callsPerFunction = 3;

function argument(random: Random, type: number): IntegerValue {
  const narrow = random.chance(0.5) ? BigInt(random.pick([0, 1, 2, 31, 127, 128, 255, 0x7fff_ffff])) : 0n;
  const bits = random.chance(0.5) ? narrow : (BigInt(random.uint32()) << 32n) | BigInt(random.uint32());
  return type === 0x7f ? { type: "i32", bits: BigInt.asUintN(32, bits) } : { type: "i64", bits };
}

describe("random integer modules", () => {
  it("give the same results, traps, memory and globals in the engine and in the interpreter", () => {
    const endings = new Map<string, number>();
    for (let i = 0; i < modules; i++) {
      const random = new Random(seed + 31 * i);
      const { bytes, functions } = randomModule(random);
      const module = decodeModule(bytes);
      validateModule(module);
      const subject = Subject.create(module) as Subject;
      expect(subject, `module ${i}`).toBeInstanceOf(Subject);
      for (const [index, { parameters }] of functions.entries()) {
        for (let call = 0; call < callsPerFunction; call++) {
          const values = parameters.map((type) => argument(random, type));
          const action = { kind: "invoke", module: undefined, name: `f${index}`, values } as const;
          const { native, interpreter } = subject.perform(action, index);
          const both = `module ${i}, f${index}: ${describeOutcome(native)}, ${describeOutcome(interpreter)}`;
          expect(sameOutcome(native, interpreter), both).toBe(true);
          expect(subject.difference(), `module ${i} after f${index}`).toBeUndefined();
          const ending = native.kind === "trap" ? native.message : "returns";
          endings.set(ending, (endings.get(ending) ?? 0) + 1);
        }
      }
    }
    for (const ending of [
      "returns",
      "unreachable",
      "integer divide by zero",
      "integer overflow",
      "out of bounds memory access",
      "out of bounds table access",
      "indirect call",
    ]) {
      expect(endings.get(ending) ?? 0, ending).toBeGreaterThan(3);
    }
    expect(endings.get("returns")).toBeGreaterThan(modules);
  });
});
