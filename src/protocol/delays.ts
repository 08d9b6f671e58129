import { claimWindowSeconds, disputeSeconds, maxRounds, type Parameters, splitBond } from "./parameters.ts";

/** One way to put off that a right claim becomes final. */
export interface Delay {
  readonly name: string;
  /** What it costs those who do it at least, in wei, with accomplices on both sides where that is cheaper. */
  readonly price: bigint;
  /** By how much later the build is final than undisturbed, at most, in seconds. */
  readonly seconds: number;
  /** How often it can be done to one build: once in a round, or again and again. */
  readonly repeats: "once" | "each round" | "never";
}

/**
 * Every known way to delay the finality of a right claim of 2^log2Ticks ticks that opens its round and is defended honestly,
 * while every wrong claim is challenged honestly at once. The other side's time does not count: an honest party answers at
 * once.
 */
export function delays(parameters: Parameters, log2Ticks: number): readonly Delay[] {
  const { solverBond, challengerBond, burnPermille, minResponseSeconds, reactionSeconds } = parameters;
  const { solverBudgetSeconds, challengerBudgetSeconds, baseWindowSeconds } = parameters;
  const rounds = maxRounds(parameters, log2Ticks);
  const window = claimWindowSeconds(parameters, log2Ticks);
  const { burned } = splitBond(solverBond, burnPermille);
  const solverStalls = solverBudgetSeconds + rounds * minResponseSeconds;
  const challengerStalls = challengerBudgetSeconds + (rounds + 1) * minResponseSeconds;
  // A wrong root joins in the last second: the window is over at the same time, or later, by what the ticks add.
  const contradiction = Math.max(0, baseWindowSeconds + solverStalls + reactionSeconds - window);
  return [
    {
      name: "a wrong root in the last second for joining, defended as slowly as possible",
      price: burned,
      seconds: contradiction,
      repeats: "once",
    },
    {
      name: "a challenge in the window's last second, lost on purpose as slowly as possible",
      price: challengerBond,
      seconds: challengerStalls,
      repeats: "once",
    },
    {
      name: "both, the challenge in the last second of the reaction time",
      price: burned + challengerBond,
      seconds: contradiction + challengerStalls,
      repeats: "once",
    },
    {
      name: "the only right claim is the attacker's own, which gives it up at the end",
      price: burned,
      seconds: window + disputeSeconds(parameters, log2Ticks),
      repeats: "each round",
    },
    { name: "a right or wrong claim over many more ticks, revealed first", price: 0n, seconds: 0, repeats: "never" },
    { name: "a commitment that is not revealed", price: burned, seconds: 0, repeats: "never" },
    { name: "clones, whatever their number, beside what the first costs", price: burned, seconds: 0, repeats: "never" },
  ];
}

/** What it costs at least, in wei, to put off by an hour that a right claim of 2^log2Ticks ticks becomes final; rounded down. */
export function hourPrice(parameters: Parameters, log2Ticks: number): bigint {
  const prices = delays(parameters, log2Ticks)
    .filter(({ seconds }) => seconds > 0)
    .map(({ price, seconds }) => (price * 3600n) / BigInt(seconds));
  return prices.sort((a, b) => Number(a - b))[0]!;
}
