import { AssayError, isAssayError } from "../../core/errors.ts";
import { parseLocation, withoutCredentials } from "../location.ts";
import { type GitSettings, runGit, type Transport } from "./gitProcess.ts";

const transports: Readonly<Record<string, Transport>> = {
  "git+https:": "https",
  "git+ssh:": "ssh",
  "git+file:": "file",
};

/**
 * The branches and tags of a repository and the commits that they lead to, in one request. Annotated tags lead to what they are of.
 * @param location a `git+https/ssh/file` URL.
 * @throws AssayError `source/bad-location`, codes about git
 */
export async function remoteRefs(location: string, settings: GitSettings): Promise<ReadonlyMap<string, string>> {
  const parsed = parseLocation(location);
  const transport = transports[parsed.scheme];
  if (!("url" in parsed) || transport === undefined) {
    throw new AssayError(
      "source/bad-location",
      `${location} is not a repository's URL: git+https, git+ssh or git+file`,
      {
        location,
      },
    );
  }
  const url = parsed.url.href.slice("git+".length);
  const text = await runGit(["ls-remote", "--quiet", "--heads", "--tags", "--", url], transport, settings).catch(
    (error: unknown) => {
      if (!isAssayError(error, "source/git-fault")) throw error;
      const message = `cannot read the refs of ${withoutCredentials(url)}: ${error.details.text}`;
      throw new AssayError("source/git-fault", message, error.details, { cause: error });
    },
  );
  const refs = new Map<string, string>();
  for (const line of text.split("\n")) {
    const [, commit, ref, peeled] = /^([0-9a-f]{40}|[0-9a-f]{64})\t(refs\/\S+?)(\^\{\})?$/.exec(line) ?? [];
    if (commit !== undefined && ref !== undefined && (peeled !== undefined || !refs.has(ref))) refs.set(ref, commit);
  }
  return refs;
}
