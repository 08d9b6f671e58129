import type { Root } from "../core/bytes.ts";
import type { Address } from "./claim.ts";
import type { Clocks } from "./clock.ts";
import { hashWords, zeroRoot } from "./hash.ts";
import { challengeIdTag, challengeTag, stakeTag } from "./tags.ts";

/** Ranges of ticks, or of steps inside one tick. */
export type Level = "ticks" | "steps";

/** Some ticks of a run, or some steps of one of its ticks. */
export interface Range {
  readonly level: Level;
  /** Number of the tick at level `steps`; 0 at level `ticks`. */
  readonly tick: number;
  /** First tick or step of the range. */
  readonly from: number;
  /** log2 of its length in ticks or steps. */
  readonly log2Length: number;
}

/**
 * Where a challenge stands. The contract keeps only `challengeWord` of it, and each event of a challenge holds it whole;
 * `contracts/types/Challenge.sol` says what each field means.
 */
export interface Challenge extends Clocks {
  readonly id: Root;
  readonly challenger: Address;
  readonly solver: Address;
  /** Its start state is accepted by the challenger, its end state is not. */
  readonly range: Range;
  readonly startRoot: Root;
  readonly endRoot: Root;
  /** Root of the solver's answer (see `rowRoot`); `zeroRoot` while the range is not answered. */
  readonly row: Root;
}

/** A challenge as the contract takes it and as its events show it: six words. */
export interface PackedChallenge {
  readonly id: Root;
  readonly challengerAndRange: bigint;
  readonly solverAndClocks: bigint;
  readonly startRoot: Root;
  readonly endRoot: Root;
  readonly row: Root;
}

/** What a challenge waits for: the solver's answer, the challenger's selection, or the proof of the fault. */
export type Kind = "answer" | "select" | "prove";

export function kindOf({ range, row }: Pick<Challenge, "range" | "row">): Kind {
  if (row !== zeroRoot) return "select";
  return isOneStep(range) ? "prove" : "answer";
}

/** Whether the range is one step: the contract can execute it. */
export function isOneStep({ level, log2Length }: Range): boolean {
  return level === "steps" && log2Length === 0;
}

/** Whether the range is one tick: it can be opened into steps. */
export function isOneTick({ level, log2Length }: Range): boolean {
  return level === "ticks" && log2Length === 0;
}

/** `level << 88 | tick << 48 | from << 8 | log2Length` */
export function packRange({ level, tick, from, log2Length }: Range): bigint {
  return (level === "ticks" ? 0n : 1n << 88n) | (BigInt(tick) << 48n) | (BigInt(from) << 8n) | BigInt(log2Length);
}

/** A challenge in the words that calls and events have. */
export function packChallenge(challenge: Challenge): PackedChallenge {
  const { id, challenger, solver, range, since, solverLeft, challengerLeft, startRoot, endRoot, row } = challenge;
  const clocks = (BigInt(since) << 48n) | (BigInt(solverLeft) << 24n) | BigInt(challengerLeft);
  return {
    id,
    challengerAndRange: (BigInt(challenger) << 96n) | packRange(range),
    solverAndClocks: (BigInt(solver) << 96n) | clocks,
    startRoot,
    endRoot,
    row,
  };
}

/**
 * Reverses `packChallenge`.
 * @param packed from an event of the contract, which packs no other values than it can unpack.
 */
export function unpackChallenge(packed: PackedChallenge): Challenge {
  const field = (word: bigint, low: number, width: number) => (word >> BigInt(low)) & ((1n << BigInt(width)) - 1n);
  const { id, challengerAndRange: first, solverAndClocks: second, startRoot, endRoot, row } = packed;
  return {
    id,
    challenger: addressOf(first >> 96n),
    solver: addressOf(second >> 96n),
    range: {
      level: field(first, 88, 8) === 0n ? "ticks" : "steps",
      tick: Number(field(first, 48, 40)),
      from: Number(field(first, 8, 40)),
      log2Length: Number(field(first, 0, 8)),
    },
    since: Number(field(second, 48, 40)),
    solverLeft: Number(field(second, 24, 24)),
    challengerLeft: Number(field(second, 0, 24)),
    startRoot,
    endRoot,
    row,
  };
}

/** The word that the contract keeps: `keccak256(abi.encode(CHALLENGE_TAG, challenge))`. */
export function challengeWord(challenge: Challenge): Root {
  const { id, challengerAndRange, solverAndClocks, startRoot, endRoot, row } = packChallenge(challenge);
  return hashWords(challengeTag, id, challengerAndRange, solverAndClocks, startRoot, endRoot, row);
}

/** A challenger's stake on a build: `keccak256(abi.encode(STAKE_TAG, challenger, buildId, stakeNumber))`. */
export function stakeKeyOf(challenger: Address, buildId: Root, stakeNumber: bigint): Root {
  return hashWords(stakeTag, BigInt(challenger), buildId, stakeNumber);
}

/** The one challenge of a stake against a claim: `keccak256(abi.encode(CHALLENGE_ID_TAG, stakeKey, claimId))`. */
export function challengeIdOf(stakeKey: Root, claimId: Root): Root {
  return hashWords(challengeIdTag, stakeKey, claimId);
}

function addressOf(value: bigint): Address {
  return `0x${value.toString(16).padStart(40, "0")}`;
}
