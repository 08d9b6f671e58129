import { type BuildResult, buildIn, isBuildStatement } from "../../attestation/buildResult.ts";
import { type Envelope, signersOf } from "../../attestation/dsse.ts";
import type { KeyId } from "../../attestation/keys.ts";
import { statementIn } from "../../attestation/statement.ts";
import type { Root } from "../../core/bytes.ts";
import { type Answer, type BuildOutcome, decide, failed } from "./decide.ts";
import type { Policy } from "./policy.ts";

/** A result, and which of a policy's builders have signed it. */
export interface SignedResult {
  readonly builders: readonly string[];
  readonly result: BuildResult;
}

/** What a client asks: about an artifact, a build, or both. */
export interface Question {
  /** In hexadecimal. */
  readonly artifactSha256?: string | undefined;
  readonly buildId?: Root | undefined;
}

/** The answer about one build. */
export interface BuildAnswer extends Answer {
  readonly buildId: Root;
  /** What the builders that agree say of it: one result of each. */
  readonly results: readonly SignedResult[];
}

/**
 * The results that a policy's builders have signed. What others have signed, what is not about a build of this machine, and what
 * cannot be read is passed over: anybody can put such things where attestations are found.
 */
export function resultsSigned(envelopes: Iterable<Envelope>, { keys }: Policy): SignedResult[] {
  const names = new Map<KeyId, string>(Object.entries(keys).map(([name, key]) => [key, name]));
  const found: SignedResult[] = [];
  for (const envelope of envelopes) {
    const builders = signersOf(envelope, names.keys()).map((key) => names.get(key)!);
    if (builders.length === 0) continue;
    const result = resultIn(envelope);
    if (result !== undefined) found.push({ builders, result });
  }
  return found;
}

function resultIn(envelope: Envelope): BuildResult | undefined {
  try {
    const statement = statementIn(envelope);
    return isBuildStatement(statement) ? buildIn(statement) : undefined;
  } catch {
    return undefined;
  }
}

/** What a result says that the build gives. */
export function outcomeOf({ artifact }: BuildResult): BuildOutcome {
  return artifact === undefined ? failed : artifact.sha256;
}

/**
 * Which builds a question is about: the one that it names, else those that the policy's builders say the artifact is of.
 */
export function buildsAsked({ artifactSha256, buildId }: Question, results: readonly SignedResult[]): readonly Root[] {
  if (buildId !== undefined) return [buildId];
  return [
    ...new Set(
      results.filter(({ result }) => outcomeOf(result) === artifactSha256).map(({ result }) => result.buildId),
    ),
  ];
}

/**
 * The answer about one build.
 * @param chains what is final about it on each of the policy's chains that could be asked.
 */
export function answerAbout(
  policy: Policy,
  buildId: Root,
  { artifactSha256 }: Question,
  results: readonly SignedResult[],
  chains: ReadonlyMap<string, BuildOutcome>,
): BuildAnswer {
  const own = results.filter(({ result }) => result.buildId === buildId);
  const builders = new Map<string, Set<BuildOutcome>>();
  for (const { builders: names, result } of own) {
    for (const name of names) builders.set(name, (builders.get(name) ?? new Set()).add(outcomeOf(result)));
  }
  const answer = decide(policy, { builders, chains }, artifactSha256);
  return { ...answer, buildId, results: own.filter(({ result }) => outcomeOf(result) === answer.outcome) };
}
