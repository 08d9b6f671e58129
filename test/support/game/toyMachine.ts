import { concatBytes, fromHex, type Root, toHex } from "../../../src/core/bytes.ts";
import type { Outcome } from "../../../src/protocol/claim.ts";
import { hashBytes, hashPair, hashWords, zeroRoot } from "../../../src/protocol/hash.ts";
import type { RegistersProof } from "../../../src/protocol/trace.ts";

/**
 * A machine small enough to play thousands of disputes: a hash chain that yields, and finally halts, after a number of
 * steps that its program fixes for each tick. Its states have the shape that proofs of registers need.
 */

export const yielded = 0;
export const running = 1;
export const halted = 2;
export const trapped = 3;

export interface ToyState {
  readonly status: number;
  /** Steps done in this tick; 0 outside ticks. */
  readonly pc: number;
  /** Ticks done. */
  readonly ticks: number;
  readonly digest: Root;
  readonly program: Root;
}

export interface ToyProgram {
  /** Ticks until the machine halts. */
  readonly ticks: number;
  /** A tick takes 1 to this many steps. */
  readonly maxSteps: number;
  readonly seed: number;
}

/** The first state of a program. */
export function toyStart({ ticks, maxSteps, seed }: ToyProgram): ToyState {
  const program = toHex(Uint8Array.from([...bytes32(ticks), ...bytes32(maxSteps), ...bytes32(seed), ...bytes(20)]));
  return { status: yielded, pc: 0, ticks: 0, digest: hashWords(program, 0), program };
}

/** Number of steps in tick `tick`. */
export function toySteps(program: Root, tick: number): number {
  const maxSteps = Number.parseInt(program.slice(10, 18), 16);
  return 1 + Number(BigInt(hashWords(program, tick)) % BigInt(maxSteps));
}

/** Begins a tick; every status but `yielded` is a fixed point. */
export function toyResume(state: ToyState): ToyState {
  return state.status === yielded ? { ...state, status: running } : state;
}

/** One step; every status but `running` is a fixed point. */
export function toyStep(state: ToyState): ToyState {
  if (state.status !== running) return state;
  const next = { ...state, pc: state.pc + 1, digest: hashWords(state.digest) };
  if (next.pc < toySteps(state.program, state.ticks)) return next;
  const total = Number.parseInt(state.program.slice(2, 10), 16);
  const ticks = state.ticks + 1;
  return { ...next, pc: 0, ticks, status: ticks >= total ? halted : yielded };
}

/** `H(H(keccak(registers), digest), program)`. */
export function toyRoot(state: ToyState): Root {
  return hashPair(hashPair(hashBytes(registersOf(state)), state.digest), state.program);
}

export function toyProof(state: ToyState): RegistersProof {
  return { registers: registersOf(state), stackRoot: state.digest, rest: state.program };
}

/** What a final state says: the toy makes nothing. */
export function toyOutcome(endStatus: number): Outcome {
  return { endStatus, code: 0, recordVersion: 0, artifactSize: 0n, artifactSha256: zeroRoot };
}

/** Witness of any step of the toy: registers (128) ‖ digest ‖ program. */
export function toyWitness(state: ToyState): Uint8Array {
  return concatBytes(registersOf(state), fromHex(state.digest), fromHex(state.program));
}

/** The state behind a proof, whatever root it is for. */
export function toyStateOf({ registers, stackRoot, rest }: RegistersProof): ToyState {
  const view = new DataView(registers.buffer, registers.byteOffset, 128);
  return {
    pc: view.getUint32(0, true),
    status: view.getUint32(12, true),
    ticks: view.getUint32(20, true),
    digest: stackRoot,
    program: rest,
  };
}

function registersOf({ status, pc, ticks }: ToyState): Uint8Array {
  const registers = new Uint8Array(128);
  const view = new DataView(registers.buffer);
  view.setUint32(0, pc, true);
  view.setUint32(12, status, true);
  view.setUint32(20, ticks, true);
  view.setUint32(32, 1, true);
  return registers;
}

function bytes32(value: number): Uint8Array {
  return Uint8Array.of(value >>> 24, value >>> 16, value >>> 8, value);
}

function bytes(count: number): Uint8Array {
  return new Uint8Array(count);
}
