import { beforeAll, describe, expect, it } from "vitest";
import { opcodes } from "../../src/machine/opcodes.ts";
import { recordStep } from "../../src/machine/recording.ts";
import { StateTree } from "../../src/machine/stateTree.ts";
import type { KeccakKernel } from "../../src/merkle/keccakKernel.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { randomState } from "../support/randomState.ts";
import { seed } from "../support/seed.ts";
import { deployStepVerifier } from "../support/stepContracts.ts";

const statesPerOpcode = 6;
const stepsPerState = 4;

describe("the step verifier on recorded witnesses of whole states", async () => {
  const { runAll } = await deployStepVerifier();
  let kernel: KeccakKernel;
  beforeAll(async () => {
    kernel = await loadKeccakKernel();
  });

  it("goes from each state's root to the next one's, for every instruction", async () => {
    const steps: { name: string; root: string; witness: Uint8Array; postRoot: string }[] = [];
    for (const { name, number } of opcodes) {
      for (let i = 0; i < statesPerOpcode; i++) {
        const state = randomState(seed + 7919 * number + i, i % 3, number);
        const tree = new StateTree(kernel, state);
        for (let count = 0; count < stepsPerState && state.running; count++) {
          const root = tree.root();
          const { witness } = recordStep(state, tree);
          tree.update();
          steps.push({ name, root, witness, postRoot: tree.root() });
        }
      }
    }
    expect(steps.length).toBeGreaterThan(opcodes.length * statesPerOpcode);
    const postRoots = await runAll(steps);
    expect(postRoots.map((root, i) => [steps[i]!.name, root])).toEqual(
      steps.map(({ name, postRoot }) => [name, postRoot]),
    );
  });
});
