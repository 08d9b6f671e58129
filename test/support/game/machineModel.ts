import { fromHex, type Root, toHex } from "../../../src/core/bytes.ts";
import { isAssayError } from "../../../src/core/errors.ts";
import { machineVersion } from "../../../src/machine/registers.ts";
import { verifyStep } from "../../../src/machine/replaying.ts";
import { decodeHeader, headerRoot, type Keccak } from "../../../src/machine/witness.ts";
import type { Outcome } from "../../../src/protocol/claim.ts";
import { hashBytes, hashPair, zeroRoot } from "../../../src/protocol/hash.ts";
import type { RegistersProof } from "../../../src/protocol/trace.ts";
import { type ModelMachine, type ModelRegisters, ModelRevert, require } from "./modelState.ts";
import { trapped } from "./toyMachine.ts";

const keccak: Keccak = (bytes) => fromHex(hashBytes(bytes));
const errorNames: Readonly<Record<string, string>> = {
  "machine/root-mismatch": "RootMismatch",
  "machine/witness-too-short": "WitnessTooShort",
  "machine/witness-too-long": "WitnessTooLong",
};

/** The real machine, executed by its replaying accessor. */
export const machineModel: ModelMachine = {
  machineVersion,
  step(root, witness) {
    try {
      return verifyStep(root, witness, keccak);
    } catch (error) {
      const name = isAssayError(error) ? errorNames[error.code] : undefined;
      throw name === undefined ? error : new ModelRevert(name);
    }
  },
  resume(root, proof) {
    const { stackRoot, rest } = proven(root, proof);
    const registers = proof.registers.slice();
    const view = viewOf(registers);
    if (view.getUint32(12, true) === 0) {
      view.setUint32(0, view.getUint32(28, true), true);
      for (const [offset, value] of [
        [4, 2],
        [8, 1],
        [12, 1],
        [16, 0],
      ] as const)
        view.setUint32(offset, value, true);
      registers.fill(0, 36);
    }
    return hashPair(hashPair(hashBytes(registers), stackRoot), rest);
  },
  registers: (root, proof) => read(proven(root, proof)),
  result(root, proof) {
    require(proof.length === 1216, "ProofLengthMismatch", 1216, proof.length);
    const header = decodeHeader(proof);
    const given = toHex(headerRoot(header, keccak));
    require(given === root, "RootMismatch", root, given);
    requireMemory(proof.subarray(288), toHex(header.roots.memory));
    return outcomeOf(viewOf(header.registers), proof.subarray(288, 352));
  },
};

/** The record stands in memory leaf 0: the leaf's 128 bytes, then its siblings from the lowest up. */
function requireMemory(leafAndSiblings: Uint8Array, memoryRoot: Root): void {
  let reached = hashBytes(leafAndSiblings.subarray(0, 128));
  for (let at = 128; at < leafAndSiblings.length; at += 32) {
    reached = hashPair(reached, toHex(leafAndSiblings.subarray(at, at + 32)));
  }
  if (reached !== memoryRoot) throw new ModelRevert("RootMismatch", [memoryRoot, reached]);
}

function outcomeOf(registers: DataView, record: Uint8Array): Outcome {
  const endStatus = registers.getUint32(12, true);
  if (endStatus === trapped) {
    const code = registers.getUint32(16, true);
    return { endStatus, code, recordVersion: 0, artifactSize: 0n, artifactSha256: zeroRoot };
  }
  const view = viewOf(record);
  const [recordVersion, code] = [view.getUint32(0, true), view.getUint32(4, true)];
  const artifactSha256 = toHex(record.subarray(16, 48));
  return { endStatus, code, recordVersion, artifactSize: view.getBigUint64(8, true), artifactSha256 };
}

function proven(root: Root, proof: RegistersProof): RegistersProof {
  const given = hashPair(hashPair(hashBytes(proof.registers), proof.stackRoot), proof.rest);
  require(given === root, "RootMismatch", root, given);
  return proof;
}

function read({ registers }: RegistersProof): ModelRegisters {
  const view = viewOf(registers);
  return {
    status: view.getUint32(12, true),
    machineVersion: view.getUint32(32, true),
    scratchIsZero: registers.subarray(36, 128).every((byte) => byte === 0),
  };
}

function viewOf(bytes: Uint8Array): DataView {
  return new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
