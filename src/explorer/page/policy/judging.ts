import { type AttestationSource, attestationServer } from "../../../attestation/board.ts";
import { ask, type Verdict } from "../../../client/policy/ask.ts";
import { type BuildOutcome, failed } from "../../../client/policy/decide.ts";
import type { Policy } from "../../../client/policy/policy.ts";
import { resultOf, succeeded } from "../../../client/results.ts";
import type { Root } from "../../../core/bytes.ts";
import { AssayError } from "../../../core/errors.ts";
import { connectionTo } from "../chain/connection.ts";
import { absolute, settings } from "../state/settings.ts";
import "../errors.ts";

/** What a policy says of a build. */
export interface Judgement {
  readonly verdict: Verdict;
  /** Builders that have signed what is claimed as the artifact of other builds. */
  readonly elsewhere: readonly { readonly name: string; readonly buildId: Root }[];
}

/**
 * What a policy says of a build, with everything that this page can ask.
 * @param claimed what is claimed that it gives: who has signed that for another build is named too.
 */
export async function judge(policy: Policy, buildId: Root, claimed: BuildOutcome | undefined): Promise<Judgement> {
  const sources = sourcesOf(policy);
  const [verdict, elsewhere] = await Promise.all([
    ask(policy, { buildId }, { sources, finalOn: (name, id) => finalOn(policy, name, id) }),
    claimed === undefined || claimed === failed ? [] : signedElsewhere(policy, buildId, claimed, sources),
  ]);
  return { verdict, elsewhere };
}

async function signedElsewhere(
  policy: Policy,
  own: Root,
  artifactSha256: string,
  sources: readonly AttestationSource[],
): Promise<Judgement["elsewhere"]> {
  const { answers } = await ask(policy, { artifactSha256 }, { sources });
  return answers.flatMap(({ buildId, results }) => {
    if (buildId === undefined || buildId === own) return [];
    const names = new Set(results.flatMap(({ builders }) => builders));
    return [...names].map((name) => ({ name, buildId }));
  });
}

/** The policy's own places, and those of the host: who has signed is what counts, not where it was found. */
function sourcesOf(policy: Policy): AttestationSource[] {
  const own = policy.from.filter((url) => /^https?:/.test(url));
  const given = settings.value?.attestations.map(absolute) ?? [];
  const folders = policy.from.filter((url) => url.startsWith("file:"));
  return [...new Set([...own, ...given])].map((url) => attestationServer(url)).concat(folders.map(folderSource));
}

/** A browser has no folders: what is in one is missing, and is said to be. */
function folderSource(url: string): AttestationSource {
  return {
    url,
    async find() {
      const why = "a browser cannot read folders";
      throw new AssayError("explorer/unreachable-fault", why, { url, why });
    },
  };
}

async function finalOn(policy: Policy, name: string, buildId: Root): Promise<BuildOutcome | undefined> {
  const { chainId, assay } = policy.chains[name]!;
  const chain = settings.value?.chains.find((each) => {
    return each.chainId === chainId && each.assay.toLowerCase() === assay.toLowerCase();
  });
  if (chain === undefined) {
    const why = "this host names no server for the chain";
    throw new AssayError("explorer/unreachable-fault", why, { url: name, why });
  }
  const result = await resultOf(await connectionTo(chain), buildId);
  if (result.status !== "final") return undefined;
  return succeeded(result) ? result.artifactSha256.slice(2) : failed;
}
