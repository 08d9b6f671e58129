import { readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { generatedFile } from "../../scripts/generateOpcodes.ts";
import { depths } from "../../src/machine/layout.ts";
import { Register } from "../../src/machine/registers.ts";
import type { MachineVectors } from "../support/machineVectors.ts";
import { deployStepVerifier } from "../support/stepContracts.ts";

const read = (path: string) => readFileSync(new URL(`../../${path}`, import.meta.url), "utf8");
const vectors = JSON.parse(read("test/vectors/machine.json")) as MachineVectors;

describe("the step verifier on the vectors of both languages", async () => {
  const { verifier, runAll } = await deployStepVerifier();

  it("knows the root of an empty stack", () => {
    expect(read(generatedFile)).toContain(`EMPTY_STACK_ROOT = ${vectors.zeroRoots[depths.stack]};`);
  });

  it.each(vectors.states)(
    "reads and resumes the state $name",
    async ({ registers, stackRoot, rest, root, resumed }) => {
      const words = [0, 1, 2, 3].map((i) => `0x${registers.slice(2 + 64 * i, 66 + 64 * i)}`);
      const proof = { registers: words as [string, string, string, string], stackRoot, rest };
      const leaf = new Int32Array(Uint8Array.from(Buffer.from(registers.slice(2), "hex")).buffer);
      const { pc, status, entryPc, machineVersion } = await verifier.registers(root, proof);
      const expected = [Register.pc, Register.status, Register.entryPc, Register.machineVersion];
      expect([pc, status, entryPc, machineVersion]).toEqual(expected.map((index) => BigInt(leaf[index]! >>> 0)));
      expect(await verifier.resume(root, proof)).toBe(resumed);
    },
  );

  it("executes every step", async () => {
    const steps = vectors.steps.map(({ root, witness }) => ({ root, witness: Buffer.from(witness.slice(2), "hex") }));
    expect(await runAll(steps)).toEqual(vectors.steps.map(({ postRoot }) => postRoot));
  });
});
