import { createHash } from "node:crypto";
import { type GitSettings, startGit, untilEnd } from "../../source/node/gitProcess.ts";
import { tooLarge } from "../errors.ts";
import { mostRefs } from "../limits.ts";
import type { Refs } from "../signedRefs.ts";

/** Of all refs together. */
const mostBytes = 2 ** 26;

/** The refs of a storage, by node, and the sha256 of all of them. */
export interface StoredRefs {
  readonly namespaces: ReadonlyMap<string, Refs>;
  readonly digest: string;
}

/**
 * What refs are in a storage's namespaces. Names that no node makes are left out; a node that has such ones is found out when its refs
 * are compared with what it has signed.
 * @throws AssayError `radicle/too-large`, codes about git
 */
export async function readStoredRefs(gitDirectory: string, settings: GitSettings): Promise<StoredRefs> {
  const text = await listRefs(gitDirectory, settings);
  const namespaces = new Map<string, Map<string, string>>();
  let count = 0;
  for (const line of text.split("\n")) {
    const [, id, node, name] = /^([0-9a-f]{40}) refs\/namespaces\/([^/]+)\/(refs\/.+)$/.exec(line) ?? [];
    if (id === undefined || node === undefined || name === undefined) continue;
    if (++count > mostRefs) throw tooLarge(`refs in ${gitDirectory}`, mostRefs);
    const refs = namespaces.get(node);
    if (refs === undefined) namespaces.set(node, new Map([[name, id]]));
    else refs.set(name, id);
  }
  return { namespaces, digest: createHash("sha256").update(text).digest("hex") };
}

async function listRefs(gitDirectory: string, settings: GitSettings): Promise<string> {
  const args = [`--git-dir=${gitDirectory}`, "for-each-ref", "--format=%(objectname) %(refname)", "refs/namespaces/"];
  const stop = new AbortController();
  const signals = [stop.signal, ...(settings.signal === undefined ? [] : [settings.signal])];
  const child = startGit(args, "none", settings);
  child.stdin.on("error", () => {});
  child.stdin.end();
  const chunks: Buffer[] = [];
  let size = 0;
  child.stdout.on("data", (chunk: Buffer) => {
    size += chunk.length;
    if (size <= mostBytes) chunks.push(chunk);
    else stop.abort(tooLarge(`bytes of the refs in ${gitDirectory}`, mostBytes));
  });
  await untilEnd(child, { ...settings, signal: AbortSignal.any(signals) });
  return Buffer.concat(chunks).toString("utf8");
}
