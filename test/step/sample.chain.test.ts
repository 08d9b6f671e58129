import { describe, expect, it } from "vitest";
import { opcodes } from "../../src/machine/opcodes.ts";
import { Register, Status } from "../../src/machine/registers.ts";
import { Random } from "../support/random.ts";
import { randomSketch } from "../support/randomSketch.ts";
import { seed } from "../support/seed.ts";
import { type SketchedStep, sketchStep } from "../support/sketchedStep.ts";
import { deployStepVerifier } from "../support/stepContracts.ts";

const stepsPerOpcode = 200;

describe("the step verifier, through the EVM", async () => {
  const { runAll } = await deployStepVerifier();
  let steps = 0;

  for (const family of ["control", "variable", "memory", "bulk", "numeric32", "numeric64"]) {
    it(`reaches the interpreter's post-root for every ${family} instruction`, async () => {
      for (const opcode of opcodes.filter((opcode) => opcode.family === family)) {
        const random = new Random(seed + opcode.number);
        const sample: SketchedStep[] = [];
        for (let i = 0; i < stepsPerOpcode; i++) {
          sample.push(sketchStep(randomSketch(opcode, random), () => random.fill(new Uint8Array(32))));
        }
        expect(await runAll(sample), opcode.name).toEqual(sample.map(({ postRoot }) => postRoot));
        expect(
          sample.some(
            ({ registers }) => registers[Register.status] === Status.running || opcode.name === "unreachable",
          ),
          opcode.name,
        ).toBe(true);
        steps += sample.length;
      }
    });
  }

  it("has executed at least 20,000 steps", () => {
    expect(steps).toBeGreaterThanOrEqual(20_000);
  });
});
