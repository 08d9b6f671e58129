import { describe, expect, it } from "vitest";
import { opcodes } from "../../src/machine/opcodes.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";
import { deployStepVerifier } from "../support/stepContracts.ts";
import { type SuiteStep, sampleSteps } from "./sampleSteps.ts";
import { allScripts, suiteFolder } from "./suite.ts";

const wanted = 20_000;
const batch = 2_000;

describe.skipIf(suiteFolder() === undefined)("the step verifier on the WebAssembly test suite", async () => {
  const { runAll } = await deployStepVerifier();

  it("reaches the interpreter's root after at least 20,000 steps of all instructions", async () => {
    const counts = new Map<number, number>();
    let steps: SuiteStep[] = [];
    const check = async () => {
      const named = (roots: readonly string[]) =>
        roots.map((root, i) => [steps[i]!.script, steps[i]!.opcode.toString(16), root]);
      expect(named(await runAll(steps))).toEqual(named(steps.map(({ postRoot }) => postRoot)));
      for (const { opcode } of steps) counts.set(opcode, (counts.get(opcode) ?? 0) + 1);
      steps = [];
    };
    for (const step of sampleSteps(allScripts(), await loadKeccakKernel(), new Random(seed), wanted)) {
      steps.push(step);
      if (steps.length === batch) await check();
    }
    await check();
    const total = [...counts.values()].reduce((sum, count) => sum + count, 0);
    expect(total).toBeGreaterThanOrEqual(wanted);
    expect(opcodes.filter(({ number }) => !counts.has(number)).map(({ name }) => name)).toEqual([]);
  });
});
