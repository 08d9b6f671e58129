import { AssayError, isAssayError } from "../../core/errors.ts";
import { parseLocation, withoutCredentials } from "../location.ts";
import { type GitSettings, runGit, type Transport } from "./gitProcess.ts";

const transports: Readonly<Record<string, Transport>> = {
  "git+https:": "https",
  "git+ssh:": "ssh",
  "git+file:": "file",
};

/** Of the list that a server sends: some hundred thousand refs. */
export const mostListBytes = 2 ** 25;

/** Where forges keep what others propose: GitHub, Gitea, Forgejo; GitLab. */
const patchPatterns = ["refs/pull/*/head", "refs/merge-requests/*/head"];
const branchOrTag = /^refs\/(heads|tags)\//;
const patch = /^refs\/(pull|merge-requests)\/[1-9]\d{0,9}\/head$/;

export function isBranchOrTag(ref: string): boolean {
  return branchOrTag.test(ref);
}

/** Whether a ref is one in which a forge keeps what somebody proposes. */
export function isPatchRef(ref: string): boolean {
  return patch.test(ref);
}

/**
 * The branches and tags of a repository, with `patches` also the refs of what is proposed to it, and the commits that they lead to,
 * in one request. Annotated tags lead to what they are of.
 * @param location a `git+https/ssh/file` URL.
 * @throws AssayError `source/bad-location`, codes about git
 */
export async function remoteRefs(
  location: string,
  settings: GitSettings,
  { patches = false }: { readonly patches?: boolean } = {},
): Promise<ReadonlyMap<string, string>> {
  const { transport, url } = remoteOf(location);
  const patterns = ["refs/heads/*", "refs/tags/*", ...(patches ? patchPatterns : [])];
  const args = ["ls-remote", "--quiet", "--", url, ...patterns];
  const text = await runGit(args, transport, settings, { most: mostListBytes }).catch((error: unknown) => {
    if (!isAssayError(error, "source/git-fault")) throw error;
    const message = `cannot read the refs of ${withoutCredentials(url)}: ${error.details.text}`;
    throw new AssayError("source/git-fault", message, error.details, { cause: error });
  });
  const refs = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, commit, ref, peeled] = /^([0-9a-f]{40}|[0-9a-f]{64})\t(refs\/\S+?)(\^\{\})?$/.exec(line) ?? [];
    if (commit === undefined || ref === undefined || !(isBranchOrTag(ref) || (patches && isPatchRef(ref)))) continue;
    if (peeled !== undefined || !refs.has(ref)) refs.set(ref, commit);
  }
  return refs;
}

/** How git reaches a repository that a URL names. @throws AssayError `source/bad-location` */
export function remoteOf(location: string): { readonly transport: Transport; readonly url: string } {
  const parsed = parseLocation(location);
  const transport = transports[parsed.scheme];
  if ("url" in parsed && transport !== undefined) return { transport, url: parsed.url.href.slice("git+".length) };
  const message = `${location} is not a repository's URL: git+https, git+ssh or git+file`;
  throw new AssayError("source/bad-location", message, { location });
}
