import fc from "fast-check";
import { beforeAll, describe, expect, it } from "vitest";
import { buildIdOf, type Environment, environmentOf, parseEnvironment } from "../../src/environment/environment.ts";
import { loadClaimable } from "../../src/machine/claimable.ts";
import { type ClaimableProgram, startState } from "../../src/machine/program.ts";
import { StateTree } from "../../src/machine/stateTree.ts";
import type { KeccakKernel } from "../../src/merkle/keccakKernel.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { readProgram } from "../../src/programs/node/readProgram.ts";
import { releaseTarball } from "../../src/programs/releaseTarball/manifest.ts";
import { seed } from "../support/seed.ts";

let kernel: KeccakKernel;
let claimable: ClaimableProgram;
let environment: Environment;
beforeAll(async () => {
  kernel = await loadKeccakKernel();
  claimable = loadClaimable(await readProgram(releaseTarball));
  environment = environmentOf(
    { name: "test", program: { name: "test", sha256: releaseTarball.sha256 }, drive: releaseTarball.inputDrive },
    claimable,
    kernel,
  );
});

/** The id as the machine itself has it: the root of the whole first state. */
function rootOfStart(drive: Uint8Array): string {
  return new StateTree(kernel, startState(claimable, [{ ...releaseTarball.inputDrive, bytes: drive }])).root();
}

describe("an environment", () => {
  it("gives every source the id that the machine's first state has", () => {
    for (const length of [0, 1, 128, 4096, 5000, 100_003]) {
      const drive = new Uint8Array(length).map((_, i) => (i * 31 + length) & 0xff);
      expect(buildIdOf(environment, drive, kernel)).toBe(rootOfStart(drive));
    }
  });

  it("gives another id when any byte of the source changes", () => {
    const drive = new Uint8Array(20_000).map((_, i) => i & 0xff);
    const id = buildIdOf(environment, drive, kernel);
    fc.assert(
      fc.property(fc.nat(drive.length - 1), fc.integer({ min: 1, max: 255 }), (at, change) => {
        const other = drive.slice();
        other[at]! ^= change;
        expect(buildIdOf(environment, other, kernel)).not.toBe(id);
      }),
      { seed, numRuns: 50 },
    );
  });

  it("does not depend on zeros that follow the source", () => {
    const drive = new Uint8Array([1, 2, 3]);
    const padded = new Uint8Array(9000);
    padded.set(drive);
    expect(buildIdOf(environment, padded, kernel)).toBe(buildIdOf(environment, drive, kernel));
  });

  it("is a small text that comes back as it was", () => {
    const text = JSON.stringify(environment);
    expect(text.length).toBeLessThan(2000);
    expect(parseEnvironment(text, kernel)).toEqual(environment);
  });

  it("refuses a source that does not fit", () => {
    const large = { length: 2 ** 26 + 1 } as Uint8Array;
    expect(() => buildIdOf(environment, large, kernel)).toThrowError(
      expect.objectContaining({ code: "environment/too-large", details: { given: 2 ** 26 + 1, capacity: 2 ** 26 } }),
    );
  });

  it.each([
    ["no JSON", () => "{"],
    ["another version", () => JSON.stringify({ ...environment, version: 2 })],
    ["a missing sibling", () => JSON.stringify({ ...environment, siblings: environment.siblings.slice(1) })],
    [
      "a changed sibling",
      () => JSON.stringify({ ...environment, siblings: [environment.id, ...environment.siblings.slice(1)] }),
    ],
    ["a misplaced drive", () => JSON.stringify({ ...environment, drive: { address: 4096, log2Size: 26 } })],
    ["another id", () => JSON.stringify({ ...environment, id: environment.siblings[0] })],
    ["an unknown field", () => JSON.stringify({ ...environment, more: 1 })],
  ])("is refused with %s", (_, text) => {
    expect(() => parseEnvironment(text(), kernel)).toThrowError(
      expect.objectContaining({ code: "environment/bad-environment" }),
    );
  });
});
