import { rm } from "node:fs/promises";
import { join } from "node:path";
import type { Root } from "../../core/bytes.ts";
import { AssayError, isAssayError } from "../../core/errors.ts";
import type { Hasher } from "../../merkle/hasher.ts";
import type { ContentId } from "../../store/contentId.ts";
import { FileSpace } from "../../store/node/fileSpace.ts";
import type { ContentSource } from "../../store/store.ts";
import { type EnvironmentKey, manifestsIn } from "../environmentIndex.ts";
import { type GuestManifest, type ImageName, imageNames } from "../manifest.ts";
import { imageFile } from "./environmentCache.ts";
import { findPresent, type Imported, takeOver } from "./importEnvironment.ts";

/** Where an environment is looked for. */
export interface EnvironmentPlace {
  /** For messages. */
  readonly url: string;
  /** What is said there of an environment (`indexPath`); undefined if nothing is. It is not trusted. */
  find(key: EnvironmentKey): Promise<string | undefined>;
}

export interface FetchOptions {
  /** The cache. */
  readonly folder: string;
  readonly hasher: Hasher;
  readonly places: readonly EnvironmentPlace[];
  /** Has the images, by their hash. */
  readonly source: ContentSource;
  /** Whether the id is the one that the user trusts: then another environment of the same name is replaced. By default it is. */
  readonly isTrusted?: boolean;
  readonly onProgress?: (name: ImageName, bytes: number, size: number) => void;
  /** What is said of the environment at a place turned out to be wrong, or could not be had. */
  readonly onFault?: (url: string, why: string) => void;
}

/**
 * Finds an environment by its id, fetches its images and takes it into the cache: all of it, after the id has been derived from the
 * images, or nothing. What has come of an image stays when it is interrupted, and is gone on with by the next call.
 * @throws AssayError `guest/not-found` naming the places; `guest/other-environment`, `store/...`
 */
export async function fetchEnvironment(id: Root, options: FetchOptions): Promise<Imported> {
  const work = join(options.folder, "work", `fetch-${id.slice(2)}`);
  const giveUp = async () => await rm(work, { recursive: true, force: true });
  try {
    const imported = await lookFor(id, work, options);
    await giveUp();
    return imported;
  } catch (error) {
    // Only what could not be had now may be had later.
    if (isAssayError(error) && error.code.startsWith("guest/")) await giveUp();
    throw error;
  }
}

/**
 * The id of the environment that the places know by a name. It is only as good as they are.
 * @throws AssayError `guest/not-found`; `guest/ambiguous-name` where they know several
 */
export async function findByName(
  name: string,
  { places, hasher, folder, onFault = () => {} }: Pick<FetchOptions, "places" | "hasher" | "folder" | "onFault">,
): Promise<Root> {
  const ids = new Set<Root>();
  for (const { url, find } of places) {
    try {
      for (const { id } of manifestsIn((await find({ name })) ?? "", { name }, hasher)) ids.add(id);
    } catch (error) {
      if (!isAssayError(error)) throw error;
      onFault(url, error.message);
    }
  }
  const [id, ...others] = ids;
  if (id === undefined) throw notFound(name, places, folder);
  if (others.length === 0) return id;
  const list = [...ids].join(", ");
  throw new AssayError(
    "guest/ambiguous-name",
    `several environments are called ${name}: ${list}. Import the one that you trust by its id`,
    { name, ids: [...ids] },
  );
}

function notFound(what: string, places: readonly EnvironmentPlace[], folder: string) {
  const asked = places.map(({ url }) => url);
  return new AssayError(
    "guest/not-found",
    `no store that was asked knows the environment ${what}: ${asked.join(", ")}. Name one that has it, or import its file`,
    { id: what, asked, folder },
  );
}

async function lookFor(id: Root, work: string, options: FetchOptions): Promise<Imported> {
  const { folder, hasher, places, onFault = () => {} } = options;
  const tried = new Set<string>();
  let last: unknown;
  const note = (url: string, error: AssayError) => {
    last = error;
    onFault(url, error.message);
  };
  for (const { url, find } of places) {
    let text: string | undefined;
    try {
      text = await find(id);
    } catch (error) {
      if (!isAssayError(error)) throw error;
      note(url, error);
    }
    for (const manifest of manifestsIn(text ?? "", id, hasher)) {
      const name = JSON.stringify(manifest);
      if (tried.has(name)) continue;
      tried.add(name);
      try {
        return await take(manifest, work, options);
      } catch (error) {
        if (!isAssayError(error) || isOurs(error.code)) throw error;
        note(url, error);
      }
    }
  }
  if (last !== undefined) throw last;
  throw notFound(id, places, folder);
}

/** Whether it is this machine's fault, or its user's wish: what is wrong with one manifest need not be with the next. */
function isOurs(code: string): boolean {
  return code === "store/cancelled" || (code.endsWith("-fault") && code !== "store/unreachable-fault");
}

async function take(manifest: GuestManifest, work: string, options: FetchOptions): Promise<Imported> {
  const { folder, hasher, isTrusted = true } = options;
  const present = await findPresent(manifest, folder, hasher, isTrusted ? manifest.id : undefined);
  if (present !== undefined) return { manifest: present, wasThere: true };
  for (const name of imageNames) await fetchImage(work, manifest, name, options);
  await takeOver(work, folder, manifest, hasher);
  return { manifest, wasThere: false };
}

async function fetchImage(
  work: string,
  manifest: GuestManifest,
  name: ImageName,
  { source, onProgress }: FetchOptions,
): Promise<void> {
  const { sha256, size } = manifest.images[name];
  const id: ContentId = `sha256:${sha256.slice(2)}`;
  const space = await FileSpace.open(imageFile(work, sha256));
  const { draft } = space;
  const say = () => onProgress?.(name, draft.size, size);
  const timer = setInterval(say, 250);
  try {
    say();
    if (source.bring !== undefined) await source.bring(id, size, draft);
    else {
      draft.cut(0);
      await draft.take("", 0, await source.get(id, size));
    }
    say();
  } finally {
    clearInterval(timer);
    await space.close();
  }
}
