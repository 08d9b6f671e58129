import { describe, expect, it } from "vitest";
import { opcodes } from "../../src/machine/opcodes.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";
import { deployStepVerifier } from "../support/stepContracts.ts";
import {
  type Session,
  type SessionStep,
  sampleSteps,
  sessionsOfRandomModules,
  sessionsOfScripts,
} from "./sampleSteps.ts";
import { allScripts, suiteFolder } from "./suite.ts";

const batch = 1_000;

describe("the step verifier on sampled steps", async () => {
  const { runAll } = await deployStepVerifier();

  /** Lets the contract execute at least `wanted` steps; returns how many there were of each instruction. */
  async function executeSample(sessions: readonly Session[], wanted: number): Promise<Map<number, number>> {
    const counts = new Map<number, number>();
    let steps: SessionStep[] = [];
    const check = async () => {
      const named = (roots: readonly string[]) =>
        roots.map((root, i) => [steps[i]!.origin, steps[i]!.opcode.toString(16), root]);
      expect(named(await runAll(steps))).toEqual(named(steps.map(({ postRoot }) => postRoot)));
      for (const { opcode } of steps) counts.set(opcode, (counts.get(opcode) ?? 0) + 1);
      steps = [];
    };
    for (const step of sampleSteps(sessions, await loadKeccakKernel(), new Random(seed), wanted)) {
      steps.push(step);
      if (steps.length === batch) await check();
    }
    await check();
    expect([...counts.values()].reduce((sum, count) => sum + count, 0)).toBeGreaterThanOrEqual(wanted);
    return counts;
  }

  it.skipIf(suiteFolder() === undefined)(
    "reaches the interpreter's root after 20,000 steps of the test suite, of all instructions",
    async () => {
      const counts = await executeSample(sessionsOfScripts(allScripts()), 20_000);
      expect(opcodes.filter(({ number }) => !counts.has(number)).map(({ name }) => name)).toEqual([]);
    },
  );

  it("reaches the interpreter's root after 3,000 steps of random modules, of all instructions", async () => {
    const counts = await executeSample(sessionsOfRandomModules(seed, 150), 3_000);
    expect(opcodes.filter(({ number }) => (counts.get(number) ?? 0) < 5).map(({ name }) => name)).toEqual([]);
  });
});
