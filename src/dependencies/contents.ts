import { AssayError, isAssayError } from "../core/errors.ts";
import type { Answer } from "../store/fetchContent.ts";
import type { Store } from "../store/store.ts";
import { hashOf } from "./digest.ts";
import { download } from "./download.ts";
import { type DependencyEntry, titleOf } from "./entry.ts";
import { badArchive } from "./errors.ts";
import { checkPinned, otherContent } from "./layer.ts";
import { mostContentBytes } from "./limits.ts";
import { compressionAt } from "./nixCache.ts";
import { type Located, type Locating, relocate } from "./registries.ts";
import { decompress } from "./unpack.ts";

/** Where contents come from, and are kept. */
export interface ContentPlaces extends Locating {
  readonly store: Store;
  /** Decompresses what the platform itself does not, where there is something that can. */
  readonly decompress?: (title: string, format: "xz" | "zstd", bytes: Uint8Array) => Promise<Uint8Array>;
}

/**
 * Fetches a content from one of its addresses, and keeps it in the store.
 * @returns what a lock says of it, checked. @throws AssayError `dependencies/other-content`, `dependencies/bad-archive`,
 * `dependencies/not-found`, `dependencies/unreachable-fault`, and what the store throws
 */
export async function fetchLocated(located: Located, places: ContentPlaces): Promise<DependencyEntry> {
  const { asked, ...facts } = located;
  const refusals: { readonly kind: Answer<unknown>["kind"]; readonly text: string }[] = [];
  let wrong: unknown;
  for (const url of asked) {
    const answer = await download(url, { maxBytes: mostContentBytes, signal: places.signal });
    if (answer.kind !== "brought") {
      refusals.push({ kind: answer.kind, text: `${url} ${answer.why}` });
      continue;
    }
    const bytes = located.kind === "nix" ? await plainNar(located, url, answer.value, places) : answer.value;
    const entry = { ...facts, size: bytes.length, sha256: await hashOf("SHA-256", bytes) };
    try {
      await checkPinned(entry, bytes);
    } catch (error) {
      if (!isAssayError(error, "dependencies/other-content", "dependencies/bad-archive")) throw error;
      wrong ??= error;
      continue;
    }
    await places.store.put(bytes);
    return entry;
  }
  if (wrong !== undefined) throw wrong;
  throw nobodyBrought(titleOf(facts), refusals);
}

/** A lock has the hash of an archive as it is, caches have it compressed. */
async function plainNar(located: Located, url: string, bytes: Uint8Array, places: ContentPlaces): Promise<Uint8Array> {
  const format = compressionAt(url);
  const title = titleOf(located);
  if (format === "none") return bytes;
  if (format === "gzip") return await decompress(title, format, bytes);
  if (format !== undefined && places.decompress !== undefined) return await places.decompress(title, format, bytes);
  throw badArchive(title, `is compressed in a way that cannot be undone here (${url})`);
}

function nobodyBrought(
  entry: string,
  refusals: readonly { readonly kind: Answer<unknown>["kind"]; readonly text: string }[],
): AssayError {
  const whys = refusals.map(({ text }) => text);
  const isMissing = refusals.every(({ kind }) => kind === "missing");
  return new AssayError(
    isMissing ? "dependencies/not-found" : "dependencies/unreachable-fault",
    `nobody brought ${entry}: ${whys.join("; ") || "nothing says where it is"}`,
    { entry, whys },
  );
}

/**
 * The bytes of an entry: from the stores, else from its registry, and kept then.
 * @throws AssayError as `fetchLocated`
 */
export async function contentOf(entry: DependencyEntry, places: ContentPlaces): Promise<Uint8Array> {
  const id = `sha256:${entry.sha256}` as const;
  try {
    return await places.store.get(id, entry.size);
  } catch (error) {
    if (!isAssayError(error, "store/missing", "store/corrupt", "store/unreachable-fault", "store/too-large"))
      throw error;
  }
  const found = await fetchLocated(await relocate(entry, places), places);
  const [expected, given] = [entry, found].map(({ sha256, size }) => `sha256:${sha256}, ${size} bytes`) as [
    string,
    string,
  ];
  if (expected !== given) throw otherContent(titleOf(entry), expected, given);
  return await places.store.get(id, entry.size);
}
