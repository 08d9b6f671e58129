import { describe, expect, it } from "vitest";
import { headerBytes } from "../../src/machine/layout.ts";
import { opcodes } from "../../src/machine/opcodes.ts";
import { Random } from "../support/random.ts";
import { randomSketch } from "../support/randomSketch.ts";
import { seed } from "../support/seed.ts";
import { type SketchedStep, sketchStep } from "../support/sketchedStep.ts";
import { deployStepVerifier } from "../support/stepContracts.ts";

const reverted = `0x${"0".repeat(64)}`;
const random = new Random(seed);

function stepOf(name: string, fits: (step: SketchedStep) => boolean): SketchedStep {
  const opcode = opcodes.find((opcode) => opcode.name === name)!;
  for (;;) {
    const step = sketchStep(randomSketch(opcode, random), () => random.fill(new Uint8Array(32)));
    if (fits(step)) return step;
  }
}

function touches(...trees: string[]): (step: SketchedStep) => boolean {
  return ({ leaves }) => leaves.map(({ tree }) => tree).join() === trees.join();
}

/** Together they show leaves of every tree, alone and in pairs. */
const sample: readonly (readonly [string, SketchedStep])[] = [
  ["a store through two stack leaves", stepOf("i64.store", touches("code", "stack", "stack", "memory"))],
  ["an indirect call", stepOf("call_indirect", touches("code", "stack", "table", "stack"))],
  ["a read of a global", stepOf("global.get", touches("code", "globals", "stack"))],
  ["a jump", stepOf("jump", touches("code"))],
  ["a fixed point", stepOf("i32.add", ({ leaves }) => leaves.length === 0)],
];

describe("the witness of", async () => {
  const { verifier, batch } = await deployStepVerifier();

  for (const [name, { root, postRoot, witness }] of sample) {
    it(`${name} proves its step`, async () => {
      expect(await verifier.step(root, witness)).toBe(postRoot);
    });

    it(`${name} reverts with any byte flipped`, async () => {
      for (const mask of ["0x01", "0x80", "0xff"]) {
        for (let from = 0; from < witness.length; from += 400) {
          const count = Math.min(400, witness.length - from);
          const postRoots = await batch.runFlipped(root, witness, from, count, mask);
          expect(new Set(postRoots)).toEqual(new Set([reverted]));
        }
      }
    });

    it(`${name} reverts with a byte more or less`, async () => {
      const longer = new Uint8Array(witness.length + 1);
      longer.set(witness);
      await expect(verifier.step(root, longer)).toRevertWith(verifier, "WitnessTooLong", [
        BigInt(witness.length),
        BigInt(longer.length),
      ]);
      await expect(verifier.step(root, witness.slice(0, -1))).toRevertWith(verifier, "WitnessTooShort", [
        BigInt(witness.length),
        BigInt(witness.length - 1),
      ]);
    });

    it(`${name} reverts for another root`, async () => {
      const other = `0x${"11".repeat(32)}`;
      await expect(verifier.step(other, witness)).toRevertWith(verifier, "RootMismatch", [other, root]);
    });
  }

  it("nothing at all is too short", async () => {
    await expect(verifier.step(sample[0]![1].root, "0x")).toRevertWith(verifier, "WitnessTooShort", [
      BigInt(headerBytes),
      0n,
    ]);
  });

  it("two stack leaves is none in the other order", async () => {
    const [, { root, witness, leaves }] = sample[0]!;
    const [first, second, memory] = leaves.slice(1).map(({ at }) => at) as [number, number, number];
    const swapped = [
      witness.subarray(0, first),
      witness.subarray(second, memory),
      witness.subarray(first, second),
      witness.subarray(memory),
    ];
    await expect(verifier.step(root, Buffer.concat(swapped))).toRevertWith(verifier, "RootMismatch");
  });
});
