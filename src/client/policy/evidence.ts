import { type BuildResult, buildIn, isBuildStatement } from "../../attestation/buildResult.ts";
import { type Envelope, formatEnvelope, namesItsKeys, signersOf } from "../../attestation/dsse.ts";
import type { KeyId } from "../../attestation/keys.ts";
import type { SignatureAllowance } from "../../attestation/signatureAllowance.ts";
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
 * The results that a policy's builders have signed, each once, however often it is found. What others have signed, what is not about a
 * build of this machine, and what cannot be read is passed over: anybody can put such things where attestations are found.
 */
export class SignedResults {
  private readonly names: ReadonlyMap<KeyId, string>;
  /** By the text of the envelope. */
  private readonly found = new Map<string, SignedResult>();
  /** Texts of which nothing is left to be found out. */
  private readonly settled = new Set<string>();

  constructor({ keys }: Policy) {
    this.names = new Map(Object.entries(keys).map(([name, key]) => [key, name]));
  }

  /**
   * Takes in what a source has: first what names its keys, so that it costs little to tell who has signed it.
   * @param allowance the source's. When it is used up, the rest is not looked at, and the allowance says so.
   */
  add(envelopes: readonly Envelope[], allowance: SignatureAllowance): void {
    for (const envelope of [...envelopes.filter(namesItsKeys), ...envelopes.filter((each) => !namesItsKeys(each))]) {
      const text = formatEnvelope(envelope);
      if (this.settled.has(text)) continue;
      const builders = signersOf(envelope, this.names.keys(), allowance).map((key) => this.names.get(key)!);
      const result = builders.length === 0 ? undefined : resultIn(envelope);
      if (result !== undefined) this.found.set(text, { builders, result });
      // What another source has of it may be looked at there.
      if (allowance.isExceeded) return;
      this.settled.add(text);
    }
  }

  /** @param passedOver builders whose signatures do not count. */
  without(passedOver: ReadonlySet<string>): SignedResult[] {
    return [...this.found.values()]
      .map(({ builders, result }) => ({ builders: builders.filter((name) => !passedOver.has(name)), result }))
      .filter(({ builders }) => builders.length > 0);
  }
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

/** Builds that one builder can say that an artifact is of: each is asked about everywhere. */
export const mostBuildsOfBuilder = 64;

/**
 * Which builds a question is about: the one that it names, else those that the policy's builders say the artifact is of.
 * @returns also the builders that have named more than `mostBuildsOfBuilder`; only so many of each are taken.
 */
export function buildsAsked(
  { artifactSha256, buildId }: Question,
  results: readonly SignedResult[],
): { readonly builds: readonly Root[]; readonly tooMany: readonly string[] } {
  if (buildId !== undefined) return { builds: [buildId], tooMany: [] };
  const named = new Map<string, Set<Root>>();
  for (const { builders, result } of results) {
    if (outcomeOf(result) !== artifactSha256) continue;
    for (const name of builders) named.set(name, (named.get(name) ?? new Set()).add(result.buildId));
  }
  const taken = [...named.values()].flatMap((builds) => [...builds].slice(0, mostBuildsOfBuilder));
  const tooMany = [...named].filter(([, builds]) => builds.size > mostBuildsOfBuilder).map(([name]) => name);
  return { builds: [...new Set(taken)], tooMany };
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
