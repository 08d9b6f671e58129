import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { toHex } from "../../src/core/bytes.ts";
import {
  buildIdOf,
  dependencyRootOf,
  type Environment,
  environmentOf,
  inputRegionOf,
  parseEnvironment,
} from "../../src/environment/environment.ts";
import { driveRoot } from "../../src/machine/drivePath.ts";
import { type DriveImage, startState } from "../../src/machine/program.ts";
import { StateTree } from "../../src/machine/stateTree.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { seed } from "../support/seed.ts";
import { claimableText, countingProgram } from "../support/testSession.ts";

const kernel = await loadKeccakKernel();
/** 256 KiB of memory. */
const program = claimableText(countingProgram(3));
const named = { name: "test", program: { name: "test", sha256: toHex(new Uint8Array(32)) } };
const image: DriveImage = { address: 8192, log2Size: 12, bytes: Uint8Array.of(1, 2, 3) };

const pairAt = (address: number, log2Size: number) => ({
  drive: { address, log2Size },
  dependencies: { address: address + 2 ** log2Size, log2Size },
});
const pair = pairAt(131072, 14);
const environment = environmentOf({ ...named, ...pair }, program, kernel, [image]);

/** The id as the machine itself has it: the root of the whole first state. */
function rootOfStart({ drive, dependencies }: typeof pair, input: Uint8Array, content: Uint8Array): string {
  const drives = [image, { ...drive, bytes: input }, { ...dependencies, bytes: content }];
  return new StateTree(kernel, startState(program, drives)).root();
}

describe("an environment with a drive for dependencies", () => {
  it("gives every input with every dependencies the id that the machine's first state has", () => {
    const places = fc.integer({ min: 12, max: 16 }).chain((log2Size) => {
      const bytes = fc.uint8Array({ maxLength: 2 ** log2Size, size: "max" });
      const index = fc.integer({ min: 1, max: 2 ** (17 - log2Size) - 1 });
      return fc.record({ log2Size: fc.constant(log2Size), index, input: bytes, content: bytes });
    });
    fc.assert(
      fc.property(places, ({ log2Size, index, input, content }) => {
        // The image is in what is the first pair of the smallest two sizes.
        const drives = pairAt(Math.max(index * 2 ** (log2Size + 1), 16384), log2Size);
        const described = environmentOf({ ...named, ...drives }, program, kernel, [image]);
        const expected = rootOfStart(drives, input, content);
        expect(buildIdOf(described, input, kernel, content)).toBe(expected);
        const root = dependencyRootOf(described, content, kernel);
        expect(buildIdOf(described, input, kernel, { root })).toBe(expected);
        expect(root).toBe(toHex(driveRoot(kernel, log2Size, content)));
      }),
      { seed, numRuns: 60 },
    );
  });

  it("has the id of both drives empty, and takes missing dependencies as none", () => {
    const [input, none] = [Uint8Array.of(7), new Uint8Array(0)];
    expect(environment.id).toBe(rootOfStart(pair, none, none));
    expect(buildIdOf(environment, input, kernel)).toBe(rootOfStart(pair, input, none));
    expect(buildIdOf(environment, none, kernel)).toBe(environment.id);
  });

  it("tells the two drives apart", () => {
    const [input, content] = [Uint8Array.of(1), Uint8Array.of(2)];
    expect(buildIdOf(environment, input, kernel, content)).not.toBe(buildIdOf(environment, content, kernel, input));
  });

  it("has siblings from the pair on, so that both drives can be proven as one", () => {
    const single = environmentOf({ ...named, drive: pair.drive }, program, kernel, [image]);
    expect(single.id).toBe(environment.id);
    expect(environment.siblings).toEqual(single.siblings.slice(1));
    expect(inputRegionOf(environment)).toEqual({ address: 131072, log2Size: 15 });
    expect(inputRegionOf(single)).toEqual(pair.drive);
  });

  it("refuses dependencies that do not fit, and any where there is no drive for them", () => {
    const large = new Uint8Array(2 ** 14 + 1);
    const details = { given: large.length, capacity: 2 ** 14 };
    for (const act of [
      () => buildIdOf(environment, new Uint8Array(0), kernel, large),
      () => dependencyRootOf(environment, large, kernel),
    ]) {
      expect(act).toThrowError(expect.objectContaining({ code: "environment/too-large", details }));
    }
    const single = environmentOf({ ...named, drive: pair.drive }, program, kernel);
    for (const act of [
      () => buildIdOf(single, new Uint8Array(0), kernel, new Uint8Array(0)),
      () => dependencyRootOf(single, new Uint8Array(0), kernel),
    ]) {
      expect(act).toThrowError(expect.objectContaining({ code: "environment/no-dependencies" }));
    }
    expect(() => buildIdOf(environment, new Uint8Array(0), kernel, { root: "0x12" })).toThrowError(
      expect.objectContaining({ code: "core/wrong-length" }),
    );
  });

  it("is a text that comes back as it was", () => {
    expect(parseEnvironment(JSON.stringify(environment), kernel)).toEqual(environment);
  });

  it.each<[string, object]>([
    ["halves of other sizes", { dependencies: { address: 147456, log2Size: 13 } }],
    ["halves that are not neighbours", { dependencies: { address: 163840, log2Size: 14 } }],
    ["the upper half below the lower", { drive: pair.dependencies, dependencies: pair.drive }],
    ["a pair that is not aligned", pairAt(114688, 14)],
    ["a drive that is misplaced", { dependencies: { address: 147457, log2Size: 14 } }],
    ["siblings of the input drive alone", { siblings: [environment.id, ...environment.siblings] }],
    ["no word of dependencies", { dependencies: undefined }],
    ["something else in the drive", { dependencies: { ...pair.dependencies, bytes: 1 } }],
  ])("is refused with %s", (_, change) => {
    expect(() => parseEnvironment(JSON.stringify({ ...environment, ...change }), kernel)).toThrowError(
      expect.objectContaining({ code: "environment/bad-environment" }),
    );
  });

  it.each<[string, Pick<Environment, "drive" | "dependencies">]>([
    ["not neighbours", { drive: pair.drive, dependencies: { address: 163840, log2Size: 14 } }],
    ["not aligned", pairAt(114688, 14)],
  ])("is not made of drives that are %s", (_, drives) => {
    expect(() => environmentOf({ ...named, ...drives }, program, kernel)).toThrowError(
      expect.objectContaining({ code: "environment/bad-environment" }),
    );
  });
});
