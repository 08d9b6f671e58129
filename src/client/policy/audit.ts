import { type AskFault, type AskOptions, askAll, type Verdict } from "./ask.ts";
import { AskedSource, type SourceLimits } from "./askedSource.ts";
import type { KeyNews } from "./keyNews.ts";
import type { Policy } from "./policy.ts";

/** What an audit finds of one artifact: what the policy decides, or that nobody whom it asks has said anything of it. */
export type Finding = Verdict["decision"] | "unknown";

export interface Audit {
  /** By sha256. */
  readonly verdicts: ReadonlyMap<string, Verdict & { readonly finding: Finding }>;
  readonly keys: readonly KeyNews[];
  readonly faults: readonly AskFault[];
}

/** Artifacts that are asked about together. */
const batchSize = 64;
/** What a source may cost for each batch. One that costs more is not asked about the next. */
export const batchLimits: SourceLimits = {
  milliseconds: 60_000,
  signatures: { checks: 2 ** 12, bytes: 2 ** 26 },
};

/**
 * Asks about many artifacts, each by itself, in batches. Sources are strangers' also here: one that fails many times, or takes more of
 * a batch's time or work than it may, is named and left, so that an audit takes no longer than its honest sources and one batch more.
 * @param artifacts their sha256 in hexadecimal.
 */
export async function audit(
  policy: Policy,
  artifacts: Iterable<string>,
  { sources, limits = batchLimits, ...options }: AskOptions,
): Promise<Audit> {
  const verdicts = new Map<string, Verdict & { finding: Finding }>();
  const keys = new Map<string, KeyNews>();
  const faults = new Map<string, AskFault>();
  /** Names of keys. What one source has said once of a key holds for all batches, also those before. */
  const revoked = new Set(options.passedOver);
  let left = sources;
  const all = [...new Set(artifacts)];
  const batches = Array.from({ length: Math.ceil(all.length / batchSize) }, (_, i) => ({
    artifacts: all.slice(i * batchSize, (i + 1) * batchSize),
    revoked: -1,
  }));
  for (let next = batches[0]; next !== undefined; next = batches.find((each) => each.revoked < revoked.size)) {
    const asked = left.map((source) => new AskedSource(source, limits));
    const questions = next.artifacts.map((artifactSha256) => ({ artifactSha256 }));
    const found = await askAll(policy, questions, asked, { ...options, passedOver: revoked });
    for (const [i, verdict] of found.entries()) {
      for (const fault of verdict.faults) faults.set(JSON.stringify(fault), fault);
      for (const news of verdict.keys) if (keys.get(news.name)?.isRevoked !== true) keys.set(news.name, news);
      const isSilent = verdict.answers.length === 0 && verdict.decision === "undecided" && faults.size === 0;
      verdicts.set(next.artifacts[i]!, { ...verdict, finding: isSilent ? "unknown" : verdict.decision });
    }
    for (const { name, isRevoked } of keys.values()) if (isRevoked) revoked.add(name);
    next.revoked = revoked.size;
    left = left.filter((_, i) => !asked[i]!.isSpent);
  }
  return { verdicts, keys: [...keys.values()], faults: [...faults.values()] };
}
