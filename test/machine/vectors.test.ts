import { readFile } from "node:fs/promises";
import { keccak_256 } from "@noble/hashes/sha3.js";
import { describe, expect, it } from "vitest";
import { fromHex, toHex } from "../../src/core/bytes.ts";
import { verifyStep } from "../../src/machine/replaying.ts";
import { hashPair, zeroRoot } from "../../src/machine/witness.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { type MachineVectors, machineVectors } from "../support/machineVectors.ts";

const file = new URL("../vectors/machine.json", import.meta.url);
const vectors = JSON.parse(await readFile(file, "utf8")) as MachineVectors;

describe("test/vectors/machine.json", () => {
  it("is what the machine gives (otherwise: npx tsx scripts/generateVectors.ts)", async () => {
    expect(vectors).toEqual(machineVectors(await loadKeccakKernel()));
  });

  it("holds with another keccak", () => {
    for (const [depth, root] of vectors.zeroRoots.entries()) expect(toHex(zeroRoot(depth, keccak_256))).toBe(root);
    for (const { registers, registersHash, stackRoot, rest, root } of vectors.states) {
      expect(toHex(keccak_256(fromHex(registers)))).toBe(registersHash);
      const left = hashPair(fromHex(registersHash), fromHex(stackRoot), keccak_256);
      expect(toHex(hashPair(left, fromHex(rest), keccak_256))).toBe(root);
    }
    for (const { root, witness, postRoot } of vectors.steps) {
      expect(verifyStep(root, fromHex(witness), keccak_256)).toBe(postRoot);
    }
  });
});
