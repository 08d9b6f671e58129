import { z } from "zod";
import type { Root } from "../core/bytes.ts";
import { AssayError } from "../core/errors.ts";
import { checkValue, parseJson } from "../core/json.ts";
import { hashOf } from "./digest.ts";
import { type DependencyEntry, kinds, titleOf, type Wanted } from "./entry.ts";
import { badLock } from "./errors.ts";
import { mostContentBytes, mostEntries, mostImageBytes } from "./limits.ts";
import { isPlainPath } from "./unpack.ts";

/** Its name in a project, beside the lock files that it is of. */
export const dependencyLockName = "assay-deps.lock.json";
/** What is read of one: each of its entries takes some hundred bytes. */
export const mostDependencyLockBytes = 2 ** 26;

/** The lock of a dependency image: what is in it, and what comes out. */
export interface DependencyLock {
  readonly kind: "assay-dependencies";
  readonly version: 1;
  /** The project's lock files. */
  readonly locks: readonly { readonly path: string; readonly sha256: string }[];
  readonly image: DependencyImage;
  readonly entries: readonly DependencyEntry[];
}

export interface DependencyImage {
  readonly size: number;
  readonly sha256: string;
  /** Merkle root of the smallest drive that holds it (2^12 bytes or more): with it a build id is computed without the image. */
  readonly root: Root;
}

const sha256 = z.string().regex(/^[0-9a-f]{64}$/, "is not a sha256 in hexadecimal");
const name = z.string().regex(/^[!-~]{1,500}$/, "is not a name");
const address = z.string().max(4096).refine(isPublicAddress, "is not an http(s) address without credentials");
const schema = z.strictObject({
  kind: z.literal("assay-dependencies"),
  version: z.literal(1),
  locks: z.array(z.strictObject({ path: z.string().max(3840).refine(isPlainPath, "is not a path"), sha256 })).max(1000),
  image: z.strictObject({
    size: z.int().positive().max(mostImageBytes),
    sha256,
    root: z
      .string()
      .regex(/^0x[0-9a-f]{64}$/, "is not a root")
      .transform((text) => text as Root),
  }),
  entries: z
    .array(
      z.strictObject({
        kind: z.enum(kinds),
        name,
        version: name,
        file: z
          .string()
          .regex(/^[A-Za-z0-9][A-Za-z0-9._!+~-]{0,254}$/, "is not a file's name")
          .optional(),
        urls: z.array(address).max(8),
        size: z.int().nonnegative().max(mostContentBytes),
        sha256,
        pinned: z
          .string()
          .regex(/^(sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128}|h1:[A-Za-z0-9+/]{43}=)$/, "is not a digest"),
      }),
    )
    .max(mostEntries),
});

/** @param file its name, for errors. @throws AssayError `dependencies/bad-lock` */
export function parseDependencyLock(text: string, file: string): DependencyLock {
  const refuse = (why: string, cause?: unknown) => badLock(file, why, cause);
  return checkValue(parseJson(text, refuse), schema, refuse);
}

/** Its one text: entries in the order of their names, whatever order they are given in. */
export function formatDependencyLock(lock: DependencyLock): string {
  const entries = sortedEntries(lock.entries).map(({ kind, name, version, file, urls, size, sha256, pinned }) => {
    return { kind, name, version, ...(file !== undefined && { file }), urls, size, sha256, pinned };
  });
  const { locks, image } = lock;
  const { size, sha256, root } = image;
  const sorted = locks.toSorted((a, b) => compare(a.path, b.path)).map(({ path, sha256 }) => ({ path, sha256 }));
  const facts = { kind: lock.kind, version: lock.version, locks: sorted, image: { size, sha256, root }, entries };
  return `${JSON.stringify(facts, undefined, 1)}\n`;
}

/** Ascending, without those that are there twice. */
export function sortedEntries(entries: readonly DependencyEntry[]): DependencyEntry[] {
  const keyOf = ({ kind, name, version, file, sha256 }: DependencyEntry) =>
    JSON.stringify([kind, name, version, file ?? "", sha256]);
  const unique = new Map(entries.map((each) => [keyOf(each), each]));
  return [...unique].sort(([a], [b]) => compare(a, b)).map(([, each]) => each);
}

function compare(a: string, b: string): number {
  return a < b ? -1 : Number(a > b);
}

/** Whether an address may stand in a lock. */
export function isPublicAddress(url: string): boolean {
  if (!URL.canParse(url)) return false;
  const { protocol, username, password } = new URL(url);
  return /^https?:$/.test(protocol) && username === "" && password === "";
}

/**
 * The lock files that a lock of dependencies is of, as the project has them.
 * @param files of the project, by path. @throws AssayError `dependencies/stale-lock`
 */
export async function checkLockFiles(
  { locks }: Pick<DependencyLock, "locks">,
  files: ReadonlyMap<string, Uint8Array>,
): Promise<void> {
  for (const { path, sha256 } of locks) {
    const bytes = files.get(path);
    if (bytes === undefined) throw stale(path, "it is not there");
    if ((await hashOf("SHA-256", bytes)) !== sha256) throw stale(path, "it has changed");
  }
}

/**
 * Whether a lock's entries are what the project's locks pin: everything, and nothing else.
 * @throws AssayError `dependencies/stale-lock`
 */
export function checkCoverage(entries: readonly DependencyEntry[], wanted: readonly Wanted[]): void {
  const left = new Set(entries);
  const byName = new Map<string, DependencyEntry[]>();
  for (const each of entries) byName.set(keyOf(each), [...(byName.get(keyOf(each)) ?? []), each]);
  for (const each of wanted) {
    const digests = new Set(each.digests.map(({ algorithm, digest }) => `${algorithm}:${digest}`));
    const found = (byName.get(keyOf(each)) ?? []).filter((entry) => suits(entry, each) && digests.has(entry.pinned));
    for (const entry of found) left.delete(entry);
    if (found.length > 0 || each.isConditional === true) continue;
    throw stale(
      dependencyLockName,
      `it does not have ${each.kind} ${each.name} ${each.version} as the project's lock has it`,
    );
  }
  for (const entry of left)
    throw stale(dependencyLockName, `it has ${titleOf(entry)}, which no lock of the project pins`);
}

function keyOf({ kind, name, version }: Pick<Wanted, "kind" | "name" | "version">): string {
  return `${kind} ${name} ${version}`;
}

function suits({ file }: DependencyEntry, { part }: Wanted): boolean {
  return part === undefined || file?.endsWith(`.${part}`) === true;
}

function stale(file: string, why: string): AssayError<"dependencies/stale-lock"> {
  return new AssayError(
    "dependencies/stale-lock",
    `${dependencyLockName} is not of this project's lock files (${file}: ${why}): run "assay deps lock" again`,
    { file },
  );
}
