import { fromHex, type Root, toHex } from "../../../src/core/bytes.ts";
import { isAssayError } from "../../../src/core/errors.ts";
import { machineVersion } from "../../../src/machine/registers.ts";
import { verifyStep } from "../../../src/machine/replaying.ts";
import { decodeHeader, headerRest, headerRoot, type Keccak } from "../../../src/machine/witness.ts";
import { hashBytes, hashPair } from "../../../src/protocol/hash.ts";
import type { RegistersProof } from "../../../src/protocol/trace.ts";
import { type ModelMachine, type ModelRegisters, ModelRevert, require } from "./modelState.ts";

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
    const stackRoot = toHex(header.roots.stack);
    return read({ registers: header.registers, stackRoot, rest: toHex(headerRest(header, keccak)) });
  },
};

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
