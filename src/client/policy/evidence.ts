import type { BuildResult } from "../../attestation/buildResult.ts";
import { isProofFor } from "../../attestation/execution.ts";
import type { Root } from "../../core/bytes.ts";
import type { ContentId } from "../../store/contentId.ts";
import { type Answer, type BuildOutcome, decide, failed } from "./decide.ts";
import type { ShownRuns } from "./independence.ts";
import { namesIn, type Policy } from "./policy.ts";
import { type SignedSummary, summaryWords } from "./summaries.ts";

/** A result, and which of a policy's builders have signed it. */
export interface SignedResult {
  readonly builders: readonly string[];
  readonly result: BuildResult;
  /** Of the signed statement. */
  readonly statementId: ContentId;
}

/** What a client asks: about an artifact, a build, or both. */
export interface Question {
  /** In hexadecimal. */
  readonly artifactSha256?: string | undefined;
  readonly buildId?: Root | undefined;
}

/** The answer about one build. */
export interface BuildAnswer extends Answer {
  /** Undefined where nobody names a build, and all that is known is evidence about the artifact. */
  readonly buildId: Root | undefined;
  /** What the builders that agree say of it: one result of each. */
  readonly results: readonly SignedResult[];
  /** What builders say who say otherwise. */
  readonly others: readonly SignedResult[];
}

/** What a result says that the build gives. */
export function outcomeOf({ artifact }: BuildResult): BuildOutcome {
  return artifact === undefined ? failed : artifact.sha256;
}

/** Builds that one builder can say that an artifact is of: each is asked about everywhere. */
export const mostBuildsOfBuilder = 64;

/**
 * Which builds a question is about: the one that it names, else those that the policy's builders and verifiers say the artifact is
 * of.
 * @returns also those who have named more than `mostBuildsOfBuilder`; only so many of each are taken.
 */
export function buildsAsked(
  { artifactSha256, buildId }: Question,
  results: readonly SignedResult[],
  summaries: readonly SignedSummary[] = [],
): { readonly builds: readonly Root[]; readonly tooMany: readonly string[] } {
  if (buildId !== undefined) return { builds: [buildId], tooMany: [] };
  const named = new Map<string, Set<Root>>();
  const note = (names: readonly string[], build: Root) => {
    for (const name of names) named.set(name, (named.get(name) ?? new Set()).add(build));
  };
  for (const { builders, result } of results) if (outcomeOf(result) === artifactSha256) note(builders, result.buildId);
  for (const { verifiers, summary } of summaries)
    if (summary.artifact.sha256 === artifactSha256) note(verifiers, summary.buildId);
  const taken = [...named.values()].flatMap((builds) => [...builds].slice(0, mostBuildsOfBuilder));
  const tooMany = [...named].filter(([, builds]) => builds.size > mostBuildsOfBuilder).map(([name]) => name);
  return { builds: [...new Set(taken)], tooMany };
}

/**
 * The answer about one build.
 * @param chains what is final about it on each of the policy's chains that could be asked.
 * @param summaries those that the policy's verifiers have signed.
 * @param attestedBy rules of evidence under which there is an attestation about the artifact that is asked about.
 */
export function answerAbout(
  policy: Policy,
  buildId: Root | undefined,
  { artifactSha256 }: Question,
  results: readonly SignedResult[],
  chains: ReadonlyMap<string, BuildOutcome>,
  summaries: readonly SignedSummary[] = [],
  attestedBy: ReadonlySet<string> = new Set(),
): BuildAnswer {
  const own = results.filter(({ result }) => result.buildId === buildId);
  const builders = new Map<string, Set<BuildOutcome>>();
  for (const { builders: names, result } of own) {
    for (const name of names) builders.set(name, (builders.get(name) ?? new Set()).add(outcomeOf(result)));
  }
  const words = buildId === undefined ? new Map() : summaryWords(buildId, summaries);
  const attested = artifactSha256 === undefined ? undefined : { artifact: artifactSha256, names: attestedBy };
  const evidence = { builders, shown: shownIn(policy, own), chains, summaries: words, attested };
  const answer = decide(policy, evidence, artifactSha256);
  const isAgreed = ({ result }: SignedResult) => outcomeOf(result) === answer.outcome;
  return { ...answer, buildId, results: own.filter(isAgreed), others: own.filter((each) => !isAgreed(each)) };
}

/** What the builders that have to have shown of having run one build. @param results about it. */
function shownIn(policy: Policy, results: readonly SignedResult[]): ReadonlyMap<string, ShownRuns> {
  const { independent } = namesIn(policy.require);
  const shown = new Map<string, ShownRuns>();
  for (const { builders, result } of results) {
    const { execution } = result;
    if (execution === undefined) continue;
    for (const name of builders.filter((each) => independent.has(each))) {
      const { keys = [], isCopied = false } = shown.get(name) ?? {};
      if (isProofFor(policy.keys[name]!, result, execution))
        shown.set(name, { keys: new Set([...keys, execution.key]), isCopied });
      else shown.set(name, { keys: new Set(keys), isCopied: true });
    }
  }
  return shown;
}
