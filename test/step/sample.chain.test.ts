import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { type Opcode, opcodeOf, opcodes } from "../../src/machine/opcodes.ts";
import { Register, Status, Trap } from "../../src/machine/registers.ts";
import { Random } from "../support/random.ts";
import { randomSketch } from "../support/randomSketch.ts";
import { seed } from "../support/seed.ts";
import { type SketchedStep, sketchStep } from "../support/sketchedStep.ts";
import { deployStepVerifier } from "../support/stepContracts.ts";

const stepsPerOpcode = 200;

/** How a step of the sample ended: a trap code, or what became of the instruction. */
function outcome({ registers, leaves }: SketchedStep): string {
  if (leaves.length === 0 && registers[Register.status] !== Status.trapped) return "fixed point";
  if (registers[Register.status] === Status.trapped) return `trap ${registers[Register.trapCode]}`;
  if (registers[Register.status] !== Status.running) return "end of tick";
  return registers[Register.phase] === 1 ? "first part" : "executed";
}

/** The instruction that a step fetches, as its witness shows it; undefined where there is none. */
function fetched({ witness, leaves }: SketchedStep): Opcode | undefined {
  const code = leaves[0];
  return code && opcodeOf[witness[code.at + 8 * (witness[0]! & 15)]!];
}

const { steps: worstSteps } = JSON.parse(
  readFileSync(new URL("../snapshots/stepGas.json", import.meta.url), "utf8"),
) as { steps: Record<string, { bytes: number }> };

describe("the step verifier, through the EVM", async () => {
  const { runAll } = await deployStepVerifier();
  const outcomes = new Map<string, number>();
  let steps = 0;

  for (const family of ["control", "variable", "memory", "bulk", "numeric32", "numeric64"]) {
    it(`reaches the interpreter's post-root for every ${family} instruction, on no more witness than its worst case has`, async () => {
      for (const opcode of opcodes.filter((opcode) => opcode.family === family)) {
        const random = new Random(seed + opcode.number);
        const sample: SketchedStep[] = [];
        for (let i = 0; i < stepsPerOpcode; i++) {
          sample.push(sketchStep(randomSketch(opcode, random), () => random.fill(new Uint8Array(32))));
        }
        expect(await runAll(sample), opcode.name).toEqual(sample.map(({ postRoot }) => postRoot));
        for (const step of sample) {
          const name = fetched(step)?.name;
          if (name !== undefined) expect(step.witness.length, name).toBeLessThanOrEqual(worstSteps[name]!.bytes);
        }
        const seen = sample.map(outcome);
        for (const name of seen) outcomes.set(name, (outcomes.get(name) ?? 0) + 1);
        const expected = opcode.name === "unreachable" ? "trap 1" : "executed";
        expect(seen.filter((name) => name === expected).length, opcode.name).toBeGreaterThan(stepsPerOpcode / 8);
        if (opcode.phases === 2) expect(seen, opcode.name).toContain("first part");
        steps += sample.length;
      }
    });
  }

  it("has executed at least 20,000 steps, and met every trap", () => {
    expect(steps).toBeGreaterThanOrEqual(20_000);
    const names = ["executed", "first part", "end of tick", "fixed point"];
    for (const name of [...names, ...Object.values(Trap).map((code) => `trap ${code}`)]) {
      expect(outcomes.get(name) ?? 0, name).toBeGreaterThan(5);
    }
  });
});
