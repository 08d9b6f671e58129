import { mkdir, symlink, writeFile } from "node:fs/promises";
import { dirname, join } from "node:path";
import { small } from "../../scripts/guest/environment.ts";
import { choicesOf } from "../../src/guest/images/node/buildEnvironment.ts";
import type { GuestManifest } from "../../src/guest/manifest.ts";
import { encodeManifest } from "../../src/guest/manifestText.ts";
import { manifestFile } from "../../src/guest/node/environmentCache.ts";
import { loadEnvironment, pinnedImageFiles } from "./guestRun.ts";
import { toyEnvironment } from "./toyEnvironment.ts";

/** Puts the small environment into a cache folder, its images as links to those in the user's cache, which must be there. */
export async function linkSmallEnvironment(folder: string): Promise<GuestManifest> {
  const { kernel, root } = pinnedImageFiles("small")!;
  const { manifest } = await toyEnvironment({ name: "small", ...choicesOf(small) }, loadEnvironment("small").images);
  await mkdir(folder, { recursive: true });
  await symlink(dirname(kernel), join(folder, "images"));
  if (dirname(root) !== dirname(kernel)) throw new Error("images are in two folders");
  await mkdir(dirname(manifestFile(folder, "small")), { recursive: true });
  await writeFile(manifestFile(folder, "small"), encodeManifest(manifest));
  return manifest;
}
