/** From a lock to an environment: its root file system as an image in the cache, and its manifest. */
import { createHash } from "node:crypto";
import { mkdtemp, readFile, rename, rm } from "node:fs/promises";
import { join } from "node:path";
import type { Hex } from "../../../core/bytes.ts";
import { AssayError } from "../../../core/errors.ts";
import { makeFolder } from "../../../core/node/makeFolder.ts";
import { packageFiles } from "../../../core/node/packageFiles.ts";
import type { Hasher } from "../../../merkle/hasher.ts";
import { writeFileAtomically } from "../../../store/node/atomicFile.ts";
import type { GuestManifest, GuestSettings } from "../../manifest.ts";
import { encodeManifest } from "../../manifestText.ts";
import { deriveManifest } from "../../node/deriveEnvironment.ts";
import { imageFile, manifestFile } from "../../node/environmentCache.ts";
import type { EnvironmentLock } from "../lock.ts";
import type { RootTree } from "../rootTree.ts";
import { maxContentBytes } from "../treeSize.ts";
import { holds, sha256Of } from "./downloads.ts";
import { addInit, type InitKit } from "./initKit.ts";
import { Spool } from "./spool.ts";
import { writeImage } from "./writeImage.ts";

/** A guest's tick and clock: the time divider makes a guest of 1,000 MIPS. */
const eventsPerTick = 2 ** 20;
const timeDivider = 100;
/** Some 10^11 instructions, minutes of work. */
const defaultTickLimit = 65_536;

/** Makes a tree, keeping contents in the spool. @returns also variables for every command, as lines `NAME=value`. */
export type TreeMaker = (
  spool: Spool,
  say: (text: string) => void,
) => Promise<{ readonly tree: RootTree; readonly variables?: string }>;

export interface RootOptions {
  /** Of the cache. */
  readonly folder: string;
  readonly kit: InitKit;
  readonly say: (text: string) => void;
  /** Whether the image is put among the cache's images; true when missing. */
  readonly keep?: boolean;
}

/**
 * Makes a root file system's image.
 * @param work a folder that is there; what is left in it can be thrown away.
 */
export async function makeImage(
  makeTree: TreeMaker,
  kit: InitKit,
  { work, file, say }: { readonly work: string; readonly file: string; readonly say: (text: string) => void },
): Promise<void> {
  const spool = await Spool.create(join(work, "contents"), maxContentBytes);
  const { tree, variables = "" } = await makeTree(spool, say).finally(() => spool.close());
  await addInit(tree, kit, variables);
  say("writing the image");
  await writeImage(tree, file);
}

/**
 * Makes a root file system's image in the cache.
 * @returns its sha256
 */
export async function buildRoot(makeTree: TreeMaker, { folder, kit, say, keep = true }: RootOptions): Promise<string> {
  makeFolder(join(folder, "work"));
  makeFolder(join(folder, "images"));
  const work = await mkdtemp(join(folder, "work", "root-"));
  try {
    const written = join(work, "root.erofs");
    await makeImage(makeTree, kit, { work, file: written, say });
    const sha256 = await sha256Of(written);
    if (keep) await rename(written, imageFile(folder, `0x${sha256}`));
    return sha256;
  } finally {
    await rm(work, { recursive: true, force: true });
  }
}

/** @throws AssayError `guest/other-bytes` when the image is not the one that the lock pins. */
export function checkRoot(lock: EnvironmentLock, given: string): void {
  if (lock.root === undefined || lock.root === given) return;
  throw new AssayError(
    "guest/other-bytes",
    `the root file system of "${lock.name}" built here has sha256 ${given}, its lock says ${lock.root}: import the environment ` +
      '("assay env import <file>"), or make another one, with another id, with --relock',
    { name: lock.name, expected: lock.root, given },
  );
}

/** Whether the image that a lock pins is in the cache. */
export async function hasRoot({ root }: EnvironmentLock, folder: string): Promise<boolean> {
  return root !== undefined && (await holds(imageFile(folder, `0x${root}`), root));
}

/** Sizes and limits of an environment. */
export type EnvironmentSizes = Pick<
  EnvironmentLock,
  "name" | "ramSize" | "inputLog2Size" | "outputLog2Size" | "tickLimit"
>;

/** What is chosen for an environment; the rest of its manifest follows from its images. */
export function choicesOf({ ramSize, inputLog2Size, outputLog2Size, tickLimit = defaultTickLimit }: EnvironmentSizes) {
  return { ramSize, inputLog2Size, outputLog2Size, eventsPerTick, timeDivider, tickLimit };
}

/** Derives an environment from images in the cache and writes its manifest there. */
export async function writeEnvironment(
  sizes: EnvironmentSizes,
  images: { readonly kernel: string; readonly root: string },
  folder: string,
  hasher: Hasher,
): Promise<GuestManifest> {
  const { name } = sizes;
  const emulator = new Uint8Array(await readFile(new URL("emulator.wasm", packageFiles.wasm)));
  const bytes = { kernel: await readImage(images.kernel, folder), root: await readImage(images.root, folder) };
  const settings: GuestSettings = {
    name,
    program: { name: "emulator", sha256: `0x${createHash("sha256").update(emulator).digest("hex")}` },
    images: {
      kernel: { sha256: `0x${images.kernel}`, size: bytes.kernel.length },
      root: { sha256: `0x${images.root}`, size: bytes.root.length },
    },
    ...choicesOf(sizes),
  };
  const manifest = deriveManifest(settings, emulator, bytes, hasher);
  makeFolder(join(folder, "environments"));
  await writeFileAtomically(manifestFile(folder, name), encodeManifest(manifest));
  return manifest;
}

async function readImage(sha256: string, folder: string): Promise<Uint8Array> {
  return new Uint8Array(await readFile(imageFile(folder, `0x${sha256}` as Hex)));
}
