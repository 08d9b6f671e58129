import { createHash } from "node:crypto";
import { readdir, readFile } from "node:fs/promises";
import { homedir } from "node:os";
import { join } from "node:path";
import type { Hex } from "../../core/bytes.ts";
import type { Hasher } from "../../merkle/hasher.ts";
import { guestError } from "../errors.ts";
import { type EnvironmentManifest, type Images, imageNames } from "../manifest.ts";
import { parseManifest } from "../manifestText.ts";

/** The folder in which environments and what they are made from are kept, by content: `$XDG_CACHE_HOME/assay`. */
export function cacheFolder(environment: NodeJS.ProcessEnv = process.env): string {
  return join(environment.XDG_CACHE_HOME || join(homedir(), ".cache"), "assay");
}

/** The file of an image, named by its content. */
export function imageFile(folder: string, sha256: Hex): string {
  return join(folder, "images", sha256.slice(2));
}

/** The file of an environment's manifest, by name. */
export function manifestFile(folder: string, name: string): string {
  return join(folder, "environments", `${name}.json`);
}

/** Names of the environments that are there, sorted. */
export async function listEnvironments(folder: string): Promise<string[]> {
  const files = await readdir(join(folder, "environments")).catch(() => []);
  return files
    .filter((file) => file.endsWith(".json"))
    .map((file) => file.slice(0, -".json".length))
    .sort();
}

/**
 * Reads a manifest by its environment's name.
 * @throws AssayError `guest/image-missing` when there is none, `guest/bad-manifest`
 */
export async function readManifest(folder: string, name: string, hasher: Hasher): Promise<EnvironmentManifest> {
  const file = manifestFile(folder, name);
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw missing(`the environment ${JSON.stringify(name)} is not there`, { name, file }, cause);
  });
  return parseManifest(text, hasher);
}

/**
 * Reads the images of an environment, each checked against its hash.
 * @throws AssayError `guest/image-missing`; `guest/bad-image` when a file holds something else
 */
export async function readImages(folder: string, manifest: EnvironmentManifest): Promise<Images> {
  const images: Partial<Record<keyof Images, Uint8Array>> = {};
  for (const name of imageNames) {
    const { sha256 } = manifest.images[name];
    const file = imageFile(folder, sha256);
    const bytes = await readFile(file).catch((cause: unknown) => {
      throw missing(`the image "${name}" of the environment "${manifest.name}" is not there`, { name, file }, cause);
    });
    const given = `0x${createHash("sha256").update(bytes).digest("hex")}`;
    if (given !== sha256) {
      throw guestError("guest/bad-image", `${file} has sha256 ${given}: delete it and build or import it again`, {
        name,
        file,
        expected: sha256,
        given,
      });
    }
    images[name] = new Uint8Array(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }
  return images as Images;
}

function missing(fact: string, details: Readonly<Record<string, unknown>>, cause: unknown) {
  return guestError(
    "guest/image-missing",
    `${fact}: build it with "npm run guest" (Debian), or import it with "assay guest import <file>"`,
    details,
    cause,
  );
}
