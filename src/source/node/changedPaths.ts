import { limits } from "../checkTree.ts";
import { parseCommit, parseTree, type TreeLine } from "../gitObjects.ts";
import { maxTreeEntries, tooManyEntries } from "../paths.ts";
import { findSource } from "./findSource.ts";
import { GitObjects } from "./gitObjectReader.ts";
import { hashOf } from "./gitRepository.ts";
import { gitSettings } from "./gitTree.ts";
import type { FoundCommit, SourceLookup } from "./sourceReader.ts";

/** Bytes that one folder's list of names may have. */
const mostBytes = 2 ** 24;

/**
 * The paths whose content or kind is not the same in two commits of a repository, however they are related: what was added, changed
 * or taken away. Only what is different is read.
 * @param location a repository's path or URL. @param from, to ids of commits.
 * @throws AssayError `source/unknown-revision` if one of them is not to be had any more, `source/too-many-entries`, others of the
 * `source/...` codes
 */
export async function changedPaths(
  location: string,
  from: string,
  to: string,
  options: Partial<SourceLookup> = {},
): Promise<readonly string[]> {
  const lookup: SourceLookup = { environment: process.env, timeoutSeconds: 600, ...options };
  const sides = await Promise.all([from, to].map(async (each) => await findSource(location, each, lookup)));
  const [before, after] = sides.map((found) => openCommit(found as FoundCommit, lookup)) as [Side, Side];
  try {
    const found: string[] = [];
    const [a, b] = await Promise.all([before.root(), after.root()]);
    const counter = { left: maxTreeEntries };
    await compare(before, after, a, b, "", found, counter);
    return found;
  } finally {
    before.objects.stop();
    after.objects.stop();
  }
}

interface Side {
  readonly objects: GitObjects;
  root(): Promise<string>;
}

function openCommit({ gitDirectory, commit }: FoundCommit, lookup: SourceLookup): Side {
  const objects = new GitObjects(gitDirectory, mostBytes, hashOf(commit), gitSettings(lookup));
  return { objects, root: async () => parseCommit(await objects.read(commit)).tree };
}

/** @param a, b trees of the same folder; undefined where there is none. */
async function compare(
  before: Side,
  after: Side,
  a: string | undefined,
  b: string | undefined,
  prefix: string,
  found: string[],
  counter: { left: number },
): Promise<void> {
  const [old, now] = await Promise.all([linesOf(before, a), linesOf(after, b)]);
  counter.left -= old.size + now.size;
  if (counter.left < 0 || prefix.length > limits.path) throw tooManyEntries();
  for (const name of new Set([...old.keys(), ...now.keys()])) {
    const [was, is] = [old.get(name), now.get(name)];
    if (was?.id === is?.id && was?.kind === is?.kind) continue;
    const path = prefix + name;
    if ([was, is].some((line) => line !== undefined && line.kind !== "tree")) found.push(path);
    const [wasTree, isTree] = [treeOf(was), treeOf(is)];
    if (wasTree !== undefined || isTree !== undefined)
      await compare(before, after, wasTree, isTree, `${path}/`, found, counter);
  }
}

async function linesOf({ objects }: Side, tree: string | undefined): Promise<ReadonlyMap<string, TreeLine>> {
  if (tree === undefined) return new Map();
  return new Map(
    parseTree(await objects.read(tree)).map((line) => [Buffer.from(line.name).toString("utf8"), line] as const),
  );
}

function treeOf(line: TreeLine | undefined): string | undefined {
  return line?.kind === "tree" ? line.id : undefined;
}
