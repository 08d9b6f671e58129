import { keccak_256 } from "@noble/hashes/sha3.js";
import { sha256 } from "ethers";
import { describe, expect, it } from "vitest";
import { concatBytes, toHex } from "../../src/core/bytes.ts";
import { Register, Status } from "../../src/machine/registers.ts";
import { resume } from "../../src/machine/step/ending.ts";
import { decodeHeader, headerRest } from "../../src/machine/witness.ts";
import { sketchInstruction, stepSketch } from "../support/instructionSketch.ts";
import { Random } from "../support/random.ts";
import { seed } from "../support/seed.ts";
import { proveRegisters, proveResult, rootOfRegisters } from "../support/stateProofs.ts";
import { deployStepVerifier } from "../support/stepContracts.ts";

const random = new Random(seed);
const word = () => random.fill(new Uint8Array(32));

/** Registers whose every field is another number. */
function distinctRegisters(status: number): Int32Array {
  const registers = Int32Array.from({ length: 32 }, (_, i) => 0x01010101 * (i + 1));
  registers[Register.status] = status;
  return registers;
}

describe("what the step verifier reads from a state root", async () => {
  const { verifier } = await deployStepVerifier();

  it("is every register", async () => {
    const proof = proveRegisters(distinctRegisters(3), word(), word());
    const registers = await verifier.registers(rootOfRegisters(proof), proof);
    const expected = [1, 2, 3, 0, 5, 6, 7, 8, 9].map((number) => BigInt(0x01010101 * number));
    expected[3] = 3n;
    expect([...registers]).toEqual([...expected, false]);
  });

  it.each([9, 12, 15, 16, 31])("is scratch that is zero only when word %i of the leaf is too", async (index) => {
    const leaf = new Int32Array(32).fill(-1, 0, Register.phase);
    const clean = proveRegisters(leaf, word(), word());
    expect((await verifier.registers(rootOfRegisters(clean), clean)).scratchIsZero).toBe(true);
    leaf[index] = 1 << 24;
    const dirty = proveRegisters(leaf, word(), word());
    expect((await verifier.registers(rootOfRegisters(dirty), dirty)).scratchIsZero).toBe(false);
  });

  it("is the result record, with the registers", async () => {
    const artifact = sha256("0x1234");
    const record = concatBytes(
      new Uint8Array(Uint32Array.of(1, 77).buffer),
      new Uint8Array(BigUint64Array.of(0x1_0000_0002n).buffer),
      Buffer.from(artifact.slice(2), "hex"),
    );
    const { root, proof } = proveResult(distinctRegisters(Status.halted), record, word);
    const [registers, result] = await verifier.result(root, proof);
    expect(registers.status).toBe(2n);
    expect([...result]).toEqual([1n, 77n, 0x1_0000_0002n, artifact]);
  });

  it("is refused for a proof of another root, length or content", async () => {
    const { root, proof } = proveResult(distinctRegisters(2), new Uint8Array(64), word);
    const other = toHex(word());
    await expect(verifier.result(other, proof)).toRevertWith(verifier, "RootMismatch", [other, root]);
    await expect(verifier.result(root, proof.slice(0, -1))).toRevertWith(verifier, "ProofLengthMismatch", [
      1216n,
      1215n,
    ]);
    const longer = concatBytes(proof, Uint8Array.of(0));
    await expect(verifier.result(root, longer)).toRevertWith(verifier, "ProofLengthMismatch", [1216n, 1217n]);
    for (const at of [0, 127, 128, 287, 288, 415, 416, 1215]) {
      const flipped = proof.slice();
      flipped[at]! ^= 1;
      await expect(verifier.result(root, flipped), `byte ${at}`).toRevertWith(verifier, "RootMismatch");
    }
    const registers = proveRegisters(distinctRegisters(0), word(), word());
    await expect(verifier.registers(other, registers)).toRevertWith(verifier, "RootMismatch", [
      other,
      rootOfRegisters(registers),
    ]);
    await expect(verifier.resume(other, registers)).toRevertWith(verifier, "RootMismatch", [
      other,
      rootOfRegisters(registers),
    ]);
  });

  it("is machine version 1", async () => {
    expect(await verifier.machineVersion()).toBe(1n);
  });
});

describe("resume on chain", async () => {
  const { verifier } = await deployStepVerifier();

  it("makes a yielded state what the interpreter makes it, whatever else its registers hold", async () => {
    for (let i = 0; i < 50; i++) {
      const registers = Int32Array.from({ length: 32 }, () => random.uint32());
      registers[Register.status] = Status.yielded;
      const [stackRoot, rest] = [word(), word()];
      const before = proveRegisters(registers, stackRoot, rest);
      resume(registers);
      const after = rootOfRegisters(proveRegisters(registers, stackRoot, rest));
      expect(await verifier.resume(rootOfRegisters(before), before)).toBe(after);
    }
  });

  it.each([1, 2, 3, 4, 0xffffffff])("leaves a state of status %i as it is", async (status) => {
    const proof = proveRegisters(distinctRegisters(status), word(), word());
    expect(await verifier.resume(rootOfRegisters(proof), proof)).toBe(rootOfRegisters(proof));
  });

  it("leads to the root that the tick's first step starts from", async () => {
    const yielded = new Int32Array(32);
    yielded[Register.entryPc] = 5;
    const running = yielded.slice();
    resume(running);
    const sketch = sketchInstruction("i32.const", { change: ({ registers }) => registers.set(running) });
    const { root, postRoot, witness } = stepSketch(sketch);
    const { roots, registers } = decodeHeader(witness);
    expect(toHex(registers)).toBe(toHex(new Uint8Array(running.buffer)));
    const rest = headerRest({ roots, registers }, keccak_256);
    const proof = proveRegisters(yielded, roots.stack, rest);
    expect(await verifier.resume(rootOfRegisters(proof), proof)).toBe(root);
    expect(await verifier.step(root, witness)).toBe(postRoot);
  });
});
