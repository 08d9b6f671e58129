import type { AttestationSource, Topic } from "../../attestation/board.ts";
import type { Envelope } from "../../attestation/dsse.ts";
import { keyStatementsIn } from "../../attestation/keyStatement.ts";
import type { KeyId } from "../../attestation/keys.ts";
import type { SignatureAllowance } from "../../attestation/signatureAllowance.ts";
import { topicOfKey } from "../../attestation/topics.ts";
import type { Root } from "../../core/bytes.ts";
import { AskedSource, defaultSourceLimits, messageOf, type SourceLimits } from "./askedSource.ts";
import { type BuildOutcome, type Decision, decide } from "./decide.ts";
import { answerAbout, type BuildAnswer, buildsAsked, mostBuildsOfBuilder, type Question } from "./evidence.ts";
import { type KeyNews, newsOf } from "./keyNews.ts";
import { namesIn, type Policy } from "./policy.ts";
import { SignedStatements } from "./signedStatements.ts";

/** Something that could not be asked, or not be asked all, and why. What it would have said is missing, and nothing else. */
export interface AskFault {
  /** A source's address, or a chain's or builder's name. */
  readonly who: string;
  readonly why: string;
}

/** What a policy says of a question. */
export interface Verdict {
  readonly decision: Decision;
  /** About each build that it can be about: the one that decides first. Empty if no builder says that the artifact is of any. */
  readonly answers: readonly BuildAnswer[];
  /** Keys that the policy requires and whose owners have revoked them, or announced others. */
  readonly keys: readonly KeyNews[];
  readonly faults: readonly AskFault[];
}

export interface AskOptions {
  readonly sources: readonly AttestationSource[];
  /** What is final on a chain about a build; undefined where nothing is. What it throws is a fault of the chain. */
  readonly finalOn?: ((chain: string, buildId: Root) => Promise<BuildOutcome | undefined>) | undefined;
  /** Statements about keys that the caller has from elsewhere; who has signed them is checked. */
  readonly aboutKeys?: readonly Envelope[] | undefined;
  /** Seconds since 1970, for revocations that begin later than they were said. */
  readonly now?: number | undefined;
  readonly limits?: SourceLimits | undefined;
}

/**
 * Asks sources and chains all that a policy needs for a question, and decides. Each source has its own limits of time and work: one
 * that exceeds them is a fault by its name, and what the others have counts as if it were not there.
 */
export async function ask(policy: Policy, question: Question, options: AskOptions): Promise<Verdict> {
  const sources = options.sources.map((source) => new AskedSource(source, options.limits ?? defaultSourceLimits));
  const faults: AskFault[] = [];
  const signed = new SignedStatements(policy);
  const find = async (topics: readonly Topic[]) =>
    await Promise.all(sources.map(async (source) => await source.find(topics)));
  // Only when all have answered: checking must not take the time that others have for it.
  const add = (found: readonly (readonly Envelope[])[]) => {
    for (const [i, source] of sources.entries()) signed.add(found[i]!, source.ofResults);
  };

  const { builders, verifiers } = namesIn(policy.require);
  const names = [...builders, ...verifiers.keys()];
  const first = await find([topicAsked(question), ...names.map((name) => topicOfKey(policy.keys[name]!))]);
  add(first.map(([about]) => about!));
  const keys = names.flatMap((name, i) => {
    const found = sources.map((source, s) => [first[s]![i + 1]!, source.ofKeys] as const);
    return newsFound(name, policy.keys[name]!, found, options) ?? [];
  });
  const revoked = new Set(keys.filter(({ isRevoked }) => isRevoked).map(({ name }) => name));
  const { builds, tooMany } = buildsAsked(question, signed.results(revoked), signed.summaries(revoked));
  for (const who of tooMany) {
    faults.push({
      who,
      why: `says of more than ${mostBuildsOfBuilder} builds that they give it: the others are not looked at`,
    });
  }
  if (question.buildId === undefined) {
    const more = await find(builds.map((build) => ({ algorithm: "build", digest: build.slice(2) })));
    add(more.map((found) => found.flat()));
  }
  const [results, summaries] = [signed.results(revoked), signed.summaries(revoked)];
  const answers = await Promise.all(
    builds.map(async (build) => {
      const chains = new Map<string, BuildOutcome>();
      for (const chain of namesIn(policy.require).chains) {
        try {
          const final = await options.finalOn?.(chain, build);
          if (final !== undefined) chains.set(chain, final);
        } catch (error) {
          faults.push({ who: chain, why: messageOf(error) });
        }
      }
      return answerAbout(policy, build, question, results, chains, summaries);
    }),
  );
  for (const { url, faults: whys } of sources) faults.push(...whys.map((why) => ({ who: url, why })));
  answers.sort((a, b) => order[a.decision] - order[b.decision]);
  const nothing = decide(policy, { builders: new Map(), chains: new Map() }, question.artifactSha256).decision;
  const decision = answers.find((each) => each.decision !== "refused")?.decision ?? answers[0]?.decision ?? nothing;
  return { decision, answers, keys, faults: unique(faults) };
}

function topicAsked({ artifactSha256, buildId }: Question): Topic {
  if (buildId !== undefined) return { algorithm: "build", digest: buildId.slice(2) };
  return { algorithm: "sha256", digest: artifactSha256! };
}

/** What is said of a key: what the caller has, and what sources have, each within its allowance. */
function newsFound(
  name: string,
  key: KeyId,
  found: readonly (readonly [readonly Envelope[], SignatureAllowance])[],
  { aboutKeys = [], now = Date.now() / 1000 }: AskOptions,
): KeyNews | undefined {
  const said = found.flatMap(([envelopes, allowance]) => keyStatementsIn(envelopes, key, allowance));
  return newsOf(name, key, [...keyStatementsIn(aboutKeys, key), ...said], now);
}

const order = { accepted: 0, undecided: 1, refused: 2 } as const;

function unique(faults: readonly AskFault[]): AskFault[] {
  return [...new Map(faults.map((fault) => [JSON.stringify(fault), fault])).values()];
}
