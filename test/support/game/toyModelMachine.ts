import { type Root, toHex } from "../../../src/core/bytes.ts";
import { hashBytes, hashPair } from "../../../src/protocol/hash.ts";
import type { RegistersProof } from "../../../src/protocol/trace.ts";
import { type ModelMachine, type ModelRegisters, require } from "./modelState.ts";
import { toyOutcome, toyResume, toyRoot, toyStateOf, toyStep } from "./toyMachine.ts";

/** The toy's step verifier: proofs are 192 bytes, registers ‖ digest ‖ program. */
export const toyModelMachine: ModelMachine = {
  machineVersion: 1,
  step: (root, witness) => toyRoot(toyStep(toyStateOf(proven(root, parse(witness))))),
  resume: (root, proof) => toyRoot(toyResume(toyStateOf(proven(root, proof)))),
  registers: (root, proof) => read(proven(root, proof)),
  result: (root, proof) => toyOutcome(toyStateOf(proven(root, parse(proof))).status),
};

function parse(bytes: Uint8Array): RegistersProof {
  require(bytes.length >= 192, "WitnessTooShort", 192, bytes.length);
  require(bytes.length <= 192, "WitnessTooLong", 192, bytes.length);
  return {
    registers: bytes.subarray(0, 128),
    stackRoot: toHex(bytes.subarray(128, 160)),
    rest: toHex(bytes.subarray(160, 192)),
  };
}

function proven(root: Root, proof: RegistersProof): RegistersProof {
  const { registers, stackRoot, rest } = proof;
  const given = hashPair(hashPair(hashBytes(registers), stackRoot), rest);
  require(given === root, "RootMismatch", root, given);
  return proof;
}

function read({ registers }: RegistersProof): ModelRegisters {
  const view = new DataView(registers.buffer, registers.byteOffset, 128);
  return {
    status: view.getUint32(12, true),
    machineVersion: view.getUint32(32, true),
    scratchIsZero: registers.subarray(36).every((byte) => byte === 0),
  };
}
