import { createHash } from "node:crypto";
import { copyFile, readFile, rename, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { cacheFolder } from "../../src/core/node/cacheFolder.ts";
import { makeFolder } from "../../src/core/node/makeFolder.ts";
import { holds, sha256Of } from "../../src/guest/images/node/downloads.ts";
import { imageFile } from "../../src/guest/node/environmentCache.ts";

/** Where work in progress and images are kept. */
export const folder = cacheFolder();

/**
 * The sha256 of an image in the cache: the one that was made from the same inputs before, or else the one that `make` makes
 * in the work folder that it is given. A work folder outlives a failure, so that `make` can go on where it stopped.
 */
export async function cachedImage(
  name: string,
  inputs: readonly string[],
  make: (work: string) => Promise<string>,
): Promise<string> {
  const key = createHash("sha256")
    .update(JSON.stringify([name, ...inputs]))
    .digest("hex");
  const record = join(folder, "made", `${name}-${key}`);
  const known = await readFile(record, "utf8").catch(() => undefined);
  if (known !== undefined && (await holds(imageFile(folder, `0x${known}`), known))) return known;
  const work = join(folder, "work", `${name}-${key.slice(0, 16)}`);
  makeFolder(work);
  const sha256 = await keepImage(await make(work));
  makeFolder(join(folder, "made"));
  await writeFile(record, sha256);
  await rm(work, { recursive: true, force: true });
  return sha256;
}

/** Puts a file among the images and returns its sha256. */
async function keepImage(file: string): Promise<string> {
  const sha256 = await sha256Of(file);
  const target = imageFile(folder, `0x${sha256}`);
  makeFolder(join(folder, "images"));
  const partial = `${target}.${process.pid}.partial`;
  await copyFile(file, partial);
  await rename(partial, target);
  return sha256;
}
