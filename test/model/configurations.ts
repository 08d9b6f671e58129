/** What the tests search: README.md says what each configuration covers and how each mutant's attack goes. */
import type { Configuration } from "./spin.ts";

function rounds(name: string, defines: string): Configuration {
  return { name, model: "rounds", defines };
}

function dispute(name: string, defines: string): Configuration {
  return { name, model: "dispute", defines };
}

/** T1, T2, I1 and I3 are asserted in all, T3 with CHECK_T3, T4, I2 and I4 with MONEY, T5 with REWARDS. */
export const exhaustive: readonly Configuration[] = [
  dispute("a challenge to a right claim", "SOLVER_HONEST"),
  dispute("a challenge to a wrong claim", "CHALLENGER_HONEST"),
  dispute("a challenge between two accomplices", "ACCOMPLICES"),
  rounds("five of the adversary's claims at a time", "CLAIMS=5 ATTACKS=0"),
  rounds("an honest and four other claims, right ones under attack", "CLAIMS=5 ATTACKS=1 HONEST_SOLVER ATTACK_RIGHT"),
  rounds("an honest and three other claims, all under attack", "CLAIMS=4 ATTACKS=1 HONEST_SOLVER"),
  rounds("two stakes against right claims", "CLAIMS=3 ATTACKS=2 HONEST_SOLVER ATTACK_RIGHT"),
  rounds("a slow verifier and the last word", "CLAIMS=3 ATTACKS=1 HONEST_SOLVER COMPUTING=2 LAST_WORD"),
  rounds("two builds of two claims", "CLAIMS=4 ATTACKS=0 BUILDS=2"),
  rounds("two builds with a stake on each", "CLAIMS=2 ATTACKS=2 BUILDS=2"),
  rounds("T3, all claims under attack", "CHECK_T3 CLAIMS=3 ATTACKS=1 HONEST_SOLVER COMPUTING=2"),
  rounds("T3, right claims under attack", "CHECK_T3 CLAIMS=4 ATTACKS=1 HONEST_SOLVER COMPUTING=2 ATTACK_RIGHT"),
  rounds("T3, a long build", "CHECK_T3 CLAIMS=3 ATTACKS=1 HONEST_SOLVER COMPUTING=2 HONEST_WINDOW=9"),
  rounds("money, three commitments", "MONEY COMMITS CLAIMS=3 ATTACKS=1 HONEST_SOLVER"),
  rounds("money, two stakes", "MONEY COMMITS CLAIMS=2 ATTACKS=2 HONEST_SOLVER"),
  rounds("money, four commitments", "MONEY COMMITS CLAIMS=4 ATTACKS=0 HONEST_SOLVER"),
  rounds("rewards, all claims under attack", "REWARDS CLAIMS=3 ATTACKS=1 HONEST_SOLVER"),
  rounds("rewards, right claims under attack", "REWARDS CLAIMS=4 ATTACKS=1 HONEST_SOLVER ATTACK_RIGHT"),
];

/** Takes some minutes more. */
export const wide: readonly Configuration[] = [
  rounds("two stakes against all claims", "CLAIMS=3 ATTACKS=2 HONEST_SOLVER"),
  rounds("two builds, three claims, right ones under attack", "CLAIMS=3 ATTACKS=2 BUILDS=2 ATTACK_RIGHT"),
  rounds("T3, two stakes", "CHECK_T3 CLAIMS=3 ATTACKS=2 HONEST_SOLVER ATTACK_RIGHT"),
  rounds("T3, an honest and four other claims", "CHECK_T3 CLAIMS=5 ATTACKS=1 HONEST_SOLVER ATTACK_RIGHT"),
  rounds("money, three commitments and two stakes", "MONEY COMMITS CLAIMS=3 ATTACKS=2 HONEST_SOLVER"),
  rounds("money, four commitments and a stake", "MONEY COMMITS CLAIMS=4 ATTACKS=1 HONEST_SOLVER"),
];

const large = "CLAIMS=5 ATTACKS=2 HONEST_SOLVER COMPUTING=2";
/** Beyond what can be searched whole: no error may turn up in a sample. */
export const sampled: readonly Configuration[] = [
  { ...rounds("T3", `CHECK_T3 ${large}`), bitstate: { log2Bits: 22, seed: 1 } },
  { ...rounds("money", "MONEY COMMITS CLAIMS=5 ATTACKS=2 HONEST_SOLVER"), bitstate: { log2Bits: 22, seed: 2 } },
  { ...rounds("two builds", "CLAIMS=5 ATTACKS=2 BUILDS=2 HONEST_SOLVER"), bitstate: { log2Bits: 22, seed: 3 } },
];

