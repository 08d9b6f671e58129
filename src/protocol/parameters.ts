import { AssayError } from "../core/errors.ts";
import { rowCount } from "./ranges.ts";

/** Longest trace the machine and the contracts know: 2^40 ticks of 2^32 steps. */
export const maxLog2Ticks = 40;
export const maxLog2StepsOfMachine = 32;

/** Least share of a slashed bond that is burned, in thousandths: a wrong solver's own second account can always challenge first. */
export const minBurnPermille = 500;

/** What one deployment fixes for good. Names and meaning as in `contracts/types/Parameters.sol`, in the same order. */
export interface Parameters {
  readonly log2Arity: number;
  readonly maxLog2Steps: number;
  readonly burnPermille: number;
  /** Wei. */
  readonly solverBond: bigint;
  /** Wei. */
  readonly challengerBond: bigint;
  readonly solverBudgetSeconds: number;
  readonly challengerBudgetSeconds: number;
  readonly minResponseSeconds: number;
  readonly baseWindowSeconds: number;
  readonly tickAllowanceMicroseconds: number;
  readonly maxWindowSeconds: number;
  readonly minCommitAgeSeconds: number;
  readonly maxCommitAgeSeconds: number;
  readonly reactionSeconds: number;
  readonly stepsPerSecond: number;
  readonly solverDisputeGas: number;
  readonly challengerDisputeGas: number;
  /** Wei. */
  readonly gasPriceCeilingWei: bigint;
}

/** Window in which a claim of 2^log2Ticks ticks can be challenged, in seconds, from its reveal. Rounded up. */
export function claimWindowSeconds(
  { baseWindowSeconds, tickAllowanceMicroseconds }: Pick<Parameters, "baseWindowSeconds" | "tickAllowanceMicroseconds">,
  log2Ticks: number,
): number {
  const extra = (2n ** BigInt(log2Ticks) * BigInt(tickAllowanceMicroseconds) + 999_999n) / 1_000_000n;
  return baseWindowSeconds + Number(extra);
}

/** Most times the solver answers in one challenge: its rows over ticks, the opening (which carries a row), rows over steps. */
export function maxRounds(
  { log2Arity, maxLog2Steps }: Pick<Parameters, "log2Arity" | "maxLog2Steps">,
  log2Ticks: number = maxLog2Ticks,
): number {
  return rowCount(log2Ticks, log2Arity) + Math.max(1, rowCount(maxLog2Steps, log2Arity));
}

/**
 * D: the longest that one challenge to a claim of 2^log2Ticks ticks stays undecided, in seconds, if somebody calls the
 * time-outs when they are due. Every round has one turn of each side; one more turn of the challenger is the fault proof.
 */
export function disputeSeconds(
  parameters: Pick<
    Parameters,
    "log2Arity" | "maxLog2Steps" | "solverBudgetSeconds" | "challengerBudgetSeconds" | "minResponseSeconds"
  >,
  log2Ticks: number = maxLog2Ticks,
): number {
  const { solverBudgetSeconds, challengerBudgetSeconds, minResponseSeconds } = parameters;
  const turns = 2 * maxRounds(parameters, log2Ticks) + 1;
  return solverBudgetSeconds + challengerBudgetSeconds + turns * minResponseSeconds;
}

/**
 * Bound on the time from the reveal that opens a build's round to its finality through a right claim of 2^log2Ticks ticks that
 * has joined the round, when every wrong claim is challenged honestly (T3): its own window and D, or, where a contradiction
 * has fallen late, the join period, the longest window of the round's claims, the reaction time and two disputes.
 */
export function finalityBoundSeconds(parameters: Parameters, log2Ticks: number, longestLog2Ticks = log2Ticks): number {
  const own = parameters.baseWindowSeconds + claimWindowSeconds(parameters, log2Ticks);
  const longest = claimWindowSeconds(parameters, longestLog2Ticks);
  const d = disputeSeconds(parameters, Math.max(log2Ticks, longestLog2Ticks));
  return Math.max(own + d, parameters.baseWindowSeconds + longest + 2 * d + parameters.reactionSeconds);
}

/** The latest second at which the reward on a final build is due, counted from the round's join deadline or its finality. */
export function rewardDelaySeconds(parameters: Parameters): number {
  return disputeSeconds(parameters) + parameters.minResponseSeconds;
}

/**
 * The latest second at which the reward on a build is due, counted from the reveal that opens its round, when the build has become
 * final undisturbed but some other claim of the round stays open. Otherwise it is due with finality.
 */
