import { protocolError } from "./errors.ts";
import { rowCount } from "./ranges.ts";

/** Longest trace the machine and the contracts know: 2^40 ticks of 2^32 steps. */
export const maxLog2Ticks = 40;
export const maxLog2StepsOfMachine = 32;

/** Least share of a slashed bond that is burned, in thousandths: a liar's own second account can always challenge first. */
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
  readonly gasPerMove: number;
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

/** Most transactions of one side in one challenge: the challenger opens, answers every round, and proves the fault. */
export function maxMoves(parameters: Pick<Parameters, "log2Arity" | "maxLog2Steps">, log2Ticks?: number): number {
  return maxRounds(parameters, log2Ticks) + 2;
}

/**
 * D: the longest that one challenge to a claim of 2^log2Ticks ticks stays undecided, in seconds, if somebody calls the
 * time-outs when they are due. Every round has one turn of each side, the last one is the fault proof.
 */
export function disputeSeconds(
  parameters: Pick<
    Parameters,
    "log2Arity" | "maxLog2Steps" | "solverBudgetSeconds" | "challengerBudgetSeconds" | "minResponseSeconds"
  >,
  log2Ticks: number = maxLog2Ticks,
): number {
  const { solverBudgetSeconds, challengerBudgetSeconds, minResponseSeconds } = parameters;
  const rounds = maxRounds(parameters, log2Ticks) + 1;
  return solverBudgetSeconds + challengerBudgetSeconds + 2 * rounds * minResponseSeconds;
}

/**
 * Bound on the time from a build's first reveal to its finality when claims of 2^log2Ticks ticks contradict each other and
 * an honest party challenges: the last claim joins at the join deadline, its window passes, and each of two challenges
 * (one at the window's end, one at the end of the reaction time) takes D.
 */
export function finalityBoundSeconds(parameters: Parameters, log2Ticks: number): number {
  const window = claimWindowSeconds(parameters, log2Ticks);
  const join = Math.max(window, parameters.maxCommitAgeSeconds);
  return join + window + parameters.reactionSeconds + 2 * disputeSeconds(parameters, log2Ticks);
}

/** What a refutation pays: the challenger's share of a solver's bond and what is burned, in wei; the parts add up. */
export function splitBond(bond: bigint, burnPermille: number): { readonly paid: bigint; readonly burned: bigint } {
  const paid = (bond * BigInt(1000 - burnPermille)) / 1000n;
  return { paid, burned: bond - paid };
}

/**
 * Checks parameters as the contract's constructor does.
 * @throws AssayError `protocol/bad-parameter` naming the rule that fails and the values it is about.
 */
export function validateParameters(parameters: Parameters): void {
  for (const [broken, rule] of rules(parameters)) {
    if (broken) throw protocolError("protocol/bad-parameter", `these parameters cannot be deployed: ${rule}`, { rule });
  }
}

function* rules(p: Parameters): Generator<readonly [boolean, string]> {
  for (const [name, value] of Object.entries(p)) {
    yield [typeof value === "number" && (!Number.isInteger(value) || value < 0), `${name} is a whole number >= 0`];
    yield [typeof value === "bigint" && value < 0n, `${name} is a whole number >= 0`];
  }
  yield [p.log2Arity < 1 || p.log2Arity > 6, "log2Arity is between 1 and 6"];
  yield [p.maxLog2Steps > maxLog2StepsOfMachine, `maxLog2Steps is at most ${maxLog2StepsOfMachine}`];
  yield [
    p.burnPermille < minBurnPermille || p.burnPermille > 999,
    `burnPermille is between ${minBurnPermille} and 999: at least half must burn, and the winner gets something`,
  ];
  yield [p.minResponseSeconds < 1, "minResponseSeconds is at least 1"];
  yield [p.stepsPerSecond < 1, "stepsPerSecond is at least 1"];
  const longestTick = Math.ceil(2 ** p.maxLog2Steps / Math.max(1, p.stepsPerSecond));
  yield [longestTick > p.solverBudgetSeconds, "the longest tick can be interpreted within solverBudgetSeconds"];
  yield [longestTick > p.challengerBudgetSeconds, "the longest tick can be interpreted within challengerBudgetSeconds"];
  yield [p.minCommitAgeSeconds >= p.maxCommitAgeSeconds, "minCommitAgeSeconds is below maxCommitAgeSeconds"];
  yield [claimWindowSeconds(p, 0) > p.maxWindowSeconds, "a claim of one tick has its window within maxWindowSeconds"];
  const cost = BigInt(maxMoves(p)) * BigInt(p.gasPerMove) * p.gasPriceCeilingWei;
  yield [splitBond(p.challengerBond, p.burnPermille).paid < cost, "a lost challenge pays the solver for all its moves"];
  yield [splitBond(p.solverBond, p.burnPermille).paid < cost, "a refutation pays the challenger for all its moves"];
}
