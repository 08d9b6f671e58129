import { beforeAll, describe, expect, it } from "vitest";
import { concatBytes, type Root, toHex } from "../../../src/core/bytes.ts";
import { run } from "../../../src/machine/interpreter.ts";
import { type Fault, faultName, wrongResult } from "../../../src/machine/native/fault.ts";
import type { MachineSession } from "../../../src/machine/native/session.ts";
import type { ShownRegisters } from "../../../src/machine/native/tickSteps.ts";
import { Register, Status } from "../../../src/machine/registers.ts";
import { verifyStep } from "../../../src/machine/replaying.ts";
import { resume } from "../../../src/machine/step/ending.ts";
import type { KeccakKernel } from "../../../src/merkle/keccakKernel.ts";
import { loadKeccakKernel } from "../../../src/merkle/node/keccakKernelNode.ts";
import { InterpretedTrace } from "../../support/interpretedTrace.ts";
import { Random } from "../../support/random.ts";
import { randomTickProgram } from "../../support/randomTickProgram.ts";
import { seed } from "../../support/seed.ts";
import { claimableText, countingProgram, drives, everyTicks, testSession } from "../../support/testSession.ts";

let kernel: KeccakKernel;
beforeAll(async () => {
  kernel = await loadKeccakKernel();
});

const keccak = (bytes: Uint8Array) => kernel.hash(bytes);
const verify = (root: Root, witness: Uint8Array) => verifyStep(root, witness, keccak);

function rootOf({ registers, stackRoot, rest }: ShownRegisters): Root {
  const pair = (left: Uint8Array, right: Uint8Array) => keccak(concatBytes(left, right));
  const bytes = (root: Root) => Uint8Array.from(root.slice(2).match(/../g)!, (digits) => Number.parseInt(digits, 16));
  return toHex(pair(pair(keccak(registers), bytes(stackRoot)), bytes(rest)));
}

const statusOf = ({ registers }: ShownRegisters) => new Int32Array(registers.slice().buffer)[Register.status];

describe("an opened tick", () => {
  it("has the interpreter's state roots at every step, and witnesses that lead from each to the next", () => {
    const random = new Random(seed + 1);
    for (let round = 0; round < 25; round++) {
      const program = claimableText(randomTickProgram(random, 6));
      const session = testSession(kernel, program, { sideBytes: random.pick([1e8, 1e5]) });
      const { ticks } = session.run(everyTicks(2));
      const tick = random.below(ticks);
      const reference = new InterpretedTrace(kernel, program, drives);
      const roots = reference.tickRoots(tick);

      const opened = session.openTick(tick);
      expect([rootOf(opened.start), rootOf(opened.end)]).toEqual([roots[tick], session.tickRoots([tick + 1])[0]]);
      expect(statusOf(opened.end)).not.toBe(Status.running);
      expect(2 ** opened.log2Steps).toBeGreaterThanOrEqual(opened.steps);
      expect(2 ** opened.log2Steps).toBeLessThan(2 * Math.max(1, opened.steps));

      resume(reference.state.registers);
      const stepRoots: Root[] = [reference.root()];
      while (run(reference.state, 1) === 1) stepRoots.push(reference.root());
      expect(opened.steps).toBe(stepRoots.length - 1);
      const asked = Array.from({ length: 15 }, () => random.below(opened.steps + 5));
      expect(session.stepRoots(tick, asked)).toEqual(asked.map((step) => stepRoots[step] ?? stepRoots.at(-1)));
      for (let i = 0; i < 5; i++) {
        const step = random.below(opened.steps);
        expect(verify(stepRoots[step]!, session.stepWitness(tick, step))).toBe(stepRoots[step + 1]);
      }
    }
  });

  it("is a fixed point without steps beyond the end of the run", () => {
    const session = testSession(kernel, claimableText(countingProgram(5)));
    const { finalRoot } = session.run(everyTicks(1));
    for (const tick of [5, 6, 1000]) {
      const opened = session.openTick(tick);
      expect(opened).toMatchObject({ steps: 0, log2Steps: 0 });
      expect([rootOf(opened.start), rootOf(opened.end)]).toEqual([finalRoot, finalRoot]);
      expect(session.stepRoots(tick, [0, 1])).toEqual([finalRoot, finalRoot]);
      expect(verify(finalRoot, session.stepWitness(tick, 0))).toBe(finalRoot);
    }
  });

  it("can be asked for before anything was run", () => {
    const program = claimableText(countingProgram(5));
    const session = testSession(kernel, program);
    const reference = new InterpretedTrace(kernel, program, drives).tickRoots(5);
    expect(rootOf(session.openTick(3).start)).toBe(reference[3]);
    expect(session.tickRoots([2, 4])).toEqual([reference[2], reference[4]]);
  });

  it("refuses steps and ticks that cannot be", () => {
    const session = testSession(kernel, claimableText(countingProgram(5)));
    expect(() => session.openTick(-1)).toThrow(/no tick -1/);
    expect(() => session.tickRoots([0.5])).toThrow(/no tick 0.5/);
    expect(() => session.stepRoots(0, [-1])).toThrow(/no step -1/);
  });
});

