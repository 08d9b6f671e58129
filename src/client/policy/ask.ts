import type { AttestationSource, Topic } from "../../attestation/board.ts";
import type { Envelope } from "../../attestation/dsse.ts";
import type { Root } from "../../core/bytes.ts";
import { type BuildOutcome, type Decision, decide } from "./decide.ts";
import { answerAbout, type BuildAnswer, buildsAsked, type Question, resultsSigned } from "./evidence.ts";
import { namesIn, type Policy } from "./policy.ts";

/** Something that could not be asked, and why. What it would have said is missing, and nothing else. */
export interface AskFault {
  /** A source's address, or a chain's name. */
  readonly who: string;
  readonly why: string;
}

/** What a policy says of a question. */
export interface Verdict {
  readonly decision: Decision;
  /** About each build that it can be about: the one that decides first. Empty if no builder says that the artifact is of any. */
  readonly answers: readonly BuildAnswer[];
  readonly faults: readonly AskFault[];
}

export interface AskOptions {
  readonly sources: readonly AttestationSource[];
  /** What is final on a chain about a build; undefined where nothing is. What it throws is a fault of the chain. */
  readonly finalOn?: ((chain: string, buildId: Root) => Promise<BuildOutcome | undefined>) | undefined;
}

/** Asks sources and chains all that a policy needs for a question, and decides. */
export async function ask(policy: Policy, question: Question, { sources, finalOn }: AskOptions): Promise<Verdict> {
  const faults: AskFault[] = [];
  const find = async (topics: readonly Topic[]): Promise<Envelope[]> => {
    const found = await Promise.all(
      sources.flatMap((source) =>
        topics.map(async (topic) => {
          try {
            return (await source.find(topic)).envelopes;
          } catch (error) {
            faults.push({ who: source.url, why: messageOf(error) });
            return [];
          }
        }),
      ),
    );
    return found.flat();
  };

  const { artifactSha256, buildId } = question;
  const first = buildId === undefined ? [{ algorithm: "sha256", digest: artifactSha256! } as const] : [];
  const about = resultsSigned(await find(first), policy);
  const builds = buildsAsked(question, about);
  const more = await find(builds.map((build) => ({ algorithm: "build", digest: build.slice(2) })));
  const results = [...about, ...resultsSigned(more, policy)];
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
      return answerAbout(policy, build, question, results, chains);
    }),
  );
  answers.sort((a, b) => order[a.decision] - order[b.decision]);
  const nothing = decide(policy, { builders: new Map(), chains: new Map() }, artifactSha256).decision;
  const decision = answers.find((each) => each.decision !== "refused")?.decision ?? answers[0]?.decision ?? nothing;
  return { decision, answers, faults: unique(faults) };
}

const order = { accepted: 0, undecided: 1, refused: 2 } as const;

function unique(faults: readonly AskFault[]): AskFault[] {
  return [...new Map(faults.map((fault) => [JSON.stringify(fault), fault])).values()];
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