export interface Mutant extends Configuration {
  /** The theorem or invariant that it must break. */
  readonly breaks: string;
}

function mutant(breaks: string, name: string, defines: string): Mutant {
  return { ...rounds(name, defines), breaks };
}

const withTime = "CHECK_T3 CLAIMS=3 ATTACKS=1 HONEST_SOLVER COMPUTING=2";
const withMoney = "MONEY COMMITS CLAIMS=2 ATTACKS=1 HONEST_SOLVER";

export const mutants: readonly Mutant[] = [
  mutant("T1", "one C for two builds", "ONE_BOND CLAIMS=2 ATTACKS=0 BUILDS=2"),
  mutant("T1", "a verifier that trusts others' contradictions", "TRUST_CLAIMS CLAIMS=2 ATTACKS=1"),
  mutant("T1", "a verifier that trusts others' challenges", "TRUST_CHALLENGES CLAIMS=2 ATTACKS=1"),
  mutant(
    "T1",
    "trusting contradictions with reaction 1 when others move last",
    "TRUST_CLAIMS ATTENTIVE LAST_WORD CLAIMS=2 ATTACKS=1",
  ),
  mutant("T1", "a stake per root with reaction 0", "STAKE_PER_ROOT REACTION=0 CLAIMS=2 ATTACKS=1"),
  mutant("T1", "a stake returned automatically", "AUTOMATIC_RETURN CLAIMS=2 ATTACKS=0"),
  mutant("T1", "the result outside claimId", "RESULT_OUTSIDE CLAIMS=2 ATTACKS=0 HONEST_SOLVER"),
  mutant("T2", "no kind Prove", "NO_PROVE CLAIMS=2 ATTACKS=1 HONEST_SOLVER"),
  { ...dispute("no kind Prove, seen in one dispute", "NO_PROVE SOLVER_HONEST"), breaks: "T2" },
  mutant("T3", "J by the opener's length", `JOIN_BY_OPENER ${withTime}`),
  mutant(
    "T3",
    "J by the opener's length, against the bound as stated",
    `JOIN_BY_OPENER STATED LONG_WINDOW=14 ${withTime}`,
  ),
  mutant("T4", "`several` ignored", `SEVERAL_IGNORED ${withMoney}`),
  mutant("T4", "nothing burned of a solver's bond", `NOTHING_BURNS ${withMoney}`),
  mutant("T5", "the early reward without its counter", "EARLY_REWARD REWARDS CLAIMS=2 ATTACKS=0"),
  mutant("I1", "an ended challenge that stays counted", "UNCOUNTED_END CLAIMS=2 ATTACKS=0"),
  mutant("I2", "a refuted solver that keeps its bond", `SOLVER_KEEPS_BOND ${withMoney}`),
  mutant("I3", "J longer than the shortest window", "JOIN_WINDOW=4 CLAIMS=2 ATTACKS=0"),
  mutant("I4", "a dead stake that pays", `DEAD_STAKE_PAYS ${withMoney}`),
];

/** The bounds of T3 and of a challenge's length are reached: one unit less is too little. */
export const sharp: readonly Configuration[] = [
  rounds("the round's", `EARLIER=1 ${withTime}`),
  rounds("the claim's own", `EARLIER=1 ${withTime} HONEST_WINDOW=9`),
  dispute("a challenge to a right claim", "EARLIER=1 SOLVER_HONEST"),
  dispute("a challenge to a wrong claim", "EARLIER=1 CHALLENGER_HONEST"),
  dispute("a challenge between two accomplices", "EARLIER=3 ACCOMPLICES"),
];

/** Faults that do no harm alone: what the mutants above need besides. */
export const survivors: readonly Configuration[] = [
  rounds(
    "trusting contradictions, but looking until the reaction is over",
    "TRUST_CLAIMS ATTENTIVE CLAIMS=2 ATTACKS=1",
  ),
  rounds(
    "the same with reaction 2 when others move last",
    "TRUST_CLAIMS ATTENTIVE LAST_WORD REACTION=2 CLAIMS=2 ATTACKS=1",
  ),
  rounds("a stake per root with a reaction", "STAKE_PER_ROOT CLAIMS=3 ATTACKS=1"),
  rounds("reaction 0 with a stake per build", "REACTION=0 CLAIMS=3 ATTACKS=1"),
  rounds("a stake returned automatically and withdrawn at once", "AUTOMATIC_RETURN WITHDRAWS CLAIMS=3 ATTACKS=0"),
  rounds("an honest solver that commits too late", "HASTY MONEY COMMITS CLAIMS=3 ATTACKS=1 HONEST_SOLVER"),
];
