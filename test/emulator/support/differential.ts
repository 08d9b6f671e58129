import { branch, csrrs, fsd, jal, ld, li, sd, typeI } from "./encode.ts";
import { assemble, load, type TestProgram } from "./program.ts";
import type { Random } from "./random.ts";

/**
 * Programs of random instructions that store what every instruction did, so that two implementations can be compared and
 * the first instruction that differs has a name. A block of steps is repeated in rounds; each round loads its operands from
 * another place of a pool.
 */

/** What a step may use: x5..x29 and all float registers. x1 results, x2 the buffer, x3 rounds left, x4 the pool. */
export const buffer = 2;
export const pool = 4;
export const free = Array.from({ length: 25 }, (_, i) => i + 5);
/** For a step's own address computations; x31 is the recorder's. */
export const scratch = 30;
const temporary = 31;

/** A register, `fcsr` (whose flags are cleared afterwards), or the 8 bytes at an offset into the buffer. */
export type Observed = { readonly x: number } | { readonly f: number } | { readonly memory: number } | "fcsr";

export interface Step {
  readonly words: readonly number[];
  readonly results: readonly Observed[];
}

export interface Family {
  readonly name: string;
  readonly steps: (random: Random) => readonly Step[];
  /** A value of the operand pool. */
  readonly operand: (random: Random) => bigint;
}

export interface Differential {
  readonly program: TestProgram;
  /** Steps executed in all rounds, those that only load operands apart. */
  readonly executed: number;
  /** Says which step of which round wrote the record at a byte of the results, and both values. */
  readonly explain: (at: number, given: Uint8Array, expected: Uint8Array) => string;
}

const bufferSize = 4096 + 16;
/** Bytes of the pool that offsets of one round reach. */
export const poolWindow = 2048;

function record(observed: Observed, offset: number): number[] {
  if (observed === "fcsr") return [typeI(0x73, 7, temporary, 31, 3), sd(temporary, 1, offset)];
  if ("x" in observed) return [sd(observed.x, 1, offset)];
  if ("f" in observed) return [fsd(observed.f, 1, offset)];
  return [ld(temporary, buffer, observed.memory), sd(temporary, 1, offset)];
}

/** ld and fld from the pool. */
const loadsOperand = (word: number) => [0x3003, 0x3007].includes(word & 0x707f) && ((word >>> 15) & 31) === pool;

/** A program that executes `length` random steps of a family in each of `rounds` rounds. */
export function differential(family: Family, random: Random, length: number, rounds: number): Differential {
  const steps: Step[] = [];
  while (steps.length < length) steps.push(...family.steps(random));
  const code: number[] = [];
  /** The step of each record of a round. */
  const owners: number[] = [];
  let offset = 0;
  steps.forEach(({ words, results }, index) => {
    code.push(...words);
    for (const observed of results) {
      code.push(...record(observed, offset));
      owners.push(index);
      offset += 8;
      if (offset === 2040) {
        code.push(typeI(0x13, 0, 1, 1, offset));
        offset = 0;
      }
    }
  });
  code.push(typeI(0x13, 0, 1, 1, offset), typeI(0x13, 0, pool, pool, 8), typeI(0x13, 0, 3, 3, -1));

  const registers = [...free.map((x) => ({ x })), ...Array.from({ length: 32 }, (_, f) => ({ f }))];
  const recorded = 8 * owners.length * rounds;
  const resultsSize = recorded + 8 * registers.length + bufferSize;
  const data = new Uint8Array(poolWindow + 8 * rounds);
  const view = new DataView(data.buffer);
  for (let at = 0; at < data.length; at += 8) view.setBigUint64(at, family.operand(random), true);
  const program = assemble(
    (dataAt, results) => [
      ...load(1, results),
      ...load(buffer, results + recorded + 8 * registers.length + bufferSize / 2),
      ...load(pool, dataAt),
      ...free.map((number, index) => ld(number, pool, 8 * index)),
      ...Array.from({ length: 32 }, (_, f) => typeI(0x07, 3, f, pool, 8 * f)),
      csrrs(0, 3, 0),
      ...li(3, rounds),
      ...code,
      branch(0, 3, 0, 8),
      jal(0, -4 * (code.length + 1)),
      ...registers.flatMap((observed, index) => record(observed, 8 * index)),
    ],
    data,
    resultsSize,
  );
  return {
    program,
    executed: rounds * steps.filter(({ words }) => !words.every(loadsOperand)).length,
    explain: (at, given, expected) => {
      const show = (bytes: Uint8Array) =>
        new DataView(bytes.buffer, bytes.byteOffset).getBigUint64(at & ~7, true).toString(16);
      const values = `${show(given)}, expected ${show(expected)}`;
      if (at >= recorded) return `a register or the buffer at the end (byte ${at - recorded}): ${values}`;
      const index = Math.floor(at / 8);
      const step = steps[owners[index % owners.length]!]!;
      const words = step.words.map((word) => word.toString(16).padStart(8, "0")).join(" ");
      const first = owners.indexOf(owners[index % owners.length]!);
      const observed = JSON.stringify(step.results[(index % owners.length) - first]);
      return `round ${Math.floor(index / owners.length)}, instruction ${words}, ${observed}: ${values}`;
    },
  };
}
