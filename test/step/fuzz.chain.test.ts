import { beforeAll, describe, expect, it } from "vitest";
import { loadClaimable } from "../../src/machine/claimable.ts";
import { run } from "../../src/machine/interpreter.ts";
import { maxLog2Steps } from "../../src/machine/layout.ts";
import { startState } from "../../src/machine/program.ts";
import { Register, Status } from "../../src/machine/registers.ts";
import { resume } from "../../src/machine/step/ending.ts";
import type { KeccakKernel } from "../../src/merkle/keccakKernel.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { Random } from "../support/random.ts";
import { randomTickProgram } from "../support/randomTickProgram.ts";
import { type SampledStep, sampleRun } from "../support/sampledRun.ts";
import { seed } from "../support/seed.ts";
import { deployStepVerifier } from "../support/stepContracts.ts";
import { textModule } from "../support/textModule.ts";

const programs = 40;
const ticks = 4;

/** One tick of an instance, by the engine: what it returns, or that it trapped. */
function nativeTick(instance: WebAssembly.Instance): number {
  try {
    return (instance.exports.tick as () => number)() === 0 ? Status.yielded : Status.halted;
  } catch (error) {
    if (error instanceof WebAssembly.RuntimeError) return Status.trapped;
    throw error;
  }
}

/** Fetched anew each time: `memory.grow` by 0 detaches the buffer. */
function nativeMemory(instance: WebAssembly.Instance): Uint8Array {
  return new Uint8Array((instance.exports.memory as WebAssembly.Memory).buffer);
}

describe("random programs", async () => {
  const { runAll } = await deployStepVerifier();
  let kernel: KeccakKernel;
  beforeAll(async () => {
    kernel = await loadKeccakKernel();
  });

  it("have one outcome in the engine, the interpreter and the contract", async () => {
    const random = new Random(seed);
    const statuses = new Set<number>();
    let compared = 0;
    for (let i = 0; i < programs; i++) {
      const binary = textModule(randomTickProgram(random, ticks));
      const instance = new WebAssembly.Instance(new WebAssembly.Module(binary as BufferSource));
      const state = startState(loadClaimable(binary));
      const steps: SampledStep[] = [];
      while (state.registers[Register.status] === Status.yielded) {
        resume(state.registers);
        steps.push(...sampleRun(state, kernel, random, 2, 2 ** 22).steps);
        run(state, 2 ** maxLog2Steps);
        expect(state.registers[Register.status], `program ${i}`).toBe(nativeTick(instance));
        // What a trap leaves of a store that it cut off is the interpreter's alone.
        if (state.registers[Register.status] === Status.trapped) continue;
        expect(Buffer.compare(nativeMemory(instance), state.memory), `program ${i}`).toBe(0);
      }
      statuses.add(state.registers[Register.status]!);
      expect(await runAll(steps), `program ${i}`).toEqual(steps.map(({ postRoot }) => postRoot));
      compared += steps.length;
    }
    expect(compared).toBeGreaterThan(40 * programs);
    expect(statuses).toEqual(new Set([Status.halted, Status.trapped]));
  });
});
