import { createHash, randomBytes } from "node:crypto";
import { rmSync } from "node:fs";
import { open, readdir, rename, rm } from "node:fs/promises";
import { dirname, join } from "node:path";
import type { Root } from "../../core/bytes.ts";
import { AssayError, isAssayError } from "../../core/errors.ts";
import { atEnd } from "../../core/node/atEnd.ts";
import { makeFolder } from "../../core/node/makeFolder.ts";
import type { Hasher } from "../../merkle/hasher.ts";
import { diskError, writeFileAtomically } from "../../store/node/atomicFile.ts";
import { type GuestManifest, type ImageName, imageNames } from "../manifest.ts";
import { encodeManifest, parseManifest } from "../manifestText.ts";
import { ArchiveReader, badArchive } from "./archiveReader.ts";
import { checkEnvironment, readEmulator } from "./deriveEnvironment.ts";
import { manifestEntry } from "./environmentArchive.ts";
import { imageFile, manifestFile, readImages, readManifest } from "./environmentCache.ts";

/** Far above what a manifest takes. */
const maxManifestBytes = 2 ** 16;

export interface ImportOptions {
  /** The cache. */
  readonly folder: string;
  readonly hasher: Hasher;
  /** The only id that is taken; it may replace another environment of the same name. */
  readonly trustedId?: Root;
  readonly onProgress?: (name: ImageName, bytes: number) => void;
}

export interface Imported {
  readonly manifest: GuestManifest;
  /** Whether the cache had it, so that nothing was taken from the archive. */
  readonly wasThere: boolean;
}

/**
 * Takes an environment from an archive into the cache: all of it, after everything has been checked, or nothing. Its id is
 * derived from the images; what only says so is not believed. Memory and disk are bounded by what the largest guest takes.
 * @param chunks the archive, decompressed; it is not trusted.
 * @throws AssayError `guest/bad-archive`, `guest/bad-manifest`, `guest/bad-layout`, `guest/other-environment`,
 * `guest/bad-image`, `store/...-fault`
 */
export async function importEnvironment(
  chunks: AsyncIterable<Uint8Array>,
  { folder, hasher, trustedId, onProgress }: ImportOptions,
): Promise<Imported> {
  const archive = new ArchiveReader(chunks);
  const text = new TextDecoder().decode(await archive.readFile(manifestEntry, maxManifestBytes));
  const manifest = parseManifest(text, hasher);
  checkTrusted(manifest, trustedId);
  const present = await findPresent(manifest, folder, hasher, trustedId);
  if (present !== undefined) return { manifest: present, wasThere: true };

  const work = await makeWorkFolder(folder);
  const takeBack = atEnd(() => rmSync(work, { recursive: true, force: true }));
  try {
    for (const name of imageNames) await takeImage(archive, work, manifest, name, onProgress);
    await archive.end();
    await takeOver(work, folder, manifest, hasher);
  } finally {
    await rm(work, { recursive: true, force: true });
    takeBack();
  }
  return { manifest, wasThere: false };
}

/**
 * The environment as the cache has it, whole; undefined if it is to be taken.
 * @throws AssayError `guest/other-environment` when it is not for the emulator here, or another one has its name and nobody has said
 * that this one is trusted
 */
export async function findPresent(
  manifest: GuestManifest,
  folder: string,
  hasher: Hasher,
  trustedId: Root | undefined,
): Promise<GuestManifest | undefined> {
  await readEmulator(manifest);
  const present = await presentEnvironment(folder, manifest.name, hasher);
  if (present?.id === manifest.id && (await isComplete(folder, manifest))) return present;
  if (present !== undefined && present.id !== manifest.id && trustedId === undefined)
    throw nameTaken(manifest, present.id);
  return undefined;
}

/** Moves an environment whose images are in the folder `work` to the cache, once its id has been derived from them. */
export async function takeOver(work: string, folder: string, manifest: GuestManifest, hasher: Hasher): Promise<void> {
  await checkEnvironment(work, manifest, hasher);
  for (const name of imageNames) await moveImage(work, folder, manifest, name);
  await writeFileAtomically(manifestFile(folder, manifest.name), encodeManifest(manifest));
}

function checkTrusted({ name, id }: GuestManifest, trusted: Root | undefined): void {
  if (trusted === undefined || trusted === id) return;
  throw new AssayError(
    "guest/other-environment",
    `the file holds the environment "${name}" with the id ${id}, not ${trusted}: get another file`,
    { expected: trusted, given: id },
  );
}

function nameTaken({ name, id }: GuestManifest, there: Root) {
  return new AssayError(
    "guest/other-environment",
    `there is another environment "${name}" already (${there}): to replace it, say with --id that ${id} is the one you trust`,
    { name, expected: there, given: id },
  );
}

/** The environment that has this name; one whose manifest is damaged is none. */
async function presentEnvironment(folder: string, name: string, hasher: Hasher) {
  try {
    return await readManifest(folder, name, hasher);
  } catch (error) {
    if (isAssayError(error, "guest/image-missing", "guest/bad-manifest", "guest/bad-layout")) return undefined;
    throw error;
  }
}

async function isComplete(folder: string, manifest: GuestManifest): Promise<boolean> {
  try {
    await readImages(folder, manifest);
    return true;
  } catch (error) {
    if (isAssayError(error, "guest/image-missing", "guest/bad-image")) return false;
    throw error;
  }
}

/** A folder of this process, on the disk of the cache; those of processes that were killed are removed. */
async function makeWorkFolder(folder: string): Promise<string> {
  const all = join(folder, "work");
  makeFolder(all);
  for (const name of await readdir(all)) {
    const pid = /^import-(\d+)-/.exec(name)?.[1];
    if (pid !== undefined && !lives(Number(pid))) await rm(join(all, name), { recursive: true, force: true });
  }
  const work = join(all, `import-${process.pid}-${randomBytes(6).toString("hex")}`);
  makeFolder(join(work, "images"));
  return work;
}

function lives(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== "ESRCH";
  }
}

async function takeImage(
  archive: ArchiveReader,
  work: string,
  manifest: GuestManifest,
  name: ImageName,
  onProgress: ImportOptions["onProgress"],
): Promise<void> {
  const { sha256, size } = manifest.images[name];
  const file = imageFile(work, sha256);
  const hash = createHash("sha256");
  let done = 0;
  try {
    const handle = await open(file, "w", 0o644);
    try {
      for await (const piece of archive.stream(name, size)) {
        hash.update(piece);
        await handle.writeFile(piece);
        done += piece.length;
        onProgress?.(name, done);
      }
      await handle.sync();
    } finally {
      await handle.close();
    }
  } catch (cause) {
    throw isAssayError(cause) ? cause : diskError(cause, "write", file);
  }
  const given = `0x${hash.digest("hex")}`;
  if (given !== sha256) {
    throw badArchive(`its image "${name}" has sha256 ${given}, its manifest says ${sha256}`);
  }
}

async function moveImage(work: string, folder: string, manifest: GuestManifest, name: ImageName): Promise<void> {
  const { sha256 } = manifest.images[name];
  const target = imageFile(folder, sha256);
  try {
    makeFolder(dirname(target));
    await rename(imageFile(work, sha256), target);
  } catch (cause) {
    throw diskError(cause, "write", target);
  }
}
