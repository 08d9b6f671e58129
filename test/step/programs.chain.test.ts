import { readFile } from "node:fs/promises";
import { beforeAll, describe, expect, it } from "vitest";
import { loadClaimable } from "../../src/machine/claimable.ts";
import { run } from "../../src/machine/interpreter.ts";
import { maxLog2Steps } from "../../src/machine/layout.ts";
import { opcodeOf } from "../../src/machine/opcodes.ts";
import { type DriveImage, startState } from "../../src/machine/program.ts";
import { Register, Status } from "../../src/machine/registers.ts";
import type { MachineState } from "../../src/machine/state.ts";
import { resume } from "../../src/machine/step/ending.ts";
import type { KeccakKernel } from "../../src/merkle/keccakKernel.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { readProgram } from "../../src/programs/node/readProgram.ts";
import { releaseTarball } from "../../src/programs/releaseTarball/manifest.ts";
import { encodeDrive } from "../../src/source/drive.ts";
import { Random } from "../support/random.ts";
import { type SampledStep, sampleRun } from "../support/sampledRun.ts";
import { seed } from "../support/seed.ts";
import { deployStepVerifier } from "../support/stepContracts.ts";

/** The drive of the test program `churn`: ticks, rounds in a tick, log2 of its working set, and how it ends. */
function churnDrive(...words: readonly number[]): DriveImage {
  return { address: 0x10000, log2Size: 12, bytes: new Uint8Array(Uint32Array.from(words).buffer) };
}

const [halts, traps] = [0, 1];

describe("the step verifier on the ticks of a program", async () => {
  const { runAll } = await deployStepVerifier();
  let kernel: KeccakKernel;
  beforeAll(async () => {
    kernel = await loadKeccakKernel();
  });

  /** Steps of every tick: of each instruction at most `perOpcode` in a tick. Returns how many instructions were met. */
  async function playAll(state: MachineState, perOpcode: number, status: number): Promise<number> {
    const random = new Random(seed);
    const steps: SampledStep[] = [];
    while (state.registers[Register.status] === Status.yielded) {
      resume(state.registers);
      steps.push(...sampleRun(state, kernel, random, perOpcode, 2 ** 24).steps);
      run(state, 2 ** maxLog2Steps);
    }
    expect(state.registers[Register.status]).toBe(status);
    const named = (roots: readonly string[]) => roots.map((root, i) => [opcodeOf[steps[i]!.opcode]?.name, root]);
    expect(named(await runAll(steps))).toEqual(named(steps.map(({ postRoot }) => postRoot)));
    return new Set(steps.map(({ opcode }) => opcode)).size;
  }

  it.each([
    ["halts", halts, Status.halted],
    ["traps", traps, Status.trapped],
  ])("executes steps of all of them until it %s", async (_, ending, status) => {
    const program = loadClaimable(await readFile(new URL("../../build/wasm/churn.wasm", import.meta.url)));
    const state = startState(program, [churnDrive(1, 3000, 16, ending)]);
    expect(await playAll(state, 10, status)).toBeGreaterThan(25);
  });

  it("executes steps of a release tarball's build", async () => {
    const program = loadClaimable(await readProgram(releaseTarball));
    const content = new Random(seed).fill(new Uint8Array(2_000)).map((byte, i) => (i % 3 === 0 ? byte & 15 : 97));
    const entries = [{ path: "source.txt", kind: "file", content }] as const;
    const bytes = encodeDrive({ name: "source", time: 1_700_000_000, entries });
    const state = startState(program, [{ ...releaseTarball.inputDrive, bytes }]);
    expect(await playAll(state, 20, Status.halted)).toBeGreaterThan(40);
  });
});
