import { createHash } from "node:crypto";
import { type FileHandle, open, readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import type { Hex } from "../../core/bytes.ts";
import { AssayError, type ErrorDetails } from "../../core/errors.ts";
import type { Hasher } from "../../merkle/hasher.ts";
import { type GuestManifest, type ImageName, type Images, imageNames } from "../manifest.ts";
import { parseManifest } from "../manifestText.ts";

/** Read and hashed at once. */
const readBytes = 2 ** 20;

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
export async function readManifest(folder: string, name: string, hasher: Hasher): Promise<GuestManifest> {
  const file = manifestFile(folder, name);
  const text = await readFile(file, "utf8").catch((cause: unknown) => {
    throw missing(`the environment ${JSON.stringify(name)} is not there`, { name, file }, cause);
  });
  return parseManifest(text, hasher);
}

/**
 * Reads the images of an environment, each checked against its hash while it is read, into memory that threads can share:
 * handing them to a worker copies nothing.
 * @throws AssayError `guest/image-missing`; `guest/bad-image` when a file holds something else
 */
export async function readImages(folder: string, manifest: GuestManifest): Promise<Images> {
  const images: Partial<Record<ImageName, Uint8Array>> = {};
  for (const name of imageNames) images[name] = await readImage(folder, manifest, name);
  return images as Images;
}

/** @throws AssayError `guest/image-missing` */
export async function openImage(folder: string, manifest: GuestManifest, name: ImageName): Promise<FileHandle> {
  const file = imageFile(folder, manifest.images[name].sha256);
  return await open(file, "r").catch((cause: unknown) => {
    throw missing(`the image "${name}" of the environment "${manifest.name}" is not there`, { name, file }, cause);
  });
}

async function readImage(folder: string, manifest: GuestManifest, name: ImageName): Promise<Uint8Array> {
  const { sha256, size } = manifest.images[name];
  const file = imageFile(folder, sha256);
  const handle = await openImage(folder, manifest, name);
  try {
    const present = (await handle.stat()).size;
    if (present !== size)
      throw badImage(file, `has ${present} bytes, not ${size}`, { name, expected: size, given: present });
    const bytes = new Uint8Array(new SharedArrayBuffer(size));
    const hash = createHash("sha256");
    for (let at = 0; at < size; ) {
      const { bytesRead } = await handle.read(bytes, at, Math.min(readBytes, size - at), at);
      if (bytesRead === 0)
        throw badImage(file, `ends after ${at} bytes, not ${size}`, { name, expected: size, given: at });
      hash.update(bytes.subarray(at, at + bytesRead));
      at += bytesRead;
    }
    const given = `0x${hash.digest("hex")}`;
    if (given !== sha256) throw badImage(file, `has sha256 ${given}`, { name, expected: sha256, given });
    return bytes;
  } finally {
    await handle.close();
  }
}

function badImage(file: string, fact: string, details: ErrorDetails["guest/bad-image"]) {
  return new AssayError("guest/bad-image", `${file} ${fact}: delete it and build or import it again`, {
    file,
    ...details,
  });
}

function missing(fact: string, details: ErrorDetails["guest/image-missing"], cause: unknown) {
  return new AssayError(
    "guest/image-missing",
    `${fact}: build it with "assay env build" (Debian), or import it with "assay env import <file>"`,
    details,
    { cause },
  );
}
