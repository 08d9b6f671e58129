import { levels, type Summary } from "../../attestation/summary.ts";
import type { Root } from "../../core/bytes.ts";
import type { SummaryWord } from "./decide.ts";
import type { BuildAnswer } from "./evidence.ts";
import type { Policy, Requirement } from "./policy.ts";

/** A verification summary, and which of a policy's verifiers have signed it. */
export interface SignedSummary {
  readonly verifiers: readonly string[];
  readonly summary: Summary;
}

/** What each verifier says of one build. */
export function summaryWords(buildId: Root, summaries: readonly SignedSummary[]): ReadonlyMap<string, SummaryWord[]> {
  const words = new Map<string, SummaryWord[]>();
  for (const { verifiers, summary } of summaries) {
    if (summary.buildId !== buildId) continue;
    const word = { outcome: summary.artifact.sha256, levels: summary.levels };
    for (const name of verifiers) words.set(name, [...(words.get(name) ?? []), word]);
  }
  return words;
}

/** What may be said of an accepted artifact in a summary. */
export interface Grounds {
  readonly level: (typeof levels)[keyof typeof levels];
  /** The chain's name, where it rests on one. */
  readonly chain?: string;
  /** The builders, or the chain, that agree. */
  readonly names: readonly string[];
}

/**
 * On what an accepted answer rests, as far as a summary has a word for it: builders of whom the policy asks for two or more, and
 * final claims. Summaries of others are no ground: nobody signs anew what somebody else has verified.
 */
export function groundsOf({ require }: Policy, { agree }: Pick<BuildAnswer, "agree">): Grounds[] {
  const grounds: Grounds[] = [];
  const visit = (each: Requirement): void => {
    if ("builders" in each) {
      const names = each.builders.of.filter((name) => agree.includes(name));
      if (each.builders.least >= 2 && names.length >= each.builders.least)
        grounds.push({ level: levels.reproduced, names });
    } else if ("chain" in each) {
      if (agree.includes(each.chain)) grounds.push({ level: levels.final, chain: each.chain, names: [each.chain] });
    } else if ("all" in each) each.all.forEach(visit);
    else if ("any" in each) each.any.forEach(visit);
    else if ("least" in each) each.least.of.forEach(visit);
  };
  visit(require);
  const unique = new Map(grounds.map((each) => [`${each.level} ${each.chain ?? ""}`, each]));
  return [...unique.values()].map((each) => ({
    ...each,
    names: [
      ...new Set(
        grounds
          .filter(({ level, chain }) => level === each.level && chain === each.chain)
          .flatMap(({ names }) => names),
      ),
    ],
  }));
}
