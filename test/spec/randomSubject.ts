import { decodeModule } from "../../src/wasm/decodeModule.ts";
import { validateModule } from "../../src/wasm/validateModule.ts";
import { Random } from "../support/random.ts";
import { randomModule } from "../support/randomModule.ts";
import type { Outcome } from "./nativeModule.ts";
import type { IntegerValue } from "./script.ts";
import { Subject } from "./subject.ts";

const callsPerFunction = 3;

export interface PlayedCall {
  readonly name: string;
  readonly native: Outcome;
  readonly interpreter: Outcome;
  /** What engine and interpreter have different after it, if anything. */
  readonly difference: string | undefined;
}

/** Calls every function of a random integer module a few times, in the engine and in the interpreter. */
export function playRandomModule(seed: number): { subject: Subject; calls: readonly PlayedCall[] } {
  const random = new Random(seed);
  const { bytes, functions } = randomModule(random);
  const module = decodeModule(bytes);
  validateModule(module);
  const subject = Subject.create(module);
  if (typeof subject === "string") throw new Error(`a random module cannot run: ${subject}`);
  const calls = functions.flatMap(({ parameters }, index) =>
    Array.from({ length: callsPerFunction }, (): PlayedCall => {
      const name = `f${index}`;
      const values = parameters.map((type) => argument(random, type));
      const outcomes = subject.perform({ kind: "invoke", module: undefined, name, values }, index);
      return { name, ...outcomes, difference: subject.difference() };
    }),
  );
  return { subject, calls };
}

function argument(random: Random, type: number): IntegerValue {
  const narrow = random.chance(0.5) ? BigInt(random.pick([0, 1, 2, 31, 127, 128, 255, 0x7fff_ffff])) : 0n;
  const bits = random.chance(0.5) ? narrow : (BigInt(random.uint32()) << 32n) | BigInt(random.uint32());
  return type === 0x7f ? { type: "i32", bits: BigInt.asUintN(32, bits) } : { type: "i64", bits };
}
