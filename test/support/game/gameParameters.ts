import { hashWords } from "../../../src/protocol/hash.ts";
import type { Parameters } from "../../../src/protocol/parameters.ts";
import type { Party } from "./calls.ts";
import type { Chance } from "./strategies.ts";

/** Short clocks and round sums of money. */
export const gameParameters: Parameters = {
  log2Arity: 2,
  maxLog2Steps: 6,
  burnPermille: 600,
  solverBond: 10n ** 18n,
  challengerBond: 10n ** 17n,
  solverBudgetSeconds: 600,
  challengerBudgetSeconds: 500,
  minResponseSeconds: 60,
  baseWindowSeconds: 1_000,
  tickAllowanceMicroseconds: 500_000,
  maxWindowSeconds: 100_000,
  minCommitAgeSeconds: 30,
  maxCommitAgeSeconds: 900,
  reactionSeconds: 700,
  stepsPerSecond: 1_000,
  solverDisputeGas: 1_500_000,
  challengerDisputeGas: 1_500_000,
  gasPriceCeilingWei: 1_000_000_000n,
};

/** Account number `number`. */
export function party(number: number): Party {
  return `0x${(number + 1).toString(16).padStart(40, "0")}`;
}

/** A chance that depends on a seed. */
export function chanceOf(seed: number): Chance {
  return (...place) => {
    const words = place.map((part) => (typeof part === "number" ? BigInt(part) : textWord(part)));
    return Number(BigInt(hashWords(seed, ...words)) >> 204n) / 2 ** 52;
  };
}

function textWord(text: string): bigint {
  return /^0x[0-9a-f]{64}$/.test(text) ? BigInt(text) : BigInt(`0x${Buffer.from(text).toString("hex")}`);
}
