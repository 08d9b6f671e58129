import { independentTruth, type ShownRuns, type Unproven, unprovenOf } from "./independence.ts";
import { namesIn, type Policy, type Requirement } from "./policy.ts";
import { leastOf, type Truth, wordOf } from "./truth.ts";

/** What a build gives: the sha256 of its artifact in hexadecimal, or that it fails. */
export type BuildOutcome = string;
export const failed: BuildOutcome = "failed";

/** What is known of one build. Names are those of the policy; what others say does not get here. */
export interface Evidence {
  /** What each builder has signed: more than one outcome where it contradicts itself. */
  readonly builders: ReadonlyMap<string, ReadonlySet<BuildOutcome>>;
  /** What each builder has shown of having run the build; absent where it has shown nothing. */
  readonly shown?: ReadonlyMap<string, ShownRuns> | undefined;
  /** What is final on each chain; absent where nothing is, or the chain could not be asked. */
  readonly chains: ReadonlyMap<string, BuildOutcome>;
  /** What each verifier has signed in summaries. */
  readonly summaries?: ReadonlyMap<string, readonly SummaryWord[]>;
  /** Rules of evidence under which there is an attestation about an artifact: the one that is asked about. */
  readonly attested?: { readonly artifact: BuildOutcome; readonly names: ReadonlySet<string> } | undefined;
}

/** What a verification summary says of a build. */
export interface SummaryWord {
  readonly outcome: BuildOutcome;
  readonly levels: readonly string[];
}

export type Decision =
  /** The policy holds for this outcome, and for no other. */
  | "accepted"
  /** It cannot hold whatever those say who have not spoken, unless somebody takes back what they have said. */
  | "refused"
  /** It may yet hold; or it holds for two outcomes, which is no decision. */
  | "undecided";

/** Where each builder, chain and verifier that the policy speaks of stands to one outcome. */
export interface Standing {
  readonly agree: readonly string[];
  readonly mismatches: readonly { readonly name: string; readonly outcomes: readonly BuildOutcome[] }[];
  readonly misses: readonly string[];
  /** Who says so as well, and has not shown that it has run the build, where the policy asks for that. */
  readonly unproven: readonly Unproven[];
}

export interface Answer extends Standing {
  readonly decision: Decision;
  /** The outcome that it is about; undefined if none was asked for and none is accepted. */
  readonly outcome: BuildOutcome | undefined;
  /** Every other outcome for which the policy holds as well. */
  readonly rivals: readonly BuildOutcome[];
  /** How many of those that the policy names agree, and how many it names. Integers over the whole set, not over who answered. */
  readonly score: { readonly agree: number; readonly of: number };
}

/**
 * Decides under a policy.
 * @param asked the outcome at hand; undefined asks which one it is.
 */
export function decide(policy: Policy, evidence: Evidence, asked: BuildOutcome | undefined): Answer {
  const heard = new Set([
    ...[...evidence.builders.values()].flatMap((each) => [...each]),
    ...evidence.chains.values(),
    ...[...(evidence.summaries?.values() ?? [])].flatMap((words) => words.map(({ outcome }) => outcome)),
  ]);
  const holding = [...heard].filter((outcome) => truthOf(policy.require, evidence, outcome) === "yes").sort();
  if (asked !== undefined) {
    const truth = truthOf(policy.require, evidence, asked);
    const rivals = holding.filter((outcome) => outcome !== asked);
    const decisions = {
      yes: rivals.length === 0 ? "accepted" : "undecided",
      no: "refused",
      open: "undecided",
    } as const;
    return answer(policy, evidence, asked, decisions[truth], rivals);
  }
  const [only, ...rivals] = holding;
  if (only !== undefined && rivals.length === 0) return answer(policy, evidence, only, "accepted", []);
  const possible = [...heard, unheard].some((outcome) => truthOf(policy.require, evidence, outcome) !== "no");
  return answer(policy, evidence, undefined, possible ? "undecided" : "refused", holding);
}

/** Stands for all outcomes that nobody has named. */
const unheard: BuildOutcome = "";

/** Whether a requirement holds for an outcome, in three-valued logic: who has not spoken may yet say anything. */
export function truthOf(requirement: Requirement, evidence: Evidence, outcome: BuildOutcome): Truth {
  if ("builders" in requirement) {
    const { least, of, independent } = requirement.builders;
    if (independent === true) return independentTruth(requirement.builders, evidence, outcome);
    return leastOf(
      least,
      of.map((name) => wordOf(evidence.builders.get(name), outcome)),
    );
  }
  if ("chain" in requirement) {
    const final = evidence.chains.get(requirement.chain);
    return final === undefined ? "open" : final === outcome ? "yes" : "no";
  }
  if ("summaries" in requirement) {
    const { least, of, level } = requirement.summaries;
    return leastOf(
      least,
      of.map((name) => wordOf(summarised(evidence, name, new Set([level])), outcome)),
    );
  }
  // Of other artifacts than its own an attestation says nothing.
  if ("evidence" in requirement) return isAttested(evidence, requirement.evidence, outcome) ? "yes" : "open";
  const truths = (parts: readonly Requirement[]) => parts.map((part) => truthOf(part, evidence, outcome));
  if ("all" in requirement) return leastOf(requirement.all.length, truths(requirement.all));
  if ("any" in requirement) return leastOf(1, truths(requirement.any));
  return leastOf(requirement.least.count, truths(requirement.least.of));
}

function isAttested({ attested }: Evidence, name: string, outcome: BuildOutcome): boolean {
  return attested?.artifact === outcome && attested.names.has(name);
}

/** The outcomes that a verifier's summaries have at one of some levels; undefined stands for any. */
function summarised(
  { summaries }: Evidence,
  name: string,
  levels: ReadonlySet<string | undefined>,
): ReadonlySet<BuildOutcome> {
  const words = summaries?.get(name) ?? [];
  const isMeant = (word: SummaryWord) => levels.has(undefined) || word.levels.some((level) => levels.has(level));
  return new Set(words.filter(isMeant).map(({ outcome }) => outcome));
}

function answer(
  policy: Policy,
  evidence: Evidence,
  outcome: BuildOutcome | undefined,
  decision: Decision,
  rivals: readonly BuildOutcome[],
): Answer {
  const { builders, independent, chains, verifiers, evidence: rules } = namesIn(policy.require);
  const unproven = unprovenOf(independent, evidence, outcome ?? unheard);
  const said = [
    ...[...builders].map((name) => [name, evidence.builders.get(name)] as const),
    ...[...chains].map((name) => {
      const final = evidence.chains.get(name);
      return [name, final === undefined ? undefined : new Set([final])] as const;
    }),
    ...[...verifiers].map(([name, levels]) => [name, summarised(evidence, name, levels)] as const),
    ...[...rules].map((name) => {
      return [
        name,
        outcome !== undefined && isAttested(evidence, name, outcome) ? new Set([outcome]) : undefined,
      ] as const;
    }),
  ];
  const agree: string[] = [];
  const mismatches: { name: string; outcomes: readonly BuildOutcome[] }[] = [];
  const misses: string[] = [];
  for (const [name, outcomes] of said) {
    const word = wordOf(outcomes, outcome ?? unheard);
    if (word === "open") misses.push(name);
    else if (unproven.some((each) => each.name === name)) continue;
    else if (word === "yes") agree.push(name);
    else mismatches.push({ name, outcomes: [...outcomes!].sort() });
  }
  const score = { agree: agree.length, of: said.length };
  return { decision, outcome, rivals, agree, mismatches, misses, unproven, score };
}
