import { createHash } from "node:crypto";
import type { BigIntStats } from "node:fs";
import { lstat, readdir } from "node:fs/promises";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import { localPathOf } from "../location.ts";
import { findGitDirectory } from "./gitRepository.ts";
import { remoteOf } from "./remoteRefs.ts";

/** Directories and files of refs: for more, git is as quick. */
const mostEntries = 1000;
/** What has changed later than that may change again within the same stamp: file systems count in up to two seconds. */
const settledMilliseconds = 2000;
const mostMilliseconds = 5000;
/** A file system that does not answer keeps one of Node's few threads: with so many kept, git is asked everywhere. */
const mostStuck = 2;

let stuck = 0;
/** One after the other, so that no more threads are risked. */
let last: Promise<unknown> = Promise.resolve();

/**
 * Whether a repository on this disk may have other refs than before, in a twentieth of the time that git takes to start: what `lstat`
 * says of its `refs`, `packed-refs`, `HEAD` and `config`. The same text, the same refs: git writes each into a new file.
 * @param location a `git+https/ssh/file` URL.
 * @returns undefined where only git can tell: elsewhere than on this disk, in worktrees, with borrowed objects, reftables or links, with
 * many refs, and while they change.
 */
export async function refsFingerprint(location: string): Promise<string | undefined> {
  const { transport, url } = remoteOf(location);
  if (transport !== "file") return undefined;
  const read = last.then(async () => (stuck < mostStuck ? await inTime(url) : undefined));
  last = read;
  return await read;
}

async function inTime(url: string): Promise<string | undefined> {
  const over = new AbortController();
  const read = fingerprintOf(url, over.signal).catch(() => undefined);
  const timer = pause(mostMilliseconds, "late" as const, { signal: over.signal, ref: false }).catch(() => undefined);
  const first = await Promise.race([read, timer]);
  over.abort();
  if (first !== "late") return first;
  stuck++;
  void read.finally(() => stuck--);
  return undefined;
}

/** @throws where something cannot be read. */
async function fingerprintOf(url: string, signal: AbortSignal): Promise<string | undefined> {
  const directory = await findGitDirectory(localPathOf(new URL(url)));
  if (directory === undefined || !(await factsOf(directory))?.isDirectory()) return undefined;
  for (const name of ["commondir", "reftable", "objects/info/alternates"]) {
    if ((await factsOf(join(directory, name))) !== undefined) return undefined;
  }
  const hash = createHash("sha256");
  const newest = BigInt(Date.now() - settledMilliseconds) * 1_000_000n;
  const left = ["config", "HEAD", "packed-refs", "refs"].map((name) => join(directory, name));
  for (let count = 0; left.length > 0; count++) {
    const path = left.pop()!;
    const facts = await factsOf(path);
    if (count === mostEntries || signal.aborted || facts?.isSymbolicLink()) return undefined;
    if (facts !== undefined && facts.ctimeNs > newest) return undefined;
    hash.update(`${path}\0${facts?.ino}\0${facts?.size}\0${facts?.mtimeNs}\0${facts?.ctimeNs}\0`);
    if (facts?.isDirectory()) left.push(...(await readdir(path)).map((name) => join(path, name)));
  }
  return hash.digest("hex");
}

/** Undefined where there is nothing. */
async function factsOf(path: string): Promise<BigIntStats | undefined> {
  return await lstat(path, { bigint: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}
