/** An environment cache of a test's own, with manifests that fit the emulator as it is built here. */
import { createHash } from "node:crypto";
import { mkdir, readFile, symlink, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { RunnableEnvironment } from "../../src/environment/runnable.ts";
import type { GuestManifest, ImageName } from "../../src/guest/manifest.ts";
import { encodeManifest } from "../../src/guest/manifestText.ts";
import { imageFile, manifestFile } from "../../src/guest/node/environmentCache.ts";
import { guestEnvironment } from "../../src/guest/node/guestEnvironment.ts";
import { makeManifest } from "../../src/guest/startMemory.ts";
import { loadClaimable } from "../../src/machine/claimable.ts";
import { loadKeccakKernel } from "../../src/merkle/node/keccakKernelNode.ts";
import { type EnvironmentName, loadEnvironment, pinnedImageFiles } from "./guestRun.ts";

/** What `makeGuestCache` made. */
export interface GuestCache {
  /** The cache's folder, `assay` in `xdgCacheHome`. */
  readonly folder: string;
  /** What XDG_CACHE_HOME is for those who are to use it. */
  readonly xdgCacheHome: string;
  readonly manifest: GuestManifest;
}

/** The manifest of an environment whose pinned images are here, for the emulator as it is built here. */
export async function currentManifest(name: EnvironmentName = "small"): Promise<GuestManifest> {
  const { settings, images, binary } = loadEnvironment(name);
  const emulator = await readFile(new URL("../../build/wasm/emulator.wasm", import.meta.url));
  const { kernel, root } = images;
  const complete = {
    ...settings,
    program: { name: settings.program.name, sha256: sha256(emulator) },
    images: {
      kernel: { sha256: sha256(kernel), size: kernel.length },
      root: { sha256: sha256(root), size: root.length },
    },
  };
  return makeManifest(complete, loadClaimable(binary), images, await loadKeccakKernel());
}

/** The environment of a cache, as a daemon is given it. */
export function guestOf({ manifest, folder }: GuestCache): RunnableEnvironment {
  return guestEnvironment(manifest, folder);
}

/** Fills `xdgCacheHome` with one environment; its images are links to those that are in the cache already. */
export async function makeGuestCache(xdgCacheHome: string, name: EnvironmentName = "small"): Promise<GuestCache> {
  const folder = join(xdgCacheHome, "assay");
  const manifest = await currentManifest(name);
  const files = pinnedImageFiles(name)!;
  await mkdir(join(folder, "images"), { recursive: true });
  await mkdir(join(folder, "environments"), { recursive: true });
  for (const image of Object.keys(files) as ImageName[]) {
    await symlink(files[image], imageFile(folder, manifest.images[image].sha256));
  }
  await writeFile(manifestFile(folder, name), encodeManifest(manifest));
  return { folder, xdgCacheHome, manifest };
}

function sha256(bytes: Uint8Array) {
  return `0x${createHash("sha256").update(bytes).digest("hex")}` as const;
}
