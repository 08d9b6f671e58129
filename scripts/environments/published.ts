import { mkdir } from "node:fs/promises";
import { cacheFolder } from "../../src/core/node/cacheFolder.ts";
import { debianPlaces, fetchDebian } from "../../src/guest/images/node/downloads.ts";
import { run } from "../guest/run.ts";

/** An archive of a source in a mirror of Debian. */
export interface Published {
  readonly name: string;
  readonly path: string;
  readonly sha256: string;
}

/** The archive's file, in the cache. */
export async function fetchPublished({ name, path, sha256 }: Published): Promise<string> {
  const pinned = { name, version: "0", path, sha256 };
  const [file] = await fetchDebian([pinned], await debianPlaces("20250901T000000Z"), cacheFolder());
  return file!;
}

/** Unpacks what is in the archive's one folder into a folder that is not there yet. */
export async function unpackPublished(published: Published, folder: string): Promise<void> {
  await mkdir(folder, { recursive: true });
  await run("tar", ["-xf", await fetchPublished(published), "-C", folder, "--strip-components=1"]);
}