export function rewardBoundSeconds(parameters: Parameters): number {
  return parameters.baseWindowSeconds + parameters.maxWindowSeconds + rewardDelaySeconds(parameters);
}

/** What a refutation pays: the challenger's share of a solver's bond and what is burned, in wei; the parts add up. */
export function splitBond(bond: bigint, burnPermille: number): { readonly paid: bigint; readonly burned: bigint } {
  const paid = (bond * BigInt(1000 - burnPermille)) / 1000n;
  return { paid, burned: bond - paid };
}

/** A rule that a parameter obeys; bounds are inclusive. */
export interface ParameterRule {
  /** As in the contract's `ParameterOutOfRange`. */
  readonly name: string;
  readonly least: bigint;
  readonly most: bigint;
  readonly given: bigint;
}

/**
 * Checks parameters as the contract's constructor does.
 * @throws AssayError `protocol/bad-parameter` with the first `ParameterRule` that is broken as details.
 */
export function validateParameters(parameters: Parameters): void {
  for (const rule of parameterRules(parameters)) {
    const { name, least, most, given } = rule;
    if (given >= least && given <= most) continue;
    throw new AssayError("protocol/bad-parameter", `${name} must be between ${least} and ${most}, not ${given}`, {
      ...rule,
    });
  }
}

const uint = (bits: number) => 2n ** BigInt(bits) - 1n;

/** All rules, in the contract's order. */
export function* parameterRules(p: Parameters): Generator<ParameterRule> {
  const within = (name: string, least: number | bigint, most: number | bigint, given: number | bigint) => ({
    name,
    least: BigInt(least),
    most: BigInt(most),
    given: wholeNumber(name, given),
  });
  yield within("log2Arity", 1, 6, p.log2Arity);
  yield within("maxLog2Steps", 0, maxLog2StepsOfMachine, p.maxLog2Steps);
  yield within("burnPermille", minBurnPermille, 999, p.burnPermille);
  yield within("minResponseSeconds", 1, uint(24), p.minResponseSeconds);
  yield within("stepsPerSecond", 1, uint(40), p.stepsPerSecond);
  const longestTick = Math.max(Math.ceil(2 ** p.maxLog2Steps / p.stepsPerSecond), p.minResponseSeconds);
  yield within("solverBudgetSeconds", longestTick, uint(24), p.solverBudgetSeconds);
  yield within("challengerBudgetSeconds", longestTick, uint(24), p.challengerBudgetSeconds);
  yield within("reactionSeconds", p.minResponseSeconds, uint(24), p.reactionSeconds);
  yield within("maxCommitAgeSeconds", 1, uint(24), p.maxCommitAgeSeconds);
  yield within("minCommitAgeSeconds", 1, p.maxCommitAgeSeconds - 1, p.minCommitAgeSeconds);
  const leastWindow = Math.max(p.minResponseSeconds, p.maxCommitAgeSeconds);
  yield within("baseWindowSeconds", leastWindow, uint(24), p.baseWindowSeconds);
  yield within("tickAllowanceMicroseconds", 0, uint(32), p.tickAllowanceMicroseconds);
  yield within("maxWindowSeconds", claimWindowSeconds(p, 0), uint(32), p.maxWindowSeconds);
  yield within("solverDisputeGas", 1, uint(32), p.solverDisputeGas);
  yield within("challengerDisputeGas", 1, uint(32), p.challengerDisputeGas);
  yield within("gasPriceCeilingWei", 1, uint(64), p.gasPriceCeilingWei);
  yield within("solverBond", 0, uint(80), p.solverBond);
  yield within("challengerBond", 0, uint(80), p.challengerBond);
  const cost = (gas: number) => BigInt(gas) * p.gasPriceCeilingWei;
  const { paid: toChallenger } = splitBond(p.solverBond, p.burnPermille);
  yield within("paid share of solverBond", cost(p.challengerDisputeGas), uint(80), toChallenger);
  const { paid: toSolver } = splitBond(p.challengerBond, p.burnPermille);
  yield within("paid share of challengerBond", cost(p.solverDisputeGas), uint(80), toSolver);
}

function wholeNumber(name: string, given: number | bigint): bigint {
  if (typeof given === "number" && !Number.isSafeInteger(given)) {
    throw new AssayError("protocol/bad-parameter", `${name} must be a whole number, not ${given}`, { name, given });
  }
  return BigInt(given);
}