/** Where a faulty run and the machine part: ticks, then steps within the first of them. */
function partings(faulty: MachineSession, ticks: number): { ticks: number[]; steps: number[] } {
  const roots = faulty.tickRoots(Array.from({ length: ticks + 2 }, (_, tick) => tick));
  const badTicks: number[] = [];
  const badSteps: number[] = [];
  for (let tick = 0; tick <= ticks; tick++) {
    const { steps } = faulty.openTick(tick);
    const stepRoots = faulty.stepRoots(
      tick,
      Array.from({ length: steps + 1 }, (_, step) => step),
    );
    expect(stepRoots[steps]).toBe(roots[tick + 1]);
    for (let step = 0; step < steps; step++) {
      if (verify(stepRoots[step]!, faulty.stepWitness(tick, step)) === stepRoots[step + 1]) continue;
      badTicks.push(tick);
      badSteps.push(step);
    }
  }
  return { ticks: badTicks, steps: badSteps };
}

describe("a fault", () => {
  const short = countingProgram(4).replaceAll("(i32.const 50)", "(i32.const 2)");
  const program = claimableText(short);
  const faults: Fault[] = [
    { at: { tick: 2, step: 9 }, mutation: { kind: "memory", address: 100_000, xor: 1 } },
    { at: { tick: 1, step: 7 }, mutation: { kind: "register", word: Register.sp, xor: 1 } },
    { at: { tick: 0, step: 6 }, mutation: { kind: "stack", slot: 2, xor: 4 } },
    { at: { tick: 3, step: 51 }, mutation: { kind: "global", index: 0, xor: 64 } },
    // Beyond the tick's steps: its end.
    { at: { tick: 1, step: 1_000_000 }, mutation: { kind: "memory", address: 3, xor: 1 } },
    wrongResult,
  ];

  it("makes a story that is wrong in exactly one step", () => {
    const honest = testSession(kernel, program).run(everyTicks(1));
    for (const fault of faults) {
      const faulty = testSession(kernel, program, { fault });
      const { ticks, finalRoot } = faulty.run(everyTicks(1));
      const { ticks: badTicks, steps } = partings(faulty, ticks);
      const name = faultName(fault);
      expect(badTicks, name).toEqual([fault.at === "end" ? ticks - 1 : fault.at.tick]);
      const last = faulty.openTick(badTicks[0]!).steps;
      expect(steps, name).toEqual([fault.at === "end" ? last - 1 : Math.min(fault.at.step, last) - 1]);
      expect(finalRoot, name).not.toBe(honest.finalRoot);
    }
  });

  it("gives the same story to every process", () => {
    for (const fault of faults) {
      const [first, second] = [testSession(kernel, program, { fault }), testSession(kernel, program, { fault })];
      const run = first.run(everyTicks(1));
      const tick = run.ticks - 1;
      // The second one never ran as a whole, and comes from the other side.
      const { steps } = first.openTick(tick);
      const middle = [steps >> 1, steps];
      expect(second.stepRoots(tick, middle)).toEqual(first.stepRoots(tick, middle));
      expect(second.run(everyTicks(1)).finalRoot).toBe(run.finalRoot);
    }
  });

  it("of the result changes the record alone", () => {
    const faulty = testSession(kernel, program, { fault: wrongResult });
    const honest = testSession(kernel, program);
    const [wrong, right] = [faulty, honest].map((session) => {
      session.run(everyTicks(1));
      return session.readFinalMemory(0, 4 * 65536);
    });
    right![24]! ^= 1;
    expect(toHex(wrong!)).toBe(toHex(right!));
  });

  it("has a name of its own", () => {
    expect(new Set(faults.map(faultName)).size).toBe(faults.length);
    expect(faults.map(faultName)[0]).toBe("2-9-memory-100000-1");
  });
});
