import type { KeyId } from "../../attestation/keys.ts";
import type { BuildOutcome, Evidence } from "./decide.ts";
import { type Truth, wordOf } from "./truth.ts";

/** What a builder has shown of having run a build itself (`ExecutionProof`). */
export interface ShownRuns {
  /** Execution keys that it has signed its own name with: one, unless it has shown two runs that cannot both be. */
  readonly keys: ReadonlySet<KeyId>;
  /** It has signed a proof that is wrong, or was made for another builder. */
  readonly isCopied: boolean;
}

/** A builder that says what the others say, and is not counted, since the policy asks for those who have run the build themselves. */
export interface Unproven {
  readonly name: string;
  readonly why: /** It has signed no proof. */
    | "no-proof"
    /** The proof that it has signed is wrong: another builder's, for one. */
    | "copied-proof"
    /** Its proof is of another run than that of most: one of them has not run this build. */
    | "another-run"
    /** It has shown two runs. */
    | "two-runs";
}

/** Why a builder is not counted, for people: what follows its name. */
export const unprovenWords: Readonly<Record<Unproven["why"], string>> = {
  "no-proof": "has not shown that it has run the build",
  "copied-proof": "has signed a proof of having run the build that is wrong, or another builder's",
  "another-run": "has shown another run than others that say the same: one side has not run this build",
  "two-runs": "has shown two runs, of which one at least is none of this build",
};

/**
 * Whether so many builders have said this and shown the same run. All true runs of a build give one key; so those who show another
 * have not run it, or the others have not: they are counted apart, and two groups that are large enough are no decision.
 */
export function independentTruth(
  { least, of }: { readonly least: number; readonly of: readonly string[] },
  evidence: Evidence,
  outcome: BuildOutcome,
): Truth {
  const groups = groupsOf(of, evidence, outcome);
  const sizes = [...groups.values()].map(({ length }) => length);
  const holding = sizes.filter((size) => size >= least).length;
  if (holding > 0) return holding === 1 ? "yes" : "open";
  const open = of.filter((name) => mayJoin(name, evidence, outcome)).length;
  return Math.max(0, ...sizes) + open >= least ? "open" : "no";
}

/** Those of some builders that say this, and are not of the one run that most of them show; why each is not. */
export function unprovenOf(names: Iterable<string>, evidence: Evidence, outcome: BuildOutcome): readonly Unproven[] {
  const all = [...names];
  const groups = [...groupsOf(all, evidence, outcome).entries()];
  const most = Math.max(0, ...groups.map(([, { length }]) => length));
  const largest = groups.filter(([, { length }]) => length === most);
  const leading = largest.length === 1 ? largest[0]![0] : undefined;
  return all
    .filter((name) => wordOf(evidence.builders.get(name), outcome) === "yes")
    .flatMap((name) => {
      const why = reasonOf(evidence.shown?.get(name), leading);
      return why === undefined ? [] : [{ name, why }];
    });
}

function reasonOf(shown: ShownRuns | undefined, leading: KeyId | undefined): Unproven["why"] | undefined {
  const [key, ...others] = shown?.keys ?? [];
  if (key === undefined) return shown?.isCopied ? "copied-proof" : "no-proof";
  if (others.length > 0) return "two-runs";
  return key === leading ? undefined : "another-run";
}

/** By the run that they show: who says this, and has shown one run. */
function groupsOf(names: readonly string[], evidence: Evidence, outcome: BuildOutcome): Map<KeyId, string[]> {
  const groups = new Map<KeyId, string[]>();
  for (const name of names) {
    const [key, ...others] = evidence.shown?.get(name)?.keys ?? [];
    if (key === undefined || others.length > 0 || wordOf(evidence.builders.get(name), outcome) !== "yes") continue;
    groups.set(key, [...(groups.get(key) ?? []), name]);
  }
  return groups;
}

/** Whether a builder may yet say this and show any run: it has said nothing else, and shown none. */
function mayJoin(name: string, evidence: Evidence, outcome: BuildOutcome): boolean {
  if (wordOf(evidence.builders.get(name), outcome) === "no") return false;
  return (evidence.shown?.get(name)?.keys.size ?? 0) === 0;
}
