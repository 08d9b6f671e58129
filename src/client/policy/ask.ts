import type { AttestationSource, Topic } from "../../attestation/board.ts";
import type { Envelope } from "../../attestation/dsse.ts";
import { keyStatementsIn } from "../../attestation/keyStatement.ts";
import type { KeyId } from "../../attestation/keys.ts";
import type { SignatureAllowance } from "../../attestation/signatureAllowance.ts";
import { topicOfKey } from "../../attestation/topics.ts";
import type { Root } from "../../core/bytes.ts";
import { AskedSource, defaultSourceLimits, messageOf, type SourceLimits } from "./askedSource.ts";
import { type BuildOutcome, type Decision, decide } from "./decide.ts";
import {
  answerAbout,
  type BuildAnswer,
  buildsAsked,
  mostBuildsOfBuilder,
  type Question,
  type SignedResult,
} from "./evidence.ts";
import { type KeyNews, newsOf } from "./keyNews.ts";
import { namesIn, type Policy } from "./policy.ts";
import { SignedStatements } from "./signedStatements.ts";
import type { SignedSummary } from "./summaries.ts";

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
  /** Under which rules of the policy's `evidence` there is an attestation about an artifact, by its sha256. */
  readonly attestedBy?: ((artifactSha256: string) => ReadonlySet<string>) | undefined;
  /** Names of the policy's keys that are known to be revoked. */
  readonly passedOver?: ReadonlySet<string> | undefined;
}

/**
 * Asks sources and chains all that a policy needs for a question, and decides. Each source has its own limits of time and work: one
 * that exceeds them is a fault by its name, and what the others have counts as if it were not there.
 */
export async function ask(policy: Policy, question: Question, options: AskOptions): Promise<Verdict> {
  const sources = options.sources.map((source) => new AskedSource(source, options.limits ?? defaultSourceLimits));
  return (await askAll(policy, [question], sources, options))[0]!;
}

/**
 * As `ask`, of several questions: the sources answer all of them together, within one allowance each, and their faults are those of
 * every verdict.
 * @returns the verdicts, in the order of the questions.
 */
export async function askAll(
  policy: Policy,
  questions: readonly Question[],
  sources: readonly AskedSource[],
  options: Omit<AskOptions, "sources" | "limits">,
): Promise<Verdict[]> {
  const signed = new SignedStatements(policy);
  const find = async (topics: readonly Topic[]) =>
    await Promise.all(sources.map(async (source) => await source.find(topics)));
  // Only when all have answered: checking must not take the time that others have for it.
  const add = (found: readonly (readonly Envelope[])[]) => {
    for (const [i, source] of sources.entries()) signed.add(found[i]!, source.ofResults);
  };

  const { builders, verifiers } = namesIn(policy.require);
  const names = [...builders, ...verifiers.keys()];
  const first = await find([...questions.map(topicAsked), ...names.map((name) => topicOfKey(policy.keys[name]!))]);
  add(first.map((found) => found.slice(0, questions.length).flat()));
  const keys = names.flatMap((name, i) => {
    const found = sources.map((source, s) => [first[s]![questions.length + i]!, source.ofKeys] as const);
    return newsFound(name, policy.keys[name]!, found, options) ?? [];
  });
  const ownRevoked = keys.filter(({ isRevoked }) => isRevoked).map(({ name }) => name);
  const revoked = new Set([...ownRevoked, ...(options.passedOver ?? [])]);
  const found = { results: signed.results(revoked), summaries: signed.summaries(revoked) };
  const asked = questions.map((question) => buildsAsked(question, found.results, found.summaries));
  const more = new Set(asked.flatMap(({ builds }, i) => (questions[i]!.buildId === undefined ? builds : [])));
  if (more.size > 0) {
    add((await find([...more].map(topicOfBuild))).map((each) => each.flat()));
    Object.assign(found, { results: signed.results(revoked), summaries: signed.summaries(revoked) });
  }
  const answered = await Promise.all(
    questions.map(async (question, i) => await answersTo(policy, question, asked[i]!, found, options)),
  );
  const ofSources = sources.flatMap(({ url, faults }) => faults.map((why) => ({ who: url, why })));
  return answered.map(({ answers, faults }, i) => {
    const nothing = decide(policy, { builders: new Map(), chains: new Map() }, questions[i]!.artifactSha256).decision;
    const decision = answers.find((each) => each.decision !== "refused")?.decision ?? answers[0]?.decision ?? nothing;
    return { decision, answers, keys, faults: unique([...faults, ...ofSources]) };
  });
}

/** The answer about each build that a question is about, the one that decides first, and what could not be asked of chains. */
async function answersTo(
  policy: Policy,
  question: Question,
  { builds, tooMany }: ReturnType<typeof buildsAsked>,
  { results, summaries }: { readonly results: readonly SignedResult[]; readonly summaries: readonly SignedSummary[] },
  { finalOn, attestedBy }: Pick<AskOptions, "finalOn" | "attestedBy">,
): Promise<{ readonly answers: BuildAnswer[]; readonly faults: AskFault[] }> {
  const why = `says of more than ${mostBuildsOfBuilder} builds that they give it: the others are not looked at`;
  const faults: AskFault[] = tooMany.map((who) => ({ who, why }));
  const { artifactSha256 } = question;
  const attested = artifactSha256 === undefined ? undefined : attestedBy?.(artifactSha256);
  if (builds.length === 0 && attested !== undefined && attested.size > 0)
    return { answers: [answerAbout(policy, undefined, question, [], new Map(), [], attested)], faults };
  const answers = await Promise.all(
    builds.map(async (build) => {
      const chains = new Map<string, BuildOutcome>();
      for (const chain of namesIn(policy.require).chains) {
        try {
          const final = await finalOn?.(chain, build);
          if (final !== undefined) chains.set(chain, final);
        } catch (error) {
          faults.push({ who: chain, why: messageOf(error) });
        }
      }
      return answerAbout(policy, build, question, results, chains, summaries, attested);
    }),
  );
  answers.sort((a, b) => order[a.decision] - order[b.decision]);
  return { answers, faults };
}

function topicAsked({ artifactSha256, buildId }: Question): Topic {
  return buildId === undefined ? { algorithm: "sha256", digest: artifactSha256! } : topicOfBuild(buildId);
}

function topicOfBuild(buildId: Root): Topic {
  return { algorithm: "build", digest: buildId.slice(2) };
}

/** What is said of a key: what the caller has, and what sources have, each within its allowance. */
function newsFound(
  name: string,
  key: KeyId,
  found: readonly (readonly [readonly Envelope[], SignatureAllowance])[],
  { aboutKeys = [], now = Date.now() / 1000 }: Pick<AskOptions, "aboutKeys" | "now">,
): KeyNews | undefined {
  const said = found.flatMap(([envelopes, allowance]) => keyStatementsIn(envelopes, key, allowance));
  return newsOf(name, key, [...keyStatementsIn(aboutKeys, key), ...said], now);
}

const order = { accepted: 0, undecided: 1, refused: 2 } as const;

function unique(faults: readonly AskFault[]): AskFault[] {
  return [...new Map(faults.map((fault) => [JSON.stringify(fault), fault])).values()];
}
