import { createHash, randomBytes } from "node:crypto";
import { rename } from "node:fs/promises";
import { dirname, join } from "node:path";
import { AssayError, isAssayError } from "../../core/errors.ts";
import { makeFolder } from "../../core/node/makeFolder.ts";
import type { Hasher } from "../../merkle/hasher.ts";
import { writeFileAtomically } from "../../store/node/atomicFile.ts";
import { contentFile } from "../../store/node/directoryStore.ts";
import { type ContentPlaces, contentOf, fetchLocated } from "../contents.ts";
import { hashOf } from "../digest.ts";
import { wantedBy } from "../ecosystems.ts";
import type { DependencyEntry, Wanted } from "../entry.ts";
import { checkAmount } from "../errors.ts";
import { imageOf } from "../image.ts";
import { ImageRoot } from "../imageRoot.ts";
import { layerOf } from "../layer.ts";
import { mostEntries, mostImageBytes } from "../limits.ts";
import { checkLockFiles, type DependencyImage, type DependencyLock, sortedEntries } from "../lock.ts";
import { type Located, locate } from "../registries.ts";

/** What assembling takes. */
export interface Assembling extends ContentPlaces {
  readonly hasher: Hasher;
  /** A directory store, which gets the image. */
  readonly folder: string;
  /** Called as contents come. */
  readonly onProgress?: (done: number, all: number) => void;
}

/** An image and the file that it is in. */
export interface AssembledImage {
  readonly image: DependencyImage;
  readonly file: string;
}

/** Contents that are fetched at a time. */
const atOnce = 8;

/**
 * Fetches what a project's lock files pin, and makes the lock of it.
 * @param locks the project's lock files, by path. @throws AssayError `dependencies/...`, `packages/bad-lock`, `store/...`
 */
export async function lockDependencies(
  locks: ReadonlyMap<string, Uint8Array>,
  how: Assembling,
): Promise<AssembledImage & { readonly lock: DependencyLock; readonly leftOut: readonly Wanted[] }> {
  const wanted = wantedBy(locks);
  checkAmount("dependencies", wanted.length, mostEntries);
  const located = await inParallel(wanted, async (each) => [each, await suitableFor(each, how)] as const);
  const leftOut = located.filter(([, found]) => found.length === 0).map(([each]) => each);
  const all = located.flatMap(([, found]) => found);
  let [done, bytes] = [0, 0];
  const entries = await inParallel(all, async (each) => {
    const entry = await fetchLocated(each, how);
    how.onProgress?.(++done, all.length);
    bytes += entry.size;
    checkAmount("bytes of dependencies", bytes, mostImageBytes);
    return entry;
  });
  const assembled = await assemble(entries, wanted, how);
  const files = [...locks].map(async ([path, bytes]) => ({ path, sha256: await hashOf("SHA-256", bytes) }));
  const lock: DependencyLock = {
    ...{ kind: "assay-dependencies", version: 1, locks: await Promise.all(files) },
    ...{ image: assembled.image, entries: sortedEntries(entries) },
  };
  return { ...assembled, lock, leftOut };
}

/** What it is to be had as; where there is nothing that suits the guest, it must be something that not every system needs. */
async function suitableFor(wanted: Wanted, how: Assembling): Promise<Located[]> {
  const found = await locate(wanted, how);
  if (found.length > 0 || wanted.isConditional === true) return found;
  const entry = `${wanted.kind} ${wanted.name} ${wanted.version}`;
  const why = "its index has no file that the lock allows and that suits Linux on RISC-V";
  throw new AssayError("dependencies/not-found", `${entry}: ${why}`, { entry, whys: [why] });
}

/** An image that is here already, or in a store; undefined where it has to be assembled. It hashes to what the lock says. */
export async function keptImage(
  { sha256, size }: DependencyImage,
  { store }: ContentPlaces,
): Promise<Uint8Array | undefined> {
  try {
    const bytes = await store.get(`sha256:${sha256}`, size);
    return bytes.length === size ? bytes : undefined;
  } catch (error) {
    if (isAssayError(error, "store/missing", "store/corrupt", "store/unreachable-fault", "store/too-large"))
      return undefined;
    throw error;
  }
}

/**
 * Assembles the image of a lock, from the stores and registries, and checks that it is the one that the lock names.
 * @param locks the project's lock files, as they are now, by path.
 * @throws AssayError `dependencies/...`, `packages/bad-lock`, `store/...`
 */
export async function fetchDependencies(
  lock: DependencyLock,
  locks: ReadonlyMap<string, Uint8Array>,
  how: Assembling,
): Promise<AssembledImage> {
  await checkLockFiles(lock, locks);
  const own = new Map(lock.locks.map(({ path }) => [path, locks.get(path)!]));
  const assembled = await assemble(lock.entries, wantedBy(own), how);
  const [expected, given] = [lock.image.sha256, assembled.image.sha256];
  if (expected === given && lock.image.size === assembled.image.size && lock.image.root === assembled.image.root)
    return assembled;
  throw new AssayError(
    "dependencies/other-image",
    `what the lock lists gives the image sha256:${given} (${assembled.image.size} bytes, root ${assembled.image.root}), the lock ` +
      `names sha256:${expected}: it was changed, or made by another version; run "assay deps lock" again`,
    { expected, given },
  );
}

async function assemble(
  entries: readonly DependencyEntry[],
  wanted: readonly Wanted[],
  how: Assembling,
): Promise<AssembledImage> {
  const sizes = entries.reduce((sum, { size }) => sum + size, 0);
  checkAmount("bytes of dependencies", sizes, mostImageBytes);
  const layer = await layerOf(entries, wanted, (entry) => contentOf(entry, how));
  const writer = imageOf(layer);
  const [sha256, root] = [createHash("sha256"), new ImageRoot(how.hasher, writer.size)];
  const temporary = join(how.folder, `${randomBytes(6).toString("hex")}.image.partial`);
  async function* hashed() {
    for await (const part of writer.chunks()) {
      sha256.update(part);
      root.add(part);
      yield part;
    }
  }
  await writeFileAtomically(temporary, hashed());
  const image = { size: writer.size, sha256: sha256.digest("hex"), root: root.root() };
  const file = contentFile(how.folder, `sha256:${image.sha256}`);
  makeFolder(dirname(file));
  await rename(temporary, file);
  return { image, file };
}

/** In the order of what is given. The first failure ends it. */
async function inParallel<T, U>(all: readonly T[], work: (each: T) => Promise<U>): Promise<U[]> {
  const results = new Array<U>(all.length);
  let next = 0;
  await Promise.all(
    Array.from({ length: Math.min(atOnce, all.length) }, async () => {
      try {
        for (let i = next++; i < all.length; i = next++) results[i] = await work(all[i]!);
      } catch (error) {
        next = all.length;
        throw error;
      }
    }),
  );
  return results;
}
